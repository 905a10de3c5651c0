"""What every test finds: a terminal of the default width, whoever runs the tests."""

import pytest


@pytest.fixture(autouse=True)
def _default_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
