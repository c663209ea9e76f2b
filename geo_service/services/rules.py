"""Rules of the standards: what is in force today, every version of one, editing and confirming them (decision 28)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.rights import reach_of
from geo_service.domain.rules import (
    Rule,
    disagreements,
    new_rule,
    refuse_contradiction,
    rule_named,
    shipped_rules,
    shipped_version,
)
from geo_service.domain.values import checked_text
from geo_service.foundation.clock import local_date, to_iso
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo_service.foundation.ids import fingerprint
from geo_service.foundation.texts import LANGS
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit
from geo_service.storage import rules as stored

STORY: Final = "manage_rules"
_READS: Final = "read_published"
_LONGEST: Final = 500
_AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True)
class Rulebook:
    """The rules as they are on one day, by id."""

    rules: Mapping[str, Rule]

    def used(self, *uses: str) -> list[Rule]:
        """Return the rules in force that a check reads, in the order of their table."""
        return [one for one in self.rules.values() if one.in_force and one.use in uses]

    def version(self, *uses: str) -> dict[str, Any]:
        """Return what stands for the rules of some checks among the inputs of a run."""
        bodies = [one.body() for one in self.rules.values() if one.use in uses]
        written = {one.id: one.version for one in self.used(*uses) if one.origin == "office"}
        return {"table": shipped_version(), "office": written, "fingerprint": fingerprint(bodies)}


def rulebook(conn: Connection, ctx: Context, day: date | None = None) -> Rulebook:
    """Return the rules of a day (today by the office's date): what is shipped, replaced by what the office wrote."""
    office = {one.id: one for one in stored.latest(conn, day or local_date(ctx.clock(), ctx.timezone))}
    shipped = {ident: office.pop(ident, rule) for ident, rule in shipped_rules().items()}
    return Rulebook(shipped | office)


def cited(rule: Rule) -> dict[str, Any]:
    """Return how a result names a rule: id, version, standard, clause, strength, and what of it is to be verified."""
    return {
        "id": rule.id,
        "version": rule.version,
        "origin": rule.origin,
        "standard": rule.standard,
        "clause": rule.clause,
        "name": {lang: rule.name[lang] for lang in LANGS},
        "level": rule.level,
        "applies_to": rule.applies_to,
        "strength": rule.strength,
        "strength_text": rule.strength_text,
        "evidence": rule.evidence,
        "to_verify": list(rule.to_verify),
        "confirmed_at": rule.confirmed_at,
    }


def list_rules(
    conn: Connection,
    ctx: Context,
    *,
    category: str | None = None,
    use: str | None = None,
    to_verify: bool | None = None,
    in_force: bool | None = None,
) -> dict[str, Any]:
    """Return the rules of today that match, which of them disagree, and how many there are to verify."""
    may(ctx.actor, _READS)
    book = rulebook(conn, ctx)
    chosen = [
        rule
        for rule in book.rules.values()
        if (category is None or category in (rule.categories or ()))
        and (use is None or rule.use == use)
        and (to_verify is None or bool(rule.to_verify) == to_verify)
        and (in_force is None or rule.in_force == in_force)
    ]
    names = {rule.id for rule in chosen}
    differ = [one for one in disagreements(list(book.rules.values())) if names & {one.one, one.other}]
    return {
        "version": shipped_version(),
        "rules": [_told(ctx, rule) for rule in chosen],
        "to_verify_count": sum(bool(rule.to_verify) for rule in chosen),
        "disagreements": [asdict(one) | {"says": list(one.says)} for one in differ],
    }


def get_rule(conn: Connection, ctx: Context, ident: str) -> dict[str, Any]:
    """Return a rule as it is today with all its versions, the oldest first; NotFound ``rule_unknown``.

    ``newest_version`` is the one a change must start from, also where it is not valid yet.
    """
    may(ctx.actor, _READS)
    book = rulebook(conn, ctx)
    kept = stored.history(conn, ident)
    shipped = shipped_rules().get(ident)
    if shipped is None and not kept:
        raise NotFound("rule_unknown", rule=ident[:60])
    first = [] if shipped is None else [{"rule": _told(ctx, shipped), "action": "shipped", **_NOBODY}]
    versions = [
        {
            "rule": _told(ctx, one.rule),
            "action": one.action,
            "valid_from": one.valid_from,
            "created_at": one.created_at,
            "created_by": _who(ctx, one.created_by),
            "reason": one.reason,
        }
        for one in kept
    ]
    newest = kept[-1].rule if kept else shipped
    assert newest is not None
    now = book.rules.get(ident)
    return {"rule": _told(ctx, now or newest), "newest_version": newest.version, "versions": [*first, *versions]}


def edit_rule(
    conn: Connection,
    ctx: Context,
    ident: str,
    *,
    expected_version: int | None,
    changes: Mapping[str, Any],
    reason: str | None = None,
    valid_from: str | None = None,
) -> dict[str, Any]:
    """Write a new version of a rule, which nobody has confirmed yet.

    ``expected_version`` is the one that was read; None takes the newest. ``valid_from`` (ISO date, at most a year
    ahead, not before today) is the day from which checks read it; today unless given. Raises NotFound
    ``rule_unknown``; StaleVersion ``rule_changed``; Conflict ``rule_contradicts``; InvalidInput ``rule_day`` and those
    of :meth:`domain.rules.Rule.edited`.
    """
    may(ctx.actor, STORY)
    before = _newest(conn, ctx, ident, expected_version)
    after = before.edited(changes)
    _write(conn, ctx, after, "edited", reason=reason, valid_from=valid_from)
    differs = {key: [before.body().get(key), after.body().get(key)] for key in changes}
    _note(conn, ctx, "rule_edited", after, facts={"changes": differs}, reason=reason)
    return get_rule(conn, ctx, ident)


def add_rule(
    conn: Connection, ctx: Context, ident: str, values: Mapping[str, Any], *, reason: str | None = None
) -> dict[str, Any]:
    """Add a rule of the office (of its province or city), in force from today unless its values say otherwise.

    Raises Conflict ``rule_taken``, ``rule_contradicts``; InvalidInput of :func:`domain.rules.new_rule`.
    """
    may(ctx.actor, STORY)
    stored.lock(conn)
    if ident in shipped_rules() or stored.newest(conn, ident) is not None:
        raise Conflict("rule_taken", rule=ident)
    made = new_rule(ident, values)
    _write(conn, ctx, made, "added", reason=reason)
    _note(conn, ctx, "rule_added", made, facts={"rule": made.body()}, reason=reason)
    return get_rule(conn, ctx, ident)


def confirm_rule(
    conn: Connection, ctx: Context, ident: str, *, expected_version: int | None, seen_in: str
) -> dict[str, Any]:
    """Confirm that a rule says what the text says: a new version, no longer to be verified.

    ``seen_in`` names the text that was looked at (edition, page). Raises NotFound ``rule_unknown``; StaleVersion
    ``rule_changed``; Conflict ``rule_confirmed`` if there is nothing to confirm; InvalidInput ``rule_seen_in``.
    """
    may(ctx.actor, STORY)
    before = _newest(conn, ctx, ident, expected_version)
    if not before.to_verify:
        raise Conflict("rule_confirmed", rule=ident)
    text = (seen_in or "").strip()
    if not text:
        raise InvalidInput("rule_seen_in")
    made = replace(
        before,
        version=before.version + 1,
        origin="office",
        confirmed_at=to_iso(ctx.clock()),
        confirmed_by=ctx.actor.name,
        confirmed_from=checked_text(text, _LONGEST),
    )
    _write(conn, ctx, made, "confirmed")
    seen = {"fields": list(before.to_verify), "seen_in": made.confirmed_from}
    _note(conn, ctx, "rule_confirmed", made, facts=seen)
    return get_rule(conn, ctx, ident)


def disagreeing(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return the rules among those a result rests on that say different things, as a result holds them."""
    return [asdict(one) | {"says": list(one.says)} for one in disagreements(list(rules))]


_NOBODY: Final[dict[str, Any]] = {"valid_from": None, "created_at": None, "created_by": None, "reason": None}


def _newest(conn: Connection, ctx: Context, ident: str, expected: int | None) -> Rule:
    """Return the newest version of a rule, kept from others until the end; StaleVersion if another was ``expected``."""
    stored.lock(conn)
    found = stored.newest(conn, ident) or rule_named(shipped_rules(), ident)
    if expected is not None and found.version != expected:
        raise StaleVersion("rule_changed", rule=ident)
    return found


def _write(
    conn: Connection, ctx: Context, rule: Rule, action: str, *, reason: str | None = None, valid_from: str | None = None
) -> None:
    first = _day(ctx, valid_from)
    if rule.in_force and action != "confirmed":  # what is in force already may contradict a rule of a new release
        for day in (first, first + _AHEAD):
            refuse_contradiction(rule, rulebook(conn, ctx, day).rules)
    why = checked_text(reason.strip(), _LONGEST) if reason and reason.strip() else None
    stored.append(conn, rule, action, valid_from=first, actor=ctx.actor, now=ctx.clock(), reason=why)


def _day(ctx: Context, given: str | None) -> date:
    today = local_date(ctx.clock(), ctx.timezone)
    if given is None:
        return today
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise InvalidInput("rule_day", given=given[:40]) from None
    if not today <= day <= today + _AHEAD:
        raise InvalidInput("rule_day", given=given)
    return day


def _note(
    conn: Connection, ctx: Context, verb: str, rule: Rule, *, facts: Mapping[str, Any], reason: str | None = None
) -> None:
    audit.append(
        conn,
        ctx.actor,
        ctx.clock(),
        verb,
        reason=reason,
        facts={"id": rule.id, "version": rule.version, **facts},
    )


def _told(ctx: Context, rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON values; who confirmed it is for the office."""
    told = rule.body() | {"to_verify": list(rule.to_verify)}
    if "confirmed_by" in told:
        told["confirmed_by"] = _who(ctx, told["confirmed_by"])
    return told


def _who(ctx: Context, name: str) -> str:
    return name if reach_of(ctx.actor, "read_editors") != "none" else ""
