"""Records of several lines of which a collector stamps every one, of two writers at once."""

import json
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path

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


def accounts(found: World) -> dict[str, tuple[int, ...]]:
    rows = found.rows("SELECT path, lines, records, continuation, unparsed FROM part")
    return {path.rpartition("/")[2]: tuple(numbers) for path, *numbers in rows}


def test_records_of_two_writers_are_told_apart(tmp_path: Path) -> None:
    wraps = (syslog, compose, docker, cri)
    logs = {}
    for count, wrap in enumerate(wraps, start=1):
        one = [line for n in range(10, 20) for line in record(f"GRZ-{count}1", n)]
        other = [line for n in range(30, 38) for line in record(f"GRZ-{count}2", n)]
        other += trace(f"GRZ-{count}2", 40)
        logs[f"{count}/all.log"] = woven(wrap, one, other)
    with world(tmp_path, logs) as seen:
        rows = seen.rows(
            "SELECT station, count(*) FILTER (ocpp_action = 'Heartbeat') FROM event "
            "WHERE ocpp_type = 2 GROUP BY ALL ORDER BY ALL"
        )
        wanted = [(f"GRZ-{count}{n}", 12 - 2 * n) for count in range(1, 5) for n in (1, 2)]
        assert rows == wanted
        assert seen.rows("SELECT count(*) FROM event WHERE ts IS NULL") == [(0,)]
        closed = seen.rows(
            "SELECT station, line_count FROM event WHERE action = 'ws.close' ORDER BY station"
        )
        assert [row[0] for row in closed] == [f"GRZ-{count}2" for count in range(1, 5)]
        for row in seen.rows("SELECT path, lines, records, continuation, unparsed FROM part"):
            assert row[1:] == (113, 19, 94, 0), row[0]


def test_lines_that_merely_begin_with_blanks_stay_as_they_are(tmp_path: Path) -> None:
    log = "\n".join([
        syslog("1", 1, "link up"),
        syslog("1", 2, "   connection closed 1006"),
        syslog("1", 3, "   connection closed 1001"),
        syslog("2", 4, "}"),
    ])  # fmt: skip
    with world(tmp_path, {"box.log": log}) as found:
        assert accounts(found) == {"box.log": (4, 4, 0, 0)}


def stamped(_writer: str, second: int, text: str) -> str:
    return f"2026-03-04T05:01:{second:02}.118Z {text}"


def test_threads_in_front_of_the_text_are_writers(tmp_path: Path) -> None:
    one, other = (
        [line for n in numbers for line in [f"{name}: recv [", *message(n)]]
        for name, numbers in (("GRZ-61", range(9)), ("GRZ-62", range(20, 29)))
    )
    alone = [line for n in range(40, 46) for line in ["GRZ-63: recv [", *message(n)]]
    logs = {"csms.log": woven(tagged, one, other), "alone.log": woven(stamped, alone, [])}
    with world(tmp_path, logs) as seen:
        rows = seen.rows("SELECT station, ocpp_action, count(*) FROM event GROUP BY ALL ORDER BY 1")
    assert rows == [(f"GRZ-6{n}", "Heartbeat", 9 if n < 3 else 6) for n in (1, 2, 3)]
