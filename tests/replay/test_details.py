"""What the worked examples leave out: orders that were refused, queues, notices, near misses."""

from pathlib import Path

import pytest

from ocpp_forensics.replay.engine import Attempt, Window, fire
from ocpp_forensics.replay.policy import Policy
from tests.replay.logs import Log, Speaker
from tests.replay.support import blocked, fired, only, replayed

BAD = ("Faulted", "InternalError")


def ended(log: Log) -> Log:
    log.say("18:00:00", "csms", "log closed for the day")
    return log


def test_a_log_without_opens_counts_as_connected_from_the_first_frame(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").boot("06:00:00").status("07:00:00", 1, *BAD)
    station.closed("08:30:00").status("09:30:00", 1, *BAD).status("12:00:00", 1, "Available")
    with replayed(tmp_path, ended(log), Policy(grace_s=3600)) as replay:
        assert fired(replay, "CP1") == ["08:00:00", "09:30:00", "10:30:00", "11:30:00"]
        assert ("disconnected", "08:30:00", "09:30:00") in blocked(replay, "CP1")


def test_a_refused_inoperative_changes_nothing(tmp_path: Path) -> None:
    log = Log()
    wish = {"connectorId": 0, "type": "Inoperative"}
    station = (
        Speaker(log, "CP1").online().ordered("06:30:00", "ChangeAvailability", wish, "Rejected")
    )
    station.status("07:00:00", 1, *BAD)
    with replayed(tmp_path, ended(log)) as replay:
        assert only(replay, "CP1")["outlook"] == "may_heal"


def test_the_last_order_for_the_connector_counts(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").online()
    for clock, connector, wanted in (("06:30:00", 0, "Inoperative"), ("06:40:00", 1, "Operative")):
        order = {"connectorId": connector, "type": wanted}
        station.ordered(clock, "ChangeAvailability", order, "Accepted")
    station.status("07:00:00", 1, *BAD)
    with replayed(tmp_path, ended(log)) as replay:
        assert only(replay, "CP1")["outlook"] == "may_heal"


def test_messages_of_transactions_that_wait_at_the_station_would_be_lost(tmp_path: Path) -> None:
    log = Log()
    stop = {"transactionId": 12, "meterStop": 1, "timestamp": "2026-06-01T06:50:00Z"}
    station = Speaker(log, "CP1").online().status("07:00:00", 1, *BAD)
    station.tells("09:00:00", "StopTransaction", stop)
    with replayed(tmp_path, ended(log)) as replay:
        row = only(replay, "CP1")
        assert (row["outlook"], row["transactions"]) == ("costly_transaction", ["12"])


def test_an_update_that_has_ended_is_no_danger(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").online().status("07:00:00", 1, *BAD)
    for clock, status in (("07:10:00", "Installing"), ("07:20:00", "InstallationFailed")):
        station.tells(clock, "FirmwareStatusNotification", {"status": status})
    with replayed(tmp_path, ended(log)) as replay:
        assert only(replay, "CP1")["outlook"] == "may_heal"


@pytest.mark.parametrize(
    ("error", "more", "physical"),
    [
        ("GroundFailure", {}, True),
        ("OtherError", {"vendorErrorCode": "CX017"}, True),
        ("OtherError", {"vendorErrorCode": "CX013"}, False),
        ("OtherError", {"info": "E-Stop pressed"}, True),
        ("OtherError", {"info": "main circuit breaker tripped"}, True),
        ("InternalError", {"info": "background task blocked, clock lost"}, False),
        ("ReaderFailure", {}, False),
    ],
)
def test_physical_faults_are_known_by_code_or_by_word(
    tmp_path: Path, error: str, more: dict[str, str], *, physical: bool
) -> None:
    log = Log()
    Speaker(log, "CP1").online().status("07:00:00", 1, "Faulted", error, **more)
    with replayed(tmp_path, ended(log)) as replay:
        outlook = only(replay, "CP1")["outlook"]
        assert outlook == ("futile_physical" if physical else "may_heal")


def test_availability_of_a_2_1_station_may_come_by_notify_event(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").opened("06:00:00").boot_2("06:00:01")
    station.status_2("06:00:02", 1, "Available").status_2("06:00:03", 2, "Available")
    for clock, value in (("07:00:00", "Unavailable"), ("09:00:00", "Available")):
        item = {
            "component": {"name": "ChargingStation"},
            "variable": {"name": "AvailabilityState"},
            "actualValue": value,
        }
        station.tells(clock, "NotifyEvent", {"seqNo": 0, "eventData": [item]})
    with replayed(tmp_path, ended(log)) as replay:
        assert fired(replay, "CP1") == ["08:00:00"]


def test_a_boot_close_to_the_threshold_is_a_near_miss(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").online().status("07:00:00", 1, *BAD)
    station.boot("07:55:00").status("07:55:05", 1, "Available")
    with replayed(tmp_path, ended(log)) as replay:
        (row,) = replay.near_misses(0)
        assert (row["kind"], row["seconds"]) == ("rebooted", -300)


def test_flapping_just_under_the_threshold_is_a_near_miss(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").online()
    for bad, good in (("07:00:00", "07:40:00"), ("07:45:00", "08:20:00")):
        station.status(bad, 1, *BAD).status(good, 1, "Available")
    with replayed(tmp_path, ended(log)) as replay:
        (row,) = replay.near_misses(0)
        assert (row["kind"], row["stretches"], row["seconds"]) == ("flapping", 2, 20 * 60)


def test_the_same_error_within_a_day_after_a_reset_is_told(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").online().status("07:00:00", 1, *BAD)
    station.ordered("09:00:00", "Reset", {"type": "Hard"}, "Accepted").status(
        "09:02:00", 1, "Available"
    )
    station.status("10:00:00", 1, *BAD)
    with replayed(tmp_path, ended(log)) as replay:
        row = only(replay, "CP1")
        assert (row["outcome"], row["reset_again"]) == ("healed_by_reset", True)


def test_of_two_connectors_at_one_scan_the_lower_one_is_named() -> None:
    windows = [Window(10, 20, 1, 101), Window(12, 14, 0, 100)]
    assert [(scan, window.stretch) for scan, window in fire(windows, [], 2)] == [
        (10, 101), (12, 100), (14, 100), (16, 101), (18, 101), (20, 101),
    ]  # fmt: skip


def test_counted_resets_rule_scans_out_one_after_the_other() -> None:
    attempts = [Attempt(9, 13), Attempt(12, 16)]
    assert [scan for scan, _ in fire([Window(10, 20, 1, 7)], attempts, 3)] == [16, 19]
