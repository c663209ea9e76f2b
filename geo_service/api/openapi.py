"""The API's description: what FastAPI knows, the routes of every layer one by one, problems in place of its own."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from geo_service.api import idempotency, schemas
from geo_service.api.queries import PAGE_NAMES
from geo_service.api.refusals import add_refusals
from geo_service.domain.fields import Field, Layer
from geo_service.domain.labels import choice_label, field_label, layer_label
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import COUNTS
from geo_service.services.feature_form import GEOMETRIES
from geo_service.services.features import LIST_MAXIMUM, OFFSET_MAXIMUM, filter_keys, sort_keys

_DESCRIPTION: Final = (
    "共同缔造地图的接口。坐标一律先经度后纬度（EPSG:4326）；出错时回答问题详情（RFC 9457），中英两种文字。"
    "\n\nThe interface of the community environment map. Longitude first (EPSG:4326) everywhere; every refusal is a "
    "problem detail (RFC 9457) with its sentence in Chinese and English."
)
_SUBJECTS: Final = {
    "summary": "概览、就绪、查找 / at a glance, readiness, search",
    "layers": "图层目录 / what layers there are",
    "reference": "参考数据与样式 / reference data and styles",
    "rules": "标准规则 / rules of the standards",
    "analyses": "分析 / analyses",
    "scenarios": "情景与项目效果 / scenarios and effects of projects",
    "views": "保存的地图视图 / saved views of the map",
    "runs": "分析结果 / runs",
    "board": "看板 / the board",
    "tiles": "矢量瓦片 / vector tiles",
    "editing": "编辑：表单、检查、拆分合并、历史 / editing: forms, checks, split and merge, history",
    "audit": "审计 / the audit",
    "persons": "个人信息 / persons: revealed, exported, erased",
    "sign-in": "登录与我的账号 / signing in and one's own account",
    "accounts": "账号管理 / everybody's accounts",
}
_GEOJSON: Final = "application/geo+json"
_NO_NAMES: Final = "不要写姓名、电话 / no names or phones of persons here"
_FREE_TEXT: Final = 500  # characters from which on a text is one in which anything could be written
_REF: Final = "#/components/schemas/"
_TYPES: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "choice": {"type": "string"},
    "reference": {"type": "string", "maxLength": 64},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer"},
    "real": {"type": "number"},
    "boolean": {"type": "boolean"},
    "json": {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}]},
}
_EXAMPLES: Final[dict[str, Any]] = {
    "Point": {"type": "Point", "coordinates": [116.32, 40.002]},
    "MultiLineString": {"type": "LineString", "coordinates": [[116.32, 40.002], [116.321, 40.003]]},
    "MultiPolygon": {
        "type": "Polygon",
        "coordinates": [[[116.32, 40.0], [116.33, 40.0], [116.33, 40.01], [116.32, 40.01], [116.32, 40.0]]],
    },
}


def install(app: FastAPI) -> None:
    """Make ``app`` describe itself by :func:`describe`."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document."""
    document = get_openapi(
        title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes, license_info=None
    )
    for name in ("HTTPValidationError", "ValidationError"):
        document.setdefault("components", {}).setdefault("schemas", {}).pop(name, None)
    components = document["components"]["schemas"]
    components["Problem"] = schemas.Problem.model_json_schema(ref_template=_REF + "{model}")
    for layer in LAYERS.values():
        _describe_layer(layer, document["paths"], components)
    tiled = [layer.name for layer in LAYERS.values() if layer.geometry is not None]
    for parameter in document["paths"]["/tiles/{layer}/{z}/{x}/{y}.mvt"]["get"]["parameters"]:
        if parameter["name"] == "layer":
            parameter["schema"] = {"type": "string", "enum": tiled}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            add_refusals(path, method, operation)
    document["tags"] = [{"name": name, "description": words} for name, words in _SUBJECTS.items()]
    document["tags"] += [{"name": layer.name, "description": _both(layer_label(layer))} for layer in LAYERS.values()]
    return document


def _describe_layer(layer: Layer, paths: dict[str, Any], components: dict[str, Any]) -> None:
    title = "".join(part.capitalize() for part in layer.noun.split("_"))
    components[f"{title}Feature"] = _feature(layer, title)
    components[f"{title}Collection"] = {
        "type": "object",
        "required": ["type", "features", "numberMatched", "numberReturned", "links"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": {"$ref": f"{_REF}{title}Feature"}},
            "numberMatched": {"type": "integer"},
            "numberReturned": {"type": "integer"},
            "links": {"type": "array", "items": {"type": "object"}},
        },
        "additionalProperties": False,
    }
    label = layer_label(layer)
    one = {"$ref": f"{_REF}{title}Feature"}
    etag = {"ETag": {"schema": {"type": "string"}}}
    ident = {"name": "ident", "in": "path", "required": True, "description": "uid / code", "schema": _text(64)}
    answer = {"description": "OK", "headers": etag, "content": {_GEOJSON: {"schema": one}}}
    paths.setdefault(f"/api/{layer.name}", {})["get"] = {
        "tags": [layer.name],
        "operationId": f"list_{layer.name}",
        "summary": f"列出{label['zh']} / List {label['en']}",
        "parameters": _list_parameters(layer),
        "responses": {
            "200": {
                "description": "OK",
                "headers": etag,
                "content": {_GEOJSON: {"schema": {"$ref": f"{_REF}{title}Collection"}}},
            },
            "304": {"description": "not changed"},
        },
    }
    paths[f"/api/{layer.name}/{{ident}}"] = {
        "get": {
            "tags": [layer.name],
            "operationId": f"get_{layer.noun}",
            "summary": f"一个{label['zh']} / One of the {label['en']}",
            "parameters": [ident],
            "responses": {"200": answer, "304": {"description": "not changed"}},
        }
    }
    if not layer.editable:
        return
    components[f"{title}New"] = _new(layer)
    components[f"{title}Change"] = _change(layer)
    paths[f"/api/{layer.name}"]["post"] = {
        "tags": [layer.name],
        "operationId": f"create_{layer.noun}",
        "summary": f"新增{label['zh']} / Add to the {label['en']}",
        "description": "没有 code 时按地点和种类自动编码。 / Without a code it is given the next of its kind there.",
        "parameters": [idempotency.PARAMETER],
        "requestBody": _body(f"{title}New", _new_example(layer)),
        "responses": {
            "201": {
                "description": "Created",
                "headers": {**etag, "Location": {"schema": {"type": "string"}}},
                "content": {_GEOJSON: {"schema": one}},
            }
        },
    }
    version = {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": '读到的 version,加引号,或 ETag / the version that was read, in quotes: "3"; or the ETag',
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}(-[0-9a-f]{12})?"$', "examples": ['"1"']},
    }
    paths[f"/api/{layer.name}/{{ident}}"]["patch"] = {
        "tags": [layer.name],
        "operationId": f"change_{layer.noun}",
        "summary": f"修改{label['zh']} / Change one of the {label['en']}",
        "description": "别人先改了：412，current 是现在的样子。 / Changed meanwhile: 412, current is the row now.",
        "parameters": [ident, version],
        "requestBody": _body(f"{title}Change", {"properties": {"source": "现场核对 / checked on the spot"}}),
        "responses": {"200": answer},
    }
    paths[f"/api/{layer.name}/{{ident}}/retire"] = {
        "post": {
            "tags": [layer.name],
            "operationId": f"retire_{layer.noun}",
            "summary": f"停用{label['zh']} / Retire one of the {label['en']}",
            "description": "不删除；编码不再给别人用。 / Nothing is deleted; the code stays taken.",
            "parameters": [ident, version],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["reason"],
                            "additionalProperties": False,
                            "properties": {"reason": {**_text(500), "description": _NO_NAMES}},
                        },
                        "example": {"reason": "已拆除 / demolished"},
                    }
                },
            },
            "responses": {"200": answer},
        }
    }


def _list_parameters(layer: Layer) -> list[dict[str, Any]]:
    sorts = [sign + key for key in sort_keys(layer) for sign in ("", "-")]
    shapes: dict[str, tuple[str, dict[str, Any]]] = {
        "bbox": (
            "西，南，东，北（度） / west,south,east,north in degrees",
            {"type": "string", "examples": ["116.3,40,116.4,40.1"]},
        ),
        "within": (
            "多边形内：WKT 或 GeoJSON 的 Polygon、MultiPolygon（度，先经度），或一个区域的编码；按几何上的代表点判断 / "
            "inside a polygon: WKT or GeoJSON Polygon, MultiPolygon in degrees, longitude first, or the code of an "
            "area; decided by a point on each geometry",
            {"type": "string", "examples": ["POLYGON((116.3 40,116.4 40,116.4 40.1,116.3 40))"]},
        ),
        "limit": ("行数 / rows", {"type": "integer", "minimum": 1, "maximum": LIST_MAXIMUM, "default": 100}),
        "offset": ("跳过 / skip", {"type": "integer", "minimum": 0, "maximum": OFFSET_MAXIMUM, "default": 0}),
        "sort": ("排序，-为倒序 / order, - turns it round", {"type": "string", "enum": sorts, "default": "code"}),
        "is_retired": ("包括停用的 / with the retired ones", {"type": "boolean", "default": False}),
    }
    found = [
        {"name": name, "in": "query", "description": shapes[name][0], "schema": shapes[name][1]} for name in PAGE_NAMES
    ]
    for key in filter_keys(layer):
        field = layer.field(key)
        schema = _text(100) if field is None else _value(field)
        named = {"zh": key, "en": key} if field is None else field_label(field)
        found.append({"name": key, "in": "query", "description": _both(named), "schema": schema})
    return found


def _feature(layer: Layer, title: str) -> dict[str, Any]:
    common: dict[str, Any] = {
        "uid": {"type": "string"},
        "code": {"type": "string"},
        "version": {"type": "integer"},
        **{key: _nullable({"type": "string"}) for key in ("area_code", "grid_code", "source", "licence")},
        **{key: {"type": "string"} for key in ("created_at", "created_by", "updated_at", "updated_by")},
        "retired_at": _nullable({"type": "string"}),
        "retired_reason": {
            **_nullable({"type": "string"}),
            "description": f"只给可以修改这一图层的人看；{_NO_NAMES}; for those who may write the layer",
        },
    }
    own = {f.key: _answered(layer, f) for f in layer.fields if f.kind != "bytes"}
    if layer.name in COUNTS:
        told = "人口、户数已取整，true 为少于 5 不公布 / people, households are rounded; true: few are withheld"
        own["withheld"] = {"type": "boolean", "description": told}
    return {
        "title": f"{title}Feature",
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": _nullable({"type": "object"}),
            "properties": {
                "type": "object",
                "required": list(common),
                "additionalProperties": False,
                "properties": {**common, **own},
            },
        },
        "additionalProperties": False,
    }


def _answered(layer: Layer, field: Field) -> dict[str, Any]:
    schema = _described(layer, field)
    return schema if field.required and not field.personal else _nullable(schema)  # personal: not for everybody


def _described(layer: Layer, field: Field) -> dict[str, Any]:
    text = _both(field_label(field))
    if field.choices:
        labels = [f"{c} {_both(choice_label(layer.name, field.name, c))}" for c in field.choices]
        text += ": " + "; ".join(labels)
    if field.kind == "text" and not field.personal and field.max_length >= _FREE_TEXT:
        text += f": {_NO_NAMES}"
    return {**_value(field), "description": text}


def _value(field: Field) -> dict[str, Any]:
    schema = dict(_TYPES[field.kind])
    if field.kind == "choice":
        schema["enum"] = list(field.choices)
    if field.kind == "text":
        schema["maxLength"] = field.max_length
    limits = {"minimum": field.minimum, "maximum": field.maximum}
    return schema | {key: limit for key, limit in limits.items() if limit is not None}


def _writable(layer: Layer) -> dict[str, Any]:
    own = {
        f.key: _described(layer, f) if f.required else _nullable(_described(layer, f))
        for f in layer.fields
        if f.kind != "bytes"
    }
    source = {**_nullable(_text(500)), "description": _NO_NAMES}
    return {**own, "source": source, "licence": _nullable(_text(200))}


def _new(layer: Layer) -> dict[str, Any]:
    needed = [f.key for f in layer.fields if f.required and f.default is None and f.kind != "bytes"]
    properties = {"code": {**_text(64), "pattern": f"^(?:{layer.code_pattern})$"}, **_writable(layer)}
    required = ["type", "properties"] + (["geometry"] if layer.geometry_required else [])
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": _geometry(layer),
            "properties": {
                "type": "object",
                "required": needed,
                "additionalProperties": False,
                "properties": properties,
            },
        },
    }


def _change(layer: Layer) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {
            "properties": {"type": "object", "additionalProperties": False, "properties": _writable(layer)},
            "geometry": _geometry(layer),
        },
    }


def _geometry(layer: Layer) -> dict[str, Any]:
    if layer.geometry is None:
        return {"type": "null"}
    shape = {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"enum": list(GEOMETRIES[layer.geometry])},
            "coordinates": {"type": "array", "items": {}},
        },
    }
    return shape if layer.geometry_required else _nullable(shape)


def _new_example(layer: Layer) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in layer.fields:
        if field.required and field.default is None:
            values[field.key] = _sample(field)
    geometry = None if layer.geometry is None else _EXAMPLES.get(layer.geometry, _EXAMPLES["Point"])
    code = "990101001001" if layer.name == "areas" else "SL-001"
    return {"type": "Feature", "geometry": geometry, "properties": {"code": code, **values}}


def _sample(field: Field) -> Any:
    if field.kind == "choice":
        return field.choices[0]
    samples = {"date": "2026-01-15", "moment": "2026-01-15T08:30:00Z", "boolean": True, "integer": 1, "real": 1.0}
    return samples.get(field.kind, "示例")


def _body(schema: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": f"{_REF}{schema}"}, "example": example}
    return {"required": True, "content": {"application/json": content, _GEOJSON: content}}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _both(label: dict[str, str]) -> str:
    return f"{label['zh']} / {label['en']}"
