"""What outputs of first checks and configurations say, as sentences with their place.

Reads: fact, source. Feeds: the report.
"""

from datetime import datetime

from ocpp_forensics.dsl.catalogue import facts
from ocpp_forensics.model import CheckedFact
from ocpp_forensics.sentences import shown, shown_time
from ocpp_forensics.store import Store

__all__ = ["checked_facts"]

_FACTS = """
SELECT f.key, f.value, f.host, f.path, f.valid_from, f.source, f.line
FROM fact AS f JOIN source AS s USING (source_id)
WHERE s.kind IN ('check', 'config')
-- What held before the first date that a line tells goes without saying.
QUALIFY f.valid_from IS NOT NULL
    OR NOT bool_or(f.valid_from IS NOT NULL) OVER (PARTITION BY f.source, f.line, f.key)
ORDER BY f.source, f.line, f.key, f.valid_from NULLS FIRST, f.value"""


def checked_facts(store: Store) -> tuple[CheckedFact, ...]:
    """All facts that files tell which are no logs: first those that logs leave open."""
    found = [
        CheckedFact(key, value, _sentence(key, value, host, path, since), source, line)
        for key, value, host, path, since, source, line in store.rows(_FACTS)
    ]
    return tuple(sorted(found, key=lambda each: facts()[each.key].ask is None))


def _sentence(
    key: str, value: str, host: str | None, path: str | None, since: datetime | None
) -> str:
    where = " ".join(each for each in (host, path) if each)
    begin = f", from {shown_time(since)} UTC" if since else ""
    return f"{facts()[key].title}{f' ({where})' if where else ''}: {_shown(key, value)}{begin}"


def _shown(key: str, value: str) -> str:
    """A value as people write it, by the type of its fact."""
    kind = facts()[key].type
    if kind == "boolean":
        return "yes" if value == "true" else "no"
    if kind in {"number", "integer"}:
        return shown(key, float(value))
    return value or "none"
