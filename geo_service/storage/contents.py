"""What makes the embedded file a valid GeoPackage: its own tables and the entries of ours in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from geo_service.storage.geopackage import (
    APPLICATION_ID,
    SRID,
    USER_VERSION,
    drop_trigger_statements,
    rtree_name,
    trigger_statements,
)

_WGS84: Final = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_CGCS2000: Final = (
    'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101,'
    'AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],'
    'AUTHORITY["EPSG","4490"]]'
)
_OWN_TABLES: Final = (
    """CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
    description TEXT)""",
    """CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
    """CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
)
GPKG_TABLES: Final = ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents", "gpkg_spatial_ref_sys")
_SYSTEMS: Final = (
    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
    ("WGS 84 geodetic", SRID, "EPSG", SRID, _WGS84, "longitude/latitude coordinates in decimal degrees"),
    ("CGCS2000 geodetic", 4490, "EPSG", 4490, _CGCS2000, "longitude/latitude coordinates in decimal degrees"),
)


class GeometryColumn(sa.types.UserDefinedType[Any]):
    """The declared type of a geometry column in migrations.

    GeoAlchemy2's own type would declare every column of an embedded table as GEOMETRY; the GeoPackage standard wants
    the type that ``gpkg_geometry_columns`` names. The tables of :mod:`geo_service.storage.tables` use GeoAlchemy2's.
    """

    cache_ok = True

    def __init__(self, geometry: str) -> None:
        self.geometry = geometry.upper()

    def get_col_spec(self, **_kw: Any) -> str:
        """Return the type for DDL outside SQLite, see below."""
        return f"geometry({self.geometry}, {SRID})"


@compiles(GeometryColumn, "sqlite")
def _embedded_type(kind: GeometryColumn, _compiler: Any, **_kw: Any) -> str:
    return kind.geometry


def make_geopackage(connection: sa.Connection) -> None:
    """Create the GeoPackage's own tables and mark the file as one; nothing on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {USER_VERSION}")
    for statement in _OWN_TABLES:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", list(_SYSTEMS))


def register_layer(connection: sa.Connection, table: str, geometry: str | None, *, listed: bool) -> None:
    """Enter a table into the GeoPackage and give it its R*Tree; nothing on PostgreSQL.

    Parameters
    ----------
    connection
        A writing one.
    table, geometry
        Table name and its stored geometry type, None for a table without geometry.
    listed
        False for personal layers: indexed, but not named in ``gpkg_contents`` (PRODUCT §8).
    """
    if connection.dialect.name != "sqlite":
        return
    run = connection.exec_driver_sql
    if listed:
        run(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, ?)",
            (table, "features" if geometry else "attributes", table, SRID if geometry else None),
        )
    if geometry is None:
        return
    if listed:
        run(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
            (table, geometry.upper(), SRID),
        )
        run(
            "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', "
            "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
            (table,),
        )
    run(f'CREATE VIRTUAL TABLE "{rtree_name(table)}" USING rtree(id, minx, maxx, miny, maxy)')
    recreate_triggers(connection, table)


def recreate_triggers(connection: sa.Connection, table: str) -> None:
    """Create the R*Tree triggers of a table anew (Alembic's batch mode drops them); nothing on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return
    for statement in [*drop_trigger_statements(table), *trigger_statements(table)]:
        connection.exec_driver_sql(statement)


def unregister_layer(connection: sa.Connection, table: str) -> None:
    """Take a table out of the GeoPackage, its R*Tree with it; nothing on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return
    for statement in drop_trigger_statements(table):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{rtree_name(table)}"')
    for name in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
        connection.exec_driver_sql(f"DELETE FROM {name} WHERE table_name = ?", (table,))


def unmake_geopackage(connection: sa.Connection) -> None:
    """Drop the GeoPackage's own tables; nothing on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        for name in GPKG_TABLES:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


@contextmanager
def rebuilt(connection: sa.Connection, operations: Any, table: str) -> Iterator[Any]:
    """Yield Alembic's batch operations for a layer's table; its R*Tree triggers are made again after them.

    On the embedded store batch mode copies the table and drops the old one with its triggers; the R*Tree and the
    GeoPackage's entries stay, since ids and name do. On PostgreSQL the operations are plain ALTER statements.
    """
    if connection.dialect.name != "sqlite":
        with operations.batch_alter_table(table) as batch:
            yield batch
        return
    for statement in drop_trigger_statements(table):
        connection.exec_driver_sql(statement)
    # GeoAlchemy2 asks SpatiaLite's table for what a geometry column is
    connection.exec_driver_sql(
        "CREATE TEMP VIEW IF NOT EXISTS geometry_columns AS SELECT table_name AS f_table_name, "
        "column_name AS f_geometry_column, geometry_type_name, 'XY' AS coord_dimension, srs_id, 0 AS indexed "
        "FROM main.gpkg_geometry_columns"
    )
    found = connection.exec_driver_sql(
        "SELECT type, \"notnull\" FROM pragma_table_info(?) WHERE name = 'geom'", (table,)
    )
    geometry = [sa.Column("geom", GeometryColumn(kind), nullable=not required) for kind, required in found.fetchall()]
    try:
        with operations.batch_alter_table(table, recreate="always", reflect_args=geometry) as batch:
            yield batch
    finally:
        connection.exec_driver_sql("DROP VIEW IF EXISTS temp.geometry_columns")
    recreate_triggers(connection, table)
