"""A log of a CSMS with 500 stations as SteVe's logback layout writes it: seeded, of any length.

Every station connects, boots, sends Heartbeats, StatusNotifications and MeterValues of its
transactions, and loses its connection now and then; some of the losses come with a stack trace.
About 250 bytes per line: four million lines are one gigabyte and about six days.
"""

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from uuid import UUID

__all__ = ["log_lines", "write_log"]

STATIONS = 500
_START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
_HEARTBEAT_S = 300.0
_METER_S = 60.0
_LOGGER = "de.rwth.idsg.steve.ocpp.ws.WebSocketLogger"
_TRACE = (
    "java.io.EOFException: null",
    "\tat org.apache.tomcat.util.net.NioEndpoint$NioSocketWrapper.read(NioEndpoint.java:1227)",
    "\tat org.apache.tomcat.websocket.server.WsFrameServer.onDataAvailable(WsFrameServer.java:74)",
    "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
)

_Entry = tuple[float, int, str]
"""Seconds since the start, the number of the station, and a record without its time."""


def write_log(path: Path, lines: int, seed: int = 1) -> None:
    """Write the first `lines` lines of the log that a seed stands for."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in log_lines(lines, seed))


def log_lines(lines: int, seed: int = 1) -> Iterator[str]:
    """The first `lines` lines of the log that a seed stands for."""
    stations = (_Station(number, seed).entries() for number in range(STATIONS))
    return islice(_stamped(heapq.merge(*stations)), lines)


def _stamped(entries: Iterator[_Entry]) -> Iterator[str]:
    for at_s, _, text in entries:
        level, rest = text[:7], text[7:]
        whole = int(at_s)
        stamp = f"{level} {_second(whole)},{int((at_s - whole) * 1000):03} {_LOGGER} "
        first, *trace = rest.split("\n")
        yield stamp + first
        yield from trace


@lru_cache(8)
def _second(at_s: int) -> str:
    return (_START + timedelta(seconds=at_s)).strftime("%Y-%m-%d %H:%M:%S")


class _Station:
    """One charging station with a generator of random numbers of its own."""

    def __init__(self, number: int, seed: int) -> None:
        self._random = random.Random(seed * STATIONS + number)
        self._number = number
        self._name = f"DE-HAM-{number:04}"
        self._session = ""
        self._mean_life_s = 7200.0 if number % 20 == 0 else 86400.0
        self._transaction = 0

    def entries(self) -> Iterator[_Entry]:
        """All that the CSMS logs about the station, without end."""
        at_s = self._random.uniform(0, 120)
        while True:
            ends_s = at_s + self._random.expovariate(1 / self._mean_life_s)
            yield from self._opened(at_s)
            yield from self._traffic(at_s + 1, ends_s)
            yield from self._closed(ends_s)
            at_s = ends_s + self._random.uniform(5, 60)

    def _entry(self, at_s: float, text: str, level: str = "[INFO ]") -> _Entry:
        thread = f"(qtp1843-{self._random.randrange(20, 220)})"
        prefix = f"{level}{thread} - [chargeBoxId={self._name}, sessionId={self._session}] "
        return at_s, self._number, prefix + text

    def _call(self, at_s: float, action: str, payload: str, answer: str) -> Iterator[_Entry]:
        message = self._random.randrange(10**9)
        yield self._entry(at_s, f'Received: [2,"{message}","{action}",{payload}]')
        late_s = at_s + self._random.uniform(0.002, 0.05)
        yield self._entry(late_s, f'Sending: [3,"{message}",{answer}]')

    def _opened(self, at_s: float) -> Iterator[_Entry]:
        self._session = str(UUID(int=self._random.getrandbits(128), version=4))
        yield self._entry(at_s, "Connection is established")
        vendor, model, firmware = (self._number % size for size in (3, 7, 5))
        boot = (
            f'{{"chargePointVendor":"Volt{vendor}","chargePointModel":"M{model}",'
            f'"chargePointSerialNumber":"S{self._number:08}","firmwareVersion":"1.{firmware}.2"}}'
        )
        answer = (
            f'{{"status":"Accepted","currentTime":"{_utc(at_s + 0.2)}",'
            f'"interval":{int(_HEARTBEAT_S)}}}'
        )
        yield from self._call(at_s + 0.2, "BootNotification", boot, answer)
        yield from self._status(at_s + 0.5, "Available")

    def _status(self, at_s: float, status: str) -> Iterator[_Entry]:
        payload = (
            f'{{"connectorId":1,"errorCode":"NoError","status":"{status}",'
            f'"timestamp":"{_utc(at_s)}"}}'
        )
        return self._call(at_s, "StatusNotification", payload, "{}")

    def _traffic(self, at_s: float, ends_s: float) -> Iterator[_Entry]:
        """Heartbeats, and transactions of half an hour on average about every two hours."""
        beat_s = at_s + _HEARTBEAT_S
        plugged_s = at_s + self._random.expovariate(1 / 5400)
        while min(beat_s, plugged_s) + 1 < ends_s:
            if beat_s <= plugged_s:
                yield from self._call(
                    beat_s, "Heartbeat", "{}", f'{{"currentTime":"{_utc(beat_s)}"}}'
                )
                beat_s += _HEARTBEAT_S
                continue
            unplugged_s = min(plugged_s + self._random.expovariate(1 / 1800), ends_s)
            yield from self._charge(plugged_s, unplugged_s, ends_s)
            beat_s = unplugged_s + _HEARTBEAT_S
            plugged_s = unplugged_s + 5 + self._random.expovariate(1 / 5400)

    def _charge(self, at_s: float, until_s: float, ends_s: float) -> Iterator[_Entry]:
        """One transaction; a station that sends MeterValues sends no Heartbeats meanwhile."""
        self._transaction += 1
        transaction = self._number * 1_000_000 + self._transaction
        start = (
            f'{{"connectorId":1,"idTag":"T{self._random.randrange(10**8):08}","meterStart":0,'
            f'"timestamp":"{_utc(at_s)}"}}'
        )
        answer = f'{{"transactionId":{transaction},"idTagInfo":{{"status":"Accepted"}}}}'
        yield from self._call(at_s, "StartTransaction", start, answer)
        yield from self._status(at_s + 0.1, "Charging")
        meter_s, energy = at_s + _METER_S, 0
        while meter_s + 1 < until_s:
            energy += self._random.randrange(100, 360)
            yield from self._call(
                meter_s, "MeterValues", _meter(meter_s, transaction, energy), "{}"
            )
            meter_s += _METER_S
        if until_s + 2 < ends_s:
            stop = (
                f'{{"transactionId":{transaction},"meterStop":{energy},"timestamp":"{_utc(until_s)}",'
                '"reason":"EVDisconnected"}'
            )
            yield from self._call(until_s, "StopTransaction", stop, "{}")
            yield from self._status(until_s + 0.1, "Available")

    def _closed(self, at_s: float) -> Iterator[_Entry]:
        if self._random.random() < 0.3:
            trace = "\n".join(("Transport error", *_TRACE))
            yield self._entry(at_s, trace, "[ERROR]")
        close = "Connection is closed, status: CloseStatus[code=1006, reason=null]"
        yield self._entry(at_s + 0.001, close, "[WARN ]")


def _meter(at_s: float, transaction: int, energy: int) -> str:
    return (
        f'{{"connectorId":1,"transactionId":{transaction},"meterValue":[{{"timestamp":"{_utc(at_s)}",'
        f'"sampledValue":[{{"value":"{energy}","context":"Sample.Periodic","measurand":'
        '"Energy.Active.Import.Register","unit":"Wh"}]}]}'
    )


def _utc(at_s: float) -> str:
    return f"{_second(int(at_s)).replace(' ', 'T')}.{int(at_s % 1 * 1000):03}Z"
