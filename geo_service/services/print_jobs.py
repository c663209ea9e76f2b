"""Sheets of all communities as a job: asked for, made in the background, fetched by who asked, kept for a term."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.actors import Actor
from geo_service.domain.rights import RIGHTS, visibility
from geo_service.foundation.clock import from_iso, local_date
from geo_service.foundation.errors import Conflict, Forbidden, NotFound
from geo_service.foundation.ids import fingerprint
from geo_service.foundation.texts import LANGS
from geo_service.services import print_batch, prints
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.print_archives import ARCHIVES_KEPT, archive_of, sweep_archives
from geo_service.services.rights import may
from geo_service.storage.jobs import Jobs

KIND: Final = "print_communities"
_LOOKED_AT: Final = 1000  # newest jobs of one person
_SIGHT: Final = tuple(story for story in RIGHTS if story.startswith("read_"))


def asked(conn: Connection, ctx: Context, area: str | None, form: str) -> dict[str, Any]:
    """Return the parameters of the job for what is asked; the right to export is asked for when it is handed out.

    Raises InvalidInput ``print_format_unknown``, ``print_no_communities``.
    """
    may(ctx.actor, "report")
    prints.check_form(form)
    count = len(print_batch.communities_of(conn, area))
    return {"area": area, "count": count, "form": form, "lang": ctx.lang, "seen": _seen(ctx.actor)}


def make(ctx: Context, uid: str, *, area: str | None, form: str, lang: str, count: int = 0, seen: str = "") -> None:
    """Make the archive of a job.

    Raises as ``print_batch.print_archive``; Forbidden ``print_batch_rights`` where who asked sees other things now.
    """
    del count  # for who watches: how many of how many
    _check_seen(ctx.actor, seen)
    own = replace(ctx, lang=next(one for one in LANGS if one == lang))
    print_batch.print_archive(own, uid, area=area, form=form)


def hand_out(jobs: Jobs, ctx: Context, uid: str) -> tuple[Path, str]:
    """Return the archive of one's own job and what it is called, with a line in the audit that it left the service.

    Raises NotFound ``print_batch_unknown`` (nobody's or somebody else's), ``print_batch_over`` (its term is over),
    Conflict ``print_batch_not_done``, Forbidden ``print_batch_rights`` (one may see other things now than then).
    """
    may(ctx.actor, "report")
    job = own_job(jobs, ctx, uid)
    if job["kind"] != KIND:
        raise NotFound("print_batch_unknown")
    if job["status"] != "done":
        raise Conflict("print_batch_not_done")
    _check_seen(ctx.actor, job["parameters"].get("seen", ""))
    sweep_archives(ctx)
    file = archive_of(ctx, job["uid"])
    if not file.is_file():
        raise NotFound("print_batch_over", days=ARCHIVES_KEPT.days)
    note_export(ctx, file, "print community")
    asked = job["parameters"]
    own = replace(ctx, lang=next(one for one in LANGS if one == asked["lang"]))
    day = local_date(from_iso(job["finished_at"]), ctx.timezone)
    with ctx.store.reading() as conn:
        return file, print_batch.archive_name(conn, own, asked["area"], day)


def _seen(actor: Actor) -> str:
    """Return a fingerprint of what somebody may see, which the sheets follow."""
    return fingerprint(visibility(actor, _SIGHT))


def _check_seen(actor: Actor, seen: str) -> None:
    if seen != _seen(actor):
        raise Forbidden("print_batch_rights")


def own_job(jobs: Jobs, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a job the actor asked for; NotFound ``print_batch_unknown``."""
    job: dict[str, Any] | None = next((one for one in jobs.asked_by(ctx.actor, _LOOKED_AT) if one["uid"] == uid), None)
    if job is None:
        raise NotFound("print_batch_unknown")
    return job


def cancel(jobs: Jobs, ctx: Context, uid: str) -> None:
    """End a job of one's own that waits or runs; NotFound ``job_unknown``, Conflict ``job_ended``."""
    may(ctx.actor, "read_runs")
    if not any(job["uid"] == uid for job in jobs.asked_by(ctx.actor, _LOOKED_AT)):
        raise NotFound("job_unknown", job=uid[:64])
    if not jobs.cancel(uid):
        raise Conflict("job_ended")
