"""The set of signatures of a run: the package's own and those of the user's folders.

Reads: signatures/*.sig, --signatures folders. Feeds: the engine, `ocppdiag signatures`.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ocpp_forensics.dsl.check import check_signatures
from ocpp_forensics.dsl.complaints import Complaints
from ocpp_forensics.dsl.parser import parse_text, without_tests
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.errors import DefinitionError, InputError, Problem, Where
from ocpp_forensics.resources import data_dir

__all__ = ["Library", "load_own", "load_signatures"]


@dataclass(frozen=True, slots=True)
class Library:
    """Signatures that passed all checks, ordered by id, and a digest of their text."""

    signatures: tuple[Signature, ...]
    sha256: str

    def causal(self) -> "Library":
        """The signatures that conclude a cause, without those that only give advice."""
        kept = tuple(each for each in self.signatures if not each.advice)
        return replace(self, signatures=kept)


def load_signatures(
    folders: Sequence[Path] = (), *, builtin: bool = True, tests: bool = True
) -> Library:
    """Read and check all signature files.

    Without `tests` those of the package's own files are passed over: a run has no need of them.

    Errors: DefinitionError with the problems of all files.
    """
    found: list[Signature] = []
    problems: list[Problem] = []
    digest = hashlib.sha256()
    lines: dict[str, list[str]] = {}
    for path in _files(folders, builtin=builtin):
        try:
            text = path.read_text(encoding="utf-8")
            digest.update(text.encode())
            lines[str(path)] = text.splitlines()
            needless = not tests and path.parent == data_dir("signatures")
            found.extend(parse_text(without_tests(text) if needless else text, str(path)))
        except (OSError, UnicodeDecodeError) as error:
            message = f"cannot be read: {error}"
            problems.append(Problem("signature-unreadable", message, Where(str(path))))
        except DefinitionError as error:
            problems.extend(error.problems)
    problems.extend(_quoted(each, lines) for each in check_signatures(found))
    if problems:
        raise DefinitionError(problems)
    ordered = tuple(sorted(found, key=lambda each: each.id))
    return Library(ordered, digest.hexdigest())


def load_own(paths: Sequence[Path]) -> tuple[Signature, ...]:
    """The signatures of some files and folders, fit to be used with the package's; else those.

    Errors: DefinitionError with the problems of all files, also where a name is taken.
    """
    own = load_signatures(paths, builtin=not paths).signatures
    if paths:
        _refuse_taken(own)
    return own


def _refuse_taken(own: Iterable[Signature]) -> None:
    taken = {each.id: Path(each.path) for each in load_signatures().signatures}
    problems = [
        Complaints(each).problem(
            "signature-duplicate", f"the package has a signature '{each.id}' already"
        )
        for each in own
        if each.id in taken and not taken[each.id].samefile(each.path)
    ]
    if problems:
        raise DefinitionError(problems)


def _quoted(problem: Problem, lines: Mapping[str, Sequence[str]]) -> Problem:
    """A problem with the line that it is about."""
    where = problem.where
    if where is None or where.line is None:
        return problem
    return replace(problem, where=replace(where, quote=lines[where.path][where.line - 1]))


def _files(folders: Sequence[Path], *, builtin: bool) -> Iterable[Path]:
    if builtin:
        yield from sorted(data_dir("signatures").glob("*.sig"))
    for folder in folders:
        files = sorted(folder.glob("*.sig")) if folder.is_dir() else [folder]
        if not files or not files[0].exists():
            message = f"no signature files (*.sig) in {folder}"
            raise InputError(Problem("no-signatures", message))
        yield from files
