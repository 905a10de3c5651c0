"""The words of a replay: outlooks, reasons, what really happened, near misses.

Reads: rows of results. Feeds: the text of the replay.
"""

from ocpp_forensics.replay.results import Row
from ocpp_forensics.sentences import duration, shown_time

__all__ = ["OUTLOOKS", "REASONS", "near_miss", "reality"]

OUTLOOKS = {
    "may_heal": ("a reset may heal it", "green"),
    "futile_physical": ("futile: a physical fault, send a technician", "red"),
    "futile_inoperative": ("futile: Inoperative was ordered and outlasts a reset", "red"),
    "dangerous_firmware_update": ("dangerous: a firmware update is running", "bold red"),
    "costly_transaction": ("costly: a transaction would be cut off or lost", "yellow"),
    "undeliverable": ("undeliverable: the connection was dead already", "yellow"),
}
REASONS = {
    "dwell": "not bad for long enough yet",
    "recovered": "good again before it was due",
    "disconnected": "no connection to send a reset through",
    "multi_evse": "several EVSEs, and the station itself is not bad",
    "identity_unknown": "no BootNotification in the logs: vendor, model and firmware are unknown",
    "not_enabled": "self-heal is not enabled for this vendor, model and firmware",
    "grace": "within the grace period of the last attempt",
}


def reality(row: Row) -> str:
    """What really happened after a decision, and what a reset could have saved."""
    stuck, saved = duration(row["stuck_s"]), duration(row["saved_s"])
    saving = (
        f"a reset could have saved {saved} at most" if row["saved_s"] else "a reset saves nothing"
    )
    return f"In reality {_OUTCOMES[row['outcome']](row)}; bad for {stuck} in all, {saving}."


def _recovered(row: Row) -> str:
    after = duration((row["good_ts"] - row["ts"]).total_seconds())
    tried = f" ({_reset(row)} had not healed it)" if row["resets"] else ", by itself"
    return f"it was good again {after} later{tried}"


def _healed(row: Row) -> str:
    again = "; the same error was back within a day" if row["reset_again"] else ""
    return f"{_reset(row)} healed it{again}"


def _stayed(row: Row) -> str:
    tried = f", {_reset(row)} did not heal it" if row["resets"] else ""
    return f"it stayed bad to the end of the logs{tried}"


_OUTCOMES = {"recovered": _recovered, "healed_by_reset": _healed, "stayed_bad": _stayed}


def _reset(row: Row) -> str:
    answer = row["reset_answer"] or "unanswered"
    booted = "the station booted" if row["reset_boot_ts"] else "no boot followed"
    return f"the {row['reset_type']} reset at {shown_time(row['reset_ts'])} ({answer}, {booted})"


def near_miss(row: Row) -> str:
    """How close it was."""
    if row["kind"] == "flapping":
        longer = duration(row["seconds"])
        return (
            f"flapping: bad {row['stretches']} times, together {longer} longer than the threshold"
        )
    side = "before" if row["seconds"] < 0 else "after"
    what = "booted" if row["kind"] == "rebooted" else "good again"
    return f"{what} {duration(abs(row['seconds']))} {side} the threshold"
