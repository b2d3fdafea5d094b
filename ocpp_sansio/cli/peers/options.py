"""What `station` and `csms` have alike: options, and what is said when they cannot be."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ocpp_sansio.cli.logs import complain
from ocpp_sansio.cli.peers.orders import BadOrder
from ocpp_sansio.core import OcppError, plain, quote

__all__ = ["add_common_arguments", "password_of", "run_peer"]

PASSWORD_VARIABLE: Final = "OCPP_PASSWORD"  # noqa: S105 - the name of a variable
MAX_PASSWORD_FILE: Final = 10_000
"""Bytes: a longer file is not one with a password."""


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what both have."""
    parser.add_argument(
        "--script",
        metavar="ORDERS",
        help='a file with an order a line, or "order; order"; without, a prompt or standard input',
    )
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        type=Path,
        help=f"the password for Basic authentication; or the variable {PASSWORD_VARIABLE}",
    )


def password_of(options: argparse.Namespace) -> str | None:
    """Return the password, if there is one; raises OSError or ValueError for a file that holds none.

    It is no option: those are seen by all users of the machine.
    """
    if options.password_file is None:
        return os.environ.get(PASSWORD_VARIABLE)
    path: Path = options.password_file
    with path.open("rb") as file:
        data = file.read(MAX_PASSWORD_FILE)
    try:
        password = data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f"{quote(str(path))} is no text in UTF-8") from None
    if not password or "\n" in password:
        raise ValueError(f"{quote(str(path))} should hold one line, the password")
    return password


def run_peer(
    command: str,
    be: Callable[[argparse.Namespace], int],
    options: argparse.Namespace,
    *,
    where: str,
) -> int:
    """Be a station or a CSMS; return the exit code, 2 if it cannot be: then it is said why.

    `where` is what an error of the system is about that names no file.
    """
    try:
        return be(options)
    except BrokenPipeError:
        raise  # the reader of what we say has seen enough
    except BadOrder as bad:
        return complain(command, str(bad))
    except OSError as error:
        what = quote(str(error.filename)) if error.filename else where
        return complain(command, f"{what}: {plain(error.strerror or str(error))}")
    except (OcppError, ValueError) as error:
        return complain(command, str(error))
