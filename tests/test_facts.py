"""What is known of the stations: settings from frames, outputs of checks, configurations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocpp_forensics.facts import serving_location
from tests.support import World, world


def line(second: int, text: str) -> str:
    return f"2026-03-04 08:{second // 60:02}:{second % 60:02}.000 INFO ocpp.server - {text}\n"


def reply(number: int, payload: str) -> str:
    return f'FW-1 received [3,"{number}",{payload}]'


def change(number: int, key: str, value: str) -> str:
    return f'FW-1 sent [2,"{number}","ChangeConfiguration",{{"key":"{key}","value":"{value}"}}]'


BOOT = '{"chargePointVendor":"Amperon","chargePointModel":"AX-22","firmwareVersion":"3.1.4"}'
BOOTED = '{"currentTime":"2026-03-04T08:00:02.000Z","interval":300,"status":"Accepted"}'
KEYS = (
    '{"configurationKey":[{"key":"webSocketPingInterval","readonly":false,"value":"240"},'
    '{"key":"AuthorizationKey","readonly":false,"value":"s3cret-s3cret"},'
    '{"key":"MinimumStatusDuration","readonly":true}],"unknownKey":["Nonsense"]}'
)
LOG = (
    line(0, "FW-1 connected wss://ocpp.fernwald.example/ocpp/FW-1")
    + line(1, f'FW-1 received [2,"1","BootNotification",{BOOT}]')
    + line(2, f'FW-1 sent [3,"1",{BOOTED}]')
    + line(60, change(2, "HeartbeatInterval", "60"))
    + line(61, reply(2, '{"status":"Accepted"}'))
    + line(90, change(3, "HeartbeatInterval", "9"))
    + line(91, reply(3, '{"status":"Rejected"}'))
    + line(99, 'FW-1 sent [2,"4","GetConfiguration",{"key":[]}]')
    + line(100, reply(4, KEYS))
)
PROFILE = '{"configurationSlot":1,"connectionData":{"ocppCsmsUrl":"wss://new.example/x"}}'
VARIABLES = (
    '{"getVariableResult":['
    '{"attributeStatus":"Accepted","attributeValue":"30","component":{"name":"OCPPCommCtrlr"},'
    '"variable":{"name":"WebSocketPingInterval"}},'
    '{"attributeStatus":"UnknownVariable","component":{"name":"OCPPCommCtrlr"},'
    '"variable":{"name":"MessageTimeout"}}]}'
)
SET = (
    '{"setVariableData":[{"attributeValue":"600","component":{"name":"OCPPCommCtrlr"},'
    '"variable":{"name":"HeartbeatInterval"}}]}'
)
LOG_201 = (
    line(0, "FW-2 connected wss://ocpp.fernwald.example/ocpp/FW-2")
    + line(1, 'FW-2 sent [2,"1","GetVariables",{"getVariableData":[]}]')
    + line(2, f'FW-2 received [3,"1",{VARIABLES}]')
    + line(3, f'FW-2 sent [2,"2","SetVariables",{SET}]')
    + line(4, 'FW-2 received [3,"2",{"setVariableResult":[{"attributeStatus":"Accepted"}]}]')
    + line(5, f'FW-2 sent [2,"3","SetNetworkProfile",{PROFILE}]')
    + line(6, 'FW-2 received [3,"3",{"status":"Accepted"}]')
)
ROUTER = (
    "net.ipv4.tcp_keepalive_time = 7200\nnet.netfilter.nf_conntrack_tcp_timeout_established = 300\n"
)
PING = (
    "PING 192.0.2.10 (192.0.2.10): 56 data bytes\n\n--- 192.0.2.10 ping statistics ---\n"
    "5 packets transmitted, 4 packets received, 20% packet loss\n"
)
BLOCK = "-----BEGIN CERTIFICATE-----\nnVqM1x1eQ1GAXxHzWaaoQ==\n-----END CERTIFICATE-----\n"
FILES = {
    "csms.log": LOG + LOG_201,
    "site/FW-1.log": "2026-03-04T08:00:00.500Z INFO net: WebSocket connected\n",
    "site/ping": PING,
    "site/modem.log": '2026-03-04T08:00:00.250Z AT< +CGDCONT: 1,"IP","m2m.example","0.0.0.0",0,0\n',
    "router.txt": ROUTER,
    "fullchain.pem": BLOCK + BLOCK,
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("facts"), FILES) as found:
        yield found


def known(of: World, station: str, *names: str) -> list[tuple[object, ...]]:
    listed = ", ".join(f'"{name}"' for name in names)
    return of.rows(f"SELECT {listed} FROM known WHERE station = '{station}' ORDER BY from_ts")


def told(of: World, station: str, key: str) -> list[tuple[object, ...]]:
    return of.rows(
        f"SELECT value, source, line FROM fact WHERE key = '{key}' AND station = '{station}' "
        "ORDER BY valid_from"
    )


def test_a_setting_holds_from_the_line_on_that_tells_it(bundle: World) -> None:
    assert told(bundle, "FW-1", "heartbeat_interval_s") == [
        ("300", "csms.log", 3),
        ("60", "csms.log", 4),
    ]
    values = known(bundle, "FW-1", "heartbeat_interval_s")
    assert (values[0], values[-1]) == ((300.0,), (60.0,))


def test_what_is_first_told_later_held_before(bundle: World) -> None:
    assert set(known(bundle, "FW-1", "ws_ping_interval_s", "firmware")) == {(240.0, "3.1.4")}


def test_a_password_is_no_fact(bundle: World) -> None:
    assert bundle.rows("SELECT count(*) FROM fact WHERE contains(value, 's3cret')") == [(0,)]


def test_variables_of_ocpp_2_are_the_same_facts(bundle: World) -> None:
    names = ("ws_ping_interval_s", "heartbeat_interval_s", "csms_url", "message_timeout_s")
    assert known(bundle, "FW-2", *names)[-1] == (30.0, 600.0, "wss://new.example/x", None)


def test_a_check_belongs_to_the_station_beside_whose_log_it_lies(bundle: World) -> None:
    assert told(bundle, "FW-1", "ping_loss_percent") == [("20", "site/ping", 4)]
    assert known(bundle, "FW-2", "ping_loss_percent")[-1] == (None,)


def test_a_modem_log_tells_the_access_point(bundle: World) -> None:
    assert told(bundle, "FW-1", "apn") == [("m2m.example", "site/modem.log", 1)]


def test_an_answer_may_be_as_long_as_it_likes(tmp_path: Path) -> None:
    many = ",".join(f'{{"key":"Vendor{n}","readonly":false,"value":"{n}"}}' for n in range(400))
    keys = f'{{"configurationKey":[{many},{{"key":"WebSocketPingInterval","value":"45"}}]}}'

    with world(tmp_path, {"csms.log": LOG + line(120, reply(5, keys))}) as found:
        assert known(found, "FW-1", "ws_ping_interval_s")[-1] == (45.0,)


def test_a_check_that_nobody_owns_is_kept_and_binds_nobody(bundle: World) -> None:
    rows = bundle.rows("SELECT value, station FROM fact WHERE key = 'nat_idle_timeout_s'")
    assert rows == [("300", None)]
    assert known(bundle, "FW-1", "nat_idle_timeout_s")[-1] == (None,)


def test_documents_are_accounted_for_and_are_no_logs(bundle: World) -> None:
    rows = bundle.rows(
        "SELECT p.path, s.kind, p.format, p.lines, p.records + p.continuation, p.unparsed "
        "FROM part AS p JOIN source AS s USING (source_id) WHERE s.kind IN ('check', 'config') "
        "ORDER BY p.path"
    )
    assert rows == [
        ("fullchain.pem", "check", "certificate-pem", 6, 6, 0),
        ("router.txt", "check", "sysctl", 2, 2, 0),
        ("site/ping", "check", "ping", 4, 4, 0),
    ]
    assert bundle.rows("SELECT count(*) FROM coverage WHERE kind IN ('check', 'config')") == [(0,)]
    assert bundle.rows("SELECT count(ts) FROM event WHERE action = 'check.output'") == [(0,)]


def test_a_log_that_holds_the_output_of_a_command_stays_a_log(tmp_path: Path) -> None:
    log = "".join(line(second, f"FW-1 beats {second}") for second in range(40)) + PING

    with world(tmp_path, {"FW-1.log": log}) as found:
        assert found.rows("SELECT DISTINCT kind FROM source WHERE kind = 'check'") == []


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/ocpp/FW-1", "/ocpp/"),
        ("/ocpp/fast/FW-1", "^~ /ocpp/fast/"),
        ("/ocpp/FW-1.html", r"~* \.HTML$"),
        ("/ocpp/fast/FW-1.html", "^~ /ocpp/fast/"),
        ("/health", "= /health"),
        ("/health/x", "/"),
    ],
)
def test_a_path_is_served_by_the_location_that_nginx_takes(path: str, location: str) -> None:
    locations = ["/", "/ocpp/", "^~ /ocpp/fast/", r"~* \.HTML$", "~ (", "= /health", "= /other"]

    assert serving_location(locations, path) == location


def test_without_a_location_nothing_serves_a_path() -> None:
    assert serving_location(["/ocpp/"], "/ws/FW-1") is None
    assert serving_location([None], "/ws/FW-1") == ""
