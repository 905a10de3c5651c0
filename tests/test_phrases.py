"""Phrases: each reads its own sample, and a mistake in one is named and placed."""

import re
from collections import Counter
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.errors import DefinitionError
from ocpp_forensics.phrases.compiler import look_up
from ocpp_forensics.phrases.definition import Phrase, field_of_group, load_phrases, read_phrases
from ocpp_forensics.resources import data_files
from ocpp_forensics.store import Store

PHRASES = load_phrases()


def test_the_phrases_are_without_mistakes_and_each_has_an_id_of_its_own() -> None:
    files = [path for path in data_files("phrases", ".toml") if path.name != "words.toml"]
    checked = [phrase for path in files for phrase in read_phrases(path)]
    assert tuple(checked) == PHRASES
    assert [name for name, uses in Counter(each.id for each in checked).items() if uses > 1] == []


@pytest.fixture(scope="module")
def hits() -> dict[str, list[Phrase]]:
    """For each phrase the phrases that its sample hits, most specific first."""
    found, held = look_up(
        PHRASES,
        pa.table({
            "template": [phrase.id for phrase in PHRASES],
            "logger": [phrase.logger or "" for phrase in PHRASES],
            "body": [phrase.sample for phrase in PHRASES],
        }),
    )
    rows: dict[str, list[Phrase]] = {phrase.id: [] for phrase in PHRASES}
    for row in sorted(held.to_pylist(), key=itemgetter("hit")):
        rows[row["template"]].append(found[row["hit"]])
    return rows


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda each: each.id)
def test_every_phrase_reads_its_own_sample(hits: dict[str, list[Phrase]], phrase: Phrase) -> None:
    if phrase.logger is None or phrase.logger.isalnum():
        assert phrase.id in {each.id for each in hits[phrase.id]}


@pytest.mark.parametrize(
    "phrase",
    [each for each in PHRASES if each.action and not each.generic],
    ids=lambda each: each.id,
)
def test_the_meaning_of_a_sample_is_not_taken_by_another_phrase(
    hits: dict[str, list[Phrase]], phrase: Phrase
) -> None:
    actions = [each.action for each in hits[phrase.id] if each.action]
    assert not actions or actions[0] == phrase.action


def test_lines_that_share_a_template_share_their_phrases() -> None:
    """Other numbers in the place of those that a template leaves out change no meaning."""
    others = [(phrase, other) for phrase in PHRASES for other in with_other_numbers(phrase.sample)]
    table = pa.table({
        "place": list(range(len(others))),
        "sample": [phrase.sample for phrase, _ in others],
        "other": [other for _, other in others],
    })
    with Store() as store:
        store.run_file("schema")
        store.show("others", table)
        same = store.rows("SELECT place FROM others WHERE template_of(sample) = template_of(other)")
    shared = [others[place] for (place,) in same]
    assert {phrase.id: other for phrase, other in shared if not holds(phrase, other)} == {}


def with_other_numbers(sample: str) -> Iterator[str]:
    """The sample with each of its numbers in turn replaced by others of the same kind and length.

    Times, addresses and versions are left alone, and 101, which is no number but a word.
    """
    for found in re.finditer(r"(?<![\w.:/-])(?!101\b)\d{1,4}(?![\w.:-])", sample):
        number = int(found[0])
        kinds = (range(200, 600), STATUSES), (range(1000, 1016), (1000, 1001, 1006, 1011))
        alike = next((others for kind, others in kinds if number in kind), ())
        for other in {*(alike or (0, 1, 2, number + 1, number + 10, number + 107))} - {number}:
            if len(str(other)) == len(found[0]):
                yield sample[: found.start()] + str(other) + sample[found.end() :]


STATUSES = (200, 301, 400, 401, 403, 404, 426, 429, 500, 502, 503, 504)


def holds(phrase: Phrase, body: str) -> bool:
    return re.search(phrase.pattern, body) is not None


def test_generic_phrases_give_way_to_all_others() -> None:
    generic = [phrase.generic for phrase in sorted(PHRASES, key=Phrase.rank)]
    assert generic == sorted(generic)


def test_a_group_in_milliseconds_fills_a_field_in_seconds() -> None:
    assert field_of_group("delay_ms") == ("delay_s", 1e-3)
    assert field_of_group("ws_code") == ("ws_code", None)


GOOD = """\
[[phrase]]
id = "closed"
match = '''closed by (?P<client_address>[0-9.]+)'''
action = "ws.close"
sample = "closed by 10.0.0.1"
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ('sample = "closed', 'sample = "opened', "phrase-sample", "does not match its own sample"),
        ('"ws.close"', '"ws.closed"', "phrase-action", "unknown action ws.closed"),
        ("client_address", "klient_address", "phrase-field", "unknown field 'klient_address'"),
        ("(?P<client_address>", "(", "phrase-group", "every group needs a name"),
        ("closed by (", "closed by ((?&nowhere) ", "phrase-words", "no word list 'nowhere'"),
        ("action =", "akshun =", "phrase-key", "unknown key 'akshun'"),
        ("closed by (", "closed by ((", "phrase-pattern", "missing )"),
    ],
)
def test_a_mistake_in_a_phrase_is_named_and_placed(
    tmp_path: Path, old: str, new: str, code: str, message: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_phrases(path)
    problem = next(each for each in caught.value.problems if each.code == code)
    assert message in problem.message
    assert problem.where is not None
    assert (problem.where.path, problem.where.line) == (str(path), 2)


def test_a_phrase_is_read_with_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    (phrase,) = read_phrases(path)
    assert (phrase.action, phrase.names) == ("ws.close", ("client_address",))


def test_a_broken_toml_file_is_a_definition_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[[phrase]]\nid = \n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="Invalid value"):
        read_phrases(path)
