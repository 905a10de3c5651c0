"""Two devices under one identity: what the logs show of the other one."""

from pathlib import Path

from tests.support import world

STATION = """\
2026-03-04T05:00:00.000Z info: [link] opening wss://csms.example/ocpp/EV-0007
2026-03-04T05:00:00.010Z info: [link] socket to wss://csms.example/ocpp/EV-0007 is open
2026-03-04T05:01:00.000Z warn: [link] socket closed code=1000 reason=replaced by a newer connection
2026-03-04T05:01:30.000Z info: [link] opening wss://csms.example/ocpp/EV-0007
2026-03-04T05:01:30.010Z info: [link] socket to wss://csms.example/ocpp/EV-0007 is open
2026-03-04T05:02:00.000Z warn: [link] socket closed code=1000 reason=replaced by a newer connection
2026-03-04T05:02:30.000Z info: [link] opening wss://csms.example/ocpp/EV-0007
2026-03-04T05:02:30.010Z info: [link] socket to wss://csms.example/ocpp/EV-0007 is open
"""
OPENS = ["00:00,0:7", "01:00,0:9", "01:30,0:7", "02:00,0:9", "02:30,0:7"]
CSMS = "".join(
    f"2026-03-04 05:{at}00 INFO csms.gate EV-0007: handshake done, 203.0.113.{end}:4001{end}\n"
    for at, _, end in (each.rpartition(":") for each in OPENS)
)


def test_an_eviction_in_the_words_of_the_evicted_is_its_end(tmp_path: Path) -> None:
    with world(tmp_path, {"cp-EV-0007.log": STATION}) as found:
        assert found.rows("SELECT strftime(ts, '%H:%M:%S'), code, initiator, reason FROM lost") == [
            ("05:01:00", 1000, "csms", "replaced by a newer connection"),
            ("05:02:00", 1000, "csms", "replaced by a newer connection"),
        ]


def test_connections_that_the_station_does_not_know_are_of_another_device(tmp_path: Path) -> None:
    with world(tmp_path, {"cp-EV-0007.log": STATION, "csms.log": CSMS}) as found:
        assert found.rows("SELECT DISTINCT strangers, alternates FROM lost") == [(2, 1.0)]
        addresses = "SELECT client_address, station_saw FROM connection ORDER BY open_ts"
        assert found.rows(addresses) == [
            ("203.0.113.7", True), ("203.0.113.9", False), ("203.0.113.7", True),
            ("203.0.113.9", False), ("203.0.113.7", True),
        ]  # fmt: skip


def test_a_log_of_another_time_makes_no_strangers(tmp_path: Path) -> None:
    early = STATION.replace("2026-03-04T05:", "2026-03-03T09:")
    with world(tmp_path, {"cp-EV-0007.log": early, "csms.log": CSMS}) as found:
        assert found.rows("SELECT DISTINCT strangers FROM lost") == [(0,)]


def test_a_log_without_a_zone_that_tells_the_same_is_of_the_same_time(tmp_path: Path) -> None:
    early = STATION.replace("T05:", "T03:")
    with world(tmp_path, {"cp-EV-0007.log": early, "csms.log": CSMS}) as found:
        assert found.rows("SELECT DISTINCT strangers, alternates FROM lost") == [(2, 1.0)]
