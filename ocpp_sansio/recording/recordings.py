"""`Recordings`: where the sessions of a program are recorded, in files that do not grow beyond their bounds.

    async with serve(None, "", 9000, versions=["ocpp1.6"], handlers=handlers, record="recordings"):
        ...

Each station has a file, `recordings/CP_1.jsonl`. Once that is full it becomes `CP_1.1.jsonl`, what was that
`CP_1.2.jsonl`, and so on; the last one goes. What is gathered is written once there is enough of it,
after seconds, and when a connection ends. What fails there is told once, to the log; no session notices it.
"""

import os
import re
import time
from collections.abc import Callable
from hashlib import blake2s
from pathlib import Path
from secrets import token_hex
from typing import Final, TypeAlias, cast

from ocpp_sansio.core import Config, Connection, Role, quote
from ocpp_sansio.recording.files import BoundedFile, FunctionOutlet, Outlet
from ocpp_sansio.recording.reels import Reel
from ocpp_sansio.recording.stand_ins import StandIns
from ocpp_sansio.recording.tape import Tape

__all__ = ["Record", "Recordings", "file_name", "recordings_of"]

_LONGEST_NAME: Final = 100  # characters of an identity in the name of a file
_SAFE = re.compile(r"[^A-Za-z0-9_-]")
_DEVICES = re.compile(
    r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE
)  # which Windows takes for itself
_MAX_COMPLAINTS: Final = (
    100  # records in the log, of so many stations; one more says that no more follow
)


class Recordings:
    """Records sessions: what `record=` of `connect`, `serve` and `Session` is made into, with its bounds.

    Give it to `record=` yourself to choose them. For the sessions of one thread.
    """

    def __init__(
        self,
        to: str | os.PathLike[str] | Callable[[str], object],
        *,
        max_bytes: int = 8 * 1024 * 1024,
        keep: int = 4,
        max_stations: int = 1000,
        write_after: float = 5.0,
        redact_id_tags: bool = False,
        redact_secrets: bool = True,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Record to a folder, a file or a function; see `Record`.

        - `max_bytes`, `keep`: how long a file may become, about, and how many each station has. A file that
          is for all stations is bounded likewise.
        - `max_stations`: how many stations a folder has files of, those from before included; those beyond
          are not recorded.
        - `write_after`: seconds that lines may wait for more, until something else happens.
        - `redact_id_tags`: whether idTags and idTokens give way to others, each always to the same one.
        - `redact_secrets`: whether passwords and keys give way to something as long; False keeps it all.
        - `wall`: the clock that counts from 1970, in seconds.

        Raises TypeError or ValueError for what cannot be; a folder that cannot be written to is no error
        here, but told to the log.
        """
        if not (isinstance(to, str | os.PathLike) or callable(to)):
            what = f"not {quote(type(to).__name__)}"
            raise TypeError(f"record= is a folder, a file, a function or Recordings, {what}")
        for name, value in (
            ("max_bytes", max_bytes),
            ("keep", keep),
            ("max_stations", max_stations),
        ):
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
        if not write_after >= 0:
            raise ValueError(f"write_after must be in seconds, not {write_after!r}")
        self._bounds = {"max_bytes": max_bytes, "keep": keep}
        self._max_stations = max_stations
        self._write_after = write_after
        self._wall = wall
        self._stand_ins = StandIns(id_tags=redact_id_tags) if redact_secrets else None
        self._folder: Path | None = None
        self._shared: Outlet | None = None
        if isinstance(to, str | os.PathLike):
            path = Path(os.fspath(to))
            if path.suffix and not path.is_dir():
                self._shared = BoundedFile(path, **self._bounds)
            else:
                self._folder = path
        else:
            self._shared = FunctionOutlet(to)
        self._reels: dict[str, Reel] = {}
        self._names: set[str] | None = None  # of the files that are there, or were to be
        self._waiting: dict[Reel, None] = {}  # those with lines to write, the oldest first

    def taped(
        self, identity: str | None, *, complain: Callable[[str], object] = lambda _: None
    ) -> Callable[..., Connection]:
        """Return what makes the `Connection` of a session with this identity: see `new_connection=`.

        `complain` is told, in a text, why it is not recorded any more, if that should be so.
        """

        def new_connection(role: Role, /, *, config: Config) -> Connection:
            return Tape(
                role,
                config=config,
                reel=self._reel_of(identity),
                session=token_hex(4),
                identity=identity,
                wall=self._wall,
                complain=complain,
            )

        return new_connection

    def write(self) -> None:
        """Write all that is gathered, at once. Never raises."""
        for reel in tuple(self._reels.values()):
            reel.write_all()

    # --- for the reels -------------------------------------------------------------------------------------

    def note_waiting(self, reel: Reel) -> None:
        """Take note that a reel has lines to write."""
        self._waiting[reel] = None

    def note_written(self, reel: Reel, now: float) -> None:
        """Take note that it has none any more; write those of others whose time has come."""
        self._waiting.pop(reel, None)
        for other in tuple(self._waiting):
            if other.due > now:
                return
            self._waiting.pop(other, None)
            other.write_now()

    def note_end(self, reel: Reel) -> None:
        """Take note that no connection is open that a reel is of."""
        self._waiting.pop(reel, None)
        self._reels.pop(reel.key, None)

    # --- which file ----------------------------------------------------------------------------------------

    def _reel_of(self, identity: str | None) -> Reel:
        name = file_name(identity) if self._folder else ""
        key = name.lower()  # file systems that do not tell case apart are to have one file, too
        reel = self._reels.get(key)
        if reel is None:
            reel = self._reels[key] = Reel(
                key,
                self._outlet_of(name),
                self,
                write_after=self._write_after,
                stand_ins=self._stand_ins,
                problem=self._problem_with(key),
            )
        return reel

    def _outlet_of(self, name: str) -> Outlet:
        if self._folder:
            return BoundedFile(self._folder / f"{name}.jsonl", **self._bounds)
        return cast("Outlet", self._shared)

    def _problem_with(self, key: str) -> str:
        if self._folder is None:
            return ""
        if self._names is None:
            self._names = _names_in(self._folder)
        if key not in self._names and len(self._names) >= self._max_stations:
            return f"not recorded: there are recordings of {self._max_stations} stations already"
        self._names.add(key)
        return ""


Record: TypeAlias = str | os.PathLike[str] | Callable[[str], object] | Recordings
"""Where sessions are recorded: a folder, a file, a function that takes lines, or `Recordings`.

A path is a file's if its name has a suffix, such as "charge.jsonl", and no folder is there; else a folder's.
"""


def recordings_of(record: Record) -> Recordings:
    """Return what a `record=` stands for; raises TypeError if it stands for nothing."""
    return record if isinstance(record, Recordings) else Recordings(record)


def file_name(identity: str | None) -> str:
    """Return how the file of a station is named, without its suffix: safe, whatever it calls itself."""
    if identity is None:
        return "session"
    name = _SAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in _bytes(found[0])), identity)
    if name and len(name) <= _LONGEST_NAME and not _DEVICES.fullmatch(name):
        return name
    return f"{name[:_LONGEST_NAME]}-{blake2s(_bytes(identity), digest_size=4).hexdigest()}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _names_in(folder: Path | None) -> set[str]:
    try:
        found = [path.name for path in folder.iterdir()] if folder else []
    except OSError:  # not there yet
        return set()
    return {name.partition(".")[0].lower() for name in found if name.endswith(".jsonl")}
