"""Public spaces, green spaces, their adoption, and the frontage duty."""

from typing import Final

from geo_service.domain.fields import Field, Layer

PUBLIC_SPACES: Final = Layer(
    "public_spaces",
    "public_space",
    "Geometry",
    (
        Field("name", max_length=100),
        Field(
            "kind",
            "choice",
            required=True,
            choices=(
                "square",
                "playground",
                "activity_ground",
                "sports_ground",
                "idle_land",
                "room",
                "street",
                "other",
            ),
            filterable=True,
        ),
        Field("area_m2", "real", minimum=0),
        Field("manager", max_length=100),
        Field("is_adoptable", "boolean", default=False, filterable=True),
        Field("tenure", max_length=100),
        Field("plan_use", max_length=100),
        Field("usable_area_m2", "real", minimum=0),
    ),
)

GREEN_SPACES: Final = Layer(
    "green_spaces",
    "green_space",
    "MultiPolygon",
    (
        Field("name", max_length=100),
        Field(
            "kind",
            "choice",
            required=True,
            choices=("park", "garden", "pocket_park", "roadside", "ancillary", "woodland", "grass", "other"),
            filterable=True,
        ),
        Field("area_m2", "real", minimum=0),
        Field("manager", max_length=100),
        Field("is_public", "boolean", default=True, filterable=True),
        Field("is_adoptable", "boolean", default=False, filterable=True),
    ),
)

ADOPTIONS: Final = Layer(
    "adoptions",
    "adoption",
    "Geometry",
    (
        Field("green_space", "reference", refers_to="green_spaces"),
        Field("public_space", "reference", refers_to="public_spaces"),
        Field("facility", "reference", refers_to="facilities"),
        Field("adopter_kind", "choice", required=True, choices=("household", "firm", "school_class", "association")),
        Field("adopter_name", required=True, max_length=100, personal=True),
        Field(
            "status",
            "choice",
            required=True,
            choices=("applied", "active", "warned", "ended", "handed_back", "expired"),
            filterable=True,
            default="applied",
        ),
        Field("starts_on", "date"),
        Field("ends_on", "date"),
        Field("care_plan", max_length=2000),
    ),
    geometry_required=False,
    title_field="code",
)
ADOPTION_SUBJECTS: Final = ("green_space", "public_space", "facility")  # exactly one is set

FRONTAGES: Final = Layer(
    "frontages",
    "frontage",
    "MultiLineString",
    (
        Field("holder_name", required=True, max_length=100, personal=True),
        Field("duty_hygiene", "boolean", default=True),
        Field("duty_greening", "boolean", default=True),
        Field("duty_order", "boolean", default=True),
        Field("starts_on", "date"),
        Field("ends_on", "date"),
    ),
    title_field="code",
)
