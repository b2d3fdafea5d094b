"""What `csms` writes down: in which file, what of it after a restart, and energy as stations spell it."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ocpp_sansio import v16, v201
from ocpp_sansio.cli.csms.books import Answers, Books, BooksError
from ocpp_sansio.cli.csms.energy import wh_in
from ocpp_sansio.repetition import Repetitions

AT = datetime(2026, 11, 26, tzinfo=UTC)
START = v16.StartTransactionRequest(connector_id=1, id_tag="04E1", meter_start=5, timestamp=AT)


def started(books: Books) -> v16.StartTransactionResponse:
    def first() -> v16.StartTransactionResponse:
        bill = books.begin("CP001", None, 1, "04E1", 5)
        accepted = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
        return v16.StartTransactionResponse(id_tag_info=accepted, transaction_id=bill.number)

    with books.entry():
        return Repetitions(Answers(books, "CP001")).answer(START, first)


def test_a_repetition_is_known_after_a_restart_and_other_stations_are_others(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bills.db"
    books = Books(path)
    assert started(books).transaction_id == 1
    books.close()
    books = Books(path)
    assert started(books).transaction_id == 1
    assert [bill.number for bill in books.all()] == [1]
    assert books.answer("CP002", "anything") is None
    books.close()


def test_of_the_answers_the_newest_are_kept() -> None:
    books = Books(None, max_answers=2)
    answers = Answers(books, "CP001")
    for number in range(3):
        answers["StopTransaction", number] = v16.StopTransactionResponse()
    kept = [answers.get(("StopTransaction", number)) is not None for number in range(3)]
    assert kept == [False, True, True]
    books.close()


def test_what_fails_amid_an_entry_leaves_nothing_of_it() -> None:
    books = Books(None)

    def begin(meter: Any) -> None:
        with books.entry():
            books.begin("CP001", None, 1, "04E1", 5)
            books.begin("CP001", None, 1, "04E1", 5 // meter)

    with pytest.raises(ZeroDivisionError):
        begin(0)
    assert books.all() == []
    books.close()


def test_events_that_come_out_of_order_make_one_bill() -> None:
    books = Books(None)
    late = books.begin("CP001", "uuid", 1, None, None)
    late = books.end(books.reach(late, 900), 900)
    assert late.energy is None
    known = books.begin("CP001", "uuid", 1, "04E1", 100)
    assert (known.number, known.energy, known.id_tag) == (late.number, 800, "04E1")
    assert books.running("CP001") is None
    books.close()


def a_text(path: Path) -> None:
    path.write_text("charges: none\n" * 100)


def of_another(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()


def of_a_later_release(path: Path) -> None:
    Books(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (a_text, "is another kind of file: give the CSMS a file of its own"),
        (of_another, "is the database of another program: give the CSMS a file of its own"),
        (of_a_later_release, "is of a later ocpp_sansio: its format is 99"),
        (Path.mkdir, "cannot be opened: check that its directory is there, and is yours"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_and_left_as_it_is(
    make: Callable[[Path], Any], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "bills.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(BooksError) as refused:
        Books(path)
    assert said in str(refused.value)
    assert before is None or path.read_bytes() == before


def test_a_file_that_another_csms_has_open_is_refused(tmp_path: Path) -> None:
    books = Books(tmp_path / "bills.db")
    with pytest.raises(BooksError, match="is in use: stop the other CSMS"):
        Books(tmp_path / "bills.db")
    books.close()


def in_16(*samples: dict[str, Any]) -> list[Any]:
    made = [v16.SampledValue(**sample) for sample in samples]
    return [v16.MeterValue(timestamp=AT, sampled_value=made)]


def in_201(value: str, **unit: Any) -> list[Any]:
    measure = v201.UnitOfMeasureType(**unit) if unit else None
    sample = v201.SampledValueType(value=Decimal(value), unit_of_measure=measure)
    return [v201.MeterValueType(timestamp=AT, sampled_value=[sample])]


@pytest.mark.parametrize(
    ("values", "wh"),
    [
        (None, None),
        (in_16({"value": "1500"}), 1500),
        (in_16({"value": "1.5", "unit": v16.UnitOfMeasure("kWh")}), 1500),
        (in_16({"value": "7"}, {"value": "230", "measurand": v16.Measurand.VOLTAGE}), 7),
        (in_16({"value": "NaN"}), None),
        (in_16({"value": "signed: 00ff"}), None),
        (in_16({"value": "1e999999"}), None),
        (in_201("1500"), 1500),
        (in_201("1.5", unit="kWh"), 1500),
        (in_201("15", unit="Wh", multiplier=2), 1500),
        (in_201("15", unit="Wh", multiplier=2000000), None),
    ],
)  # fmt: skip
def test_energy_is_read_in_whatever_unit_it_is_told(values: Any, wh: int | None) -> None:
    assert wh_in(values) == wh
