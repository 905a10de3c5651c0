"""The tests inside signature files: run for all that ship, and reported where one fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocpp_forensics.casetests import TestBench
from ocpp_forensics.dsl.check import lint_signatures
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.dsl.parser import parse_text
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.store import Store

SHIPPED = load_signatures().signatures

SIGNATURE = """\
signature mine {{
  title "t" cause cellular-ip-change explains connection_lost needs modem, station?
  match modem.ip_change then lost within 30s
  base 3
  support 2 "s" if code = 1006
  variant odd if code = 4000
  ruled_out "r" first_check "c"
  test "it" {{
    at 0s modem.ip_change
    at 4s lost
    {expectation}
  }}
}}
"""


@pytest.fixture(scope="module")
def bench() -> Iterator[TestBench]:
    with Store() as store:
        yield TestBench(store)


@pytest.mark.parametrize("signature", SHIPPED, ids=lambda each: each.id)
def test_every_test_of_every_shipped_signature_holds(
    bench: TestBench, signature: Signature
) -> None:
    assert list(bench.run(signature)) == []


def test_every_shipped_signature_is_finished() -> None:
    assert lint_signatures(SHIPPED) == []


def failures(bench: TestBench, expectation: str) -> list[tuple[str, int | None, str]]:
    (signature,) = parse_text(SIGNATURE.format(expectation=expectation), "mine.sig")
    return [
        (Path(each.where.path).name, each.where.line, each.message) for each in bench.run(signature)
    ]


@pytest.mark.parametrize(
    "expectation",
    [
        "expect match",
        "expect match at 4s",
        'expect match for "CP1"',
        "expect match score >= 5",
        "expect match score <= 5",
        "expect match 1 times",
        "without modem expect not evaluable",
    ],
)
def test_an_expectation_that_is_met_is_no_failure(bench: TestBench, expectation: str) -> None:
    assert failures(bench, expectation) == []


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ("expect no match", "expected no match, got CP1 at 4s score 5"),
        ("expect match at 3s", "expected a match at 3s, got CP1 at 4s score 5"),
        ('expect match for "CP2"', "expected a match for CP2, got CP1 at 4s score 5"),
        ("expect match score >= 6", "expected a match with score >= 6, got CP1 at 4s score 5"),
        ("expect match score <= 4", "expected a match with score <= 4, got CP1 at 4s score 5"),
        ("expect match variant odd", "expected a match as variant odd, got CP1 at 4s score 5"),
        ("expect match 2 times", "expected 2 matches, got 1: CP1 at 4s score 5"),
        ("expect not evaluable", "expected not evaluable, got match"),
        (
            "without modem expect no match",
            "expected no match, could not be evaluated without modem",
        ),
        ("without modem expect match", "expected a match, got no match"),
    ],
)
def test_a_failing_test_is_reported_with_its_place(
    bench: TestBench, expectation: str, message: str
) -> None:
    assert failures(bench, expectation) == [("mine.sig", 11, message)]


def test_every_clause_of_a_test_counts_on_its_own(bench: TestBench) -> None:
    assert len(failures(bench, "expect no match expect match at 9s expect match")) == 2
