"""Clocks of stations that only a server's log without a zone knows."""

from pathlib import Path

from tests.support import world

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
