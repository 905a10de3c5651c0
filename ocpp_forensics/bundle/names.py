"""What names and first bytes tell: what a file is, whether it is taken, and how it is shown."""

import re
import tarfile
import unicodedata

from ocpp_forensics.bundle.model import Damage

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
_DOCUMENTS = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".jar", ".war", ".apk", ".whl")
_BY_NAME = (
    ((".gz", ".tgz"), "gzip"),
    ((".bz2", ".tbz2", ".tbz"), "bzip2"),
    ((".xz", ".txz"), "xz"),
    ((".zst", ".zstd", ".tzst"), "zstd"),
    ((".zip",), "zip"),
    ((".tar",), "tar"),
)
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LONGEST = 1000
_JUNK = frozenset({"__MACOSX", "Thumbs.db"})
_DRIVE = re.compile(r"[A-Za-z]:")


def by_content(head: bytes, name: str) -> str | None:
    """What bytes with this beginning are; None when they are of no kind that is unpacked.

    The name settles one doubt: office documents are zip archives that are one file to their owner.
    """
    for kind, pattern in _MAGIC:
        if pattern.match(head):
            return None if kind == "zip" and name.lower().endswith(_DOCUMENTS) else kind
    return "tar" if head[257:262] == b"ustar" or _is_tar_header(head[:512]) else None


def _is_tar_header(block: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.TarError:
        return False
    return True


def by_name(name: str) -> str | None:
    """What the name promises."""
    name = name.lower()
    return next((kind for endings, kind in _BY_NAME if name.endswith(endings)), None)


def clean(text: str) -> str:
    """The text without anything that could steer a terminal, cut to a bearable length."""
    if not text.isprintable():
        text = "".join(
            "\N{REPLACEMENT CHARACTER}"
            if unicodedata.category(char) in _UNSAFE_CATEGORIES
            else char
            for char in text
        )
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def refusal(name: str) -> Damage | None:
    """Why an archive entry of this name is not opened; None when the name is harmless."""
    why = None
    if name.startswith("/"):
        why = "its name is absolute"
    elif _DRIVE.match(name):
        why = "its name starts with a drive letter"
    elif ".." in name.split("/"):
        why = "its name climbs out of the archive with '..'"
    elif not tidy(name):
        why = "it has no name"
    return None if why is None else Damage("member-refused", why)


def tidy(name: str) -> str:
    """The name without empty and '.' parts."""
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def left_out(name: str) -> bool:
    """Whether a file is hidden, is junk of a desktop or is in such a folder."""
    parts = (part for part in name.split("/") if part not in {"", "."})
    return any(part.startswith(".") or part in _JUNK for part in parts)
