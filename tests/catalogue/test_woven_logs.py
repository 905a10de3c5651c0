"""Records of several lines of which a collector stamps every one, of two writers at once."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

import pytest

from tests.support import World, world

Wrap = Callable[[str, int, str], str]


def syslog(writer: str, second: int, text: str) -> str:
    return f"Mar  4 05:00:{second:02} gw1 ocppd[{writer}]: {text}"


def compose(writer: str, _second: int, text: str) -> str:
    return f"csms-{writer}  | {text}"


def docker(writer: str, second: int, text: str) -> str:
    stamp = f"2026-03-04T05:00:{second:02}.118000001Z"
    stream = "stdout" if writer == "1" else "stderr"
    return json.dumps({"log": f"{text}\n", "stream": stream, "time": stamp})


def cri(writer: str, second: int, text: str) -> str:
    stream = "stdout" if writer == "1" else "stderr"
    return f"2026-03-04T05:00:{second:02}.118000001Z {stream} F {text}"


def tagged(writer: str, second: int, text: str) -> str:
    return f"2026-03-04T05:00:{second:02}.118Z [worker-{writer}] {text}"


def said(station: str, second: int, words: str) -> str:
    return f"2026-03-04 05:00:{second:02},118 INFO ocpp: {station}: {words}"


def message(number: int) -> list[str]:
    """What a pretty printer writes below the first line of a message."""
    return ["  2,", f'  "{number}",', '  "Heartbeat",', "  {}", "]"]


def record(station: str, number: int) -> list[str]:
    """A message as a pretty printer writes it, behind the line that tells whose it is."""
    return [said(station, number, "receive message ["), *message(number)]


def trace(station: str, second: int) -> list[str]:
    return [
        said(station, second, "connection handler failed"),
        "Traceback (most recent call last):",
        '  File "server.py", line 77, in handler',
        "    await run()",
        "websockets.exceptions.ConnectionClosedError: no close frame received or sent",
    ]


def woven(wrap: Wrap, one: Sequence[str], other: Sequence[str]) -> str:
    """The lines of two writers in turn."""
    pairs = zip_longest(one, other)
    lines = [
        wrap(writer, place % 60, text)
        for place, pair in enumerate(pairs)
        for writer, text in zip("12", pair, strict=True)
        if text is not None
    ]
    return "\n".join(lines) + "\n"


def stamped(_writer: str, second: int, text: str) -> str:
    return f"2026-03-04T05:01:{second:02}.118Z {text}"


WRAPS = (syslog, compose, docker, cri)


def bundle() -> dict[str, str]:
    """Each wrapper with two writers, threads without a wrapper, one writer, and mere blanks."""
    logs = {}
    for count, wrap in enumerate(WRAPS, start=1):
        one = [line for n in range(10, 20) for line in record(f"GRZ-{count}1", n)]
        other = [line for n in range(30, 38) for line in record(f"GRZ-{count}2", n)]
        other += trace(f"GRZ-{count}2", 40)
        logs[f"{count}/all.log"] = woven(wrap, one, other)
    threads = (
        [line for n in numbers for line in [f"{name}: recv [", *message(n)]]
        for name, numbers in (("GRZ-61", range(9)), ("GRZ-62", range(20, 29)))
    )
    alone = [line for n in range(40, 46) for line in ["GRZ-63: recv [", *message(n)]]
    blanks = ["link up", "   connection closed 1006", "   connection closed 1001", "}"]
    return logs | {
        "threads.log": woven(tagged, *threads),
        "alone.log": woven(stamped, alone, []),
        "blanks.log": "\n".join(syslog("9", n, text) for n, text in enumerate(blanks)),
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("woven"), bundle()) as made:
        yield made


def test_records_of_two_writers_are_told_apart(found: World) -> None:
    rows = found.rows(
        "SELECT station, count(*) FROM event WHERE ocpp_action = 'Heartbeat' "
        "GROUP BY ALL ORDER BY 1"
    )
    wanted = [(f"GRZ-{count}{n}", 12 - 2 * n) for count in range(1, 5) for n in (1, 2)]
    assert rows[:8] == wanted
    assert found.rows("SELECT count(*) FROM event WHERE ts IS NULL") == [(0,)]


def test_a_stack_trace_stays_with_its_writer(found: World) -> None:
    rows = found.rows(
        "SELECT station FROM event JOIN part ON part_id = event_id >> 40 "
        "WHERE action = 'ws.close' AND path LIKE '%all.log' ORDER BY 1"
    )
    assert rows == [(f"GRZ-{count}2",) for count in range(1, 5)]


def test_no_line_is_lost(found: World) -> None:
    rows = found.rows("SELECT path, lines, records, continuation, unparsed FROM part ORDER BY path")
    assert [row[1:] for row in rows[:4]] == [(113, 19, 94, 0)] * 4


def test_threads_in_front_of_the_text_are_writers(found: World) -> None:
    rows = found.rows(
        "SELECT station, ocpp_action, count(*) FROM event WHERE station LIKE 'GRZ-6%' "
        "GROUP BY ALL ORDER BY 1"
    )
    assert rows == [(f"GRZ-6{n}", "Heartbeat", 9 if n < 3 else 6) for n in (1, 2, 3)]


def test_lines_that_merely_begin_with_blanks_stay_as_they_are(found: World) -> None:
    rows = found.rows("SELECT lines, records FROM part WHERE path LIKE '%blanks.log'")
    assert rows == [(4, 4)]
