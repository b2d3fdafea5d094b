"""The page of `show` in a real browser: what it shows, its keys, its filters, and that messages stay text."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ocpp_sansio.cli.show.page import render_page
from ocpp_sansio.cli.show.rows import Row, picture_of
from ocpp_sansio.traces import Record, TraceJudge, TraceReader

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
playwright = pytest.importorskip(
    "playwright.sync_api", reason="pip install playwright drives the browser"
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the PATH: Debian's package is called chromium"
)

EVIL = (
    "\"</script><script>document.title='taken'</script><img src=x onerror=document.title='taken'>\""
)
STATUS = '{"connectorId":1,"errorCode":"NoError","status":"charging"}'
LINES = [
    'CP_1: receive message [2,"1","BootNotification",{"chargePointVendor":"V"}]',
    'CP_1: send [3,"1",{"status":"Accepted","currentTime":"2026-01-01T12:00:00Z","interval":300}]',
    f'CP_1: receive message [2,"2",{EVIL},{{{EVIL}:{EVIL}}}]',
    f'CP_2: receive message [2,"3","StatusNotification",{STATUS}]',
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1200, "height": 700})
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: troubles.extend(_foreign(request.url)))
    yield page
    page.close()
    assert troubles == []


def _foreign(url: str) -> list[str]:
    """Return what the page asks for and is not itself."""
    return [] if url.startswith("file:") else [url]


def show(page: Any, folder: Path, *lines: str) -> None:
    entries = TraceReader().read_all(line.encode() for line in lines)
    path = folder / "page.html"
    path.write_bytes(render_page("a log", picture_of(entries, TraceJudge())))
    page.goto(path.as_uri())


def test_messages_are_rows_in_their_order(page: Any, tmp_path: Path) -> None:
    show(page, tmp_path, *LINES)
    names = page.locator(".row .who").all_inner_texts()
    assert [name.replace("\n", "") for name in names] == ["CP_1", "CP_1", "CP_1", "CP_2"]
    assert page.locator(".row .name").first.inner_text() == "BootNotification"
    assert page.locator("#count").inner_text() == "4 of 4 messages"
    assert page.locator(".row.fault").count() == 3


def test_what_peers_said_is_text_and_nothing_of_it_runs(page: Any, tmp_path: Path) -> None:
    show(page, tmp_path, *LINES)
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.title() == "a log"
    assert page.locator("img").count() == 0
    assert "<script>" in page.locator("#one h2").inner_text()


def test_what_cannot_be_seen_or_turns_a_text_around_is_spelled_out(
    page: Any, tmp_path: Path
) -> None:
    show(page, tmp_path, 'CP_1: receive message [2,"1","x\\u202ey",{"\\u200b":"a\\u202eb\\u2066"}]')
    page.keyboard.press("n")
    assert page.locator("#one h2").inner_text() == "x\\u202ey"
    assert page.locator("#one .text").last.inner_text() == '"a\\u202eb\\u2066"'
    assert "\u202e" not in page.locator("body").inner_text()


def test_on_a_phone_and_on_paper_the_rows_follow_each_other(page: Any, tmp_path: Path) -> None:
    show(page, tmp_path, *LINES)
    page.set_viewport_size({"width": 390, "height": 700})
    assert page.locator("h1").bounding_box()["y"] >= 0
    page.keyboard.press("n")
    panel = page.locator("#one").bounding_box()
    assert panel["y"] + panel["height"] <= 700
    page.emulate_media(media="print")
    tops = [row.bounding_box()["y"] for row in page.locator(".row").all()]
    assert {after - before for before, after in pairwise(tops)} == {30}


def test_keys_go_from_finding_to_finding_and_mark_it_in_the_message(
    page: Any, tmp_path: Path
) -> None:
    show(page, tmp_path, *LINES)
    page.keyboard.press("n")
    assert page.locator("#one h2").inner_text() == "BootNotification"
    assert page.locator("#one mark").inner_text() == '"chargePointModel"'  # which is missing
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.locator("#one mark").inner_text() == '"charging"'
    assert "'charging' instead of one of Available" in page.locator("#one .finding").inner_text()
    page.keyboard.press("p")
    page.keyboard.press("ArrowUp")
    assert page.locator("#one .about").inner_text().startswith("CALLRESULT · CSMS → station · CP_1")
    page.keyboard.press("Escape")
    assert not page.locator("#one").is_visible()


def test_filters_leave_what_is_asked_for(page: Any, tmp_path: Path) -> None:
    show(page, tmp_path, *LINES)
    page.select_option("#station", "1")
    assert page.locator("#count").inner_text() == "1 of 4 messages"
    page.select_option("#station", "")
    page.select_option("#only", "any")
    assert page.locator("#count").inner_text() == "3 of 4 messages"
    page.select_option("#only", "")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("accepted")
    playwright.expect(page.locator("#count")).to_have_text("1 of 4 messages")
    page.fill("#search", "nowhere")
    page.wait_for_selector("#none:not([hidden])")


SCROLL = """async () => {
    const view = document.getElementById("view"), rows = [];
    for (let i = 0; i < 40; i++) {
        view.scrollTop += 700;
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        rows.push(document.querySelectorAll(".row").length);
    }
    return rows;
}"""
"""How many rows there are after each step of a quick scroll: what a frame has to draw."""


def test_fifty_thousand_messages_are_some_rows_at_a_time(page: Any, tmp_path: Path) -> None:
    records = [
        Record(n, b'[2,"%d","Heartbeat",{}]' % n, 1767268800.0 + n) for n in range(1, 50_001)
    ]
    path = tmp_path / "page.html"
    picture = picture_of(records[:1], TraceJudge())
    first = picture.rows[0]
    picture.rows = [Row(record, first.sender, 2, "Heartbeat") for record in records]
    path.write_bytes(render_page("many", picture))
    page.goto(path.as_uri())
    drawn = page.evaluate(SCROLL)
    assert min(drawn) > 0
    assert max(drawn) < 100
    page.keyboard.press("End")
    playwright.expect(page.locator("#row49999")).to_be_visible()
    assert page.locator(".row").count() < 100
    page.keyboard.press("ArrowUp")  # from the end, since none is chosen
    assert "line 50000" in page.locator("#one .about").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_systems_colours_and_a_key_turns_them(
    browser: Any, tmp_path: Path, scheme: str
) -> None:
    page = browser.new_page(color_scheme=scheme)
    show(page, tmp_path, *LINES)
    lightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
    before = page.evaluate(lightness)
    page.keyboard.press("t")
    after = page.evaluate(lightness)
    assert (before > 128, after > 128) == (scheme == "light", scheme == "dark")
    page.close()
