"""Clocks of stations that only a server's log without a zone knows."""

from pathlib import Path

from tests.support import World, world

MINUTES = (0, 1, 3, 7, 12, 20)
PROXY = "".join(
    f"Feb 13 17:{minute + 5:02}:03 edge haproxy[2210]: 203.0.113.62:4004{minute % 10} "
    f"[13/Feb/2026:17:{minute + 5:02}:03.426] ocpp_in~ csms/s1 0/0/1/2/4 426 180 - - ---- "
    '41/41/40/40/0 0/0 "GET /ocpp/EV-0007 HTTP/1.1"\n'
    for minute in MINUTES
)
STATION = "".join(
    f"[ DEBUG ] - [2026-02-13T19:{minute + 5:02}:03] - Cp.cpp:890 - Connecting to "
    "wss://csms.example/ocpp/EV-0007\n"
    f"[ ERROR ] - [2026-02-13T19:{minute + 5:02}:03] - Cp.cpp:921 - Connection failed with "
    "Central System : HTTP status 426\n"
    for minute in MINUTES
)
CSMS = 'time="2026-02-13T17:20:00Z" level=info msg="goroutines=190" logger=main\n' * 5


def test_a_station_is_tied_to_a_server_whose_zone_is_assumed(tmp_path: Path) -> None:
    logs = {"cp-EV-0007.log": STATION, "haproxy.log": PROXY, "backend.log": CSMS}
    with world(tmp_path, logs) as found:
        firsts = "SELECT DISTINCT strftime(min(ts), '%H:%M') FROM event GROUP BY source_id"
        assert sorted(found.rows(firsts)) == [("17:05",), ("17:20",)]
        attempts = "SELECT count(*), bool_and(station_saw AND proxy_saw) FROM failed"
        assert found.rows(attempts) == [(len(MINUTES), True)]


DROPS = (4, 9, 17, 23, 37)
OWN = "".join(
    f"2026-02-13 17:{minute:02}:{second:02},000 INFO ws {words}\n"
    for minute in DROPS
    for second, words in (
        (10, "connection lost: code=1006"),
        (40, "connecting to wss://csms.example/ocpp/EV-0007"),
        (41, 'send [2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'),
        (
            41,
            f'recv [3,"1",{{"status":"Accepted","currentTime":"2026-02-13T17:{minute:02}:41Z",'
            '"interval":300}]',
        ),
    )
)


def first_of(found: World, path: str) -> str:
    (row,) = found.rows(
        "SELECT strftime(min(e.ts), '%H:%M') FROM event AS e "
        f"JOIN part AS p ON p.part_id = e.event_id >> 40 WHERE p.path = '{path}'"
    )
    return str(row[0])


def test_a_modem_is_tied_by_the_connections_that_end_when_it_is_off_the_network(
    tmp_path: Path,
) -> None:
    modem = "".join(
        f"2026-02-13 18:{minute - 1:02}:55.000 wwan0 urc: +CEREG: 2\n"
        f"2026-02-13 18:{minute:02}:25.000 wwan0 urc: +CEREG: 1\n"
        for minute in DROPS
    )
    with world(tmp_path, {"cp-EV-0007.log": OWN, "modem-EV-0007.log": modem}) as found:
        assert first_of(found, "modem-EV-0007.log") == "17:03"


def test_a_log_is_tied_by_lines_that_mention_the_station(tmp_path: Path) -> None:
    controller = "".join(
        f"[2026-02-13 06:{minute:02}:41 PM] INFO  ctl  socket up (EV-0007)\n" for minute in DROPS
    )
    with world(tmp_path, {"cp-EV-0007.log": OWN, "ctl.log": controller}) as found:
        assert first_of(found, "ctl.log") == "17:04"
