"""What the tests of bundles share: archives made in memory, and reading a bundle at once."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.bundle import Bundle, Limits, open_bundle
from ocpp_forensics.errors import NoInputError

LINES = b"".join(b"2026-11-03T14:%02d:00Z line %d\n" % (n % 60, n * n) for n in range(6_000))
Content = dict[str, bytes]
Codes = list[tuple[str, str]]


def zstd(data: bytes) -> bytes:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as stream:
        stream.write(data)
    compressed: bytes = target.getvalue().to_pybytes()
    return compressed


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
}
every_codec = pytest.mark.parametrize("codec", CODECS)


def make_zip(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = 8) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # duplicate names are meant
        with zipfile.ZipFile(target, "w", method) as archive:
            for name, data in entries:
                archive.writestr(name, data)
    return target.getvalue()


def make_tar(*entries: tuple[str | tarfile.TarInfo, bytes], dialect: int = 2) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=dialect) as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def content(bundle: Bundle) -> Content:
    return {member.path: bundle.open(member).read() for member in bundle.members}


def codes(bundle: Bundle) -> Codes:
    return [(warning.code, warning.path) for warning in bundle.warnings]


def read(path: Path, data: bytes, limits: Limits | None = None) -> tuple[Content, Codes]:
    """Content (which is the same when read again) and warnings of a bundle of that one file."""
    path.write_bytes(data)
    with open_bundle([path], limits=limits or Limits()) as bundle:
        found = content(bundle)
        assert content(bundle) == found
        return found, codes(bundle)


def refused(path: Path, data: bytes) -> list[str]:
    """Codes of the warnings of a bundle of that one file, which gives nothing."""
    path.write_bytes(data)
    with pytest.raises(NoInputError) as caught:
        open_bundle([path])
    return [problem.code for problem in caught.value.problems[1:]]
