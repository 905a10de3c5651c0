"""Ends of connections that no line tells of: the next connection does."""

import json
from pathlib import Path
from typing import Any

from tests.support import world

CONNECTING = "INFO ws connecting to wss://csms.example/ocpp/EV-0007"


def lost(folder: Path, logs: dict[str, str]) -> list[tuple[Any, ...]]:
    with world(folder, logs) as found:
        return found.rows(
            "SELECT strftime(ts, '%H:%M:%S'), initiator, station_saw, csms_saw, proxy_saw "
            "FROM lost ORDER BY ts"
        )


def station_log(*lines: str) -> dict[str, str]:
    return {"cp-EV-0007.log": "".join(f"2026-03-04T05:{line}\n" for line in lines)}


def test_a_station_that_tells_of_no_end_shows_it_by_its_next_attempt(tmp_path: Path) -> None:
    log = station_log(
        f"00:00.000Z {CONNECTING}",
        "00:01.000Z INFO ws connection established",
        "20:00.000Z INFO ws retrying in 5000 ms",
        f"20:05.000Z {CONNECTING}",
        "20:06.000Z INFO ws connection established",
    )
    assert lost(tmp_path, log) == [("05:20:00", None, True, False, False)]


def test_a_boot_ends_the_connection_that_stood(tmp_path: Path) -> None:
    log = station_log(
        f"00:00.000Z {CONNECTING}",
        "00:01.000Z INFO ws connection established",
        "20:00.000Z INFO main firmware 1.4 starting, reason: watchdog",
        f"20:35.000Z {CONNECTING}",
        "20:36.000Z INFO ws connection established",
    )
    assert [row[0] for row in lost(tmp_path, log)] == ["05:20:00"]


def test_an_attempt_that_opens_nothing_ends_nothing(tmp_path: Path) -> None:
    log = station_log(
        f"00:00.000Z {CONNECTING}",
        "00:01.000Z INFO ws connection established",
        "20:00.000Z INFO ws retrying in 5000 ms",
    )
    assert lost(tmp_path, log) == []


def test_a_station_that_counts_silence_hangs_up_itself(tmp_path: Path) -> None:
    log = station_log(
        f"00:00.000Z {CONNECTING}",
        "00:01.000Z INFO ws connection established",
        "02:01.000Z WARN ws nothing heard for 120 s, closing with 1001",
        f"02:06.000Z {CONNECTING}",
        "02:07.000Z INFO ws connection established",
    )
    assert lost(tmp_path, log) == [("05:02:01", "station", True, False, False)]


def test_a_csms_that_tells_of_no_end_had_lost_the_station_when_it_came_again(
    tmp_path: Path,
) -> None:
    log = {
        "csms.log": "".join(
            f"2026-03-04 05:{at}:00,000 INFO websockets.server connection open {station}\n"
            f"2026-03-04 05:{at}:01,000 INFO ocpp {station}: receive message "
            f'[2,"{at}","Heartbeat",{{}}]\n'
            for at, station in [("00", "EV-0007"), ("03", "EV-0008"), ("20", "EV-0007")]
        )
    }
    assert [row[0] for row in lost(tmp_path, log)] == ["05:20:00"]


def test_a_proxy_knows_the_beginning_that_lies_before_the_other_logs(tmp_path: Path) -> None:
    logs = {
        "csms.log": "2026-03-04 05:28:00,000 INFO csms CSMS starting\n"
        "2026-03-04 05:29:00,000 INFO csms EV-0008 connected\n"
        "2026-03-04 05:30:01,000 INFO csms EV-0007 disconnected: code 1006\n",
        "nginx-access.log": '198.51.100.7 - - [04/Mar/2026:05:30:00 +0000] "GET /ocpp/EV-0007 '
        'HTTP/1.1" 101 900 "-" "ws" rt=900.000 us="101"\n',
    }
    assert [row[2:] for row in lost(tmp_path, logs)] == [(False, True, True)]


def test_what_is_said_on_the_next_connection_is_not_said_on_the_dead_one(tmp_path: Path) -> None:
    csms: tuple[tuple[str, str, str, dict[str, int | str]], ...] = (
        ("00:00.000", "a1", "charge point connected", {}),
        ("19:00.000", "a1", 'received [2,"9","Heartbeat",{}]', {}),
        ("19:34.000", "b2", "charge point connected", {}),
        ("19:35.000", "b2", 'received [2,"1","Heartbeat",{}]', {}),
        ("19:54.000", "a1", "charge point disconnected", {"code": 1011, "reason": "ping timeout"}),
    )
    logs = station_log("19:26.000Z INFO main firmware 1.4 starting, reason: watchdog")
    logs["csms.json"] = "".join(
        json.dumps({
            "ts": f"2026-03-04T05:{time}Z", "level": "info", "msg": message,
            "charge_point_id": "EV-0007", "session_id": session, **more,
        }) + "\n"
        for time, session, message, more in csms
    )  # fmt: skip
    with world(tmp_path, logs) as found:
        ends = found.rows("SELECT code, round(silence_s), station_restarted FROM lost")
    assert ends == [(1011, 54, True)]


def test_an_end_that_one_side_finds_out_late_is_one_where_both_logs_begin_before_it(
    tmp_path: Path,
) -> None:
    logs = station_log(
        '00:00.000Z INFO ocpp send [2,"a","Heartbeat",{}]',
        "01:30.000Z WARN ws connection lost: no answer",
        f"03:00.000Z {CONNECTING}",
        "03:01.000Z INFO ws connection established",
    ) | {
        "csms.log": "".join(
            json.dumps({"ts": f"2026-03-04T05:{at}.000Z", "msg": what, "charge_point_id": name})
            + "\n"
            for at, what, name in [
                ("00:10", "charge point connected", "EV-0008"),
                ("02:40", "charge point disconnected", "EV-0007"),
                ("03:01", "charge point connected", "EV-0007"),
            ]
        )
    }
    assert lost(tmp_path, logs) == [("05:01:30", None, True, True, False)]


APACHE = '{ip} - - [04/Mar/2026:{at} +0000] "GET /ocpp/{cp} HTTP/1.1" 101 880 "-" "Fw/1" us={us}\n'


def spans(folder: Path, *rows: tuple[str, str, int]) -> list[tuple[str, str]]:
    """Begin and end of the connections of an access log: rows of (station, stamp, seconds)."""
    log = "".join(
        APACHE.format(ip="198.51.100.7", cp=station, at=at, us=seconds * 1_000_000)
        for station, at, seconds in rows
    )
    with world(folder, {"access.log": log}) as found:
        return found.rows(
            "SELECT strftime(open_ts, '%H:%M'), strftime(close_ts, '%H:%M') FROM connection "
            "ORDER BY open_ts"
        )


def test_stamps_that_go_back_in_a_file_are_beginnings(tmp_path: Path) -> None:
    rows = [("EV-0007", "05:20:00", 600), ("EV-0008", "05:10:00", 1800)]
    assert spans(tmp_path, *rows) == [("05:10", "05:40"), ("05:20", "05:30")]


def test_connections_of_one_station_do_not_overlap_again_and_again(tmp_path: Path) -> None:
    rows = [("EV-0007", f"05:{minute}:00", 540) for minute in ("00", "10", "20", "30")]
    ends = [(*row[:2], 660) for row in rows]
    begun = [("05:00", "05:11"), ("05:10", "05:21"), ("05:20", "05:31"), ("05:30", "05:41")]
    assert spans(tmp_path / "gaps", *rows)[0] == ("04:51", "05:00")
    assert spans(tmp_path / "overlaps", *ends) != begun


def test_stamps_are_beginnings_where_ends_would_overlap(tmp_path: Path) -> None:
    rows = [("EV-0007", "05:00:00", 600), ("EV-0007", "05:20:00", 1500),
            ("EV-0007", "05:46:00", 1800), ("EV-0007", "06:17:00", 1900)]  # fmt: skip
    assert spans(tmp_path, *rows)[0] == ("05:00", "05:10")


def test_stamps_are_beginnings_where_the_csms_tells_of_openings(tmp_path: Path) -> None:
    times = [("05:00:00", 600), ("05:20:00", 600)]
    opened = [
        {
            "ts": f"2026-03-04T{at}.500Z",
            "msg": "charge point connected",
            "charge_point_id": "EV-0007",
        }
        for at, _ in times
    ]
    access = "".join(
        APACHE.format(ip="198.51.100.7", cp="EV-0007", at=at, us=seconds * 1_000_000)
        for at, seconds in times
    )
    csms = "".join(json.dumps(each) + "\n" for each in opened)
    with world(tmp_path, {"access.log": access, "csms.log": csms}) as found:
        ends = "SELECT strftime(proxy_close_ts, '%H:%M') FROM connection ORDER BY open_ts"
        assert found.rows(ends) == [("05:10",), ("05:30",)]


def test_a_close_frame_that_the_station_notices_late_did_not_arrive(tmp_path: Path) -> None:
    said = (
        "session over: sent 1011 (internal error) keepalive ping timeout; no close frame received"
    )
    told = [
        ("00:01", "charge point connected"),
        ("10:00", said),
        ("11:00", "charge point connected"),
    ]
    csms = "".join(
        json.dumps({"ts": f"2026-03-04T05:{at}.000Z", "msg": what, "charge_point_id": name}) + "\n"
        for name in ("EV-0007", "EV-0008")
        for at, what in told
    )
    for noticed_at, dead in (("10:40", True), ("10:01", False)):
        log = station_log(
            f"00:00.000Z {CONNECTING}",
            "00:01.000Z INFO ws connection established",
            f"{noticed_at}.000Z WARN ws connection lost",
            f"10:55.000Z {CONNECTING}",
            "11:00.000Z INFO ws connection established",
        )
        with world(tmp_path / noticed_at[:2] / noticed_at[3:], log | {"csms.log": csms}) as found:
            ends = "SELECT code, initiator, path_dead FROM lost WHERE station = 'EV-0007'"
            assert found.rows(ends) == [(1011, "csms", dead)]


def test_messages_show_the_openings_that_no_line_tells_of(tmp_path: Path) -> None:
    """Ends alone, with messages in between: each ended a connection; without them it is one end."""

    def csms(*between: str) -> dict[str, str]:
        end = "ERROR gw cp=EV-0007 closed, code 1006 no close frame received or sent"
        beat = 'recv [2,"1","Heartbeat",{}]'
        lines = [f"05:0{n}:00.000 INFO gw cp=EV-000{n} {beat}" for n in (1, 7)]
        lines.append(f"05:10:00.000 {end}")
        lines += [*between, f"05:20:00.000 {end}"]
        return {"csms.log": "".join(f"2026-03-04 {line}\n" for line in lines)}

    beats = [f'05:{n}:00.000 INFO gw cp=EV-0007 recv [2,"{n}","Heartbeat",{{}}]' for n in (12, 16)]
    assert [row[0] for row in lost(tmp_path, csms(*beats))] == ["05:10:00", "05:20:00"]
    assert [row[0] for row in lost(tmp_path / "silent", csms())] == ["05:10:00"]


def test_a_message_after_an_attempt_shows_that_it_got_through(tmp_path: Path) -> None:
    beat = 'INFO ws send [2,"1","Heartbeat",{}]'
    log = station_log(
        f"00:00.000Z {CONNECTING}",
        f"00:01.000Z {beat}",
        "10:00.000Z WARN ws connection lost: code=1006",
        f"10:05.000Z {CONNECTING}",
        f"10:35.000Z {CONNECTING}",
        f"10:37.000Z {beat}",
        "20:00.000Z WARN ws connection lost: code=1006",
    )
    assert [row[0] for row in lost(tmp_path, log)] == ["05:10:00", "05:20:00"]
    with world(tmp_path, log) as found:
        assert found.rows("SELECT strftime(open_ts, '%M:%S') FROM connection ORDER BY 1") == [
            ("00:00",), ("10:35",)
        ]  # fmt: skip
