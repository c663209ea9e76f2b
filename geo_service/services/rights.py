"""May this actor do this, here? The first line of every story; the table is ``domain/rights.py``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from geo_service.domain import privacy
from geo_service.domain.actors import Actor
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import Reach, is_internal, is_published, reach_of, read_story, write_story
from geo_service.foundation.errors import Forbidden, InvalidInput, NotFound
from geo_service.storage.visible import Condition, is_there, own_places, visible_sql, visible_to

if TYPE_CHECKING:
    import sqlalchemy as sa


def may(actor: Actor, story: str) -> Reach:
    """Return how far ``actor`` may do ``story`` (``all`` or ``own``); Forbidden ``forbidden`` if not at all.

    The scopes of a token count. KeyError for a story that is not in the table.
    """
    found = reach_of(actor, story)
    if found == "none":
        raise Forbidden("forbidden", actor=actor.name, role=actor.role, verb=story)
    return found


def may_read(actor: Actor, layer: Layer) -> "sa.ColumnElement[bool]":
    """Return the condition that keeps a list of ``layer`` to what ``actor`` may read; Forbidden if nothing at all."""
    return visible_to(actor, may(actor, read_story(layer.name)), layer)


def rows_seen(actor: Actor, layer: Layer) -> Condition:
    """Return the same condition for a query of the driver (``frames.read_frame``)."""
    return visible_sql(actor, may(actor, read_story(layer.name)), layer)


def seen_layers(actor: Actor) -> dict[str, "sa.ColumnElement[bool]"]:
    """Return the layers of which ``actor`` may read anything, with the condition for their rows."""
    return {
        name: visible_to(actor, found, layer)
        for name, layer in LAYERS.items()
        if (found := reach_of(actor, read_story(name))) != "none"
    }


def may_here(conn: "sa.Connection", actor: Actor, story: str, layer: Layer, row: Mapping[str, Any]) -> None:
    """Return if ``actor`` may do ``story`` on a row of ``layer`` (with ``code``, ``area_code``, ``grid_code``).

    Raises Forbidden ``forbidden`` where its right does not reach the row; NotFound ``row_unknown`` if its right to
    read does not reach it either: nobody learns that it exists.
    """
    wanted, seen = may(actor, story), reach_of(actor, read_story(layer.name))
    if wanted == "all" and seen == "all" and not is_internal(layer.name, row):
        return
    places = own_places(conn, actor)
    if not privacy.reaches(actor, read_story(layer.name), layer, row, places):
        raise NotFound("row_unknown", layer=layer.name, ident=row.get("code"))
    if not privacy.reaches(actor, story, layer, row, places):
        raise Forbidden("forbidden", actor=actor.name, role=actor.role, verb=story)


def may_write(actor: Actor, layer: Layer, given: Mapping[str, Any] | None = None) -> Reach:
    """Return how far ``actor`` may write rows of ``layer``; ``given`` are the values of a new row.

    Somebody with a right to part of a layer that is not published does not choose codes in it: whether one is taken
    would tell that its row exists. Raises Forbidden ``forbidden``, InvalidInput ``code_not_chosen``.
    """
    found = may(actor, write_story(layer.name))
    if given and given.get("code") and found == "own" and not is_published(layer.name):
        raise InvalidInput("code_not_chosen", layer=layer.name)
    return found


def may_refer(conn: "sa.Connection", actor: Actor, reach: Reach, layer: Layer, values: Mapping[str, Any]) -> None:
    """Return unless ``values`` make a row of ``layer`` part of something that is not the actor's.

    An entrance belongs to its facility, a household to its building: who may not write there may not add to it.
    References to areas and grids (a quarter, a register) only name a place. Raises Forbidden ``forbidden``;
    InvalidInput ``reference_unknown`` if the thing may not be known to exist.
    """
    if reach == "all":
        return
    for field in layer.fields:
        code = values.get(field.key) if field.refers_to not in (None, "areas", "grids") else None
        if code is None:
            continue
        target = LAYERS[str(field.refers_to)]
        if not is_there(conn, target, code, visible_to(actor, "own", target)):
            if is_published(target.name) and is_there(conn, target, code, visible_to(actor, "all", target)):
                raise Forbidden("forbidden", actor=actor.name, role=actor.role, verb=write_story(layer.name))
            raise InvalidInput("reference_unknown", layer=target.name, field=field.key, code=code)
