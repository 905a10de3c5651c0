"""What names and first bytes tell: what a file is, whether it is taken, and how it is shown."""

import re
import tarfile

CODECS = ("gzip", "bzip2", "xz", "zstd")
UNSUPPORTED = ("7z", "rar", "lz4", "compress (.Z)")

_MAGIC: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("gzip", re.compile(rb"\x1f\x8b")),
    ("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")),
    ("xz", re.compile(rb"\xfd7zXZ\x00")),
    ("zstd", re.compile(rb"\x28\xb5\x2f\xfd")),
    ("zip", re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)")),
    ("7z", re.compile(rb"7z\xbc\xaf\x27\x1c")),
    ("rar", re.compile(rb"Rar!\x1a\x07")),
    ("lz4", re.compile(rb"\x04\x22\x4d\x18")),
    ("compress (.Z)", re.compile(rb"\x1f\x9d")),
)
_DOCUMENT = re.compile(r"\.(?:docx|xlsx|pptx|odt|ods|jar|war|apk|whl)$", re.IGNORECASE)
_PROMISE = re.compile(
    r"\.(?:(?P<gzip>t?gz)|(?P<bzip2>bz2|tbz2?)|(?P<xz>t?xz)|(?P<zstd>t?zst|zstd)|(?P<zip>zip)"
    r"|(?P<tar>tar))$",
    re.IGNORECASE,
)
_LONGEST = 1000
_JUNK = frozenset({"__MACOSX", "Thumbs.db"})

EXPECTED = "expected.json"
"""The diagnosis that a bundle is expected to get (see `ocppdiag check`); it is no log."""


def by_content(head: bytes, name: str) -> str | None:
    """What bytes with this beginning are; None when they are of no kind that is unpacked.

    The name settles one doubt: office documents are zip archives that are one file to their owner.
    """
    for kind, pattern in _MAGIC:
        if pattern.match(head):
            return None if kind == "zip" and _DOCUMENT.search(name) else kind
    return "tar" if head[257:262] == b"ustar" or _is_tar_header(head[:512]) else None


def _is_tar_header(block: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.TarError:
        return False
    return True


def by_name(name: str) -> str | None:
    """What the name promises."""
    match = _PROMISE.search(name)
    return match and match.lastgroup


def clean(text: str) -> str:
    """The text without anything that could steer a terminal, cut to a bearable length."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"


def inner_path(name: str) -> str | None:
    """The tidy path of an archive entry of that name; None if it leads nowhere or out."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    outside = name.startswith("/") or name[1:2] == ":" or ".." in parts
    return None if outside or not parts else "/".join(parts)


def left_out(path: str) -> bool:
    """Whether a file is hidden, junk of a desktop or in such a folder, or an expected diagnosis."""
    parts = path.split("/")
    expected = f".{parts[-1]}".endswith(f".{EXPECTED}")
    return expected or any(part.startswith(".") or part in _JUNK for part in parts)
