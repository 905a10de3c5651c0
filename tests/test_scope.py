"""Who is affected and who is not: counts, Fisher's exact test, and the sentence."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_forensics.model import Scope
from ocpp_forensics.scope import chance, scope_of, shares_of
from ocpp_forensics.store import Store


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store() as opened:
        yield opened


def scope(store: Store, affected: list[str], fleet: Mapping[str, Mapping[str, str]]) -> Scope:
    rows = [(name, trait, value) for name in fleet for trait, value in fleet[name].items()]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    store.show("told", pa.table({
        name: pa.array(column, pa.string())
        for name, column in zip(("station", "trait", "value"), columns, strict=True)
    }))  # fmt: skip
    store.show("names", pa.table({"station": pa.array(list(fleet), pa.string())}))
    store.execute("CREATE OR REPLACE TABLE trait AS SELECT * FROM told")
    store.execute("CREATE OR REPLACE TABLE station AS SELECT * FROM names")
    return scope_of(store, affected)


def fleet(**sizes: int) -> dict[str, dict[str, str]]:
    """Stations by firmware: fleet(a=2) is a-0 and a-1 with firmware a."""
    return {
        f"{firmware}-{n}": {"firmware": firmware}
        for firmware, size in sizes.items()
        for n in range(size)
    }


@given(st.integers(0, 5), st.integers(0, 5), st.data())
def test_the_test_is_fishers(having: int, others: int, data: st.DataObject) -> None:
    hit = data.draw(st.integers(0, having))
    hit_others = data.draw(st.integers(0, others))
    draws = list(combinations(range(having + others), hit + hit_others))
    worse = sum(sum(each < having for each in draw) >= hit for draw in draws)
    assert chance(hit, having, hit_others, others) == pytest.approx(worse / len(draws))


def test_large_fleets_are_no_trouble() -> None:
    assert chance(2500, 5000, 1200, 45000) < 1e-9
    assert chance(500, 5000, 4500, 45000) == pytest.approx(0.5, abs=0.02)


def test_one_firmware_is_told_with_the_counts_of_both_sides(store: Store) -> None:
    everyone = fleet(new=31, old=88)
    found = scope(store, [f"new-{n}" for n in range(31)], everyone)
    assert (found.trait, found.value) == ("firmware", "new")
    assert (found.hit, found.having, found.hit_others, found.others) == (31, 31, 0, 88)
    assert found.sentence == ("31 of 31 stations with firmware new, 0 of 88 others (p < 0.001)")


def test_few_stations_may_be_chance_and_that_is_said(store: Store) -> None:
    found = scope(store, ["a-0", "a-1"], fleet(a=2, b=2))
    assert found.trait == "firmware"
    assert found.p == pytest.approx(1 / 6, abs=1e-6)
    assert found.sentence.endswith("(p = 0.17: so few stations may be chance)")


def test_many_comparisons_make_a_chance_hit_likelier(store: Store) -> None:
    everyone = {
        name: traits | {"subnet": f"net-{number % 4}", "site": f"site-{number % 5}"}
        for number, (name, traits) in enumerate(fleet(a=4, b=5).items())
    }
    affected = [f"a-{n}" for n in range(4)]
    alone = scope(store, affected, fleet(a=4, b=5)).p
    among_many = scope(store, affected, everyone).p
    assert alone is not None
    assert among_many is not None
    assert among_many > 5 * alone


def test_a_tendency_is_told_but_is_no_scope(store: Store) -> None:
    affected = [*(f"a-{n}" for n in range(12)), "b-0", "b-1", "b-2", "b-3"]
    found = scope(store, affected, fleet(a=15, b=30))
    assert found.trait == "stations"
    assert ", mostly those with firmware a: 12 of 15 stations" in found.sentence
    assert "4 of 30 others (p < 0.001)" in found.sentence


def test_where_nothing_sets_them_apart_it_is_said(store: Store) -> None:
    affected = [*(f"a-{n}" for n in range(5)), *(f"b-{n}" for n in range(5))]
    found = scope(store, affected, fleet(a=10, b=10))
    assert found.sentence == "10 of 20 stations; nothing sets them apart (firmware looked at)"


def test_traits_that_coincide_are_all_named(store: Store) -> None:
    everyone = {
        name: traits | {"vendor": "Acme" if traits["firmware"] == "a" else "Volt"}
        for name, traits in fleet(a=6, b=9).items()
    }
    found = scope(store, [f"a-{n}" for n in range(6)], everyone)
    assert found.trait == "firmware"
    assert found.sentence.endswith("; the same holds for those of vendor Acme")


@pytest.mark.parametrize(
    ("affected", "told"),
    [(["a-0"], ("station", "1 of 3 stations")), (["a-0", "a-1", "a-2"], ("all", "all 3 stations"))],
)
def test_one_or_all(store: Store, affected: list[str], told: tuple[str, str]) -> None:
    found = scope(store, affected, fleet(a=3))
    assert (found.trait, found.sentence) == told


def test_unknown_traits_count_for_neither_side(store: Store) -> None:
    everyone = {**fleet(a=4, b=4), "x": {}, "y": {}}
    (share,) = shares_of(
        frozenset({"a-0", "a-1", "a-2", "a-3", "x"}),
        {"firmware": {name: own["firmware"] for name, own in everyone.items() if own}},
    )
    assert (share.hit, share.having, share.hit_others, share.others) == (4, 4, 0, 4)
    found = scope(store, ["a-0", "a-1", "a-2", "a-3", "x"], everyone)
    assert found.trait == "stations"
