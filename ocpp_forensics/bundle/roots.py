"""What the user gave: each path checked, named and told apart."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocpp_forensics.bundle.names import clean
from ocpp_forensics.errors import InputError, Problem, Where

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Root:
    """One path that was given; None stands for standard input."""

    name: str
    path: Path | None
    mode: int


def resolve(paths: Sequence[str | Path]) -> list[Root]:
    """The given paths, each once, in the given order.

    Raises:
        InputError: some of them do not exist or cannot be read; it names all of them.
    """
    problems: list[Problem] = []
    roots: dict[Path | None, Root] = {}
    for given in paths:
        try:
            root = _resolve_one(given)
        except InputError as error:
            problems.extend(error.problems)
        else:
            roots.setdefault(root.path, root)
    if problems:
        raise InputError(problems)
    return list(roots.values())


def _resolve_one(given: str | Path) -> Root:
    if str(given) == STDIN:
        return Root("stdin", None, stat.S_IFIFO)
    shown = clean(str(given))
    try:
        path = Path(os.path.realpath(given))
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        problem = _problem("path-not-found", f"{shown} does not exist", shown, "check the spelling")
        raise InputError(problem) from error
    except OSError as error:
        raise InputError(_unreadable(shown, error.strerror or "unknown error")) from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        message = f"{shown} is neither a file nor a folder"
        raise InputError(_problem("path-not-a-file", message, shown, "give a file or a folder"))
    if not os.access(path, os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0)):
        raise InputError(_unreadable(shown, "permission denied"))
    return Root(clean(Path(os.path.abspath(given)).name) or "root", path, mode)  # noqa: PTH100


def _unreadable(shown: str, why: str) -> Problem:
    message = f"{shown} cannot be read ({why})"
    return _problem("path-unreadable", message, shown, "make it readable, or give a copy of it")


def _problem(code: str, message: str, path: str, mend: str) -> Problem:
    return Problem(code=code, message=message, where=Where(path=path), help=mend)
