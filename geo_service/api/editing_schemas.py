"""Shapes of what editing is asked and answers: forms, versions, checked shapes, splits and merges."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.schemas import Answer
from geo_service.services.feature_history import MOST_VERSIONS
from geo_service.services.feature_parts import MOST_PARTS

Geometry = dict[str, Any]
Ident = Annotated[str, Field(min_length=1, max_length=64)]


class ChoiceInfo(Answer):
    """One thing to choose."""

    code: str
    label: str


class FormField(Answer):
    """One field of a form, texts in the language of the request."""

    name: str
    kind: Literal["text", "number", "integer", "date", "moment", "choice", "choices", "boolean", "reference", "json"]
    label: str
    help: str | None
    required: bool
    unit: str | None
    min: float | None
    max: float | None
    max_length: int | None
    choices: list[ChoiceInfo]
    default: str | float | bool | None
    refers_to: str | None
    is_long: bool
    is_personal: bool = Field(description="显示为掩码；原样送回不改变 / shown as a mask; sent back it changes nothing")
    editable: bool


class FormInfo(Answer):
    """What a row of a layer is made of."""

    layer: str
    geometry: list[str] = Field(description="可用的类型；空：没有自己的图形 / GeoJSON types; empty: none")
    geometry_required: bool
    code_pattern: str
    code_required: bool
    fields: list[FormField]


class ChangeInfo(Answer):
    """One value that changed; personal ones are *** before and after."""

    field: str
    label: str
    before: Any
    after: Any


class PartnerInfo(Answer):
    """Another row of a split or merge that restoring a version takes ground from, or shares it with."""

    code: str
    name: str | None
    version: int
    becomes: Literal["lost", "doubled"] = Field(
        description="lost：它已停用，恢复后这块地不属于任何一个；doubled：它在用，恢复后同一块地算两次 / "
        "lost: it is out of use and its ground would belong to nobody; doubled: its ground would belong to both"
    )
    area_m2: float | None
    length_m: float | None


class VersionInfo(Answer):
    """What one version changed; geometries where it changed them."""

    version: int
    at: str
    who: str
    action: Literal["created", "imported", "updated", "retired", "restored"]
    changes: list[ChangeInfo]
    geometry_before: Geometry | None
    geometry_after: Geometry | None
    cause: Literal["split", "merged"] | None = Field(
        description="属于一次拆分或合并 / part of a split or merge of several rows"
    )
    partners: list[str] = Field(description="同一次拆分或合并中的其他编码 / codes of the other rows of it")
    at_stake: list[PartnerInfo] = Field(
        description="恢复到这一版时受影响的其他记录 / other rows that restoring this version concerns"
    )


class HistoryInfo(Answer):
    """Versions of a row, the newest first; ``next_before`` asks for the older ones, null where there are none."""

    versions: list[VersionInfo]
    next_before: int | None


class HistoryQuestion(BaseModel):
    """Which versions."""

    model_config = ConfigDict(extra="forbid")

    before: Annotated[int | None, Field(ge=1, lt=2**53, description="只要比它旧的 / only older ones")] = None
    limit: Annotated[int, Field(ge=1, le=MOST_VERSIONS)] = 50


class RestoreAsked(BaseModel):
    """Which version a row is to be again."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, lt=2**53, examples=[1])]
    partners: dict[Ident, Annotated[int, Field(ge=1, lt=2**53)]] = Field(
        default_factory=dict,
        max_length=MOST_PARTS,
        description="一并恢复或停用的其他记录（见修改记录的 at_stake）和读到的版本 / "
        "others to bring back or retire with it (at_stake of the history), with the version each was read in",
    )


class CheckAsked(BaseModel):
    """A shape as it is drawn."""

    model_config = ConfigDict(extra="forbid")

    geometry: Geometry = Field(examples=[{"type": "Point", "coordinates": [116.32, 40.002]}])
    ident: Ident | None = Field(None, description="要改的记录；不给就是新的 / the row it is for; without: a new one")
    properties: dict[str, Any] = Field(
        default_factory=dict,
        max_length=100,
        description="表单里的值；网格的 kind、department，区域的 level、parent_code 等决定与谁比较，其余不看 / "
        "what the form says: kind, department of a grid, level, parent_code of an area … decide what it is held "
        "against; the rest is left alone",
    )


Versions = Annotated[
    dict[Ident, Annotated[int, Field(ge=1, lt=2**53)]],
    Field(max_length=MOST_PARTS, description="读到的版本，按 ident / the version each was read in, by ident"),
]


class SplitAsked(BaseModel):
    """Where a row is to be split: along a line, or into parts."""

    model_config = ConfigDict(extra="forbid")

    versions: Versions = Field(examples=[{"GS-1": 1}])
    line: Geometry | None = Field(
        None, examples=[{"type": "LineString", "coordinates": [[116.3, 40.0], [116.4, 40.1]]}]
    )
    parts: list[Geometry] = Field(default_factory=list, max_length=MOST_PARTS)
    codes: list[Ident] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="新记录的编码，自西向东 / of the new rows, west to east",
    )


class MergeAsked(BaseModel):
    """Which rows are to be one, and which of them stays."""

    model_config = ConfigDict(extra="forbid")

    idents: list[Ident] = Field(min_length=2, max_length=MOST_PARTS, examples=[["GS-1", "GS-2"]])
    keep: Ident = Field(examples=["GS-1"])
    versions: Versions = Field(examples=[{"GS-1": 1, "GS-2": 1}])


class ProblemInfo(Answer):
    """One thing that is wrong with a shape, and where."""

    kind: Literal[
        "invalid",
        "self_intersection",
        "too_many_points",
        "overlap",
        "outside_parent",
        "gap",
        "sliver",
        "homes_outside",
        "outside_areas",
        "partly_outside",
        "outside_own",
        "far_from_barrier",
        "far_from_ways",
        "crosses_ways",
        "far_from_subject",
        "near_alike",
        "crosses_grids",
        "crosses_departments",
    ]
    sentence: str
    geometry: Geometry | None
    area_m2: float | None
    ident: str | None
    layer: str | None = Field(description="ident 所在图层 / the layer of ident")
    others: list[str] = Field(
        description="同一图层中有关的其他编码 / codes of others of that layer that have part in it"
    )
    blocks: bool = Field(description="这样存不进去 / it cannot be stored like this")


class CheckedInfo(Answer):
    """A drawn shape: its size (of polygons the length around them), what is wrong; at most 50 problems are listed."""

    points_count: int | None
    area_m2: float | None
    length_m: float | None
    problems_count: int
    problems: list[ProblemInfo]
    next_code: str | None = Field(description="新记录不写编码时得到的编码 / the code a new row would be given")


class LayerProblemsQuestion(BaseModel):
    """Which grids or areas: those that share the ground with one another."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str | None, Field(max_length=20, description="网格种类 / of grids", examples=["governance"])] = None
    department: Annotated[str | None, Field(max_length=50, description="部门网格的部门 / of a department's")] = None
    level: Annotated[str | None, Field(max_length=20, description="区域层级 / of areas", examples=["community"])] = None


class LayerProblemsInfo(Answer):
    """Everything that is wrong with them: by kind, the largest first; at most 500 are listed."""

    asked: dict[str, str]
    rows_count: int
    problems_count: int
    counts: dict[str, int]
    problems: list[ProblemInfo]
