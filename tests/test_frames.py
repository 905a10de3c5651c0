"""OCPP-J frames wherever they stand in a line."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import world

HEAD = "2026-03-04 05:06:07,000 INFO ocpp EV-7: "


def frame_in(folder: Path, *lines: str) -> list[tuple[object, ...]]:
    with world(folder, {"csms.log": "".join(f"{line}\n" for line in lines)}) as found:
        return found.rows(
            "SELECT action::VARCHAR, ocpp_type, ocpp_action, truncated FROM event ORDER BY event_id"
        )


@pytest.mark.parametrize(
    "text",
    [
        'receive message [2,"19","Heartbeat",{}]',
        'receive message [2, "19", "Heartbeat", {}]',
        'receive message [ 2 , "19" , "Heartbeat" , {} ]',
        'receive message: <- [2,"19","Heartbeat",{}] (19 bytes)',
        'receive message "[2,\\"19\\",\\"Heartbeat\\",{}]"',
        'receive message "[2, \\"19\\", \\"Heartbeat\\", {}]"',
    ],
)
def test_a_call_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    assert frame_in(tmp_path, HEAD + text) == [("ocpp.call", 2, "Heartbeat", False)]


def test_results_and_errors_are_told_from_calls(tmp_path: Path) -> None:
    found = frame_in(
        tmp_path,
        HEAD + 'receive message [2,"19","BootNotification",{"chargePointModel":"M"}]',
        HEAD + 'send [3,"19",{"status":"Accepted","currentTime":"2026-03-04T05:06:07Z"}]',
        HEAD + 'send [4,"20","InternalError","",{}]',
    )
    assert [row[:2] for row in found] == [("ocpp.call", 2), ("ocpp.result", 3), ("ocpp.error", 4)]


def test_a_cut_frame_is_read_and_said_to_be_cut(tmp_path: Path) -> None:
    text = 'receive message [2,"19","MeterValues",{"connectorId":1,"meterValue":[{"timest...'
    assert frame_in(tmp_path, HEAD + text) == [("ocpp.call", 2, "MeterValues", True)]


def test_a_list_of_numbers_is_no_frame(tmp_path: Path) -> None:
    assert frame_in(tmp_path, HEAD + "values [2, 3, 4] read") == [
        ("log.message", None, None, False)
    ]


def test_the_frame_of_a_json_log_is_found_in_its_member(tmp_path: Path) -> None:
    frame = json.dumps([2, "19", "Heartbeat", {}])
    line = json.dumps({
        "time": "2026-03-04T05:06:07Z", "level": "info", "msg": "received", "identity": "EV-7",
        "frame": frame,
    })  # fmt: skip
    assert frame_in(tmp_path, line) == [("ocpp.call", 2, "Heartbeat", False)]


def test_the_direction_of_a_frame_is_that_of_its_action(tmp_path: Path) -> None:
    log = (
        f'{HEAD}receive message [2,"1","Heartbeat",{{}}]\n'
        f'{HEAD}send [3,"1",{{"currentTime":"2026-03-04T05:06:07Z"}}]\n'
        f'{HEAD}send [2,"2","Reset",{{"type":"Soft"}}]\n'
    )
    with world(tmp_path, {"csms.log": log}) as found:
        rows = found.rows("SELECT direction, station FROM event ORDER BY event_id")
    assert rows == [("to_csms", "EV-7"), ("to_station", "EV-7"), ("to_station", "EV-7")]


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Heartbeat", "StatusNotification", "MeterValues"]),
            st.dictionaries(st.text('abc"\\[]{},', max_size=5), st.text(max_size=10), max_size=3),
            st.sampled_from(["", " "]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_any_payload_is_a_frame(
    tmp_path: Path, calls: list[tuple[str, dict[str, str], str]]
) -> None:
    lines = [
        HEAD + "receive message "
        + json.dumps([2, f"m{number}", action, payload], separators=("," + blank, ":" + blank))
        for number, (action, payload, blank) in enumerate(calls)
    ]  # fmt: skip
    assert frame_in(tmp_path, *lines) == [("ocpp.call", 2, action, False) for action, _, _ in calls]
