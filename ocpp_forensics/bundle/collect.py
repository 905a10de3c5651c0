"""Collects the bundle from the paths that were given."""

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ocpp_forensics.bundle.budget import Meter
from ocpp_forensics.bundle.explore import take
from ocpp_forensics.bundle.intake import Found, Intake
from ocpp_forensics.bundle.kinds import ACCEPTED
from ocpp_forensics.bundle.model import Limits, refused, unreadable, utc_naive
from ocpp_forensics.bundle.names import clean, left_out
from ocpp_forensics.bundle.reader import Bundle
from ocpp_forensics.bundle.roots import STDIN, Root, resolve
from ocpp_forensics.bundle.sources import DiskFile
from ocpp_forensics.errors import InputError, NoInputError, Problem, Where

_DEFAULT = Limits()
_CHUNK = 128 * 1024
_SHOWN_WARNINGS = 20


def open_bundle(
    paths: Sequence[str | Path],
    *,
    limits: Limits = _DEFAULT,
    stdin: BinaryIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Bundle:
    """Collects and hashes everything readable in the given paths.

    Args:
        paths: folders, files and archives; '-' stands for `stdin`.
        limits: what the bundle may cost; what lies beyond is left out with a warning.
        stdin: the stream to read for '-'.
        clock: seconds that never run backwards.

    Raises:
        InputError: a given path does not exist or cannot be read.
        NoInputError: nothing readable was found.
    """
    roots = resolve(paths)
    intake = Intake(limits, clock)
    try:
        _collect(intake, roots, stdin)
    except BaseException:
        intake.spool.close()
        raise
    return Bundle(roots[0].name, intake)


def _collect(intake: Intake, roots: Sequence[Root], stdin: BinaryIO | None) -> None:
    with intake.budget.running():
        for root in roots:
            _take_root(intake, root, stdin, several=len(roots) > 1)
    if not intake.entries:
        raise _nothing(intake, roots)


def _take_root(intake: Intake, root: Root, stdin: BinaryIO | None, *, several: bool) -> None:
    if root.path is not None and stat.S_ISDIR(root.mode):
        prefix = intake.names.claim(root.name) + "/" if several else ""
        _take_folder(intake, root.path, prefix)
    elif not intake.admit(root.name):
        return
    elif root.path is None:
        _take_stream(intake, root.name, _from_stdin(stdin))
    elif stat.S_ISFIFO(root.mode):
        _take_stream(intake, root.name, _from_pipe(root.path))
    else:
        _take_file(intake, root.path, root.name)


def _take_folder(intake: Intake, folder: Path, prefix: str) -> None:
    """Takes all files below a folder; never follows a link out of it."""
    folders = [(folder, prefix)]
    while folders and not intake.stopped:
        folder, prefix = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            intake.ledger.note(prefix.rstrip("/") or ".", unreadable(error.strerror))
            continue
        inner = [_take_entry(intake, entry, prefix) for entry in entries]
        folders.extend(found for found in reversed(inner) if found is not None)


def _take_entry(intake: Intake, entry: "os.DirEntry[str]", prefix: str) -> tuple[Path, str] | None:
    """Takes one entry of a folder; a folder is returned, with the prefix for what is in it."""
    path = prefix + clean(entry.name)
    if left_out(entry.name) is not None:
        intake.skip(path)
    elif entry.is_dir(follow_symlinks=False):
        return Path(entry.path), path + "/"
    elif intake.admit(path):
        if entry.is_file(follow_symlinks=False):
            _take_file(intake, Path(entry.path), path)
        else:
            kind = "a symbolic link" if entry.is_symlink() else "a device, named pipe or socket"
            intake.ledger.note(path, refused(f"it is {kind}"))
    return None


def _take_file(intake: Intake, path: Path, shown: str) -> None:
    """Takes a file on disk, once even if several given paths lead to it."""
    if not intake.first_visit(path):
        return
    shown = intake.names.claim(shown)
    try:
        info = path.lstat()
    except OSError as error:
        intake.ledger.note(shown, unreadable(error.strerror))
        return
    file = DiskFile(path, info.st_size)
    take(intake, 0, intake.in_container(Found(shown, file, utc_naive(info.st_mtime)), file))


def _take_stream(intake: Intake, name: str, chunks: Iterator[bytes]) -> None:
    """Copies a stream to the spool and takes it like a file."""
    name = intake.names.claim(name)
    part, receipt = intake.spooled(intake.budget.metered(chunks, Meter(counts=True)))
    if receipt.damage is not None:
        intake.ledger.note(name, receipt.damage)
    if receipt.size or receipt.damage is None:
        take(intake, 0, intake.in_container(Found(name, part, None, receipt=receipt), part))


def _from_stdin(stream: BinaryIO | None) -> Iterator[bytes]:
    if stream is None:
        message = f"standard input was named as '{STDIN}', but there is none"
        raise InputError(Problem("stdin-missing", message, Where(STDIN), "give a file instead"))
    try:
        while chunk := stream.read(_CHUNK):
            yield chunk
    except OSError as error:
        raise unreadable(error.strerror) from error


def _from_pipe(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as pipe:
            yield from _from_stdin(pipe)
    except OSError as error:
        raise unreadable(error.strerror) from error


def _nothing(intake: Intake, roots: Sequence[Root]) -> NoInputError:
    """The error that says what was found instead of something readable."""
    warnings = intake.ledger.warnings
    where = ", ".join(root.name for root in roots) or "what was given"
    found = f"{len(warnings)} refused or unreadable, {intake.skipped} hidden or left out"
    summary = Problem(
        code="nothing-readable",
        message=f"nothing readable was found in {where} ({found})",
        help=f"give {ACCEPTED}",
    )
    details = (
        Problem(code=warning.code, message=warning.message, where=Where(warning.path))
        for warning in warnings[:_SHOWN_WARNINGS]
    )
    return NoInputError((summary, *details))
