"""Projects, cases and photos: what is done about the space around homes."""

from typing import Final

from geo_service.domain.fields import Field, Layer

PROJECT_KINDS: Final = tuple(
    "old_quarter_renewal road_lane parking_charging pipes overhead_lines fire_safety energy_saving street_light lift "
    "barrier_free pocket_park green toilet waste_sorting wall_facade ditch service_room activity service other".split()
)
PROJECT_STATUSES: Final = tuple("proposed decided funded building accepted in_care closed paused cancelled".split())
SETTLED: Final = ("accepted", "in_care", "closed", "cancelled")  # built or given up: no deadline can be missed
CASE_STATUSES: Final = tuple(
    "reported rejected self_handled verified filed dispatched accepted "
    "returned in_progress handled checked closed".split()
)
CASE_CATEGORIES: Final = tuple(
    "exposed_garbage road_cleaning standing_water green_cleaning green_maintenance illegal_building rubble "
    "damaged_facility road_damage street_light manhole parking advertisement noise stray_animal "
    "garbage_heap sewage livestock toilet other".split()
)

PHOTO_REVIEWS: Final = ("waiting", "published", "refused")
# What a photo can be evidence of. Homes are none of it: the inside of a dwelling is nobody's business.
PHOTO_SUBJECTS: Final = tuple(
    "buildings facilities public_spaces green_spaces adoptions frontages gates barriers projects cases".split()
)

# units of amounts that are called alike in every language; any other is shown as it was written
QUANTITY_UNITS: Final = (
    "buildings", "km", "spaces", "hydrants", "lamps", "lifts", "ramps", "m2", "pieces", "stations", "events", "visits",
    "places", "beds", "seats",
)  # fmt: skip
PROJECTS: Final = Layer(
    "projects",
    "project",
    "Geometry",
    (
        Field("name", required=True, max_length=200),
        Field("kind", "choice", required=True, choices=PROJECT_KINDS, filterable=True),
        Field("status", "choice", required=True, choices=PROJECT_STATUSES, filterable=True, default="proposed"),
        Field("responsible_unit", max_length=100),
        Field("responsible_person", max_length=50, personal=True),
        Field("deadline_on", "date"),
        Field("quantity", "real", minimum=0),
        Field("quantity_unit", max_length=20),
        Field("planned_yuan", "real", minimum=0),
        Field("committed_yuan", "real", minimum=0),
        Field("paid_yuan", "real", minimum=0),
        Field("funding", "json"),
        Field("households_count", "integer", minimum=0),
        Field("description", max_length=4000),
        Field("measures", "json"),  # what it changes of facilities, paths and gates: domain/scenarios.py
    ),
)

CASES: Final = Layer(
    "cases",
    "case",
    "Point",
    (
        Field("category", "choice", required=True, choices=CASE_CATEGORIES, filterable=True),
        Field("status", "choice", required=True, choices=CASE_STATUSES, filterable=True, default="reported"),
        Field(
            "origin",
            "choice",
            required=True,
            choices=("grid_worker", "resident", "hotline", "video", "upper_level"),
            default="grid_worker",
            filterable=True,
        ),
        Field("description", max_length=4000),
        Field("address", max_length=200),
        Field("reported_at", "moment", required=True),
        Field("due_at", "moment"),
        Field("responsible_unit", max_length=100),
        Field("reporter_name", max_length=50, personal=True),
        Field("reporter_phone", max_length=30, personal=True),
    ),
    title_field="code",
)

PHOTOS: Final = Layer(
    "photos",
    "photo",
    "Point",
    (
        Field("subject_layer", required=True, max_length=50, filterable=True),
        Field("subject_uid", required=True, max_length=36, filterable=True),
        Field("taken_at", "moment"),
        Field("taken_lon", "real", minimum=-180, maximum=180),
        Field("taken_lat", "real", minimum=-90, maximum=90),
        Field("sha256", required=True, max_length=64),
        Field("media_type", required=True, max_length=50),
        Field("size_bytes", "integer", minimum=0),
        Field("width_px", "integer", minimum=1),
        Field("height_px", "integer", minimum=1),
        Field("review", "choice", choices=PHOTO_REVIEWS, default="waiting", filterable=True),
        Field("review_reason", max_length=500),
        Field("hidden_regions", "json"),
        Field("published_sha256", max_length=64),
        Field("thumbnail_sha256", max_length=64),
    ),
    geometry_required=False,
    editable=False,
    personal=True,
    title_field="code",
)
