"""Makes `.venv` in the project's folder with the project in it; `--dev` adds what its gate needs.

Needs nothing but Python 3.11 with its standard library: where that has no ensurepip (Debian without
python3-venv), one wheel of pip is fetched that is known by its digest. The system's own packages
are left alone. Run again it does nothing until pyproject.toml has changed.
"""

import hashlib
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if sysconfig.get_platform().startswith("win") else "bin")
PYTHON = SCRIPTS / "python"
PIP_URL = (
    "https://files.pythonhosted.org/packages/44/3c/"
    "d717024885424591d5376220b5e836c2d5293ce2011523c9de23ff7bf068/pip-25.3-py3-none-any.whl"
)
PIP_SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"


def main(extra: str) -> None:
    """Install the project, with one of its extras or none."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this may have an older one
        sys.exit(f"ocppdiag needs Python 3.11 or newer, this is {sys.version.split()[0]}")
    stamp = VENV / f"installed{extra}"
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    if not PYTHON.exists():
        venv.create(VENV, with_pip=find_spec("ensurepip") is not None)
    command = [*pip(), "install", "--quiet", "--disable-pip-version-check", "-e", f".{extra}"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("pip could not install what the project needs; it comes from PyPI (see above)")
    stamp.write_text(digest, encoding="utf-8")


def pip() -> list[str]:
    """The command that installs into the environment."""
    if (SCRIPTS / "pip").exists():
        return [str(PYTHON), "-m", "pip"]
    wheel = VENV / PIP_URL.rpartition("/")[2]
    if not wheel.is_file():
        try:
            with urllib.request.urlopen(PIP_URL, timeout=60) as answer:
                content = answer.read()
        except OSError as error:
            sys.exit(f"pip is not here and cannot be fetched ({error}): install python3-venv")
        if hashlib.sha256(content).hexdigest() != PIP_SHA256:
            sys.exit(f"{PIP_URL} is not the file it should be")
        wheel.write_bytes(content)
    return [str(PYTHON), f"{wheel}/pip"]


if __name__ == "__main__":
    main("[dev]" if "--dev" in sys.argv[1:] else "")
