"""What the migrations make is what the tables say, and everything survives going down, up and a rebuilt table."""

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from geoalchemy2 import Geometry

from geo_service.storage import bulk, contents, schema, spatial
from geo_service.storage.checking import check_store
from geo_service.storage.geopackage import trigger_statements
from geo_service.storage.store import create_store, migrate, open_store
from geo_service.storage.tables import metadata
from tests.storage.samples import WHO, L, areas, buildings

TABLES = sorted(metadata.tables)


@pytest.mark.parametrize("name", TABLES)
def test_migrated_tables_are_those_of_the_metadata(migrated, name):
    inspector, dialect = migrated
    table = metadata.tables[name]
    found = {column["name"]: column for column in inspector.get_columns(name)}
    # a column that was added later stands last on PostgreSQL; nothing asks for columns by their place
    assert set(found) == {column.name for column in table.columns}
    for column in table.columns:
        assert found[column.name]["nullable"] == (column.nullable and not column.primary_key), column.name
        if isinstance(column.type, Geometry):
            assert isinstance(found[column.name]["type"], Geometry)
        else:
            assert found[column.name]["type"].compile(dialect) == column.type.compile(dialect), column.name
    assert inspector.get_pk_constraint(name)["constrained_columns"] == table.primary_key.columns.keys()
    assert {(key["constrained_columns"][0], key["referred_table"]) for key in inspector.get_foreign_keys(name)} == {
        (key.parent.name, key.column.table.name) for key in table.foreign_keys
    }
    unique = {tuple(constraint["column_names"]) for constraint in inspector.get_unique_constraints(name)}
    together = {tuple(one.columns.keys()) for one in table.constraints if isinstance(one, sa.UniqueConstraint)}
    assert unique == together
    indexes = {(i["name"], tuple(i["column_names"])) for i in inspector.get_indexes(name) if not i["unique"]}
    wanted = {(i.name, tuple(i.columns.keys())) for i in table.indexes if not i.name.endswith("_geom")}
    if dialect.name == "postgresql" and "geom" in table.c:
        wanted.add((f"idx_{name}_geom", ("geom",)))
    assert indexes == wanted
    rules = {check["name"]: check["sqltext"].replace('"', "") for check in inspector.get_check_constraints(name)}
    said = {c.name: str(c.sqltext).replace('"', "") for c in table.constraints if isinstance(c, sa.CheckConstraint)}
    assert rules.keys() == said.keys()
    if dialect.name == "sqlite":  # PostgreSQL rewrites them
        assert rules == said


@pytest.fixture(scope="module", params=["embedded", "postgis"])
def migrated(request, tmp_path_factory):
    if request.param == "embedded":
        store = create_store(f"sqlite:///{tmp_path_factory.mktemp('migrated') / 'geo.gpkg'}")
    else:
        cluster = request.getfixturevalue("postgis_cluster")
        store = open_store(cluster.url(cluster.new_database()))
    with store.engine.connect() as connection:
        yield sa.inspect(connection), connection.dialect
    store.close()


def test_geometry_columns(store):
    layers = {layer.noun: layer for layer in L.values() if layer.geometry}
    with store.reading() as connection:
        if store.kind == "postgis":
            rows = connection.exec_driver_sql(
                "SELECT f_table_name, type, srid FROM geometry_columns WHERE f_geometry_column = 'geom'"
            )
            found = {name: (kind, srid) for name, kind, srid in rows}
        else:
            found = {}
            for name in layers:
                info = connection.exec_driver_sql(f'PRAGMA table_info("{name}")').fetchall()
                found[name] = (next(row[2] for row in info if row[1] == "geom"), 4326)
    assert found == {name: (layer.geometry.upper(), 4326) for name, layer in layers.items()}


def test_every_step_down_and_up(store):
    revisions = [script.revision for script in reversed(list(schema._scripts().walk_revisions()))]
    with store.engine.connect() as connection:
        for revision in [*reversed(revisions[:-1]), "base", *revisions]:
            migrate(store, connection, revision)
            assert schema.current(connection) == (None if revision == "base" else revision)
            connection.rollback()
    assert all(finding.is_sound for finding in check_store(store))
    with store.writing() as connection:
        assert bulk.upsert(connection, L["areas"], areas(), **WHO).created == 3


def test_a_migration_that_breaks_leaves_the_store_as_it_was(store, monkeypatch):
    def broken(*_args):
        raise RuntimeError

    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
    monkeypatch.setattr(contents, "unmake_geopackage", broken)  # the last step of the way down
    with store.engine.connect() as connection:
        with pytest.raises(RuntimeError):
            migrate(store, connection, "base")
        connection.rollback()
        assert schema.current(connection) == schema.head()
    with store.reading() as connection:
        assert len(bulk.ids_by_code(connection, L["areas"])) == 3


def test_both_kinds_can_be_created_in_one_process(tmp_path, postgis_cluster):
    """GeoAlchemy2 takes spatial indexes off tables while it creates them on SQLite; PostGIS must get its own."""
    create_store(f"sqlite:///{tmp_path / 'geo.gpkg'}").close()
    name = postgis_cluster.new_database(migrated=False)
    store = create_store(postgis_cluster.url(name))
    assert all(finding.is_sound for finding in check_store(store))
    store.close()
    postgis_cluster.drop(name)


def test_batch_mode_keeps_index_and_triggers(make_store_url):
    """Alembic rebuilds a SQLite table to change it, which drops its triggers: they are made again."""
    store = open_store(make_store_url("embedded"))
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.rollback()
        with connection.begin():
            operations = Operations(MigrationContext.configure(connection))
            with contents.rebuilt(connection, operations, "building") as batch:
                batch.add_column(sa.Column("colour", sa.Text()))
            with contents.rebuilt(connection, operations, "household") as batch:
                batch.drop_column("phone")
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    with store.writing() as connection:
        triggers = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'building'"
        assert connection.exec_driver_sql(triggers).scalar() == len(trigger_statements("building"))
        assert connection.exec_driver_sql("SELECT colour FROM building").fetchall() == [(None,)] * 3
        assert len(spatial.in_box(connection, L["buildings"], (0, 0, 1, 1))) == 3
        connection.exec_driver_sql("DELETE FROM building WHERE code = 'B0'")
        assert connection.exec_driver_sql("SELECT count(*) FROM rtree_building_geom").scalar() == 2
        for table, kind in (("building", "GEOMETRY"), ("household", "POINT")):
            found = f"SELECT type FROM pragma_table_info('{table}') WHERE name = 'geom'"
            assert connection.exec_driver_sql(found).scalar() == kind
        with store.engine.connect() as other:  # nothing of Alembic's stays behind
            assert other.exec_driver_sql("SELECT count(*) FROM sqlite_temp_master").scalar() == 0
        checks = sa.inspect(connection).get_check_constraints("building")
    assert "ck_building_use_choice" in {check["name"] for check in checks}
    assert all(finding.is_sound for finding in check_store(store))
    store.close()


def test_holders_of_frontages_are_taken_out_of_the_history_of_0_1(store):
    line = '{"code":"Q1","duty_order":true,"holder_name":"李掌柜"}'
    with store.engine.connect() as connection:
        migrate(store, connection, "0009")
        connection.rollback()
        with connection.execution_options(geo_begin="BEGIN IMMEDIATE").begin():
            connection.exec_driver_sql(
                "INSERT INTO history (id, layer, row_id, version, at, actor, action, after) "
                f"VALUES (1, 'frontages', 1, 1, 'x', 'x', 'created', '{line}'), "
                f"(2, 'facilities', 1, 1, 'x', 'x', 'created', '{line}')"
            )
        migrate(store, connection, "head")
        connection.rollback()
        found = connection.exec_driver_sql("SELECT after FROM history ORDER BY id").scalars().all()
        assert found == [line.replace("李掌柜", "***"), line]
        connection.rollback()
        for change in ("UPDATE history SET actor = 'y'", "DELETE FROM history"):
            with pytest.raises(sa.exc.DBAPIError, match="append_only"):
                connection.exec_driver_sql(change)
            connection.rollback()
