"""Mistakes in signature files: placed, explained, all of them at once."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from ocpp_forensics.dsl.check import check_signatures, lint_signatures
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.dsl.parser import parse_text, without_tests
from ocpp_forensics.errors import DefinitionError, Problem

GOOD = """\
signature address-change {
  title "a new address: {code}"
  cause cellular-ip-change
  severity high
  explains connection_lost
  needs modem, station?
  event moved = modem.ip_change | modem.cell_handoff
  match moved then lost within 30s until opened by station
  given link = "cellular"
  support 3 "after {idle_s}" if no csms.start within 30s around and idle_s > 5
  variant handoff if modem.cell_handoff within 30s before
  rivals carrier-nat-expiry
  ruled_out "nothing moved"
  first_check "the modem"
  fix "a static address"
  reference "RFC 9293"
  test "moved" {
    given link="cellular"
    at 0s modem.ip_change
    at 4s lost code=1006
    expect match at 4s
  }
  test "not moved" { at 4s lost expect no match }
}
"""


def problems_of(folder: Path, *texts: str) -> tuple[Problem, ...]:
    for number, text in enumerate(texts):
        (folder / f"s{number}.sig").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_signatures([folder], builtin=False)
    return caught.value.problems


def shown(problem: Problem) -> tuple[str, int | None, int | None, str, str | None]:
    assert problem.where is not None
    name = Path(problem.where.path).name
    return (name, problem.where.line, problem.where.column, problem.message, problem.help)


def test_a_good_signature_has_no_problems(tmp_path: Path) -> None:
    (tmp_path / "s.sig").write_text(GOOD, encoding="utf-8")
    library = load_signatures([tmp_path], builtin=False)
    assert [each.id for each in library.signatures] == ["address-change"]
    assert lint_signatures(library.signatures) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message", "help_"),
    [
        ("within 30s until", "withn 30s until", 8, 25,
         "expected 'where' or 'within', found 'withn'", "did you mean 'within'?"),
        ("severity high", "severity hihg", 1, 11,
         "unknown severity 'hihg'", "did you mean 'high'?"),
        ("cause cellular-ip-change", "cause cellular-ip-chang", 1, 11,
         "unknown cause 'cellular-ip-chang'", "did you mean 'cellular-ip-change'?"),
        ("modem.ip_change |", "modem.ip_chnge |", 7, 17,
         "unknown event 'modem.ip_chnge'", "did you mean 'modem.ip_change'?"),
        ("needs modem", "needs moden", 6, 9,
         "unknown kind 'moden'", "did you mean 'modem'?"),
        ("idle_s > 5", "idel_s > 5", 10, 69,
         "unknown field 'idel_s'", "did you mean 'idle_s'?"),
        ("idle_s > 5", 'idle_s > "x"', 10, 76,
         "cannot compare number with text", None),
        ("{idle_s}", "{idel_s}", 10, 3,
         "unknown field 'idel_s'", "did you mean 'idle_s'?"),
        ("rivals carrier-nat-expiry", "rivals carrier-nat-expire", 12, 10,
         "unknown cause 'carrier-nat-expire'", "did you mean 'carrier-nat-expiry'?"),
        ("until opened", "until opend", 8, 42,
         "unknown event 'opend'", "did you mean 'opened'?"),
        ("by station", "by statoin", 8, 20,
         "unknown field 'statoin'", "did you mean 'station'?"),
        ("code=1006", 'code="1006"', 20, 11,
         "'code' is a number, '1006' is a text", None),
        ("at 4s lost code", "at 4s lots code", 20, 11,
         "unknown event 'lots'", "did you mean 'lost'?"),
        ("explains connection_lost", "explains never_connected", 8, 20,
         "'lost' is not a symptom 'never_connected'", "match failed or away"),
        ("\n    expect match at 4s", "", 17, 8,
         "test 'moved' expects nothing", "end it with 'expect ...'"),
    ],
)  # fmt: skip
def test_a_mistake_is_placed_and_explained(
    tmp_path: Path, old: str, new: str, line: int, column: int, message: str, help_: str | None
) -> None:
    assert old in GOOD
    problems = problems_of(tmp_path, GOOD.replace(old, new, 1))
    assert ("s0.sig", line, column, message, help_) in [shown(each) for each in problems]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("cause cellular-ip-change", "causecellular-ip-change", "causecellular-ip-change"),
        ("needs modem", "needsmodem", "needsmodem"),
        ("within 30s until", "within30s until", "within30s"),
        ("by station", "bystation", "bystation"),
        ("support 3", "support3", "support3"),
        ("4s lost code=1006\n    expect", "4s lost code=1006\n    4sexpect", "4sexpect"),
        ("expect match at 4s", "expect match at4s", "at4s"),
    ],
)
def test_words_that_are_glued_together_are_no_keywords(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    (problem,) = problems_of(tmp_path, GOOD.replace(old, new, 1))
    assert problem.message.startswith("expected ")
    assert problem.message.endswith(f", found '{word}'")


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ('  title "a new address: {code}"\n', "signature 'address-change' has no 'title'"),
        ("  cause cellular-ip-change\n", "signature 'address-change' has no 'cause'"),
        ('  first_check "the modem"\n', "signature 'address-change' has no 'first_check'"),
    ],
)
def test_a_missing_statement_is_named(tmp_path: Path, old: str, message: str) -> None:
    assert message in [each.message for each in problems_of(tmp_path, GOOD.replace(old, ""))]


def test_a_statement_must_not_come_twice(tmp_path: Path) -> None:
    text = GOOD.replace("  severity high\n", "  severity high\n  severity low\n")
    (problem,) = problems_of(tmp_path, text)
    assert shown(problem)[1:4] == (5, 3, "signature 'address-change' says 'severity' twice")


def test_the_end_of_the_file_in_the_middle_of_a_signature_is_placed(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, GOOD[: GOOD.index("  given")])
    name, line, _, message, _ = shown(problem)
    assert (name, line) == ("s0.sig", 8)
    assert message.endswith("found the end of the file")


def test_a_character_that_no_word_begins_with_is_named(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, GOOD.replace("severity high", "severity high;"))
    name, line, column, message, _ = shown(problem)
    assert (name, line, column) == ("s0.sig", 4, 16)
    assert message.endswith("found ';'")


def test_a_syntax_error_quotes_its_line(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, GOOD.replace("within 30s until", "withn 30s until"))
    assert problem.where is not None
    assert problem.where.quote == "  match moved then lost withn 30s until opened by station"
    assert problem.where.width == len("withn")


def test_the_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    bad_word = GOOD.replace("severity high", "severity hihg").replace("needs modem", "needs moden")
    bad_syntax = GOOD.replace("within 30s until", "withn 30s until")
    problems = problems_of(tmp_path, bad_word, bad_syntax)
    places = {(shown(each)[0], shown(each)[1]) for each in problems}
    assert places == {("s0.sig", 1), ("s0.sig", 6), ("s1.sig", 8)}


def test_two_signatures_of_one_name_are_an_error(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, GOOD, GOOD)
    assert problem.message.startswith("signature 'address-change' is also defined in")
    assert Path(problem.message.split()[-1]).name == "s0.sig"


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "s.sig").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DefinitionError, match="cannot be read"):
        load_signatures([tmp_path], builtin=False)


def test_a_bad_regular_expression_is_an_error(tmp_path: Path) -> None:
    text = GOOD.replace("idle_s > 5", 'reason matches "("')
    assert any(
        each.message.startswith("not a regular expression") for each in problems_of(tmp_path, text)
    )


def test_what_is_unfinished_is_told_apart_from_what_is_wrong() -> None:
    text = GOOD[: GOOD.index("  fix")] + "}\n"
    signatures = parse_text(text, "s.sig")
    assert check_signatures(signatures) == []
    assert [each.message for each in lint_signatures(signatures)] == [
        "signature 'address-change' lacks a test that expects a match",
        "signature 'address-change' lacks a test that expects no match",
        "signature 'address-change' lacks a fix",
        "signature 'address-change' lacks a reference",
    ]


def test_signatures_are_the_same_with_and_without_their_tests() -> None:
    whole, bare = load_signatures(), load_signatures(tests=False)
    assert bare.sha256 == whole.sha256
    assert [each.tests for each in bare.signatures] == [()] * len(whole.signatures)
    assert bare.signatures == tuple(replace(each, tests=()) for each in whole.signatures)


def test_only_tests_are_blanked() -> None:
    text = (
        'signature a { # test "no" { }\n title "a test \\"x\\" {" test "t {" { # }\n'
        ' repeat 2 every 1s { at 0s lost reason="}" } }\n base 3 }'
    )
    assert without_tests(text).split() == [
        "signature", "a", "{", "#", "test", '"no"', "{", "}",
        "title", '"a', "test", '\\"x\\"', '{"', "base", "3", "}",
    ]  # fmt: skip
    assert [len(each) for each in without_tests(text).split("\n")] == [
        len(each) for each in text.split("\n")
    ]


def test_an_error_keeps_its_problems_in_another_process() -> None:
    error = DefinitionError([Problem("a", "first"), Problem("b", "second")])
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.problems) == (DefinitionError, error.problems)
