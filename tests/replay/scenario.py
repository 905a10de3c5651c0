"""The log of fixtures/stuck_stations: one station for each thing a self-heal rule must get right.

    python -m tests.replay.scenario > fixtures/stuck_stations/logs/csms.log

Twelve hours of a CSMS; the rule scans at 08:00, 08:03 and so on.
"""

import sys

from tests.replay.logs import OLD, Log, Speaker

__all__ = ["scenario"]

_BAD = ("Faulted", "InternalError")


def scenario() -> str:
    """The text of the log."""
    log = Log()
    log.say("06:00:00", "csms", "CSMS 4.12.0 starting")
    for add in (
        _add_thresholds,
        _add_connections,
        _add_rules,
        _add_outlooks,
        _add_resets,
        _add_2_0_1,
    ):
        add(log)
    log.say("18:00:00", "csms", "log closed for the day")
    return log.text()


def _add_thresholds(log: Log) -> None:
    Speaker(log, "CP-58-MINUTES").online().status("07:00:10", 1, *_BAD).status(
        "07:58:10", 1, "Available"
    )
    Speaker(log, "CP-61-MINUTES").online().status("06:59:30", 1, *_BAD).status(
        "08:00:30", 1, "Available"
    )
    Speaker(log, "CP-BETWEEN-SCANS").online().status("07:00:10", 1, *_BAD).status(
        "08:01:10", 1, "Available"
    )
    (
        Speaker(log, "CP-FLIP")
        .online()
        .status("07:00:00", 1, *_BAD)
        .status("07:30:00", 1, "Unavailable")
        .status("07:50:00", 1, "Faulted", "OtherError")
        .status("09:00:00", 1, "Available")
    )


def _add_connections(log: Log) -> None:
    (
        Speaker(log, "CP-OFFLINE")
        .online()
        .status("07:00:00", 1, *_BAD)
        .closed("07:30:00", 1006)
        .opened("09:31:00")
        .boot("09:31:01")
        .status("09:31:02", 1, *_BAD)
        .status("11:00:00", 1, "Available")
    )
    Speaker(log, "CP-GONE").online().status("07:00:00", 1, *_BAD).closed("07:30:00")
    (
        Speaker(log, "CP-DEAD-LINK")
        .online()
        .status("07:00:00", 1, *_BAD)
        .closed("09:20:00", 1011)
        .opened("09:21:00")
        .boot("09:21:01")
        .status("09:21:02", 1, "Available")
    )


def _add_rules(log: Log) -> None:
    Speaker(log, "CP-GRACE").online().status("07:00:00", 1, *_BAD).status(
        "17:00:00", 1, "Available"
    )
    (
        Speaker(log, "CP-UPDATED")
        .online(firmware=OLD)
        .status("07:00:00", 1, *_BAD)
        .boot("09:10:00")
        .status("10:30:00", 1, "Available")
    )
    unknown = Speaker(log, "CP-UNKNOWN").opened("06:00:05").status("06:00:07", 1, "Available")
    unknown.status("07:00:00", 1, *_BAD).status("12:00:00", 1, "Available")
    (
        Speaker(log, "CP-TWO")
        .online()
        .status("06:00:08", 2, "Available")
        .status("06:00:09", 0, "Available")
        .status("07:00:00", 2, *_BAD)
        .status("11:00:00", 2, "Available")
        .status("13:00:00", 0, *_BAD)
        .status("15:00:00", 0, "Available")
    )
    duo = Speaker(log, "CP-NO-ZERO", "Duo-44").online().status("06:00:08", 2, "Available")
    duo.status("07:00:00", 1, *_BAD).status("12:00:00", 1, "Available")


def _add_outlooks(log: Log) -> None:
    (
        Speaker(log, "CP-EMERGENCY")
        .online()
        .status("07:00:00", 1, "Faulted", "OtherError", vendorErrorCode="EmergencyStop")
        .status("07:30:00", 1, "Faulted")
        .alive("17:59:00")
    )
    (
        Speaker(log, "CP-INOPERATIVE")
        .online()
        .ordered(
            "06:59:59", "ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}, "Accepted"
        )
        .status("07:00:00", 1, "Unavailable")
        .alive("17:59:00")
    )
    (
        Speaker(log, "CP-UPDATING")
        .online()
        .status("07:00:00", 1, *_BAD)
        .tells("07:50:00", "FirmwareStatusNotification", {"status": "Downloading"})
        .tells("07:58:00", "FirmwareStatusNotification", {"status": "Installing"})
        .boot("08:20:00")
        .status("08:20:05", 1, "Available")
    )
    start = {"connectorId": 2, "idTag": "T1", "meterStart": 0, "timestamp": "2026-06-01T07:40:00Z"}
    stop = {"transactionId": 4711, "meterStop": 9000, "timestamp": "2026-06-01T09:40:00Z"}
    (
        Speaker(log, "CP-CHARGING")
        .online()
        .status("06:00:08", 2, "Available")
        .status("06:00:09", 0, "Available")
        .status("07:00:00", 0, *_BAD)
        .tells(
            "07:40:00",
            "StartTransaction",
            start,
            {"transactionId": 4711, "idTagInfo": {"status": "Accepted"}},
        )
        .status("07:40:01", 2, "Charging")
        .tells("09:40:00", "StopTransaction", stop)
        .status("09:40:01", 2, "Available")
        .status("09:50:00", 0, "Available")
    )


def _add_resets(log: Log) -> None:
    (
        Speaker(log, "CP-HEALED")
        .online()
        .status("07:00:00", 1, *_BAD)
        .ordered("09:00:00", "Reset", {"type": "Hard"}, "Accepted")
        .closed("09:00:05")
        .online("09:01:00")
    )
    (
        Speaker(log, "CP-NOT-HEALED")
        .online()
        .status("07:00:00", 1, *_BAD)
        .ordered("09:00:00", "Reset", {"type": "Hard"}, "Accepted")
        .closed("09:00:05")
        .opened("09:01:00")
        .boot("09:01:01")
        .status("09:01:02", 1, *_BAD)
        .ordered("10:00:00", "Reset", {"type": "Hard"}, "Rejected")
        .status("14:00:00", 1, "Available")
    )


def _add_2_0_1(log: Log) -> None:
    fault = {
        "eventId": 1,
        "timestamp": "2026-06-01T07:00:00Z",
        "trigger": "Alerting",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "RCD", "evse": {"id": 1}},
        "variable": {"name": "Problem"},
        "techCode": "F17",
    }
    notice = {"generatedAt": "2026-06-01T07:00:00Z", "seqNo": 0, "eventData": [fault]}
    one = (
        Speaker(log, "CP-201", "Slim-2")
        .opened("06:00:05")
        .boot_2("06:00:06")
        .status_2("06:00:07", 1, "Available")
    )
    one.tells("07:00:00", "NotifyEvent", notice).status_2("07:00:01", 1, "Faulted")
    one.ordered("09:00:00", "Reset", {"type": "Immediate"}, "Accepted").boot_2(
        "09:01:01", "RemoteReset"
    )
    one.status_2("09:01:02", 1, "Faulted")
    two = Speaker(log, "CP-201-TWO", "Slim-2D").opened("06:00:05").boot_2("06:00:06")
    two.status_2("06:00:07", 1, "Available").status_2("06:00:08", 2, "Available")
    two.status_2("07:00:00", 2, "Faulted").status_2("09:00:00", 2, "Available")
    two.ordered("10:00:00", "ChangeAvailability", {"operationalStatus": "Inoperative"}, "Accepted")
    two.ordered("12:00:00", "ChangeAvailability", {"operationalStatus": "Operative"}, "Accepted")


if __name__ == "__main__":
    sys.stdout.write(scenario())
