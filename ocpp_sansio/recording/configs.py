"""The settings of a recording: what of a `Config` differs from the default, as JSON, and back.

Functions cannot be written down: `mend` is lost, and `new_message_id` is not missed, for ids are recorded.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from ocpp_sansio.core import Config, ErrorCode, JsonObject, Rule, Validation, Version

__all__ = ["read_config", "write_config"]

_DEFAULT: Final = Config()
_FUNCTIONS: Final = {"mend", "new_message_id"}


def write_config(config: Config) -> JsonObject:
    """Return the settings that differ from the default."""
    names = (name for name in config.__struct_fields__ if name not in _FUNCTIONS)
    values = ((name, getattr(config, name)) for name in names)
    return {name: _plain(value) for name, value in values if value != getattr(_DEFAULT, name)}


def read_config(written: Mapping[str, Any]) -> Config:
    """Return the settings that were written; raises ValueError or TypeError for what are none."""
    known = set(Config.__struct_fields__) - _FUNCTIONS
    # What only a later release knows is passed over: the recording is still worth its telling.
    kept = {name: value for name, value in written.items() if name in known}
    if "validation" in kept:
        kept["validation"] = _read_validation(kept["validation"])
    if "error_codes" in kept:
        kept["error_codes"] = _read_error_codes(kept["error_codes"])
    return Config(**kept)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int | float):
        return value
    return sorted(value)


def _read_validation(written: Any) -> Validation | dict[str, Validation]:
    if isinstance(written, str):
        return Validation(written)
    return {action: Validation(value) for action, value in written.items()}


def _read_error_codes(written: Mapping[str, Mapping[str, str]]) -> Any:
    return {
        Version(version): {Rule(rule): ErrorCode(code) for rule, code in codes.items()}
        for version, codes in written.items()
    }
