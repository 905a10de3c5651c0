"""Every line is an event, the continuation of one, or counted as unparsed, whatever the text."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_forensics.binary import binary_kind
from tests.support import World, world

STAMPED = (
    "2026-03-04 05:06:07,000 INFO ocpp EV-7: up",
    '2026-03-04 05:06:07,000 INFO ocpp EV-7: receive message [2,"1","Heartbeat",{}]',
    "2026-03-04T05:06:07.890Z WARN ws connection closed: code=1006",
    "Mar  4 05:06:07 gw1 pppd[7]: Modem hangup",
    '{"level":30,"time":1772600767890,"msg":"client connected","identity":"EV-7"}',
    '{"log":"INFO:ocpp:up\\n","stream":"stderr","time":"2026-03-04T05:06:07.890123456Z"}',
    "[04.03.2026 05:06:07] <W> link: gone",
    "1772600767 something",
)
LOOSE = (
    "", "   ", "\tat org.example.Main(Main.java:7)", "Traceback (most recent call last):", "}", "{",
    "no time in here", "java.io.EOFException: null", '[2,"1","Heartbeat",{}]', "99:99:99 nonsense",
    "2026-13-45 05:06:07 INFO x", "\x1b[31mred\x1b[0m", "\x00\x00", "é€\ufeff", "a" * 3000,
)  # fmt: skip
LINES = st.lists(
    st.sampled_from(STAMPED + LOOSE)
    | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30),
    max_size=40,
)
FILES = st.lists(
    st.tuples(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans()), min_size=1, max_size=5
)


def counts_of(found: World) -> dict[str, tuple[int, int, int]]:
    return {
        path: (lines, records + continuation, unparsed)
        for path, lines, records, continuation, unparsed in found.rows(
            "SELECT path, lines, records, continuation, unparsed FROM part"
        )
    }


@settings(max_examples=10, deadline=None)
@given(FILES)
def test_total_is_events_and_continuation_and_unparsed(
    files: list[tuple[list[str], str, bool]],
) -> None:
    logs: dict[str, str | bytes] = {}
    expected = {}
    for number, (lines, end, ended) in enumerate(files):
        content = "".join(line.replace("\n", "") + end for line in lines)
        content = content if ended else content.removesuffix(end)
        logs[f"log{number}.log"] = content
        whole = content.split("\n")
        binary = binary_kind(content.encode("utf-8"))
        expected[f"logs/log{number}.log"] = 0 if binary else len(whole) - (whole[-1] == "")
    with tempfile.TemporaryDirectory() as folder, world(Path(folder), logs) as found:
        counted = counts_of(found)
        events = dict(
            found.rows(
                "SELECT p.path, coalesce(sum(e.line_count), 0) FROM part AS p "
                "LEFT JOIN event AS e ON e.event_id >> 40 = p.part_id GROUP BY ALL"
            )
        )
        twice = found.rows("SELECT event_id FROM event GROUP BY ALL HAVING count(*) > 1")
    assert twice == []
    for path, (total, understood, unparsed) in counted.items():
        assert total == understood + unparsed
        assert understood == events[path]
        assert min(understood, unparsed) >= 0
        assert total == next(size for name, size in expected.items() if name.endswith(path))


def test_a_stack_trace_belongs_to_the_record_above_it(tmp_path: Path) -> None:
    trace = (
        "java.io.EOFException: null\n\tat org.example.A(A.java:1)\n\tat org.example.B(B.java:2)\n"
    )
    record = "2026-03-04 05:06:07,000 ERROR ocpp EV-7: lost\n"
    with world(tmp_path, {"csms.log": record + trace + record}) as found:
        rows = found.rows(
            "SELECT line_count, byte_offset, byte_length FROM event ORDER BY event_id"
        )
        assert counts_of(found) == {"csms.log": (5, 5, 0)}
    assert [row[0] for row in rows] == [4, 1]
    assert rows[1][1] == len(record + trace)


def test_a_json_record_outlives_what_follows_it(tmp_path: Path) -> None:
    record = '{"level":30,"time":1772600767890,"msg":"client connected","identity":"EV-7"}\n'
    with world(tmp_path, {"csms.log": record * 3 + "Error: lost\n    at run (a.js:3)\n"}) as found:
        assert counts_of(found) == {"csms.log": (5, 5, 0)}
        assert found.rows("SELECT line_count, station FROM event ORDER BY event_id") == [
            (1, "EV-7"), (1, "EV-7"), (3, "EV-7")
        ]  # fmt: skip


def test_lines_before_the_first_record_are_unparsed(tmp_path: Path) -> None:
    log = "a header\n\n2026-03-04 05:06:07,000 INFO ocpp EV-7: up\n"
    with world(tmp_path, {"csms.log": log}) as found:
        assert counts_of(found) == {"csms.log": (3, 1, 2)}


def test_a_file_without_any_time_is_unparsed_as_a_whole(tmp_path: Path) -> None:
    with world(tmp_path, {"notes.txt": "call the customer\nsend the logs\n"}) as found:
        assert counts_of(found) == {"notes.txt": (2, 0, 2)}


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_lines(tmp_path: Path, content: bytes) -> None:
    other = b"2026-03-04 05:06:07,000 INFO ocpp EV-7: up\n"
    with world(tmp_path, {"empty.log": content, "csms.log": other}) as found:
        counted = {path.rpartition("/")[2]: each for path, each in counts_of(found).items()}
        assert counted == {"empty.log": (0, 0, 0), "csms.log": (1, 1, 0)}
