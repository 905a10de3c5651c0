"""The generator of look-alike incidents: honest, seeded, and in more than one wording."""

from pathlib import Path

import pytest

from tests.lookalikes.matrix import CASES, play
from tests.lookalikes.scene import Scene
from tests.lookalikes.writing import dialects


def written(scene: Scene, folder: Path, without: set[str] | None = None) -> dict[str, str]:
    root = scene.write(folder, without or set())
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in paths}


@pytest.mark.parametrize("cause", CASES)
def test_logs_that_decide_are_there_and_can_be_left_out(cause: str, tmp_path: Path) -> None:
    scene = play(cause, 1)
    full = written(scene, tmp_path / "full")
    cut = written(scene, tmp_path / "cut", scene.deciding)
    assert scene.affected
    assert set(cut) < set(full)
    assert all(full[path] == cut[path] for path in cut)


def test_a_seed_stands_for_the_same_logs_every_time(tmp_path: Path) -> None:
    first, second = (written(play("ws-ping-timeout", 3), tmp_path / str(run)) for run in range(2))
    assert first == second


def test_seeds_differ_in_more_than_their_numbers() -> None:
    lines = {play("carrier-nat-expiry", seed).csms_dialect for seed in range(8)}
    assert len(lines) >= 3


def test_facts_of_one_vantage_point_are_told_in_order() -> None:
    scene = play("csms-restart", 2)
    times = [fact.at_s for fact in scene.kernel.facts]
    assert times == sorted(times)


@pytest.mark.parametrize("vantage", ["csms", "station"])
def test_every_dialect_words_the_events_that_matter(vantage: str) -> None:
    for name, dialect in dialects(vantage).items():
        missing = {"recv", "send", "close_eof" if vantage == "csms" else "closed_eof"}
        assert missing <= set(dialect["says"]), name


def test_the_truth_tells_who_is_affected() -> None:
    scene = play("duplicate-identity", 1)
    truth = scene.truth()
    assert {name for name, each in truth.items() if each["root_causes"]} == scene.affected
    assert set(truth) == set(scene.stations)
