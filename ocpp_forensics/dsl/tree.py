"""What a signature says, as values. Every node knows where it stands in its file.

Reads: nothing. Feeds: the checks and the compiler. Durations are in seconds.
"""

from dataclasses import dataclass, field

__all__ = [
    "Absence", "Amount", "Binary", "Condition", "Counted", "Expectation", "Field",
    "Literal", "Match", "Need", "Not", "Periodic", "Presence", "Ref", "Sequence", "Signature",
    "Single", "Span", "Step", "Stream", "TestCase", "Together", "Variant", "Weight",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stands: line and column from 1, width in characters."""

    line: int
    column: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of a condition."""

    value: str | float | bool
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the event or session that the condition is about."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values or conditions and the operator between them (and, or, >=, *, in, is, matches)."""

    operator: str
    left: "Condition"
    right: "Condition | tuple[Literal, ...] | str | None"
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """A condition that must not hold."""

    condition: "Condition"
    span: Span


@dataclass(frozen=True, slots=True)
class Presence:
    """`[no] [any] stream within w before|after|around`: whether such a thing is near a match.

    Only evidence can say this, not the condition of a stream.
    """

    ref: "Ref"
    within_s: float
    position: str
    absent: bool
    any_station: bool

    @property
    def span(self) -> Span:
        """Where the stream is named."""
        return self.ref.span


Condition = Literal | Field | Binary | Not | Presence


@dataclass(frozen=True, slots=True)
class Ref:
    """A stream of a pattern, with what its members must fulfil."""

    source: str
    condition: Condition | None
    span: Span


@dataclass(frozen=True, slots=True)
class Single:
    """Every member of a stream."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Sequence:
    """`first then second within w until u`: pairs each second with the latest eligible first."""

    first: Ref
    second: Ref
    within_s: float
    until: Ref | None


@dataclass(frozen=True, slots=True)
class Together:
    """`one with other within w`: each one that has an other at most w before or after it."""

    one: Ref
    other: Ref
    within_s: float


@dataclass(frozen=True, slots=True)
class Absence:
    """`no x for d after s while t`: each s that no x follows within d."""

    missing: Ref
    for_s: float
    after: Ref
    during: str | None


@dataclass(frozen=True, slots=True)
class Periodic:
    """`x repeats every lo..hi tolerance p at least n times`."""

    ref: Ref
    low_s: float
    high_s: float
    tolerance: float
    relative: bool
    times: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of members, or a percentage of all stations."""

    value: int
    percent: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """`count [distinct f of] x >= n within w`."""

    ref: Ref
    distinct: str | None
    amount: Amount
    within_s: float


Match = Single | Sequence | Together | Absence | Periodic | Counted


@dataclass(frozen=True, slots=True)
class Weight:
    """What speaks for (positive) or against (negative) a match, with a sentence for people."""

    points: int
    sentence: str
    evidence: Condition
    span: Span


@dataclass(frozen=True, slots=True)
class Variant:
    """A name for a special form of the cause, where its evidence holds."""

    name: str
    evidence: Condition
    span: Span


@dataclass(frozen=True, slots=True)
class Stream:
    """A named union of event actions and streams, with a condition."""

    name: str
    sources: tuple[tuple[str, Span], ...]
    condition: Condition | None
    span: Span


@dataclass(frozen=True, slots=True)
class Need:
    """A vantage point that a signature needs, or would like to have (optional)."""

    kind: str
    optional: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a test: when, what, and its fields."""

    at_s: float
    action: str
    settings: tuple[tuple[str, str | float | bool], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a test expects: match, none or unknown, and details of the match.

    `variant` is empty where the match must have none.
    """

    outcome: str
    at_s: float | None = None
    station: str | None = None
    score: int | None = None
    score_at_most: int | None = None
    variant: str | None = None
    times: int | None = None
    span: Span = field(default=Span(1, 1))


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test of a signature: events in, outcome out. `without` are kinds of log not at hand."""

    __test__ = False

    name: str
    steps: tuple[Step, ...]
    without: tuple[str, ...]
    facts: tuple[tuple[tuple[str, str | float | bool], ...], ...]
    expectations: tuple[Expectation, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Signature:
    """A declared pattern that explains a symptom or gives advice."""

    id: str
    path: str
    span: Span
    title: str
    cause: str
    advice: bool
    severity: str
    status: str
    owner: str
    explains: str | None
    needs: tuple[Need, ...]
    streams: tuple[Stream, ...]
    match: Match
    scope: str
    given: Condition | None
    base: int
    weights: tuple[Weight, ...]
    variants: tuple[Variant, ...]
    ruled_out: str
    shared_by: str | None
    first_check: str
    fixes: tuple[str, ...]
    rivals: tuple[tuple[str, Span], ...]
    consequence_of: tuple[tuple[str, Span], ...]
    references: tuple[str, ...]
    tests: tuple[TestCase, ...]

    @property
    def evidence(self) -> tuple[Condition, ...]:
        """What is looked for on each match, for weights and variants."""
        judged: list[Weight | Variant] = [*self.weights, *self.variants]
        return tuple(each.evidence for each in judged)
