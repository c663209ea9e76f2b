"""`geo-service checklist record|list|withdraw`: what was found on the spot of items of the checklist."""

from typing import Annotated, Any, Final

import typer

from geo_service.cli.console import lang, say, show_table, tell
from geo_service.cli.context import context
from geo_service.domain.checklist import CHECKLIST_FINDINGS
from geo_service.domain.labels import choice_label
from geo_service.services import features
from geo_service.services.checklist_findings import withdraw_finding

checklist_app = typer.Typer(help="cli.findings_help", no_args_is_help=True)
_COLUMNS: Final = ("community_code", "item", "finding", "amount", "found_on", "found_by", "basis", "code")
Community = Annotated[str, typer.Argument(metavar="COMMUNITY", help="cli.findings_community_help")]
Item = Annotated[str, typer.Argument(metavar="CRC-nn", help="cli.findings_item_help")]
Finding = Annotated[
    str, typer.Option("--finding", metavar="pass|short|not_applicable|remark", help="cli.findings_finding_help")
]


@checklist_app.command("record", help="cli.findings_record_help")
def record(
    *,
    community: Community,
    item: Item,
    finding: Finding,
    found_on: Annotated[str, typer.Option("--on", metavar="DATE", help="cli.findings_on_help")],
    found_by: Annotated[str, typer.Option("--by", metavar="WHO", help="cli.findings_by_help")],
    basis: Annotated[str, typer.Option("--basis", metavar="TEXT", help="cli.findings_basis_help")],
    amount: Annotated[float | None, typer.Option("--amount", metavar="N", help="cli.findings_amount_help")] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="cli.findings_unit_help")] = None,
    photo: Annotated[str | None, typer.Option("--photo", metavar="CODE", help="cli.findings_photo_help")] = None,
) -> None:
    """Record a finding."""
    given = {
        "community_code": community,
        "item": item,
        "finding": finding,
        "amount": amount,
        "amount_unit": unit,
        "found_on": found_on,
        "found_by": found_by,
        "basis": basis,
        "photo_code": photo,
    }
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        made = features.create_row(conn, ctx, CHECKLIST_FINDINGS, given, None)
    tell("cli.findings_recorded", code=made["code"])


@checklist_app.command("list", help="cli.findings_list_help")
def list_findings(
    *,
    community: Annotated[
        str | None, typer.Option("--community", metavar="CODE", help="cli.findings_community_help")
    ] = None,
    item: Annotated[str | None, typer.Option("--item", metavar="CRC-nn", help="cli.findings_item_help")] = None,
) -> None:
    """Print the findings, the newest first."""
    filters = {key: value for key, value in (("community_code", community), ("item", item)) if value}
    question = features.ListQuestion(filters=filters, sort="-found_on", limit=features.LIST_MAXIMUM)
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = features.list_rows(conn, ctx, CHECKLIST_FINDINGS, question)
    titles = [say(f"field.{name}") for name in _COLUMNS]
    show_table(titles, [_cells(row) for row in found.rows])
    tell("cli.findings_counted", count=found.total)


@checklist_app.command("withdraw", help="cli.findings_withdraw_help")
def withdraw(
    code: Annotated[str, typer.Argument(metavar="CODE", help="cli.findings_code_help")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="cli.findings_reason_help")],
) -> None:
    """Take a finding out of use; it stays stored."""
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        withdraw_finding(conn, ctx, code, reason)
    tell("cli.findings_withdrawn", code=code)


def _cells(row: dict[str, Any]) -> list[object]:
    shown = row | {"finding": choice_label(CHECKLIST_FINDINGS.name, "finding", row["finding"])[lang()]}
    if row["amount"] is not None:
        shown["amount"] = f"{row['amount']:g} {row['amount_unit']}"
    return [shown[name] for name in _COLUMNS]
