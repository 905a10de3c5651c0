"""Outages of a modem, and what took its service when a connection ended."""

import json
from pathlib import Path
from typing import Any

from tests.support import world


def lost(folder: Path, *modem: str) -> list[tuple[Any, ...]]:
    """A station that was last heard at 05:09:00 and came back at 05:14:00."""
    csms = [
        ("00:00", "EV-0007", "charge point connected"),
        ("09:00", "EV-0007", 'received [2,"a","Heartbeat",{}]'),
        ("11:00", "EV-0007", "charge point disconnected"),
        ("13:00", "EV-0008", "charge point connected"),
        ("14:00", "EV-0007", "charge point connected"),
    ]
    logs = {
        "csms.log": "".join(
            json.dumps({
                "ts": f"2026-03-04T05:{at}.000Z",
                "msg": message,
                "charge_point_id": station,
            })
            + "\n"
            for at, station, message in csms
        ),
        "modem-EV-0007.txt": "".join(f"2026-03-04 05:{line}\n" for line in modem),
    }
    with world(folder, logs) as found:
        return found.rows("SELECT outage, outage_s, outage_moved FROM lost")


START = '00:01.000 < +CGPADDR: 1,"10.1.2.3"'


def test_the_network_ended_the_session_and_gave_another_address(tmp_path: Path) -> None:
    back = ["11:09.000 > AT+CGPADDR=1", '11:10.000 < +CGPADDR: 1,"10.9.9.9"']
    modem = [START, "09:30.000 < +CGEV: NW PDN DEACT 1", '09:30.000 < +QIURC: "pdpdeact",1', *back]
    assert lost(tmp_path, *modem) == [("network", 100.0, True)]


def test_a_registration_that_is_lost_first_takes_the_session_along(tmp_path: Path) -> None:
    modem = [
        START, "09:30.000 < +CEREG: 2", "09:31.000 < +CGEV: NW PDN DEACT 1",
        '10:05.000 < +CEREG: 1,"31C5","00A1B203",7', '10:10.000 < +CGPADDR: 1,"10.1.2.3"',
    ]  # fmt: skip
    assert lost(tmp_path, *modem) == [("registration", 40.0, False)]


def test_a_modem_that_starts_anew_was_reset_however_its_trace_marks_lines(tmp_path: Path) -> None:
    modem = [
        START,
        "09:30.000 < NO CARRIER",
        "09:50.000 < RDY",
        '09:55.000 < +CGPADDR: 1,"10.1.2.3"',
    ]
    assert lost(tmp_path, *modem) == [("reset", 25.0, False)]


def test_an_outage_that_the_connection_outlived_ended_nothing(tmp_path: Path) -> None:
    modem = [START, "05:30.000 < +CEREG: 2", '05:50.000 < +CGPADDR: 1,"10.1.2.3"', "09:10.000 < OK"]
    assert lost(tmp_path, *modem) == [(None, None, None)]


def test_a_log_that_tells_of_no_session_tells_of_the_registration(tmp_path: Path) -> None:
    modem = ["09:30.000 < +CEREG: 2", '10:30.000 < +CEREG: 1,"31C5","00A1B203",7']
    assert lost(tmp_path, *modem) == [("registration", 60.0, False)]
