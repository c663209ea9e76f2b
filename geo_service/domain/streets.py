"""The walking network and what stands in its way: networks, ways, gates, barriers (PRODUCT §3.1, §3.2)."""

from collections.abc import Mapping
from typing import Final

from geo_service.domain.fields import Field, Layer

NETWORKS: Final = Layer(
    "networks",
    "network",
    "MultiPolygon",  # the extent; beyond it nothing is known
    (
        Field("name", max_length=100),
        Field("network_area", "reference", refers_to="areas"),
        Field("is_closed", "boolean", required=True, default=False),  # nothing lies beyond, like an island
        Field("source_date", "moment"),
        Field("fingerprint", required=True, max_length=64),
        Field("ways_count", "integer", minimum=0),
        Field("length_m", "real", minimum=0),
    ),
    editable=False,
)

WAYS: Final = Layer(
    "ways",
    "way",
    "MultiLineString",
    (
        Field("network", "reference", required=True, refers_to="networks", filterable=True),
        Field("name", max_length=200),
        Field("highway", required=True, max_length=40, filterable=True),
        Field("is_snap_target", "boolean", required=True, default=True),
        Field("is_step_free", "boolean", required=True, default=True),
        # int64 little-endian node ids of all vertices, part after part of the geometry
        Field("node_ids", "bytes", required=True),
    ),
    # <code>@<network code> where several networks hold the same way
    code_pattern=r"[0-9A-Za-z一-鿿._:/#@-]{1,64}",
    editable=False,
)

# What a file of lines may tell about the ways it holds; the network they make is theirs by the import.
STREET_LINES: Final = Layer(
    WAYS.name,
    WAYS.noun,
    "MultiLineString",
    (
        Field("name", max_length=200),
        Field("highway", max_length=40),
        Field("is_snap_target", "boolean"),
        Field("is_step_free", "boolean"),
    ),
    code_pattern=r"[0-9A-Za-z一-鿿._:/#-]{1,40}",  # leaves room for @<network code>
    editable=False,
)

GATES: Final = Layer(
    "gates",
    "gate",
    "Point",
    (
        Field("name", max_length=100),
        Field("quarter", "reference", refers_to="areas", filterable=True),
        Field(
            "passes",
            "choice",
            required=True,
            choices=("everyone", "residents", "staff", "nobody", "unknown"),
            default="unknown",
            filterable=True,
        ),
        Field("hours", max_length=200),
        Field("is_step_free", "boolean"),
    ),
)

BARRIERS: Final = Layer(
    "barriers",
    "barrier",
    "Geometry",
    (
        Field("name", max_length=100),
        Field("kind", "choice", required=True, choices=("wall", "water", "rail"), filterable=True),
    ),
)

# what is wrong in the walking network, laid over it: its source stays as it is (decision 38)
PATH_CORRECTIONS: Final = Layer(
    "path_corrections",
    "path_correction",
    "MultiLineString",
    (
        Field("name", max_length=100),
        Field("kind", "choice", required=True, choices=("missing", "blocked"), default="missing", filterable=True),
        Field("is_snap_target", "boolean", required=True, default=True),
        Field("is_step_free", "boolean", required=True, default=True),
        Field("basis", max_length=200),
    ),
)

NOT_WALKABLE: Final = frozenset(
    "motorway motorway_link construction proposed planned abandoned razed "
    "raceway bus_guideway escape platform no".split()
)
STEPPED: Final = frozenset({"steps"})
_NEVER_SNAP: Final = frozenset({"steps", "elevator", "corridor", "trunk", "trunk_link"})
_FOOT_ALLOWED: Final = frozenset({"yes", "designated", "permissive"})


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Whether an OSM way is part of the walking network (PRODUCT §3.1)."""
    highway = tags.get("highway")
    if not highway or highway in NOT_WALKABLE:
        return False
    if tags.get("motorroad") == "yes" or tags.get("area") == "yes":
        return False
    foot = tags.get("foot")
    if foot in ("no", "private"):
        return False
    if highway == "cycleway" or tags.get("access") in ("no", "private"):
        return foot in _FOOT_ALLOWED
    return True


def is_snap_target(tags: Mapping[str, str]) -> bool:
    """Whether one may step onto a walkable way from beside it (PRODUCT §3.2)."""
    return (
        tags.get("highway") not in _NEVER_SNAP
        and tags.get("bridge", "no") == "no"
        and tags.get("tunnel", "no") == "no"
        and tags.get("layer", "0").strip() in ("0", "+0", "-0", "")
    )
