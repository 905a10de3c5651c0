"""The values of a bundle: what was collected, within which limits, and what is wrong with it."""

import errno
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

MIB = 1024**2
GIB = 1024**3
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  all times are UTC without a zone


@dataclass(frozen=True, slots=True)
class Limits:
    """What a bundle may cost at most.

    Byte limits count what is unpacked or spooled (members of a zip, decompressed content, standard
    input); plain files on disk, also in a plain tar, cost nothing extra and are not limited.
    Reading the same bytes again is not counted again. `ratio` is decompressed bytes per compressed
    byte and applies above `ratio_floor_bytes`. `seconds` is the time spent inside the bundle, not
    between its calls.
    """

    members: int = 20_000
    total_bytes: int = 64 * GIB
    single_bytes: int = 16 * GIB
    depth: int = 3
    ratio: int = 1000
    ratio_floor_bytes: int = 64 * MIB
    seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the bundle.

    `sha256` and `size` (bytes) are those of the file as received: of the compressed bytes for
    `csms.log.gz`. `modified` is UTC without a zone (times in a zip have no zone: taken as is).
    """

    path: str
    size: int
    modified: datetime | None
    digest: Callable[[], str] = field(compare=False, repr=False)

    @property
    def sha256(self) -> str:
        """The digest: found while the member is read, else by reading it for that."""
        return self.digest()


@dataclass(frozen=True, slots=True)
class BundleWarning:
    """Something of the bundle that could not be used, or not fully."""

    code: str
    message: str
    path: str

    @property
    def incomplete(self) -> bool:
        """Whether something that was given could not be read, or not all of it."""
        return self.code not in {"member-duplicate", "name-mismatch"}


_MENDS = {
    "extra-missing": "say pip install 'ocppdiag[xlsx]', or save it as CSV",
    "limit-reached": "what came before is kept; raise the limit or give less at once",
    "member-corrupt": "what could be read before that is kept; copy the file again",
    "member-duplicate": "both are read",
    "member-encrypted": "it is left out; unpack it with its password and give the result",
    "member-refused": "it is left out; unpack or copy it yourself if it is needed",
    "member-truncated": "everything up to there is read; copy the file again to get the rest",
    "member-unreadable": "make it readable, or unpack it and give the result",
    "name-mismatch": "it is read as it is; rename it if that is right",
    "spool-full": "what came before is kept; set TMPDIR to a folder with more room",
}


class Damage(Exception):  # noqa: N818  the normal end of a damaged stream, never a user's error
    """What ends a stream after everything readable was delivered, or keeps it from being opened."""

    def __init__(self, code: str, what: str) -> None:
        self.code = code
        self.text = f"{what}; {_MENDS[code]}."
        super().__init__(what)


FAILURES = (
    *(Damage, OSError, EOFError, ValueError, MemoryError, RuntimeError),
    *(zlib.error, lzma.LZMAError, pa.ArrowException, zipfile.BadZipFile, tarfile.TarError),
)


def damage_of(error: Exception) -> Damage:
    """What one of FAILURES means."""
    if isinstance(error, Damage):
        return error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Damage("spool-full", f"the temporary folder is full ({error.strerror})")
    if isinstance(error, OSError) and error.errno is not None:
        return Damage("member-unreadable", f"it cannot be read ({error.strerror})")
    if isinstance(error, RuntimeError) and not isinstance(error, RecursionError):  # of zipfile
        return Damage("member-unreadable", f"it cannot be read ({error})")
    if isinstance(error, EOFError) or re.search("[Tt]runcated|unexpected end", str(error)):
        return Damage("member-truncated", "its data stops before its end")
    return Damage("member-corrupt", f"its data is damaged ({error})")


def utc_naive(seconds: float) -> datetime | None:
    """Seconds since 1970 as UTC without a zone; None when no calendar has that time."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None
