"""Stations of one site that are cut off together, by what their own logs and others tell of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ocpp_forensics.model import Report
from tests.support import report_of, world

BEGIN = datetime(2026, 3, 4, 5, tzinfo=UTC)
SITE = ("EV-1", "EV-2", "EV-3")
OTHERS = ("EV-5", "EV-6", "EV-7", "EV-8", "EV-9")
CUT_S = 1800.0
CLOSED = "connection closed by central system: 1001 upstream unavailable"


def line(at_s: float, text: str) -> str:
    ts = BEGIN + timedelta(seconds=at_s)
    return f"{ts:%Y-%m-%d %H:%M:%S},{ts.microsecond // 1000:03} INFO {text}"


def heard(at_s: float, name: str) -> Iterator[tuple[float, str]]:
    yield at_s, f'ocpp {name}: receive message [2,"{name}-{at_s:g}","Heartbeat",{{}}]'
    yield at_s + 0.1, f'ocpp {name}: send [3,"{name}-{at_s:g}",{{}}]'


def csms_log(addresses: dict[str, str]) -> str:
    """All beat every half minute; those of the site fall silent and are missed one by one."""
    told: list[tuple[float, str]] = []
    for place, name in enumerate((*SITE, *OTHERS)):
        where = f" from {addresses[name]}:4{place}001" if name in addresses else ""
        told.append((place, f"{name} connected{where}"))
        for at_s in range(30 + place, 3600, 30):
            if name in OTHERS or not CUT_S <= at_s < CUT_S + 240:
                told += heard(at_s, name)
        if name in SITE:
            ended_s = CUT_S + 29 + 13 * place
            told.append((ended_s, f"{name} disconnected: no close frame received or sent"))
            told.append((CUT_S + 239, f"{name} connected{where}"))
    return "".join(f"{line(at_s, text)}\n" for at_s, text in sorted(told))


def station_log(name: str, *told: tuple[float, str]) -> str:
    began = [(0.0, "ws connection established")]
    beats = [(at_s + 0.2, f'ws tx [2,"{name}-{at_s:g}","Heartbeat",{{}}]')
             for at_s in range(30 + SITE.index(name), int(CUT_S), 30)]  # fmt: skip
    back = [(CUT_S + 239, "ws connection established")]
    return "".join(f"{line(at_s, text)}\n" for at_s, text in sorted([*began, *beats, *told, *back]))


ONE_ADDRESS = dict.fromkeys(SITE, "203.0.113.9") | {
    name: f"203.0.113.{place}" for place, name in enumerate(OTHERS, start=20)
}
CONTROLLER = "".join(f"{line(CUT_S + at_s, text)}\n" for at_s, text in [
    (-900, "lc ready"),
    (0, "lc connection to the CSMS is down, closing all downstream connections"),
    *((0, f"lc downstream connection {name} closed with 1001") for name in SITE),
    (230, "lc connection to the CSMS is up, serving downstream connections again"),
])  # fmt: skip


def site_columns(folder: Path, logs: dict[str, str]) -> list[tuple[object, ...]]:
    with world(folder, logs) as found:
        columns = "site_stations, site_lost, elsewhere, elsewhere_lost, site_cut, closed_between"
        return found.rows(f"SELECT station, {columns} FROM lost ORDER BY station")


def causes(report: Report) -> dict[str, str]:
    return {each.id: each.causes[0].cause for each in report.stations if each.causes}


def test_stations_that_are_missed_one_by_one_were_cut_off_together(tmp_path: Path) -> None:
    found = site_columns(tmp_path, {"csms.log": csms_log(ONE_ADDRESS)})
    assert found == [(name, 3, 3, 5, 0, True, False) for name in SITE]


def test_without_addresses_they_are_a_group_and_not_the_fleet(tmp_path: Path) -> None:
    found = site_columns(tmp_path, {"csms.log": csms_log({})})
    assert found == [(name, None, 3, None, None, True, False) for name in SITE]


def test_a_private_address_that_all_share_is_no_site(tmp_path: Path) -> None:
    addresses = dict.fromkeys(SITE, "10.0.0.9")
    found = site_columns(tmp_path, {"csms.log": csms_log(addresses)})
    assert {row[1] for row in found} == {None}


@pytest.mark.parametrize("told", [CLOSED, "ws connection closed: code=1001 reason=''"])
def test_a_close_frame_of_which_the_csms_knows_nothing_came_from_between(
    tmp_path: Path, told: str
) -> None:
    logs = {"csms.log": csms_log(ONE_ADDRESS), "cp-EV-1.log": station_log("EV-1", (CUT_S, told))}
    with world(tmp_path, logs) as found:
        assert found.rows(
            "SELECT closed_between, initiator, csms_found_late, code FROM lost "
            "WHERE station = 'EV-1'"
        ) == [(True, None, True, 1001)]


def test_two_logs_that_begin_while_a_connection_stands_tell_of_one_end(tmp_path: Path) -> None:
    logs = {"csms.log": csms_log(ONE_ADDRESS), "cp-EV-1.log": station_log("EV-1", (CUT_S, CLOSED))}
    cut = {name: text.splitlines(keepends=True) for name, text in logs.items()}
    late = {
        name: "".join(each for each in lines if each[11:16] >= "05:10")
        for name, lines in cut.items()
    }
    with world(tmp_path, late) as found:
        assert found.rows(
            "SELECT station_saw, csms_saw, round(found_late_s) FROM lost WHERE station = 'EV-1'"
        ) == [(True, True, 29)]


@pytest.mark.parametrize("logs", [
    {"cp-EV-1.log": station_log("EV-1", (CUT_S, CLOSED))},
    {"controller.log": CONTROLLER},
], ids=["a station", "the controller"])  # fmt: skip
def test_whoever_tells_of_the_controller_tells_it_for_the_site(
    tmp_path: Path, logs: dict[str, str]
) -> None:
    report = report_of(tmp_path, {"csms.log": csms_log(ONE_ADDRESS), **logs})
    assert causes(report) == dict.fromkeys(SITE, "local-controller-drop")
    assert {each.confidence for each in report.incidents} <= {"medium", "high"}


def test_a_network_that_was_down_is_no_controller(tmp_path: Path) -> None:
    told = ((CUT_S, "ws eth0: link is down"), (CUT_S + 1, "ws connection lost: network is down"),
            (CUT_S + 5, "ws connect failed: No route to host"))  # fmt: skip
    logs = {"csms.log": csms_log(ONE_ADDRESS), "cp-EV-1.log": station_log("EV-1", *told)}
    assert causes(report_of(tmp_path, logs)) == dict.fromkeys(SITE, "local-network-flap")


def test_the_csms_alone_cannot_tell_which_of_the_two_it_was(tmp_path: Path) -> None:
    report = report_of(tmp_path, {"csms.log": csms_log(ONE_ADDRESS)})
    (incident,) = report.incidents
    assert incident.confidence == "low"
    assert {incident.cause, *incident.ambiguous_with} == {
        "local-controller-drop", "local-network-flap",
    }  # fmt: skip


def test_a_switch_that_belongs_to_no_station_tells_it_for_the_site(tmp_path: Path) -> None:
    told = ((CUT_S - 900, "up"), (CUT_S, "Down"), (CUT_S + 200, "up"))
    switch = "".join(f"{line(at_s, f'kernel: eth1: Link is {state}')}\n" for at_s, state in told)
    report = report_of(tmp_path, {"csms.log": csms_log(ONE_ADDRESS), "switch.log": switch})
    assert causes(report) == dict.fromkeys(SITE, "local-network-flap")
    assert {each.confidence for each in report.incidents} == {"high"}
