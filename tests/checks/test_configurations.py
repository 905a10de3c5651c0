"""Configurations of proxies: inheritance, includes, and what no configuration should break."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_forensics.checks.apache import read_apache
from ocpp_forensics.checks.definition import load_checks
from ocpp_forensics.checks.haproxy import read_haproxy
from ocpp_forensics.checks.nginx import read_nginx
from ocpp_forensics.checks.reading import find_checks, read_texts
from ocpp_forensics.checks.told import Told, seconds_of


def facts(
    found: Iterable[tuple[str, Told]], *keys: str
) -> list[tuple[str, str, int, str | None, str | None]]:
    return [
        (each.value, path, each.line, each.host, each.path)
        for path, each in found
        if each.key in keys
    ]


MAIN = "events {}\nhttp {\n  proxy_read_timeout 5m;\n  include /etc/nginx/conf.d/*.conf;\n}\n"
SITE = (
    "server {\n  server_name a.example b.example;\n  include snippets/ocpp.conf;\n"
    "  location / { proxy_pass http://web; }\n}\n"
)
SNIPPET = "location /ocpp {\n  proxy_pass http://csms;\n  proxy_read_timeout 20s;\n}\n"


def test_included_files_of_nginx_are_read_where_they_stand() -> None:
    texts = {"nginx.conf": MAIN, "conf.d/a.conf": SITE, "snippets/ocpp.conf": SNIPPET}

    assert facts(read_nginx(texts), "proxy_idle_timeout_s") == [
        ("20", "snippets/ocpp.conf", 3, "a.example b.example", "/ocpp"),
        ("300", "nginx.conf", 3, "a.example b.example", "/"),
    ]


def test_a_dump_of_nginx_holds_several_files() -> None:
    head = "nginx: configuration file /etc/nginx/nginx.conf test is successful\n"
    names = ("/etc/nginx/nginx.conf", "/etc/nginx/conf.d/a.conf", "/etc/nginx/snippets/ocpp.conf")
    dump = head + "".join(
        f"# configuration file {name}:\n{text}\n"
        for name, text in zip(names, (MAIN, SITE, SNIPPET), strict=True)
    )

    found = facts(read_nginx({"nginx-T.txt": dump}), "proxy_idle_timeout_s")

    lines = dump.splitlines()
    assert [lines[line - 1].strip() for _, _, line, _, _ in found] == [
        "proxy_read_timeout 20s;",
        "proxy_read_timeout 5m;",
    ]


@pytest.mark.parametrize(
    ("include", "told"),
    [
        ("include snippets/proxy.conf;", ["proxy_target"]),
        ("include proxy_params;", ["proxy_target", "proxy_idle_timeout_s", "proxy_passes_upgrade"]),
        (
            "include snippets/proxy.conf; proxy_read_timeout 9s;",
            ["proxy_target", "proxy_idle_timeout_s"],
        ),
    ],
)
def test_what_a_file_that_is_not_there_may_set_is_not_known(include: str, told: list[str]) -> None:
    text = f"server {{ location / {{ proxy_pass http://csms; {include} }} }}"

    assert [each.key for _, each in read_nginx({"site.conf": text})] == told


def test_a_part_of_a_configuration_of_nginx_is_enough() -> None:
    assert facts(read_nginx({"ocpp.conf": SNIPPET}), "proxy_idle_timeout_s") == [
        ("20", "ocpp.conf", 3, None, "/ocpp")
    ]


def test_nginx_passes_streams_on_after_their_own_limit() -> None:
    text = "stream {\n  server { listen 443; proxy_pass csms:443; }\n}\n"

    assert facts(read_nginx({"nginx.conf": text}), "proxy_idle_timeout_s") == [
        ("600", "nginx.conf", 2, None, None)
    ]


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ("", ["false"]),
        ("proxy_set_header Upgrade $http_upgrade;", ["false"]),
        ("proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection close;", ["false"]),
        ('proxy_set_header Upgrade ""; proxy_set_header Connection upgrade;', ["false"]),
        ("proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;", []),
        (
            "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
            "if ($x) { proxy_set_header Connection $connection_upgrade; }",
            ["true"],
        ),
        (
            "proxy_http_version 1.0; proxy_set_header Upgrade $http_upgrade; "
            "proxy_set_header Connection upgrade;",
            ["false"],
        ),
    ],
)
def test_nginx_passes_an_upgrade_on_with_both_headers_over_http_1_1(
    headers: str, passes: list[str]
) -> None:
    text = f"server {{ location / {{ proxy_pass http://csms; {headers} }} }}"

    found = facts(read_nginx({"x": text}), "proxy_passes_upgrade")
    assert [value for value, *_ in found] == passes


def test_headers_of_a_location_replace_those_around_it() -> None:
    text = (
        "server { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;\n"
        "proxy_set_header Connection upgrade;\n"
        "location /a { proxy_pass http://csms; }\n"
        "location /b { proxy_pass http://csms; proxy_set_header Host x; } }"
    )

    found = facts(read_nginx({"x": text}), "proxy_passes_upgrade")
    assert [(value, path) for value, _, _, _, path in found] == [("true", "/a"), ("false", "/b")]


HAPROXY = """defaults base
    timeout client 50s
    timeout server 1m
defaults slow from base
    timeout tunnel 1h
listen stats
    bind :9
frontend web from base
    default_backend pages
frontend ocpp-in from base
    acl host_a hdr(host) -i a.example
    acl host_a hdr(host) -i b.example
    use_backend csms if host_a
    default_backend other
backend csms from slow
    server a 192.0.2.1:9000 maxconn 5
backend other from base
    timeout server 10s
    server b 192.0.2.1:9001
backend pages from base
    timeout server 3s
    server c 192.0.2.1:9002
"""


def test_haproxys_timers_are_inherited_and_bind_the_hosts_that_are_sent_there() -> None:
    found = facts(read_haproxy({"h": HAPROXY}), "proxy_idle_timeout_s")

    assert sorted(found) == [
        ("10", "h", 18, None, None),
        ("3600", "h", 5, "a.example b.example", None),
    ]


def test_a_listen_section_is_both_ends_of_a_way() -> None:
    text = "listen ocpp\n    bind :443\n    timeout tunnel 90s\n    server a 192.0.2.1:9000\n"

    assert facts(read_haproxy({"h": text}), "proxy_idle_timeout_s", "proxy_target") == [
        ("ocpp", "h", 4, None, None),
        ("90", "h", 3, None, None),
    ]


def test_apaches_files_are_one_server_and_its_hosts() -> None:
    site = (
        "<VirtualHost *:443>\n ServerName a.example:443\n ServerAlias b.example\n"
        " ProxyPass /ocpp http://192.0.2.1:9000/ocpp\n</VirtualHost>\n"
    )
    texts = {"apache2.conf": "# site\nTimeout 300\n", "sites/ocpp.conf": site}

    assert facts(read_apache(texts), "proxy_idle_timeout_s", "proxy_passes_upgrade") == [
        ("300", "apache2.conf", 2, "a.example b.example", "/ocpp"),
        ("false", "sites/ocpp.conf", 4, "a.example b.example", "/ocpp"),
    ]


def test_a_pattern_of_apache_is_one_for_the_station_as_well() -> None:
    text = "ProxyPassMatch ^/ocpp/(.*)$ ws://192.0.2.1:9000/$1\n"

    assert facts(read_apache({"x": text}), "proxy_target") == [
        ("ws://192.0.2.1:9000/$1", "x", 1, None, "~ ^/ocpp/(.*)$")
    ]


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("90s", "s", 90), ("1h 30m", "s", 5400), ("500ms", "s", 0.5), ("60", "s", 60),
        ("60000", "ms", 60), ("1m", "ms", 60), ("2d", "s", 172800), ("off", "s", None),
        ("$limit", "s", None), ("", "s", None),
    ],
)  # fmt: skip
def test_times_of_configurations(text: str, unit: str, seconds: float | None) -> None:
    assert seconds_of(text, unit) == seconds


WORDS = st.sampled_from([
    "server", "location", "http", "include *;", "proxy_pass x;", "{", "}", ";", "#", '"', "\\", "$",
    "\n", " ", "frontend a\n", "backend b\n", "listen\n", "    use_backend b if {", " maxconn ",
    "9", "    timeout client ", "acl", "default_backend b\n", "defaults\n", "---\n",
    "CONNECTED(0)\n",
    "Certificate chain\n", " 0 s:x\n", "   i:y\n", "notAfter=Foo 99 GMT\n", "notBefore=GMT\n",
    "<VirtualHost *>\n", "<Location ~>\n", "</Location>\n", "</VirtualHost>\n", "ProxyPass / ws:\n",
    "ProxyPassMatch ^/(a http://b timeout=", "ProxyTimeout 9\n", "Timeout ", "RewriteRule x ws:\n",
    "Verify return code: 7\n", "* Trying x\n", "< HTTP/1.1 404 x\n", "PING x\n", "9% packet loss",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=40).map("".join))
def test_whatever_a_document_holds_is_read_without_an_error(text: str) -> None:
    known = load_checks()
    told = [*read_texts({"x": known}, {"x": text})]

    assert all(1 <= each.line <= text.count("\n") + 1 for _, each in told)
    assert all(each in known for each in find_checks(text, known))


def test_blocks_may_stand_in_each_other_as_deep_as_they_like() -> None:
    text = "server { location / { " + "a { " * 5000 + "proxy_pass http://csms;"

    assert facts(read_nginx({"x": text}), "proxy_target") == [("", "x", 1, None, "/")]
