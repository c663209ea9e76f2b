"""`geo-service audit verify|list|export|anchor`: is the audit whole, what does it say, keep its end elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.console import lang, out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.foundation.errors import InvalidInput, StoreFault
from geo_service.foundation.texts import text
from geo_service.services import audit
from geo_service.services.audit import AuditQuestion

audit_app = typer.Typer(help="cli.audit_help", no_args_is_help=True)
From = Annotated[str | None, typer.Option("--from", metavar="DAY", help="cli.audit_from_help")]
To = Annotated[str | None, typer.Option("--to", metavar="DAY", help="cli.audit_to_help")]
Who = Annotated[str | None, typer.Option("--actor", metavar="NAME", help="cli.audit_actor_help")]
Verb = Annotated[str | None, typer.Option("--verb", metavar="VERB", help="cli.audit_verb_help")]
Layer = Annotated[str | None, typer.Option("--layer", metavar="LAYER", help="cli.audit_layer_help")]
Subject = Annotated[str | None, typer.Option("--subject", metavar="UID", help="cli.audit_subject_help")]
Area = Annotated[str | None, typer.Option("--area", metavar="CODE", help="cli.audit_area_help")]
_COLUMNS = ("id", "at", "actor", "role", "address", "verb", "subject", "area", "reason")


@audit_app.command("verify", help="cli.audit_verify_help")
def verify(
    *,
    copies: Annotated[list[Path] | None, typer.Option("--anchor", metavar="FILE", help="cli.audit_copies_help")] = None,
) -> None:
    """Walk the chain and the history; fails if anything is broken."""
    with context() as ctx:
        has_anchor = ctx.store.anchor is not None and ctx.store.anchor.read() is not None
        with ctx.store.reading() as conn:
            verified = audit.verify(conn, ctx, copies or [])
    if not has_anchor:
        tell("cli.audit_no_anchor")
    if not verified.is_whole:
        said = [text(f"audit.break.{one.kind}", lang(), **one.facts) for one in verified.breaks]
        for sentence in said:
            out.print(sentence, markup=False)
        raise StoreFault("audit_broken", count=len(said), first=said[0])
    last = verified.last
    tell(
        "cli.audit_whole",
        lines=verified.lines,
        history=verified.history_lines,
        last=last.id if last else 0,
        hash=last.hash if last else "",
    )


@audit_app.command("list", help="cli.audit_list_help")
def list_(
    *,
    since: From = None,
    until: To = None,
    actor: Who = None,
    verb: Verb = None,
    layer: Layer = None,
    subject: Subject = None,
    area: Area = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="cli.audit_limit_help")] = 50,
) -> None:
    """Print lines of the audit."""
    question = AuditQuestion(since, until, actor, verb, layer, subject, area, limit)
    with context() as ctx:
        with ctx.store.writing() as conn:
            noted = audit.note_question(conn, ctx, question)
        with ctx.store.reading() as conn:
            found = audit.list_lines(conn, ctx, noted).lines
    if not found:
        tell("cli.audit_nothing")
        return
    rows = [
        (
            line["id"],
            line["at"],
            line["actor"],
            line["role"],
            line["address"] or line["via"],
            line["verb"],
            " ".join(filter(None, (line["layer"], line["subject_uid"]))) or None,
            line["area_code"],
            line["reason"],
        )
        for line in found
    ]
    show_table([say(f"audit.col.{name}") for name in _COLUMNS], rows)


@audit_app.command("export", help="cli.audit_export_help")
def export(
    *,
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE.csv", help="cli.audit_out_help")],
    since: From = None,
    until: To = None,
    actor: Who = None,
    verb: Verb = None,
    layer: Layer = None,
    subject: Subject = None,
    area: Area = None,
) -> None:
    """Write lines of the audit into a CSV file."""
    question = AuditQuestion(since, until, actor, verb, layer, subject, area)
    with context() as ctx:
        with ctx.store.writing() as conn:
            noted = audit.note_question(conn, ctx, question, "audit_exported")
        with ctx.store.reading() as conn:
            count = audit.export(conn, ctx, noted, out_file)
    tell("cli.audit_exported", count=count, file=out_file)


@audit_app.command("anchor", help="cli.audit_anchor_help")
def anchor(
    *,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.json", help="cli.audit_anchor_out_help")
    ] = None,
    renew: Annotated[bool, typer.Option("--renew", help="cli.audit_renew_help")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.audit_reason_help")] = "",
) -> None:
    """Write the end of the chain into a file, or take it anew."""
    if out_file is None and not renew:
        raise InvalidInput("audit_anchor_what")
    with context() as ctx:
        if renew:
            last = audit.renew_anchor(ctx, reason)
        if out_file is not None:
            with ctx.store.reading() as conn:
                last = audit.copy_anchor(conn, ctx, out_file)
    tell("cli.audit_anchored", line=last.id, hash=last.hash)
