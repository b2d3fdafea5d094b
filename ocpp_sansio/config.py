"""What a `Connection` is told before it starts: its `Role`, and a `Config` of limits and validation."""

from ocpp_sansio.core.config import Config, Role, Validation, new_message_id

__all__ = ["Config", "Role", "Validation", "new_message_id"]
