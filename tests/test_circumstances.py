"""What else was so when a connection ended: the command before it, the site, the firmware, the
radio, the time of day. And stations that stay away."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support import World, report_of, world

START = datetime.fromisoformat("2026-03-04T05:00:00")
HOUR = 3600
DAY = 24 * HOUR


def stamp(second: float) -> str:
    return (START + timedelta(seconds=second)).isoformat(timespec="milliseconds") + "Z"


def line(second: float, message: str, station: str, **more: Any) -> tuple[float, str]:
    head = {"ts": stamp(second), "level": "info", "msg": message, "charge_point_id": station}
    return second, json.dumps(head | more)


def opened(second: float, station: str, address: str) -> tuple[float, str]:
    return line(second, "charge point connected", station, remote_addr=f"{address}:40{station[-1]}")


def ended(second: float, station: str, code: int = 1006) -> tuple[float, str]:
    return line(second, "charge point disconnected", station, code=code)


def frame(second: float, station: str, way: str, *parts: Any) -> tuple[float, str]:
    return line(second, f"{way} {json.dumps(list(parts))}", station)


def boot(second: float, station: str, number: int, firmware: str) -> list[tuple[float, str]]:
    payload = {
        "chargePointVendor": "V", "chargePointModel": "M", "firmwareVersion": firmware,
    }  # fmt: skip
    answer = {"status": "Accepted", "currentTime": stamp(second), "interval": 300}
    return [
        frame(second, station, "received", 2, f"b{number}", "BootNotification", payload),
        frame(second + 0.2, station, "sent", 3, f"b{number}", answer),
    ]


def crashing() -> Iterator[tuple[float, str]]:
    """A station that dies of GetDiagnostics, and survives GetConfiguration."""
    for turn in range(3):
        begin = turn * HOUR
        yield opened(begin, "CR-1", "203.0.113.1")
        for n in range(5):
            number = f"g{turn}{n}"
            yield frame(begin + 60 * n, "CR-1", "sent", 2, number, "GetConfiguration", {})
            yield frame(begin + 60 * n + 1, "CR-1", "received", 3, number, {})
        yield frame(begin + 290, "CR-1", "sent", 2, f"d{turn}", "GetDiagnostics", {})
        yield ended(begin + 293, "CR-1")


def site() -> Iterator[tuple[float, str]]:
    """Three stations behind one address that are lost at once, three others that are not."""
    for n in range(3):
        for begin in (0, HOUR + 300):
            yield opened(begin + n, f"SA-{n}", "198.51.100.7")
        yield ended(HOUR + 0.3 * n, f"SA-{n}")
        yield opened(n, f"SB-{n}", f"198.51.100.{20 + n}")


def updated() -> Iterator[tuple[float, str]]:
    yield opened(0, "FW-1", "203.0.113.2")
    yield from boot(1, "FW-1", 1, "1.0")
    yield ended(2 * HOUR, "FW-1")
    yield opened(2 * HOUR + 400, "FW-1", "203.0.113.2")
    yield from boot(2 * HOUR + 401, "FW-1", 2, "1.1")


def nightly() -> Iterator[tuple[float, str]]:
    for day in range(4):
        begin = day * DAY + 20 * HOUR + 40 * day
        yield opened(begin, "NR-1", "203.0.113.3")
        yield from boot(begin + 2, "NR-1", day, "1.0")
        for n in range(1, 48):
            yield frame(begin + 1700 * n, "NR-1", "received", 2, f"h{day}{n}", "Heartbeat", {})
            yield frame(begin + 1700 * n + 1, "NR-1", "sent", 3, f"h{day}{n}", {})
        if day < 3:
            yield ended(begin + DAY - 80, "NR-1")


def fleet() -> Iterator[tuple[float, str]]:
    """Four stations that are lost together; one of them never comes back."""
    for n in range(4):
        yield opened(30 * HOUR + n, f"LO-{n}", f"192.0.2.{n}")
        yield ended(40 * HOUR + n, f"LO-{n}")
        if n:
            yield opened(40 * HOUR + 60 + n, f"LO-{n}", f"192.0.2.{n}")


STATION = [
    (0, "INFO ws connecting to wss://csms.example/ocpp/GU-1"),
    (1, "INFO ws connection established"),
    (HOUR, "WARN ws connection closed: code=1006 reason="),
    *[
        row
        for n in range(4)
        for row in (
            (HOUR + 10 * n + 5, "INFO ws connecting to wss://csms.example/ocpp/GU-1"),
            (HOUR + 10 * n + 6, "ERROR ws connect failed: ECONNREFUSED 203.0.113.20:443"),
        )
    ],
    *[(HOUR + 600 * n, "INFO meter: 231 V, 0 A") for n in range(2, 20)],
]  # fmt: skip


@pytest.fixture(scope="module")
def logs() -> dict[str, str]:
    told = sorted([*crashing(), *site(), *updated(), *nightly(), *fleet()])
    csms = "\n".join(text for _, text in told) + "\n"
    station = "".join(f"{stamp(second)} {text}\n" for second, text in sorted(STATION))
    return {"csms.json": csms, "cp-GU-1.log": station}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, logs: dict[str, str]) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("around"), logs) as made:
        yield made


def rows(found: World, columns: str, where: str) -> list[tuple[Any, ...]]:
    return found.rows(f"SELECT DISTINCT {columns} FROM lost WHERE {where} ORDER BY ALL")


def test_the_command_before_a_drop_and_how_often_it_is_fatal(found: World) -> None:
    columns = "command, round(command_s), command_drops, command_fatal"

    assert rows(found, columns, "station = 'CR-1'") == [("GetDiagnostics", 3, 3, 1)]


def test_stations_behind_one_address_are_a_site(found: World) -> None:
    columns = "site_stations, site_lost, elsewhere > 3, elsewhere_lost <= 1, site_cut"

    assert rows(found, columns, "station LIKE 'SA-%'") == [(3, 3, True, True, True)]
    assert rows(found, "site_stations, elsewhere", "station LIKE 'LO-%'") == [(None, None)]


def test_the_firmware_before_and_after(found: World) -> None:
    columns = "firmware_before, firmware_after, firmware_changed"

    assert rows(found, columns, "station = 'FW-1'") == [("1.0", "1.1", True)]
    assert rows(found, columns, "station = 'NR-1' AND booted_next") == [("1.0", "1.0", False)]


def test_restarts_at_the_same_time_of_day(found: World) -> None:
    columns = "restart_days, restart_same"

    assert rows(found, columns, "station = 'NR-1' AND booted_next") == [(4, 1)]
    assert rows(found, columns, "station = 'FW-1'") == [(1, 0.5)]


def test_a_station_that_is_alive_and_does_not_try(found: World) -> None:
    away = found.rows(
        "SELECT alive_lines, alive_s > 9000, tried, usual_s, came_back FROM away "
        "WHERE station = 'GU-1'"
    )

    assert away == [(18, True, 4, pytest.approx(9, abs=0.1), False)]


def test_a_station_that_is_missed_while_others_are_back(found: World) -> None:
    away = found.rows("SELECT others, back_share, alive_lines FROM away WHERE station = 'LO-0'")

    assert away == [(3, 1, 0)]


def test_each_has_its_cause(tmp_path: Path, logs: dict[str, str]) -> None:
    report = report_of(tmp_path, logs)

    causes = {each.id: [one.cause for one in each.causes] for each in report.stations}
    assert causes["CR-1"] == ["command-triggered-crash"]
    assert causes["FW-1"] == ["firmware-update"]
    assert causes["NR-1"] == ["scheduled-reboot"]
    assert causes["SA-1"] == ["local-network-flap"]
    assert "station-gave-up-reconnecting" in causes["GU-1"]
    assert causes["SB-1"] == []
    lines = {
        line.why for each in report.incidents for line in each.evidence if line.station == "GU-1"
    }
    assert {"the last attempt", "the station is alive and makes no attempt"} <= lines


MODEM = """\
2026-03-04 05:00:00 rsrp: -92 dBm
2026-03-04 05:30:00 rsrp: -93 dBm
2026-03-04 05:58:30 rsrp: -121 dBm
2026-03-04 06:30:00 rsrp: -920
2026-03-04 06:40:00 +CSQ: 10,99
"""


def test_the_radio_signal_at_the_drop_and_usually(tmp_path: Path) -> None:
    station = "".join(f"{stamp(second)} {text}\n" for second, text in STATION[:3])
    with world(tmp_path, {"cp-GU-1.log": station, "modem-GU-1.log": MODEM}) as found:
        assert rows(found, "signal_dbm, usual_dbm", "true") == [(-121, -93)]
        signals = found.rows("SELECT dbm FROM heard_signal ORDER BY ts")

    assert [round(dbm) for (dbm,) in signals] == [-92, -93, -121, -92, -93]
