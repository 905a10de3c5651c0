"""Whose certificate was refused: what one side does not accept is that of the other."""

from pathlib import Path

import pytest

from tests.support import world


@pytest.mark.parametrize(
    ("log", "line", "refused"),
    [
        ("cp-EV-0007.log", "certificate verify failed: certificate has expired", "expired"),
        ("cp-EV-0007.log", "sslv3 alert certificate expired", "client-certificate"),
        ("cp-EV-0007.log", "tlsv1 alert unknown ca", "client-certificate"),
        ("csms.log", "EV-0007: certificate verify failed: certificate has expired",
         "client-certificate"),
        ("csms.log", "EV-0007: tlsv1 alert unknown ca", "issuer-unknown"),
    ],
)  # fmt: skip
def test_who_refuses_a_certificate_refuses_the_other_sides(
    tmp_path: Path, log: str, line: str, refused: str
) -> None:
    csms = "".join(
        f"2026-03-04T05:0{minute}:00Z INFO EV-000{station} connected\n"
        for minute, station in enumerate((7, 8, 9))
    )
    logs = {"csms.log": csms, "cp-EV-0007.log": "2026-03-04T05:00:00Z INFO connecting to csms\n"}
    logs[log] += f"2026-03-04T05:05:00Z ERROR {line}\n"
    with world(tmp_path, logs) as found:
        assert found.rows("SELECT tls_error FROM key_event WHERE action = 'tls.error'") == [
            (refused,)
        ]


def test_a_clock_years_after_all_servers_is_wrong(tmp_path: Path) -> None:
    logs = {
        "csms.log": "".join(
            f"2026-03-04T05:{minute:02}:00Z INFO EV-0008 {word}\n"
            for minute, word in enumerate(("connected", "disconnected", "connected"))
        ),
        "cp-EV-0007.log": "".join(
            f"2031-03-04T05:{minute:02}:00Z ERROR certificate verify failed: "
            "certificate has expired\n"
            for minute in range(3)
        ),
    }
    with world(tmp_path, logs) as found:
        ahead = found.rows("SELECT DISTINCT round(clock_ahead_s / 86400) FROM failed")
    assert ahead == [(1826,)]
