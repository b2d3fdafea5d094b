"""How the values of options are read, whichever command has them."""

import argparse

from ocpp_sansio.core import Version, quote

__all__ = ["positive", "version", "whole"]


def version(text: str) -> Version:
    """Read a version, "1.6" or "ocpp1.6"."""
    try:
        return Version.parse(text if text.startswith("ocpp") else f"ocpp{text}")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def whole(text: str) -> int:
    """Read a number from 1 up."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"not a number from 1 up: {quote(text)}")
    return int(text)


def positive(text: str) -> float:
    """Read a number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"not a number above 0: {quote(text)}")
    return value
