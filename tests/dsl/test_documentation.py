"""The documentation of the language is true: every example is checked and its tests are run."""

import re

import pytest

from ocpp_forensics.casetests import TestBench
from ocpp_forensics.dsl.catalogue import causes
from ocpp_forensics.dsl.check import check_signatures, lint_signatures
from ocpp_forensics.dsl.parser import parse_text
from ocpp_forensics.resources import data_dir, read_text
from ocpp_forensics.store import Store

TEXT = (data_dir("signatures") / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```sig\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)
WHOLE = """\
signature example {{
  title "An example"
  cause csms-restart
  ruled_out "it does not match"
  first_check "nothing"
{}
}}
"""


def whole(example: str) -> str:
    """An example as a signature: the statements that it leaves out are added."""
    return example if example.startswith("signature ") else WHOLE.format(example)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_right_and_its_tests_hold(example: str) -> None:
    (signature,) = parse_text(whole(example), "README.md")

    assert signature.tests
    assert check_signatures([signature]) == []
    with Store() as store:
        assert [each.message for each in TestBench(store).run(signature)] == []


def test_the_whole_signature_is_finished() -> None:
    assert lint_signatures(parse_text(EXAMPLES[0], "README.md")) == []


def test_every_statement_of_the_language_is_documented() -> None:
    keywords = set(re.findall(r'^\w+: +"(\w+)"', read_text("dsl/grammar.lark"), re.MULTILINE))

    assert {"match", "shared", "consequence_of", "repeat"} <= keywords
    assert [
        word
        for word in sorted(keywords)
        if f"`{word}" not in TEXT and not any(re.search(rf"\b{word}\b", each) for each in EXAMPLES)
    ] == []


def test_causes_that_are_named_exist() -> None:
    named = re.findall(r"--cause (\S+)|explain (\S+?)`", TEXT)
    assert named
    assert all(name in causes() for pair in named for name in pair if name)
