"""Stamps that leave something open: the order of day and month, half of the day, no time at all."""

from pathlib import Path

import pytest

from tests.support import world

WORDS = ("connected to CSMS", "connection lost", "connecting to ws://cs.example/ocpp/EV-7")


def log(*stamps: str) -> str:
    return "".join(f"{stamp} INFO ocpp {WORDS[place % 3]}\n" for place, stamp in enumerate(stamps))


def times(folder: Path, logs: dict[str, str]) -> list[str]:
    """The times of the first log."""
    with world(folder, logs) as found:
        return [
            row[0]
            for row in found.rows(
                "SELECT strftime(ts, '%m-%d %H:%M:%S') FROM event JOIN source USING (source_id) "
                "WHERE path LIKE '%EV-7.log' ORDER BY event_id"
            )
        ]


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        (("03/04/2026 10:00:00", "03/13/2026 11:00:00"), ["03-04 10:00:00", "03-13 11:00:00"]),
        (("04/03/2026 10:00:00", "13/03/2026 11:00:00"), ["03-04 10:00:00", "03-13 11:00:00"]),
        (("12/03/2026 23:00:00", "12/04/2026 01:00:00"), ["12-03 23:00:00", "12-04 01:00:00"]),
        (("03/12/2026 23:00:00", "04/12/2026 01:00:00"), ["12-03 23:00:00", "12-04 01:00:00"]),
        (("04/03/2026 10:00:00", "04/03/2026 11:00:00"), ["03-04 10:00:00", "03-04 11:00:00"]),
        (("3/4/2026, 11:59 PM", "3/5/2026, 12:01 AM"), ["03-04 23:59:00", "03-05 00:01:00"]),
        (("4.3.2026, 23:59:59", "5.3.2026, 00:01:00"), ["03-04 23:59:59", "03-05 00:01:00"]),
    ],
)
def test_day_and_month_stand_in_one_order_in_all_of_a_log(
    tmp_path: Path, stamps: tuple[str, ...], expected: list[str]
) -> None:
    assert times(tmp_path, {"cp-EV-7.log": log(*stamps)}) == expected


@pytest.mark.parametrize("day", ["03-04", "04-03"])
def test_a_log_of_one_day_stands_next_to_the_others(tmp_path: Path, day: str) -> None:
    other = f"2026-{day} 09:00:00,000 INFO ocpp: EV-7 connected from 192.0.2.1\n"
    logs = {"cp-EV-7.log": log("03/04/2026 10:00:00", "03/04/2026 10:05:00"), "csms.log": other}
    assert times(tmp_path, logs) == [f"{day} 10:00:00", f"{day} 10:05:00"]


def test_lines_without_a_time_stand_between_their_neighbours(tmp_path: Path) -> None:
    frames = (
        'INFO:ocpp:EV-7: receive message [2,"1","Heartbeat",{}]\nINFO:ocpp:EV-7: send [3,"1",{}]\n'
    )
    text = frames + "2026-03-04 05:06:07,000 INFO ocpp up\n" + frames
    text += "2026-03-04 05:06:17,000 INFO ocpp: EV-7 connected from 192.0.2.1\n"
    assert times(tmp_path, {"csms-EV-7.log": text}) == ["03-04 05:06:07"] * 5 + ["03-04 05:06:17"]
