"""The replay for people: what the rules would have done, one by one, and what stood in the way.

Reads: Replay. Feeds: `ocppdiag replay --format text`.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.replay.results import FEW, Replay, Row, named
from ocpp_forensics.replay.strip import LEGEND, axis, connector_name, strips
from ocpp_forensics.replay.wording import OUTLOOKS, REASONS, near_miss, reality
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.report.safety import cut, masked_text, plain
from ocpp_forensics.sentences import count_of, duration, shown_time

__all__ = ["render_text"]

_DECISIONS, _COMPARED, _NEAR, _STRIPS, _TRACED = 12, 4, 8, 8, 400


def render_text(replay: Replay, look: Look) -> str:
    """The replay as text for a terminal."""
    page = Page(look)
    span = replay.span()
    low, high = shown_time(span["start_ts"]), shown_time(span["end_ts"])
    page.add(
        ("Self-heal replay", "bold"),
        f": {count_of(span['stations'], 'station')}, {low} to {high} UTC",
    )
    if not span["stations"]:
        page.add(
            ("Nothing to replay: ", "bold yellow"), "no station reports a status in these logs"
        )
    page.blank()
    for policy in replay.policies:
        _add_policy(page, policy)
    page.blank()
    _add_comparison(page, replay)
    for each in replay.never():
        model = named(each | {"firmware": None})
        page.add(
            ("Never: ", "bold yellow"),
            f"this rule can never fire for {model} ({count_of(each['stations'], 'station')}): "
            "several EVSEs, and the station itself never reports a status",
        )
    _add_results(page, replay)
    if replay.traced is not None:
        page.blank()
        _add_trace(page, replay.traced)
    return page.text()


def _add_policy(page: Page, policy: Policy) -> None:
    assumed = " (assumed)" if "grace_s" in policy.assumed else ""
    enabled = (
        f"{count_of(len(policy.enable), '[[enable]] table')}" if policy.enable else "every model"
    )
    if policy.disable:
        enabled += f" but {count_of(len(policy.disable), '[[disable]] table')}"
    page.add(
        (f"{policy.name}  ", "bold"),
        f"{' or '.join(policy.statuses)} for {duration(policy.dwell_s)}, scanned every "
        f"{duration(policy.scan_s)}, grace period {duration(policy.grace_s)}{assumed}; {enabled}",
    )


def _add_comparison(page: Page, replay: Replay) -> None:
    header = ("policy", "decisions", "stations", "may heal", "futile", "costly", "hours stuck",
              "saved at most", "near misses")  # fmt: skip
    rare = {"dangerous_firmware_update": "in update", "undeliverable": "dead link"}
    summaries = replay.summaries()
    seen = [key for key in rare if any(row[key] for row in summaries)]
    rows = [
        (
            policy.name, row["decisions"], row["stations"], row["may_heal"],
            row["futile_physical"] + row["futile_inoperative"], row["costly_transaction"],
            f"{row['stuck_s'] / 3600:.1f}", f"{row['saved_s'] / 3600:.1f}", row["near_misses"],
            *(row[key] for key in seen),
        )
        for policy, row in zip(replay.policies, summaries, strict=True)
    ]  # fmt: skip
    _add_table(page, (*header, *(rare[key] for key in seen)), rows)


def _add_table(page: Page, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under their header, whose words stand below each other.

    Where they are too wide for the page, the first column stands on lines of its own.
    """
    texts = [[str(cell) for cell in row] for row in rows]
    words = [title.split() for title in header]
    height = max(map(len, words))
    heads = [
        ["" if number >= len(each) else each[number] for each in words] for number in range(height)
    ]
    widths = [max(len(row[column]) for row in (*heads, *texts)) for column in range(len(header))]
    wide = sum(widths) + 2 * len(widths) > page.width
    for number, row in enumerate((*heads, *texts)):
        style = "bold" if number < height else ""
        cells = [cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True)]
        if wide and row[0]:
            page.add((row[0], style), indent=2, most=1)
        line = cells if wide else [row[0].ljust(widths[0]), *cells]
        page.add(("  ".join(line), style), indent=2, most=1)


def _add_results(page: Page, replay: Replay) -> None:
    """Every policy with its first decisions and what they rest on."""
    most = _DECISIONS if len(replay.policies) == 1 else _COMPARED
    shown = [replay.decisions(number, most) for number in range(len(replay.policies))]
    evidence = replay.evidence(list(chain.from_iterable(shown)))
    made = [row["decisions"] for row in replay.summaries()]
    for number, policy in enumerate(replay.policies):
        page.blank()
        rule = "─" * max(page.width - len(policy.name) - 4, 2)
        page.add(("── ", "dim"), (policy.name, "bold"), (f" {rule}", "dim"), most=1)
        for row in shown[number]:
            _add_decision(page, row, evidence.get(row["decision"], []))
        if made[number] > most:
            more = count_of(made[number] - most, "more decision")
            page.add(f"and {more}: see --format json or csv", indent=2)
        if not made[number]:
            page.add("It would never have fired.", indent=2)
        _add_strips(page, replay, number, [row["station"] for row in shown[number]])
        _add_why_not(page, replay, number)
        _add_near(page, replay, number)
        _add_resets(page, replay, number)


def _add_decision(page: Page, row: Row, evidence: Iterable[Row]) -> None:
    words, style = OUTLOOKS[row["outlook"]]
    error = masked_text(
        row["vendor_error"] or row["error_code"] or row["noticed"] or "no error code"
    )
    where = f"{connector_name(row)}, {error}: "
    also = "".join(f"; {OUTLOOKS[each][0]}" for each in row["also"])
    page.add(
        (f"{shown_time(row['ts'])}  ", ""),
        (row["station"], "bold"),
        f" {where}",
        (words, style),
        also,
        indent=2,
    )
    if row["transactions"]:
        page.add(f"transactions: {', '.join(row['transactions'])}", indent=4)
    page.add(row["reason"], indent=4)
    page.add(reality(row), indent=4)
    for line in evidence:
        _add_evidence(page, line)


def _add_evidence(page: Page, line: Row) -> None:
    """A line of a log; of a line with a call its payload, since the rest says no more."""
    place, text = f"{line['source']}:{line['line']}", masked_text(line["text"] or "")
    told = f"  {shown_time(line['ts'])[5:]}  {line['why']}  "
    frame = text.find(",{", text.find('[2,"')) + 1 if '[2,"' in text else 0
    room = max(page.width - len(place) - len(told) - 6, 8)
    page.add((place, "cyan"), told, (cut(plain(text[frame:]), room), "dim"), indent=6, most=1)


def _add_strips(page: Page, replay: Replay, policy: int, stations: Iterable[str]) -> None:
    shown = list(dict.fromkeys(stations))[:_STRIPS]
    if not shown:
        return
    page.add(("Over time", "bold"), f"  {LEGEND}", indent=2)
    label = 20
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
        counts = f"{count_of(row['stretches'], 'time')}, {count_of(row['stations'], 'station')}"
        told = f"{counts}, {duration(row['seconds'])}: {REASONS[row['reason']]}"
        page.add((f"{row['reason']:<16}  ", ""), told, indent=4)


def _add_near(page: Page, replay: Replay, policy: int) -> None:
    rows = replay.near_misses(policy, _NEAR)
    if not rows:
        return
    page.add(
        ("Near misses", "bold"), "  within 10 minutes of the threshold; the closest first", indent=2
    )
    for row in rows:
        page.add(
            (f"{shown_time(row['ts'])}  ", ""),
            f"{row['station']} {connector_name(row)}: {near_miss(row)}",
            indent=4,
        )


def _add_resets(page: Page, replay: Replay, policy: int) -> None:
    rows = replay.resets(policy)
    if not rows:
        return
    legend = f"  healed: good within 30 min; bad again: within a day; no share of fewer than {FEW}"
    page.add(("Resets that were really ordered", "bold"), legend, indent=2)
    header = ("model", "error", "resets", "accepted", "booted", "healed", "bad again", "share")
    table = [
        (
            named(row | {"firmware": None}) or "unknown", row["error_code"] or "none",
            row["resets"], row["accepted"], row["booted"], row["healed"], row["again"],
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
            f"{row['policy']}, {connector_name(row)}: {row['outcome']}, "
            f"{count_of(row['scans'], 'scan')}",
            indent=2,
        )
    if len(trace["scans"]) > _TRACED:
        page.add(f"and {len(trace['scans']) - _TRACED} more rows: see --format json", indent=2)
