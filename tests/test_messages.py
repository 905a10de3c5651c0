"""Messages whose parts stand in members: put together, and everything else left as it is."""

import json

import pytest

from ocpp_forensics.messages import find_parts, frame_of

BOOT = {"action": "BootNotification", "messageId": "1", "payload": {"chargePointModel": "EVC"}}


def together(*objects: object) -> list[str | None]:
    """The frame that each object of a file is given."""
    lines = [json.dumps(each) for each in objects]
    parts = find_parts(lines)
    assert parts is not None
    return [json.loads(parts.together(line)).get("ocpp_message") for line in lines]


@pytest.mark.parametrize(
    ("members", "frame"),
    [
        ({"messageTypeId": 2, **BOOT}, '[2,"1","BootNotification",{"chargePointModel":"EVC"}]'),
        ({"mt": "3", "messageId": "1", "payload": {"a": 1}}, '[3,"1",{"a":1}]'),
        ({"type": "CALLRESULT", "uid": 7}, '[3,"7",{}]'),
        ({"type": "CallError", "uid": "7", "errorCode": "Busy"}, '[4,"7","Busy","",{}]'),
        ({"id": "EV-7", "m": {"id": "7", "op": "Heartbeat", "mt": 2}}, '[2,"7","Heartbeat",{}]'),
        ({"frame": [2, "7", "Heartbeat", {}]}, '[2,"7","Heartbeat",{}]'),
        ({"op": "HeartbeatRequest", "uid": "7"}, '[2,"7","Heartbeat",{}]'),
        ({"op": "Heartbeat.conf", "uid": "7", "body": '{"a":"ü"}'}, '[3,"7",{"a":"ü"}]'),
        ({"mt": 2, "op": "Reset", "body": {"half": "\ud83d"}}, '[2,"","Reset",{"half":"?"}]'),
        ({"op": "LoginResponse", "uid": "7"}, None),
        ({"event": "Heartbeat", "station": "EV-7"}, None),
        ({"type": "error", "text": "no meter"}, None),
        ({"type": "request", "op": "restart", "uid": "7"}, None),
        ({"status": [2, 3]}, None),
    ],
)  # fmt: skip
def test_a_message_in_members_becomes_a_frame(members: object, frame: str | None) -> None:
    assert together({"type": "CALL", **BOOT}, members)[1] == frame


def test_without_a_type_the_second_message_of_an_id_answers_the_first() -> None:
    answer = {"action": "BootNotification", "messageId": "1", "payload": {"status": "Accepted"}}
    assert together(BOOT, answer, BOOT) == [
        frame_of(2, "1", "BootNotification", '{"chargePointModel":"EVC"}'),
        '[3,"1",{"status":"Accepted"}]',
        frame_of(2, "1", "BootNotification", '{"chargePointModel":"EVC"}'),
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"msg": "[2,\\"1\\",\\"Heartbeat\\",{}]", "action": "Heartbeat", "type": "CALL"}',
        '{"event": "Heartbeat", "station": "EV-7"}',
        '{"messageTypeId": 2, "action": "restart", "payload": {}}',
        '[2,"1","Heartbeat",{}]',
        '{"type": "CALL", "action"',
        "",
    ],
)
def test_other_files_are_left_as_they_are(line: str) -> None:
    assert find_parts([line]) is None


def test_other_lines_of_such_a_file_are_left_as_they_are() -> None:
    parts = find_parts([json.dumps(BOOT)])
    assert parts is not None
    for line in ('{"msg": "[2,\\"1\\",\\"Heartbeat\\",{}]"}', "{}", "plain words", '{"a": 1'):
        assert parts.together(line) == line
