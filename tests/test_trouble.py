"""Trouble while connected: from frames to stretches, and the causes that explain them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from ocpp_forensics.model import Report
from tests.support import report_of

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
PROBLEM = {"connectorId": 1, "status": "Avail", "errorCode": "NoError"}
STOP = {"transactionId": 71, "meterStop": 1500, "timestamp": "2026-03-04T04:00:00Z"}


class Log:
    """Writes what a CSMS logs of one station that is connected all along."""

    def __init__(self, station: str) -> None:
        self.station = station
        self.lines: list[tuple[datetime, str]] = []
        self.write(0, "connection open", "websockets.server")
        self.asks(1, "BootNotification", BOOT, {"status": "Accepted", "interval": 300})
        self.commands(2, "GetConfiguration", {"configurationKey": []})
        self.asks(3, "StatusNotification", {"connectorId": 0}, {})
        self.asks(4, "StopTransaction", STOP | {"transactionId": 1}, {})

    def write(self, at_s: float, text: str, logger: str = "ocpp") -> None:
        ts = datetime(2026, 3, 4, 5, tzinfo=UTC) + timedelta(seconds=at_s)
        shown = f"{self.station}: {text}" if logger == "ocpp" else f"{text} {self.station}"
        stamp = f"{ts:%Y-%m-%d %H:%M:%S},{ts.microsecond // 1000:03}"
        self.lines.append((ts, f"{stamp} INFO {logger} {shown}"))

    def asks(
        self, at_s: float, action: str, body: object, answer: object = None, wait_s: float = 0.2
    ) -> None:
        """A CALL of the station and the answer of the CSMS, a list for a CALLERROR."""
        self._call("receive message", "send", (at_s, wait_s), [action, body], answer)

    def commands(
        self, at_s: float, action: str, answer: object = None, wait_s: float = 0.2
    ) -> None:
        """A CALL of the CSMS and the answer of the station."""
        self._call("send", "receive message", (at_s, wait_s), [action, {}], answer)

    def _call(
        self, there: str, back: str, when: tuple[float, float], call: list[object], answer: object
    ) -> None:
        at_s, wait_s = when
        number = f"{self.station}-{len(self.lines)}"
        self.write(at_s, f"{there} {json.dumps([2, number, *call])}")
        if answer is not None:
            frame = [4, number, *answer, {}] if isinstance(answer, list) else [3, number, answer]
            self.write(at_s + wait_s, f"{back} {json.dumps(frame)}")

    def heartbeats(self, from_s: int, to_s: int, *, answered: bool = True) -> None:
        for at_s in range(from_s, to_s, 300):
            self.asks(at_s, "Heartbeat", {}, {"currentTime": "2026"} if answered else None)

    def in_vain(self, times: Iterable[int]) -> None:
        for at_s in times:
            self.commands(at_s, "GetConfiguration")


def text(*logs: Log) -> str:
    return "".join(line + "\n" for _, line in sorted(each for log in logs for each in log.lines))


def healthy() -> Log:
    log = Log("EV-HEALTHY")
    log.heartbeats(300, 7200)
    return log


def deaf() -> Log:
    """Commands get no answer while heartbeats come."""
    log = Log("EV-DEAF")
    log.heartbeats(300, 7200)
    log.in_vain(range(1000, 5000, 500))
    return log


def hung() -> Log:
    """The CSMS answers nothing any more."""
    log = Log("EV-HUNG")
    log.heartbeats(300, 1500)
    log.heartbeats(1500, 7200, answered=False)
    return log


def slow() -> Log:
    log = Log("EV-SLOW")
    log.heartbeats(300, 7200)
    for at_s in range(1000, 5000, 400):
        log.commands(at_s, "ChangeConfiguration", {"status": "Accepted"}, 33)
    return log


def poisoned() -> Log:
    log = Log("EV-POISONED")
    log.heartbeats(300, 7200)
    for at_s in range(1000, 6000, 120):
        log.asks(at_s, "StopTransaction", STOP, ["InternalError", "no such transaction"])
    return log


def malformed() -> Log:
    log = Log("EV-MALFORMED")
    log.heartbeats(300, 7200)
    for at_s in range(1000, 6000, 700):
        log.asks(at_s, "StatusNotification", PROBLEM, ["PropertyConstraintViolation", "enum"])
    return log


def pending() -> Log:
    log = Log("EV-PENDING")
    for at_s in range(1000, 6000, 600):
        log.asks(at_s, "BootNotification", BOOT, {"status": "Pending", "interval": 600})
    return log


def single_faults() -> Log:
    """One of each fault, and a feature that the CSMS does not have."""
    log = Log("EV-ORDINARY")
    log.heartbeats(300, 7200)
    log.commands(1000, "GetConfiguration")
    log.commands(2000, "ClearCache", {"status": "Accepted"}, 40)
    log.asks(2500, "StatusNotification", PROBLEM, ["FormationViolation", "status"])
    for at_s in range(1000, 6000, 300):
        log.asks(at_s, "DataTransfer", {"vendorId": "v"}, ["NotImplemented", ""])
    return log


def dead() -> Log:
    """Commands get no answer, and nothing else comes either: the connection is dead."""
    log = Log("EV-DEAD")
    log.heartbeats(300, 1000)
    log.in_vain(range(1000, 5000, 500))
    return log


def accepted_late() -> Log:
    log = Log("EV-PATIENT")
    for at_s in (1000, 1060, 1120):
        log.asks(at_s, "BootNotification", BOOT, {"status": "Pending", "interval": 60})
    log.asks(1180, "BootNotification", BOOT, {"status": "Accepted", "interval": 60})
    log.heartbeats(1200, 7200)
    return log


def one_sided() -> Log:
    """A log that shows no answers to these actions."""
    log = Log("EV-ONESIDED")
    for at_s in range(300, 7200, 300):
        log.asks(at_s, "Heartbeat", {})
        log.asks(at_s + 7, "Authorize", {"idTag": "A1"})
    return log


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    troubled = (deaf(), hung(), slow(), poisoned(), malformed(), pending())
    well = (healthy(), single_faults(), dead(), accepted_late())
    logs = {"csms.log": text(*troubled, *well), "other/csms.log": text(one_sided())}
    return report_of(tmp_path_factory.mktemp("trouble"), logs)


@pytest.mark.parametrize(
    ("station", "cause", "first"),
    [
        ("EV-DEAF", "deaf-downlink", "a CALL that gets no answer"),
        ("EV-HUNG", "phantom-connection", "a CALL that gets no answer"),
        ("EV-SLOW", "call-timeout-storm", "a CALL that is answered late"),
        ("EV-POISONED", "transaction-queue-blocked", "a CALL that is answered with an error"),
        ("EV-MALFORMED", "invalid-response-rejected", "a CALL that is answered with an error"),
        ("EV-PENDING", "boot-not-accepted", "a BootNotification that is not accepted"),
    ],
)
def test_trouble_is_explained_and_shown(
    report: Report, station: str, cause: str, first: str
) -> None:
    (incident,) = [each for each in report.incidents if station in each.stations]
    assert (incident.cause, incident.symptom) == (cause, "application_trouble")
    assert (incident.stations, incident.episodes) == ((station,), 1)
    assert incident.evidence[0].why == first


def test_what_is_no_trouble_is_no_incident(report: Report) -> None:
    troubled = {station for each in report.incidents for station in each.stations}
    assert sorted(each.id for each in report.stations if each.id not in troubled) == [
        "EV-DEAD", "EV-HEALTHY", "EV-ONESIDED", "EV-ORDINARY", "EV-PATIENT",
    ]  # fmt: skip
