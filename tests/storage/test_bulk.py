import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame

from geo_service.foundation.errors import InvalidInput
from geo_service.storage import bulk, rows, versions
from geo_service.storage.store import open_store
from tests.storage.samples import LATER_WHO, WHO, L, areas, buildings, history

MANY = 1500  # past the size from which indexes are filled afterwards


def many(count: int = MANY) -> GeoDataFrame:
    rng = np.random.default_rng(7)
    return buildings(rng.uniform(0, 0.2, count), size=0.0001)


def upsert(store, layer, frame, **who):
    with store.writing() as connection:
        return bulk.upsert(connection, L[layer], frame, **{**WHO, **who})


@pytest.mark.parametrize("count", [3, MANY])
def test_same_frame_twice_changes_nothing(store, count):
    frame = many(count)
    assert upsert(store, "buildings", frame) == bulk.Upserted(count, 0, 0)
    with store.reading() as connection:
        first = bulk.read_frame(connection, L["buildings"], ["id", "uid", "code", "name", "version", "updated_at"])
        version = versions.layer_versions(connection)["buildings"]
    assert upsert(store, "buildings", frame, **LATER_WHO) == bulk.Upserted(0, 0, count)
    with store.reading() as connection:
        again = bulk.read_frame(connection, L["buildings"], ["id", "uid", "code", "name", "version", "updated_at"])
        assert versions.layer_versions(connection)["buildings"] == version
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(again))


def test_values_come_back_as_they_went_in(store):
    frame = buildings()
    upsert(store, "buildings", frame)
    columns = ["code", "name", "floors", "height_m", "has_lift", "source", "quarter_code", "retired_at"]
    with store.reading() as connection:
        found = bulk.read_frame(connection, L["buildings"], columns)
        one = rows.get(connection, L["buildings"], "B2")
    assert list(found.columns) == [*columns, "geometry"]
    assert found["name"].tolist() == ["一号楼", None, "tab\tnewline\nback\\slash"]
    assert found["has_lift"].tolist() == [True, None, False]
    assert found["floors"].isna().tolist() == [False, True, False]
    assert found["height_m"].dtype == np.float64
    assert found.crs.to_epsg() == 4326
    assert shapely.equals_exact(found.geometry.array, frame.geometry.array).all()
    assert (one["name"], one["floors"], one["has_lift"]) == ("tab\tnewline\nback\\slash", 30, False)


def test_frames_are_typed_the_same_on_both_stores(store):
    upsert(store, "buildings", many(10))
    with store.reading() as connection:
        found = bulk.read_frame(
            connection, L["buildings"], ["id", "floors", "is_cut_by_boundary", "has_lift", "height_m"]
        )
        empty = bulk.read_frame(connection, L["buildings"], ["id", "floors", "code"], where={"code": "none"})
    assert [str(kind) for kind in found.dtypes] == ["int64", "float64", "bool", "object", "float64", "geometry"]
    assert (len(empty), list(empty.columns)) == (0, ["id", "floors", "code", "geometry"])


@pytest.mark.parametrize("count", [3, MANY])
def test_only_changed_rows_are_written(store, count):
    frame = many(count)
    upsert(store, "buildings", frame)
    frame.loc[1, "floors"] = 9
    frame.loc[2, "geometry"] = shapely.box(1, 1, 1.001, 1.001)
    assert upsert(store, "buildings", frame, **LATER_WHO) == bulk.Upserted(0, 2, count - 2)
    with store.reading() as connection:
        row = rows.get(connection, L["buildings"], "B1")
        lines = history(connection, L["buildings"], row["id"])
        assert rows.page(connection, L["buildings"], bbox=(0.9, 0.9, 1.1, 1.1)).total == 1
    assert (row["version"], row["floors"], row["updated_at"]) == (2, 9, "2026-03-02T08:00:00.000Z")
    assert [(line["action"], line["after"]) for line in lines] == [("updated", {"floors": 9})]


def test_columns_that_are_not_given_keep_their_values(store):
    upsert(store, "buildings", buildings())
    changed = upsert(store, "buildings", pd.DataFrame({"code": ["B0", "B1"], "floors": [1, 2]}))
    assert changed == bulk.Upserted(0, 2, 0)
    with store.reading() as connection:
        row = rows.get(connection, L["buildings"], "B0")
    assert (row["floors"], row["name"], row["source"]) == (1, "一号楼", "test")


def test_defaults_and_references(store):
    upsert(store, "areas", areas())
    houses = buildings()[["code", "geometry"]].assign(registered_area_code=["990101001002", None, None])
    upsert(store, "buildings", houses)
    with store.reading() as connection:
        west = rows.get(connection, L["areas"], "990101001001")
        found = bulk.read_frame(connection, L["buildings"], ["use", "registered_area_code"], geometry=False)
        only = bulk.read_frame(
            connection, L["buildings"], ["code"], where={"registered_area_code": ["990101001002", "x"]}
        )
        none = bulk.read_frame(connection, L["buildings"], ["code"], where={"registered_area_code": None})
    assert west["parent_code"] == "990101"  # stands after its child in the frame
    assert found.to_numpy().tolist() == [["other", "990101001002"], ["other", None], ["other", None]]
    assert (only["code"].tolist(), none["code"].tolist()) == (["B0"], ["B1", "B2"])


def test_a_retired_row_comes_back(store):
    upsert(store, "buildings", buildings())
    with store.writing() as connection:
        rows.retire(connection, L["buildings"], "B0", 1, "gone", **WHO)
        assert bulk.read_frame(connection, L["buildings"], ["code"])["code"].tolist() == ["B1", "B2"]
    assert upsert(store, "buildings", buildings()) == bulk.Upserted(0, 1, 2)
    with store.reading() as connection:
        row = rows.get(connection, L["buildings"], "B0")
        last = history(connection, L["buildings"], row["id"])[-1]
    assert (row["version"], row["retired_at"], last["action"]) == (3, None, "restored")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"colour": "red"}, "layer_column_unknown"),
        ({"code": "B0"}, "row_code_twice"),
        ({"code": None}, "row_code_missing"),
        ({"registered_area_code": "nowhere"}, "reference_unknown"),
        ({"floors": 1.5}, "stored_value_refused"),
        ({"floors": "six"}, "stored_value_refused"),
        ({"floors": 100_000}, "stored_value_refused"),
        ({"use": "castle"}, "stored_value_refused"),
        ({"name": "x" * 101}, "stored_value_refused"),
        ({"name": "nul\x00"}, "stored_value_refused"),
        ({"geometry": shapely.Point(500, 0)}, "row_geometry_range"),
        ({"geometry": None}, "row_geometry_missing"),
    ],
)
@pytest.mark.parametrize("count", [3, MANY])
def test_all_or_nothing(store, changes, code, count):
    frame = many(count)
    for name, value in changes.items():
        column = frame[name].astype(object) if name in frame else pd.Series([None] * len(frame), dtype=object)
        if name != "geometry":
            column.iloc[-1] = value
            frame[name] = column
        else:
            frame.geometry = [*frame.geometry[:-1], value]
    with pytest.raises(InvalidInput) as caught:
        upsert(store, "buildings", frame)
    assert caught.value.code == code
    with store.reading() as connection:
        assert len(bulk.read_frame(connection, L["buildings"], ["code"])) == 0
        assert versions.layer_versions(connection)["buildings"] == 0
        assert rows.page(connection, L["buildings"], bbox=(-1, -1, 1, 1)).total == 0
    assert upsert(store, "buildings", many(count)).created == count


def test_empty_and_geometry_free_frames(store):
    assert upsert(store, "buildings", buildings().iloc[:0]) == bulk.Upserted(0, 0, 0)
    upsert(store, "areas", areas())
    statement = {
        "code": ["S1"],
        "statement_area_code": ["990101"],
        "category": ["clinic"],
        "is_complete": [True],
        "declared_on": ["2026-01-31"],
        "declared_by": ["某人"],
    }
    assert upsert(store, "inventory_statements", pd.DataFrame(statement)).created == 1
    with store.reading() as connection:
        found = bulk.read_frame(connection, L["inventory_statements"], ["declared_on", "is_complete"])
    assert found.to_numpy().tolist() == [["2026-01-31", True]]


def test_what_one_process_writes_another_reads(store, store_url):
    upsert(store, "buildings", many())
    other = open_store(store_url)
    with other.reading() as connection:
        assert len(bulk.ids_by_code(connection, L["buildings"])) == MANY
    other.close()
