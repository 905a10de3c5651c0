"""Results: what the policies decided, what it would have met, what really happened, as rows.

Reads: the tables of the engine. Feeds: text, JSON and CSV. Rows stay in the store until somebody
asks for them: a fleet has more of them than anybody reads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.sentences import duration
from ocpp_forensics.store import Store

__all__ = ["FEW", "Replay", "Row", "named"]

FEW = 5
"""Real resets below this number are counted, but no share is made of them."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replay:
    """Policies and the store in which their decisions are; policies are meant by their number.

    `traced` is every scan of one station, where that was asked for.
    """

    store: Store
    policies: tuple[Policy, ...]
    traced: Row | None = None

    def span(self) -> Row:
        """From when to when was replayed, and how many stations."""
        sql = "SELECT *, (SELECT count(*) FROM replay_station) AS stations FROM replay_span"
        return self.store.records(sql)[0]

    def summaries(self) -> list[Row]:
        """One row of sums per policy."""
        return self.store.records("SELECT * EXCLUDE (policy) FROM replay_summary ORDER BY policy")

    def decisions(self, policy: int, most: int | None = None) -> list[Row]:
        """The decisions of a policy in the order of time, the first `most` of them."""
        rows = self._rows("replay_shown", policy, "ts, station", most)
        return [row | {"reason": self._reason(row, policy)} for row in rows]

    def _reason(self, row: Row, policy: int) -> str:
        rule = self.policies[policy]
        bad_s = (row["ts"] - row["bad_since_ts"]).total_seconds()
        return (
            f"{row['status']} for {duration(bad_s)} ({duration(rule.dwell_s)} asked), connected, "
            f"enabled for {named(row)}, no attempt within {duration(rule.grace_s)}"
        )

    def evidence(self, decisions: Sequence[Row]) -> dict[int, list[Row]]:
        """The lines that decisions rest on, by number of the decision, in the order of time."""
        found: dict[int, list[Row]] = {}
        for row in self.store.records(
            "SELECT * EXCLUDE (event_id) FROM replay_evidence "
            "WHERE decision IN (SELECT unnest($1)) ORDER BY decision, ts, event_id",
            [[each["decision"] for each in decisions]],
        ):
            found.setdefault(row.pop("decision"), []).append(row)
        return found

    def skips(self, policy: int) -> Iterator[Row]:
        """What stood in the way, per stretch, in the order of stations and time."""
        names, rows = self.store.stream(
            "SELECT * EXCLUDE (policy) FROM replay_skip_shown WHERE policy = $1 "
            "ORDER BY station, evse, connector, from_ts, to_ts, reason",
            [policy],
        )
        return (dict(zip(names, row, strict=True)) for row in rows)

    def skip_sums(self, policy: int) -> list[Row]:
        """How often each reason stood in the way, at how many stations, for how long."""
        return self._rows("replay_skip_sum", policy, "stretches DESC, reason")

    def near_misses(self, policy: int, most: int | None = None) -> list[Row]:
        """Ends and boots close to the threshold, flapping below it; the closest first."""
        order = "abs(seconds), station, ts, evse, connector, kind"
        return self._rows("replay_near_shown", policy, order, most)

    def resets(self, policy: int) -> list[Row]:
        """How resets ended that somebody really ordered, by model and error."""
        order = "resets DESC, vendor, model, error_code"
        return [
            row | {"healed_share": row["healed"] / row["resets"] if row["resets"] >= FEW else None}
            for row in self._rows("replay_record", policy, order)
        ]

    def never(self) -> list[Row]:
        """Models of which no station can ever be reset by the rule."""
        return self.store.records("SELECT * FROM replay_never ORDER BY vendor, model")

    def _rows(self, view: str, policy: int, order: str, most: int | None = None) -> list[Row]:
        sql = f"SELECT * EXCLUDE (policy) FROM {view} WHERE policy = $1 ORDER BY {order} LIMIT $2"
        return self.store.records(sql, [policy, most])


def named(row: Row) -> str:
    """Vendor, model and firmware in one phrase."""
    return " ".join(row[each] for each in ("vendor", "model", "firmware") if row[each])
