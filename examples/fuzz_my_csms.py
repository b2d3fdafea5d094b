"""Let hypothesis look for what breaks a CSMS: your handlers, on a line where anything can happen.

    python examples/fuzz_my_csms.py            # finds the bug below, and tells the shortest story of it
    python examples/fuzz_my_csms.py --mended   # finds nothing in the mended handler

In a test suite it is shorter still: `TestBackend = BackendMachine.TestCase`, and pytest does the rest.
"""

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ocpp_sansio import ErrorCode, Role, Version, v16
from ocpp_sansio.handlers import CallRejected
from ocpp_sansio.testing import Handler, PeersMachine


class Backend:
    """A CSMS as one might write it on a Friday: it counts the energy of each transaction."""

    def __init__(self) -> None:
        self.started: dict[int, v16.StartTransactionRequest] = {}
        self.billed = 0  # Wh

    def start(self, request: v16.StartTransactionRequest) -> v16.StartTransactionResponse:
        """Open a transaction."""
        number = len(self.started) + 1
        self.started[number] = request
        accepted = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
        return v16.StartTransactionResponse(transaction_id=number, id_tag_info=accepted)

    def stop(self, request: v16.StopTransactionRequest) -> v16.StopTransactionResponse:
        """Close a transaction. The bug: a station may stop one that this backend never heard of."""
        start = self.started[request.transaction_id]
        self.billed += request.meter_stop - start.meter_start
        return v16.StopTransactionResponse()

    def refuse(self, _: object) -> v16.StopTransactionResponse:
        """Serve nothing else."""
        raise CallRejected(ErrorCode.NOT_SUPPORTED, "this backend only counts energy")


class MendedBackend(Backend):
    """It answers all the same, as Q-11 of the rules has it: silence makes the station ask for ever."""

    def stop(self, request: v16.StopTransactionRequest) -> v16.StopTransactionResponse:
        """Close a transaction, known or not."""
        if request.transaction_id not in self.started:
            return v16.StopTransactionResponse()
        return super().stop(request)


class BackendMachine(PeersMachine):
    """A station that asks anything, a line that does anything, and this backend."""

    version = Version.OCPP16
    backend_type = Backend

    def make_handlers(self) -> Mapping[Role, Mapping[str, Handler]]:
        """Return the handlers of a backend that knows nothing yet: each story has its own."""
        backend = self.backend_type()
        return {
            Role.CSMS: {
                "StartTransaction": backend.start,
                "StopTransaction": backend.stop,
                "*": backend.refuse,
            }
        }


class MendedMachine(BackendMachine):
    """The same with the mended backend."""

    backend_type = MendedBackend


def main() -> int:
    """Look for a story that breaks the backend."""
    parser = argparse.ArgumentParser(description="Look for a story that breaks a CSMS.")
    parser.add_argument("--mended", action="store_true", help="try the handler without the bug")
    parser.add_argument("--examples", type=int, default=300, help="stories to try; default 300")
    options = parser.parse_args()
    machine = MendedMachine if options.mended else BackendMachine
    started = datetime.now(UTC)
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=options.examples,
                stateful_step_count=12,  # a short story is found sooner, and told sooner
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
            ),
        )
    except KeyError as bug:
        print(f"Found: {bug!r}\n")
        print("\n".join(bug.__notes__))
        return 1
    seconds = (datetime.now(UTC) - started).total_seconds()
    print(f"No story out of {options.examples} broke the backend, in {seconds:.1f} s.")
    print(machine.reached)
    return 0


if __name__ == "__main__":
    sys.exit(main())
