"""Rotations: which files are one log, in which order, and which never are."""

import random

from hypothesis import given
from hypothesis import strategies as st

from ocpp_forensics.bundle import rotation_groups


def test_rotations_of_one_log_oldest_first() -> None:
    for line in (
        "csms.log.2.gz csms.log.1 csms.log",
        "csms.log.10.gz csms.log.9.gz csms.log.1 csms.log",
        "csms.2.log csms.1.log.xz csms.log",
        "csms.log.2026-11-02.gz csms.log.2026-11-03.gz csms.log",
        "csms-20261102.log csms-20261103.log csms.log",
        "csms.log-20261102.gz csms.log-20261103 csms.log",
        "csms.2026-11-03.0.log csms.2026-11-03.1.log csms.2026-11-03.10.log csms.log",
        "csms.2026-11-02.log.bz2 csms.2026-11-03.log.zst csms.log",
        "csms.log.2026-11-03-09 csms.log.2026-11-03-14 csms.log",
        "csms.log.2026-11-03_14-05 csms.log.2026-11-03T14:06:07Z csms.log",
        "csms_20261103.log csms_20261103_001.log csms_20261103_002.log csms.log",
        "csms-2026-11-03.log csms-2026-11-03.log.1 csms-2026-11-03.log.2 csms.log",
        "csms.log.2026-11-03.log csms.log",
        "csms.log-20261101 csms.log.3 csms.log.2.gz csms.log.gz csms.log",
    ):
        files = line.split()
        shuffled = random.Random(1).sample(files, len(files))
        assert rotation_groups(shuffled) == (("csms.log", tuple(files)),)


def test_base_is_the_path_without_suffixes() -> None:
    for base, files in {
        "syslog": ("syslog.2.gz", "syslog.1", "syslog"),
        "messages": ("messages-20261102", "messages-20261103", "messages"),
        "0.log": ("0.log.20261103-101112.gz", "0.log.20261103-101113", "0.log"),
        "VT-10021.log": ("VT-10021.2.log", "VT-10021.log.1", "VT-10021.log"),
        "a.tar.gz/var/x.log": ("a.tar.gz/var/x.log.1", "a.tar.gz/var/x.log"),
        "csms.log": ("csms.log.1.gz",),
        "cp.log": ("cp-20261103.log",),
    }.items():
        assert rotation_groups(files[::-1]) == ((base, files),)


NEVER_ONE = (
    "cp-1.log cp-2.log | VT-10021.log VT-10022.log | DE_XYZ_E0311.log DE_XYZ_E0312.log"
    " | cp1.log cp2.log | 192.168.1.10.log 192.168.1.11.log | 10.0.0.1 10.0.0.2"
    " | ocpp2.0.log ocpp2.1.log | cp.10021.log cp.10022.log | cp-20261301.log cp-20261302.log"
    " | cp-20260230.log cp-20260231.log | cp-19991103.log cp-19991104.log"
    " | cp-21001103.log cp-21001104.log | cp-120261103.log cp-120261104.log"
    " | cp-202611031.log cp-202611032.log | cp20261103.log cp20261104.log"
    " | cp-2026-1103.log cp-2026-1104.log | cp.log_1 cp.log_2 | a.log b.log | a.log a.txt"
    " | a/csms.log b/csms.log | a/csms.log csms.log.1x"
)


def test_other_numbers_never_join_files() -> None:
    for files in map(str.split, NEVER_ONE.split("|")):
        assert rotation_groups(files) == tuple((file, (file,)) for file in sorted(files))


def test_groups_are_sorted_and_each_file_is_in_one() -> None:
    files = ["b.log", "a.log.1", "x/a.log", "a.log", "b.log.1.gz", ""]
    assert rotation_groups(files) == (
        ("", ("",)),
        ("a.log", ("a.log.1", "a.log")),
        ("b.log", ("b.log.1.gz", "b.log")),
        ("x/a.log", ("x/a.log",)),
    )
    assert rotation_groups([]) == ()


names = st.text(alphabet="ab/.-_012369gzlo", max_size=20)


@given(st.lists(names, unique=True, max_size=8), st.randoms(use_true_random=False))
def test_any_names_keep_their_folder_and_order_of_giving_does_not_matter(
    files: list[str], chance: random.Random
) -> None:
    groups = rotation_groups(files)
    assert sorted(file for _, group in groups for file in group) == sorted(files)
    for base, group in groups:
        assert {file.rpartition("/")[0] for file in group} == {base.rpartition("/")[0]}
    assert rotation_groups(chance.sample(files, len(files))) == groups
