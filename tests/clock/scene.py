"""One night of two stations, written by five logs whose clocks may be set in any way.

EV-1 is on a mobile network that gives its modem a new address now and then. EV-2 falls silent now
and then until the proxy times out, and loses power once. Makes the text of the logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["START", "Clock", "Layout", "logs"]

START = datetime(2026, 12, 31, 12, tzinfo=UTC)
HOURS = 20
POWER_LOSS = 545.0
"""Minute at which EV-2 loses power; it comes back four minutes later."""

_NEW_ADDRESS = (95.2, 331.7, 602.4, 780.9, 1103.6)
_SILENCE = (62.0, 240.0, 395.0, 811.0, 1010.0)
_QUIET_MIN = 21.0
_TIMED_OUT = (
    "[error] 77#77: *9 upstream timed out (110: Connection timed out) while proxying upgraded "
    "connection, client: 192.0.2.10, server: cs.example.net, "
    'request: "GET /ocpp/{station} HTTP/1.1", upstream: "http://192.0.2.2:9000/"'
)


@dataclass(frozen=True)
class Clock:
    """What a log writes at a true moment: in its zone, off, drifting, or fallen back to 1970.

    Units: hours east of UTC, seconds ahead, parts per million; `lost` are the minutes between
    which the clock counts from 1970 on.
    """

    zone_h: float = 0.0
    ahead_s: float = 0.0
    drift_ppm: float = 0.0
    lost: tuple[float, float] | None = None

    def wall(self, minute: float) -> datetime:
        at = START + timedelta(minutes=minute)
        if self.lost and self.lost[0] <= minute < self.lost[1]:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute - self.lost[0])
        else:
            run = 60 * minute * self.drift_ppm * 1e-6
            at += timedelta(seconds=self.ahead_s + run)
        return at + timedelta(hours=self.zone_h)


Layout = Mapping[str, Clock]
"""The clock of each log by its name; the others run right and in UTC."""


@dataclass
class _Night:
    """The lines of all logs with their true moments, in minutes after the start."""

    lines: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    number: int = 0

    def say(self, log: str, minute: float, text: str) -> None:
        self.lines.setdefault(log, []).append((minute, text))

    def call(self, station: str, minute: float, action: str, payload: str, answer: str) -> None:
        """A message from a station and its answer, as both sides log it."""
        self.number += 1
        log, key, second = f"{station}.log", f"m{self.number:05}", 1 / 60
        call, result = f'[2,"{key}","{action}",{payload}]', f'[3,"{key}",{answer}]'
        self.say(log, minute, f"ocpp: send {call}")
        self.say("csms.log", minute + 0.10 * second, f"{station}: receive message {call}")
        self.say("csms.log", minute + 0.12 * second, f"{station}: send {result}")
        self.say(log, minute + 0.22 * second, f"ocpp: receive message {result}")

    def heartbeat(self, station: str, minute: float) -> None:
        now = START + timedelta(minutes=minute + 0.1 / 60)
        answer = f'{{"currentTime":"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"}}'
        self.call(station, minute, "Heartbeat", "{}", answer)

    def connect(self, station: str, minute: float, address: str) -> None:
        self.say(f"{station}.log", minute, f"net: connecting to ws://cs.example.net/ocpp/{station}")
        self.say("csms.log", minute + 0.15 / 60, f"{station} connected from {address}")
        self.say(f"{station}.log", minute + 0.3 / 60, "net: websocket connected")

    def boot(self, station: str, minute: float) -> None:
        self.say(f"{station}.log", minute, "main: firmware 2.4.1 started")
        self.connect(station, minute + 0.2, "192.0.2.10")
        now = START + timedelta(minutes=minute + 0.25)
        payload = (
            '{"chargePointVendor":"Voltera","chargePointModel":"Duo","firmwareVersion":"2.4.1"}'
        )
        answer = f'{{"status":"Accepted","currentTime":"{now:%Y-%m-%dT%H:%M:%SZ}","interval":300}}'
        self.call(station, minute + 0.25, "BootNotification", payload, answer)


def _cellular(night: _Night) -> None:
    station = "EV-1"
    night.boot(station, 1.0)
    for address, minute in enumerate(_NEW_ADDRESS, start=21):
        night.say(
            "modem.log", minute - 0.2, f"IP_CHANGE old=192.0.2.{address - 1} new=192.0.2.{address}"
        )
        night.say(f"{station}.log", minute, "net: connection lost: no close frame received or sent")
        night.connect(station, minute + 0.15, f"192.0.2.{address}")
        night.say("csms.log", minute + 0.7, f"{station} connection closed, code 1006")
    for number in range(1, 12 * HOURS):
        night.heartbeat(station, 5.03 * number)


def _wired(night: _Night) -> None:
    station = "EV-2"
    night.boot(station, 2.0)
    silent = [(minute, minute + _QUIET_MIN) for minute in _SILENCE]
    for number in range(1, 15 * HOURS):
        minute = 4.0 * number + 0.4
        down = POWER_LOSS - 0.1 <= minute <= POWER_LOSS + 5.0
        if not down and not any(low < minute < high for low, high in silent):
            night.heartbeat(station, minute)
    for low, _ in silent:
        last = 4.0 * int((low - 0.4) // 4.0) + 0.4
        end = last + 20.004
        night.say("error.log", end, _TIMED_OUT.format(station=station))
        night.say("csms.log", end + 0.001, f"{station} connection closed, code 1006")
        night.say(
            f"{station}.log", end + 0.002, "net: connection lost: no close frame received or sent"
        )
        night.connect(station, end + 0.15, "192.0.2.10")
    night.say("csms.log", POWER_LOSS + 1.5, f"{station} connection closed, code 1006")
    night.boot(station, POWER_LOSS + 4.0)


def _stamp(log: str, wall: datetime) -> str:
    match log:
        case "csms.log":
            return f"{wall:%Y-%m-%d %H:%M:%S},{wall.microsecond // 1000:03} INFO ocpp: "
        case "EV-1.log":
            return f"{wall:%b} {wall.day:2} {wall:%H:%M:%S} ev-1 "
        case "error.log":
            return f"{wall:%Y/%m/%d %H:%M:%S} "
        case "modem.log":
            return f"{wall:%b} {wall.day:2} {wall:%H:%M:%S} gw1 modemd[7]: "
        case _:
            return f"{wall:%Y-%m-%d %H:%M:%S}.{wall.microsecond // 1000:03} "


def logs(clocks: Layout) -> dict[str, str]:
    """The five logs as they are written with these clocks: name -> text."""
    night = _Night()
    _cellular(night)
    _wired(night)
    written = {}
    for log, lines in night.lines.items():
        clock = clocks.get(log, Clock())
        ordered = sorted(lines, key=lambda line: line[0])
        written[log] = "".join(f"{_stamp(log, clock.wall(at))}{text}\n" for at, text in ordered)
    return written
