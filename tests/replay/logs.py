"""Logs of a CSMS for the tests of the replay, written station by station.

Every method takes a text such as 07:00:10, a time of the first of June 2026, in UTC.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Self

__all__ = ["NEW", "OLD", "Log", "Speaker"]

_DAY = datetime(2026, 6, 1)  # noqa: DTZ001 - the log is in UTC
OLD, NEW = "2.3.1", "2.4.0"


class Log:
    """Lines with their times."""

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


class Speaker:
    """One station of the log; OCPP 1.6 unless it is told otherwise."""

    def __init__(self, log: Log, name: str, model: str = "EVC-22") -> None:
        self.log, self.name, self.model = log, name, model

    def opened(self, clock: str) -> Self:
        self.log.say(clock, "csms", f"{self.name} connected from 198.51.100.20")
        return self

    def closed(self, clock: str, code: int = 1000) -> Self:
        self.log.say(clock, "csms", f"{self.name} disconnected, code {code}")
        return self

    def boot(self, clock: str, firmware: str = NEW) -> Self:
        payload = {
            "chargePointVendor": "Voltera",
            "chargePointModel": self.model,
            "firmwareVersion": firmware,
        }
        return self._booted(clock, payload)

    def boot_2(self, clock: str, reason: str = "PowerUp") -> Self:
        station = {"vendorName": "Voltera", "model": self.model, "firmwareVersion": NEW}
        return self._booted(clock, {"reason": reason, "chargingStation": station})

    def _booted(self, clock: str, payload: dict[str, Any]) -> Self:
        answer = {"status": "Accepted", "currentTime": f"2026-06-01T{clock}Z", "interval": 86400}
        self.log.call(clock, self.name, "BootNotification", payload, answer)
        return self

    def status(
        self, clock: str, connector: int, status: str, error: str = "NoError", **more: str
    ) -> Self:
        payload = {"connectorId": connector, "errorCode": error, "status": status, **more}
        self.log.call(clock, self.name, "StatusNotification", payload, {})
        return self

    def status_2(self, clock: str, evse: int, status: str) -> Self:
        payload = {
            "timestamp": f"2026-06-01T{clock}Z",
            "connectorStatus": status,
            "evseId": evse,
            "connectorId": 1,
        }
        self.log.call(clock, self.name, "StatusNotification", payload, {})
        return self

    def tells(self, clock: str, name: str, payload: Any, answer: Any = None) -> Self:
        self.log.call(clock, self.name, name, payload, {} if answer is None else answer)
        return self

    def alive(self, clock: str) -> Self:
        return self.tells(clock, "Heartbeat", {}, {"currentTime": f"2026-06-01T{clock}Z"})

    def ordered(self, clock: str, name: str, payload: Any, answer: str) -> Self:
        self.log.call(clock, self.name, name, payload, {"status": answer})
        return self

    def online(self, clock: str = "06:00:05", firmware: str = NEW) -> Self:
        """Connected, booted, connector 1 Available."""
        self.opened(clock).boot(_later(clock, 1), firmware)
        return self.status(_later(clock, 2), 1, "Available")


def _later(clock: str, seconds: int) -> str:
    at = datetime.strptime(clock, "%H:%M:%S") + timedelta(seconds=seconds)  # noqa: DTZ007
    return f"{at:%H:%M:%S}"
