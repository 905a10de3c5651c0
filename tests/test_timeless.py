"""Logs without any time of their own: dated by the messages that stand in other logs as well."""

from collections.abc import Iterator

import pytest

from tests.support import World, world

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


ODD = f'{DAY} 07:00:00,000 INFO ocpp: GRZ-7: receive message [2,"b70","Heartbeat",{{}}]'
"""A message at a time that the place of its twin in the station's log belies."""


def bare() -> str:
    """Nothing but messages, with an arrow before each."""
    lines = [f"[{line.partition('[')[2]}" for line in spoken(range(30))]
    return "\n".join(f"{'<>'[place % 2 == 0]} {line}" for place, line in enumerate(lines))


def headed() -> str:
    """A log with a time that writes each message on a line below; one in two names no station."""
    return "\n".join(
        f'{DAY} 05:{n:02}:00,118 INFO ocpp: GRZ-9: received message:\n[2,"d{n}","Heartbeat",{{}}]\n'
        f'{DAY} 05:{n:02}:01,118 INFO ocpp: GRZ-9: sent:\n[3,"d{n}",{{}}]'
        for n in range(15)
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    station = [*STATION[:11], *spoken(range(70, 71)), *STATION[11:]]
    logs = {
        "csms.log": "\n".join([*csms(range(60)), ODD]),
        "station/GRZ-7.log": "\n".join(station),
        "bare/GRZ-7.txt": bare(),
        "headed.log": headed(),
        "station/GRZ-8.log": "\n".join(STATION).replace("GRZ-7", "GRZ-8").replace('"b', '"c'),
    }
    with world(tmp_path_factory.mktemp("timeless"), logs) as made:
        yield made


def stamps(found: World, path: str) -> list[tuple[str, str | None]]:
    return found.rows(
        "SELECT action::VARCHAR, strftime(ts, '%H:%M:%S') FROM event "
        f"JOIN part ON part_id = event_id >> 40 WHERE path = '{path}' ORDER BY event_id"
    )


def test_a_log_without_times_takes_them_from_messages_that_another_one_dates(found: World) -> None:
    rows = stamps(found, "station/GRZ-7.log")
    assert rows[0] == ("log.message", "05:00:00")
    assert rows[1:4] == [
        ("ocpp.call", "05:00:00"), ("ocpp.result", "05:00:00"), ("ocpp.call", "05:01:00")
    ]  # fmt: skip
    assert rows[43:45] == [("ws.close", "05:19:00"), ("ocpp.call", "05:30:00")]


def test_a_message_out_of_order_dates_nothing(found: World) -> None:
    times = [time or "" for _, time in stamps(found, "station/GRZ-7.log")]
    assert times == sorted(times)
    assert times[-1] == "05:49:00"


def test_the_report_tells_whose_time_it_is(found: World) -> None:
    clocks = {each.source_id: each for each in found.timeline.clocks}
    bases = {
        each.path: clocks[each.source_id].basis
        for each in found.timeline.sources
        if each.source_id in clocks
    }
    borrowed = "messages that other logs date, line by line"
    assert bases["station/GRZ-7.log"] == bases["bare/GRZ-7.txt"] == borrowed
    assert "station/GRZ-8.log" not in bases


def test_a_log_without_times_that_shares_nothing_has_none(found: World) -> None:
    assert {time for _, time in stamps(found, "station/GRZ-8.log")} == {None}


def test_messages_alone_make_a_log(found: World) -> None:
    rows = stamps(found, "bare/GRZ-7.txt")
    assert (len(rows), rows[-1]) == (60, ("ocpp.result", "05:29:00"))
    assert found.rows("SELECT format, unparsed FROM part WHERE path LIKE 'bare%'") == [
        ("bare-messages", 0)
    ]


def test_messages_below_a_line_with_a_time_belong_to_it(found: World) -> None:
    assert stamps(found, "headed.log")[:2] == [
        ("ocpp.call", "05:00:00"), ("ocpp.result", "05:00:01")
    ]  # fmt: skip
    assert found.rows("SELECT count(*) FROM event WHERE station = 'GRZ-9'") == [(30,)]
