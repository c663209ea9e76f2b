"""The problems of a layer as a file, for whoever mends them in another tool."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from geo_service.domain.fields import Layer
from geo_service.exchange.write import write_csv, write_geojson, write_gpkg
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.layer_problems import LayerProblems
from geo_service.services.rights import may
from geo_service.services.summary import attribution
from geo_service.storage.frames import read_frame

if TYPE_CHECKING:
    from sqlalchemy import Connection

OUT_ENDINGS: Final = (".gpkg", ".geojson", ".json", ".csv")
_COLUMNS: Final = ("kind", "sentence", "code", "others", "area_m2")


def write_problems(conn: "Connection", ctx: Context, path: Path, layer: Layer, found: LayerProblems) -> None:
    """Write problems by the file's ending (:data:`OUT_ENDINGS`); CSV has no shapes. The export is noted in the audit.

    Raises as :func:`geo_service.exchange.write.write_csv`; Forbidden.
    """
    may(ctx.actor, "export")
    note_export(ctx, path, "problems", layer=layer.name, **found.asked)
    sources = read_frame(conn, layer, ["source", "licence"], geometry=False, where=found.asked).drop_duplicates()
    source = "; ".join(attribution(list(sources.itertuples(index=False, name=None))))
    rows = [
        {
            "kind": one.kind,
            "sentence": one.sentence,
            "code": one.ident,
            "others": ", ".join(one.others),
            "area_m2": None if one.area_m2 is None else round(one.area_m2, 1),
        }
        for one in found.problems
    ]
    if path.suffix.lower() == ".csv":
        write_csv(path, [*_COLUMNS, "attribution"], [{**row, "attribution": source} for row in rows])
        return
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame = gpd.GeoDataFrame(table, geometry=[one.shape for one in found.problems], crs="EPSG:4326")
    about = {"rows_count": found.rows_count, "problems_count": found.problems_count, "attribution": source}
    if path.suffix.lower() == ".gpkg":
        told = {"asked": ", ".join(f"{key}={value}" for key, value in found.asked.items()), **about}
        write_gpkg(path, {"problems": frame, "about": pd.DataFrame([told])})
    else:
        write_geojson(path, frame, extra={"asked": dict(found.asked), **about})
