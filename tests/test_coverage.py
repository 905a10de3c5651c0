"""Holes in logs: seen, said, and never taken for silence of a station."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.engine import match_signatures
from tests.support import report_of, world

HOURS = range(5, 17)
HOLE = range(9, 12)


def line(minute: int, station: str, text: str) -> str:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    return f"2026-03-04 {clock}:00,000 INFO ocpp: {station}{text}\n"


def opened(minute: int, station: str) -> str:
    return line(minute, station, " connected from 192.0.2.7")


def beats(station: str, minutes: Iterable[int]) -> str:
    return "".join(
        line(minute, station, f': receive message [2,"{minute}","Heartbeat",{{}}]')
        + line(minute, station, f': send [3,"{minute}",{{}}]')
        for minute in minutes
    )


def csms(*, hole: bool, back: bool = False) -> str:
    """Two stations with a heartbeat every five minutes; lines of three hours may be missing."""
    left = [60 * hour + step for hour in HOURS for step in range(0, 60, 5)]
    if hole:
        left = [minute for minute in left if minute // 60 not in HOLE]
    told = opened(299, "EV-7") + opened(299, "EV-8")
    text = told + beats("EV-7", left) + beats("EV-8", left)
    if back:
        text += opened(719, "EV-7") + opened(719, "EV-8")
    return "".join(sorted(text.splitlines(keepends=True)))


def test_a_hole_ends_what_a_log_covers(tmp_path: Path) -> None:
    with world(tmp_path, {"csms.log": csms(hole=True)}) as found:
        spans = found.rows(
            "SELECT from_ts::TIME::VARCHAR, to_ts::TIME::VARCHAR FROM coverage ORDER BY from_ts"
        )
        gaps = found.rows(
            "SELECT ts::TIME::VARCHAR, silence_s, kind, station FROM key_event "
            "WHERE action = 'log.gap'"
        )
    assert spans == [("04:59:00", "08:55:00"), ("12:00:00", "16:55:00")]
    assert gaps == [("08:55:00", 11100.0, "csms", None)]


@pytest.mark.parametrize("log", [csms(hole=False), csms(hole=True, back=True)])
def test_a_silence_that_ends_with_new_connections_is_no_hole(tmp_path: Path, log: str) -> None:
    with world(tmp_path, {"csms.log": log}) as found:
        assert found.rows("SELECT * FROM hole") == []
        assert found.rows("SELECT count(*) FROM coverage") == [(1,)]


def test_silence_is_not_measured_across_a_hole(tmp_path: Path) -> None:
    """EV-7 closes right after the hole: when it spoke last is not known."""
    log = opened(299, "EV-7") + opened(299, "EV-8")
    log += beats("EV-7", range(300, 540, 5)) + beats("EV-8", range(300, 540, 5))
    log += beats("EV-8", [720]) + line(721, "EV-7", " connection closed, code 1006")
    log += beats("EV-8", range(725, 1000, 5))
    with world(tmp_path, {"csms.log": log}) as found:
        rows = found.rows("SELECT silence_s, csms_heard_s FROM lost WHERE station = 'EV-7'")
    assert rows == [(None, None)]


def test_the_report_says_where_a_log_has_holes_and_finds_nothing_wrong(tmp_path: Path) -> None:
    report = report_of(tmp_path, {"csms.log": csms(hole=True)})
    assert report.incidents == ()
    assert [(each.code, each.source, each.message) for each in report.warnings] == [(
        "log-gap", "csms.log",
        "no lines from 2026-03-04 08:55:00 to 12:00:00 UTC (3 h 5 min), while 2 stations went on: "
        "what happened in between is not known",
    )]  # fmt: skip


def test_frames_are_missing_while_the_log_level_is_lower(tmp_path: Path) -> None:
    """Lines of the CSMS itself go on; a connection that ends meanwhile has no known silence."""
    hours = "".join(
        f"2026-03-04 {minute // 60:02}:{minute % 60:02}:30,000 INFO jobs: tariffs are up to date\n"
        for minute in range(300, 1020, 5)
    )
    end = line(600, "EV-7", " connection closed, code 1006")
    text = "".join(sorted((csms(hole=True) + hours + end).splitlines(keepends=True)))
    report = report_of(tmp_path, {"csms.log": text})
    with world(tmp_path / "again", {"csms.log": text}) as found:
        assert found.rows("SELECT silence_s FROM lost") == [(None,)]
        assert found.rows("SELECT count(*) FROM coverage") == [(1,)]
    assert [each.message[:45] for each in report.warnings] == [
        "no OCPP messages (a lower log level) from 202"
    ]


def lowered(stations: Iterable[str], *, told: str = "") -> str:
    """Heartbeats of stations up to ten o'clock; jobs of the CSMS itself go on to five."""
    text = "".join(opened(299, each) + beats(each, range(300, 600, 5)) for each in stations)
    text += "".join(
        line(minute, "jobs", ": tariffs are up to date") for minute in range(300, 1020, 5)
    )
    return "".join(sorted((text + told).splitlines(keepends=True)))


FAULT = line(
    590, "EV-7",
    ': receive message [2,"f1","StatusNotification",{"connectorId":1,"errorCode":"OtherError",'
    '"status":"Faulted"}]',
)  # fmt: skip


def test_frames_that_never_come_back_are_missing_up_to_the_end(tmp_path: Path) -> None:
    """The log level was lowered for good: a fault is known for as long as frames are."""
    close = line(900, "EV-7", " connection closed, code 1006")
    log = lowered(["EV-7", "EV-8", "EV-9"], told=FAULT + close)
    with world(tmp_path, {"csms.log": log}) as found:
        assert found.rows("SELECT what, from_ts::TIME::VARCHAR FROM hole") == [
            ("frames", "09:55:00")
        ]
        assert found.rows("SELECT silence_s FROM lost") == [(None,)]
        assert found.rows("SELECT ts FROM stuck") == []
    report = report_of(tmp_path / "again", {"csms.log": log})
    assert [each.message for each in report.warnings if each.code == "log-gap"] == [
        "no OCPP messages from 2026-03-04 09:55:00 UTC to the end of the log (7 h), and no line "
        "tells that 3 stations went: a lower log level, or an outage of all; what happened since "
        "is not known"
    ]


@pytest.mark.parametrize(
    ("stations", "told"),
    [
        (["EV-7"], ""),
        (["EV-7", "EV-8"], line(600, "EV-7", " marked offline") + line(601, "EV-8", " timed out")),
    ],
)
def test_stations_that_fall_silent_have_no_hole(
    tmp_path: Path, stations: list[str], told: str
) -> None:
    gone = "".join(line(605, each, " connection closed, code 1006") for each in stations[1:])
    gone += line(605, "EV-7", " connection closed, code 1006") if told else ""
    with world(tmp_path, {"csms.log": lowered(stations, told=told + gone)}) as found:
        assert found.rows("SELECT * FROM hole") == []


def test_what_another_log_still_hears_is_missing_in_this_one(tmp_path: Path) -> None:
    own = beats("EV-7", range(300, 1015, 5)).replace("EV-7: receive message", "sent")
    own = own.replace("EV-7: send", "received")
    with world(tmp_path, {"csms.log": lowered(["EV-7"]), "EV-7.log": own}) as found:
        rows = found.rows(
            "SELECT what, path, from_ts::TIME::VARCHAR FROM hole JOIN source USING (source_id)"
        )
    assert rows == [("frames", "csms.log", "09:55:00")]


QUIET = """
signature quiet-after-opening {
  title "nothing is said after opening"
  advice boot-on-reconnect
  severity low
  match no ocpp.call for 10m after opened while connected by station
  ruled_out "something is said"
  first_check "the log"
  fix "none"
  test "quiet" {
    at 0s opened
    expect match at 0s
  }
}
"""


@pytest.mark.parametrize(("minute", "known"), [(540, True), (700, False)])
def test_no_message_is_missed_where_messages_are_missing(
    tmp_path: Path, *, minute: int, known: bool
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "quiet.sig").write_text(QUIET)
    library = load_signatures([tmp_path / "rules"], builtin=False, tests=False)
    log = lowered(["EV-7", "EV-8", "EV-9"], told=opened(minute, "EV-5"))
    with world(tmp_path, {"csms.log": log}) as found:
        match_signatures(found.store, library.signatures)
        rows = found.rows("SELECT known FROM candidate WHERE station = 'EV-5'")
    assert rows == [(known,)]
