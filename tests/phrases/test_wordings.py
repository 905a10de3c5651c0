"""What sentences mean, in anybody's words: wordings.txt, looked up as the ingest does it."""

from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.phrases.compiler import extract_columns, field_columns, hits_sql
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
    phrases = load_phrases()
    with Store() as store:
        store.show(
            "said", pa.table({"template": ["|" + each for each in sentences], "body": sentences})
        )
        store.execute(f"CREATE TABLE meaning AS {hits_sql(phrases, 'said')}")
        numbers = [
            row[0] for row in store.rows("SELECT DISTINCT unnest(hits) FROM meaning ORDER BY 1")
        ]
        filled = field_columns(phrases, numbers)
        columns = ", ".join(f"{sql}::VARCHAR AS {name}" for name, sql in filled.items())
        rows = store.records(
            f"SELECT body, {columns} FROM (SELECT * {extract_columns(phrases, numbers)} "
            "FROM said JOIN meaning USING (template))"
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
