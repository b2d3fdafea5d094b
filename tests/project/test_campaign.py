"""A slice of the campaign of mutated frames and streams; the whole is `python -m benchmarks.campaign`."""

from random import Random
from typing import Any

import pytest

from benchmarks import campaign
from ocpp_sansio import Connection

pytestmark = pytest.mark.slow


def test_a_slice_of_it_raises_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.main(["--frames", "9000", "--streams", "1200"]) == 0
    out = capsys.readouterr().out
    assert "9000 mutated frames in" in out
    assert "1200 mutated streams in" in out
    assert out.endswith("Nothing raised.\n")


def test_the_same_seed_gives_the_same_frames_and_another_seed_others() -> None:
    def first(seed: int) -> list[bytes]:
        frames = campaign.mutated_frames(Random(seed))
        return [next(frames)[1] for _ in range(500)]

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_what_raises_is_told_cut_and_escaped_and_ends_the_campaign_in_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hear = Connection.received

    def stumble(self: Connection, data: Any, *, now: float) -> None:
        if b"9999-12-31" in data:
            raise ZeroDivisionError
        hear(self, data, now=now)

    monkeypatch.setattr(Connection, "received", stumble)
    assert campaign.main(["--frames", "50000", "--streams", "1"]) == 1
    told = capsys.readouterr().out.splitlines()[2:]
    assert len(told) == campaign.MAX_FAULTS
    assert all(line.startswith("ZeroDivisionError of ocpp") for line in told)
    assert all(line.isascii() and line.isprintable() and len(line) < 300 for line in told)
