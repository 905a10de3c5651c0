"""Where the package's data files are: in the package, or beside it in a checkout."""

from collections.abc import Iterator
from pathlib import Path

__all__ = ["data_dir", "data_files", "read_text"]

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """The folder `name` of the installed package, or of the checkout the package lies in."""
    packaged = _PACKAGE / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


def data_files(name: str, suffix: str) -> Iterator[Path]:
    """All files of a data folder with a suffix, in the order of their names."""
    yield from sorted(data_dir(name).glob(f"*{suffix}"))


def read_text(name: str) -> str:
    """The text of one data file of the package, e.g. `sql/connection.sql`."""
    return (_PACKAGE / name).read_text(encoding="utf-8")
