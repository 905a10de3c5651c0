"""A bundle of a thousand small logs of many formats: each is detected as what it is."""

import random
import sys
from pathlib import Path
from time import process_time

import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.formats.definition import load_formats
from ocpp_forensics.sources import collect_parts, detect_parts
from ocpp_forensics.store import Store
from tests.catalogue.test_catalogue import LOGS

FILES = 1000
LINES = 12
NAMES = [
    name for name, log in LOGS.items() if "header" not in log and len(log["line"]) >= 5
]  # fmt: skip


def small_log(name: str, chance: random.Random) -> str:
    """A dozen or more entries of a log of the catalogue, in any order."""
    entries = [each["text"].strip("\n") for each in LOGS[name]["line"]]
    picked = [*entries, *chance.choices(entries, k=LINES)][: max(LINES, len(entries))]
    chance.shuffle(picked)
    return "\n".join(picked) + "\n"


def test_every_log_of_a_bundle_of_a_thousand_is_detected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(3)
    wanted = {}
    for number in range(FILES):
        name = NAMES[number % len(NAMES)]
        path = f"{chance.randrange(40):02}/{number:04}-{chr(97 + number % 26)}.log"
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(small_log(name, chance), encoding="utf-8")
        wanted[path] = LOGS[name]["format"]

    with Store() as store, open_bundle([tmp_path]) as bundle:
        formats = load_formats()
        before = process_time()
        parts, _ = collect_parts(bundle)
        detect_parts(store, bundle, parts, formats, {})
        spent = process_time() - before

    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(parts)} logs of {len(set(wanted.values()))} formats: {spent:.1f} CPU s\n"
        )
    found = {each.member.path: each.detection.format for each in parts if each.detection}
    assert found == wanted
