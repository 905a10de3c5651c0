"""Every check knows its own samples, and reads from them what they tell."""

import pytest

from ocpp_forensics.checks.definition import Check, Sample, load_checks
from ocpp_forensics.checks.reading import find_checks, read_texts

SAMPLES = [
    pytest.param(check, sample, id=f"{check.id}-{number}")
    for check in load_checks()
    for number, sample in enumerate(check.samples, 1)
]


@pytest.mark.parametrize(("check", "sample"), SAMPLES)
def test_a_sample_tells_what_it_should(check: Check, sample: Sample) -> None:
    told = [each for _, each in read_texts({"x": [check]}, {"x": sample.text})]

    assert [(each.key, each.value, each.line) for each in told] == list(sample.expect)


@pytest.mark.parametrize(("check", "sample"), SAMPLES)
def test_a_sample_is_claimed_by_its_own_check_alone(check: Check, sample: Sample) -> None:
    assert [each.id for each in find_checks(sample.text, load_checks())] == [check.id]
