"""How far sessions reach: stuck stations up to where the log ends, answers up to ten minutes."""

from pathlib import Path

import pytest

from tests.support import world

DAY = "2026-03-04"


def frame(clock: str, station: str, text: str) -> str:
    return f"{DAY} {clock},000 INFO ocpp {station}: {text}\n"


def heartbeats(station: str, hours: range) -> str:
    return "".join(
        frame(f"{hour:02}:30:00", station, f'receive message [2,"h{hour}","Heartbeat",{{}}]')
        for hour in hours
    )


FAULTED = (
    'receive message [2,"s1","StatusNotification",'
    '{"connectorId":1,"status":"Faulted","errorCode":"OtherError"}]'
)
CLOSED = f"{DAY} 05:40:00,000 INFO ocpp EV-0007: connection closed, code 1006\n"


@pytest.mark.parametrize(("end", "hours"), [("", 7.5), (CLOSED, None)])
def test_a_stuck_station_stays_so_while_it_is_connected(
    tmp_path: Path, end: str, hours: float | None
) -> None:
    """The station says nothing more after 05:00; the CSMS's log goes on for another one."""
    log = frame("05:00:00", "EV-0007", FAULTED) + end + heartbeats("EV-0008", range(5, 13))
    with world(tmp_path, {"csms.log": log}) as found:
        rows = found.rows("SELECT stuck_s / 3600, unresolved FROM stuck")
    assert rows == ([(hours, True)] if hours else [])


def started(clock: str, connector: int) -> str:
    payload = f'{{"connectorId":{connector},"idTag":"A","meterStart":0}}'
    return frame(clock, "EV-0007", f'receive message [2,"1","StartTransaction",{payload}]')


def test_message_ids_that_begin_anew_are_other_messages(tmp_path: Path) -> None:
    """The station reboots and counts from 1 again; its first transaction got no answer."""
    answer = '[3,"1",{"transactionId":77,"idTagInfo":{"status":"Accepted"}}]'
    log = (
        started("05:00:00", 1)
        + started("08:00:00", 2)
        + frame("08:00:01", "EV-0007", f"send {answer}")
        + heartbeats("EV-0007", range(9, 11))
    )
    with world(tmp_path, {"csms.log": log}) as found:
        rows = found.rows('SELECT transaction_id, connector, start_ts::VARCHAR FROM "transaction"')
    assert rows == [("77", 2, f"{DAY} 08:00:00")]


def status(clock: str, state: str, made: str, number: int) -> str:
    payload = f'{{"connectorId":1,"errorCode":"NoError","status":"{state}","timestamp":"{made}"}}'
    return frame(
        clock, "EV-0007", f'receive message [2,"s{number}","StatusNotification",{payload}]'
    )


def back(clock: str) -> str:
    return f"{DAY} {clock},000 INFO ocpp: EV-0007 connected from 192.0.2.7\n"


def made(clock: str, behind_h: int = 0) -> str:
    """What the station's clock showed, which may be hours behind."""
    return f"{DAY}T{int(clock[:2]) - behind_h:02}{clock[2:]}Z"


@pytest.mark.parametrize("behind_h", [0, 3])
def test_a_status_that_waited_at_the_station_sets_none_back_in_time(
    tmp_path: Path, behind_h: int
) -> None:
    """Offline from 05:30 to 06:30; the queue with an old fault comes after the status of now."""
    log = (
        back("05:00:00")
        + status("05:00:02", "Available", made("05:00:02", behind_h), 1)
        + status("05:10:02", "Preparing", made("05:10:02", behind_h), 2)
        + f"{DAY} 05:30:00,000 INFO ocpp: EV-0007 connection closed, code 1006\n"
        + back("06:30:00")
        + status("06:30:02", "Available", made("06:30:01", behind_h), 3)
        + status("06:30:04", "Faulted", made("05:40:00", behind_h), 4)
        + status("06:40:00", "Available", made("06:40:00", behind_h), 5)
        + heartbeats("EV-0007", range(7, 10))
    )
    with world(tmp_path, {"csms.log": log}) as found:
        replayed = found.rows(
            "SELECT ts::TIME::VARCHAR, date_trunc('second', said_ts)::TIME::VARCHAR FROM replayed"
        )
        states = found.rows("SELECT status FROM status ORDER BY ts")
    assert replayed == [("06:30:04", "05:40:00")]
    assert states == [("Available",), ("Preparing",), ("Available",), ("Available",)]


def metered(clock: str, made: str, number: int) -> str:
    payload = f'{{"connectorId":1,"meterValue":[{{"timestamp":"{made}","sampledValue":[]}}]}}'
    return frame(clock, "EV-0007", f'receive message [2,"m{number}","MeterValues",{payload}]')


def test_meter_values_that_waited_are_marked_and_count_as_traffic(tmp_path: Path) -> None:
    """Offline from 05:20 to 06:30; three values of that time come late, two as soon as always.

    The station's clock is three hours behind.
    """
    behind_h = 3
    log = (
        back("05:00:00")
        + "".join(
            metered(f"05:{n:02}:02", made(f"05:{n:02}:01", behind_h), n) for n in range(1, 19)
        )
        + f"{DAY} 05:20:00,000 INFO ocpp: EV-0007 connection closed, code 1006\n"
        + back("06:30:00")
        + "".join(
            metered(f"06:30:0{n}", made(f"05:{n}0:00", behind_h), 20 + n) for n in range(3, 6)
        )
        + metered("06:31:02", made("06:31:01", behind_h), 31)
        + metered("06:32:02", made("06:32:01", behind_h), 32)
        + f"{DAY} 06:35:00,000 INFO ocpp: EV-0007 connection closed, code 1006\n"
    )
    with world(tmp_path, {"csms.log": log}) as found:
        found.store.run_file("timeline")
        waited = found.rows(
            "SELECT strftime(ts, '%H:%M:%S'), date_trunc('second', said_ts)::TIME::VARCHAR "
            "FROM timeline WHERE said_ts IS NOT NULL ORDER BY ts"
        )
        quiet = found.rows("SELECT round(silence_s) FROM ending_traffic ORDER BY connection_id")
    assert waited == [("06:30:03", "05:30:01"), ("06:30:04", "05:40:01"), ("06:30:05", "05:50:01")]
    assert quiet == [(118,), (178,)]
