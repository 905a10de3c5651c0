"""Bundles without the lines that tell: the answer gets weaker, it does not become another one."""

import json
import re
import shutil
from pathlib import Path

import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.model import Report
from ocpp_forensics.resources import data_dir
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options

TELLING = {
    "heartbeat-timeout": r"no heartbeat for|heartbeat timeout",
    "cellular-ip-change": r"wwand",
    "proxy-idle-timeout": r"upstream timed out",
    "tls-certificate-expired": r"(?i)expired|ssl",
    "csms-restart": r"shutdown hook|rollout|release|bound on|1012|service restart",
    "ws-ping-timeout": r"keepalive|1011",
    "proxy-upgrade-blocked": r"426",
    "station-stuck": r"Faulted",
}


def report_of(logs: Path) -> Report:
    with open_bundle([logs]) as bundle, Store() as store:
        return diagnose(store, bundle, load_signatures(tests=False), Options())


def without(logs: Path, target: Path, telling: str) -> int:
    """Copy plain logs without the lines that match; gives how many were left out."""
    shutil.copytree(logs, target)
    removed = 0
    for path in (each for each in target.rglob("*") if each.is_file()):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not re.search(telling.encode(), line)]
        removed += len(lines) - len(kept)
        path.write_bytes(b"".join(kept))
    return removed


def strengths(report: Report, station: str) -> dict[str, tuple[float, str]]:
    """The causes named for a station: cause -> (score, confidence)."""
    return {
        each.cause: (each.score, each.confidence)
        for each in report.incidents
        if station in each.stations and each.signature
    }


@pytest.mark.parametrize("name", TELLING)
def test_answer_gets_weaker_and_stays_true(name: str, tmp_path: Path) -> None:
    bundle = data_dir("fixtures") / name
    truth = json.loads((bundle / "truth.json").read_text(encoding="utf-8"))["charge_points"]
    whole = report_of(bundle / "logs")
    assert without(bundle / "logs", tmp_path / "logs", TELLING[name]) > 0
    bereft = report_of(tmp_path / "logs")
    affected = [station for station, each in truth.items() if each["root_causes"]]
    assert affected
    for station in affected:
        fair = {*truth[station]["root_causes"], *truth[station].get("acceptable", [])}
        before, after = strengths(whole, station), strengths(bereft, station)
        cause = truth[station]["root_causes"][0]
        assert cause in before
        assert cause not in after or after[cause][0] < before[cause][0]
        sure = {other for other, (_, confidence) in after.items() if confidence == "high"}
        assert sure <= fair
