"""Stations that lose their connection again and again: their pace, ends that are told in part."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support import report_of, world

BEGIN = datetime(2026, 3, 4, 5, tzinfo=UTC)


def line(at_s: float, text: str, level: str = "debug") -> str:
    ts = (BEGIN + timedelta(seconds=at_s)).isoformat(timespec="milliseconds")
    return f"time={json.dumps(ts)} level={level} msg={json.dumps(text)} logger=ocppj\n"


def racing(rounds: int) -> str:
    """A deadline of a minute against Heartbeats every minute: each sixth comes too late."""
    told = [line(0, "read failed for EV-1: read tcp 192.0.2.1:80->192.0.2.9:40: i/o timeout")]
    at_s = 5.0
    for number in range(rounds):
        told.append(line(at_s, "upgraded websocket connection for EV-1 from 192.0.2.9:40001"))
        for beat in range(5):
            at_s += 50 if beat == 0 else 60
            key = f"h{number}-{beat}"
            call, answer = json.dumps([2, key, "Heartbeat", {}]), json.dumps([3, key, {}])
            told.append(line(at_s, f"received JSON message from EV-1: {call}"))
            told.append(line(at_s + 0.01, f"sent JSON message to EV-1: {answer}"))
        at_s += 60
        told.append(
            line(at_s, "read failed for EV-1: read tcp 192.0.2.1:80->192.0.2.9:40: i/o timeout")
        )
        at_s += 5
    told.append(line(at_s, "upgraded websocket connection for EV-1 from 192.0.2.9:40001"))
    return "".join(told)


def test_the_pace_of_heartbeats_is_told_by_themselves(tmp_path: Path) -> None:
    with world(tmp_path, {"csms.log": racing(4)}) as found:
        assert found.rows("SELECT DISTINCT beat_s FROM lost") == [(60.0,)]


def test_an_end_told_in_part_is_judged_like_those_that_look_the_same(tmp_path: Path) -> None:
    report = report_of(tmp_path, {"csms.log": racing(5)})
    (station,) = [each for each in report.stations if each.id == "EV-1"]
    assert [(each.cause, each.episodes) for each in station.causes] == [("keepalive-race", 6)]
    assert station.unexplained == 0


def outage(refused_s: tuple[float, ...], back_s: float) -> dict[str, str]:
    """Ten stations that are refused by the proxy so long, and then get in half a second apart."""
    lines: list[tuple[float, str]] = []
    for number in range(10):
        for at_s in (600 + number * 0.2 + each for each in refused_s):
            ts = BEGIN + timedelta(seconds=at_s)
            request = f'"GET /ocpp/EV-{number} HTTP/1.1" 502 150 "-" "fw"'
            lines.append((at_s, f"192.0.2.9 - - [{ts:%d/%b/%Y:%H:%M:%S +0000}] {request}\n"))
    opens = [line(600 + back_s + number / 2,
                  f"upgraded websocket connection for EV-{number} from 192.0.2.9:4000{number}")
             for number in range(10)]  # fmt: skip
    return {"nginx-access.log": "".join(text for _, text in sorted(lines)),
            "csms.log": line(0, "listening") + "".join(opens)}  # fmt: skip


def crowded(folder: Path, logs: dict[str, str]) -> float:
    with world(folder, logs) as found:
        ((share,),) = found.rows(
            "SELECT round(crowded_share, 1) FROM wave WHERE rejected_share > 0"
        )
    return float(share)


def test_attempts_that_fail_until_the_first_gets_in_are_no_crowd(tmp_path: Path) -> None:
    assert crowded(tmp_path, outage((0, 5, 10), 13)) == 0.0


def test_attempts_that_fail_while_others_get_in_are_a_crowd(tmp_path: Path) -> None:
    assert crowded(tmp_path, outage((0, 20, 24, 28, 32), 13)) == 0.8
