"""Facilities by category, their entrances, and who declared an inventory complete."""

from datetime import date, timedelta
from typing import Final

from geo_service.domain.fields import Field, Layer

CATEGORY_CODES: Final = tuple(
    "service_station kindergarten nursery primary_school middle_school elder_station clinic hospital "
    "culture_station supermarket convenience market parcel pharmacy retail parking charging bus_stop metro "
    "toilet waste_station recycling activity_ground sports_ground park police canteen rest_stop shelter".split()
)
LEAST_CAPACITY: Final = 0.001  # capacities are told to three digits: a smaller one is 0
MOST_CAPACITY: Final = 1_000_000.0  # of what is supposed

FACILITIES: Final = Layer(
    "facilities",
    "facility",
    "Geometry",
    (
        Field("category", "choice", required=True, choices=CATEGORY_CODES, filterable=True),
        Field("name", max_length=200),
        Field("address", max_length=200),
        Field("floor_area_m2", "real", minimum=0),
        Field("land_area_m2", "real", minimum=0),
        Field("capacity", "real", minimum=0),
        Field("capacity_unit", max_length=20),
        Field(
            "opening_state",
            "choice",
            required=True,
            choices=("open", "closed", "unknown", "planned"),
            filterable=True,
            default="open",
        ),
        Field("hours", max_length=200),
        Field("owner", max_length=100),
        Field(
            "admits",
            "choice",
            required=True,
            choices=("public", "quarter", "unit", "catchment", "age_band"),
            filterable=True,
            default="public",
        ),
        Field("admits_area", "reference", refers_to="areas"),
        Field("admits_bands", "json"),
        Field(
            "verification",
            "choice",
            required=True,
            choices=("verified", "unverified"),
            filterable=True,
            default="verified",
        ),
        Field("verified_on", "date"),
        Field("verified_by", max_length=50),
        Field("is_shareable", "boolean", default=False),
    ),
)

ENTRANCES: Final = Layer(
    "entrances",
    "entrance",
    "Point",
    (
        Field("facility", "reference", required=True, refers_to="facilities", filterable=True),
        Field("kind", "choice", choices=("main", "side", "service", "other"), default="main"),
        Field("is_step_free", "boolean"),
    ),
    title_field="code",
)

INVENTORY_STATEMENTS: Final = Layer(
    "inventory_statements",
    "inventory_statement",
    None,
    (
        Field("statement_area", "reference", required=True, refers_to="areas", filterable=True),
        Field("category", "choice", required=True, choices=CATEGORY_CODES, filterable=True),
        Field("is_complete", "boolean", required=True, default=True),
        Field("declared_on", "date", required=True),
        Field("declared_by", required=True, max_length=50),
        Field("note"),
    ),
    geometry_required=False,
    title_field="code",
)


def is_counted(opening_state: str) -> bool:
    """Whether a facility can serve anybody at all: closed and planned ones never count."""
    return opening_state in ("open", "unknown")


def is_for_some_only(admits: str) -> bool:
    """Whether a facility is not open to everybody, so that sharing it with the public would let others in."""
    return admits != "public"


def is_verified(opening_state: str, verification: str, verified_on: date | None, term_days: int, as_of: date) -> bool:
    """Whether a facility decides coverage (PRODUCT §3.4).

    Not verified: explicitly marked unverified, its opening not known, or its verification older than the
    category's term on ``as_of``. A missing date means verified at the import's date, which imports fill in.
    """
    if opening_state == "unknown" or verification == "unverified":
        return False
    return verified_on is None or as_of - verified_on <= timedelta(days=term_days)
