"""`PeerLogs`: the logs of a server's stations, each of which may come again and again.

A station that connects a hundred times a second has a hundred sessions and one log. How many logs are kept
does not depend on how many stations there are: the ones that were needed last.
"""

from ocpp_sansio.core import plain
from ocpp_sansio.net.proxies import Address
from ocpp_sansio.session import Folding, PeerLog

__all__ = ["PeerLogs", "spelled"]

MAX_LOGS = 1000
"""Stations, and hosts, whose logs are kept."""

PEERS_PER_HOST = 10
"""How many times the records of one station may come in a second from all stations of one host together."""


class PeerLogs:
    """The logs of those who have been here lately, so that who comes again goes on where he was."""

    def __init__(self, limit: int) -> None:
        """Make it for logs of `limit` records a second each."""
        self._limit = limit
        self._logs: dict[str, PeerLog] = {}  # by identity, the newest last
        self._hosts: dict[str, Folding] = {}

    def of(self, identity: str | None, host: str, now: float) -> PeerLog:
        """Return the log of a station, which now is at this host."""
        key = identity or ""
        log = self._logs.pop(key, None) or PeerLog(identity, limit=self._limit)
        self._logs[key] = log
        if len(self._logs) > MAX_LOGS:
            self._logs.pop(next(iter(self._logs))).close(now)
        folding = self._hosts.pop(host, None) or Folding(self._limit * PEERS_PER_HOST)
        self._hosts[host] = folding
        if len(self._hosts) > MAX_LOGS:
            del self._hosts[next(iter(self._hosts))]
        log.share(folding)
        return log

    def close(self) -> None:
        """Log what was folded, since no record will come any more."""
        for log in self._logs.values():
            log.close()


def spelled(address: Address) -> str:
    """Return an address as the log has it: "10.1.2.3:41234", "[::1]:9000"; a port that is not known is 0."""
    host, port = plain(address[0]), address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
