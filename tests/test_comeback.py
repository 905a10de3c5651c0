"""What logs tell of a station that comes back: its delays, its boots, what it kept, its rhythm."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ocpp_forensics.model import ReconnectReport, StationReport
from ocpp_forensics.report.comebacks import behaviours
from ocpp_forensics.report.json import report_dict
from tests.support import World, report_of, world

START = datetime.fromisoformat("2026-03-04T05:00:00")
URL = "wss://csms.example/ocpp/EV-7"


def at(second: float) -> str:
    return (START + timedelta(seconds=second)).isoformat(timespec="milliseconds") + "Z"


def dial(second: float, *, fails: bool) -> list[str]:
    end = "ERROR ws connect failed: ECONNREFUSED connect ECONNREFUSED 203.0.113.20:443"
    return [
        f"{at(second)} INFO ws connecting to {URL}",
        f"{at(second + 0.5)} {end if fails else 'INFO ws connection established'}",
    ]


def boot(second: float, number: int, name: str = "m") -> str:
    payload = '{"chargePointVendor":"V","chargePointModel":"M1","iccid":"89"}'
    return f'{at(second)} INFO ws TX [2,"{name}{number}","BootNotification",{payload}]'


def status(second: float, number: int) -> str:
    payload = '{"connectorId":1,"status":"Available","errorCode":"NoError"}'
    return f'{at(second)} INFO ws TX [2,"m{number}","StatusNotification",{payload}]'


def lost(second: float) -> str:
    return f"{at(second)} WARN ws connection closed: code=1006 reason="


STATION = "\n".join([
    *dial(0, fails=False), boot(1, 1), status(2, 2), lost(600),
    *dial(601, fails=True), *dial(603.5, fails=True), *dial(608, fails=True),
    *dial(616.5, fails=True), *dial(633, fails=True), *dial(665.5, fails=False), boot(667, 3),
    lost(2000), f"{at(2060)} INFO main: rst:0x1 (POWERON_RESET),boot:0x13",
    *dial(2070, fails=False), boot(2071, 1),
    lost(4000), *dial(4002, fails=False), boot(4003, 2),
]) + "\n"  # fmt: skip


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("back"), {"cp-EV-7.log": STATION}) as found:
        yield found


def test_delays_run_from_the_end_of_one_attempt_to_the_next(station: World) -> None:
    rows = station.rows("SELECT place, delay_s, opened FROM retry WHERE run = 2 ORDER BY place")

    assert [place for place, _, _ in rows] == [0, 1, 2, 3, 4, 5]
    assert [delay for _, delay, _ in rows] == pytest.approx([1, 2, 4, 8, 16, 32], abs=0.01)
    assert [opened for _, _, opened in rows] == [False] * 5 + [True]


def test_a_restart_in_between_is_no_delay(station: World) -> None:
    rows = station.rows("SELECT place, delay_s FROM retry WHERE run = 3")

    assert rows == [(0, None)]


def test_only_a_boot_without_a_restart_is_needless(station: World) -> None:
    rows = station.rows("SELECT station_restarted, boot_proof, booted_next FROM lost ORDER BY ts")

    assert rows == [
        (False, "message-ids", True), (True, None, True), (False, "station-log", True),
    ]  # fmt: skip


def test_the_report_tells_how_the_station_comes_back(tmp_path: Path) -> None:
    report = report_of(tmp_path, {"cp-EV-7.log": STATION})

    (found,) = report_dict(report)["stations"]
    back = found["reconnect"]
    assert (back["law"], back["growth"], back["retries"]) == ("exponential", 2.0, 5)
    assert (back["reconnects"], back["booted"], back["needless"]) == (3, 3, 2)
    assert behaviours(report.stations) == [
        (
            "retries after 2 s, 2 times as long each time, no jitter; "
            "sends BootNotification after a mere reconnect",
            ("EV-7",),
        )
    ]
    assert [each.id for each in report.advice] == ["boot-on-reconnect"]


def frame(second: float, direction: str, text: str) -> str:
    stamp = at(second).replace("T", " ").replace(".", ",").removesuffix("Z")
    if not direction:
        return f"{stamp} INFO websockets.server connection {text}"
    return f"{stamp} INFO ocpp EV-7: {direction} {text}"


def event(second: float, number: int, sequence: int, stamp: float) -> str:
    kind = "Started" if sequence == 0 else "Updated"
    return frame(
        second, "receive message",
        f'[2,"t{number}","TransactionEvent",{{"eventType":"{kind}","timestamp":"{at(stamp)}",'
        f'"triggerReason":"MeterValuePeriodic","seqNo":{sequence},'
        '"transactionInfo":{"transactionId":"T1"},"evse":{"id":1,"connectorId":1}}]',
    )  # fmt: skip


def test_sequence_numbers_tell_what_came_late_and_what_never_came(tmp_path: Path) -> None:
    log = [
        frame(0, "", "open EV-7"), event(10, 1, 0, 10), event(70, 2, 1, 70), event(130, 3, 2, 130),
        frame(140, "", "closed EV-7 1006"), frame(500, "", "open EV-7"),
        event(505, 4, 3, 190), event(510, 5, 6, 490), event(560, 6, 7, 560), event(620, 7, 8, 620),
    ]  # fmt: skip
    with world(tmp_path, {"csms.log": "\n".join(log) + "\n"}) as found:
        rows = found.rows("SELECT delivered, shown_by, missing, round(late_s) FROM queued")
        kept = found.rows("SELECT came_late, never_came FROM comeback")

    assert sorted(rows) == [
        (False, "sequence", 2, None), (True, "time-stamp", 0, 20), (True, "time-stamp", 0, 315),
    ]  # fmt: skip
    assert kept == [(2, 2)]


def start(second: float, number: int) -> list[str]:
    return [
        frame(
            second, "receive message",
            f'[2,"a{number}","StartTransaction",{{"connectorId":1,"idTag":"A","meterStart":0,'
            f'"timestamp":"{at(second)}"}}]',
        ),
        frame(
            second + 0.1, "send",
            f'[3,"a{number}",{{"transactionId":{number},"idTagInfo":{{"status":"Accepted"}}}}]',
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("stopped", [False, True])
def test_a_transaction_that_is_never_stopped_is_a_lost_message(
    tmp_path: Path, *, stopped: bool
) -> None:
    stop = frame(
        905, "receive message",
        f'[2,"s1","StopTransaction",{{"transactionId":1,"meterStop":9,"timestamp":"{at(400)}"}}]',
    )  # fmt: skip
    log = [
        frame(0, "", "open EV-7"), *start(10, 1),
        frame(140, "", "closed EV-7 1006"), frame(900, "", "open EV-7"),
        *([stop] if stopped else []), *start(1000, 2),
        frame(2000, "receive message", '[2,"h","Heartbeat",{}]'),
    ]  # fmt: skip
    with world(tmp_path, {"csms.log": "\n".join(log) + "\n"}) as found:
        rows = found.rows("SELECT delivered, shown_by FROM queued")

    assert rows == [(True, "time-stamp")] if stopped else [(False, "unclosed")]


@pytest.mark.parametrize(("hours", "clusters"), [((17, 18, 19), True), (range(24), False)])
def test_drops_of_cellular_stations_at_one_time_of_day(
    tmp_path: Path, hours: range, *, clusters: bool
) -> None:
    logs = {}
    for number in range(2):
        lines = []
        for hour in range(24 * 7):
            begin = hour * 3600 + 60 * number
            lines.append(f"{at(begin + 600)} INFO ws TX " + '[2,"h","Heartbeat",{}]')
            if (hour + 5) % 24 in hours and (hour + number) % 2:
                lines += [lost(begin + 900), *dial(begin + 905, fails=False)]
        text = "\n".join([*dial(0, fails=False), boot(1, 1), *lines]) + "\n"
        logs[f"cp-EV-{number}.log"] = text.replace("EV-7", f"EV-{number}")
    with world(tmp_path, logs) as found:
        rows = found.rows("SELECT busy_time, sigmas >= 5, busy_share FROM busy ORDER BY station")

    assert [row[1] for row in rows] == [clusters] * 2
    if clusters:
        assert rows[0] == ("17:00 to 20:00 UTC", True, 1.0)


def test_stations_of_one_behaviour_share_a_line() -> None:
    linear = ReconnectReport(retries=9, law="linear", first_s=5.02, step_s=4.98, cap_s=60.1,
                             jitter_share=0.18, in_step_share=0.8)  # fmt: skip
    steady = ReconnectReport(retries=9, law="constant", first_s=10, jitter_share=0.01,
                             never_came=1, came_late=3)  # fmt: skip
    stations = [
        StationReport(name, None, None, None, None, 1, 1, 0, 0, (), back)
        for name, back in [("A", linear), ("B", steady), ("C", linear), ("D", ReconnectReport())]
    ]

    assert behaviours(stations) == [
        (
            "retries after 5 s, 5 s more each time, up to 60 s, +-20% jitter, in step with others",
            ("A", "C"),
        ),
        (
            "retries every 10 s, without back-off, no jitter; 1 transaction message never came; "
            "transaction messages come late, after the reconnect",
            ("B",),
        ),
    ]
