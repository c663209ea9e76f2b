import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geo_service.storage import bulk, versions
from tests.storage.samples import WHO, L, areas, buildings, grids


def fill(connection, **frames):
    for name, frame in frames.items():
        bulk.upsert(connection, L[name], frame, **WHO)
    bulk.refresh_places(connection)


def placed(connection, layer, *columns):
    frame = bulk.read_frame(connection, L[layer], ["code", "area_code", "grid_code", *columns], geometry=False)
    return {row[0]: tuple(row[1:]) for row in frame.itertuples(index=False)}


def test_smallest_area_and_governance_grid(store):
    with store.writing() as connection:
        fill(connection, areas=areas(), grids=grids(), buildings=buildings(lon=(0.02, 0.07, 0.15, 0.5)))
        assert placed(connection, "buildings") == {
            "B0": ("990101001001", "G1"),
            "B1": ("990101001001", None),
            "B2": ("990101001002", None),
            "B3": (None, None),
        }
        assert placed(connection, "areas")["990101001001"] == ("990101", None)
        assert placed(connection, "grids") == {"G1": ("990101001001", None), "990101001001001": ("990101001001", "G1")}


def test_register_goes_before_the_map(store):
    houses = buildings().assign(
        registered_area_code=[None, "990101001002", None], registered_grid_code=[None, "G1", None]
    )
    with store.writing() as connection:
        fill(connection, areas=areas(), grids=grids(), buildings=houses)
        assert placed(connection, "buildings")["B1"] == ("990101001002", "G1")
        fill(connection, households=pd.DataFrame({"code": ["H1"], "building_code": ["B1"]}))
        assert placed(connection, "households")["H1"] == ("990101001002", "G1")
        before = versions.layer_versions(connection)
        bulk.refresh_places(connection)
        assert versions.layer_versions(connection) == before


def test_cut_buildings_are_marked(store):
    across = buildings(lon=(0.1, 0.0995, 0.1005, 0.15))
    with store.writing() as connection:
        fill(connection, areas=areas(), buildings=across)
        found = placed(connection, "buildings", "is_cut_by_boundary")
    # the second and third only touch the line between the communities
    assert [found[f"B{n}"][2] for n in range(4)] == [True, False, False, False]


def test_unit_grids_serve_where_there_are_no_others(store):
    with store.writing() as connection:
        fill(connection, areas=areas(), grids=grids().iloc[1:], buildings=buildings(lon=(0.005,)).assign())
        fill(connection, buildings=GeoDataFrame({"code": ["C"]}, geometry=[shapely.Point(0.005, 0.005)], crs=4326))
        assert placed(connection, "buildings")["C"] == ("990101001001", "990101001001001")


def test_people_of_buildings_come_from_households(store):
    households = pd.DataFrame(
        {
            "code": ["H1", "H2", "H3"],
            "building_code": ["B0", "B0", "B1"],
            "residents_persons": [2, 3, 1],
            "registered_persons": pd.array([2, None, None], dtype="Int64"),
            "age_80_plus_persons": [1, 1, 0],
        }
    )
    houses = buildings().assign(residents_persons=[99, 99, 99], people_basis="register")
    with store.writing() as connection:
        fill(connection, areas=areas(), grids=grids(), buildings=houses, households=households)
        columns = ["households_count", "residents_persons", "registered_persons", "age_80_plus_persons", "people_basis"]
        frame = bulk.read_frame(connection, L["buildings"], columns, geometry=False)
        assert placed(connection, "households") == {
            "H1": ("990101001001", "G1"),
            "H2": ("990101001001", "G1"),
            "H3": ("990101001001", None),
        }
    assert frame.iloc[0].tolist() == [2, 5, 2, 2, "households"]
    assert frame.iloc[1].iloc[:2].tolist() == [1, 1]
    assert np.isnan(frame.iloc[1]["registered_persons"])
    assert frame.iloc[2].iloc[1] == 99
    assert frame.iloc[2]["people_basis"] == "register"


def test_nothing_changed_nothing_written(store):
    with store.writing() as connection:
        fill(connection, areas=areas(), grids=grids(), buildings=buildings())
        before = versions.layer_versions(connection)
        bulk.refresh_places(connection)
        assert versions.layer_versions(connection) == before
        moved = areas().assign(geometry=lambda frame: frame.geometry.translate(0.1, 0))
        fill(connection, areas=moved)
        after = versions.layer_versions(connection)
        assert after["buildings"] == before["buildings"] + 1
        assert placed(connection, "buildings")["B2"] == ("990101001001", None)
