"""The replay for people: what the rules would have done, decision by decision, and what stood in the way.

Reads: Replay. Feeds: `ocppdiag replay --format text`.
"""

from collections.abc import Iterable, Sequence

from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.replay.results import FEW, Replay, Row, named
from ocpp_forensics.replay.strip import LEGEND, axis, connector_name, strips
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.report.safety import masked_text
from ocpp_forensics.sentences import count_of, duration, shown_time

__all__ = ["render_text"]

_DECISIONS, _NEAR, _STRIPS, _TRACED = 12, 8, 8, 400
_OUTLOOKS = {
    "may_heal": ("a reset may heal it", "green"),
    "futile_physical": ("futile: a physical fault, send a technician", "red"),
    "futile_inoperative": ("futile: Inoperative was ordered and outlasts a reset", "red"),
    "dangerous_firmware_update": ("dangerous: a firmware update is running", "bold red"),
    "costly_transaction": ("costly: a transaction would be cut off or lost", "yellow"),
    "undeliverable": ("undeliverable: the connection was dead already", "yellow"),
}
_REASONS = {
    "dwell": "not bad for long enough",
    "recovered": "good again before it was due",
    "disconnected": "no connection to send a reset through",
    "multi_evse": "several EVSEs, and the station itself is not bad",
    "identity_unknown": "no BootNotification in the logs: vendor, model and firmware are unknown",
    "not_enabled": "self-heal is not enabled for this vendor, model and firmware",
    "grace": "within the grace period of the last attempt",
}


def render_text(replay: Replay, look: Look, trace: Row | None = None) -> str:
    """The replay as text for a terminal."""
    page = Page(look)
    span = replay.span()
    low, high = shown_time(span["start_ts"]), shown_time(span["end_ts"])
    page.add(("Self-heal replay", "bold"), f": {count_of(span['stations'], 'station')}, {low} to {high} UTC")
    page.blank()
    for policy in replay.policies:
        _add_policy(page, policy)
    page.blank()
    _add_comparison(page, replay)
    for each in replay.never():
        model = named(each | {"firmware": None})
        page.add(
            ("Never: ", "bold yellow"),
            f"this rule can never fire for {model} ({count_of(each['stations'], 'station')}): several "
            "EVSEs, and the station itself never reports a status",
        )
    for number, policy in enumerate(replay.policies):
        page.blank()
        _add_result(page, replay, number, policy)
    if trace is not None:
        page.blank()
        _add_trace(page, trace)
    return page.text()


def _add_policy(page: Page, policy: Policy) -> None:
    assumed = " (assumed)" if "grace_s" in policy.assumed else ""
    enabled = f"{count_of(len(policy.enable), '[[enable]] table')}" if policy.enable else "every model"
    if policy.disable:
        enabled += f" but {count_of(len(policy.disable), '[[disable]] table')}"
    page.add(
        (f"{policy.name}  ", "bold"),
        f"{' or '.join(policy.statuses)} for {duration(policy.dwell_s)}, scanned every "
        f"{duration(policy.scan_s)}, grace period {duration(policy.grace_s)}{assumed}; {enabled}",
    )


def _add_comparison(page: Page, replay: Replay) -> None:
    header = (
        "policy", "decisions", "stations", "may heal", "futile", "costly", "dangerous",
        "undeliverable", "hours stuck", "saved at most", "near misses",
    )  # fmt: skip
    rows = [
        (
            policy.name, row["decisions"], row["stations"], row["may_heal"],
            row["futile_physical"] + row["futile_inoperative"], row["costly_transaction"],
            row["dangerous_firmware_update"], row["undeliverable"], f"{row['stuck_s'] / 3600:.1f}",
            f"{row['saved_s'] / 3600:.1f}", row["near_misses"],
        )
        for policy, row in zip(replay.policies, replay.summaries(), strict=True)
    ]  # fmt: skip
    _add_table(page, header, rows)


def _add_table(page: Page, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under their header; a header of several words stands in several lines."""
    texts = [[str(cell) for cell in row] for row in rows]
    words = [title.split() for title in header]
    heights = range(max(map(len, words)))
    heads = [[(each[number : number + 1] or [""])[0] for each in words] for number in heights]
    widths = [max(len(row[n]) for row in (*heads, *texts)) for n in range(len(header))]
    for number, row in enumerate((*heads, *texts)):
        cells = [row[0].ljust(widths[0]), *(t.rjust(w) for t, w in zip(row[1:], widths[1:], strict=True))]
        page.add(("  ".join(cells), "bold" if number < len(heads) else ""), indent=2, most=1)


def _add_result(page: Page, replay: Replay, number: int, policy: Policy) -> None:
    rule = "─" * max(page.width - len(policy.name) - 4, 2)
    page.add(("── ", "dim"), (policy.name, "bold"), (f" {rule}", "dim"), most=1)
    decisions = replay.decisions(number, _DECISIONS)
    evidence = replay.evidence(decisions)
    for row in decisions:
        _add_decision(page, row, evidence.get(row["decision"], []))
    left = replay.summaries()[number]["decisions"] - len(decisions)
    if left > 0:
        page.add(f"and {count_of(left, 'more decision')}: see --format json or csv", indent=2)
    if not decisions:
        page.add("It would never have fired.", indent=2)
    _add_strips(page, replay, number, [row["station"] for row in decisions])
    _add_why_not(page, replay, number)
    _add_near(page, replay, number)
    _add_resets(page, replay, number)


def _add_decision(page: Page, row: Row, evidence: Iterable[Row]) -> None:
    words, style = _OUTLOOKS[row["outlook"]]
    error = row["vendor_error"] or row["error_code"] or row["noticed"] or "no error code"
    where = connector_name(row)
    page.add((f"{shown_time(row['ts'])}  ", ""), (row["station"], "bold"), f" {where}, {masked_text(error)}", indent=2)
    page.add((words, style), *(f"; {_OUTLOOKS[each][0]}" for each in row["also"]), indent=4)
    if row["transactions"]:
        page.add(f"transactions: {', '.join(row['transactions'])}", indent=4)
    page.add(row["reason"], indent=4)
    page.add(_reality(row), indent=4)
    for line in evidence:
        text = masked_text(line["text"] or "")
        place = f"{line['source']}:{line['line']}"
        page.add((place, "cyan"), f"  {shown_time(line['ts'])}  {line['why']}  ", (text, "dim"), indent=6, most=2)


def _reality(row: Row) -> str:
    stuck, saved = duration(row["stuck_s"]), duration(row["saved_s"])
    saving = f"a reset could have saved {saved} at most" if row["saved_s"] else "a reset could have saved nothing"
    return f"really: {_OUTCOMES[row['outcome']](row)}; bad for {stuck} in all, {saving}"


def _recovered(row: Row) -> str:
    after = duration((row["good_ts"] - row["ts"]).total_seconds())
    tried = f" ({_reset(row)}, which did not heal it)" if row["resets"] else ", by itself"
    return f"good again {after} later{tried}"


def _healed(row: Row) -> str:
    again = "; the same error was back within a day" if row["reset_again"] else ""
    return f"{_reset(row)} healed it{again}"


def _stayed(row: Row) -> str:
    return f"bad to the end of the logs{f', {_reset(row)} did not heal it' if row['resets'] else ''}"


_OUTCOMES = {"recovered": _recovered, "healed_by_reset": _healed, "stayed_bad": _stayed}


def _reset(row: Row) -> str:
    answer = row["reset_answer"] or "unanswered"
    booted = "the station booted" if row["reset_boot_ts"] else "no boot followed"
    return f"the {row['reset_type']} reset at {shown_time(row['reset_ts'])} ({answer}, {booted})"


def _add_strips(page: Page, replay: Replay, policy: int, stations: Iterable[str]) -> None:
    shown = list(dict.fromkeys(stations))[:_STRIPS]
    if not shown:
        return
    page.add(("Over time", "bold"), f"  {LEGEND}", indent=2)
    label = 24
    width = page.width - label - 4
    page.add(" " * label + axis(replay, width), indent=4, most=1)
    for station in shown:
        page.add((station, "bold"), indent=4, most=1)
        for name, line in strips(replay, policy, station, width):
            page.add(f"{name:<{label}}", line, indent=4, most=1)


def _add_why_not(page: Page, replay: Replay, policy: int) -> None:
    rows = replay.skip_sums(policy)
    if not rows:
        return
    page.add(("Why not", "bold"), indent=2)
    for row in rows:
        counts = f"{count_of(row['stretches'], 'stretch').replace('stretchs', 'stretches')}, {count_of(row['stations'], 'station')}"
        page.add((f"{row['reason']:<16}  ", ""), f"{counts}, {duration(row['seconds'])}: {_REASONS[row['reason']]}", indent=4)


def _add_near(page: Page, replay: Replay, policy: int) -> None:
    rows = replay.near_misses(policy, _NEAR)
    if not rows:
        return
    page.add(("Near misses", "bold"), "  within 10 minutes of the threshold; the closest first", indent=2)
    for row in rows:
        page.add((f"{shown_time(row['ts'])}  ", ""), f"{row['station']} {connector_name(row)}: {_near(row)}", indent=4)


def _near(row: Row) -> str:
    if row["kind"] == "flapping":
        return f"bad {row['stretches']} times, each time too short, {duration(row['seconds'])} more than the rule asks for in all"
    side = "before" if row["seconds"] < 0 else "after"
    what = "booted" if row["kind"] == "rebooted" else "good again"
    return f"{what} {duration(abs(row['seconds']))} {side} the threshold"


def _add_resets(page: Page, replay: Replay, policy: int) -> None:
    rows = replay.resets(policy)
    if not rows:
        return
    page.add(("Resets that were really ordered", "bold"), f"  healed: good within 30 min; no share of fewer than {FEW}", indent=2)
    header = ("model", "error", "resets", "accepted", "booted", "healed", "back in a day", "share")
    table = [
        (
            named(row | {"firmware": None}) or "unknown", row["error_code"] or "none", row["resets"],
            row["accepted"], row["booted"], row["healed"], row["again"],
            "too few" if row["healed_share"] is None else f"{row['healed_share']:.0%}",
        )
        for row in rows
    ]  # fmt: skip
    _add_table(page, header, table)


def _add_trace(page: Page, trace: Row) -> None:
    page.add(("Every scan of ", "bold"), (trace["station"], "bold"))
    for row in trace["scans"][:_TRACED]:
        low, high = shown_time(row["from_ts"]), shown_time(row["to_ts"])
        page.add(
            (f"{low} to {high[11:] if high[:10] == low[:10] else high}  ", ""),
            f"{row['policy']}, {connector_name(row)}: {row['outcome']}, {count_of(row['scans'], 'scan')}",
            indent=2,
        )
    if len(trace["scans"]) > _TRACED:
        page.add(f"and {len(trace['scans']) - _TRACED} more rows: see --format json", indent=2)
