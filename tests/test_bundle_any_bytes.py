"""Whatever the bytes: no exception but InputError, the same result each time, nothing harmful."""

import gzip
import io
import tarfile
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpp_forensics.bundle import BundleWarning, Limits, Member, open_bundle
from ocpp_forensics.errors import NoInputError
from tests.test_bundle_support import CODECS, LINES, make_tar, make_zip

SHORT = LINES[:10_000]
LIMITS = Limits(members=200, total_bytes=2**22, single_bytes=2**20, ratio_floor_bytes=2**18)
Outcome = tuple[tuple[tuple[Member, bytes], ...], tuple[BundleWarning, ...]]


def outcome(data: bytes) -> Outcome | None:
    """Members with their content, and warnings; None when there is nothing readable."""
    try:
        bundle = open_bundle(["-"], stdin=io.BytesIO(data), limits=LIMITS)
    except NoInputError:
        return None
    with bundle:
        members = tuple((member, bundle.open(member).read()) for member in bundle.members)
        return members, bundle.warnings


def check(data: bytes) -> None:
    found = outcome(data)
    assert found == outcome(data)
    if found is None:
        return
    members, warnings = found
    paths = [member.path for member, _ in members]
    assert paths == sorted(set(paths))
    assert len(warnings) == len(set(warnings))
    for path in (*paths, *(warning.message for warning in warnings)):
        assert "\x1b" not in path
        assert path.isprintable() or not any(ord(char) < 32 for char in path)
    for path in paths:
        assert ".." not in path.split("/")


def zip_of(method: int, inner: bytes) -> bytes:
    return make_zip(("a.log", SHORT), ("in/b", inner), ("c.log", b""), method=method)


def tar_of(dialect: int, inner: bytes) -> bytes:
    entries = (("a.log", SHORT), ("long/" * 40 + "b", inner), ("ü.log", b""))
    return make_tar(*entries, dialect=dialect)


@cache
def samples() -> tuple[bytes, ...]:
    small_tar = tar_of(tarfile.GNU_FORMAT, SHORT[:100])
    zips = tuple(zip_of(method, gzip.compress(SHORT)) for method in (0, 8, 12, 14))
    tars = tuple(tar_of(dialect, zips[1]) for dialect in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
    packed = tuple(pack(SHORT) for pack in CODECS.values())
    packed_tars = tuple(pack(small_tar) for pack in CODECS.values())
    return (*zips, *tars, *packed, *packed_tars, zip_of(8, small_tar), packed[0] * 3)


MAGICS = (
    b"", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04",
    b"PK\x05\x06", b"PK\x01\x02",
)  # fmt: skip
fast = settings(
    deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), derandomize=True
)


@fast
@given(st.sampled_from(MAGICS), st.binary(max_size=2000), st.sampled_from(MAGICS))
def test_random_bytes(magic: bytes, data: bytes, end: bytes) -> None:
    check(magic + data + end)


@fast
@given(st.sampled_from(range(len(samples()))), st.data())
def test_flipped_bytes(which: int, data: st.DataObject) -> None:
    mutated = bytearray(samples()[which])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        mutated[at] = data.draw(st.integers(0, 255))
    check(bytes(mutated))


@fast
@given(st.sampled_from(range(len(samples()))), st.data())
def test_cut_and_repeated_parts(which: int, data: st.DataObject) -> None:
    sample = samples()[which]
    start = data.draw(st.integers(0, len(sample)))
    stop = data.draw(st.integers(start, len(sample)))
    part = sample[start:stop] * data.draw(st.integers(0, 2))
    check(sample[:start] + part + sample[stop:])


@fast
@given(st.sampled_from(range(len(samples()))), st.data())
def test_what_is_cut_off_takes_nothing_else_along(which: int, data: st.DataObject) -> None:
    sample = samples()[which]
    whole = outcome(sample)
    cut = outcome(sample[: data.draw(st.integers(len(sample) // 2, len(sample)))])
    assert whole is not None
    if cut is not None:
        texts = {member.path: text for member, text in whole[0]}
        for member, text in cut[0]:
            assert texts.get(member.path, text).startswith(text)
