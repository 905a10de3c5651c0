"""Whose line, whose log: every basis on which a station is named."""

from pathlib import Path

import pytest

from ocpp_forensics.identity import canonical_names, own_sources, station_in_name
from ocpp_forensics.model import SourceInfo
from ocpp_forensics.timeline import Options
from tests.support import world

CSMS = '2026-03-04 05:06:07,000 INFO ocpp EV-0031: receive message [2,"1","Heartbeat",{}]\n'


def source(path: str, kind: str = "station", number: int = 1) -> SourceInfo:
    return SourceInfo(number, path, kind)


@pytest.mark.parametrize(
    ("name", "station"),
    [
        ("cp-EV-0031.log", "EV-0031"),
        ("cp_ev_0031.log.1", "EV-0031"),
        ("DE_XYZ_E0311.log", "DE*XYZ*E0311"),
        ("modem-31.log", "EV-0031"),
        ("modem-32.log", None),
        ("station.log", None),
        ("EV-0031-and-DE_XYZ_E0311.log", "DE*XYZ*E0311"),
    ],
)
def test_a_file_name_speaks_of_a_station(name: str, station: str | None) -> None:
    known = ["EV-0031", "DE*XYZ*E0311", "GW-0032", "EV-0032"]
    assert station_in_name(name, known) == station


def test_one_station_is_spelt_in_one_way() -> None:
    rows = [
        ("EV*7", "line", None, 90),
        ("ev*7", "line", None, 3),
        ("EV%2A7", "path", "/ocpp/", 12),
        ("1:EV*7", "line", None, 1),
        ("health", "path", "/", 500),
        ("style.css", "path", "/static/", 4),
        (None, "line", None, 4),
    ]
    names = canonical_names(rows)
    assert set(names.values()) == {"EV*7"}
    assert set(names) == {"EV*7", "ev*7", "EV%2A7", "1:EV*7"}


def test_a_path_of_the_make_of_known_identities_names_a_station() -> None:
    rows = [
        ("EV-0007", "line", None, 90),
        ("EV-0031", "path", "/", 3),
        ("wp-login", "path", "/", 9),
    ]
    assert set(canonical_names(rows)) == {"EV-0007", "EV-0031"}


@pytest.mark.parametrize(
    "word", ["client", "charger", "10.0.0.1", "v4.4.1", "connector-1", "x", "a b", "-"]
)
def test_words_that_are_no_identity_are_no_station(word: str) -> None:
    assert canonical_names([(word, "line", None, 10)]) == {}


TWO = ["EV-0007", "EV-0008"]
FOLDER = [source("x/cp-EV-0007.log"), source("x/ppp.log", "modem", 2)]
NAMELESS = [
    SourceInfo(number, path, kind=kind)
    for number, (path, kind) in enumerate(
        [
            ("b/charger.log.gz", "station"),
            ("b/modem.log", "modem"),
            ("c/messages", "station"),
            ("d/messages", "station"),
            ("e/access.log", "proxy"),
        ],
        start=1,
    )
]
TOLD = SourceInfo(1, "a.log", "station", "EV-9", "given with --station-of")


@pytest.mark.parametrize(
    ("sources", "counts", "hosts", "known", "expected"),
    [
        ([source("a.log")], {1: {"EV-7": 90, "EV-8": 5}}, {}, ["EV-7", "EV-8"],
         {1: ("EV-7", "named in its lines")}),
        ([source("a.log")], {1: {"EV-7": 50, "EV-8": 50}}, {}, ["EV-7", "EV-8"], {}),
        ([source("cp-EV-0007.log")], {}, {}, TWO, {1: ("EV-0007", "file name")}),
        ([source("ppp.log", "modem")], {}, {1: ["gw-ev-0007"]}, TWO,
         {1: ("EV-0007", "host name gw-ev-0007")}),
        ([source("ppp.log", "modem")], {}, {}, ["EV-7"],
         {1: ("EV-7", "the only station of the bundle")}),
        ([source("EV-0031/app.log")], {}, {}, ["EV-0007"],
         {1: ("EV-0031", "file name, no line names the station")}),
        ([source("logs_EV-0031.txt")], {}, {}, ["EV-0007"],
         {1: ("EV-0031", "file name, no line names the station")}),
        ([source("board-2.log")], {}, {}, ["EV-0007"],
         {1: ("EV-0007", "the only station of the bundle")}),
        (FOLDER, {}, {}, TWO,
         {1: ("EV-0007", "file name"), 2: ("EV-0007", "the only station of its folder")}),
        ([source("nginx.log", "proxy")], {1: {"EV-7": 90}}, {}, ["EV-7"], {}),
        (NAMELESS, {}, {}, [],
         {1: ("charger", "file name, nothing names the station"),
          2: ("charger", "the only station of its folder"),
          3: ("c/messages", "file name, nothing names the station"),
          4: ("d/messages", "file name, nothing names the station")}),
        (NAMELESS[:1], {}, {}, TWO, {}),
        ([TOLD], {1: {"EV-7": 9}}, {}, ["EV-7"], {1: ("EV-9", "given with --station-of")}),
    ],
)  # fmt: skip
def test_a_log_belongs_to_a_station_on_a_basis(
    sources: list[SourceInfo],
    counts: dict[int, dict[str, int]],
    hosts: dict[int, list[str]],
    known: list[str],
    expected: dict[int, tuple[str, str]],
) -> None:
    assert own_sources(sources, counts, hosts, known) == expected


def owners(
    folder: Path, logs: dict[str, str | bytes], options: Options | None = None
) -> dict[str, str]:
    with world(folder, logs, options) as found:
        return {
            each.path.rpartition("/")[2]: f"{each.station}, {each.station_basis}"
            for each in found.timeline.sources
            if each.station
        }


def test_the_logs_of_one_bundle_find_their_station(tmp_path: Path) -> None:
    modem = "2026-03-04T05:06:00Z IP_CHANGE old=10.0.0.1 new=10.0.0.2\n"
    two = CSMS + CSMS.replace("EV-0031", "EV-0044")
    found = owners(tmp_path, {"csms.log": two, "modem-31.log": modem})
    assert found == {"modem-31.log": "EV-0031, file name"}


def test_what_the_user_says_counts_most(tmp_path: Path) -> None:
    modem = "2026-03-04T05:06:00Z IP_CHANGE old=10.0.0.1 new=10.0.0.2\n"
    two = CSMS + CSMS.replace("EV-0031", "EV-0044")
    options = Options(stations={"modem*": "EV-0044"})
    found = owners(tmp_path, {"csms.log": two, "modem-31.log": modem}, options)
    assert found == {"modem-31.log": "EV-0044, given with --station-of"}


def test_a_proxy_names_the_station_in_the_path(tmp_path: Path) -> None:
    head = "198.51.100.7 - - [04/Mar/2026:05:06:07 +0000]"
    line = (
        f'{head} "GET /ocpp/EV-0031 HTTP/1.1" 101 900 "-" "x"\n'
        f'{head} "GET /favicon.ico HTTP/1.1" 404 10 "-" "x"\n'
    )
    with world(tmp_path, {"nginx-access.log": line}) as found:
        assert found.rows("SELECT station FROM event ORDER BY event_id") == [("EV-0031",), (None,)]


def test_a_connection_id_carries_the_station_to_lines_without_it(tmp_path: Path) -> None:
    lines = "".join(
        f'{{"time":"2026-03-04T05:06:0{number}Z","level":"info",{rest}}}\n'
        for number, rest in enumerate([
            '"conn":"c-25a5","identity":"EV-0031","msg":"websocket connected"',
            '"conn":"c-25a5","msg":"connection closed","code":1006',
        ])
    )
    with world(tmp_path, {"csms.log": lines}) as found:
        assert found.rows("SELECT DISTINCT station FROM event") == [("EV-0031",)]
