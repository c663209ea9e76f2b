"""Stories of the audit: who looked at it is itself in it; officials see the lines of their areas, admins all."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from geo_service.domain.actors import Actor
from geo_service.domain.buildings import BUILDINGS
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import PEOPLE_FIELDS
from geo_service.domain.rights import reach_of, read_story
from geo_service.domain.values import checked_text, shown
from geo_service.exchange.write import write_csv, write_json
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import InvalidInput, NotFound, StoreFault, TooMuch
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit, audit_lines
from geo_service.storage.audit_anchor import read_copies
from geo_service.storage.audit_lines import LineFilter
from geo_service.storage.audit_verifying import Verified
from geo_service.storage.audit_verifying import verify as verify_chain
from geo_service.storage.versions import WITHHELD
from geo_service.storage.visible import own_places

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_MAXIMUM: Final = 500
COLUMNS: Final = tuple(name for name in audit.NAMES if name not in ("previous", "hash"))
SETTINGS_VERB: Final = "settings_changed"
_LONGEST: Final = 100
_REASON_LENGTH: Final = 500


@dataclass(frozen=True)
class AuditQuestion:
    """Which lines to look for.

    Attributes
    ----------
    since, until
        A day (the office's) or a moment with its zone; both included as days, ``until`` excluded as a moment.
    actor, verb, layer, subject, area
        Account name, what was done, layer (also ``accounts``), uid of the row, code of an area (with all below it).
    limit, before
        How many lines, older than which id.
    """

    since: str | None = None
    until: str | None = None
    actor: str | None = None
    verb: str | None = None
    layer: str | None = None
    subject: str | None = None
    area: str | None = None
    limit: int = 100
    before: int | None = None


@dataclass(frozen=True)
class Noted:
    """A question that stands in the audit, so that it may be answered; made by :func:`note_question`."""

    wanted: LineFilter
    limit: int


@dataclass(frozen=True)
class Lines:
    """One page of lines, the newest first, and below which id the next one begins (None: no more)."""

    lines: list[dict[str, Any]]
    next_before: int | None


def note_question(conn: "Connection", ctx: Context, question: AuditQuestion, verb: str = "audit_read") -> Noted:
    """Write into the audit that it is asked, and what for; returns what the answer needs.

    Raises
    ------
    InvalidInput
        ``audit_moment_form``, ``field_too_long``, ``text_unprintable``, ``audit_page_form``.
    TooMuch
        ``limit_too_large``.
    """
    may(ctx.actor, "read_audit")
    wanted = _wanted(conn, ctx, question)
    asked = {key: value for key, value in asdict(question).items() if value is not None and key != "limit"}
    audit.append(conn, ctx.actor, ctx.clock(), verb, facts={"asked": asked})
    return Noted(wanted, question.limit)


def list_lines(conn: "Connection", ctx: Context, noted: Noted) -> Lines:
    """Return one page of the lines the asker may see."""
    may(ctx.actor, "read_audit")
    found = audit_lines.find_lines(conn, noted.wanted, noted.limit + 1)
    page = found[: noted.limit]
    return Lines([_shown_line(line) for line in page], page[-1]["id"] if len(found) > noted.limit else None)


def note_line(conn: "Connection", ctx: Context, line_id: int) -> Noted:
    """Write into the audit that one of its lines is read with what was changed."""
    return note_question(conn, ctx, AuditQuestion(before=line_id + 1, limit=1), "audit_line_read")


def get_line(conn: "Connection", ctx: Context, noted: Noted, line_id: int) -> dict[str, Any]:
    """Return one line with the changes it tells of, before and after; personal values stay hidden.

    NotFound ``audit_line_unknown``, also for a line about somebody else's area.
    """
    may(ctx.actor, "read_audit")
    line = audit_lines.get_line(conn, line_id)
    if line is None or (noted.wanted.areas is not None and line["area_code"] not in noted.wanted.areas):
        raise NotFound("audit_line_unknown", line=line_id)
    changes = [
        {name: one[name] for name in ("layer", "version", "action")}
        | {name: _hidden(ctx.actor, one["layer"], one[name]) for name in ("before", "after")}
        for one in audit_lines.history_of(conn, line)
        if one["layer"] not in LAYERS or reach_of(ctx.actor, read_story(one["layer"])) != "none"
    ]
    return {**_shown_line(line), "changes": changes}


def export(conn: "Connection", ctx: Context, noted: Noted, path: Path) -> int:
    """Write all lines that are asked for, the oldest first, into a CSV file; returns how many."""
    may(ctx.actor, "read_audit")
    total = max(audit_lines.count_lines(conn, noted.wanted), 1)
    written = 0

    def told() -> Iterator[dict[str, Any]]:
        nonlocal written
        for line in audit_lines.all_lines(conn, noted.wanted):
            written += 1
            if written % 1000 == 0:
                ctx.progress(min(written / total, 1.0), "progress.exporting")
            yield _shown_line(line)

    write_csv(path, COLUMNS, told())
    return written


def verify(conn: "Connection", ctx: Context, copies: list[Path]) -> Verified:
    """Walk the whole chain and the history, and compare it with the anchor beside the store and with copies of it.

    Raises StoreFault ``audit_anchor_unreadable``, InvalidInput ``audit_copy_wrong``.
    """
    may(ctx.actor, "verify_audit")
    anchors = read_copies(copies)
    kept = ctx.store.anchor.read() if ctx.store.anchor is not None else None
    return verify_chain(conn, anchors if kept is None else [kept, *anchors], ctx.progress)


def copy_anchor(conn: "Connection", ctx: Context, path: Path) -> audit.Tail:
    """Write id and hash of the last line into a file to keep elsewhere; NotFound ``audit_empty``."""
    may(ctx.actor, "verify_audit")
    last = audit.tail(conn)
    if last is None:
        raise NotFound("audit_empty")
    kept = {"store": str(ctx.store), "line": last.id, "hash": last.hash, "at": to_iso(ctx.clock())}
    write_json(path, kept)
    return last


def note_export(ctx: Context, path: Path, what: str, **facts: Any) -> None:
    """Write into the audit, before it is done, that something leaves the service as a file.

    Opens its own transaction: the file is written while the store is only read.
    """
    may(ctx.actor, "export")
    with ctx.store.writing() as conn:
        audit.append(conn, ctx.actor, ctx.clock(), "exported", facts={"file": path.name, "what": what, **facts})


def note_settings(conn: "Connection", ctx: Context, settings: Mapping[str, Any]) -> bool:
    """Write the settings a server starts with into the audit where they differ from those of the last start.

    ``settings`` are JSON values without secrets. Returns whether they differ.
    """
    may(ctx.actor, "operate")
    last = audit_lines.find_lines(conn, LineFilter(verb=SETTINGS_VERB), 1)
    before = (last[0]["facts"] or {}).get("settings", {}) if last else {}
    if last and before == settings:
        return False
    changed = sorted(name for name in before.keys() | settings.keys() if before.get(name) != settings.get(name))
    facts = {"settings": dict(settings), "changed": changed}
    audit.append(conn, ctx.actor, ctx.clock(), SETTINGS_VERB, facts=facts)
    return True


def renew_anchor(ctx: Context, reason: str) -> audit.Tail:
    """Take the chain's present end for its anchor, older or not, as after a restore; the reason stands in the audit.

    Opens its own transactions: the anchor follows what is committed.
    """
    may(ctx.actor, "verify_audit")
    anchor = ctx.store.anchor
    if anchor is None:
        raise StoreFault("audit_anchor_unwritable", file="-", reason="-")
    if not reason.strip():
        raise InvalidInput("audit_reason_missing")
    left = anchor.read()
    facts = None if left is None else {"left": {"line": left.id, "hash": left.hash}}
    with ctx.store.writing() as conn:
        written = checked_text(reason.strip(), _REASON_LENGTH)
        audit.append(conn, ctx.actor, ctx.clock(), "anchor_renewed", reason=written, facts=facts)
    with ctx.store.reading() as conn:
        last = audit.tail(conn)
    assert last is not None
    anchor.raise_to(last, lower=True)
    return last


def _wanted(conn: "Connection", ctx: Context, question: AuditQuestion) -> LineFilter:
    if question.limit > LIST_MAXIMUM:
        raise TooMuch("limit_too_large", limit=question.limit, maximum=LIST_MAXIMUM)
    if question.limit < 1 or not 1 <= (question.before or 1) < 2**63:
        raise InvalidInput("audit_page_form", limit=question.limit, before=question.before)
    for text in (question.actor, question.verb, question.layer, question.subject, question.area):
        checked_text(text or "", _LONGEST)
    return LineFilter(
        since=_moment(question.since, ctx.timezone, days=0),
        until=_moment(question.until, ctx.timezone, days=1),
        actor=question.actor,
        verb=question.verb,
        layer=question.layer,
        subject_uid=question.subject,
        areas=_areas(conn, ctx.actor, question.area),
        before=question.before,
    )


def _areas(conn: "Connection", actor: Actor, area: str | None) -> frozenset[str] | None:
    """Return the codes of the areas whose lines are seen, None for all lines."""
    asked = None
    if area is not None:
        asked = own_places(conn, replace(actor, areas=(area,), grids=())).areas | {area}
    if may(actor, "read_audit") == "all":
        return asked
    own = own_places(conn, replace(actor, grids=())).areas
    return own if asked is None else own & asked


def _moment(given: str | None, timezone: str, *, days: int) -> str | None:
    """Return a day of the office (``days`` later) or a moment as it is stored; InvalidInput ``audit_moment_form``."""
    if given is None:
        return None
    try:
        if len(given) == len("2026-01-31"):
            day = datetime.combine(date.fromisoformat(given) + timedelta(days=days), datetime.min.time())
            return to_iso(day.replace(tzinfo=ZoneInfo(timezone)))
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is not None:
            return to_iso(moment)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput("audit_moment_form", given=shown(given))


def _shown_line(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in COLUMNS}


def _hidden(actor: Actor, layer: str, values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the values of a change without those that are not shown: that they changed is seen, not what they were."""
    if values is None:
        return None
    hidden = {field.key for field in LAYERS[layer].fields if field.personal} if layer in LAYERS else set()
    if layer == BUILDINGS.name and reach_of(actor, "read_people") == "none":
        hidden |= PEOPLE_FIELDS
    return {key: WITHHELD if value is not None and key in hidden else value for key, value in values.items()}
