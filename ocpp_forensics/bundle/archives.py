"""What is in tar and zip archives; also in damaged ones, as far as it can be found."""

import io
import re
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ocpp_forensics.bundle.model import FAILURES, MIB, Damage, damage_of, utc_naive
from ocpp_forensics.bundle.streams import CHUNK, STEP, Source

_BLOCK = 512
_LOCAL = struct.Struct("<4s5H3I2H")
_LOCAL_MARK = b"PK\x03\x04"
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 1, 1 << 3, 1 << 11
_UNKNOWN = 0xFFFFFFFF
_NEWEST_VERSION = 63
_Opener = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an archive: a part of it, or chunks made from `packed` compressed bytes.

    There is no content if the entry must not be read. Names of folders end with a slash.
    """

    name: str
    modified: datetime | None
    damage: Damage | None
    content: Source | Iterator[bytes] | None
    packed: int = 0


class _Bounded(io.BufferedReader):
    """What tarfile and zipfile read; for headers they are allowed a bearable amount."""

    allowance = 16 * MIB
    last = b""

    def read(self, size: int | None = -1, /) -> bytes:
        self.allowance -= size or 0
        if self.allowance < 0:
            raise Damage(code="member-corrupt", what="its headers are too long")
        self.last = super().read(size)
        return self.last


def entries(
    kind: str, source: Source, check: Callable[[], None], note: Callable[[Damage], None]
) -> Iterator[Entry]:
    """What is in a tar or zip archive; ends in Damage if it is damaged.

    `note` is told if the directory of a zip archive is damaged: its files are searched for then.
    """
    try:
        with _Bounded(source.open(check), CHUNK) as file:
            yield from _tar_entries(file, source) if kind == "tar" else _zip_entries(file, note)
    except (*FAILURES, IndexError) as error:
        raise damage_of(error) from None


def _tar_entries(file: _Bounded, source: Source) -> Iterator[Entry]:
    at, ended = -1, False
    file.allowance = MIB
    tar: Any = tarfile.TarFile(fileobj=file, encoding="utf-8", errors="replace")
    while (info := tar.next()) is not None or file.last == bytes(_BLOCK):
        ended = info is None
        if info is None:  # an end mark, behind which another archive may follow
            tar.offset += _BLOCK
        else:
            yield _tar_entry(info, source)
        if tar.offset <= at:
            message = "a size is negative"
            raise tarfile.ReadError(message)
        at, file.allowance = tar.offset, MIB
        tar.members.clear()
        tar.pax_headers.clear()
    if not ended and len(file.last) < _BLOCK:
        raise EOFError
    if not ended:
        message = "a header is invalid"
        raise tarfile.ReadError(message)


def _tar_entry(info: tarfile.TarInfo, source: Source) -> Entry:
    name, modified = info.name + "/" * info.isdir(), utc_naive(info.mtime)
    if info.issparse() or info.islnk() or info.issym() or info.isdev():
        why = "it is a link, a device, a named pipe or a sparse file"
        return Entry(name, modified, Damage("member-refused", why), None)
    size = max(0, min(info.size, source.size - info.offset_data))
    damage = damage_of(EOFError()) if size < info.size else None
    part = Source(source.file, size, source.start + info.offset_data)
    return Entry(name, modified, damage, None if damage and size == 0 else part)


def _zip_entries(file: _Bounded, note: Callable[[Damage], None]) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(file)
        first = min((info.header_offset for info in archive.infolist()), default=0)
        if first != 0 and file.seek(0) == 0 and file.read(len(_LOCAL_MARK)) == _LOCAL_MARK:
            message = "its directory is that of an archive within it"
            raise zipfile.BadZipFile(message)
    except FAILURES as error:
        note(damage_of(error))
        found = _salvaged(file)
    else:
        found = ((info, partial(archive.open, info)) for info in archive.infolist())
    file.allowance = sys.maxsize
    for info, opened in found:
        yield _zip_entry(info, opened)


def _zip_entry(info: zipfile.ZipInfo, opened: _Opener) -> Entry:
    damage, mode = None, stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        damage = Damage("member-encrypted", "it is encrypted")
    elif mode not in {0, stat.S_IFREG, stat.S_IFDIR}:
        damage = Damage("member-refused", "it is a link, a device, a named pipe or a socket")
    name, modified = info.filename, None
    with suppress(UnicodeError):  # UTF-8 is tried first, as many writers forget to declare it
        name = name if info.flag_bits & _UTF8 else name.encode("cp437").decode()
    with suppress(ValueError):
        modified = datetime(*info.date_time, tzinfo=UTC).replace(tzinfo=None)
    content = _unzipped(info, opened) if damage is None else None
    return Entry(name, modified, damage, content, info.compress_size)


def _unzipped(info: zipfile.ZipInfo, opened: _Opener) -> Iterator[bytes]:
    expected, checksum = getattr(info, "CRC", None), 0
    if expected is not None:
        del info.CRC  # zipfile would keep the end of a member back if its checksum is wrong
    with opened() as file:
        while piece := file.read1(STEP):
            checksum = zlib.crc32(piece, checksum)
            yield piece
    if expected not in {None, checksum}:
        message = "its checksum is wrong"
        raise zipfile.BadZipFile(message)


def _salvaged(file: _Bounded) -> Iterator[tuple[zipfile.ZipInfo, _Opener]]:
    """The files of which the local header can be found."""
    free, end = 0, file.seek(0, io.SEEK_END)
    for at in _marks(file):
        file.seek(at)
        header = file.read(_LOCAL.size)
        if at < free or len(header) < _LOCAL.size:
            continue
        _, version, flags, method, time, date, crc, packed, size, *rest = _LOCAL.unpack(header)
        name = file.read(rest[0]).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        start = file.seek(rest[1], io.SEEK_CUR)
        if version & 0xFF > _NEWEST_VERSION or not name:
            continue
        day = (1980 + (date >> 9), date >> 5 & 15, date & 31)
        info = zipfile.ZipInfo(name, (*day, time >> 11, time >> 5 & 63, time % 32 * 2))
        info.flag_bits, info.compress_type = flags, method
        if packed == _UNKNOWN or (flags & _SIZES_FOLLOW and not packed):
            info.compress_size, info.file_size = end - start, sys.maxsize
        else:
            info.compress_size, info.file_size, info.CRC = packed, size, crc
            free = start + packed
        yield info, partial(_open_at, file, start, info)


def _marks(file: _Bounded) -> Iterator[int]:
    """Where a local header may begin."""
    at = 0
    while file.seek(at) == at and len(chunk := file.read(CHUNK)) >= len(_LOCAL_MARK):
        for match in re.finditer(re.escape(_LOCAL_MARK), chunk):
            yield at + match.start()
        at += len(chunk) - len(_LOCAL_MARK) + 1


def _open_at(file: _Bounded, start: int, info: zipfile.ZipInfo) -> zipfile.ZipExtFile:
    if info.file_size == sys.maxsize and info.compress_type == zipfile.ZIP_STORED:
        raise Damage(code="member-unreadable", what="it cannot be read (its length is not known)")
    file.seek(start)
    return zipfile.ZipExtFile(file, "r", info)
