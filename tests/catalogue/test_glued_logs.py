"""Records without a line end between them, as after a crash: each is one of its own."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.support import World, world

Layout = Callable[[int], str]

CLOSED = "2026-03-04 05:59:12,118 ERROR ocpp: GRZ-1: connection closed 1006"


def plain(n: int) -> str:
    frame = f'[2,"{n}","Heartbeat",{{}}]'
    return f"2026-03-04 05:00:{n:02},118 INFO ocpp: GRZ-1: receive message {frame}"


def syslog(n: int) -> str:
    return f'Mar  4 05:00:{n:02} gw1 ocppd[77]: GRZ-1 recv [2,"{n}","Heartbeat",{{}}]'


def stamped(n: int) -> str:
    return f'2026-03-04T05:00:{n:02}Z INFO GRZ-1 recv [2,"{n}","Heartbeat",{{}}]'


def structured(n: int) -> str:
    frame = f'[2,"{n}","Heartbeat",{{}}]'
    stamp = f"2026-03-04T05:00:{n:02}.118Z"
    return json.dumps(
        {"level": 30, "time": stamp, "identity": "GRZ-1", "msg": frame}, separators=(",", ":")
    )


def counts(found: World) -> dict[str, tuple[int, ...]]:
    rows = found.rows("SELECT path, lines, records, continuation, unparsed FROM part")
    return {path: tuple(numbers) for path, *numbers in rows}


def records(layout: Layout, torn: int) -> list[str]:
    return [layout(n).replace("GRZ-1", f"GRZ-{torn + 1}") for n in range(20)]


def written(layout: Layout, torn: int) -> str:
    """Twenty records, the fifth and the sixth on one line; the fifth may lack its end."""
    lines = records(layout, torn)
    glued = lines[4][: len(lines[4]) - torn] + lines[5]
    return "\n".join([*lines[:4], glued, *lines[6:]]) + "\n"


LAYOUTS = {
    f"{layout.__name__}-{torn}.log": (layout, torn)
    for layout in (plain, syslog, stamped, structured)
    for torn in (0, 12, 21)
}


def test_a_record_glued_to_another_is_one_of_its_own(tmp_path: Path) -> None:
    logs = {name: written(*how) for name, how in LAYOUTS.items()}
    with world(tmp_path, logs) as found:
        found.store.run_file("timeline")
        for name, how in LAYOUTS.items():
            lines, understood, continuation, unparsed = counts(found)[name]
            assert lines == understood + continuation + unparsed == 20, name
            rows = found.rows(
                "SELECT line, byte_offset, ocpp_action FROM timeline "
                f"WHERE source = '{name}' ORDER BY event_id"
            )
            assert sum(row[2] == "Heartbeat" for row in rows) >= 19, name
            places = [row[:2] for row in rows]
            whole, texts = logs[name].encode(), [each.encode() for each in records(*how)]
            assert places[-1] == (19, whole.index(texts[19])), name
            assert (5, whole.index(texts[5])) in places, name


def test_what_is_no_record_stays_where_it_is(tmp_path: Path) -> None:
    """Times in a message, objects in an object, file names; but a record ends a stack trace."""
    stamps = '{"timestamp":"2026-03-04T05:01:00Z","at":"2026-03-04 05:01:00,118"}'
    said = [
        *map(plain, range(9)),
        plain(9).replace("{}", stamps),
        "2026-03-04 05:02:00,118 INFO ocpp: last seen 2026-03-04 05:01:00,118 INFO of GRZ-1",
        "2026-03-04 05:02:01,118 INFO ocpp: opened log-2026-03-04 05:01:00,118 INFO a: b",
    ]
    nested = [structured(n).replace('"msg"', '"said":{"level":1},"msg"') for n in range(9)]
    trace = "\n".join(["Traceback (most recent call last):", '  File "a.py", line 3, in run'])
    other = [plain(n).replace("GRZ-1", "GRZ-2") for n in range(10)]
    logs = {
        "plain.log": "\n".join(said),
        "nested.log": "\n".join(nested).replace("GRZ-1", "GRZ-3"),
        "trace.log": "\n".join([*other[:9], trace + other[9], CLOSED.replace("GRZ-1", "GRZ-2")]),
    }
    with world(tmp_path, logs) as found:
        assert counts(found) == {
            "plain.log": (12, 12, 0, 0), "nested.log": (9, 9, 0, 0), "trace.log": (13, 11, 2, 0)
        }  # fmt: skip
