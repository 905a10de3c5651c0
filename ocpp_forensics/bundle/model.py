"""The values of a bundle: what was collected, within which limits, and what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MIB = 1024**2
GIB = 1024**3

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  all times are UTC without a zone


@dataclass(frozen=True, slots=True)
class Limits:
    """What a bundle may cost at most.

    Byte limits count what is unpacked or spooled (archive members, decompressed content, standard
    input); plain files on disk cost nothing extra and are not limited. Reading the same bytes again
    is not counted again. `ratio` is decompressed bytes per compressed byte and applies above
    `ratio_floor_bytes`. `seconds` is the time spent inside the bundle, not between its calls.
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
    `csms.log.gz`. `modified` is UTC without a zone (DOS times in a zip have no zone: taken as is).
    """

    path: str
    sha256: str
    size: int
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class BundleWarning:
    """Something of the bundle that could not be used, or not fully."""

    code: str
    message: str
    path: str


class Damage(Exception):  # noqa: N818  the normal end of a damaged stream, never a user's error
    """Raised by a stream of chunks after everything readable was delivered."""

    def __init__(self, code: str, what: str, mend: str) -> None:
        self.code = code
        self.what = what
        self.mend = mend
        super().__init__(f"{what}; {mend}")


def limit_reached(name: str, value: float) -> Damage:
    """The damage that stands for a limit of `Limits`."""
    return Damage(
        "limit-reached",
        f"the limit {name} = {value} was reached",
        "what came before is kept; raise the limit or give less at once",
    )


def truncated(kind: str) -> Damage:
    """The damage of data that stops before its end."""
    return Damage(
        "member-truncated",
        f"the {kind} data stops before its end",
        "everything up to there is read; copy the file again to get the rest",
    )


def corrupt(kind: str, detail: object) -> Damage:
    """The damage of data that contradicts its own format."""
    return Damage(
        "member-corrupt",
        f"the {kind} data is damaged ({detail})",
        "everything readable before the damage is kept; copy the file again to get the rest",
    )


def unreadable(detail: object) -> Damage:
    """The damage of a file that the system does not let us read."""
    return Damage(
        "member-unreadable",
        f"it cannot be read ({detail})",
        "make it readable or leave it out",
    )


def refused(why: str) -> Damage:
    """The damage of a file that is not opened because that could be harmful."""
    mend = "it is left out; unpack or copy it yourself if it is needed"
    return Damage("member-refused", why, mend)


def utc_naive(seconds: float) -> datetime | None:
    """Seconds since 1970 as UTC without a zone; None when no calendar has that time."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None
