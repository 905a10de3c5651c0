"""Takes a find apart: plain and compressed files become members, archives are gone through."""

from functools import partial

from ocpp_forensics.bundle.archives import Archive, take_tar, take_zip
from ocpp_forensics.bundle.feed import Counted, first, receive
from ocpp_forensics.bundle.intake import Entry, Found, Intake, Layered
from ocpp_forensics.bundle.kinds import CODECS, HEAD, UNSUPPORTED, by_content, by_name
from ocpp_forensics.bundle.model import Damage, Member, limit_reached
from ocpp_forensics.bundle.sources import Container, TimedContainer
from ocpp_forensics.bundle.zips import directory


def take(intake: Intake, depth: int, found: Found) -> None:
    """Keeps a find as a member, or goes through it; `depth` counts the archives around it."""
    head, damage = first(found.source.chunks(), HEAD)
    if damage is not None and not head:
        intake.ledger.note(found.path, damage)
        return
    content, kind = _peel(found, head, intake.limits.depth)
    if kind is None and not content.layers:
        kind = _by_name(intake, found)
    if kind is None:
        _keep(intake, found, content)
    elif kind in UNSUPPORTED:
        mend = "unpack it and give the folder instead"
        what = f"{kind} data is not supported"
        intake.ledger.note(found.path, Damage("member-unreadable", what, mend))
    elif kind in CODECS or depth >= intake.limits.depth:
        intake.ledger.note(found.path, limit_reached("depth", intake.limits.depth))
    else:
        archive = Archive(intake, found.path, partial(take, intake, depth + 1))
        if kind == "tar":
            take_tar(archive, intake.within_limits(content, counts=False))
        else:
            take_zip(archive, _container(intake, found, content))


def _peel(found: Found, head: bytes, deepest: int) -> tuple[Layered, str | None]:
    """The find without its compressions, and the kind of what is in them."""
    content = Layered(found.source, ())
    kind = by_content(head, found.path)
    while kind in CODECS and len(content.layers) < deepest:
        content = Layered(found.source, (*content.layers, kind))
        head, _ = first(content.chunks(Counted()), HEAD)
        kind = by_content(head, found.path)
    return content, kind


def _by_name(intake: Intake, found: Found) -> str | None:
    """The kind that only the name tells: a zip archive whose beginning is not that of a zip."""
    promised = by_name(found.path)
    if promised is None:
        return None
    if promised == "zip" and found.container is not None and _has_directory(found.container):
        return "zip"
    what = f"its name promises {promised} data, but it is none"
    mend = "it is read as it is; rename it if that is right"
    intake.ledger.note(found.path, Damage("name-mismatch", what, mend))
    return None


def _has_directory(container: Container) -> bool:
    try:
        return next(directory(container), None) is not None
    except Damage:  # not a zip at all: the caller says so
        return False


def _keep(intake: Intake, found: Found, content: Layered) -> None:
    """Makes the find a member, unless nothing of it can be read."""
    receipt = found.receipt or receive(found.source.chunks())
    if receipt.damage is not None:
        intake.ledger.note(found.path, receipt.damage)
        if not receipt.size:
            return
    member = Member(found.path, receipt.sha256, receipt.size, found.modified)
    intake.entries.append(Entry(member, intake.within_limits(content, counts=True)))


def _container(intake: Intake, found: Found, content: Layered) -> Container:
    """The content of a find, readable from anywhere; copied to the spool only if it must be."""
    if found.container is not None and not content.layers:
        return found.container
    part, receipt = intake.spooled(intake.within_limits(content, counts=True).chunks())
    if receipt.damage is not None:
        intake.ledger.note(found.path, receipt.damage)
    return TimedContainer(part, intake.budget)
