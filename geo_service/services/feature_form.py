"""The form of a layer, made from its fields: what may be written, in which form, in the asker's language."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from geo_service.domain.bands import BANDS
from geo_service.domain.fields import Field, Layer
from geo_service.domain.labels import choice_label, field_label
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import write_story
from geo_service.foundation.texts import Lang, catalogue, text
from geo_service.services.context import Context
from geo_service.services.features import FREE_TEXT, check_editable
from geo_service.services.rights import may

Kind = Literal["text", "number", "integer", "date", "moment", "choice", "choices", "boolean", "reference", "json"]
# GeoJSON types a layer takes
GEOMETRIES: Final[dict[str | None, tuple[str, ...]]] = {
    None: (),
    "Point": ("Point",),
    "MultiLineString": ("LineString", "MultiLineString"),
    "MultiPolygon": ("Polygon", "MultiPolygon"),
    "Geometry": ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
}
# lists of which several are chosen, kept as JSON
_SEVERAL: Final = {"admits_bands": tuple(BANDS)}
# worked out from other rows, whatever is written
_WORKED_OUT: Final = frozenset({"is_cut_by_boundary"})
_LONG_TEXT: Final = 300  # characters from which on a text takes several lines


@dataclass(frozen=True)
class Entry:
    """One field of a form; texts in the asker's language.

    Attributes
    ----------
    name, kind, label, help, max_length, required, unit, min, max
        Key in ``properties``, form of the value, name, hint (None: none), longest text, whether it may not be empty,
        unit the number is in, allowed range.
    choices
        Code and label of what can be chosen, in order.
    default
        What is kept where nothing is given.
    refers_to
        Layer of whose codes a reference is one.
    is_long, is_personal, editable
        Whether the text takes several lines; whether it is personal (shown as a mask: sending the mask back changes
        nothing); whether it can be written.
    """

    name: str
    kind: Kind
    label: str
    help: str | None
    max_length: int | None
    required: bool = False
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    choices: tuple[dict[str, str], ...] = ()
    default: Any = None
    refers_to: str | None = None
    is_long: bool = False
    is_personal: bool = False
    editable: bool = True


@dataclass(frozen=True)
class Form:
    """What a row of a layer is made of: GeoJSON types it takes, what its code looks like, its fields in order."""

    layer: str
    geometry: tuple[str, ...]
    geometry_required: bool
    code_pattern: str
    code_required: bool
    fields: tuple[Entry, ...]


def form_of(ctx: Context, layer: Layer) -> Form:
    """Return the form of a layer, for who may write in it; Conflict ``layer_read_only`` where nobody may."""
    may(ctx.actor, write_story(layer.name))
    check_editable(layer)
    entries = [_entry(layer, field, ctx.lang) for field in layer.fields if field.kind != "bytes"]
    entries += [
        Entry(key, "text", text(f"field.{key}", ctx.lang), _help(layer, key, ctx.lang), longest)
        for key, longest in FREE_TEXT.items()
    ]
    return Form(
        layer.name,
        GEOMETRIES[layer.geometry],
        layer.geometry_required,
        layer.code_pattern,
        layer.name == "areas",  # others are given one
        tuple(entries),
    )


def _entry(layer: Layer, field: Field, lang: Lang) -> Entry:
    several = _SEVERAL.get(field.key, ())
    choices = [(code, choice_label(layer.name, field.name, code)[lang]) for code in field.choices]
    choices += [(code, text(f"band.{code}", lang)) for code in several]
    return Entry(
        name=field.key,
        kind="choices" if several else _kind(field),
        label=field_label(field)[lang],
        help=_help(layer, field.key, lang),
        required=field.required,
        unit=field.unit,
        min=field.minimum,
        max=field.maximum,
        max_length=field.max_length if field.kind == "text" else None,
        choices=tuple({"code": code, "label": label} for code, label in choices),
        default=field.default,
        refers_to=LAYERS[field.refers_to].name if field.refers_to else None,
        is_long=field.kind == "text" and field.max_length >= _LONG_TEXT,
        is_personal=field.personal,
        editable=field.key not in _WORKED_OUT,
    )


def _kind(field: Field) -> Kind:
    match field.kind:
        case "real":
            return "number"
        case "text" | "integer" | "date" | "moment" | "choice" | "boolean" | "reference" | "json":
            return field.kind
    raise ValueError(field.kind)  # bytes are in no form


def _help(layer: Layer, key: str, lang: Lang) -> str | None:
    """Return the hint for a field of this layer, else for all fields of this name."""
    hints = catalogue(lang)
    return hints.get(f"help.{layer.name}.{key}", hints.get(f"help.{key}"))
