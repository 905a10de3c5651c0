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


def handshakes(reason: str) -> str:
    return "".join(
        f"2026-03-04T05:{minute:02}:00Z ERROR TLS handshake failed: {reason}\n"
        for minute in range(10, 13)
    )


@pytest.mark.parametrize(
    ("reasons", "opened", "others"),
    [
        (("certificate has expired", "certificate has expired"), "04:50", 2),
        (("certificate has expired", "certificate has expired"), "05:12", 0),
        (("certificate has expired", "unable to get local issuer certificate"), "04:50", 1),
    ],
)
def test_what_others_say_of_the_certificate_where_a_handshake_fails_without_a_reason(
    tmp_path: Path, reasons: tuple[str, str], opened: str, others: int
) -> None:
    logs = {f"cp-EV-000{n}.log": handshakes(each) for n, each in enumerate(reasons)}
    logs["cp-EV-0007.log"] = handshakes("handshake failure")
    logs["csms.log"] = "".join(
        f"2026-03-04T{opened}:{second:02}Z INFO EV-000{station} connected\n"
        for second, station in enumerate((9, 0, 1, 7) if opened < "05" else (9,))
    )
    with world(tmp_path, logs) as found:
        rows = found.rows(
            "SELECT DISTINCT tls_error, others_expired FROM failed WHERE station = 'EV-0007'"
        )
    assert [expired for _, expired in rows] == [others], rows
