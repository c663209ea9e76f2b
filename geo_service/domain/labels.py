"""Labels of layers, fields and choices in both languages, from the catalogues."""

from typing import Final

from geo_service.domain.fields import Field, Layer
from geo_service.domain.reference import categories
from geo_service.foundation.texts import LANGS, text

Label = dict[str, str]
CAPACITY_UNITS: Final = ("places", "beds", "spaces", "seats", "chargers", "persons")


def label(key: str, **facts: object) -> Label:
    """Return the text of ``key`` in both languages."""
    return {lang: text(key, lang, **facts) for lang in LANGS}


def layer_label(layer: Layer) -> Label:
    """Return the plural name of a layer."""
    return label(f"layer.{layer.name}")


def layer_label_one(layer: Layer) -> Label:
    """Return what a single row of a layer is called."""
    return label(f"layer.{layer.name}.one")


def field_label(field: Field) -> Label:
    """Return the name of a field."""
    return label(f"field.{field.key}")


def choice_label(layer: str, field: str, value: str) -> Label:
    """Return the name of one value of a choice field; categories and items of the checklist name themselves."""
    if layer != "cases" and field == "category":
        return dict(categories()[value].label)
    if field == "item":
        return label(f"checklist.item.{value}")
    return label(f"choice.{layer}.{field}.{value}")


def usual_labels(layer: str, field: str) -> dict[str, Label]:
    """Return the names of codes that stand in a field anybody may write in: units of the capacity of facilities."""
    is_unit = layer == "facilities" and field == "capacity_unit"
    return {code: label(f"capacity_unit.{code}") for code in CAPACITY_UNITS} if is_unit else {}
