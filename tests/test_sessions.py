"""Sessions from small logs: connections, attempts, boots, status, losses, and laws over them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocpp_forensics.dsl.catalogue import facts, streams
from tests.support import World, unknown_truths, world

CSMS = """\
2026-03-04 05:00:00,000 INFO websockets.server connection open EV-0007
2026-03-04 05:00:00,000 INFO ocpp EV-0007: receive message {boot}
2026-03-04 05:00:00,100 INFO ocpp EV-0007: send {boot_answer}
2026-03-04 05:00:01,000 INFO ocpp EV-0007: receive message {faulted}
2026-03-04 05:10:00,000 INFO ocpp EV-0007: receive message [2,"h1","Heartbeat",{{}}]
2026-03-04 05:10:00,050 INFO ocpp EV-0007: send [3,"h1",{{"currentTime":"2026-03-04T05:10:00Z"}}]
2026-03-04 05:20:00,000 INFO ocpp EV-0007: receive message {available}
""".format(
    boot='[2,"b1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M1",'
    '"firmwareVersion":"1.2","iccid":"8949"}]',
    boot_answer='[3,"b1",{"status":"Accepted","currentTime":"2026-03-04T05:00:00Z","interval":600}]',
    faulted='[2,"s1","StatusNotification",{"connectorId":1,"status":"Faulted",'
    '"errorCode":"GroundFailure"}]',
    available='[2,"s2","StatusNotification",{"connectorId":1,"status":"Available",'
    '"errorCode":"NoError"}]',
)
STATION = """\
2026-03-04T05:00:00.010Z INFO ws connecting to wss://csms.example/ocpp/EV-0007
2026-03-04T05:00:00.020Z INFO ws connection established
2026-03-04T05:30:00.000Z WARN ws connection closed: code=1006 reason=
2026-03-04T05:30:10.000Z INFO ws connecting to wss://csms.example/ocpp/EV-0007
2026-03-04T05:30:10.500Z ERROR ws connect failed: ECONNREFUSED connect ECONNREFUSED 203.0.113.20:443
2026-03-04T05:30:40.000Z INFO ws connecting to wss://csms.example/ocpp/EV-0007
2026-03-04T05:30:40.500Z INFO ws connection established
"""
PROXY = (
    '198.51.100.7 - - [04/Mar/2026:05:30:00 +0000] "GET /ocpp/EV-0007 HTTP/1.1" 101 900 "-" "ws"\n'
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    logs = {"csms.log": CSMS, "cp-EV-0007.log": STATION, "nginx-access.log": PROXY}
    with world(tmp_path_factory.mktemp("small"), logs) as found:
        yield found


def test_a_boot_tells_of_the_station(small: World) -> None:
    assert small.rows("SELECT station, vendor, model, firmware FROM boot") == [
        ("EV-0007", "V", "M1", "1.2")
    ]
    assert small.rows("SELECT station, vendor, model, firmware, link FROM station") == [
        ("EV-0007", "V", "M1", "1.2", "cellular")
    ]


def test_a_connection_is_one_row_over_all_vantage_points(small: World) -> None:
    rows = small.rows(
        "SELECT station, open_ts::VARCHAR, close_ts::VARCHAR FROM connection ORDER BY ALL"
    )
    assert len(rows) == 2
    assert rows[0][0] == "EV-0007"
    assert rows[0][1].startswith("2026-03-04 05:00:00")
    assert rows[0][2].startswith("2026-03-04 05:30:00")
    assert rows[1][1].startswith("2026-03-04 05:30:40")
    assert rows[1][2] is None


def test_the_end_of_a_connection_is_a_loss(small: World) -> None:
    ((station, code, age_s, down_s, known),) = small.rows(
        "SELECT station, code, age_s, down_s, next_known FROM lost"
    )
    assert (station, code, known) == ("EV-0007", 1006, True)
    assert age_s == pytest.approx(1800, abs=2)
    assert down_s == pytest.approx(40, abs=2)


def test_attempts_end_where_they_were_stopped(small: World) -> None:
    stages = small.rows("SELECT stage FROM attempt ORDER BY ts")
    assert [stage for (stage,) in stages] == ["open", "tcp", "open"]


def test_the_status_of_a_connector_changes(small: World) -> None:
    assert small.rows("SELECT connector, status, error_code FROM status ORDER BY ts") == [
        (1, "Faulted", "GroundFailure"),
        (1, "Available", "NoError"),
    ]


def test_a_single_failed_attempt_is_no_outage(small: World) -> None:
    assert small.rows("SELECT * FROM failed") == []


def test_logs_cover_from_their_first_to_their_last_record(small: World) -> None:
    found = small.rows("SELECT kind, station, from_ts::VARCHAR, to_ts::VARCHAR FROM coverage")
    by_kind = {row[0]: row[1:] for row in found}
    assert by_kind["csms"] == (None, "2026-03-04 05:00:00", "2026-03-04 05:20:00")
    assert by_kind["station"][0] == "EV-0007"


@pytest.mark.parametrize(
    "name", [name for name, each in streams().items() if not each.is_event], ids=str
)
def test_session_tables_have_the_columns_that_signatures_may_name(small: World, name: str) -> None:
    stream = streams()[name]
    columns = dict(
        small.rows(
            "SELECT column_name, data_type FROM duckdb_columns() "
            f"WHERE table_name = '{stream.table}'"
        )
    )
    assert stream.key in columns
    for field in stream.fields.values():
        if not (field.name == "station" and stream.scope == "fleet"):
            assert field.name in columns, field.name
            kind = columns[field.name].partition("(")[0]  # an ENUM is text with known values
            if field.type == "text":
                assert kind in {"VARCHAR", "ENUM"}, field.name
            if field.type == "boolean":
                assert kind == "BOOLEAN", field.name


def test_every_fact_can_be_asked_for(small: World) -> None:
    columns = {
        row[0]
        for row in small.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'known'")
    }
    assert set(facts()) <= columns


def test_what_is_true_or_false_is_never_unknown(small: World) -> None:
    assert unknown_truths(small.store) == {}


def test_nor_is_it_where_a_log_begins_inside_a_connection(tmp_path: Path) -> None:
    with world(tmp_path, {"cp-EV-0007.log": STATION.split("\n", 2)[2]}) as cut:
        assert cut.rows("SELECT open_ts, ping_timeout FROM connection LIMIT 1") == [(None, False)]
        assert unknown_truths(cut.store) == {}


def test_an_empty_timeline_has_all_tables(tmp_path: Path) -> None:
    with world(tmp_path, {"empty.log": "", "words.txt": "no time in here\n"}) as found:
        for name, stream in streams().items():
            assert found.rows(f"SELECT count(*) FROM {stream.table}") == [(0,)], name


def test_whole_seconds_of_a_proxy_do_not_lengthen_the_quiet(tmp_path: Path) -> None:
    station = (
        "2026-03-04T05:00:00.900Z INFO ws connecting to wss://csms.example/ocpp/EV-0007\n"
        "2026-03-04T05:00:00.950Z INFO ws connection established\n"
        "2026-03-04T05:01:00.950Z WARN ws connection closed: code=1006 reason=\n"
    )
    proxy = PROXY.replace("05:30:00", "05:01:00").replace('"-" "ws"', '"-" "ws" rt=60.040')
    with world(tmp_path, {"cp-EV-0007.log": station, "nginx-access.log": proxy}) as found:
        assert found.rows("SELECT round(silence_s, 2), proxy_saw FROM lost") == [(60.0, True)]
