"""The service at a glance: where the data lies, how much there is of what, from whom."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from geo_service import __version__
from geo_service.domain.areas import LEVELS
from geo_service.domain.base_maps import BaseMap
from geo_service.domain.labels import label
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import reach_of
from geo_service.services import runs
from geo_service.services.context import Context
from geo_service.services.homes import BASES
from geo_service.services.rights import may, seen_layers
from geo_service.storage import overview

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OPENED_FROM: Final = ("scenario/", "gap/", "short/", "siting/")  # what a project was opened from is nobody's data
OSM_ATTRIBUTION: Final = "© OpenStreetMap contributors (ODbL)"
_FRAMING: Final = ("areas", "networks", "buildings", "facilities")


def describe_data(conn: "Connection", ctx: Context) -> dict[str, Any]:
    """Return bounds, counts, attribution, levels, grid kinds, people's basis: what changes only with the layers."""
    may(ctx.actor, "read_published")
    found = set(overview.distinct(conn, LAYERS["areas"], "level"))
    bases = set(overview.distinct(conn, LAYERS["buildings"], "people_basis"))
    pairs = overview.sources(conn)
    box = overview.bounds(conn, [LAYERS[name] for name in _FRAMING])
    return {
        "bounds": list(box) if box else None,
        "counts": overview.counts(conn, seen_layers(ctx.actor)),
        "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
        "attribution": attribution(pairs),
        "levels": [level for level in LEVELS if level in found],
        "grid_kinds": overview.distinct(conn, LAYERS["grids"], "kind"),
        "people_basis": next((basis for basis in reversed(BASES) if basis in bases), "no_data"),
    }


def latest_runs(conn: "Connection", ctx: Context) -> list[dict[str, Any]]:
    """Return the ten newest runs without their results, none for who may not read runs."""
    if reach_of(ctx.actor, "read_runs") == "none":
        return []
    return runs.list_runs(conn, ctx, limit=10)


def attribution(pairs: list[tuple[str | None, str | None]]) -> list[str]:
    """Return the lines that must stand under every map made of rows with these sources and licences."""
    lines: list[str] = []
    for source, licence in pairs:
        if (source or "").startswith(_OPENED_FROM):
            continue
        if "odbl" in (licence or "").lower() or "openstreetmap" in (source or "").lower():
            line = OSM_ATTRIBUTION
        elif source:
            line = f"{source} ({licence})" if licence else source
        else:
            continue
        if line not in lines:
            lines.append(line)
    return sorted(lines, key=lambda line: line != OSM_ATTRIBUTION)


def map_approval_told(ctx: Context) -> dict[str, str]:
    """Return what stands on every map that is shown: its recorded approval, else that it is for internal use."""
    if ctx.map_approval:
        return label("map_approval.recorded", approval=ctx.map_approval)
    return label("map_approval.internal")


def shows_map(ctx: Context) -> bool:
    """Whether pages show the asker a map: to the public only one whose approval is recorded (PRODUCT §7)."""
    return bool(ctx.map_approval) or ctx.actor.role != "anonymous"


def base_maps_told(ctx: Context, base_maps: Sequence[BaseMap]) -> list[dict[str, Any]]:
    """Return the office's base maps as a browser draws them; to the public only those whose approval is recorded."""
    is_public = ctx.actor.role == "anonymous"
    return [_base_map(one) for one in base_maps if one.approval or not is_public]


def _base_map(one: BaseMap) -> dict[str, Any]:
    approval = label("base_map.approval", approval=one.approval) if one.approval else label("base_map.internal")
    return {
        "code": one.code,
        "label": dict(one.name),
        "urls": list(one.urls),
        "subdomains": list(one.subdomains),
        "is_shifted": one.datum == "gcj02",
        "max_zoom": one.max_zoom,
        "credit": {lang: f"{one.attribution} · {words}" for lang, words in approval.items()},
    }


def server_facts(ctx: Context) -> dict[str, str]:
    """Return the service's version and kind of store."""
    return {"version": __version__, "store": ctx.store.kind}
