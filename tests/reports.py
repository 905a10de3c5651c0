"""Small logs and hand-made reports for the tests of the report and the command line."""

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from ocpp_forensics.cli.app import app
from ocpp_forensics.model import (
    ClockInfo,
    Evidence,
    Incident,
    MissingEvidence,
    NextStep,
    Outcome,
    PartReport,
    Report,
    RuledOut,
    SourceReport,
    StationCause,
    StationReport,
    Warn,
)

HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m [bold]x[/bold] \u202eevil \u2066 \x00\x7f\u2028"
)
ENVIRONMENT = {**os.environ, "COLUMNS": "100"}
COMMAND = (sys.executable, "-m", "ocpp_forensics")


def station_log(name: str = "CP001", note: str = "") -> str:
    """The log of a station that cannot come back: the CSMS shows an expired certificate."""
    failures = [
        f"2026-05-01 10:05:{second},000 ERROR    cp connection failed: SSLCertVerificationError: "
        f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired{note}"
        for second in range(10, 40, 5)
    ]
    return healthy_log(name) + "\n".join(failures) + "\n"


def healthy_log(name: str = "CP001") -> str:
    """The log of a station that has nothing to complain of."""
    return f"""\
2026-05-01 10:00:00,100 INFO     cp connecting to wss://csms.example/ocpp/{name}
2026-05-01 10:00:00,300 INFO     cp connected, subprotocol ocpp1.6
2026-05-01 10:00:00,400 INFO     ocpp {name}: send [2,"a1","BootNotification",\
{{"chargePointVendor":"Acme","chargePointModel":"M1","firmwareVersion":"1.0"}}]
2026-05-01 10:00:00,500 INFO     ocpp {name}: receive message [3,"a1",\
{{"status":"Accepted","currentTime":"2026-05-01T10:00:00.500Z","interval":300}}]
"""


@dataclass(frozen=True)
class Result:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    """Run a command in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Result(result.exit_code, result.stdout, result.stderr)


def spawn(*arguments: str | Path, stdin: bytes = b"") -> Result:
    """Run a command in a process of its own."""
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=ENVIRONMENT)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def moment(second: int = 0) -> datetime:
    return datetime.fromisoformat(f"2026-05-01T10:00:{second:02}.123456")


ASKED = MissingEvidence(
    "the proxy's log", ("proxy-reload",), "proxy", moment(), moment(30), 4,
    "the proxy's log, to tell it from proxy-reload",
)  # fmt: skip
STEP = NextStep(ASKED.sentence, "proxy", ("I1",), 2, 4)


def incident(text: str = "the line", **changes: Any) -> Incident:
    made = Incident(
        id="I1", cause="tls-certificate-expired", variant=None, title="The certificate has expired",
        severity="critical", confidence="high", symptom="never_connected", scope="stations",
        stations=("CP001", "CP002"), first_ts=moment(), last_ts=moment(30), episodes=2,
        occurrences=9, down_s=12.34567, summary="Two stations could not connect.", owner="csms",
        first_check="openssl s_client", fix=("Renew it",), signature="tls-certificate-expired",
        score=9.0, reasons=("+2 it says so",),
        evidence=(Evidence("a.log", 3, 120, moment(5), "CP001", text, "primary", "it says so"),),
        ruled_out=(RuledOut("tls-clock-skew", "no clock is wrong"),),
        missing_evidence=(ASKED,),
    )  # fmt: skip
    return replace(made, **changes)


def report(*incidents: Incident, **changes: Any) -> Report:
    clock = ClockInfo(1, "UTC", "assumed", 0.0, 0.5, 0, 0)
    part = PartReport("a.log", "0" * 64, 100, "python-logging")
    source = SourceReport(
        path="a.log", kind="station", format="python-logging", stations=("CP001",),
        station_basis="file name", sha256="0" * 64, bytes=100, total=10, events=7, continuation=2,
        unparsed=1, clock=clock, parts=(part,),
    )  # fmt: skip
    causes = tuple(StationCause(each.cause, each.episodes, 1.0) for each in incidents)
    station = StationReport("CP001", "Acme", "M1", "1.0", "cellular", 3, 2, 9, 0, causes)
    made = Report(
        version="0.1.0", signatures_sha256="1" * 64, bundle="case", bundle_sha256="2" * 64,
        first_ts=moment(), last_ts=moment(59), sources=(source,), incidents=incidents, advice=(),
        stations=(station, StationReport("CP002", None, None, None, None, 1, 0, 0, 0, ())),
        signatures=(
            Outcome("a", "match"), Outcome("b", "not_evaluable", ("proxy",), why="no proxy log"),
        ),
        warnings=(Warn("lines-unparsed", "1 of 10 lines", "a.log"),), seconds={"timeline": 1.0},
    )  # fmt: skip
    return replace(made, **changes)
