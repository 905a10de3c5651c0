"""Format files: every sample holds, every mistake is found and placed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.errors import DefinitionError
from ocpp_forensics.formats.definition import Format, Sample, load_formats, read_format
from ocpp_forensics.formats.detection import detect_formats
from ocpp_forensics.formats.samples import check_formats
from ocpp_forensics.lines import LINE_SCHEMA
from ocpp_forensics.store import Store

FORMATS = load_formats()
BY_ID = {each.id: each for each in FORMATS}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store() as opened:
        yield opened


def test_every_sample_and_counter_sample_of_every_format_holds(store: Store) -> None:
    assert check_formats(store, FORMATS) == ()


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.id)
def test_a_log_of_one_format_is_detected_as_that_format(store: Store, format_: Format) -> None:
    found = detect_formats(store, lines_of(format_), FORMATS, {})
    assert format_.id in found[1].outer


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.id)
def test_every_format_says_what_its_samples_yield(format_: Format) -> None:
    assert any(sample.expect for sample in format_.samples)


def test_a_sample_that_its_format_does_not_read_is_reported(store: Store) -> None:
    format_ = replace(BY_ID["nginx-error"], samples=(Sample("nothing of the kind"),))
    messages = [each.message for each in check_formats(store, (format_,))]
    assert "format 'nginx-error': the sample is not read by its own format" in messages


def test_a_sample_that_yields_something_else_is_reported(store: Store) -> None:
    (sample, *_) = BY_ID["nginx-error"].samples
    wrong = replace(sample, expect=(("level", "warn"), ("ts", "2026-03-04 05:06:08")))
    problems = check_formats(store, (replace(BY_ID["nginx-error"], samples=(wrong,)),))
    assert [each.message.partition(": ")[2] for each in problems] == [
        "level should be 'warn', is 'error'",
        "ts should be '2026-03-04 05:06:08', is '2026-03-04 05:06:07'",
    ]
    assert problems[0].help == sample.line


def test_a_counter_sample_that_is_read_is_reported(store: Store) -> None:
    format_ = BY_ID["nginx-error"]
    problems = check_formats(store, (replace(format_, not_samples=format_.samples[:1]),))
    assert [each.message for each in problems] == [
        "format 'nginx-error': the counter-sample is read by the format"
    ]


def test_a_format_that_reads_everything_gives_way_to_a_special_one(store: Store) -> None:
    found = detect_formats(store, lines_of(BY_ID["steve-logback"]), FORMATS, {})
    assert found[1].format.startswith("steve-logback")
    assert "generic" in {each.format for each in found[1].candidates}


def test_the_format_that_the_user_names_is_taken(store: Store) -> None:
    found = detect_formats(store, lines_of(BY_ID["steve-logback"]), FORMATS, {1: "generic"})
    assert found[1].outer[0] == "generic"


def test_lines_inside_a_wrapper_have_a_format_of_their_own(store: Store) -> None:
    found = detect_formats(store, table([BY_ID["docker-json"].samples[0].line]), FORMATS, {})
    assert found[1].outer[0] == "docker-json"
    assert found[1].inner


def lines_of(format_: Format) -> pa.Table:
    return table([sample.line for sample in format_.samples])


def table(lines: list[str]) -> pa.Table:
    rows = [
        {"part_id": 1, "line_no": number, "byte_offset": 0, "byte_length": 0, "text": line}
        for number, line in enumerate(lines, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=LINE_SCHEMA)


GOOD = """\
id = "mine"
title = "a format of one's own"
time = "iso"

[[layout]]
pattern = '''(?P<ts>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d) '''

[[sample]]
line = "2026-03-04 05:06:07 up"
"""


def mistakes_of(folder: Path, text: str) -> list[tuple[str, str, int | None]]:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_format(path)
    return [
        (each.code, each.message, each.where.line if each.where else None)
        for each in caught.value.problems
    ]


def test_a_new_format_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    format_ = read_format(path)
    assert (format_.id, format_.layouts[0].names) == ("mine", ("ts",))
    with Store() as store:
        assert check_formats(store, (format_,)) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('id = "mine"', 'id = "x"', ("format-id", "id must be the name of the file, 'mine'", 1)),
        ('time = "iso"', 'time = "izo"', ("format-time", "unknown kind of time 'izo'", 6)),
        ('time = "iso"', 'tiem = "iso"', ("format-key", "unknown key 'tiem'", 3)),
        ("(?P<ts>", "(?P<when>", ("format-field", "unknown field 'when'", 6)),
        ("(?P<ts>", "(", ("format-group", "every group needs a name", 6)),
        ('time = "iso"', 'time = "iso"\nkind = "cloud"', None),
        (
            "[[sample]]", "[[not_sample]]",
            ("format-sample", "a format needs at least one [[sample]]", None),
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_a_format_is_named_and_placed(
    tmp_path: Path, old: str, new: str, expected: tuple[str, str, int | None] | None
) -> None:
    found = mistakes_of(tmp_path, GOOD.replace(old, new))
    if expected is None:
        assert found[0][0] == "format-kind"
        assert "must be one of csms, station" in found[0][1]
    else:
        assert expected in found


def test_all_mistakes_of_a_format_are_reported_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('id = "mine"', 'id = "x"').replace("(?P<ts>", "(?P<when>")
    assert [code for code, _, _ in mistakes_of(tmp_path, text)] == ["format-id", "format-field"]


def test_a_broken_toml_file_is_a_definition_error(tmp_path: Path) -> None:
    ((code, message, _),) = mistakes_of(tmp_path, 'id = "mine"\ntime = ,')
    assert code == "format-syntax"
    assert "line 2" in message
