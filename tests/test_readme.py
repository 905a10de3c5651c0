"""The README is true: its commands are those that CI runs, its signature works."""

import re
from pathlib import Path

from ocpp_forensics.casetests import TestBench
from ocpp_forensics.dsl.check import check_signatures
from ocpp_forensics.dsl.parser import parse_text
from ocpp_forensics.store import Store

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    return [line for line in README.splitlines() if line.startswith("python3 .ci/setup.py")]


def test_two_commands_are_all_the_setup() -> None:
    assert len(commands()) == 2


def test_the_first_command_diagnoses_a_bundle_that_is_shipped() -> None:
    path = commands()[0].split()[-1]
    assert (ROOT / path).is_dir(), path
    assert (ROOT / path).parent.joinpath("truth.json").is_file()


def test_ci_runs_the_second_command() -> None:
    assert commands()[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_signature_of_the_readme_is_complete_and_holds() -> None:
    (text,) = re.findall(r"```text\n(signature .*?)```", README, flags=re.DOTALL)
    signatures = parse_text(text, "README.md")
    assert check_signatures(signatures) == []
    with Store() as store:
        assert [each for found in signatures for each in TestBench(store).run(found)] == []
