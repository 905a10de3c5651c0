"""Policies: who is enabled, what a file may say, and how mistakes are told."""

from pathlib import Path

import pytest

from ocpp_forensics.errors import DefinitionError, InputError
from ocpp_forensics.replay.policy import Policy, Selector, is_enabled, sweep
from ocpp_forensics.replay.policy_file import read_policies, read_policy
from ocpp_forensics.report.problems import render_problems

STATION = ("Voltera", "EVC-22", "2.4.1")


@pytest.mark.parametrize(
    ("enable", "disable", "enabled"),
    [
        ([], [], True),
        ([Selector(model="EVC-*")], [], True),
        ([Selector(model="Duo*")], [], False),
        ([], [Selector(vendor="Voltera")], False),
        ([Selector(vendor="Voltera")], [Selector(vendor="Voltera", firmware="2.4.*")], False),
        ([Selector(vendor="Voltera", firmware="2.4.*")], [Selector(vendor="Voltera")], True),
        ([Selector(model="EVC-22")], [Selector(model="EVC-*")], True),
        ([Selector(firmware="2.4.*")], [Selector(firmware="2.*")], True),
        ([Selector(model="EVC-*")], [Selector(model="EVC-*")], False),
        ([Selector(vendor="voltera")], [], False),
    ],
)
def test_the_most_specific_table_decides(
    enable: list[Selector], disable: list[Selector], *, enabled: bool
) -> None:
    assert is_enabled(Policy(enable=tuple(enable), disable=tuple(disable)), STATION) is enabled


def write(folder: Path, text: str, name: str = "rule.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_the_default_rule_under_the_name_of_the_file(tmp_path: Path) -> None:
    assert read_policy(write(tmp_path, "")) == Policy(name="rule")


def test_a_grace_period_that_is_written_down_is_not_assumed(tmp_path: Path) -> None:
    policy = read_policy(write(tmp_path, "grace_s = 86400\n[[enable]]\nmodel = 'A*'\n"))
    assert policy == Policy(name="rule", enable=(Selector(model="A*"),), assumed=())


def test_two_policies_of_one_name_can_be_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path, 'name = "x"')
    assert [each.name for each in read_policies([path, path])] == ["x (1)", "x (2)"]


@pytest.mark.parametrize(
    ("text", "place", "allowed"),
    [
        ("name = 'x'\ndwell = 5\n", ":2:1", "did you mean 'dwell_s'?"),
        ("dwell_s = -5\n", ":1:1", "a number of seconds, 0 or more"),
        ("scan_s = 0\n", ":1:1", "a number of seconds above 0"),
        ("grace_s = true\n", ":1:1", "a number of seconds, 0 or more"),
        ("statuses = ['Faulty']\n", ":1:1", "a list of Available"),
        ("action = 'soft_reset'\n", ":1:1", 'allowed: "hard_reset"'),
        ("flip_restarts = 1\n", ":1:1", "true or false"),
        ("name = ''\n", ":1:1", "a text of up to"),
        ("[enable]\nmodel = 'x'\n", ":1:2", "write [[enable]]"),
        ("[[enable]]\nmodel = 'x'\n\n[[enable]]\nmodel = '[x'\n", ":5:1", "* stands for"),
        ("[[disable]]\nfirmware = 2.4\n", ":2:1", "* stands for"),
        ("[[disable]]\nfirmware = ''\n", ":2:1", "* stands for"),
        ("[[disable]]\nmodle = 'x'\n", ":2:1", "vendor, model, firmware"),
        ("dwell_s = \n", ":1:11", ""),
        ("enable = [{modle = 'x'}]\n", ":1", "vendor, model, firmware"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(
    tmp_path: Path, text: str, place: str, allowed: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DefinitionError) as caught:
        read_policies([path])
    shown = render_problems(caught.value)
    assert f"{path}{place}\n" in f"{shown}\n"
    assert allowed in shown


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    paths = [write(tmp_path, "dwell = 1\nscan_s = 'x'\n"), write(tmp_path, "grace = 1", "b.toml")]
    with pytest.raises(DefinitionError) as caught:
        read_policies(paths)
    assert len(caught.value.problems) == 3


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_policies([tmp_path / "none.toml"])


def test_a_sweep_makes_every_combination() -> None:
    made = sweep((Policy(name="a"),), ["dwell_s=1800,3600", "grace_s=0,86400"])
    assert [(each.name, each.dwell_s, each.grace_s, each.assumed) for each in made] == [
        ("a dwell_s=1800 grace_s=0", 1800, 0, ()),
        ("a dwell_s=1800 grace_s=86400", 1800, 86400, ()),
        ("a dwell_s=3600 grace_s=0", 3600, 0, ()),
        ("a dwell_s=3600 grace_s=86400", 3600, 86400, ()),
    ]


@pytest.mark.parametrize(
    "text", ["dwell_s", "dwell_s=", "dwell=1", "scan_s=0", "dwell_s=-1", "dwell_s=1;2"]
)
def test_what_is_no_sweep_is_told(text: str) -> None:
    with pytest.raises(InputError, match="is no sweep"):
        sweep((Policy(),), [text])
