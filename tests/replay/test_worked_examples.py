"""The examples that the rule is explained with, each a station of fixtures/stuck_stations."""

from collections.abc import Iterator

import pytest

from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.replay.policy_file import read_policy
from ocpp_forensics.replay.results import Replay
from tests.replay.scenario import scenario
from tests.replay.support import FIXTURE, blocked, fired, only, replayed

BOLD, FLIPS, BRISK, COUNTING = 1, 2, 3, 4


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    others = (
        read_policy(FIXTURE / "policy.toml"),
        Policy(name="flips", flip_restarts=True),
        Policy(name="brisk", grace_s=7200),
        Policy(name="counting", count_operator_resets=True, grace_s=7200),
    )
    folder = tmp_path_factory.mktemp("scenario")
    with replayed(folder, scenario(), Policy(), *others) as made:
        yield made


def test_the_shipped_log_is_the_one_that_is_tested() -> None:
    assert scenario() == (FIXTURE / "logs" / "csms.log").read_text(encoding="utf-8")


def test_58_minutes_are_too_short(replay: Replay) -> None:
    assert blocked(replay, "CP-58-MINUTES") == [
        ("dwell", "07:00:10", "07:58:10"),
        ("recovered", "07:58:10", "08:03:00"),
    ]
    assert fired(replay, "CP-58-MINUTES") == []


def test_61_minutes_are_long_enough(replay: Replay) -> None:
    assert fired(replay, "CP-61-MINUTES") == ["08:00:00"]


def test_61_minutes_that_end_before_the_next_scan_are_not(replay: Replay) -> None:
    assert fired(replay, "CP-BETWEEN-SCANS") == []
    assert blocked(replay, "CP-BETWEEN-SCANS")[-1] == ("recovered", "08:01:10", "08:03:00")


def test_no_command_while_offline_and_a_reconnect_restarts_nothing(replay: Replay) -> None:
    assert fired(replay, "CP-OFFLINE") == ["09:33:00"]
    assert ("disconnected", "08:00:00", "09:31:00") in blocked(replay, "CP-OFFLINE")


def test_a_station_that_stays_offline_is_never_reset(replay: Replay) -> None:
    assert fired(replay, "CP-GONE") == []
    assert blocked(replay, "CP-GONE")[-1] == ("disconnected", "08:00:00", "18:00:00")


def test_a_flip_between_bad_statuses_restarts_only_where_the_policy_says_so(replay: Replay) -> None:
    assert fired(replay, "CP-FLIP") == ["08:00:00"]
    assert fired(replay, "CP-FLIP", FLIPS) == ["08:51:00"]


def test_the_grace_period_keeps_decisions_apart(replay: Replay) -> None:
    assert fired(replay, "CP-GRACE") == ["08:00:00"]
    assert fired(replay, "CP-GRACE", BOLD) == ["08:00:00", "12:00:00", "16:00:00"]
    assert blocked(replay, "CP-GRACE", BOLD)[1:] == [
        ("grace", "08:00:00", "12:00:00"),
        ("grace", "12:00:00", "16:00:00"),
        ("grace", "16:00:00", "17:00:00"),
    ]


def test_an_update_in_the_middle_of_a_fault_enables(replay: Replay) -> None:
    assert fired(replay, "CP-UPDATED", BOLD) == ["09:12:00"]
    assert ("not_enabled", "08:00:00", "09:10:00") in blocked(replay, "CP-UPDATED", BOLD)


def test_an_unknown_identity_is_said_and_not_assumed(replay: Replay) -> None:
    assert fired(replay, "CP-UNKNOWN") == []
    assert ("identity_unknown", "08:00:00", "12:00:00") in blocked(replay, "CP-UNKNOWN")


def test_with_two_connectors_only_the_station_itself_counts(replay: Replay) -> None:
    assert fired(replay, "CP-TWO") == ["14:00:00"]
    assert only(replay, "CP-TWO")["connector"] == 0
    assert ("multi_evse", "08:00:00", "11:00:00") in blocked(replay, "CP-TWO")


def test_a_model_that_never_reports_connector_0_can_never_fire(replay: Replay) -> None:
    assert fired(replay, "CP-NO-ZERO") == []
    assert replay.never() == [{"vendor": "Voltera", "model": "Duo-44", "stations": 1}]


def test_an_emergency_stop_needs_a_technician(replay: Replay) -> None:
    row = only(replay, "CP-EMERGENCY")
    assert (row["outlook"], row["vendor_error"]) == ("futile_physical", "EmergencyStop")
    assert (row["outcome"], row["saved_s"]) == ("stayed_bad", 0)


def test_inoperative_outlasts_a_reset(replay: Replay) -> None:
    assert only(replay, "CP-INOPERATIVE")["outlook"] == "futile_inoperative"


def test_a_running_firmware_update_makes_it_dangerous(replay: Replay) -> None:
    row = only(replay, "CP-UPDATING")
    assert (row["outlook"], row["firmware_status"]) == ("dangerous_firmware_update", "Installing")


def test_a_running_transaction_is_named(replay: Replay) -> None:
    row = only(replay, "CP-CHARGING")
    assert (row["outlook"], row["transactions"]) == ("costly_transaction", ["4711"])


def test_a_connection_that_was_dead_already_delivers_nothing(replay: Replay) -> None:
    row = only(replay, "CP-DEAD-LINK")
    assert (row["outlook"], row["saved_s"]) == ("undeliverable", 0)


def test_a_reset_of_the_operator_that_healed(replay: Replay) -> None:
    row = only(replay, "CP-HEALED")
    assert (row["outcome"], row["reset_answer"]) == ("healed_by_reset", "Accepted")
    assert row["reset_boot_ts"] is not None
    assert not row["reset_again"]


def test_a_reset_of_the_operator_that_did_not(replay: Replay) -> None:
    row = only(replay, "CP-NOT-HEALED")
    assert (row["outcome"], row["resets"], row["reset_healed"]) == ("recovered", 2, False)


def test_resets_of_the_operator_are_attempts_only_where_the_policy_says_so(replay: Replay) -> None:
    assert fired(replay, "CP-NOT-HEALED", BRISK) == ["08:00:00", "10:00:00", "12:00:00"]
    assert fired(replay, "CP-NOT-HEALED", COUNTING) == ["08:00:00", "12:00:00"]
    assert ("grace", "09:01:00", "12:00:00") in blocked(replay, "CP-NOT-HEALED", COUNTING)


def test_real_resets_are_counted_but_few_make_no_share(replay: Replay) -> None:
    (row, _) = replay.resets(0)
    assert (row["model"], row["error_code"], row["resets"]) == ("EVC-22", "InternalError", 3)
    assert (row["accepted"], row["booted"], row["healed"], row["healed_share"]) == (2, 2, 1, None)


def test_ocpp_2_0_1_with_one_evse(replay: Replay) -> None:
    row = only(replay, "CP-201")
    assert (row["evse"], row["connector"], f"{row['ts']:%H:%M}") == (1, 1, "08:03")
    assert (row["outlook"], row["noticed"]) == ("futile_physical", "RCD Problem F17")
    assert (row["outcome"], row["reset_type"]) == ("stayed_bad", "Immediate")


def test_ocpp_2_0_1_with_two_evses_fires_on_the_availability_of_the_station(replay: Replay) -> None:
    row = only(replay, "CP-201-TWO")
    assert (row["evse"], row["connector"], f"{row['ts']:%H:%M}") == (None, 0, "11:03")
    assert row["outlook"] == "futile_inoperative"


def test_near_misses_are_close_to_the_threshold(replay: Replay) -> None:
    found = {row["station"]: (row["kind"], row["seconds"]) for row in replay.near_misses(0)}
    assert found == {
        "CP-58-MINUTES": ("recovered", -120),
        "CP-61-MINUTES": ("recovered", 60),
        "CP-BETWEEN-SCANS": ("recovered", 60),
    }
