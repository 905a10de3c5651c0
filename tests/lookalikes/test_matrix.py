"""Look-alike causes are told apart, and no wrong cause is accused for sure.

One bundle per cause here; `python -m tests.lookalikes --seeds 20` measures many.
"""

import pytest

from tests.lookalikes.matrix import CASES, Answer, answers, table, told_apart, wrong_though_sure

SEED = 1
LARGELY = 0.95
"""So many bundles are told apart at least: a floor under what many seeds measure."""


@pytest.fixture(scope="module")
def found() -> list[Answer]:
    return list(answers(CASES, [SEED]))


def test_causes_are_told_apart_with_all_logs(found: list[Answer]) -> None:
    assert told_apart(found) >= LARGELY, table(found, full=True)


def test_no_wrong_cause_is_sure_with_the_deciding_logs_or_without(found: list[Answer]) -> None:
    wrong = wrong_though_sure(found)
    assert wrong == [], table(found, full=True) + table(found, full=False)


def test_every_cause_of_the_groups_is_played(found: list[Answer]) -> None:
    assert {each.cause for each in found} == set(CASES)
    assert len(found) == 2 * len(CASES)
