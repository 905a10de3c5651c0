"""Statements beside each other: which wait for which, and that the end is the same."""

import random
import threading
from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_forensics.resources import read_text
from ocpp_forensics.schedule import NO_WAITS, Order, split, waits
from ocpp_forensics.sessions import VIEWS
from ocpp_forensics.store import Store

TABLES = ("ash", "birch", "cedar", "dogwood")


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("SELECT 1;\nSELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("-- one; two's\nSELECT ';--' AS a; -- end\n", ["SELECT ';--' AS a"]),
        ("SELECT 'it''s; so' - 1, a--b;\nFROM c;", ["SELECT 'it''s; so' - 1, a FROM c"]),
        ("SELECT 1; SELECT 2 -- the end", ["SELECT 1", "SELECT 2"]),
        ("", []),
    ],
)
def test_statements_end_at_semicolons_outside_texts_and_comments(
    text: str, statements: list[str]
) -> None:
    assert [" ".join(each.split()) for each in split(text)] == statements


def test_the_package_s_own_files_are_split_as_the_database_does() -> None:
    for view in VIEWS:
        text = read_text(f"sql/session_{view}.sql")
        assert len(list(split(text))) == len(duckdb.extract_statements(text)), view


@pytest.mark.parametrize(
    ("statements", "needed"),
    [
        (["CREATE TABLE ash AS SELECT 1", "SELECT * FROM ash"], {0: set(), 1: {0}}),
        (["SELECT * FROM ash", "SELECT * FROM birch"], {0: set(), 1: set()}),
        (["CREATE TABLE birch AS FROM ash", "UPDATE ash SET a = 1"], {0: set(), 1: {0}}),
        (["INSERT INTO ash FROM birch", "INSERT INTO ash FROM cedar"], {0: set(), 1: {0}}),
        (["CREATE TABLE s.ash AS SELECT 1", "SELECT 'ash'"], {0: set(), 1: set()}),
        (
            [
                "CREATE TABLE ash AS SELECT 1",
                "CREATE OR REPLACE MACRO s.grown(a) AS TABLE SELECT a FROM ash",
                "CREATE VIEW tall AS SELECT * FROM grown(1)",
                "DELETE FROM ash",
                "CREATE TABLE birch AS FROM tall",
            ],
            {0: set(), 1: {0}, 2: {0, 1}, 3: {0, 1, 2}, 4: {0, 1, 2, 3}},
        ),
    ],
)
def test_what_waits_for_what(statements: list[str], needed: dict[int, set[int]]) -> None:
    assert waits(statements) == needed


@st.composite
def programs(draw: st.DrawFn) -> list[str]:
    """Statements that make and change some tables and look at them through views."""
    table = st.sampled_from(TABLES)
    kinds = st.sampled_from(["insert", "update", "delete", "make", "view", "copy"])
    made: list[str] = [f"CREATE TABLE {name} AS SELECT {n} AS a" for n, name in enumerate(TABLES)]
    views = [f"SELECT a FROM {name}" for name in TABLES]
    for number, kind in enumerate(draw(st.lists(kinds, max_size=10))):
        one, look = draw(table), draw(st.sampled_from(views))
        total = f"(SELECT coalesce(sum(a), 0)::BIGINT % 1009 AS a FROM ({look}))"
        if kind == "view":
            made.append(f"CREATE VIEW seen{number} AS SELECT a + 1 AS a FROM {total}")
            views.append(f"SELECT a FROM seen{number}")
        elif kind == "make":
            made.append(f"CREATE TABLE made{number} AS FROM {total}")
        else:
            made.append({
                "insert": f"INSERT INTO {one} SELECT a FROM {total}",
                "update": f"UPDATE {one} SET a = (a * 3 + {total}) % 1009",
                "delete": f"DELETE FROM {one} WHERE a < {total}",
                "copy": f"CREATE OR REPLACE TABLE {one} AS FROM {total}",
            }[kind])  # fmt: skip
    return made


def in_some_order(statements: Sequence[str], seed: int) -> list[str]:
    """The statements in an order that their waits allow, picked by chance."""
    chance, before = random.Random(seed), waits(statements)
    order: list[int] = []
    while len(order) < len(statements):
        free = [place for place in before if place not in order and before[place] <= {*order}]
        order.append(chance.choice(free))
    return [statements[place] for place in order]


def content(database: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    tables = database.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return {name: database.execute(f"FROM {name} ORDER BY ALL").fetchall() for (name,) in tables}


@given(programs(), st.integers())
def test_any_order_that_the_waits_allow_has_the_same_end(program: list[str], seed: int) -> None:
    with duckdb.connect() as one_by_one, duckdb.connect() as other:
        for statement in program:
            one_by_one.execute(statement)
        for statement in in_some_order(program, seed):
            other.execute(statement)
        assert content(other) == content(one_by_one)


@given(programs())
def test_statements_run_beside_each_other_have_the_same_end(program: list[str]) -> None:
    with Store() as store, duckdb.connect() as one_by_one:
        for statement in program:
            one_by_one.execute(statement)
        store.run_beside(program, waits(program))
        wanted = content(one_by_one)
        assert {name: store.rows(f"FROM {name} ORDER BY ALL") for name in wanted} == wanted


def test_threads_share_the_statements_and_each_is_given_once() -> None:
    order = Order([str(place) for place in range(200)], {199: set(range(199)), 100: {50, 60}})
    given_out: list[int] = []

    def take() -> None:
        given_out.extend(int(statement) for statement in order)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(given_out) == list(range(200))
    assert all(took >= 0 for took in order.seconds)


def test_a_stopped_order_gives_out_no_more() -> None:
    order = Order(["a", "b", "c"], NO_WAITS)
    taken = []
    for statement in order:
        taken.append(statement)
        order.stop()
    assert taken == ["a"]


def test_a_statement_that_fails_ends_the_run_with_its_error() -> None:
    with Store() as store:
        program = [
            "CREATE TABLE ash AS SELECT 1 AS a",
            "FROM oak",
            "CREATE TABLE birch AS FROM ash",
        ]
        with pytest.raises(duckdb.CatalogException, match="oak"):
            store.run_beside(program, {2: {0, 1}})
        assert store.value("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'birch'") == 0


def test_an_interrupted_run_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    endless = "SELECT sum(a.range + b.range) FROM range(10000000) AS a, range(10000000) AS b"
    monkeypatch.setattr("ocpp_forensics.store.wait", interrupted)
    with Store() as store, pytest.raises(KeyboardInterrupt):
        store.run_beside([endless, endless, "CREATE TABLE ash AS SELECT 1 AS a"], {2: {0, 1}})
