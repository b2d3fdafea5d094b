"""What a `Connection` can be told before it starts: its role and its configuration."""

from ocpp_sansio.core.config import Config, Role, Validation, new_message_id

__all__ = ["Config", "Role", "Validation", "new_message_id"]
