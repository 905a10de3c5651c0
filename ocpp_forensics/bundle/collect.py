"""Collects the bundle: checks the given paths, walks folders and goes through archives."""

import errno
import io
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ocpp_forensics.bundle.archives import Entry, entries
from ocpp_forensics.bundle.contents import Bundle
from ocpp_forensics.bundle.intake import Found, Intake
from ocpp_forensics.bundle.model import Damage, Limits, damage_of, utc_naive
from ocpp_forensics.bundle.names import (
    CODECS,
    UNSUPPORTED,
    by_content,
    by_name,
    clean,
    inner_path,
    left_out,
)
from ocpp_forensics.bundle.streams import CHUNK, Source
from ocpp_forensics.bundle.workbooks import is_workbook, sheets
from ocpp_forensics.errors import InputError, NoInputError, Problem, Where

_DEFAULT = Limits()
_SHOWN_WARNINGS = 20
_STDIN = "-"
_Root = Path | BinaryIO
_ACCEPTED = (
    "a folder, a file, '-' for standard input, .gz .bz2 .xz .zst files, .zip and .tar archives "
    "(also compressed)"
)


def open_bundle(
    paths: Sequence[str | Path],
    *,
    limits: Limits = _DEFAULT,
    stdin: BinaryIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Bundle:
    """Collects everything readable in the given paths.

    Args:
        paths: folders, files and archives; '-' stands for `stdin`.
        limits: what the bundle may cost; what lies beyond is left out with a warning.
        stdin: the stream to read for '-'.
        clock: seconds that never run backwards.

    Raises:
        InputError: a given path does not exist or cannot be read.
        NoInputError: nothing readable was found.
    """
    roots = _resolve(paths, stdin)
    intake = Intake(limits, clock)
    with intake.running():
        for root, name in roots.items():
            _take_root(intake, root, name, several=len(roots) > 1)
    names = list(roots.values())
    if not intake.entries:
        intake.spool.file.close()
        raise _nothing(intake, names)
    return Bundle(names[0], intake)


def _resolve(paths: Sequence[str | Path], stdin: BinaryIO | None) -> dict[_Root, str]:
    """The given paths, each once, and the names they are shown by."""
    roots: dict[_Root, str] = {}
    problems: list[Problem] = []
    for given in paths:
        if str(given) == _STDIN and stdin is not None:
            roots[stdin] = "stdin"
            continue
        try:
            _check(Path(given))
        except (OSError, ValueError) as error:
            problems.append(_problem(clean(str(given)), error))
        else:
            name = clean(Path(os.path.abspath(given)).name) or "root"  # noqa: PTH100
            roots.setdefault(Path(os.path.realpath(given)), name)
    if problems:
        raise InputError(problems)
    return roots


def _check(path: Path) -> None:
    """Raises OSError or ValueError if a path cannot be read."""
    if path.is_dir():
        os.scandir(path).close()
    elif stat.S_ISREG(path.stat().st_mode):
        os.close(os.open(path, os.O_RDONLY))
    elif not path.is_fifo():
        raise OSError(errno.EINVAL, "it is neither a file nor a folder")


def _problem(shown: str, error: OSError | ValueError) -> Problem:
    if isinstance(error, OSError) and not isinstance(error, FileNotFoundError | NotADirectoryError):
        what = f"{shown} cannot be read ({error.strerror})"
        return Problem("path-unreadable", what, Where(shown), "make it readable or copy it")
    return Problem("path-not-found", f"{shown} does not exist", Where(shown), "check the spelling")


def _nothing(intake: Intake, names: Iterable[str]) -> NoInputError:
    """The error that says what was found instead of something readable."""
    where = ", ".join(names) or "what was given"
    found = f"{len(intake.warnings)} refused or unreadable, {intake.skipped} hidden or junk"
    message = f"nothing readable was found in {where} ({found})"
    summary = Problem("nothing-readable", message, help=f"give {_ACCEPTED}")
    shown = list(intake.warnings)[:_SHOWN_WARNINGS]
    return NoInputError([summary, *(Problem(w.code, w.message, Where(w.path)) for w in shown)])


def _take_root(intake: Intake, root: _Root, name: str, *, several: bool) -> None:
    if isinstance(root, Path) and root.is_dir():
        _take_folder(intake, root, intake.claim(name) + "/" if several else "")
    elif not intake.admit(name):
        return
    elif isinstance(root, Path) and not root.is_fifo():
        _take_file(intake, root, name)
    else:
        chunks = intake.limited(_stream(root), name)
        found = intake.spooled(intake.claim(name), None, chunks)
        if found is not None:
            _take(intake, 0, found)


def _stream(root: _Root) -> Iterator[bytes]:
    with root.open("rb", buffering=0) if isinstance(root, Path) else nullcontext(root) as file:
        yield from iter(partial(file.read, CHUNK), b"")


def _take_folder(intake: Intake, folder: Path, prefix: str) -> None:
    """Takes all files below a folder; never follows a link out of it."""
    folders = [(folder, prefix)]
    while folders and not intake.stopped:
        folder, prefix = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            intake.note(prefix.rstrip("/") or ".", damage_of(error))
            continue
        for entry in entries:
            path = prefix + clean(entry.name)
            if left_out(entry.name):
                intake.skipped += 1
            elif entry.is_dir(follow_symlinks=False):
                folders.append((Path(entry.path), path + "/"))
            elif intake.admit(path):
                _take_file(intake, Path(entry.path), path)


def _take_file(intake: Intake, path: Path, name: str) -> None:
    """Takes a file on disk, once even if several given paths lead to it."""
    if path in intake.visited:
        return
    intake.visited.add(path)
    name = intake.claim(name)
    try:
        info = path.lstat()
    except OSError as error:
        intake.note(name, damage_of(error))
        return
    if stat.S_ISREG(info.st_mode):
        _take(intake, 0, Found(name, Source(path, info.st_size), utc_naive(info.st_mtime)))
    else:
        why = "it is a link, a device, a named pipe or a socket"
        intake.note(name, Damage("member-refused", why))


def _take(intake: Intake, depth: int, found: Found) -> None:
    """Keeps a find as a member, or goes through it; `depth` counts the archives around it."""
    head = intake.head(found)
    if head is None:
        return
    kind = by_content(head, found.path)
    if kind in CODECS:
        found = replace(found, codec=kind)
        kind = by_content(intake.head(found) or b"", found.path)
    elif kind is None and (promised := by_name(found.path)) is not None:
        what = f"its name promises {promised} data, but it is none"
        intake.note(found.path, Damage("name-mismatch", what))
    if kind is None and is_workbook(head, found.path) and found.codec is None:
        _take_workbook(intake, found)
    elif kind is None:
        intake.keep(found)
    elif kind in UNSUPPORTED or kind in CODECS:
        where = f" inside {found.codec} data" if found.codec else ""
        what = f"{kind} data{where} is not supported"
        intake.note(found.path, Damage("member-unreadable", what))
    elif depth >= intake.limits.depth:
        intake.note(found.path, intake.broken("depth"))
    else:
        _take_archive(intake, depth + 1, found, kind)


def _take_workbook(intake: Intake, found: Found) -> None:
    """Takes every sheet of a workbook as a file; a single one has the name of the workbook."""
    taken: list[Found] = []
    try:
        for title, chunks in sheets(io.BufferedReader(found.source.open(intake.check_time))):
            path = f"{found.path}/{clean(title)}"
            sheet = intake.spooled(path, found.modified, intake.limited(chunks, path))
            taken += [sheet] if sheet is not None else []
    except Damage as damage:
        intake.note(found.path, damage)
    if len(taken) == 1:
        whole = intake.receive(found.path, found.source.chunks(intake.check_time), len)
        taken = [replace(taken[0], path=found.path, received=whole)]
    for sheet in taken:
        intake.keep(sheet)


def _take_archive(intake: Intake, depth: int, found: Found, kind: str) -> None:
    archive: Found | None = found
    if found.codec is not None:
        archive = intake.spooled(found.path, None, intake.content(found))
    if archive is None:
        return
    try:
        note = partial(intake.note, found.path)
        for entry in entries(kind, archive.source, intake.check_time, note):
            inner = _received(intake, found.path, entry)
            if inner is not None:
                _take(intake, depth, inner)
            if intake.stopped:
                return
    except Damage as damage:
        intake.note(found.path, damage)


def _received(intake: Intake, archive: str, entry: Entry) -> Found | None:
    """What is in an entry; None if it is a folder, refused, left out or unreadable."""
    name = entry.name.replace("\\", "/")
    inner = inner_path(name)
    hidden = inner is not None and left_out(inner)
    intake.skipped += hidden
    path = f"{archive}/{clean(inner or name)}"
    if hidden or name.endswith("/") or not intake.admit(path):
        return None
    if inner is None:
        intake.note(path, Damage("member-refused", "its name is none or leads out of the archive"))
    if inner is None or entry.content is None:
        intake.note(path, entry.damage)
        return None
    claimed = intake.claim(path)
    if claimed != path:
        what = "another file of the archive has the same name"
        intake.note(claimed, Damage("member-duplicate", what))
    intake.note(claimed, entry.damage)
    if isinstance(entry.content, Source):
        return Found(claimed, entry.content, entry.modified)
    if intake.left_bytes <= 0:
        raise intake.broken(limit="total_bytes")
    chunks = intake.limited(entry.content, claimed, lambda: entry.packed)
    return intake.spooled(claimed, entry.modified, chunks)
