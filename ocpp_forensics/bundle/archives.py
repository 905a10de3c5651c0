"""Goes through the entries of tar and zip archives; every entry is distrusted."""

import stat
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from ocpp_forensics.bundle.budget import Meter
from ocpp_forensics.bundle.decode import ZIP_METHODS
from ocpp_forensics.bundle.intake import Found, Intake, Metered
from ocpp_forensics.bundle.model import Damage, refused, truncated
from ocpp_forensics.bundle.names import clean, left_out, refusal, tidy, with_slashes
from ocpp_forensics.bundle.salvage import entries_without_directory
from ocpp_forensics.bundle.sources import Container, Source
from ocpp_forensics.bundle.tars import TarEntry, TarReader
from ocpp_forensics.bundle.zips import ZipData, ZipEntry, directory

_Entry = TypeVar("_Entry", TarEntry, ZipEntry)

_SPECIAL_MODES = {
    stat.S_IFLNK: "it is a symbolic link",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
    stat.S_IFIFO: "it is a named pipe",
    stat.S_IFSOCK: "it is a socket",
}


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that is gone through; `take` handles what is found in it."""

    intake: Intake
    path: str
    take: Callable[[Found], None]

    def accept(self, raw_name: str) -> str | None:
        """The path of an entry that may be opened; None when it is refused or left out."""
        name = with_slashes(raw_name)
        why_not = refusal(name)
        if why_not is None:
            name = tidy(name)
            if (hidden := left_out(name)) is not None:
                self.intake.skip(f"{self.path}/{hidden}")
                return None
        shown = f"{self.path}/{clean(name)}"
        if not self.intake.admit(shown):
            return None
        if why_not is not None:
            self.intake.ledger.note(shown, refused(why_not))
            return None
        return shown

    def claim(self, path: str) -> str:
        """The path under which an accepted entry is shown; another one when it is taken."""
        claimed = self.intake.names.claim(path)
        if claimed != path:
            what = "another file of the archive has the same name"
            self.intake.ledger.note(claimed, Damage("member-duplicate", what, "both are read"))
        return claimed

    def note(self, damage: Damage) -> None:
        """Records what is wrong with the archive itself."""
        self.intake.ledger.note(self.path, damage)


def take_tar(archive: Archive, source: Source) -> None:
    """Takes the entries of a tar archive, up to its end or to a limit."""
    reader = TarReader(source.chunks())
    _take_each(archive, reader, lambda entry: _take_tar_entry(archive, entry))
    for damage in reader.damages:
        archive.note(damage)


def _take_each(
    archive: Archive, entries: Iterable[_Entry], take: Callable[[_Entry], None]
) -> Damage | None:
    """Takes the entries one after the other; the damage that ended it, recorded already."""
    try:
        for entry in entries:
            take(entry)
            if archive.intake.stopped:
                break
    except Damage as damage:
        archive.note(damage)
        return damage
    return None


def _take_tar_entry(archive: Archive, entry: TarEntry) -> None:
    intake = archive.intake
    path = archive.accept(entry.name)
    if path is None:
        return
    if entry.special is not None:
        intake.ledger.note(path, refused(f"it is {entry.special}"))
        return
    intake.budget.check_total()
    path = archive.claim(path)
    part, receipt = intake.spooled(intake.budget.metered(entry.body, Meter(counts=True)))
    damage = receipt.damage or (truncated("tar") if receipt.size < entry.size else None)
    if damage is not None:
        intake.ledger.note(path, damage)
    if entry.sparse:
        what = "it was stored without its holes"
        mend = "they are left out and its hash is that of the stored bytes"
        intake.ledger.note(path, Damage("member-sparse", what, mend))
    if receipt.size or damage is None:
        archive.take(intake.in_container(Found(path, part, entry.modified, receipt=receipt), part))


def take_zip(archive: Archive, container: Container) -> None:
    """Takes the entries of a zip archive: those of its directory, else those it can find."""
    extents = Extents()

    def take(entry: ZipEntry) -> None:
        overlaps = not extents.add(entry.offset, entry.end)
        _take_zip_entry(archive, container, entry, overlaps=overlaps)

    def take_unknown(entry: ZipEntry) -> None:
        if not extents.starts_at(entry.offset):
            _take_zip_entry(archive, container, entry, overlaps=False)

    damage = _take_each(archive, directory(container), take)
    if damage is not None and damage.code != "limit-reached":
        _take_each(archive, entries_without_directory(container), take_unknown)


class Extents:
    """The parts of a zip archive that belong to a member already."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int) -> bool:
        """Takes a part; False, and it is not taken, when it overlaps another one."""
        at = bisect_left(self._starts, start)
        if at < len(self._starts) and self._starts[at] < end:
            return False
        if at > 0 and self._ends[at - 1] > start:
            return False
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        return True

    def starts_at(self, start: int) -> bool:
        """Whether a part starts exactly there."""
        at = bisect_left(self._starts, start)
        return at < len(self._starts) and self._starts[at] == start


def _take_zip_entry(
    archive: Archive, container: Container, entry: ZipEntry, *, overlaps: bool
) -> None:
    intake = archive.intake
    path = None if entry.name.endswith(("/", "\\")) else archive.accept(entry.name)
    if path is None:
        return
    obstacle = refused("its data overlaps that of another member") if overlaps else _obstacle(entry)
    if obstacle is not None:
        intake.ledger.note(path, obstacle)
        return
    intake.budget.check_total()
    data = ZipData(container, entry)
    content = Metered(data.chunks, Meter(counts=True), intake.budget)
    archive.take(Found(archive.claim(path), content, entry.modified))


def _obstacle(entry: ZipEntry) -> Damage | None:
    """Why the entry cannot be opened; None when it can."""
    if entry.encrypted:
        mend = "it is left out; unpack it with its password and give the result"
        return Damage("member-encrypted", "it is encrypted", mend)
    special = _SPECIAL_MODES.get(stat.S_IFMT(entry.mode))
    if special is not None:
        return refused(special)
    if entry.method not in ZIP_METHODS:
        what = f"its compression method {entry.method} is not supported"
        return Damage("member-unreadable", what, "unpack it and give the result")
    return None
