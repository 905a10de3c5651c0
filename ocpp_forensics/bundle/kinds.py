"""Tells what a file is: by its first bytes, and by its name only where the bytes say nothing."""

import re

HEAD = 1024
BLOCK = 512

CODECS = ("gzip", "bz2", "xz", "zstd")
ACCEPTED = (
    "a folder, a file, '-' for standard input, .gz .bz2 .xz .zst files, .zip and .tar archives "
    "(also compressed)"
)

_MAGIC: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("gzip", re.compile(rb"\x1f\x8b")),
    ("bz2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")),
    ("xz", re.compile(rb"\xfd7zXZ\x00")),
    ("zstd", re.compile(rb"\x28\xb5\x2f\xfd")),
    ("zip", re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)")),
    ("7z", re.compile(rb"7z\xbc\xaf\x27\x1c")),
    ("rar", re.compile(rb"Rar!\x1a\x07")),
    ("lz4", re.compile(rb"\x04\x22\x4d\x18")),
    ("compress (.Z)", re.compile(rb"\x1f\x9d")),
)
UNSUPPORTED = ("7z", "rar", "lz4", "compress (.Z)")
_SKIPPABLE_ZSTD = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_DOCUMENTS = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".jar", ".war", ".apk", ".whl")
_BY_NAME = (
    ((".gz", ".tgz"), "gzip"),
    ((".bz2", ".tbz2", ".tbz"), "bz2"),
    ((".xz", ".txz"), "xz"),
    ((".zst", ".zstd", ".tzst"), "zstd"),
    ((".zip",), "zip"),
    ((".tar",), "tar"),
)


def by_content(head: bytes, name: str) -> str | None:
    """What the first HEAD bytes are; None when they are of no kind that is unpacked.

    The name only settles two doubts: office documents are zip archives that are one file to their
    owner, and the mark of a skippable frame alone does not make a zstd file.
    """
    name = name.lower()
    for kind, pattern in _MAGIC:
        if pattern.match(head):
            return None if kind == "zip" and name.endswith(_DOCUMENTS) else kind
    if _SKIPPABLE_ZSTD.match(head) and by_name(name) == "zstd":
        return "zstd"
    return "tar" if is_tar_header(head[:BLOCK]) or head[257:262] == b"ustar" else None


def by_name(name: str) -> str | None:
    """What the name promises."""
    name = name.lower()
    return next((kind for endings, kind in _BY_NAME if name.endswith(endings)), None)


def is_tar_header(block: bytes) -> bool:
    """Whether the checksum of a tar header fits (old tars have no other mark)."""
    if len(block) < BLOCK:
        return False
    stored = tar_number(block[148:156])
    rest = block[:148] + block[156:]
    signed = sum(rest) - 256 * sum(byte > 127 for byte in rest)
    return stored in {sum(rest) + 256, signed + 256}


def tar_number(field: bytes) -> int | None:
    """A number of a tar header, octal text or base 256; None when it is neither."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip(b" ")
    if not digits:
        return 0
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else None
