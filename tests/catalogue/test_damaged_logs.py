"""Logs as they really arrive: changed, cut, copied, glued, newest first."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import World, report_of, world

PLAIN = '2026-03-04 05:{:02}:{:02},118 INFO ocpp: GRZ-1: receive message [2,"{}","Heartbeat",{{}}]'
EVCC = '[ocpp  ] TRACE 2026/03/04 09:{:02}:{:02} recv GRZ-1: [2,"x{}","Heartbeat",{{}}]'
BIG = json.dumps([2, "big", "DataTransfer", {"vendorId": "x", "data": "A" * 40_000}])
CLOSED = "2026-03-04 05:59:12,118 ERROR ocpp: GRZ-1: connection closed 1006"


def plain(numbers: range) -> list[str]:
    return [PLAIN.format(n // 60, n % 60, n) for n in numbers]


def text(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def frames(found: World) -> list[tuple[str, str, str]]:
    return found.rows(
        "SELECT station, ocpp_action, strftime(ts, '%H:%M:%S') FROM event "
        "WHERE ocpp_type = 2 ORDER BY ts, event_id"
    )


def lines_of(found: World) -> dict[str, tuple[int, int, int, int, int]]:
    rows = found.rows(
        "SELECT path, lines, records, continuation, unparsed, coalesce(duplicates, 0) FROM part"
    )
    return {path: tuple(counts) for path, *counts in rows}


def test_a_few_lines_of_another_layout_are_records_of_their_own(tmp_path: Path) -> None:
    later = [EVCC.format(n // 60, n % 60, n) for n in range(3)]
    log = text(*plain(range(1000)), *later, *plain(range(1000, 1010)))
    with world(tmp_path, {"csms.log": log}) as found:
        assert lines_of(found) == {"csms.log": (1013, 1013, 0, 0, 0)}
        assert len(frames(found)) == 1013


def test_cut_ends_cost_no_more_than_themselves(tmp_path: Path) -> None:
    log = text(*plain(range(30)))[40:-30]
    with world(tmp_path, {"csms.log": log}) as found:
        assert lines_of(found) == {"csms.log": (30, 29, 0, 1, 0)}
        assert found.rows("SELECT count(*) FROM event WHERE truncated") == [(0,)]


def cri(line: str, stream: str = "stdout", size: int = 16_384) -> list[str]:
    pieces = [line[place : place + size] for place in range(0, len(line), size)]
    stamp = f"2026-03-04T{line[11:19]}.118000001Z"
    return [f"{stamp} {stream} P {piece}" for piece in pieces[:-1]] + [
        f"{stamp} {stream} F {pieces[-1]}"
    ]


def docker(line: str, size: int = 16_384) -> list[str]:
    pieces = [line[place : place + size] for place in range(0, len(line), size)]
    stamp = f"2026-03-04T{line[11:19]}.118000001Z"
    ends = [""] * (len(pieces) - 1) + ["\n"]
    return [
        json.dumps({"log": piece + end, "stream": "stderr", "time": stamp}, separators=(",", ":"))
        for piece, end in zip(pieces, ends, strict=True)
    ]


@pytest.mark.parametrize("wrap", [cri, docker])
def test_pieces_of_a_line_are_joined(tmp_path: Path, wrap: Callable[[str], list[str]]) -> None:
    big = plain(range(61, 62))[0].partition("[2,")[0] + BIG
    lines = [*plain(range(60, 61)), big, *plain(range(62, 63)), CLOSED]
    log = text(*(piece for line in lines for piece in wrap(line)))
    with world(tmp_path, {"pod.log": log}) as found:
        assert lines_of(found) == {"pod.log": (6, 4, 2, 0, 0)}
        assert [row[1] for row in frames(found)] == ["Heartbeat", "DataTransfer", "Heartbeat"]
        assert found.rows(
            "SELECT station, ws_code FROM event JOIN detail ON record_id = event_id"
        ) == [("GRZ-1", 1006)]
        assert found.rows("SELECT length(frame) >= 8000 FROM payload WHERE frame LIKE '%AAA%'") == [
            (True,)
        ]


def test_pieces_of_two_streams_do_not_mix(tmp_path: Path) -> None:
    big = plain(range(61, 62))[0].partition("[2,")[0] + BIG
    first, *rest = cri(big)
    log = text(first, *cri(plain(range(60, 61))[0], "stderr"), *rest, *cri(CLOSED))
    with world(tmp_path, {"pod.log": log}) as found:
        assert lines_of(found) == {"pod.log": (5, 3, 2, 0, 0)}
        assert [row[1] for row in frames(found)] == ["Heartbeat", "DataTransfer"]


def test_a_cut_line_without_an_end_holds_nothing_back(tmp_path: Path) -> None:
    lines = [piece for line in plain(range(3000)) for piece in cri(line)]
    lines.insert(5, lines[5].replace(" stdout F ", " other P ").replace(" other ", " stderr "))
    with world(tmp_path, {"pod.log": text(*lines)}) as found:
        assert lines_of(found)["pod.log"][1:] == (3001, 0, 0, 0)


def test_a_copy_of_a_log_counts_once(tmp_path: Path) -> None:
    log = text(*plain(range(30)))
    with world(tmp_path, {"csms.log": log, "again/export.log": log}) as found:
        assert len(frames(found)) == 30
        assert lines_of(found) == {
            "again/export.log": (30, 30, 0, 0, 0), "csms.log": (0, 0, 0, 0, 30)
        }  # fmt: skip


def test_lines_of_one_station_taken_out_of_a_log_count_once(tmp_path: Path) -> None:
    other = [line.replace("GRZ-1", "GRZ-2") for line in plain(range(40))]
    whole = sorted([*plain(range(40)), *other])
    with world(tmp_path, {"csms.log": text(*whole), "GRZ-1.log": text(*plain(range(40)))}) as found:
        assert len(frames(found)) == 80
        assert lines_of(found)["GRZ-1.log"] == (0, 0, 0, 0, 40)


@pytest.mark.parametrize("names", [("csms.log.1", "csms.log"), ("a.log", "b.log")])
def test_overlapping_files_count_once(tmp_path: Path, names: tuple[str, str]) -> None:
    logs = dict(zip(names, (text(*plain(range(30))), text(*plain(range(15, 50)))), strict=True))
    with world(tmp_path, logs) as found:
        assert len(frames(found)) == 50
        assert sum(counts[4] for counts in lines_of(found).values()) == 15


def test_the_report_tells_what_counts_once(tmp_path: Path) -> None:
    log = text(*plain(range(30)))
    report = report_of(tmp_path, {"csms.log": log, "old/csms.log": log})
    told = [each for each in report.warnings if each.code == "lines-duplicate"]
    assert [(each.source, each.message, each.incomplete) for each in told] == [
        ("old/csms.log", "30 lines stand in csms.log as well: they count once", False)
    ]
    for source in report.sources:
        assert source.total == source.events + source.continuation + source.unparsed


def test_stations_that_log_alike_are_no_copies(tmp_path: Path) -> None:
    """Whole seconds and no ids: the same words at the same time may well be two stations."""
    log = text(*(f"2026-03-04 05:{n:02}:00 INFO sending heartbeat" for n in range(50)))
    with world(tmp_path, {"GRZ-1.log": log, "GRZ-2.log": log}) as found:
        assert [counts[4] for counts in lines_of(found).values()] == [0, 0]


def test_a_line_that_is_written_twice_counts_twice(tmp_path: Path) -> None:
    with world(tmp_path, {"csms.log": text(*plain(range(9)), *plain(range(9)))}) as found:
        assert len(frames(found)) == 18


def export(lines: list[tuple[str, str]]) -> str:
    rows = ['{};GRZ-1;"{}"'.format(time, words.replace('"', '""')) for time, words in lines]
    return text("Zeitstempel;Ladestation;Nachricht", *rows)


def test_an_export_from_the_newest_to_the_oldest_is_turned_round(tmp_path: Path) -> None:
    rows = []
    for n in range(30):
        time = f"04.03.2026 {5 + n // 2:02}:{n % 2 * 30:02}:00"
        stamp = f"2026-03-04T{5 + n // 2:02}:{n % 2 * 30:02}:00Z"
        rows.append((time, f'[2,"{n}","Heartbeat",{{}}]'))
        rows.append((time, f'[3,"{n}",{{"currentTime":"{stamp}"}}]'))
    ask = "SELECT station, ocpp_type, strftime(ts, '%d. %H:%M:%S') FROM event ORDER BY ts, event_id"
    with world(tmp_path / "1", {"export.csv": export(rows)}) as found:
        oldest_first = found.rows(ask)
    with world(tmp_path / "2", {"export.csv": export(rows[::-1])}) as found:
        assert found.rows(ask) == oldest_first
    assert oldest_first[:2] == [("GRZ-1", 2, "04. 05:00:00"), ("GRZ-1", 3, "04. 05:00:00")]


def test_a_log_in_no_known_format_is_read_by_a_layout_of_its_own(tmp_path: Path) -> None:
    lines = [
        f'<{name}> {{{level}}} @04.03.2026-05:{n:02}:07# rx [2,"{n}","Heartbeat",{{}}]'
        for n, (name, level) in enumerate([("GRZ-1", "I"), ("GRZ-2", "W")] * 9)
    ]
    other = [line.replace("2026-05", "2026 05") for line in lines]
    with world(tmp_path, {"vendor.log": text("Gateway 7", *other, "  at x")}) as found:
        assert lines_of(found) == {"vendor.log": (20, 18, 1, 1, 0)}
        assert {row[0] for row in frames(found)} == {"GRZ-1", "GRZ-2"}
        assert found.rows("SELECT format FROM part") == [("drafted-1",)]


def test_prose_with_a_few_dates_is_no_log(tmp_path: Path) -> None:
    prose = [
        f"We met on 2026-03-0{n} 10:00:00 and\ntalked about\nthe charger." for n in range(1, 9)
    ]
    with world(tmp_path, {"notes.txt": text(*prose), "b.log": text(*plain(range(3)))}) as found:
        assert found.rows("SELECT format, records FROM part WHERE path = 'notes.txt'") == [
            ("unknown", 0)
        ]


def test_empty_files_stand_in_nobodys_way(tmp_path: Path) -> None:
    with world(tmp_path, {"a.log": "", "b.log": text(*plain(range(3))), "c.json": " "}) as found:
        assert len(frames(found)) == 3
        assert lines_of(found)["a.log"] == (0, 0, 0, 0, 0)
