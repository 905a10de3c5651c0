"""The station of lines that do not name it: by connection id, order, address and port."""

from pathlib import Path

import pytest

from tests.support import world

_CLOSED = "Receive16 => Websocket closed: State=CloseReceived / CloseStatus"
OCPP_CORE = f"""\
05:00:01 [INF] [a1b2c3d4] OCPPMiddleware => Connection request with chargepoint identifier = 'EV-7'
05:00:01 [INF] [a1b2c3d5] OCPPMiddleware => Connection request with chargepoint identifier = 'EV-8'
05:00:02 [INF] [a1b2c3d4] OCPPMiddleware.Receive16 => OCPP-Message: Type=2 / ID=1 / Action=Beat)
05:00:03 [INF] [a1b2c3d5] OCPPMiddleware.Receive16 => OCPP-Message: Type=2 / ID=2 / Action=Beat)
05:09:00 [INF] [a1b2c3d5] OCPPMiddleware.{_CLOSED}=NormalClosure
05:09:30 [INF] [a1b2c3d4] OCPPMiddleware.{_CLOSED}=EndpointUnavailable
"""
_BY = "closed by charging station with code"
EV_SERVER = f"""\
3/4/2026, 5:00:01 AM - Upgrade > WS Connection ID '11aa' is being checked ('/OCPP16/t1/k1/EV-7')
3/4/2026, 5:00:01 AM - Open > WS Connection ID '11aa' has been accepted in 0.12 secs
3/4/2026, 5:00:02 AM - Upgrade > WS Connection ID '22bb' is being checked ('/OCPP16/t1/k1/EV-8')
3/4/2026, 5:00:02 AM - Open > WS Connection ID '22bb' has been accepted in 0.10 secs
3/4/2026, 5:09:00 AM - Close > WS Connection ID '22bb' {_BY} '1006', reason: 'No reason given'
3/4/2026, 5:09:30 AM - Close > WS Connection ID '11aa' {_BY} '1001', reason: 'Going away'
"""
TENANTS = "".join(
    f"2026-03-04 05:{clock}.938\tINFO\t\tCitrineOS Logger:WebsocketNetworkConnection{rest}\n"
    for clock, rest in (
        ("00:01", ":T1:EV-7\tClient websocket connected 1:EV-7 ::ffff:192.0.2.1 51872 ocpp1.6"),
        ("00:02", ":T1:EV-8\tClient websocket connected 1:EV-8 ::ffff:192.0.2.2 51873 ocpp1.6"),
        ("09:00", "\tConnection closed for 1:EV-8"),
        ("09:30", "\tConnection closed for 1:EV-7"),
    )
)
KEYED = "".join(
    f'{{"time":"2026-03-04T05:{clock}Z","level":"info",{rest}}}\n'
    for clock, rest in (
        ("00:01", '"session":"s-1","chargeStationId":"EV-7","msg":"websocket connected"'),
        ("00:02", '"session":"s-2","chargeStationId":"ev%2D8","msg":"websocket connected"'),
        ("00:03", '"session":"s-3","chargeStationId":"EV-8","msg":"websocket connected"'),
        ("00:04", '"session":"s-3","chargeStationId":"EV-8","msg":"websocket connected"'),
        ("09:00", '"session":"s-2","msg":"connection closed","code":1006'),
        ("09:30", '"session":"s-1","msg":"connection closed","code":1001'),
    )
)


@pytest.mark.parametrize(
    "log",
    [OCPP_CORE, EV_SERVER, TENANTS, KEYED],
    ids=["ocpp-core", "ev-server", "citrine", "keyed"],
)
def test_a_close_without_a_name_has_its_station_from_the_connection_id(
    tmp_path: Path, log: str
) -> None:
    with world(tmp_path, {"csms.log": log}) as found:
        closes = found.rows(
            "SELECT station, strftime(ts, '%M:%S') FROM event WHERE action = 'ws.close' ORDER BY ts"
        )
        stations = found.rows("SELECT DISTINCT station FROM event WHERE station IS NOT NULL")
    assert closes == [("EV-8", "09:00"), ("EV-7", "09:30")]
    assert sorted(stations) == [("EV-7",), ("EV-8",)]


MAEVE = """\
2026/03/04 05:00:01 INFO websocket connection received path=/ws/EV-7 method=GET
2026/03/04 05:00:01 INFO processing connection uri=/ws/EV-7
2026/03/04 05:04:00 INFO connection closed with status status=StatusGoingAway
2026/03/04 05:05:01 INFO websocket connection received path=/ws/EV-8 method=GET
2026/03/04 05:05:01 INFO processing connection uri=/ws/EV-8
2026/03/04 05:05:03 INFO websocket connection received path=/ws/EV-7 method=GET
2026/03/04 05:05:03 INFO processing connection uri=/ws/EV-7
2026/03/04 05:09:30 INFO connection closed with status status=StatusGoingAway
"""
EV7 = """\
2026-03-04T05:00:01.010Z INFO ws connecting to ws://csms.example/ws/EV-7
2026-03-04T05:00:01.520Z INFO ws connection established
2026-03-04T05:04:00.000Z WARN ws connection closed: code=1001 reason=
2026-03-04T05:05:03.010Z INFO ws connecting to ws://csms.example/ws/EV-7
2026-03-04T05:05:03.500Z INFO ws connection established
2026-03-04T05:09:30.100Z WARN ws connection closed: code=1001 reason=
"""


def closes(folder: Path, logs: dict[str, str | bytes]) -> list[tuple[str | None, str]]:
    with world(folder, logs) as found:
        return found.rows(
            "SELECT station, strftime(ts, '%M:%S') FROM key_event "
            "WHERE action = 'ws.close' AND kind = 'csms' ORDER BY ts"
        )


def test_a_nameless_close_is_that_of_the_only_station_that_is_connected(tmp_path: Path) -> None:
    assert closes(tmp_path, {"csms.log": MAEVE}) == [("EV-7", "04:00"), (None, "09:30")]


def test_a_nameless_close_is_that_of_the_station_that_tells_of_one(tmp_path: Path) -> None:
    logs: dict[str, str | bytes] = {"csms.log": MAEVE, "cp-EV-7.log": EV7}
    assert closes(tmp_path, logs) == [("EV-7", "04:00"), ("EV-7", "09:30")]


LIBRARY = """\
2026-03-04 05:00:01,100 INFO:websockets.server:connection open
2026-03-04 05:00:01,101 INFO:root:Charge point EV-7 connected
2026-03-04 05:04:00,000 INFO:websockets.server:connection closed
2026-03-04 05:05:01,100 INFO:websockets.server:connection open
2026-03-04 05:05:01,101 INFO:root:Charge point EV-8 connected
2026-03-04 05:06:01,100 INFO:websockets.server:connection open
2026-03-04 05:09:30,000 INFO:websockets.server:connection closed
"""


def test_an_opening_that_the_library_tells_as_well_counts_once(tmp_path: Path) -> None:
    """The third connection is nobody's that is known: after it, the close may be either's."""
    assert closes(tmp_path, {"csms.log": LIBRARY}) == [("EV-7", "04:00"), (None, "09:30")]


GO = "".join(
    f'time="2026-03-04T05:{clock}Z" level={level} msg="{words}" logger=websocket\n'
    for clock, level, words in (
        ("00:01", "debug", "handling new connection for EV-7 from 192.0.2.1:52286"),
        ("00:01", "error", "basic auth failed: credentials invalid"),
        ("01:01", "debug", "handling new connection for EV-8 from 192.0.2.2:52287"),
        ("01:09", "error", "basic auth failed: credentials invalid"),
    )
)


def test_a_refusal_without_a_name_is_that_of_the_request_before_it(tmp_path: Path) -> None:
    with world(tmp_path, {"csms.log": GO}) as found:
        rows = found.rows("SELECT station FROM event WHERE action = 'csms.rejected' ORDER BY ts")
    assert rows == [("EV-7",), (None,)]


SHARED = "".join(
    f"Mar  4 05:{minute}:00 lb haproxy[1]: 192.0.2.9:{port} [04/Mar/2026:05:00:00.000] f g/g1 "
    f'0/0/1/9/{minute * 60000} 101 9 - - cD-- 9/9/9/9/0 0/0 "GET /ocpp/{station} HTTP/1.1"\n'
    for minute, port, station in ((10, 41001, "EV-7"), (11, 41002, "EV-8"))
)


def test_stations_behind_one_address_are_told_apart_by_the_port(tmp_path: Path) -> None:
    csms = (
        "2026-03-04 05:10:00,100 WARNING ws: connection reset by peer, remote 192.0.2.9:41001\n"
        "2026-03-04 05:11:00,100 WARNING ws: [192.0.2.9:41002] connection reset by peer\n"
        "2026-03-04 05:12:00,100 WARNING ws: connection reset by peer, remote 192.0.2.9:41003\n"
    )
    with world(tmp_path, {"haproxy.log": SHARED, "csms.log": csms}) as found:
        rows = found.rows(
            "SELECT e.station FROM event AS e JOIN source USING (source_id) "
            "WHERE path LIKE '%csms.log' ORDER BY e.ts"
        )
    assert rows == [("EV-7",), ("EV-8",), (None,)]


def test_the_name_of_a_network_interface_or_an_address_is_no_station(tmp_path: Path) -> None:
    modem = "Mar  4 05:00:00 gw dhcpcd[9]: wwx0: leased 10.20.1.79 for 120 seconds\n" * 3
    proxy = (
        '198.51.100.7 - - [04/Mar/2026:05:00:07 +0000] "GET /ocpp/EV-7 HTTP/1.1" 101 2 "-" "-"\n'
    )
    error = (
        "[Wed Mar 04 05:01:07.984851 2026] [ssl:info] [pid 24:tid 79] (70014)End of file found: "
        "[client 198.51.100.7:39162] AH02006: SSL handshake stopped: connection was closed\n"
    )
    logs: dict[str, str | bytes] = {"gw.log": modem, "access.log": proxy, "error.log": error}
    with world(tmp_path, logs) as found:
        rows = found.rows("SELECT DISTINCT action, station FROM event WHERE kind = 'proxy'")
        stations = found.rows("SELECT DISTINCT station FROM event WHERE station IS NOT NULL")
    assert sorted(rows) == [("http.response", "EV-7"), ("tls.error", "EV-7")]
    assert stations == [("EV-7",)]


REFUSALS = """\
2026-03-04 05:00:01,000 INFO gw: EV-7 online
2026-03-04 05:00:02,000 INFO gw: EV-8 online
2026-03-04 05:05:00,000 INFO gw: no seat left for EV-7
2026-03-04 05:05:00,004 INFO websockets.server: HTTP response sent (503 Service Unavailable)
2026-03-04 05:05:01,000 INFO gw: no seat left for EV-8
2026-03-04 05:05:01,003 INFO websockets.server: HTTP response sent (503 Service Unavailable)
2026-03-04 05:06:00,000 INFO gw: EV-8 is on the list
2026-03-04 05:06:09,000 INFO websockets.server: HTTP response sent (404 Not Found)
"""


def test_a_refusal_without_a_name_is_of_the_station_named_right_before(tmp_path: Path) -> None:
    with world(tmp_path, {"csms.log": REFUSALS}) as found:
        assert found.rows(
            "SELECT strftime(ts, '%M:%S'), station FROM key_event "
            "WHERE action = 'http.response' ORDER BY ts"
        ) == [("05:00", "EV-7"), ("05:01", "EV-8"), ("06:09", None)]


OPENINGS = """\
2026-03-04 05:00:00,100 INFO websockets.server: connection open
2026-03-04 05:00:00,104 INFO gw: seat 4 taken by EV-7 198.51.100.7:40001
2026-03-04 05:00:01,100 INFO websockets.server: connection open
2026-03-04 05:00:01,102 INFO websockets.server: connection open
2026-03-04 05:00:01,103 INFO gw: seat 5 taken by EV-8 198.51.100.8:40002
2026-03-04 05:00:09,100 INFO websockets.server: connection open
2026-03-04 05:00:10,000 INFO gw: seat 5 left by EV-8
2026-03-04 05:01:00,000 INFO gw: EV-7 offline
2026-03-04 05:01:00,500 INFO gw: EV-8 offline
"""


def test_an_opening_without_a_name_is_of_the_station_named_right_behind(tmp_path: Path) -> None:
    """But not where another one came right before, or where the name comes later."""
    with world(tmp_path, {"csms.log": OPENINGS}) as found:
        assert found.rows(
            "SELECT strftime(ts, '%S.%g'), station FROM key_event "
            "WHERE action = 'ws.open' ORDER BY ts"
        ) == [("00.100", "EV-7"), ("01.100", None), ("01.102", None), ("09.100", None)]


def test_an_id_that_every_connection_has_anew_is_no_station(tmp_path: Path) -> None:
    lines = [
        f"2026-03-04 05:{n:02}:00.000 lvl=I cid=w{n:03} {rest}"
        for n in range(1, 9)
        for rest in (
            f"ev=ws.accept path=/cp/EV-{n % 2} from=10.0.0.1:4000{n}",
            f'ev=ocpp.in data=[2,"{n}","Heartbeat",{{}}]',
        )
    ]
    with world(tmp_path, {"csms.log": "\n".join(lines)}) as found:
        assert found.rows(
            "SELECT station, count(*) FROM event WHERE ocpp_type = 2 GROUP BY ALL ORDER BY ALL"
        ) == [("EV-0", 4), ("EV-1", 4)]


def test_the_same_word_names_the_station_where_nothing_else_does(tmp_path: Path) -> None:
    lines = [
        f'{{"time":"2026-03-04T05:{n:02}:00Z","cid":"EV-{n % 2}",'
        f'"msg":"[2,\\"{n}\\",\\"Heartbeat\\",{{}}]"}}'
        for n in range(12)
    ]
    with world(tmp_path, {"csms.log": "\n".join(lines)}) as found:
        assert found.rows("SELECT DISTINCT station FROM event ORDER BY ALL") == [
            ("EV-0",),
            ("EV-1",),
        ]


def test_an_object_about_the_station_names_it(tmp_path: Path) -> None:
    frame = '[2,"1","Heartbeat",{}]'
    lines = [
        f'{{"time":"2026-03-04T05:00:0{n}Z","station":{{"{key}":"EV-7"}},"msg":"rx","frame":{frame}}}'
        for n, key in enumerate(("identity", "id", "identity"))
    ]
    with world(tmp_path, {"csms.ndjson": "\n".join(lines)}) as found:
        assert found.rows("SELECT DISTINCT station FROM event") == [("EV-7",)]


def test_a_word_before_frames_of_the_make_of_a_station_that_stands_there_is_one(
    tmp_path: Path,
) -> None:
    frames = "".join(
        f"2026-03-04T05:{minute:02}:{second:02}Z RECV {word} req{minute:02} "
        f'[2,"{word}{minute}","Heartbeat",{{}}]\n'
        for minute in range(4)
        for second, word in enumerate(("TRN021", "TRN024", "SES024"))
    )
    once = '2026-03-04T05:09:00Z RECV TRN099 [2,"z","Heartbeat",{}]\n'
    station = "2026-03-04T05:00:00Z INFO connecting to wss://csms.example/ocpp/TRN021\n"
    with world(tmp_path, {"csms.log": frames + once, "cp.log": station}) as found:
        counts = found.rows(
            "SELECT station, count(*) FROM event WHERE ocpp_type = 2 GROUP BY ALL ORDER BY ALL"
        )
    assert counts == [("TRN021", 4), ("TRN024", 4), (None, 5)]
