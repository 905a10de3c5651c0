"""Open OCPP Trace: written from any log, and read back as the same messages."""

import json
from pathlib import Path

import pytest

from tests.reports import run, station_log
from tests.support import write_logs

DOCKER = [
    {"log": f"2026-05-01 10:00:0{n},5 INFO ocpp: CP9: {words}\n", "stream": "stderr",
     "time": f"2026-05-01T10:00:0{n}.5Z"}
    for n, words in enumerate((
        'receive message [2,"a:1","StatusNotification",'
        '{"connectorId":1,"status":"Faulted","info":"a \\"b\\""}]',
        'send [3,"a:1",{}]',
        'send [2,"7","Reset",{"type":"Hard"}]',
        'receive message [4,"7","NotSupported","no",{"x":[1]}]',
    ))
]  # fmt: skip
LOGS = {
    "station": {"cp-CP001.log": station_log()},
    "docker": {"csms.log": "\n".join(json.dumps(each) for each in DOCKER)},
}
MESSAGES = (
    "SELECT ts, station, direction, ocpp_type, ocpp_action FROM timeline WHERE ocpp_type > 0 "
    "ORDER BY ALL"
)


@pytest.mark.parametrize("name", LOGS)
def test_a_round_trip_keeps_messages(tmp_path: Path, name: str) -> None:
    logs = write_logs(tmp_path / "1", LOGS[name])
    trace = run("timeline", logs, "--format", "open-ocpp-trace")
    assert (trace.code, trace.err) == (0, "")
    back = write_logs(tmp_path / "2", {"trace.jsonl": trace.out})
    before, after = (run("query", each, MESSAGES, "--format", "csv").out for each in (logs, back))
    assert before.count("\n") >= 3
    assert after == before
    again = run("timeline", back, "--format", "open-ocpp-trace").out
    drop = [{**json.loads(line), "meta": None} for line in trace.out.splitlines()]
    assert [{**json.loads(line), "meta": None} for line in again.splitlines()] == drop


def test_records_have_the_members_of_the_schema(tmp_path: Path) -> None:
    out = run("timeline", write_logs(tmp_path, LOGS["docker"]), "-f", "open-ocpp-trace").out
    first, _, _, error = (json.loads(line) for line in out.splitlines())
    assert {key: value for key, value in first.items() if key != "raw"} == {
        "schemaVersion": "1.1", "timestamp": "2026-05-01T10:00:00.500Z", "transport": "json",
        "chargePointId": "CP9", "direction": "cp-to-csms", "messageType": "CALL",
        "messageId": "a:1", "action": "StatusNotification", "connectorId": 1,
        "payload": {"connectorId": 1, "status": "Faulted", "info": 'a "b"'},
        "meta": {"source": "csms.log", "line": 1},
    }  # fmt: skip
    assert json.loads(first["raw"])[3] == first["payload"]
    assert error["error"] == {"code": "NotSupported", "description": "no", "details": {"x": [1]}}


def test_a_message_in_two_logs_is_written_once(tmp_path: Path) -> None:
    csms = '2026-05-01 10:00:00,420 INFO ocpp: CP001: receive message [2,"a1","Heartbeat",{}]\n'
    station = '2026-05-01 10:00:00,400 INFO ocpp CP001: send [2,"a1","Heartbeat",{}]\n'
    logs = write_logs(tmp_path, {"csms.log": csms, "cp-CP001.log": station})
    assert run("timeline", logs, "-f", "open-ocpp-trace").out.count("\n") == 1


def test_a_cut_message_is_told(tmp_path: Path) -> None:
    cut = '2026-05-01 10:00:00,420 INFO ocpp: CP001: receive message [2,"a1","Heartbeat",{...\n'
    result = run("timeline", write_logs(tmp_path, {"csms.log": cut}), "-f", "open-ocpp-trace")
    assert (result.code, result.out) == (0, "")
    assert "1 messages were left out" in result.err
