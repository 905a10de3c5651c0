"""The log of fixtures/stuck_stations: one station for each thing a self-heal rule must get right.

    python -m tests.replay.scenario > fixtures/stuck_stations/logs/csms.log

Twelve hours of a CSMS; the rule scans at 08:00, 08:03 and so on.
"""

import json
import sys
from datetime import datetime, timedelta
from typing import Any

__all__ = ["scenario"]

_DAY = datetime(2026, 6, 1)  # noqa: DTZ001 - the log is in UTC and says so
_OLD, _NEW = "2.3.1", "2.4.0"


class _Log:
    """Lines with their times; `clock` is a text such as 07:00:10."""

    def __init__(self) -> None:
        self.lines: list[tuple[datetime, str]] = []
        self._messages = 0

    def say(self, clock: str, logger: str, text: str) -> None:
        hours, minutes, seconds = clock.split(":")
        at = _DAY + timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
        self.lines.append((at, f"INFO {logger}: {text}"))

    def call(self, clock: str, station: str, name: str, payload: Any, answer: Any = None) -> None:
        """A call of the station and its answer, or the other way round for a call of the CSMS."""
        self._messages += 1
        ours = name in {"Reset", "ChangeAvailability"}
        there, back = ("send", "receive message") if ours else ("receive message", "send")
        message = f"m{self._messages:04}"
        self.say(clock, "ocpp", f"{station}: {there} {_json([2, message, name, payload])}")
        if answer is not None:
            late = clock if "." in clock else f"{clock}.2"
            self.say(late, "ocpp", f"{station}: {back} {_json([3, message, answer])}")

    def text(self) -> str:
        ordered = sorted(self.lines, key=lambda line: line[0])
        return "".join(
            f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03} {line}\n" for at, line in ordered
        )


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class _Station:
    """One station of the log; OCPP 1.6 unless it is told otherwise."""

    def __init__(self, log: _Log, name: str, model: str = "EVB-22") -> None:
        self.log, self.name, self.model = log, name, model

    def opened(self, clock: str) -> "_Station":
        self.log.say(clock, "csms", f"{self.name} connected from 198.51.100.20")
        return self

    def closed(self, clock: str, code: int = 1000) -> "_Station":
        self.log.say(clock, "csms", f"{self.name} disconnected, code {code}")
        return self

    def boot(self, clock: str, firmware: str = _NEW) -> "_Station":
        payload = {
            "chargePointVendor": "Voltway",
            "chargePointModel": self.model,
            "firmwareVersion": firmware,
        }
        return self._booted(clock, payload)

    def boot_2(self, clock: str, reason: str = "PowerUp") -> "_Station":
        station = {"vendorName": "Voltway", "model": self.model, "firmwareVersion": _NEW}
        return self._booted(clock, {"reason": reason, "chargingStation": station})

    def _booted(self, clock: str, payload: dict[str, Any]) -> "_Station":
        answer = {"status": "Accepted", "currentTime": f"2026-06-01T{clock}Z", "interval": 86400}
        self.log.call(clock, self.name, "BootNotification", payload, answer)
        return self

    def status(
        self, clock: str, connector: int, status: str, error: str = "NoError", **more: str
    ) -> "_Station":
        payload = {"connectorId": connector, "errorCode": error, "status": status, **more}
        self.log.call(clock, self.name, "StatusNotification", payload, {})
        return self

    def status_2(self, clock: str, evse: int, status: str) -> "_Station":
        payload = {
            "timestamp": f"2026-06-01T{clock}Z",
            "connectorStatus": status,
            "evseId": evse,
            "connectorId": 1,
        }
        self.log.call(clock, self.name, "StatusNotification", payload, {})
        return self

    def tells(self, clock: str, name: str, payload: Any, answer: Any = None) -> "_Station":
        self.log.call(clock, self.name, name, payload, {} if answer is None else answer)
        return self

    def ordered(self, clock: str, name: str, payload: Any, answer: str) -> "_Station":
        self.log.call(clock, self.name, name, payload, {"status": answer})
        return self

    def online(self, clock: str = "06:00:05", firmware: str = _NEW) -> "_Station":
        """Connected, booted, connector 1 Available."""
        self.opened(clock).boot(_later(clock, 1), firmware)
        return self.status(_later(clock, 2), 1, "Available")


def _later(clock: str, seconds: int) -> str:
    at = datetime.strptime(clock, "%H:%M:%S") + timedelta(seconds=seconds)  # noqa: DTZ007
    return f"{at:%H:%M:%S}"


_BAD = ("Faulted", "InternalError")


def scenario() -> str:
    """The text of the log."""
    log = _Log()
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


def _add_thresholds(log: _Log) -> None:
    _Station(log, "CP-58-MINUTES").online().status("07:00:10", 1, *_BAD).status(
        "07:58:10", 1, "Available"
    )
    _Station(log, "CP-61-MINUTES").online().status("06:59:30", 1, *_BAD).status(
        "08:00:30", 1, "Available"
    )
    _Station(log, "CP-BETWEEN-SCANS").online().status("07:00:10", 1, *_BAD).status(
        "08:01:10", 1, "Available"
    )
    (
        _Station(log, "CP-FLIP")
        .online()
        .status("07:00:00", 1, *_BAD)
        .status("07:30:00", 1, "Unavailable")
        .status("07:50:00", 1, "Faulted", "OtherError")
        .status("09:00:00", 1, "Available")
    )


def _add_connections(log: _Log) -> None:
    (
        _Station(log, "CP-OFFLINE")
        .online()
        .status("07:00:00", 1, *_BAD)
        .closed("07:30:00")
        .opened("09:31:00")
        .boot("09:31:01")
        .status("09:31:02", 1, *_BAD)
        .status("11:00:00", 1, "Available")
    )
    _Station(log, "CP-GONE").online().status("07:00:00", 1, *_BAD).closed("07:30:00")
    (
        _Station(log, "CP-DEAD-LINK")
        .online()
        .status("07:00:00", 1, *_BAD)
        .closed("09:20:00", 1011)
        .opened("09:21:00")
        .boot("09:21:01")
        .status("09:21:02", 1, "Available")
    )


def _add_rules(log: _Log) -> None:
    _Station(log, "CP-GRACE").online().status("07:00:00", 1, *_BAD).status(
        "17:00:00", 1, "Available"
    )
    (
        _Station(log, "CP-UPDATED")
        .online(firmware=_OLD)
        .status("07:00:00", 1, *_BAD)
        .boot("09:10:00")
        .status("10:30:00", 1, "Available")
    )
    unknown = _Station(log, "CP-UNKNOWN").opened("06:00:05").status("06:00:07", 1, "Available")
    unknown.status("07:00:00", 1, *_BAD).status("12:00:00", 1, "Available")
    (
        _Station(log, "CP-TWO")
        .online()
        .status("06:00:08", 2, "Available")
        .status("06:00:09", 0, "Available")
        .status("07:00:00", 2, *_BAD)
        .status("11:00:00", 2, "Available")
        .status("13:00:00", 0, *_BAD)
        .status("15:00:00", 0, "Available")
    )
    duo = _Station(log, "CP-NO-ZERO", "Duo-44").online().status("06:00:08", 2, "Available")
    duo.status("07:00:00", 1, *_BAD).status("12:00:00", 1, "Available")


def _add_outlooks(log: _Log) -> None:
    (
        _Station(log, "CP-EMERGENCY")
        .online()
        .status("07:00:00", 1, "Faulted", "OtherError", vendorErrorCode="EmergencyStop")
        .status("07:30:00", 1, "Faulted")
    )
    (
        _Station(log, "CP-INOPERATIVE")
        .online()
        .ordered(
            "06:59:59", "ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}, "Accepted"
        )
        .status("07:00:00", 1, "Unavailable")
    )
    (
        _Station(log, "CP-UPDATING")
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
        _Station(log, "CP-CHARGING")
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


def _add_resets(log: _Log) -> None:
    (
        _Station(log, "CP-HEALED")
        .online()
        .status("07:00:00", 1, *_BAD)
        .ordered("09:00:00", "Reset", {"type": "Hard"}, "Accepted")
        .closed("09:00:05")
        .online("09:01:00")
    )
    (
        _Station(log, "CP-NOT-HEALED")
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


def _add_2_0_1(log: _Log) -> None:
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
        _Station(log, "CP-201", "Slim-2")
        .opened("06:00:05")
        .boot_2("06:00:06")
        .status_2("06:00:07", 1, "Available")
    )
    one.tells("07:00:00", "NotifyEvent", notice).status_2("07:00:01", 1, "Faulted")
    one.ordered("09:00:00", "Reset", {"type": "Immediate"}, "Accepted").boot_2(
        "09:01:01", "RemoteReset"
    )
    one.status_2("09:01:02", 1, "Faulted")
    two = _Station(log, "CP-201-TWO", "Slim-2D").opened("06:00:05").boot_2("06:00:06")
    two.status_2("06:00:07", 1, "Available").status_2("06:00:08", 2, "Available")
    two.status_2("07:00:00", 2, "Faulted").status_2("09:00:00", 2, "Available")
    two.ordered("10:00:00", "ChangeAvailability", {"operationalStatus": "Inoperative"}, "Accepted")
    two.ordered("12:00:00", "ChangeAvailability", {"operationalStatus": "Operative"}, "Accepted")


if __name__ == "__main__":
    sys.stdout.write(scenario())
