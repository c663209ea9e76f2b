"""What a field of a stored thing is: one description that tables, API schemas, imports and forms are made from."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["text", "integer", "real", "boolean", "date", "moment", "choice", "json", "reference", "bytes"]
GeometryKind = Literal["Point", "MultiLineString", "MultiPolygon", "Geometry"]
_UNITS: Final = ("m2", "m", "persons", "yuan", "share", "s", "bytes")


@dataclass(frozen=True)
class Field:
    """One field of a layer.

    Attributes
    ----------
    name
        Name in code, columns of files and JSON; ends in its unit (``_m2``, ``_persons``, ``_yuan`` …).
        A ``reference`` is named like the noun it points to (``building``): the table column is
        ``<name>_id``, files and JSON carry ``<name>_code``.
    kind
        Its type; ``date`` is ISO ``YYYY-MM-DD`` in the office's zone, ``moment`` UTC ISO-8601.
    required
        May not be empty.
    choices
        The allowed values of a ``choice``.
    minimum, maximum
        Allowed range of numbers, both ends included.
    max_length
        Longest allowed text, in characters.
    refers_to
        Plural name of the layer a ``reference`` points to.
    personal
        Personal data (PRODUCT §8): leaves the server only by right.
    filterable
        Can be used as an equality filter in lists.
    default
        Value where none is given.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 500
    refers_to: str | None = None
    personal: bool = False
    filterable: bool = False
    default: str | int | float | bool | None = None

    @property
    def column(self) -> str:
        """Name of the table column."""
        return f"{self.name}_id" if self.kind == "reference" else self.name

    @property
    def key(self) -> str:
        """Name in files and JSON."""
        return f"{self.name}_code" if self.kind == "reference" else self.name

    @property
    def unit(self) -> str | None:
        """Unit a number's name ends in, None without one."""
        last = self.name.rsplit("_", maxsplit=1)[-1]
        return last if self.kind in ("integer", "real") and last in _UNITS and last != self.name else None


@dataclass(frozen=True)
class Layer:
    """One kind of thing with a table, lists, tiles and imports.

    Attributes
    ----------
    name, noun
        Plural name (addresses, commands) and singular name (table).
    geometry
        Stored geometry type in EPSG:4326, ``None`` where the place is that of another thing.
        Single lines and polygons are stored as multi-geometries of one part.
    geometry_required
        A row without geometry is refused.
    fields
        Own fields besides the common ones (:data:`COMMON_COLUMNS`).
    code_pattern
        Regular expression a code must match completely.
    editable
        Rows can be created and changed one by one; others come only from imports.
    personal
        Whole rows are personal data: never tiled, not listed in ``gpkg_contents``.
    title_field
        Field that names a row for people.
    """

    name: str
    noun: str
    geometry: GeometryKind | None
    fields: tuple[Field, ...]
    geometry_required: bool = True
    code_pattern: str = r"[0-9A-Za-z一-鿿._:/#-]{1,64}"
    editable: bool = True
    personal: bool = False
    title_field: str = "name"

    def field(self, key: str) -> Field | None:
        """Return the own field with this name or key, None if there is none."""
        return next((f for f in self.fields if key in (f.name, f.key)), None)


# Columns every layer's table has beside its own fields; `area` and `grid` are the smallest area and the
# governance grid a row lies in, recomputed when areas or grids change.
COMMON_COLUMNS = (
    "id",
    "uid",
    "code",
    "geom",
    "area_id",
    "grid_id",
    "source",
    "licence",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "version",
    "retired_at",
    "retired_reason",
)
