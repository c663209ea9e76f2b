"""What layers there are: their fields, labels, choices, versions and numbers of rows."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from geo_service.api import schemas
from geo_service.api.door import Doored, etag_of, json_response, not_modified
from geo_service.domain.fields import Field, Layer
from geo_service.domain.labels import choice_label, field_label, layer_label, layer_label_one, usual_labels
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import write_story
from geo_service.domain.works import PHOTO_SUBJECTS
from geo_service.services import features
from geo_service.services.reveal import REASON_LONGEST, REASON_SHORTEST

router = APIRouter(tags=["layers"])
_REASON = {"shortest": REASON_SHORTEST, "longest": REASON_LONGEST}


@router.get(
    "/api/layers",
    summary="所有图层 / All layers",
    description="每个图层的字段、可选值、版本和在用行数。 / Fields, choices, version and number of rows in use.",
    response_model=list[schemas.LayerInfo],
)
def list_layers(door: Doored) -> Response:
    """Return every layer of which the asker may read anything, with its fields."""
    with door.reading() as (conn, ctx):
        versions = features.versions_now(conn, ctx)
        seers = features.counts_seen(ctx)
        etag = etag_of("layers", sorted(versions.items()), seers)
        if door.is_known(etag):
            return not_modified(etag)
        counts = door.service.remembered.get(f"counts {seers}", versions, lambda: features.count_rows(conn, ctx))
    return json_response(
        [describe(layer, versions.get(name, 0), counts[name]) for name, layer in LAYERS.items() if name in counts],
        headers={"ETag": etag},
    )


def describe(layer: Layer, version: int, count: int) -> dict[str, Any]:
    """Return a layer as JSON values."""
    return {
        "name": layer.name,
        "noun": layer.noun,
        "label": layer_label(layer),
        "label_one": layer_label_one(layer),
        "geometry": layer.geometry,
        "geometry_required": layer.geometry_required,
        "editable": layer.editable,
        "write_story": write_story(layer.name),
        "personal": layer.personal,
        "title_field": layer.title_field,
        "code_pattern": layer.code_pattern,
        "takes_photos": layer.name in PHOTO_SUBJECTS,
        "reveal_reason": _REASON if any(field.personal for field in layer.fields) else None,
        "fields": [_field(layer, field) for field in layer.fields if field.kind != "bytes"],
        "filters": list(features.filter_keys(layer)),
        "sorts": list(features.sort_keys(layer)),
        "version": version,
        "count": count,
    }


def _field(layer: Layer, field: Field) -> dict[str, Any]:
    return {
        "key": field.key,
        "kind": field.kind,
        "required": field.required,
        "choices": list(field.choices),
        "choice_labels": {choice: choice_label(layer.name, field.name, choice) for choice in field.choices}
        | usual_labels(layer.name, field.name),
        "unit": field.unit,
        "label": field_label(field),
        "refers_to": field.refers_to,
        "filterable": field.filterable,
        "personal": field.personal,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "max_length": field.max_length if field.kind == "text" else None,
        "default": field.default,
    }
