"""Shapes of what is asked and answered, for checking questions and for the API's description."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Position = Annotated[list[Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=2, max_length=2)]
By = Literal["city", "district", "street", "community", "quarter", "grid", "unit_grid"]


class Answer(BaseModel):
    """An answer holds what is described and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Label(Answer):
    """A text in both languages."""

    zh: str
    en: str


class FieldInfo(Answer):
    """One field of a layer."""

    key: str
    kind: str
    required: bool
    choices: list[str]
    choice_labels: dict[str, Label]
    unit: str | None
    label: Label
    refers_to: str | None
    filterable: bool
    personal: bool
    minimum: float | None
    maximum: float | None
    max_length: int | None
    default: str | float | bool | None


class ReasonLength(Answer):
    """How long a reason is, in characters."""

    shortest: int
    longest: int


class LayerInfo(Answer):
    """One layer; ``label_one``: what a single row of it is called, ``write_story``: the right that writes its rows."""

    name: str
    noun: str
    label: Label
    label_one: Label
    geometry: str | None
    geometry_required: bool
    editable: bool
    write_story: str
    personal: bool
    title_field: str
    code_pattern: str
    takes_photos: bool
    reveal_reason: ReasonLength | None
    fields: list[FieldInfo]
    filters: list[str]
    sorts: list[str]
    version: int
    count: int


class CategoryInfo(Answer):
    """One facility category; ``bands``: the ages it is there for, empty for everybody."""

    code: str
    label: Label
    checklist_item: str | None
    default_circle: int
    default_limit_m: float
    bands: list[str]
    verification_term_days: int
    count: int


class ProfileInfo(Answer):
    """One walking profile, or ``by_age``: every age band by its own, then speed and steps are null."""

    code: str
    label: Label
    speed_m_s: float | None
    step_free: bool | None
    bands: dict[str, str] | None = Field(
        description="by_age：各年龄段的步行方式 / of by_age the profile of each age band, else null"
    )
    analyses: list[str] | None = Field(
        description="只可用于这些分析；null 为全部 / what it can be asked of; null: everything"
    )


class CircleInfo(Answer):
    """One living circle."""

    minutes: int
    distance_m: float
    stricter_distance_m: float | None
    label: Label


class Health(Answer):
    """State of the server."""

    status: str
    version: str


class SearchQuestion(BaseModel):
    """What to search for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=1, max_length=100, examples=["示例"])


class SearchHit(Answer):
    """One thing that was found."""

    layer: str
    code: str
    uid: str
    name: str | None
    address: str | None
    title: str
    lon: float | None
    lat: float | None
    bounds: list[float] | None


class PlaceToGo(Answer):
    """An area or grid one may go to; ``depth``: in how many of the others it lies, ``within``: the next one's name."""

    layer: Literal["areas", "grids"]
    code: str
    name: str | None
    level: str
    depth: int
    within: str | None


class Waiting(Answer):
    """How much waits for somebody's hand."""

    photos_to_review: int
    projects_overdue: int


class RunsQuestion(BaseModel):
    """Which runs to list."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str | None, Field(max_length=40, examples=["coverage"])] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Problem(BaseModel):
    """A problem detail (RFC 9457) with the sentence in both languages; its facts stand beside these members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    detail_zh: str
    detail_en: str
    request_id: str


class RunLinks(Answer):
    """Where more of a run is."""

    result: str


class RunInfo(Answer):
    """A run: an analysis that waits, runs, is done or has failed.

    A finished one says by what and in how many ``seconds`` it was made, a failed one its ``problem``.
    """

    uid: str
    kind: str
    status: Literal["queued", "running", "done", "failed"]
    progress: float = Field(ge=0, le=1)
    message: Label
    parameters: dict[str, Any]
    created_at: str
    created_by: str | None = None
    code_version: str | None = None
    seconds: float | None = None
    links: RunLinks | None = None
    problem: Problem | None = None


class JobInfo(RunInfo):
    """Something the asker had computed; ``run`` is the uid of its result once it is done."""

    finished_at: str | None
    run: str | None


class RunNamed(Answer):
    """A run by its name."""

    uid: str
    created_at: str
    code_version: str


class DifferenceInfo(Answer):
    """A value that differs: its place, before and after (null: not there), and the change where both are numbers."""

    place: str
    before: Any
    after: Any
    change: float | None


class Comparison(Answer):
    """How two runs of one kind differ."""

    kind: str
    runs: list[RunNamed]
    parameters: list[DifferenceInfo]
    inputs: list[DifferenceInfo]
    figures: list[DifferenceInfo]


class BaseMapInfo(Answer):
    """A base map from outside; ``is_shifted``: its tiles are in GCJ-02 and are to be moved under the data."""

    code: str
    label: Label
    urls: list[str]
    subdomains: list[str]
    is_shifted: bool
    max_zoom: int
    credit: Label


class Summary(Answer):
    """The data at a glance."""

    bounds: list[float] | None
    counts: dict[str, int]
    is_synthetic: bool
    attribution: list[str]
    levels: list[str]
    grid_kinds: list[str]
    people_basis: str
    latest_runs: list[RunInfo]
    base_maps: list[BaseMapInfo]
    map_approval: Label
    shows_map: bool
    version: str
    store: str


Circle = Annotated[int, Field(ge=1, le=120, examples=[15])]
Minutes = Annotated[float, Field(gt=0, le=120, allow_inf_nan=False, examples=[10])]
CategoryCode = Annotated[str, Field(min_length=1, max_length=40, examples=["supermarket"])]
Strict = Annotated[
    bool, Field(description="生活圈按更严的距离（15 分钟 800 m） / the circle's stricter distance (15 minutes, 800 m)")
]
ProfileCode = Annotated[str, Field(min_length=1, max_length=40, examples=["standard"])]

At = Annotated[
    str,
    Field(
        max_length=20,
        examples=["22:30"],
        # checked by the question itself, whose refusal says how to write it
        json_schema_extra={"pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"},
        description="时刻：这时不开放的出入口不能通行；不给按全天开放 / "
        "gates not open then let nobody pass; without it all are open all day",
    ),
]


class CoverageQuestion(BaseModel):
    """Which coverage to compute; without a limit that of the one category, of several the 15-minute circle."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"categories": ["supermarket"], "circle": 15, "profile": "standard", "by": "community"}]
        },
    )

    categories: Annotated[list[CategoryCode] | None, Field(min_length=1, max_length=60)] = None
    circle: Circle | None = None
    minutes: Minutes | None = None
    profile: ProfileCode = "standard"
    strict: Strict = False
    by: By = "community"
    at: At | None = None


class CirclesQuestion(BaseModel):
    """Service circles of points (longitude first), of facilities or of all of a category, several limits at once."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"points": [[116.32, 40.002]], "circles": [5, 10, 15], "profile": "standard"}]},
    )

    points: Annotated[list[Position] | None, Field(min_length=1, max_length=1000)] = None
    facilities: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]] | None,
        Field(
            min_length=1,
            max_length=1000,
            description="设施编码：从各出入口出发，没有则从形心 / codes: from each entrance, else the centroid",
        ),
    ] = None
    category: CategoryCode | None = None
    circles: Annotated[list[Circle] | None, Field(min_length=1, max_length=10)] = None
    minutes: Annotated[list[Minutes] | None, Field(min_length=1, max_length=10)] = None
    profile: ProfileCode = "standard"
    strict: Strict = False
    at: At | None = None


class FigureQuestion(BaseModel):
    """Which figure of a coverage run to explain; without a code that over everything."""

    model_config = ConfigDict(extra="forbid")

    category: CategoryCode
    code: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    band: Annotated[str | None, Field(min_length=1, max_length=20, examples=["all"])] = None


class ExplainQuestion(BaseModel):
    """Why a building is (not) covered for a category."""

    model_config = ConfigDict(extra="forbid")

    building: Annotated[str, Field(min_length=1, max_length=64)]
    category: CategoryCode
    circle: Circle | None = None
    minutes: Minutes | None = None
    profile: ProfileCode = "standard"
    band: Annotated[str | None, Field(min_length=1, max_length=20, examples=["80_plus"])] = None
    strict: Strict = False
    at: At | None = None
