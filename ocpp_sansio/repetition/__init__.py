"""What a CSMS does about messages that come twice, as they must where nothing may be lost (T-40 to T-42).

Pure, as `core` is.
"""

from ocpp_sansio.repetition.answers import FirstAnswers, Repetitions
from ocpp_sansio.repetition.keys import idempotency_key

__all__ = ["FirstAnswers", "Repetitions", "idempotency_key"]
