"""Which files are one log that was rotated, and in which order they were written.

A rotation is told by a suffix of the name, before or after its extension: a plausible date
(`-20261103`, `.2026-11-03`, also with a time) or a number (`.1`) next to the file without one or to
where counting begins. Any other number may be that of a station and never joins two files.
"""

import re
from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import date

_COMPRESSION = re.compile(r"\.(?:gz|bz2|xz|zst|zstd)$", re.IGNORECASE)
_EXTENSION = r"(?P<ext>\.[A-Za-z][A-Za-z0-9]{0,9})?"
_TIME = r"(?P<time>[T_-](?:[01]\d|2[0-3])(?:[-_:]?[0-5]\d){0,2}Z?)?"
_DATED = re.compile(
    r"(?P<stem>.*[^.\-_])[.\-_]"
    r"(?P<year>20\d\d)(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)" + _TIME + r"(?!\d)"
    r"(?:[._](?P<before>\d{1,3}))?" + _EXTENSION + r"(?:\.(?P<after>\d{1,3}))?"
)
_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<number>\d{1,3})(?P<ext>\.[A-Za-z][A-Za-z0-9]{0,9})?")


_Order = tuple[int, str, int, int]


def rotation_groups(paths: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Groups paths that are rotations of one log.

    Returns:
        The path of the log without any suffix and its files, those assumed to be the oldest first,
        for every log (also those of one file), sorted by that path. Dated files come first, those
        of one date by ascending number; then numbered files, the highest number first; then the
        file without suffix.
    """
    bare = frozenset(_COMPRESSION.sub("", path) for path in paths)
    groups: dict[str, list[tuple[_Order, str]]] = defaultdict(list)
    for path in paths:
        base, order = _take_apart(path, bare)
        groups[base].append((order, path))
    return tuple((base, tuple(path for _, path in sorted(groups[base]))) for base in sorted(groups))


def _take_apart(path: str, bare: Set[str]) -> tuple[str, _Order]:
    """The path without suffixes, and what sorts the files of one log, the oldest first."""
    folder, slash, file = path.rpartition("/")
    folder += slash
    name = _COMPRESSION.sub("", file)
    found = _dated(name) or _numbered(name, folder, bare)
    base, (rank, day, number) = found or (name, (2, "", 0))
    return folder + base, (rank, day, number, int(name == file))


def _dated(name: str) -> tuple[str, tuple[int, str, int]] | None:
    match = _DATED.fullmatch(name)
    if match is None or not _is_date(match["year"], match["month"], match["day"]):
        return None
    stem, extension = match["stem"], match["ext"] or ""
    base = stem if stem.endswith(extension) else stem + extension
    clock = re.sub(r"\D", "", match["time"] or "")
    number = int(match["before"] or match["after"] or -1)
    return base, (0, match["year"] + match["month"] + match["day"] + clock, number)


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _numbered(name: str, folder: str, bare: Set[str]) -> tuple[str, tuple[int, str, int]] | None:
    """A number behind digits ('10.0.0.5', 'ocpp2.1.log') counts only next to the bare file.

    Where neither the bare file nor number 0 or 1 is there, 'cp-depot.27.log' is a station's name.
    """
    match = _NUMBERED.fullmatch(name)
    if match is None:
        return None
    base = match["stem"] + (match["ext"] or "")
    begins = {f"{folder}{match['stem']}.{first}{match['ext'] or ''}" for first in (0, 1)}
    joins = {folder + base} if match["stem"][-1].isdigit() else {folder + base, *begins}
    if not joins & bare:
        return None
    return base, (1, "", -int(match["number"]))
