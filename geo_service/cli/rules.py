"""`geo-service rules list|show|edit|add|confirm`: the rules of the standards."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.cli.console import lang, out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.domain.reference import category_named
from geo_service.domain.rule_values import is_text
from geo_service.foundation.errors import InvalidInput
from geo_service.services import rule_lists, rules
from geo_service.services.results import check_out

rules_app = typer.Typer(help="cli.rules_help", no_args_is_help=True)
_LARGEST_FILE: Final = 100_000
Ident = Annotated[str, typer.Argument(metavar="ID", help="cli.rules_id_help")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="cli.rules_set_help")]
From = Annotated[Path | None, typer.Option("--from", metavar="FILE.json", help="cli.rules_from_help")]
Reason = Annotated[str | None, typer.Option("--reason", help="cli.rules_reason_help")]
Version = Annotated[int | None, typer.Option("--version-read", metavar="N", help="cli.rules_version_help")]


@rules_app.command("list", help="cli.rules_list_help")
def list_rules(
    category: Annotated[str | None, typer.Option("--category", metavar="C", help="cli.rules_category_help")] = None,
    use: Annotated[str | None, typer.Option("--use", metavar="CHECK", help="cli.rules_use_help")] = None,
    to_verify: Annotated[bool | None, typer.Option("--to-verify/--verified", help="cli.rules_to_verify_help")] = None,
    every: Annotated[bool, typer.Option("--all", help="cli.rules_all_help")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", metavar="FILE.csv", help="cli.rules_out_help")] = None,
) -> None:
    """Print the rules of today, or write them as a list to fill in."""
    if category is not None:
        category_named(category)
    chosen: dict[str, Any] = {
        "category": category,
        "use": use,
        "to_verify": to_verify,
        "in_force": None if every else True,
    }
    if out_file is not None:
        check_out(out_file, (".csv",), None)
        with context(progress=False) as ctx, ctx.store.reading() as conn:
            count = rule_lists.write_list(conn, ctx, out_file, **chosen)
        tell("cli.rules_listed", count=count, file=out_file)
        return
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = rules.list_rules(conn, ctx, **chosen)
    if not found["rules"]:
        tell("cli.rules_none")
        return
    names = ("id", "version", "name", "level", "strength", "figures", "clause", "sure")
    show_table([say(f"cli.rules_column_{name}") for name in names], [_cells(one) for one in found["rules"]])
    for one in found["disagreements"]:
        mine, theirs = one["says"]
        facts = {"mine": mine, "theirs": theirs, "category": category_named(one["category"]).label[lang()]}
        tell("cli.rules_differ", one=one["one"], other=one["other"], metric=one["metric"], **facts)
    tell("cli.rules_counted", count=len(found["rules"]), open=found["to_verify_count"])


@rules_app.command("show", help="cli.rules_show_help")
def show(ident: Ident) -> None:
    """Print a rule with its versions as JSON."""
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = rules.get_rule(conn, ctx, ident)
    out.print(json.dumps(found, ensure_ascii=False, indent=1), markup=False, soft_wrap=True)


@rules_app.command("edit", help="cli.rules_edit_help")
def edit(
    *,
    ident: Ident,
    assignments: Set = None,
    from_file: From = None,
    reason: Reason = None,
    valid_from: Annotated[
        str | None, typer.Option("--valid-from", metavar="DATE", help="cli.rules_valid_from_help")
    ] = None,
    version: Version = None,
) -> None:
    """Write a new version of a rule."""
    changes = _values(assignments, from_file)
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        made = rules.edit_rule(
            conn,
            ctx,
            ident,
            expected_version=version,
            changes=changes,
            reason=reason,
            valid_from=valid_from,
        )
    tell("cli.rules_written", rule=ident, version=made["newest_version"])


@rules_app.command("add", help="cli.rules_add_help")
def add(*, ident: Ident, assignments: Set = None, from_file: From = None, reason: Reason = None) -> None:
    """Add a rule of the office."""
    values = _values(assignments, from_file)
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        made = rules.add_rule(conn, ctx, ident, values, reason=reason)
    tell("cli.rules_written", rule=ident, version=made["newest_version"])


@rules_app.command("confirm", help="cli.rules_confirm_help")
def confirm(
    *,
    idents: Annotated[list[str] | None, typer.Argument(metavar="ID…", help="cli.rules_id_help")] = None,
    seen_in: Annotated[str | None, typer.Option("--seen-in", metavar="TEXT", help="cli.rules_seen_in_help")] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE.csv", help="cli.rules_list_file_help")
    ] = None,
    version: Version = None,
) -> None:
    """Confirm rules against the text: those named, or those of a list; all of them or none."""
    if (from_file is None) == (not idents) or (from_file is None) == (seen_in is None):
        raise InvalidInput("rules_confirm_what")
    seen = (
        rule_lists.read_list(from_file)
        if from_file is not None
        else [rule_lists.Seen(one, version if len(idents or ()) == 1 else None, seen_in or "") for one in idents or ()]
    )
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        made = rule_lists.confirm_rules(conn, ctx, seen)
    for one in made["confirmed"]:
        tell("cli.rules_written", rule=one["id"], version=one["version"])


def figures(rule: dict[str, Any]) -> str:
    """Return what a rule says in figures, in short."""
    said = []
    for key, form in (
        ("service_radius_m", "≤ {:g} m"),
        ("walk_minutes", "≤ {:g} min"),
        ("min_floor_area_m2", "≥ {:g} m²"),
        ("min_land_area_m2", "≥ {:g} m² (land)"),
    ):
        if key in rule:
            said.append(form.format(rule[key]))
    said += [f"{rule[key]['value']} {rule[key]['unit']}" for key in ("per_household", "per_person") if key in rule]
    return ", ".join(said)


def _cells(rule: dict[str, Any]) -> list[object]:
    level = rule.get("level")
    strength = say(f"rule.strength.{rule.get('strength', 'not_stated')}")
    if rule["applies_to"] != "all":
        strength += f" ({say('rule.applies_to.' + rule['applies_to'])})"
    sure = say("rule.to_verify") if rule["to_verify"] else say("rule.confirmed")
    return [
        rule["id"],
        str(rule["version"]),
        rule["name"][lang()],
        say(f"rule.level.{level}") if level else None,
        strength,
        figures(rule) or None,
        f"{rule['standard']} {rule['clause']}",
        sure,
    ]


def _values(assignments: list[str] | None, from_file: Path | None) -> dict[str, Any]:
    """Return the fields given; InvalidInput ``rule_assignment``, ``rule_from_file``."""
    values: dict[str, Any] = {} if from_file is None else _from(from_file)
    for one in assignments or ():
        field, equals, written = one.partition("=")
        if not equals or not field.strip():
            raise InvalidInput("rule_assignment", given=one[:80])
        if is_text(field.strip()):
            values[field.strip()] = None if written == "null" else written
            continue
        try:
            values[field.strip()] = json.loads(written)
        except (ValueError, RecursionError):
            values[field.strip()] = written
    return values


def _from(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes()) if path.stat().st_size <= _LARGEST_FILE else None
    except (OSError, ValueError, RecursionError):
        raise InvalidInput("rule_from_file", file=str(path)) from None
    if not isinstance(found, dict):
        raise InvalidInput("rule_from_file", file=str(path))
    return found
