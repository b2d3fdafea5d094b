"""Where a CSMS keeps the states of its stations, unless it has a place of its own (B-40)."""

from ocpp_sansio.registration import NewestRegistrations, Registration

PENDING, ACCEPTED = Registration.PENDING, Registration.ACCEPTED


def test_strangers_do_not_fill_the_memory() -> None:
    kept = NewestRegistrations(2)
    assert kept == {}
    for identity in ("A", "B", "A", "C"):
        kept[identity] = PENDING
    assert list(kept) == ["A", "C"]
    kept["C"] = ACCEPTED
    assert kept == {"A": PENDING, "C": ACCEPTED}
