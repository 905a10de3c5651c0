"""Makes `.venv` in the project's folder with the project in it; `--dev` adds what its gate needs.

Needs nothing but Python 3.11 with its standard library: where that has no ensurepip (Debian without
python3-venv), apt fetches the wheel of pip that Debian ships into `.venv`. The system's own
packages are left alone. Run again it does nothing until pyproject.toml has changed.
"""

import hashlib
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if sysconfig.get_platform().startswith("win") else "bin")
PYTHON = SCRIPTS / "python"


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
    try:
        wheel = debian_wheel(VENV / "debian")
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"no ensurepip here, and no pip from apt ({error}): install python3-venv")
    return [str(PYTHON), f"{wheel}/pip"]


def debian_wheel(folder: Path) -> Path:
    """The wheel of pip that Debian ships, fetched by apt with package lists of its own."""
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    own = (f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}", "APT::Sandbox::User=root")
    apt = ["apt-get", "-qq", *(part for option in own for part in ("-o", option))]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "download", "python3-pip-whl"], cwd=folder, check=True)
    (package,) = folder.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    (wheel,) = (folder / "usr/share/python-wheels").glob("pip-*.whl")
    return wheel


if __name__ == "__main__":
    main("[dev]" if "--dev" in sys.argv[1:] else "")
