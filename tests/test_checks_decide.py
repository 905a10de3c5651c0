"""Outputs of first checks and configurations decide where the logs leave a cause open."""

from pathlib import Path

from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.model import Incident, Report
from tests.support import report_of

LIBRARY = load_signatures(tests=False)


def stamped(second: float, text: str) -> str:
    minutes, rest = divmod(second, 60)
    return f"2026-03-04T08:{minutes:02.0f}:{rest:06.3f}Z INFO net: {text}\n"


def url(station: str) -> str:
    """Each station dials a host of its own: FW-1 dials fw-1.fernwald.example."""
    return f"wss://{station.lower()}.fernwald.example/ocpp/{station}"


def attempts(station: str, failure: str) -> str:
    return "".join(
        stamped(60 * number, f"connecting to {url(station)}") + stamped(60 * number + 1, failure)
        for number in range(6)
    )


def diagnosed(folder: Path, logs: dict[str, str]) -> Report:
    report = report_of(folder, logs, LIBRARY)
    assert all(each.unparsed == 0 for each in report.sources)
    return report


def causes(report: Report) -> dict[str, str]:
    """The cause of each station, 'unexplained' where there is an incident without one."""
    return {station: each.cause for each in report.incidents for station in each.stations}


def untimed(incident: Incident) -> list[str]:
    """The lines of checks and configurations that an incident quotes."""
    return [each.text.strip() for each in incident.evidence if each.ts is None]


UNNAMED = "TLS handshake failed"
UNKNOWN_ISSUER = "TLS handshake failed: unable to get local issuer certificate"
OUT_OF_DATE = "TLS handshake failed: certificate has expired"
FAILURES = {
    "FW-1": UNNAMED, "FW-2": UNNAMED, "FW-3": UNNAMED, "FW-4": UNKNOWN_ISSUER, "FW-5": OUT_OF_DATE,
}  # fmt: skip
LOGS = {f"{station}.log": attempts(station, failure) for station, failure in FAILURES.items()}

ISSUING = "Fernwald Issuing 3"


def s_client(host: str, code: int, *, whole: bool, until: str = "Apr 10") -> str:
    """What openssl s_client prints for a host with or without its intermediate certificate."""
    dates = f"   v:NotBefore: Jan 10 00:00:00 2026 GMT; NotAfter: {until} 00:00:00 2026 GMT\n"
    second = f" 1 s:CN = {ISSUING}\n   i:CN = Fernwald Root\n{dates}" if whole else ""
    return (
        f"$ openssl s_client -connect {host}:443 -servername {host} -verify_hostname {host}\n"
        + (f"verify error:num={code}:x\n" if code else "")
        + "CONNECTED(00000003)\n---\nCertificate chain\n"
        + f" 0 s:CN = {host}\n   i:CN = {ISSUING}\n{dates}{second}---\nServer certificate\n"
        + "-----BEGIN CERTIFICATE-----\nnVqM1x1eQ1GAXxHzWaaoQ==\n-----END CERTIFICATE-----\n---\n"
        + f"Verify return code: {code} (text)\n---\n"
    )


def test_without_a_check_the_handshakes_are_what_the_stations_say(tmp_path: Path) -> None:
    report = diagnosed(tmp_path, LOGS)

    assert causes(report) == {
        "FW-1": "unexplained",
        "FW-2": "unexplained",
        "FW-3": "unexplained",
        "FW-4": "tls-incomplete-chain",
        "FW-5": "tls-certificate-expired",
    }
    asked = {
        each.stations[-1]: [
            (missing.need[:40], missing.would_decide)
            for missing in each.missing_evidence
            if missing.kind == "check"
        ]
        for each in report.incidents
    }
    assert asked["FW-3"] == [
        (
            "the output of `openssl s_client -connect",
            (
                "tls-certificate-expired",
                "tls-hostname-mismatch",
                "tls-incomplete-chain",
            ),
        )
    ]
    assert asked["FW-4"] == [
        ("the output of `openssl s_client -connect", ("tls-trust-anchor-changed",))
    ]


def test_what_the_server_sends_decides_why_handshakes_fail(tmp_path: Path) -> None:
    checks = (
        s_client("fw-1.fernwald.example", 21, whole=False)
        + s_client("fw-2.fernwald.example", 0, whole=True, until="Mar  4")
        + s_client("fw-3.fernwald.example", 62, whole=True)
        + s_client("fw-4.fernwald.example", 20, whole=True)
        + s_client("fw-5.fernwald.example", 0, whole=True)
    )

    report = diagnosed(tmp_path, {**LOGS, "all checks.txt": checks})

    assert causes(report) == {
        "FW-1": "tls-incomplete-chain",
        "FW-2": "tls-certificate-expired",
        "FW-3": "tls-hostname-mismatch",
        "FW-4": "tls-trust-anchor-changed",
        "FW-5": "tls-clock-skew",
    }
    lines = {each.stations[0]: untimed(each) for each in report.incidents}
    assert lines == {
        "FW-1": ["0 s:CN = fw-1.fernwald.example", "Verify return code: 21 (text)"],
        "FW-2": ["v:NotBefore: Jan 10 00:00:00 2026 GMT; NotAfter: Mar  4 00:00:00 2026 GMT"],
        "FW-3": ["verify error:num=62:x"],
        "FW-4": ["0 s:CN = fw-4.fernwald.example"],
        "FW-5": ["v:NotBefore: Jan 10 00:00:00 2026 GMT; NotAfter: Apr 10 00:00:00 2026 GMT"],
    }


def x509(names: str) -> str:
    return (
        "notBefore=Jan 10 00:00:00 2026 GMT\nnotAfter=Apr 10 00:00:00 2026 GMT\n"
        f"X509v3 Subject Alternative Name:\n    {names}\n"
    )


def test_the_names_of_a_certificate_are_set_against_the_host_that_is_dialled(
    tmp_path: Path,
) -> None:
    logs = {name: LOGS[name] for name in ("FW-1.log", "FW-2.log")}
    names = "DNS:fw-1.fernwald.example, DNS:*.elsewhere.fernwald.example"

    assert causes(diagnosed(tmp_path, {**logs, "x.pem.txt": x509(names)})) == {
        "FW-1": "unexplained",
        "FW-2": "tls-hostname-mismatch",
    }


SERVER = """  server {{
    server_name {name}.fernwald.example;
    location /health {{ return 200; }}
    location /ocpp/ {{
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;{headers}
      proxy_read_timeout {timeout};
    }}
  }}
"""
HEADERS = " proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"


def nginx(*servers: str) -> str:
    return "events {}\nhttp {\n" + "".join(servers) + "}\n"


def test_the_proxys_configuration_decides_whose_404_it_is(tmp_path: Path) -> None:
    stations = ("FW-1", "FW-2", "FW-3")
    logs = {
        f"{each}.log": attempts(each, "WebSocket upgrade failed: HTTP 404") for each in stations
    }
    configuration = nginx(
        SERVER.format(name="fw-1", headers="", timeout="1h"),
        SERVER.format(name="fw-2", headers=HEADERS, timeout="1h"),
    )

    assert causes(diagnosed(tmp_path, {**logs, "edge.txt": configuration})) == {
        "FW-1": "proxy-upgrade-blocked",
        "FW-2": "unknown-station",
        "FW-3": "unknown-station",
    }


def drops(*stations: str) -> dict[str, str]:
    """Stations that lose their connection three times after 75 s, at moments of their own."""
    logs = {}
    csms = []
    for place, station in enumerate(stations):
        own = ""
        for begin in (7 * place, 200 + 13 * place, 400 + 19 * place):
            call = f'[2,"b{begin}","MeterValues",{{}}]'
            answer = f'[3,"b{begin}",{{}}]'
            own += (
                stamped(begin, f"connecting to {url(station)}")
                + stamped(begin + 0.2, "WebSocket connected")
                + stamped(begin + 1, f"sent {call}")
                + stamped(begin + 1.2, f"received {answer}")
                + stamped(begin + 76.3, "WebSocket closed: code 1006, no close frame received")
            )
            csms += [
                stamped(
                    begin + 0.1, f"{station} connected from 192.0.2.{20 + place}:{4001 + begin}"
                ),
                stamped(begin + 1.1, f"{station} received {call}"),
                stamped(begin + 1.1, f"{station} sent {answer}"),
                stamped(begin + 76.2, f"{station} disconnected: code 1006"),
            ]
        logs[f"{station}.log"] = own
    end = stamped(1200, "FW-9 connected from 192.0.2.8:4001")
    return {**logs, "csms.log": "".join(sorted(csms)) + end}


def test_the_configured_idle_limit_explains_a_silence_of_its_length_and_no_other(
    tmp_path: Path,
) -> None:
    configuration = nginx(
        SERVER.format(name="fw-1", headers=HEADERS, timeout="75s"),
        SERVER.format(name="fw-2", headers=HEADERS, timeout="1h"),
    )

    report = diagnosed(tmp_path, {**drops("FW-1", "FW-2", "FW-3"), "proxy.conf": configuration})

    assert causes(report) == {
        "FW-1": "proxy-idle-timeout",
        "FW-2": "unexplained",
        "FW-3": "proxy-idle-timeout",
    }
    told = {each.stations[0]: each for each in report.incidents}
    assert untimed(told["FW-1"]) == ["proxy_read_timeout 75s;"]
    assert "that is the proxy's idle limit of 75 s (proxy.conf:9)" in told["FW-1"].summary
    assert "+4 the proxy's idle limit is 75 s (proxy.conf:9)" in told["FW-1"].reasons
    (why,) = (each.why for each in told["FW-2"].ruled_out if each.cause == "proxy-idle-timeout")
    assert "the proxy's configuration allows a silence of 60 min" in why


def test_no_configuration_rules_nothing_out_where_there_is_none(
    tmp_path: Path,
) -> None:
    logs = Path(__file__).parent.parent / "fixtures" / "carrier-nat-expiry" / "logs"
    report = report_of(tmp_path, {each.name: each.read_bytes() for each in logs.iterdir()}, LIBRARY)
    (incident,) = (each for each in report.incidents if each.cause == "carrier-nat-expiry")
    told = {each.cause: each.why for each in incident.ruled_out}
    assert "configuration" not in told["proxy-idle-timeout"]


HAPROXY = """defaults
    mode http
    timeout client 30s
    timeout server 30s
frontend edge
    bind :443
    use_backend csms if { path_beg /ocpp/ }
    default_backend web
backend csms
    timeout tunnel 75s
    server a 127.0.0.1:9000 maxconn 500
backend web
    server w 127.0.0.1:9001
"""


def test_haproxys_tunnel_timeout_is_the_limit_of_the_path_that_it_serves(tmp_path: Path) -> None:
    report = diagnosed(tmp_path, {**drops("FW-1"), "lb.txt": HAPROXY})

    assert causes(report)["FW-1"] == "proxy-idle-timeout"
    assert untimed(report.incidents[0]) == ["timeout tunnel 75s"]
