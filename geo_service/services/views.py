"""Saved views of the map: settings under a name, one's own or shared with colleagues; what they show asks for itself.

Everybody signed in keeps views. Colleagues are those who may see each other's scenarios (``read_scenarios``): only they
share views and see shared ones. Who may keep everybody's (administrators) mends and deletes shared ones too; a private
view is its owner's alone. The audit tells that a view was kept, not its name.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.rights import reach_of
from geo_service.domain.views import MOST_OF_ONE, checked_name, checked_sharing, checked_state
from geo_service.foundation.errors import Conflict, Forbidden, NotFound, TooMuch
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit
from geo_service.storage import views as stored

STORY: Final = "keep_views"
COLLEAGUES: Final = "read_scenarios"
LISTED_AT_MOST: Final = 1000
_CHECKS: Final = {"name": checked_name, "state": checked_state, "sharing": checked_sharing}


def create_view(conn: Connection, ctx: Context, *, name: str, state: str, sharing: str = "private") -> dict[str, Any]:
    """Keep a view: its name, what stands after '#' in the address of the map, and for whom.

    Raises those of ``domain.views``; Conflict ``view_name_taken``; TooMuch ``view_too_many``; Forbidden where somebody
    who has no colleagues shares.
    """
    may(ctx.actor, STORY)
    values = _checked(ctx, {"name": name, "state": state, "sharing": sharing})
    own = stored.of_owner(conn, ctx.actor.name)
    if len(own) >= MOST_OF_ONE:
        raise TooMuch("view_too_many", maximum=MOST_OF_ONE)
    _refuse_taken(own, values["name"], None)
    row = stored.insert(conn, **values, actor=ctx.actor, now=ctx.clock())
    _note(conn, ctx, "view_saved", row)
    return _told(ctx, row)


def list_views(conn: Connection, ctx: Context, *, limit: int = LISTED_AT_MOST) -> list[dict[str, Any]]:
    """Return one's own views and those colleagues share, one's own first, the last changed first."""
    may(ctx.actor, STORY)
    rows = stored.listed(conn, ctx.actor.name, min(limit, LISTED_AT_MOST), with_shared=_has_colleagues(ctx))
    return [_told(ctx, row) for row in rows]


def get_view(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a view; NotFound ``view_unknown``, also for one that is not shared with who asks."""
    may(ctx.actor, STORY)
    return _told(ctx, _seen(conn, ctx, uid))


def change_view(
    conn: Connection, ctx: Context, uid: str, *, expected_version: int, changes: Mapping[str, str]
) -> dict[str, Any]:
    """Change name, state or sharing of a view.

    Raises NotFound ``view_unknown``; Forbidden where it is somebody else's; StaleVersion ``view_changed``; and as
    :func:`create_view`.
    """
    may(ctx.actor, STORY)
    before = _changed(conn, ctx, uid)
    values = _checked(ctx, changes)
    if "name" in values:
        _refuse_taken(stored.of_owner(conn, before["created_by"]), values["name"], uid)
    stored.change(conn, uid, expected_version, values, actor=ctx.actor, now=ctx.clock())
    row = stored.get(conn, uid)
    _note(conn, ctx, "view_edited", row)
    return _told(ctx, row)


def delete_view(conn: Connection, ctx: Context, uid: str, *, expected_version: int) -> None:
    """Delete a view for good; raises as :func:`change_view`."""
    may(ctx.actor, STORY)
    row = _changed(conn, ctx, uid)
    stored.delete(conn, uid, expected_version)
    _note(conn, ctx, "view_deleted", row)


def _checked(ctx: Context, given: Mapping[str, str]) -> dict[str, str]:
    values = {key: _CHECKS[key](value) for key, value in given.items()}
    if values.get("sharing") == "colleagues":
        may(ctx.actor, COLLEAGUES)
    return values


def _refuse_taken(own: Mapping[str, str], name: str, uid: str | None) -> None:
    if own.get(name, uid) != uid:
        raise Conflict("view_name_taken", name=name)


def _has_colleagues(ctx: Context) -> bool:
    return reach_of(ctx.actor, COLLEAGUES) != "none"


def _seen(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    row = stored.get(conn, uid)
    if row["created_by"] != ctx.actor.name and not (row["sharing"] == "colleagues" and _has_colleagues(ctx)):
        raise NotFound("view_unknown", view=uid[:64])
    return row


def _changed(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a view that is the actor's to change."""
    row = _seen(conn, ctx, uid)
    if not _may_change(ctx, row):
        raise Forbidden("forbidden", actor=ctx.actor.name, role=ctx.actor.role, verb=STORY)
    return row


def _may_change(ctx: Context, row: Mapping[str, Any]) -> bool:
    return row["created_by"] == ctx.actor.name or reach_of(ctx.actor, STORY) == "all"


def _note(conn: Connection, ctx: Context, verb: str, row: Mapping[str, Any]) -> None:
    audit.append(conn, ctx.actor, ctx.clock(), verb, subject_uid=row["uid"], facts={"sharing": row["sharing"]})


def _told(ctx: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a view as JSON values, with whose it is."""
    return {**row, "is_own": row["created_by"] == ctx.actor.name, "may_change": _may_change(ctx, row)}
