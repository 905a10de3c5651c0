"""What sentences mean, in anybody's words: wordings.txt, looked up as the ingest does it."""

from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.phrases.compiler import extract_columns, field_columns, look_up
from ocpp_forensics.phrases.definition import load_phrases
from ocpp_forensics.store import Store

_LINES = [
    line
    for line in (Path(__file__).parent / "wordings.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def meanings() -> dict[str, dict[str, str]]:
    """Sentence -> action and fields that the phrases give it."""
    sentences = [line.split(" | ", 1)[1] for line in _LINES]
    said = pa.table({
        "template": sentences, "body": sentences, "logger": [""] * len(sentences),
    })  # fmt: skip
    found, held = look_up(load_phrases(), said)
    columns = ", ".join(f"{sql}::VARCHAR AS {name}" for name, sql in field_columns(found).items())
    with Store() as store:
        store.show("held", held)
        store.show("said", said)
        rows = store.records(
            f"SELECT body, {columns} FROM (SELECT * {extract_columns(found)} FROM said LEFT JOIN ("
            "SELECT template, list(hit ORDER BY hit) AS hits FROM held GROUP BY ALL"
            ") USING (template))"
        )
    return {row.pop("body"): {k: v for k, v in row.items() if v is not None} for row in rows}


@pytest.mark.parametrize("line", _LINES)
def test_sentence_means_what_is_said(line: str, meanings: dict[str, dict[str, str]]) -> None:
    wanted, sentence = line.split(" | ", 1)
    actions, *fields = wanted.split()
    found = meanings[sentence]
    assert found.get("action", "log.message") in actions.split(",")
    for field in fields:
        name, value = field.split("=")
        assert found.get(name) == value
