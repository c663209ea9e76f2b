"""Results of analyses as files: CSV, JSON, GeoJSON, GeoPackage by the file's ending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely import Geometry
from shapely.geometry import shape
from sqlalchemy import Connection

from geo_service.analysis.coverage import ROW_COLUMNS
from geo_service.domain.layers import LAYERS
from geo_service.exchange.points import read_points
from geo_service.exchange.write import check_target, write_csv, write_geojson, write_gpkg, write_json
from geo_service.foundation.errors import InvalidInput
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.headlines import with_concerned
from geo_service.services.limit_rules import LIMIT_COLUMNS, limit_columns
from geo_service.services.readings import if_closed, reading_column, rows_of
from geo_service.services.rights import may
from geo_service.services.times import COLUMNS, Times
from geo_service.storage.frames import read_frame

# the same in every row of a coverage CSV, which has no other place for them
CONSTANT_COLUMNS: Final = ("people_basis", "run_uid", "profile", "attribution")
_COVERAGE_KEY: Final = ("level", "code", "category", "band")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Rows for a file: names of the columns, a mapping per row, and the shape of each in EPSG:4326 if they have any."""

    columns: Sequence[str]
    rows: Sequence[dict[str, Any]]
    shapes: Sequence[Geometry | None] | None = None


def check_out(path: Path, endings: Sequence[str], store_path: Path | None) -> None:
    """Refuse a result file before long work.

    Raises InvalidInput ``out_ending`` (not one of ``endings``), ``out_is_store`` (the file is the open store);
    FileFault ``folder_missing``, ``file_is_folder``.
    """
    if path.suffix.lower() not in endings:
        raise InvalidInput("out_ending", file=str(path), known=", ".join(endings))
    check_target(path)
    if store_path is not None and path.resolve() == store_path.resolve():
        raise InvalidInput("out_is_store", file=str(path))


def points_of(path: Path) -> tuple[list[str], Floats, Floats]:
    """Return ids, longitudes and latitudes of a user's points; raises as ``exchange.points.read_points``."""
    points = read_points(path)
    return points.id, points.lon, points.lat


def write_times(ctx: Context, path: Path, times: Times) -> None:
    """Write walks as CSV with the columns of :data:`times.COLUMNS`; ids and codes verbatim."""
    may(ctx.actor, "export")
    note_export(ctx, path, "times")
    write_csv(path, COLUMNS, times.rows(), for_machines=True)


def write_coverage(conn: Connection, ctx: Context, path: Path, result: dict[str, Any]) -> None:
    """Write a coverage result: JSON whole, CSV its rows, GeoPackage its rows with the polygons of areas or grids.

    ``docs/results.md`` lists the columns. Every row says its limit and the rules that rests on; the CSV repeats run,
    profile and attribution, too. Rows of both readings of what is not known to be closed stand beside each other
    (:mod:`geo_service.services.readings`). Where a category is there for certain ages a row of band ``concerned``
    stands before the others.
    """
    may(ctx.actor, "export")
    note_export(ctx, path, "coverage", run=result["uid"])
    result = _with_concerned(result)
    columns = [*ROW_COLUMNS, "withheld"] if "people_rounded_to" in result else list(ROW_COLUMNS)
    columns += [*reading_column(result), *LIMIT_COLUMNS]
    limits = {rule["category"]: limit_columns(rule) for rule in result["rules"]}
    both = (rows_of(result, name, _COVERAGE_KEY, changed_only=True) for name in ("totals", "rows"))
    totals, rows = ([row | limits[row["category"]] for row in some] for some in both)
    if path.suffix.lower() == ".json":
        write_json(path, result)
    elif path.suffix.lower() == ".csv":
        run = (result["people_basis"], result["uid"], result["parameters"]["profile"])
        same = dict(zip(CONSTANT_COLUMNS, (*run, "; ".join(result["attribution"])), strict=True)) | _time(result)
        write_csv(path, [*columns, *same], [row | same for row in (*totals, *rows)])
    else:
        about = _about(result, ("uid", "created_at", "code_version", "limit", "rules", "people_basis", "notes"))
        sums = pd.DataFrame(totals, columns=columns)
        write_gpkg(
            path, {"coverage": _with_outlines(conn, result["by"], rows, columns), "totals": sums, "about": about}
        )


def _with_concerned(result: dict[str, Any]) -> dict[str, Any]:
    """Return a coverage result with rows of those a category is there for, in both readings."""
    tables = ("totals", "rows")
    made: dict[str, Any] = {**result, **{name: with_concerned(result[name]) for name in tables}}
    if "if_closed" in result:
        full = {}
        for name in tables:
            other = {_named(row): row for row in result["if_closed"].get(name, ())}
            full[name] = with_concerned([other.get(_named(row), row) for row in result[name]])
        made |= if_closed(made, full, tables)
    return made


def _named(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in _COVERAGE_KEY)


def _with_outlines(
    conn: Connection, by: str, rows: Sequence[dict[str, Any]], columns: Sequence[str]
) -> gpd.GeoDataFrame:
    """Return rows with the polygon each is about (None for homes in no area)."""
    frame = _typed(pd.DataFrame(rows, columns=list(columns)))
    layer = "grids" if by in ("grid", "unit_grid") else "areas"
    outlines = read_frame(conn, LAYERS[layer], ["code"])
    by_code = dict(zip(outlines["code"], outlines.geometry, strict=True))
    return gpd.GeoDataFrame(frame, geometry=[by_code.get(code) for code in frame["code"]], crs="EPSG:4326")


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose columns of nothing have a type that a file can keep."""
    for column in rows.columns:
        if rows[column].isna().all():
            rows[column] = rows[column].astype(object).where(rows[column].notna(), None)
    return rows


def coverage_outlines(conn: Connection, result: dict[str, Any]) -> dict[str, tuple[str, Geometry | None]]:
    """Return name and polygon of every area or grid of a coverage result by code, in its order."""
    rows = {row["code"]: row["name"] for row in result["rows"] if row["code"] is not None}
    layer = "grids" if result["by"] in ("grid", "unit_grid") else "areas"
    outlines = read_frame(conn, LAYERS[layer], ["code"])
    by_code = dict(zip(outlines["code"], outlines.geometry, strict=True))
    return {code: (name or code, by_code[code]) for code, name in rows.items() if code in by_code}


RESULT_ENDINGS: Final = (".json", ".csv", ".gpkg")


def write_result(ctx: Context, path: Path, result: dict[str, Any], tables: Mapping[str, Table]) -> None:
    """Write the result of any run: JSON whole; CSV the rows of the first table; GeoPackage all tables and ``about``.

    Parameters
    ----------
    ctx
        As every story's; the export is noted in the audit.
    path
        File to write; its ending decides (:data:`RESULT_ENDINGS`).
    result
        As :func:`geo_service.services.told.shown_result` gives it, with ``attribution`` and ``notes``.
    tables
        Tables by name, the most important one first.
    """
    may(ctx.actor, "export")
    note_export(ctx, path, result["kind"], run=result["uid"])
    if path.suffix.lower() == ".json":
        write_json(path, result)
        return
    source = "; ".join(result["attribution"])
    if path.suffix.lower() == ".csv":
        first = next(iter(tables.values()))
        same = {"run_uid": result["uid"], "attribution": source, **_time(result)}
        write_csv(path, [*first.columns, *same], [row | same for row in first.rows])
        return
    frames: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {}
    for name, table in tables.items():
        rows = _typed(pd.DataFrame(table.rows, columns=list(table.columns)))
        if table.shapes is None:
            frames[name] = rows
        else:
            frames[name] = gpd.GeoDataFrame(rows, geometry=list(table.shapes), crs="EPSG:4326")
    frames["about"] = _about(result, ("uid", "created_at", "code_version", "notes"))
    write_gpkg(path, frames)


def write_comparison(ctx: Context, path: Path, found: dict[str, Any]) -> None:
    """Write how two runs differ (:func:`geo_service.services.run_checks.compare`): JSON whole, CSV a line a value."""
    may(ctx.actor, "export")
    note_export(ctx, path, found["kind"], run=" ".join(run["uid"] for run in found["runs"]))
    if path.suffix.lower() == ".json":
        write_json(path, found)
        return
    rows = [{"part": part, **line} for part in ("parameters", "inputs", "figures") for line in found[part]]
    write_csv(path, ["part", "place", "before", "after", "change"], rows)


def write_circles(ctx: Context, path: Path, result: dict[str, Any]) -> None:
    """Write circles: GeoJSON whole, GeoPackage with one table per kind of feature and what they rest on (about).

    Features of both readings of what is not known to be closed stand beside each other (``reading``).
    """
    may(ctx.actor, "export")
    note_export(ctx, path, "circles")
    features = [*result["features"], *result.get("if_closed", {}).get("features", ())]
    if path.suffix.lower() == ".geojson":
        extra = {key: value for key, value in result.items() if key not in ("type", "features", "if_closed")}
        write_geojson(path, features, extra=extra)
        return
    frames: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {}
    for kind in ("circle", "paper", "streets", "snap"):
        those = [one for one in features if one["properties"]["kind"] == kind]
        if those:
            table = pd.DataFrame([one["properties"] for one in those])
            frames[kind] = gpd.GeoDataFrame(table, geometry=[shape(one["geometry"]) for one in those], crs="EPSG:4326")
    frames["about"] = _about(result, ("people_basis", "notes"))
    write_gpkg(path, frames)


def _time(result: Mapping[str, Any]) -> dict[str, str]:
    """Return the column of the time of day gates were open or shut by, nothing where none was asked about."""
    at = result["parameters"].get("at")
    return {} if at is None else {"at": at}


def _about(result: dict[str, Any], facts: Sequence[str]) -> pd.DataFrame:
    """Return the one row that says what a GeoPackage's figures rest on."""
    told = {key: result[key] for key in facts}
    return pd.DataFrame([{**told, "attribution": "; ".join(result["attribution"]), "parameters": result["parameters"]}])
