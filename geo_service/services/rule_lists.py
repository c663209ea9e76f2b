"""Many rules held against the text in one go: a list of those to be verified, filled in, read back and confirmed."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.rules import FIGURES
from geo_service.exchange.write import unquoted_cell, write_csv
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import Lang
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.rules import STORY, confirm_rule, list_rules

LIST_COLUMNS: Final = (
    "id", "version", "name", "standard", "clause", "level", "strength_text", *FIGURES, "evidence", "to_verify", "note",
    "seen_in",
)  # fmt: skip
MOST: Final = 500  # rules in one go
_LARGEST_FILE: Final = 5_000_000


@dataclass(frozen=True)
class Seen:
    """A rule that was held against a text: its id, the version that was read (None: the newest), which text."""

    id: str
    version: int | None
    seen_in: str


def write_list(conn: Connection, ctx: Context, path: Path, **chosen: Any) -> int:
    """Write the rules :func:`list_rules` gives as a CSV with an empty column ``seen_in``; return how many."""
    found = list_rules(conn, ctx, **chosen)["rules"]
    lang: Lang = ctx.lang
    rows = [{**rule, "name": rule["name"][lang], "to_verify": " ".join(rule["to_verify"])} for rule in found]
    write_csv(path, LIST_COLUMNS, rows)
    return len(rows)


def read_list(path: Path) -> list[Seen]:
    """Return the rules of a list whose ``seen_in`` was filled in; InvalidInput ``rule_list`` names what is wrong."""
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.stat().st_size <= _LARGEST_FILE else ""
        rows = list(csv.DictReader(text.splitlines(keepends=True), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise InvalidInput("rule_list", file=str(path), row=1) from None
    seen = []
    for number, row in enumerate(rows, start=2):
        ident, version, words = (unquoted_cell(row.get(name) or "").strip() for name in ("id", "version", "seen_in"))
        if not words:
            continue
        if not ident or not version.isascii() or not version.isdigit():
            raise InvalidInput("rule_list", file=str(path), row=number)
        seen.append(Seen(ident, int(version), words))
    if not seen:
        raise InvalidInput("rule_list_empty", file=str(path))
    return seen


def confirm_rules(conn: Connection, ctx: Context, seen: Sequence[Seen]) -> dict[str, Any]:
    """Confirm all of them or, in the caller's transaction, none; return ids and new versions.

    Raises as :func:`geo_service.services.rules.confirm_rule`; InvalidInput ``rules_too_many``.
    """
    may(ctx.actor, STORY)
    if len(seen) > MOST:
        raise InvalidInput("rules_too_many", count=len(seen), maximum=MOST)
    made = [confirm_rule(conn, ctx, one.id, expected_version=one.version, seen_in=one.seen_in) for one in seen]
    return {"confirmed": [{"id": one["rule"]["id"], "version": one["newest_version"]} for one in made]}
