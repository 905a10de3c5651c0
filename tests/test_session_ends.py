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
    csms = (
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
