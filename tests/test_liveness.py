"""Keepalives, deaf connections, stale closes and refused upgrades, from lines to causes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ocpp_forensics.model import Report
from tests.support import report_of

BEGIN = datetime(2026, 3, 4, 5, tzinfo=UTC)


class Logs:
    """What a CSMS (in Go, with connection ids) and a proxy write."""

    def __init__(self) -> None:
        self.csms: list[tuple[float, str]] = []
        self.proxy: list[tuple[float, str]] = []
        self.number = 0

    def says(self, at_s: float, text: str, **members: object) -> None:
        ts = BEGIN + timedelta(seconds=at_s)
        record = {"time": ts.isoformat(timespec="milliseconds"), "level": "info", "msg": text}
        self.csms.append((at_s, json.dumps(record | members)))

    def call(self, at_s: float, station: str, action: str, *, answered: bool = True) -> None:
        down = action == "GetConfiguration"
        self.number += 1
        call = json.dumps([2, f"m{self.number}", action, {}])
        self.says(at_s, f"{'sent' if down else 'received'} {call}", station=station)
        if answered:
            answer = json.dumps([3, f"m{self.number}", {}])
            self.says(at_s + 0.1, f"{'received' if down else 'sent'} {answer}", station=station)

    def access(self, at_s: float, station: str, status: int, version: str = "1.1") -> None:
        ts = BEGIN + timedelta(seconds=at_s)
        request = f'"GET /ocpp/{station} HTTP/{version}" {status} 150 "-" "fw"'
        self.proxy.append((at_s, f"192.0.2.9 - - [{ts:%d/%b/%Y:%H:%M:%S +0000}] {request}"))

    def files(self) -> dict[str, str]:
        texts = {"csms.log": self.csms, "nginx-access.log": self.proxy}
        return {
            name: "".join(f"{line}\n" for _, line in sorted(lines)) for name, lines in texts.items()
        }


def deaf(logs: Logs) -> None:
    """Commands get no answer until the station comes back; its heartbeats arrive all the time."""
    logs.says(0, "connection opened", station="EV-DEAF", session="d1")
    logs.call(5, "EV-DEAF", "GetConfiguration")
    for at_s in range(30, 1800, 60):
        logs.call(at_s, "EV-DEAF", "Heartbeat")
    for at_s in (600, 900, 1200):
        logs.call(at_s, "EV-DEAF", "GetConfiguration", answered=False)
    logs.says(1801, "connection closed: code=1006", station="EV-DEAF", session="d1")
    logs.says(1810, "connection opened", station="EV-DEAF", session="d2")


def stale(logs: Logs) -> None:
    """The station comes back; the close of its old connection ends the new one."""
    logs.says(0, "connection opened", station="EV-STALE", session="s1")
    logs.call(5, "EV-STALE", "Heartbeat")
    logs.says(600, "connection opened", station="EV-STALE", session="s2")
    logs.call(601, "EV-STALE", "Heartbeat")
    logs.call(655, "EV-STALE", "Heartbeat")
    logs.says(660, "connection closed: code=1006", station="EV-STALE", session="s1")
    logs.says(660.4, "connection closed: code=1006", station="EV-STALE", session="s2")
    logs.says(700, "connection opened", station="EV-STALE", session="s3")


def asked_in_http_2(logs: Logs) -> None:
    for at_s in range(0, 300, 30):
        logs.access(at_s, "EV-TWO", 400, "2.0")


def without_headers(logs: Logs) -> None:
    """The backend misses the Upgrade header, which the same proxy passes on for another station."""
    logs.access(2000, "EV-FINE", 101)
    for at_s in range(0, 300, 30):
        logs.access(at_s, "EV-PLAIN", 426)
        logs.says(at_s, "missing Upgrade header", station="EV-PLAIN")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    logs = Logs()
    for write in (deaf, stale, asked_in_http_2, without_headers):
        write(logs)
    return report_of(tmp_path_factory.mktemp("liveness"), logs.files())


@pytest.mark.parametrize(
    ("station", "episodes", "cause"),
    [
        # The stretch of commands in vain, and the loss of the connection.
        ("EV-DEAF", 2, "deaf-downlink"),
        ("EV-STALE", 1, "stale-close-kills-new-session"),
        ("EV-TWO", 1, "http-version-unsupported"),
        ("EV-PLAIN", 1, "station-omits-upgrade-header"),
    ],
)
def test_the_cause_is_found(report: Report, station: str, episodes: int, cause: str) -> None:
    incidents = [each for each in report.incidents if station in each.stations]
    assert [(each.cause, each.episodes) for each in incidents] == [(cause, episodes)]
