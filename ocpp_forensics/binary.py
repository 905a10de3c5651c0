"""What the first bytes of a file tell: whether it is text, and in which encoding.

Reads: the first bytes of a file. Feeds: lines, and the warning that names a file that is no text.
"""

import codecs
import re

__all__ = ["binary_kind", "wide_codec"]

_SAMPLE = 1 << 16

_MARKS = (
    (b"\xd4\xc3\xb2\xa1", "packet capture"),
    (b"\xa1\xb2\xc3\xd4", "packet capture"),
    (b"\x4d\x3c\xb2\xa1", "packet capture"),
    (b"\xa1\xb2\x3c\x4d", "packet capture"),
    (b"\x0a\x0d\x0d\x0a", "packet capture"),
    (b"SQLite format 3\x00", "SQLite database"),
    (b"LPKSHHRH", "systemd journal file"),
    (b"ElfFile\x00", "Windows event log"),
    (b"\x7fELF", "ELF program"),
    (b"MZ\x90\x00", "Windows program"),
    (b"\x89PNG\r\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"%PDF-", "PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
)
"""How files begin that arrive together with logs, and what they are."""

_PADDING = re.compile(rb"\x00{16,}|\xff{16,}")
_TEXT_CONTROLS = frozenset(b"\a\b\t\n\v\f\r\x1b\x1e")
_CONTROLS = bytes(sorted({*range(32), 127} - _TEXT_CONTROLS))
_MOST_CONTROLS = 0.05
_SOME_CONTROLS = 0.005
_MOST_DAMAGE = 0.3
_WIDE_SAMPLE = 4096


def binary_kind(head: bytes) -> str:
    """What a file is by its first bytes; empty for text, be it damaged or in an old encoding.

    Blocks of unwritten memory say nothing: a power cut leaves them in logs.
    """
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    sample = head[:_SAMPLE]
    written = _PADDING.sub(b"", sample)
    if not sample or wide_codec(sample):
        return ""
    if not written:
        return "unwritten memory"
    size = len(written)
    controls = (size - len(written.translate(None, _CONTROLS))) / size
    damage = written.decode("utf-8", "replace").count("\ufffd") / size
    torn = controls > _SOME_CONTROLS and controls + damage > _MOST_DAMAGE
    return "binary data" if torn or controls > _MOST_CONTROLS else ""


def wide_codec(head: bytes) -> str | None:
    """The encoding of a UTF-16 file by its first 4096 bytes or less, None for any other.

    A file without a byte order mark is one where every other byte of nearly all is NUL.
    """
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[:_WIDE_SAMPLE]
    half = len(sample) // 2
    if half < 8:
        return None
    nuls = (sample[: 2 * half : 2].count(0) / half, sample[1 : 2 * half : 2].count(0) / half)
    if max(nuls) < 0.8 or min(nuls) > 0.05:
        return None
    return "utf-16-le" if nuls[1] > nuls[0] else "utf-16-be"
