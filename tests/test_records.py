"""Tables and JSON documents as lines of JSON in their place."""

import io
import json
from typing import Any

import pytest

from ocpp_forensics.lines import LineStats
from ocpp_forensics.records import read_records
from ocpp_forensics.tables import find_table


def rows(text: str) -> tuple[list[tuple[int, int, str]], LineStats]:
    """Line number, byte offset and text of what a file is read as."""
    stats = LineStats()
    found: list[dict[str, Any]] = []
    for batch in read_records(io.BytesIO(text.encode()), 1, stats):
        found += batch.to_pylist()
    return [(row["line_no"], row["byte_offset"], row["text"]) for row in found], stats


def messages(header: str, *lines: str) -> list[tuple[str, str]]:
    """Time and message of the rows of a table."""
    table = find_table((header, *lines))
    assert table is not None
    given = [json.loads(text) for text in table.rows(lines) if text]
    return [(row["time"], row["message"]) for row in given]


def test_a_plain_log_stays_as_it_is() -> None:
    text = "2026-03-04 05:06:07 up\n  {\n  }\n"
    assert rows(text)[0] == [(1, 0, "2026-03-04 05:06:07 up"), (2, 23, "  {"), (3, 27, "  }")]


def test_json_lines_stay_as_they_are() -> None:
    text = '{"msg":"a","events":[]}\n{"msg":"b"}\n'
    assert [row[2] for row in rows(text)[0]] == text.splitlines()


def test_the_elements_of_a_list_stand_where_they_begin() -> None:
    found, stats = rows('[\n  {\n    "msg": "a"\n  },\n  {"msg": "b"}\n]\n')
    assert [row for row in found if row[2]] == [(2, 2, '{"msg": "a"}'), (5, 26, '{"msg": "b"}')]
    assert stats.lines == 6


def test_elements_on_one_line_are_numbered() -> None:
    found, stats = rows('[{"msg":"a"},{"msg":"b"}]')
    assert found == [(1, 0, '{"msg": "a"}'), (2, 0, '{"msg": "b"}')]
    assert stats.lines == 2


def test_a_list_inside_an_object_is_found() -> None:
    found, _ = rows('{\n "took": 3,\n "records": [\n  {"msg": "a"},\n  {"msg": "b"}\n ]\n}\n')
    assert [row[2] for row in found] == ['{"msg": "a"}', '{"msg": "b"}']


def test_objects_over_several_lines_follow_each_other() -> None:
    found, _ = rows('{\n "msg": "a"\n}\n{\n "msg": "b"\n}\n')
    assert [row[2] for row in found if row[2]] == ['{"msg": "a"}', '{"msg": "b"}']


def test_a_document_torn_in_its_last_element_keeps_the_others() -> None:
    found, _ = rows('[\n{"msg": "a"},\n{"msg": "b"},\n{"msg": "c')
    assert [row[2] for row in found] == ['{"msg": "a"}', '{"msg": "b"}']


def test_a_log_that_begins_in_the_middle_of_a_record_is_no_document() -> None:
    text = '{\n  "status": "Accepted"\n}\n]\n\n2026-03-04T05:06:07.890Z: SYS> Connected\n'
    assert rows(text)[0][-1][2] == "2026-03-04T05:06:07.890Z: SYS> Connected"


@pytest.mark.parametrize(
    ("header", "line", "time", "message"),
    [
        ("time,message", "2026-03-04 05:06:07,up", "2026-03-04 05:06:07", "up"),
        ("Date;Time;Text", "04.03.2026;05:06:07;up", "04.03.2026 05:06:07", "up"),
        ("date,event", "3/14/2026 05:06:07,up", "2026-03-14 05:06:07", "up"),
        ("date,event", "14/3/2026 05:06:07,up", "2026-03-14 05:06:07", "up"),
        ("date,event", '"3/4/2026, 5:06:07 PM",up', "3/4/2026, 5:06:07 PM", "up"),
        ("ts\tmsg", "2026-03-04 05:06:07\tup", "2026-03-04 05:06:07", "up"),
        (
            "Timestamp,Station,Action,Request",
            '2026-03-04 05:06:07,EV-7,Reset,"{""type"":""Hard""}"',
            "2026-03-04 05:06:07", '[2,"","Reset",{"type":"Hard"}]',
        ),
        (
            "Timestamp,Message ID,Call Type,Command,Payload",
            '2026-03-04 05:06:07,77,CALLRESULT,Reset,"{""status"":""Accepted""}"',
            "2026-03-04 05:06:07", '[3,"77",{"status":"Accepted"}]',
        ),
    ],
)  # fmt: skip
def test_a_row_says_when_and_what(header: str, line: str, time: str, message: str) -> None:
    assert messages(header, line) == [(time, message)]


def test_a_row_over_several_lines_is_one_record() -> None:
    assert messages("time,message", '2026-03-04 05:06:07,"lost,', 'code 1006"') == [
        ("2026-03-04 05:06:07", "lost,\ncode 1006")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-04 05:06:07, station up, message sent",
        'INFO:ocpp:EV-7: receive message [2, "1"]',
        "station,connector,power",
        "time | something else",
        '{"time":1,"message":"up"}',
    ],
)
def test_a_line_that_is_no_header_begins_no_table(line: str) -> None:
    assert find_table((line, "a,b")) is None
