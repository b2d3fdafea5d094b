"""Where a station dials: the addresses of `connect`, and which of them is to be tried next, and when."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.core import Backoff, EndpointRota, Redials, ResetOn, quote, require_whole

__all__ = ["Dialling", "Endpoint", "Url", "endpoints_of"]


class Endpoint(Struct, frozen=True):
    """One address of a CSMS, as `connect` takes several of them. Raises ValueError for no attempts."""

    url: str
    """As `connect` takes it."""
    attempts: int = 3
    """How often it is dialled in vain before the next one has its turn (R-5): the variable
    NetworkProfileConnectionAttempts of 2.x."""
    password: bytes | str | None = None
    """The password for this CSMS; None: that of `connect`, for all of them."""

    def __post_init__(self) -> None:
        require_whole("attempts", self.attempts, 1)

    def __repr__(self) -> str:
        # Password and query stay out: a traceback may end up in a log.
        return f"Endpoint({quote(self.address)}, attempts={self.attempts})"

    @property
    def address(self) -> str:
        """The URL without its query, which may hold a secret: what logs say."""
        return self.url.partition("?")[0]


Url: TypeAlias = str | Endpoint | Sequence[str | Endpoint]
"""One address, or several in order of priority."""


def endpoints_of(url: Url) -> tuple[Endpoint, ...]:
    """Return the addresses that `connect` was given, in order.

    Raises ValueError if there is none, TypeError for what is no address.
    """
    given = (url,) if isinstance(url, str | Endpoint) else tuple(url)
    if not given:
        raise ValueError("url= is the address of a CSMS, or some: not an empty list")
    return tuple(map(_endpoint_of, given))


def _endpoint_of(given: object) -> Endpoint:
    if isinstance(given, Endpoint):
        return given
    if isinstance(given, str):
        return Endpoint(given)
    raise TypeError(
        f"an address of a CSMS is a str or an Endpoint, not {quote(type(given).__name__)}"
    )


class Dialling:
    """One station's way through its addresses, one attempt after the other.

    With a policy it never ends, and each attempt waits; without, each address is dialled once and at once,
    until one lets the station in.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        policy: Backoff | None,
        random: Callable[[], float],
    ) -> None:
        """Begin with the first address; `random` is that of `Redials`."""
        attempts = [endpoint.attempts if policy else 1 for endpoint in endpoints]
        self._rota = EndpointRota(endpoints, attempts=attempts)
        self._redials = Redials(policy, random) if policy else None
        self._success = policy.reset_on if policy else ResetOn.OPENED
        self._has_succeeded = False
        self._untried = len(endpoints)

    @property
    def is_endless(self) -> bool:
        """Whether there will always be another attempt."""
        return self._redials is not None

    @property
    def endpoint(self) -> Endpoint:
        """The address to dial now."""
        return self._rota.current

    def note(self, what: ResetOn) -> None:
        """Take note that the connection was opened, or that a message came over it."""
        if self._redials:
            self._redials.note(what)
        if what is self._success and not self._has_succeeded:
            self._has_succeeded = True
            self._rota.worked()

    def next_wait(self) -> float | None:
        """Return the seconds to wait before the next attempt, now that this one has failed or was lost.

        None: there is no other. Ask once for each attempt.
        """
        has_succeeded, self._has_succeeded = self._has_succeeded, False
        if not has_succeeded:
            self._rota.failed()
        if self._redials:
            return self._redials.next_wait()
        self._untried -= 1
        return 0.0 if self._untried and not has_succeeded else None
