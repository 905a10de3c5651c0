"""Laws over all shipped signatures: every clause earns its place, every case has its own cause.

A clause earns its place where some test in its file fails without it (mutants.py). A positive case
of a signature must not be explained better by a signature of another cause.
"""

from collections.abc import Iterator

import pytest

from ocpp_forensics.caserows import match_of
from ocpp_forensics.casetests import TestBench
from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.dsl.parser import parse_text
from ocpp_forensics.dsl.resolve import Names, anchor_of
from ocpp_forensics.engine import match_signatures
from ocpp_forensics.store import Store
from tests.dsl.mutants import unneeded_clauses

SHIPPED = load_signatures().signatures
CAUSES = tuple(each for each in SHIPPED if not each.advice)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store() as found:
        yield found


@pytest.fixture(scope="module")
def bench(store: Store) -> TestBench:
    return TestBench(store)


@pytest.mark.parametrize("signature", SHIPPED, ids=lambda each: each.id)
def test_every_clause_is_needed_by_a_test_in_its_file(
    bench: TestBench, signature: ast.Signature
) -> None:
    assert unneeded_clauses(bench, signature) == []


LOOSE = """\
signature loose {
  title "t" cause cellular-ip-change explains connection_lost needs modem
  event moved = modem.ip_change | modem.detach
  match lost where code = 1006 and not orderly and age_s >= 10 with moved within 30s
  given link = "cellular"
  base 3
  support 2 "known" if proxy_saw and csms_saw
  against 2 "never" if station_restarted
  variant odd if code = 1006 or csms_saw
  ruled_out "r" first_check "c"
  test "it" {
    given station="A" link="cellular"
    at 0s modem.ip_change station="A"
    at 4s lost station="A" proxy_saw=true
    at 1h modem.ip_change station="A"
    at 3604s lost station="A" orderly=true
    at 2h lost station="A"
    expect match 1 times
    expect match score >= 5 variant odd
  }
}
"""


def test_a_clause_without_a_test_is_named_with_its_line(bench: TestBench) -> None:
    (signature,) = parse_text(LOOSE, "loose.sig")
    found = [each.removeprefix("loose.sig: loose: ") for each in unneeded_clauses(bench, signature)]
    assert found == [
        "`and code = 1006` (line 4)",
        "`and age_s >= 10` (line 4)",
        "event moved: modem.detach",
        'given link = "cellular"',
        '`and proxy_saw` (line 7) of "known" (line 7)',
        '`and csms_saw` (line 7) of "known" (line 7)',
        '"never" (line 8)',
        '`or code = 1006` (line 9) of "variant odd" (line 9)',
        '`or csms_saw` (line 9) of "variant odd" (line 9)',
    ]  # fmt: skip


@pytest.mark.parametrize("signature", CAUSES, ids=lambda each: each.id)
def test_a_cause_has_two_shapes_two_near_misses_and_rivals(signature: ast.Signature) -> None:
    anchors = {each.name for each in Names(signature).bases(anchor_of(signature.match).source)}
    shapes = set()
    misses = 0
    for test in signature.tests:
        outcomes = {(each.outcome, each.score_at_most is None) for each in test.expectations}
        if ("match", True) in outcomes:
            shapes |= {(step.action, step.settings, test.facts) for step in test.steps}
        if ("none", True) in outcomes:
            misses += len([step for step in test.steps if step.action in anchors]) or 1
        misses += sum(each.score_at_most is not None for each in test.expectations)
    assert len(shapes) >= 2
    assert misses >= 2
    assert signature.rivals


def _positive(test: ast.TestCase) -> bool:
    """Whether a test shows nothing but the cause."""
    return all(each.outcome == "match" and each.score_at_most is None for each in test.expectations)


def test_no_other_cause_explains_a_case_better_than_its_own(store: Store, bench: TestBench) -> None:
    cases = [
        (signature, test)
        for signature in CAUSES
        for test in signature.tests
        if not test.without and _positive(test)
    ]
    bench.lay_out([test for _, test in cases])
    match_signatures(store, CAUSES)
    causes = {each.id: each.cause for each in CAUSES}
    best: dict[tuple[str, int, str, str], int] = {}
    for row in store.records("SELECT * FROM candidate WHERE known"):
        own, test = cases[match_of(row).test]
        key = (row["stream"], row["row_id"], f"{own.id}, '{test.name}'")
        name = "own" if causes[row["signature"]] == own.cause else row["signature"]
        best.setdefault((*key, name), row["score"])
        best[*key, name] = max(best[*key, name], row["score"])
    beaten = {
        f"{case}: {name}"
        for (stream, row_id, case, name), score in best.items()
        if score > best.get((stream, row_id, case, "own"), score)
    }
    assert beaten == set()
