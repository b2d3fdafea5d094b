"""What `station` and `csms` share: their orders and scripts, what they show, and how they end."""

from ocpp_sansio.cli.peers.log_view import LogView
from ocpp_sansio.cli.peers.options import (
    add_common_arguments,
    password_of,
    run_peer,
)
from ocpp_sansio.cli.peers.orders import BadOrder, CannotBe, Grammar, Order
from ocpp_sansio.cli.peers.screen import Screen
from ocpp_sansio.cli.peers.scripts import Line, read_script
from ocpp_sansio.cli.peers.sources import Typed, given, typed

__all__ = [
    "BadOrder",
    "CannotBe",
    "Grammar",
    "Line",
    "LogView",
    "Order",
    "Screen",
    "Typed",
    "add_common_arguments",
    "given",
    "password_of",
    "read_script",
    "run_peer",
    "typed",
]
