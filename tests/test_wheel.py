"""What is shipped: the wheel holds the data files, and the package in it finds them."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_all_data_files(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    kept = [
        path
        for folder in ("signatures", "fixtures")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file()
    ]
    package = [path for path in (ROOT / "ocpp_forensics").rglob("*.*") if path.suffix != ".pyc"]
    assert kept
    assert {f"ocpp_forensics/{path.relative_to(ROOT)}" for path in kept} <= names
    assert {str(path.relative_to(ROOT)) for path in package if path.is_file()} <= names


def test_the_package_of_the_wheel_finds_its_signatures_and_fixtures(
    wheel: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    script = (
        "import ocpp_forensics, sys\n"
        "from ocpp_forensics.resources import data_dir\n"
        "from ocpp_forensics.dsl.library import load_signatures\n"
        "from ocpp_forensics.formats.definition import load_formats\n"
        "from ocpp_forensics.phrases.definition import load_phrases\n"
        "assert load_signatures().signatures and load_formats() and load_phrases()\n"
        "print(data_dir('signatures')); print(data_dir('fixtures'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    package = tmp_path / "ocpp_forensics"
    assert done.stdout.splitlines() == [str(package / "signatures"), str(package / "fixtures")]
