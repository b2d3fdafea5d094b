"""`StatusBoard`: C16 4.9 and its MinimumStatusDuration, B04 after being offline, B-35 after a boot."""

import pytest

from ocpp_sansio.station import StatusBoard, StatusReport, StatusScope


def told(board: StatusBoard, now: float) -> list[tuple[object, object, float]]:
    return [(each.connector, each.status, each.since) for each in board.take(now=now)]


def board_of(*connectors: object, minimum: float = 0.0) -> StatusBoard:
    """Return a board whose connectors are Available since 0, which has been told."""
    board = StatusBoard(minimum_duration=minimum)
    for connector in connectors:
        board.set(connector, "Available", now=0.0)
    board.take(now=0.0)
    return board


def test_the_first_status_is_told_at_once_whatever_the_minimum() -> None:
    board = StatusBoard(minimum_duration=60.0)
    assert (board.take(now=0.0), board.next_timeout()) == ([], None)
    board.set(0, "Available", now=0.0)
    board.set(1, "Faulted", now=1.0)
    assert told(board, 1.0) == [(0, "Available", 0.0), (1, "Faulted", 1.0)]
    assert (told(board, 99.0), board.next_timeout()) == ([], None)


def test_first_statuses_are_told_in_the_order_in_which_they_began() -> None:
    board = StatusBoard()
    board.set(1, "Available", now=0.0)
    board.set(2, "Available", now=1.0)
    board.set(1, "Faulted", now=2.0)
    assert told(board, 3.0) == [(2, "Available", 1.0), (1, "Faulted", 2.0)]


@pytest.mark.parametrize(
    ("minimum", "changes", "asked", "expected"),
    [
        pytest.param(0, [(10, "Charging")], 10, ("Charging", 10), id="no minimum: at once"),
        pytest.param(5, [(10, "Charging")], 14.9, None, id="not before it has lasted"),
        pytest.param(5, [(10, "Charging")], 15, ("Charging", 10), id="told with its beginning"),
        pytest.param(5, [(10, "Charging"), (12, "Available")], 99, None, id="back again: nothing"),
        pytest.param(
            5, [(10, "Preparing"), (12, "Charging")], 15, None, id="the next one's time counts anew"
        ),
        pytest.param(
            5, [(10, "Preparing"), (12, "Charging")], 17, ("Charging", 12), id="the short one never"
        ),
        pytest.param(
            5, [(10, "Charging"), (12, "Charging")], 15, ("Charging", 10), id="the same: no change"
        ),
        pytest.param(
            0, [(10, "Preparing"), (12, "Charging")], 99, ("Charging", 12), id="no history"
        ),
        pytest.param(0, [(10, "Faulted"), (12, "Available")], 99, None, id="over before the link"),
    ],
)
def test_a_change_is_told_when_it_has_lasted(
    minimum: float,
    changes: list[tuple[float, str]],
    asked: float,
    expected: tuple[str, float] | None,
) -> None:
    board = board_of(1, minimum=minimum)
    for now, status in changes:
        board.set(1, status, now=now)
    assert told(board, asked) == ([(1, *expected)] if expected else [])
    assert told(board, asked) == []


def test_it_says_when_it_wants_to_be_asked() -> None:
    board = board_of(1, 2, minimum=5.0)
    board.set(1, "Preparing", now=10.0)
    board.set(2, "Preparing", now=12.0)
    assert board.next_timeout() == 15.0
    assert told(board, 15.0) == [(1, "Preparing", 10.0)]
    assert board.next_timeout() == 17.0
    board.configure(minimum_duration=1.0)
    assert board.next_timeout() == 13.0
    board.set(2, "Available", now=12.5)
    assert board.next_timeout() is None
    for duration in (-1.0, float("inf")):
        with pytest.raises(ValueError, match="minimum_duration"):
            board.configure(minimum_duration=duration)


def test_without_a_minimum_a_change_is_told_at_once() -> None:
    board = StatusBoard()
    for status in ("Available", "Preparing", "Charging"):
        board.set(1, status, now=10.0)
        assert [each.status for each in board.take(now=10.0)] == [status]


def test_changes_while_nobody_could_be_told_come_in_the_order_in_which_they_began() -> None:
    board = board_of(1, 2, 3)
    for now, connector, status in [
        (10, 1, "Preparing"),
        (20, 3, "Charging"),
        (30, 2, "Faulted"),
        (40, 1, "Charging"),
    ]:
        board.set(connector, status, now=now)
    board.want(StatusScope.CHANGED)
    assert told(board, 50.0) == [(3, "Charging", 20), (2, "Faulted", 30), (1, "Charging", 40)]


def test_all_are_told_as_they_are_after_a_boot_with_connector_0_first() -> None:
    board = board_of(0, 1, 2, minimum=60.0)
    board.set(1, "Charging", now=10.0)
    board.want(StatusScope.ALL)
    assert told(board, 11.0) == [(0, "Available", 0), (1, "Charging", 10), (2, "Available", 0)]
    assert told(board, 11.0) == []


def test_a_report_that_did_not_arrive_is_told_again_unless_there_is_a_newer_one() -> None:
    board = board_of(1)
    board.set(1, "Preparing", now=10.0)
    (report,) = board.take(now=10.0)
    board.undelivered(report)
    assert told(board, 10.0) == [(1, "Preparing", 10.0)]
    board.set(1, "Charging", now=11.0)
    assert told(board, 11.0) == [(1, "Charging", 11.0)]
    board.undelivered(report)
    board.undelivered(StatusReport(9, "Available", 0.0))
    assert told(board, 12.0) == []


def test_a_trigger_gets_what_is_so_now_and_it_counts_as_told() -> None:
    board = board_of((1, 1), (1, 2), minimum=60.0)
    board.set((1, 2), ("Occupied", "x"), now=10.0)
    assert board.status((1, 2)) == ("Occupied", "x")
    assert board.current((1, 2)) == [StatusReport((1, 2), ("Occupied", "x"), 10.0)]
    assert board.next_timeout() is None
    assert [each.connector for each in board.current()] == [(1, 1), (1, 2)]
    with pytest.raises(KeyError):
        board.current((9, 9))
