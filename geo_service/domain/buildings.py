"""Buildings and households: where people live. Residents are 常住, registered are 户籍; coverage uses 常住."""

from typing import Final

from geo_service.domain.bands import BAND_FIELDS
from geo_service.domain.fields import Field, Layer

RESIDENTIAL_USES: Final = ("residential", "dormitory", "mixed")
UNKNOWN_USE: Final = "unknown"  # a home only where residents are known
_PEOPLE: Final = (
    Field("residents_persons", "integer", minimum=0, maximum=100_000),
    Field("registered_persons", "integer", minimum=0, maximum=100_000),
    *(Field(name, "integer", minimum=0, maximum=100_000) for name in BAND_FIELDS),
)

BUILDINGS: Final = Layer(
    "buildings",
    "building",
    "Geometry",
    (
        Field("name", max_length=100),
        Field("address", max_length=200),
        Field(
            "use",
            "choice",
            choices=(
                "residential",
                "dormitory",
                "mixed",
                "public_service",
                "commercial",
                "industrial",
                "other",
                UNKNOWN_USE,
            ),
            filterable=True,
            default="other",
        ),
        Field("quarter", "reference", refers_to="areas", filterable=True),
        Field("registered_area", "reference", refers_to="areas"),
        Field("registered_grid", "reference", refers_to="grids"),
        Field("floors", "integer", minimum=0, maximum=200),
        Field("height_m", "real", minimum=0, maximum=1000),
        Field("floor_area_m2", "real", minimum=0),
        Field("built_year", "integer", minimum=1000, maximum=2200),
        Field("has_lift", "boolean"),
        Field("property_management", "choice", choices=("yes", "none", "abandoned", "unknown")),
        Field("has_toilet", "boolean"),
        Field("has_tap_water", "boolean"),
        Field("is_dangerous", "boolean"),
        Field("households_count", "integer", minimum=0, maximum=10_000),
        *_PEOPLE,
        Field("people_basis", "choice", choices=("households", "register", "estimate")),
        Field("is_cut_by_boundary", "boolean", default=False, filterable=True),
    ),
)

HOUSEHOLDS: Final = Layer(
    "households",
    "household",
    "Point",
    (
        Field("building", "reference", required=True, refers_to="buildings", filterable=True),
        Field("unit_no", max_length=20),
        Field("room_no", max_length=20),
        Field("head_name", max_length=50, personal=True),
        Field("phone", max_length=30, personal=True),
        *_PEOPLE,
    ),
    geometry_required=False,
    personal=True,
    title_field="code",
)
