"""The two families of error, violations, and the table from rule to code."""

import pytest
from core_pair import call_text, hear, in_every_version, only, opened

from ocpp_sansio import (
    DEFAULT_ERROR_CODES,
    ErrorCode,
    LocalProtocolError,
    OcppError,
    ProtocolViolated,
    RemoteProtocolError,
    Rule,
    Version,
    Violation,
)


def test_the_parent_of_all_errors_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        OcppError("no")
    for error in (
        LocalProtocolError("yours"),
        RemoteProtocolError("theirs", rule=Rule.FRAME, code=ErrorCode.GENERIC_ERROR),
    ):
        assert isinstance(error, OcppError)
    assert not issubclass(LocalProtocolError, RemoteProtocolError)
    assert not issubclass(RemoteProtocolError, LocalProtocolError)


def test_a_local_error_carries_the_violations_if_a_payload_was_the_matter() -> None:
    assert LocalProtocolError("why").violations == ()
    violation = Violation("$.a", Rule.TYPE, "a string")
    error = LocalProtocolError("why", (violation,))
    assert error.violations == (violation,)
    assert str(error) == "why"


def test_a_violation_reads_like_a_sentence() -> None:
    violation = Violation("$.meterValue[0].timestamp", Rule.FORMAT, "an RFC 3339 date-time")
    assert str(violation) == "$.meterValue[0].timestamp: expected an RFC 3339 date-time (format)"
    with pytest.raises(AttributeError):
        violation.path = "$"  # type: ignore[misc]  # that it is refused is the point


@in_every_version
def test_a_remote_error_is_reported_and_never_raised_and_knows_rule_code_and_id(
    version: Version,
) -> None:
    message = call_text("7", "DataTransfer", {"vendorId": 5})
    report = only(hear(opened(version), message).events)
    assert isinstance(report, ProtocolViolated)
    error = report.error
    assert isinstance(error, RemoteProtocolError)
    assert error.rule is Rule.TYPE
    assert error.code is DEFAULT_ERROR_CODES[version][Rule.TYPE]
    assert error.message_id == "7"
    assert only(error.violations) == Violation("$.vendorId", Rule.TYPE, "a string", "5")
    assert "$.vendorId" in str(error)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_a_code_is_its_2x_spelling_and_parses_back_from_every_version(code: ErrorCode) -> None:
    assert code.value == code.as_wire(Version.OCPP201) == code.as_wire(Version.OCPP21)
    assert ErrorCode.parse(code.value) is code
    in_16 = ErrorCode.parse(code.as_wire(Version.OCPP16))
    assert in_16 is (code if code.as_wire(Version.OCPP16) != "GenericError" else in_16)


def test_the_codes_that_16_lacks_become_generic_errors_there() -> None:
    for code in (ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED, ErrorCode.RPC_FRAMEWORK_ERROR):
        assert code.as_wire(Version.OCPP16) == "GenericError"
