"""Log formats as servers configure them: documented ones, odd ones, wrong ones."""

from pathlib import Path
from typing import Any

import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.errors import DefinitionError, InputError, Where
from ocpp_forensics.formats.logformat import compile_log_format
from ocpp_forensics.settings import read_options
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import build_timeline
from tests.support import write_logs

CLIENT = "198.51.100.7"
COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent"'
)
HTTPLOG = (
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq "
    "%hr %hs %{+Q}r"
)
CASES = {
    "nginx-combined": (
        f"nginx:{COMBINED}",
        f'{CLIENT} - - [04/Mar/2026:05:06:07 +0100] "GET /ocpp/EV-7 HTTP/1.1" 101 5 "-" "Fw/1.2"',
        "04:06:07 http.response EV-7 path=/ocpp/EV-7 http_status=101",
    ),
    "nginx-any-order": (
        'nginx:${remote_addr} $status $request_time "$request" [$time_local] $upstream_status $x',
        f'{CLIENT} 504 60.025 "GET /ocpp/EV-7 HTTP/1.1" [04/Mar/2026:05:06:07 +0000] 504 a b c',
        "05:06:07 http.response EV-7 http_status=504 upstream_status=504 duration_s=60.025",
    ),
    "nginx-pipes": (
        "nginx:$time_iso8601|$http_x_forwarded_for|$request_method|$request_uri|$status",
        "2026-03-04T05:06:07+02:00|203.0.113.9, 10.0.0.1|GET|/ocpp/EV-7?a=b|401",
        "03:06:07 http.response EV-7 http_status=401",
    ),
    "nginx-directive": (
        "nginx:log_format main '$msec $remote_addr ' '\"$request\" $status';",
        f'1772600767.890 {CLIENT} "GET /ocpp/EV-7 HTTP/1.1" 101',
        "05:06:07 http.response EV-7 client_address=198.51.100.7 http_status=101",
    ),
    "nginx-json": (
        'nginx:{"t":"$time_iso8601","a":"$remote_addr","r":"$request","s":$status,"d":"$request_time"}',
        '{"t":"2026-03-04T05:06:07Z","a":"198.51.100.7","r":"GET /ocpp/EV-7 HTTP/1.1",'
        '"s":101,"d":"9.5"}',
        "05:06:07 http.response EV-7 http_status=101 duration_s=9.5",
    ),
    "nginx-json-nested": (
        'nginx:{"t":"$time_local","http":{"u":"$uri","st":"$status"},"q":"$my_own"}',
        '{"t":"04/Mar/2026:05:06:07 +0100","http":{"u":"/ocpp/EV-7","st":"502"},"q":"\\u0022"}',
        "04:06:07 http.response EV-7 http_status=502",
    ),
    "haproxy-httplog": (
        f"haproxy:{HTTPLOG}",
        f"{CLIENT}:59784 [04/Mar/2026:05:06:07.924] ws2 csms2/s1 0/0/0/1/60001 101 161 - - sD-- "
        '1/1/0/0/0 0/0 {csms.example.com} {} "GET /ocpp/EV-7 HTTP/1.1"',
        "05:07:07 http.response EV-7 termination=sD-- http_status=101 client_port=59784",
    ),
    "haproxy-httplog-without-captures": (
        f"haproxy:{HTTPLOG}",
        f"{CLIENT}:59784 [04/Mar/2026:05:06:07.924] ws2 csms2/s1 0/0/0/1/0 503 161 - - SC-- "
        '1/1/0/0/0 0/0 "GET /ocpp/EV-7 HTTP/1.1"',
        "05:06:07 http.response EV-7 termination=SC-- http_status=503",
    ),
    "haproxy-escaped-blanks": (
        r"haproxy:%T\ %ci:%cp\ %b/%s\ %Tw/%Tc/%Tt\ %B\ %ts\ %[ssl_fc_sni,lower]",
        f"04/Mar/2026:05:06:07 +0000 {CLIENT}:4711 csms/s1 1/0/50006 212 cD csms.example.com",
        "05:06:57 http.response - termination=cD duration_s=50.006",
    ),
    "haproxy-json": (
        'haproxy:{"time":"%tr","be":"%b","srv":"%s","st":%ST,"ms":%Ta,"end":"%tsc","u":%{+Q}HU}',
        '{"time":"04/Mar/2026:05:06:07.924","be":"csms","srv":"s1","st":101,"ms":6,"end":"cD--",'
        '"u":"/ocpp/EV-7"}',
        "05:06:07 http.response EV-7 termination=cD-- http_status=101",
    ),
    "apache-common": (
        'apache:%h %l %u %t "%r" %>s %b',
        f'{CLIENT} - - [04/Mar/2026:05:06:07 +0000] "GET /ocpp/EV-7 HTTP/1.1" 403 199',
        "05:06:07 http.response EV-7 http_status=403 client_address=198.51.100.7",
    ),
    "apache-directive": (
        r'apache:LogFormat "%v %a %{remote}p %>s %D %{%F %T}t \"%r\" %{X-Id}i" ws',
        f'csms.example {CLIENT} 4711 101 60025000 2026-03-04 05:06:07 "GET /ocpp/EV-7 HTTP/1.1" a',
        "05:07:07 http.response EV-7 http_status=101 client_port=4711 duration_s=60.025",
    ),
}


def first_event(folder: Path, log_format: str, line: str) -> dict[str, Any]:
    logs = write_logs(folder, {"edge.log": f"{line}\n" * 3})
    with open_bundle([logs]) as bundle, Store() as store:
        build_timeline(store, bundle, read_options({"log-format": [log_format]}, bundle))
        (format_,) = store.rows("SELECT format FROM part")[0]
        assert "-own-1" in format_
        return store.records(
            "SELECT strftime(e.ts, '%H:%M:%S') AS at, e.action::VARCHAR AS action, e.station, d.* "
            "FROM event AS e LEFT JOIN detail AS d ON d.record_id = e.event_id ORDER BY e.event_id"
        )[0]


@pytest.mark.parametrize("name", CASES)
def test_a_log_format_reads_its_lines(tmp_path: Path, name: str) -> None:
    log_format, line, wanted = CASES[name]
    found = first_event(tmp_path, log_format, line)
    at, action, station, *fields = wanted.split()
    assert (found["at"], found["action"], found["station"] or "-") == (at, action, station)
    for field in fields:
        key, _, value = field.partition("=")
        shown = f"{found[key]:g}" if isinstance(found[key], float) else str(found[key])
        assert (key, shown) == (key, value)


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("ngnix:$remote_addr", "log-format-server", "nginx, haproxy, apache"),
        ("$remote_addr [$time_local]", "log-format-server", "for example"),
        ('nginx:$remote_addr "$request" $status', "log-format-time", "$time_iso8601"),
        ("nginx:[$time_local] $ $status", "log-format-syntax", "at character 15"),
        ("haproxy:%ci [%tr] 100% %ST", "log-format-syntax", "at character 14"),
        ("apache:%h %l %", "log-format-syntax", "at character 7"),
        ("apache:%{%H}t %>s", "log-format-time", "%t"),
    ],
)
def test_a_wrong_log_format_is_told_with_place_and_remedy(text: str, code: str, told: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        compile_log_format(text, 1, Where(f"--log-format {text}"))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert told in f"{problem.message} {problem.help}"


def test_bundle_toml_gives_log_formats_to_files(tmp_path: Path) -> None:
    log_format, line, _ = CASES["nginx-pipes"]
    settings = f"[log-format]\n'edge.log' = '{log_format}'\n"
    logs = write_logs(tmp_path, {"edge.log": f"{line}\n", "bundle.toml": settings})
    with open_bundle([logs]) as bundle:
        options = read_options({}, bundle)
    assert options.formats == {"edge.log": "nginx-own-1"}
    assert [each.id for each in options.own_formats] == ["nginx-own-1"]


def test_a_log_format_for_no_file_is_an_error(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, {"edge.log": "x\n"})
    with open_bundle([logs]) as bundle, pytest.raises(InputError) as caught:
        read_options({"log-format": ["egde.log=nginx:$msec $status"]}, bundle)
    (problem,) = caught.value.problems
    assert (problem.code, problem.help) == ("option-glob", "did you mean 'edge.log'?")


def written(server: str, log_format: str) -> str:
    """A configuration that states a log format, as the server has it."""
    return {
        "nginx": f"http {{\n  log_format edge {{}}\n    '{log_format}';\n}}\n".replace("{}", ""),
        "haproxy": f'defaults\n  mode http\n  log-format "{log_format}"\n',
        "apache": f'<VirtualHost *:80>\n  LogFormat "{log_format}" edge\n</VirtualHost>\n',
    }[server]


@pytest.mark.parametrize(
    ("server", "log_format", "line"),
    [
        (
            "nginx",
            "$time_iso8601|$status|$request_time|$remote_addr|$request_uri|$upstream_addr",
            f"2026-03-04T05:06:07+01:00|502|0.004|{CLIENT}|/ocpp/EV-7|10.0.0.5:9000",
        ),
        (
            "haproxy",
            "%ci:%cp [%tr] %ft %b/%s %bi:%bp %TR/%Tw/%Tc/%Tr/%Ta %ST %B %tsc %{+Q}r",
            f"{CLIENT}:40000 [04/Mar/2026:05:06:07.000] in be/a 10.0.0.9:5000 "
            '0/0/-1/-1/4 502 9 SC-- "GET /ocpp/EV-7 HTTP/1.1"',
        ),
        (
            "apache",
            "%{%Y-%m-%dT%H:%M:%S%z}t %>s %D %a %U",
            f"2026-03-04T05:06:07+0100 502 4000 {CLIENT} /ocpp/EV-7",
        ),
    ],
)
def test_a_configuration_beside_a_log_tells_its_format(
    tmp_path: Path, server: str, log_format: str, line: str
) -> None:
    unreadable = "log_format bare '$status';\n" if server == "nginx" else ""
    logs = {"edge.log": f"{line}\n" * 3, "edge.conf": unreadable + written(server, log_format)}
    with open_bundle([write_logs(tmp_path, logs)]) as bundle, Store() as store:
        timeline = build_timeline(store, bundle, read_options({}, bundle))
        (log,) = [part for part in timeline.parts if part.member.path == "edge.log"]
        assert log.detection is not None
        assert log.detection.outer == (f"{server}-own-edge.conf-{1 + bool(unreadable)}",)
        assert store.rows(
            "SELECT DISTINCT e.station, d.path, d.http_status FROM event AS e "
            "JOIN detail AS d ON d.record_id = e.event_id WHERE d.http_status IS NOT NULL"
        ) == [("EV-7", "/ocpp/EV-7", 502)]
