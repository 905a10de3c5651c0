"""A format drafted from the lines of a log: where the time stands, and what stands around it.

Reads: lines. Feeds: `ocppdiag formats new`, and sources where no known format fits. Only what
nearly all lines show goes into the pattern; everything else stays in the body, where frames and
phrases are looked for.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocpp_forensics.formats.definition import Format, Layout, group_names

__all__ = ["DraftLayout", "draft_layouts", "drafted", "time_kind"]

_CLOCK = r"\d\d:\d\d:\d\d"
_PART = r"(?:[.,]\d+)?"
_ZONE = r"(?P<zone>Z|[+-]\d\d:?\d\d)"
_TIMES = (
    ("iso", rf"(?P<ts>\d{{4}}-\d\d-\d\d[T ]{_CLOCK}{_PART}) ?{_ZONE}"),
    ("iso", rf"(?P<ts>\d{{4}}-\d\d-\d\d[T ]{_CLOCK}{_PART})"),
    ("ymd-slash", rf"(?P<ts>\d{{4}}/\d\d/\d\d {_CLOCK}(?:\.\d+)?)"),
    ("clf", rf"(?P<ts>\d\d/[A-Z][a-z]{{2}}/\d{{4}}:{_CLOCK}(?:\.\d+)?) (?P<zone>[+-]\d{{4}})"),
    ("clf", rf"(?P<ts>\d\d/[A-Z][a-z]{{2}}/\d{{4}}:{_CLOCK}(?:\.\d+)?)"),
    ("us-12h", r"(?P<ts>\d\d?/\d\d?/\d{4},? \d\d?:\d\d:\d\d [AP]M)"),
    ("slashed", rf"(?P<ts>\d\d?/\d\d?/\d{{4}},? {_CLOCK}{_PART})"),
    ("dmy", rf"(?P<ts>\d\d[.-]\d\d[.-]\d{{4}}(?:,? |[;|]){_CLOCK}{_PART})"),
    ("compact", rf"(?P<ts>\b20\d{{6}}[-T_ ](?:\d{{6}}|{_CLOCK})(?:[.,]\d+)?)"),
    ("dm-dots", rf"(?P<ts>\b\d\d\.\d\d\. {_CLOCK})"),
    ("ctime", rf"(?P<ts>[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ \d]\d {_CLOCK}(?:\.\d+)? \d{{4}})"),
    ("rfc3164", rf"(?P<ts>[A-Z][a-z]{{2}} [ \d]?\d {_CLOCK}(?:\.\d+)?)"),
    ("epoch", r"(?P<ts>\b1\d{9}(?:\.\d+|\d{3}|\d{6}|\d{9})?\b)"),
    ("time-of-day", rf"(?P<ts>\b{_CLOCK}[.,]\d{{3,6}})"),
    ("time-of-day", rf"(?P<ts>\b{_CLOCK})"),
)
"""Ways to write the time, the longer ones first."""

_CLOCKS = {pattern for kind, pattern in _TIMES if kind in {"time-of-day", "epoch"}}

_LEVEL = re.compile(
    r"(?i:trace|debug|dbg|verbose|info|inf|notice|warn|warning|wrn|error|err|fatal|crit|critical|"
    r"alert|emerg|panic|severe|fine|verb|debg|dbug|erro|detail|warnung|fehler|hinweis|meldung|alerte|"
    r"erreur|avis|aviso|[tdivwef])"
)
_AHEAD = 120
_FEWEST = 3
_MOST = 0.6
"""A log is read by a draft where that fits so many of its lines, and this share of them."""

_MOST_FIELDS = 14
_NEARLY_ALL = 0.9
_TOKEN = re.compile(
    r"(?P<bracket>\[[^\[\]]*\])|(?P<paren>\([^()]*\))|(?P<angle><[^<>]*>)|"
    r"(?P<brace>\{[^{}:\"]*\})|(?P<blank>[ \t]+)|"
    r"(?P<mark>[|,;:>=@#*~-]+)|(?P<word>[^\s|,;:\[\](){}<>=\"']+)"
)
_INSIDE = {"bracket": ("[", "]"), "paren": ("(", ")"), "angle": ("<", ">"), "brace": ("{", "}")}
_FRAME = re.compile(r"\[\s*[2-6]\s*,")
_SKIPPED = re.compile(
    r"(?i)\d+|[\w.-]*(?:thread|exec|pool|worker|nio|task|main|tid|pid)[\w.:-]*|"
    r"(?:t|w|ws|conn|sess|session|client|rx|tx|http|io)[-_]?\d+"
)
_STATION = re.compile(r"(?=[^_]*[A-Za-z]{2})(?=.*\d)[A-Za-z][\w*.-]{3,}")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_LOGGER = re.compile(r"[A-Za-z_][\w.$/-]*")


@dataclass(frozen=True, slots=True)
class DraftLayout:
    """A layout with the lines that it was made from."""

    pattern: str
    time: str
    lines: tuple[str, ...]


def time_kind(values: Sequence[str]) -> bool:
    """Whether texts are times, nearly all of them."""
    fits = sum(any(re.match(pattern, value) for _, pattern in _TIMES) for value in values if value)
    return bool(values) and fits >= _NEARLY_ALL * len(values)


def draft_layouts(lines: Sequence[str]) -> tuple[DraftLayout, ...]:
    """Up to three layouts that read the lines; none where no line has a time."""
    layouts: list[DraftLayout] = []
    left = [line for line in lines if line.strip() and not line[0].isspace()]
    while len(layouts) < 3 and len(left) >= max(1, 0.05 * len(lines)):
        layout = _layout(left)
        if layout is None:
            break
        layouts.append(layout)
        left = [line for line in left if not re.match(layout.pattern, line)]
    return tuple(layouts)


def drafted(
    lines: Sequence[str], id_: str, path: str, *, with_level: bool = False
) -> Format | None:
    """A format for a log that no known one fits, None where few of its lines have a time.

    One word that stands on all lines where a station may be named is taken for the host. Asked for
    `with_level`, it has to find more than the time, on nearly all lines.
    """
    layouts = draft_layouts(lines)
    beginnings = sum(bool(line.strip()) and not line[0].isspace() for line in lines)
    reached = sum(len(each.lines) for each in layouts)
    if reached < _FEWEST or reached < (_NEARLY_ALL if with_level else _MOST) * beginnings:
        return None
    if with_level and not all("<level>" in each.pattern for each in layouts):
        return None
    made = tuple(
        Layout(pattern, group_names(pattern), each.time)
        for each in layouts
        for pattern in (_with_host(each),)
    )
    title = "worked out from the lines of the log, as no known format fits"
    return Format(id_, title, path, layouts=made, own=True)


def _with_host(layout: DraftLayout) -> str:
    found = (re.match(layout.pattern, line) for line in layout.lines)
    named = {each.groupdict().get("station") for each in found if each}
    one = len(named) == 1 and "<station>" in layout.pattern
    return layout.pattern.replace("<station>", "<host>") if one else layout.pattern


def _layout(lines: Sequence[str]) -> DraftLayout | None:
    best: tuple[int, str, str] = (0, "", "")
    for kind, pattern in _TIMES:
        count = sum(_time_in(line, pattern) is not None for line in lines)
        if count > best[0]:
            best = (count, kind, pattern)
    count, kind, time = best
    if not count:
        return None
    cuts = [
        (line[: found.start()], line[found.end() :], line)
        for line in lines
        if (found := _time_in(line, time))
    ]
    used: set[str] = {"ts", "zone"} if "<zone>" in time else {"ts"}
    common = Counter(_shape_of(head) for head, _, _ in cuts).most_common(1)[0][0]
    heads = [head for head, _, _ in cuts if _shape_of(head) == common]
    tails = [tail for head, tail, _ in cuts if _shape_of(head) == common]
    opened, heads = _same_end(heads, "[(<\"'", last=True)
    closed, tails = _same_end(tails, "])>\"'", last=False)
    head = "".join(_fields(heads, used, whole=True)) + opened
    tail = closed + "".join(_fields(tails, used, whole=False))
    return next(
        (
            DraftLayout(pattern, kind, fitting)
            for pattern in (f"{head}{time}{tail}", rf".{{0,{_AHEAD}}}?{time}{closed}\s*")
            if (fitting := tuple(line for line in lines if re.match(pattern, line)))
        ),
        None,
    )


def _time_in(line: str, pattern: str) -> re.Match[str] | None:
    """Where a time stands by itself near the beginning of a line."""
    found = re.search(pattern, line[:_AHEAD])
    if found is None:
        return None
    around = line[max(found.start() - 1, 0) : found.start()] + line[found.end() : found.end() + 1]
    return None if re.search(r"[\w:]", around) and pattern in _CLOCKS else found


def _same_end(texts: Sequence[str], marks: str, *, last: bool) -> tuple[str, list[str]]:
    """The mark next to the time as a pattern, and the texts without it, if all have the same."""
    place = -1 if last else 0
    found = {text[place] if text else "" for text in texts}
    mark = found.pop() if len(found) == 1 else ""
    if not mark or mark not in marks:
        return "", list(texts)
    return re.escape(mark), [text[:-1] if last else text[1:] for text in texts]


def _shape_of(text: str) -> tuple[str, ...]:
    return tuple(found.lastgroup or "" for found in _TOKEN.finditer(text))


def _fields(texts: Sequence[str], used: set[str], *, whole: bool) -> Iterator[str]:
    """Patterns of the fields at the beginning of texts; of all of them where `whole`."""
    rows = [list(_TOKEN.finditer(text))[:_MOST_FIELDS] for text in texts]
    places = [0] * len(texts)
    held = ""
    for number in range(_MOST_FIELDS):
        column = [row[number] if number < len(row) else None for row in rows]
        tokens = [
            found
            for found, place in zip(column, places, strict=True)
            if found and found.start() == place
        ]
        kinds = Counter(found.lastgroup for found in tokens)
        if not kinds or max(kinds.values()) < _NEARLY_ALL * len(texts):
            break
        kind = str(kinds.most_common(1)[0][0])
        values = [found.group() for found in tokens if found.lastgroup == kind]
        following = [_next_mark(row[number + 1 :]) for row in rows]
        following = ["|"] if whole else following
        made = _field(kind, values, following, used) if kind not in {"blank", "mark"} else None
        if kind in {"blank", "mark"}:
            held += _between(kind, values)
        elif made is None and not whole:
            break
        else:
            yield held + (made or _any(kind))
            held = ""
        places = [found.end() if found else -1 for found in column]
    yield held


def _between(kind: str, values: Sequence[str]) -> str:
    if kind == "blank":
        return r"\s+"
    known = Counter(values)
    mark, count = known.most_common(1)[0]
    return re.escape(mark) if count == len(values) else r"[|,;:>=@#*~-]+"


def _any(kind: str) -> str:
    opened, closed = _INSIDE.get(kind, ("", ""))
    inner = rf"[^\{closed}]*" if closed else r"[^\s|,;:\[\](){}<>=]+"
    return f"{re.escape(opened)}{inner}{re.escape(closed)}"


def _field(
    kind: str, values: Sequence[str], following: Sequence[str], used: set[str]
) -> str | None:
    """The pattern of a field that means something, None where the body begins."""
    opened, closed = _INSIDE.get(kind, ("", ""))
    inner = [value[len(opened) : len(value) - len(closed)].strip() for value in values]
    if any(_FRAME.match(value) for value in values):
        return None
    name = _meaning(inner, used, delimited=bool(opened) or _delimited(following))
    if name is None:
        return None
    shape = r"[A-Za-z]+" if name == "level" else r"[^\s\[\](){}<>|,;:=]+"
    if opened and name != "level":
        shape = rf"[^\{closed}]*?"
    group = f"(?P<{name}>{shape})" if name else f"(?:{shape})"
    used.add(name)
    return f"{re.escape(opened)} *{group} *{re.escape(closed)}" if opened else group


def _next_mark(tokens: Sequence[re.Match[str]]) -> str:
    """The mark behind a word, with or without a blank before it."""
    marks = tokens[1:] if tokens and tokens[0].lastgroup == "blank" else tokens
    return marks[0].group() if marks and marks[0].lastgroup == "mark" else ""


def _delimited(following: Sequence[str]) -> bool:
    """Whether a mark ends the word, as in `logger: text` or `logger - text`."""
    ended = sum(text in {":", "::", "|", "||", ";", ",", "-", "--", ">"} for text in following)
    return ended >= _NEARLY_ALL * len(following)


def _meaning(values: Sequence[str], used: set[str], *, delimited: bool) -> str | None:
    """The name of a field, empty for one to be skipped, None where it is part of the body."""
    few = len(set(values)) <= max(3, 0.3 * len(values))

    def all_are(pattern: re.Pattern[str]) -> bool:
        return all(pattern.fullmatch(value) for value in values)

    if all_are(_LEVEL):
        return "level" if "level" not in used else None
    if all_are(_ADDRESS) and "client_address" not in used:
        return "client_address"
    if not delimited:
        return None
    if all_are(_SKIPPED):
        return ""
    if all_are(_STATION) and "station" not in used:
        return "station"
    if all_are(_LOGGER) and few and "logger" not in used:
        return "logger"
    return None
