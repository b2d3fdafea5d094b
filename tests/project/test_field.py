"""What was reported of real stations, kind by kind, and the tests that hold the right value of each."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

REPORTED = {
    "one odd value leaves the payload typed": (
        "core/test_field_payloads.py",
        "test_a_fault_seen_in_the_field_leaves_the_payload_typed_and_its_neighbours_untouched",
    ),
    "one odd sample leaves the others": (
        "core/test_field_payloads.py",
        "test_a_fault_in_one_sample_leaves_the_other_samples_as_they_are",
    ),
    "one object for a list of one": (
        "core/test_field_payloads.py",
        "test_one_object_for_a_list_of_one_is_a_list_of_one",
    ),
    "answers under the same law": (
        "core/test_field_payloads.py",
        "test_an_answer_is_typed_likewise",
    ),
    "a required member is missing": (
        "core/test_field_payloads.py",
        "test_without_a_required_member_it_is_a_json_object",
    ),
    "no dict to a handler by class": (
        "session/test_field_handlers.py",
        "test_without_its_class_it_is_not_called_and_the_call_is_refused_as_in_strict",
    ),
    "a handler that wants objects too": (
        "session/test_field_handlers.py",
        "test_who_says_so_gets_json_objects_too",
    ),
    "an awaited answer is typed": (
        "session/test_field_handlers.py",
        "test_an_awaited_answer_is_typed_or_raised",
    ),
    "violations show what came": (
        "core/test_field_payloads.py",
        "test_a_violation_shows_what_came_but_no_secret",
    ),
    "every record names its station": (
        "session/test_logs.py",
        "test_a_program_tells_stations_apart_in_every_kind_of_record",
    ),
    "hooks know whose message": (
        "session/test_logs.py",
        "test_hooks_know_whose_message_it_is",
    ),
    "what the core reports reaches code": (
        "session/test_logs.py",
        "test_code_gets_every_report_with_its_session",
    ),
    "how a connection ended": (
        "net/test_logs_of_connections.py",
        "test_who_goes_is_told_with_how_and_who_began_and_after_how_long",
    ),
    "who was refused": (
        "net/test_logs_of_connections.py",
        "test_who_is_refused_is_told_with_address_path_and_offer",
    ),
    "a flood is folded": (
        "session/test_log_floods.py",
        "test_a_flood_of_bad_frames_is_a_few_records_and_a_count_that_adds_up",
    ),
    "frames at DEBUG": (
        "session/test_logs.py",
        "test_frames_have_direction_size_and_the_latency_of_answers",
    ),
    "settings for each station": (
        "net/test_door.py",
        "test_each_station_of_one_server_has_the_settings_that_its_admission_has",
    ),
    "no setting serves both": (
        "websocket/test_the_door.py",
        "test_one_that_hangs_up_after_30_s_of_silence_and_one_that_answers_no_ping_both_stay",
    ),
    "stations that could not get in": (
        "net/test_door.py",
        "test_every_way_in_is_a_choice_and_without_one_strict_stands",
    ),
    "two connections of one identity": (
        "net/test_door.py",
        "test_c11_both_may_stay_and_the_registry_has_the_newest_and_all",
    ),
    "a CSMS pings every 20 s": (
        "websocket/test_the_door.py",
        "test_a_csms_pings_every_20_s_and_a_station_every_60_unless_told_otherwise",
    ),
    "where JSON breaks, and on what": (
        "core/test_json_faults.py",
        "test_what_is_not_json_is_told_with_the_place_and_what_stands_there",
    ),
    "control characters and Latin-1": (
        "core/test_json_faults.py",
        "test_lenient_delivers_control_characters_and_latin_1_typed_with_a_violation",
    ),
    "one place to mend bytes": (
        "examples/test_examples_mending.py",
        "test_it_mends_commas_members_without_value_and_what_surrounds",
    ),
    "logs of other programs": (
        "traces/test_reading.py",
        "test_a_log_of_each_source_tells_when_who_which_way_and_what",
    ),
    "completion without internals": (
        "project/test_completion.py",
        "test_a_server_offers_its_sessions_and_its_addresses",
    ),
    "symptoms and settings": (
        "net/test_refused_page.py",
        "test_each_symptom_of_the_page_is_what_the_log_and_the_answer_say",
    ),
    "typos in validation": (
        "core/test_typos.py",
        "test_an_action_that_no_version_has_is_refused_in_validation",
    ),
    "typos in field_lengths": (
        "core/test_typos.py",
        "test_a_member_that_no_version_has_is_refused_in_field_lengths",
    ),
    "typos of handlers": (
        "session/test_handler_typos.py",
        "test_it_is_refused_by_sessions_and_servers_before_anything_runs",
    ),
    "typos of calls": (
        "core/test_typos.py",
        "test_a_call_by_an_almost_right_name_is_refused",
    ),
    "Hertz": (
        "core/test_field_payloads.py",
        "test_f11_hertz_is_the_unit_of_frequency_in_strict",
    ),
    "TLS on a plain port": (
        "net/test_logs_of_connections.py",
        "test_who_is_refused_is_told_with_address_path_and_offer",
    ),
    "payload to JSON and back": (
        "core/test_json_text.py",
        "test_every_message_comes_back_as_it_went",
    ),
    "decimals are numbers": (
        "core/test_json_text.py",
        "test_a_data_type_has_exact_numbers_and_comes_back",
    ),
    "a default is the handler's own": (
        "session/test_handlers.py",
        "test_a_default_of_a_handlers_own_stays_what_it_was",
    ),
    "close, last heard, latency": (
        "net/test_live_settings.py",
        "test_a_handler_can_close_and_see_how_its_station_does",
    ),
    "calls made offline": (
        "net/test_greeting.py",
        "test_calls_made_offline_leave_in_their_order_after_on_connected_on_each_connection",
    ),
    "a URL that ends in the identity": (
        "net/test_addresses.py",
        "test_c2_a_url_that_ends_in_the_identity_is_refused_unless_it_is_meant",
    ),
    "several addresses": (
        "net/test_addresses.py",
        "test_r5_the_first_that_lets_us_in_is_taken_and_the_session_says_which",
    ),
    "one kind of certificate": (
        "net/test_tls.py",
        "test_p6_what_a_context_does_not_offer_depends_on_its_certificates",
    ),
    "profiles 2 and 3 on one port": (
        "net/test_tls.py",
        "test_profiles_2_and_3_share_a_port_and_authenticate_decides",
    ),
    "without websockets": (
        "project/test_importing.py",
        "test_without_websockets_all_works_but_what_is_a_websocket",
    ),
    "no exception of msgspec in front": (
        "core/test_json_text.py",
        "test_no_error_of_the_decoder_stands_in_front_of_ours",
    ),
    "by name or typed": (
        "session/test_session.py",
        "test_a_call_by_name_gets_a_json_object",
    ),
    "list members take any sequence": (
        "core/test_sequences.py",
        "test_any_sequence_is_sent_as_the_list_that_is_read",
    ),
    "metrics": (
        "examples/test_examples_metrics.py",
        "test_prometheus_scrapes_what_stations_have_done",
    ),
    "quirks of vendors": (
        "examples/test_examples_quirks.py",
        "test_table_and_glue_have_less_than_sixty_lines",
    ),
    "all of them on one CSMS": (
        "net/test_mixed_fleet.py",
        "test_fifteen_kinds_of_stations_live_on_one_csms_and_its_log_tells_them_apart",
    ),
}


@pytest.mark.parametrize("kind", REPORTED)
def test_each_kind_of_report_has_its_test(kind: str) -> None:
    file, name = REPORTED[kind]
    assert re.search(rf"^(async )?def {name}\(", (TESTS / file).read_text(), re.MULTILINE), name
