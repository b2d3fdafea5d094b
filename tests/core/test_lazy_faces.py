"""A package's face gives what it names, and says of the rest what any module would."""

import pytest

from ocpp_sansio.core import Connection, on_first_use


def test_a_name_is_loaded_from_its_module_and_no_other_is_known() -> None:
    load = on_first_use("ocpp_sansio.core", {"Connection": "connection"})
    assert load("Connection") is Connection
    with pytest.raises(
        AttributeError, match=r"^module 'ocpp_sansio\.core' has no attribute 'Config'$"
    ):
        load("Config")
