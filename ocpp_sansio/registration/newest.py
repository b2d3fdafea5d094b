"""`NewestRegistrations`: where a CSMS keeps the states of its stations, unless it has a place of its own."""

from ocpp_sansio.registration.states import Registration

__all__ = ["NewestRegistrations"]


class NewestRegistrations(dict[str, Registration]):
    """Registrations by identity: those that changed last, so that strangers' names cannot fill the memory."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, identity: str, registration: Registration) -> None:
        self.pop(identity, None)  # so that it is the newest
        super().__setitem__(identity, registration)
        if len(self) > self._limit:
            del self[next(iter(self))]
