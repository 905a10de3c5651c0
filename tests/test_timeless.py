"""Logs without any time of their own: dated by the messages that stand in other logs as well."""

from pathlib import Path

from tests.support import report_of, world

DAY = "2026-03-04"


def csms(numbers: range) -> list[str]:
    lines = []
    for n in numbers:
        clock = f"{DAY} {5 + n // 60:02}:{n % 60:02}"
        lines += [
            f'{clock}:00,000 INFO ocpp: GRZ-7: receive message [2,"b{n}","Heartbeat",{{}}]',
            f'{clock}:00,200 INFO ocpp: GRZ-7: send [3,"b{n}",{{}}]',
        ]
    return lines


def spoken(numbers: range) -> list[str]:
    """What the station prints of the same messages."""
    lines = []
    for n in numbers:
        lines += [
            f'DEBUG:ocpp:GRZ-7: send [2,"b{n}","Heartbeat",{{}}]',
            f'DEBUG:ocpp:GRZ-7: receive message [3,"b{n}",{{}}]',
        ]
    return lines


STATION = [
    "INFO:ocpp:GRZ-7: starting",
    *spoken(range(20)),
    "ERROR:ocpp:GRZ-7: connection closed 1006",
    *spoken(range(30, 50)),
]


def test_a_log_without_times_takes_them_from_messages_that_another_one_dates(
    tmp_path: Path,
) -> None:
    logs = {
        "csms.log": "\n".join(csms(range(60))), "station/GRZ-7.log": "\n".join(STATION)
    }  # fmt: skip
    with world(tmp_path, logs) as found:
        rows = found.rows(
            "SELECT action::VARCHAR, strftime(ts, '%H:%M:%S') FROM event "
            "JOIN source USING (source_id) "
            "WHERE path LIKE 'station%' ORDER BY event_id"
        )
        clocks = {each.basis: each.anchors for each in found.timeline.clocks}
    assert rows[0] == ("log.message", "05:00:00")
    assert rows[1:4] == [
        ("ocpp.call", "05:00:00"), ("ocpp.result", "05:00:00"), ("ocpp.call", "05:01:00")
    ]  # fmt: skip
    assert rows[41] == ("ws.close", "05:19:00")
    assert rows[42] == ("ocpp.call", "05:30:00")
    assert clocks["messages that other logs date, line by line"] == 80


def test_ids_that_begin_anew_date_nothing_backwards(tmp_path: Path) -> None:
    """One id of the log stands at a wrong place in the other one: order is kept."""
    odd = [f'{DAY} 07:00:00,000 INFO ocpp: GRZ-7: receive message [2,"b70","Heartbeat",{{}}]']
    station = [*spoken(range(5)), *spoken(range(70, 71)), *spoken(range(5, 20))]
    logs = {
        "csms.log": "\n".join([*csms(range(60)), *odd]), "station/GRZ-7.log": "\n".join(station)
    }  # fmt: skip
    with world(tmp_path, logs) as found:
        stamps = [
            row[0]
            for row in found.rows(
                "SELECT strftime(ts, '%H:%M') FROM event JOIN source USING (source_id) "
                "WHERE path LIKE 'station%' ORDER BY event_id"
            )
        ]
    assert stamps == sorted(stamps)
    assert stamps[-1] == "05:19"


def test_a_log_without_times_that_shares_nothing_has_none(tmp_path: Path) -> None:
    logs = {
        "csms.log": "\n".join(csms(range(60))),
        "station/GRZ-8.log": "\n".join(STATION).replace("GRZ-7", "GRZ-8").replace('"b', '"c'),
    }
    report = report_of(tmp_path, logs)
    clocks = {each.path: each.clock.basis for each in report.sources}
    assert clocks["station/GRZ-8.log"] == "no times"


def test_messages_alone_make_a_log(tmp_path: Path) -> None:
    """Nothing but frames, with an arrow or a word before them."""
    lines = [line.partition("[")[2] for line in spoken(range(30))]
    arrows = [f"{'<>'[place % 2 == 0]} [{line}" for place, line in enumerate(lines)]
    logs = {"csms.log": "\n".join(csms(range(60))), "GRZ-7.txt": "\n".join(arrows)}
    with world(tmp_path, logs) as found:
        rows = found.rows(
            "SELECT count(*), count(ts), strftime(max(ts), '%H:%M'), count(event.station) "
            "FROM event JOIN source USING (source_id) WHERE path = 'GRZ-7.txt'"
        )
        assert found.rows("SELECT format, unparsed FROM part WHERE path = 'GRZ-7.txt'") == [
            ("bare-messages", 0)
        ]
    assert rows == [(60, 60, "05:29", 60)]
