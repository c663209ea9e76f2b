import pytest
import shapely

from geo_service.foundation.errors import Conflict, GeoServiceError, InvalidInput, NotFound, StaleVersion
from geo_service.foundation.sealing import sealed_with
from geo_service.storage import bulk, rows, versions
from tests.storage.samples import LATER_WHO, WHO, L, areas, buildings, grids, history

CLINIC = {"code": "F1", "category": "clinic", "name": "卫生站", "geom": shapely.Point(0.02, 0.03)}


@pytest.fixture
def filled(store):
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["grids"], grids(), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
        bulk.refresh_places(connection)
    return store


def test_insert_and_get(filled):
    with filled.writing() as connection:
        made = rows.insert(
            connection,
            L["facilities"],
            {**CLINIC, "admits_area_code": "990101", "admits_bands": ["0_2"], "capacity": 12.5, "is_shareable": True},
            **WHO,
        )
    with filled.reading() as connection:
        assert rows.get(connection, L["facilities"], "F1") == made
        assert rows.get(connection, L["facilities"], made["uid"]) == made
    assert (made["version"], made["area_code"], made["grid_code"]) == (1, "990101001001", "G1")
    assert (made["opening_state"], made["verification"]) == ("open", "verified")  # defaults
    assert (made["admits_area_code"], made["admits_bands"], made["capacity"]) == ("990101", ["0_2"], 12.5)
    assert made["is_shareable"] is True
    assert made["geom"].equals(CLINIC["geom"])
    assert made["created_at"] == made["updated_at"] == "2026-03-01T08:00:00.000Z"
    assert made["uid"][14] == "7"


def test_row_has_all_keys_in_order(filled):
    with filled.reading() as connection:
        row = rows.get(connection, L["buildings"], "B0")
        statement_keys = list(rows.page(connection, L["inventory_statements"]).rows)
    assert list(row)[:6] == ["id", "uid", "code", "geom", "area_code", "grid_code"]
    assert {field.key for field in L["buildings"].fields} <= set(row)
    assert statement_keys == []


def test_update_raises_version_and_keeps_history(filled):
    layer = L["facilities"]
    with filled.writing() as connection:
        made = rows.insert(connection, layer, CLINIC, **WHO)
        before = versions.layer_versions(connection)["facilities"]
        moved = rows.update(
            connection, layer, "F1", 1, {"name": "医务室", "geom": shapely.Point(0.15, 0.03)}, **LATER_WHO
        )
        same = rows.update(connection, layer, "F1", 2, {"name": "医务室"}, **LATER_WHO)
        after = versions.layer_versions(connection)["facilities"]
        lines = history(connection, layer, made["id"])
    assert (moved["version"], moved["area_code"], moved["grid_code"]) == (2, "990101001002", None)
    assert moved["updated_at"] > moved["created_at"]
    assert same == moved
    assert after == before + 1
    assert [line["action"] for line in lines] == ["created", "updated"]
    assert lines[0]["after"]["category"] == "clinic"
    assert lines[1]["before"] == {"name": "卫生站", "geom": "POINT (0.02 0.03)"}
    assert lines[1]["after"] == {"name": "医务室", "geom": "POINT (0.15 0.03)"}


def test_stale_version_changes_nothing(filled):
    with filled.writing() as connection:
        rows.insert(connection, L["facilities"], CLINIC, **WHO)
        rows.update(connection, L["facilities"], "F1", 1, {"name": "A"}, **WHO)
    with pytest.raises(StaleVersion) as caught, filled.writing() as connection:
        rows.update(connection, L["facilities"], "F1", 1, {"name": "B"}, **WHO)
    assert caught.value.facts["found"] == 2
    with filled.reading() as connection:
        assert rows.get(connection, L["facilities"], "F1")["name"] == "A"


def test_retired_rows_stay_but_leave_the_lists(filled):
    layer = L["facilities"]
    with filled.writing() as connection:
        rows.insert(connection, layer, CLINIC, **WHO)
        gone = rows.retire(connection, layer, "F1", 1, "closed down", **LATER_WHO)
        assert rows.page(connection, layer).total == 0
        assert rows.page(connection, layer, retired=True).total == 1
        assert rows.get(connection, layer, "F1")["retired_reason"] == "closed down"
    assert (gone["version"], gone["retired_at"]) == (2, "2026-03-02T08:00:00.000Z")
    with pytest.raises(Conflict, match="row_retired"), filled.writing() as connection:
        rows.update(connection, layer, "F1", 2, {"name": "x"}, **WHO)
    with pytest.raises(Conflict, match="code_taken"), filled.writing() as connection:
        rows.insert(connection, layer, CLINIC, **WHO)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"colour": "red"}, "layer_column_unknown"),
        ({"category": "casino"}, "stored_value_refused"),
        ({"category": None}, "stored_value_missing"),
        ({"capacity": -1}, "stored_value_refused"),
        ({"capacity": float("nan")}, "stored_value_refused"),
        ({"capacity": "many"}, "stored_value_refused"),
        ({"name": "x" * 201}, "stored_value_refused"),
        ({"verified_on": "yesterday"}, "stored_value_refused"),
        ({"admits_area_code": "000000"}, "reference_unknown"),
        ({"geom": None}, "row_geometry_missing"),
        ({"geom": shapely.Point()}, "row_geometry_empty"),
        ({"geom": shapely.Point(200, 0)}, "row_geometry_range"),
        ({"geom": shapely.Point(float("nan"), 0)}, "row_geometry_range"),
    ],
)
def test_refused_values(filled, values, code):
    with pytest.raises(InvalidInput) as caught, filled.writing() as connection:
        rows.insert(connection, L["facilities"], {**CLINIC, **values}, **WHO)
    assert caught.value.code == code
    with filled.reading() as connection:
        assert rows.page(connection, L["facilities"]).total == 0
        assert versions.layer_versions(connection)["facilities"] == 0


def test_the_database_itself_refuses(filled):
    broken = {
        "UPDATE building SET \"use\" = 'castle'": "stored_value_refused",
        "UPDATE building SET floors = -1": "stored_value_refused",
        "UPDATE building SET version = 0": "stored_value_refused",
        "UPDATE building SET uid = NULL": "stored_value_missing",
        "UPDATE building SET code = 'same'": "code_taken",
        "UPDATE building SET area_id = 999": "reference_unknown",
        "UPDATE building SET geom = NULL": "stored_value_missing",
    }
    for statement, code in broken.items():
        with pytest.raises(GeoServiceError) as caught, filled.writing() as connection:
            connection.exec_driver_sql(statement)
        assert caught.value.code == code, statement


def test_adoption_has_exactly_one_subject(filled):
    adoption = {"code": "A1", "adopter_kind": "firm", "adopter_name": "某公司"}
    with filled.writing() as connection:
        rows.insert(connection, L["facilities"], CLINIC, **WHO)
        rows.insert(connection, L["adoptions"], {**adoption, "facility_code": "F1"}, **WHO)
    with pytest.raises(InvalidInput, match="adoption_one_subject"), filled.writing() as connection:
        rows.insert(connection, L["adoptions"], {**adoption, "code": "A2"}, **WHO)


def test_personal_values_stand_in_history_sealed(filled):
    with filled.writing() as connection:
        made = rows.insert(
            connection,
            L["households"],
            {"code": "H1", "building_code": "B0", "head_name": "张三", "geom": shapely.Point(0.02, 0.02)},
            **WHO,
        )
        line = history(connection, L["households"], made["id"])[0]
    assert made["head_name"] == "张三"
    assert sealed_with(line["after"]["head_name"])
    assert line["after"]["geom"] == "***"


def test_history_audit_and_runs_cannot_be_changed(filled):
    for statement in ("UPDATE history SET actor = 'x'", "DELETE FROM history"):
        with pytest.raises(GeoServiceError, match="append_only"), filled.writing() as connection:
            connection.exec_driver_sql(statement)


def test_page_filters_sorts_and_counts(filled):
    layer = L["buildings"]
    with filled.reading() as connection:
        page = rows.page(connection, layer, limit=2)
        assert ([row["code"] for row in page.rows], page.total) == (["B0", "B1"], 3)
        assert [row["code"] for row in rows.page(connection, layer, limit=2, offset=2).rows] == ["B2"]
        by_floors = [row["code"] for row in rows.page(connection, layer, sort="floors").rows]
        down = [row["code"] for row in rows.page(connection, layer, sort="-floors").rows]
        assert (by_floors, down) == (["B0", "B2", "B1"], ["B2", "B0", "B1"])  # empty ones last both ways
        assert rows.page(connection, layer, filters={"area_code": "990101001001"}).total == 2
        assert rows.page(connection, layer, filters={"use": "residential", "code": "B2"}).total == 1
        assert rows.page(connection, layer, filters={"is_cut_by_boundary": "true"}).total == 0
        for wrong in ({"filters": {"floors": "6"}}, {"sort": "colour"}):
            with pytest.raises(InvalidInput, match="unknown"):
                rows.page(connection, layer, **wrong)


def test_words_are_in_the_order_people_put_them_in(filled):
    layer = L["buildings"]
    names = {"N1": "10号楼", "N2": "3号楼", "N3": "十二号楼", "N4": None, "N5": "1号楼", "N6": "３号楼"}
    with filled.writing() as connection:
        for code, name in names.items():
            values = {"code": code, "name": name, "use": "commercial", "geom": shapely.box(0.02, 0.03, 0.021, 0.031)}
            rows.insert(connection, layer, values, **WHO)
    with filled.reading() as connection:

        def codes(**asked):
            return [row["code"] for row in rows.page(connection, layer, filters={"use": "commercial"}, **asked).rows]

        assert codes(sort="name") == ["N5", "N2", "N6", "N1", "N3", "N4"]
        assert codes(sort="-name") == ["N3", "N1", "N2", "N6", "N5", "N4"], "empty ones last both ways, ties by code"
        assert codes(sort="name", limit=2) + codes(sort="name", limit=2, offset=2) == ["N5", "N2", "N6", "N1"]
        assert codes(sort="name", offset=9) == []


def test_codes_sort_byte_by_byte(store):
    codes = ["b", "B", "a", "Z", "_x", "é", "中", "10", "9", "B-1", "B1"]
    with store.writing() as connection:
        for n, code in enumerate(codes):
            rows.insert(connection, L["barriers"], {"code": code, "kind": "wall", "geom": shapely.Point(n, 1)}, **WHO)
        found = [row["code"] for row in rows.page(connection, L["barriers"]).rows]
    assert found == sorted(codes, key=lambda code: code.encode())


def test_bbox_is_exact(store):
    triangle = shapely.Polygon([(0, 0), (1, 0), (0, 1)])
    with store.writing() as connection:
        rows.insert(connection, L["barriers"], {"code": "T", "kind": "water", "geom": triangle}, **WHO)

        def total(*box):
            return rows.page(connection, L["barriers"], bbox=box).total

        assert total(0.9, 0.9, 2, 2) == 0  # meets its bounds, not itself
        assert total(0.5, 0.5, 2, 2) == 1  # touches the long side
        assert total(-1, -1, 2, 2) == 1
        assert total(2, 2, 3, 3) == 0


def test_unknown_rows(store):
    with store.reading() as connection, pytest.raises(NotFound, match="row_unknown"):
        rows.get(connection, L["areas"], "nobody' OR 1=1 --")


def test_single_geometries_become_multi(store):
    with store.writing() as connection:
        row = rows.insert(
            connection,
            L["green_spaces"],
            {"code": "G", "kind": "park", "geom": shapely.from_wkt("POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))")},
            **WHO,
        )
        assert row["geom"].geom_type == "MultiPolygon"
        assert not row["geom"].has_z
        with pytest.raises(InvalidInput, match="row_geometry_type"):
            rows.insert(
                connection, L["green_spaces"], {"code": "P", "kind": "park", "geom": shapely.Point(0, 0)}, **WHO
            )


def test_households_of_a_building_are_summed_when_one_changes(filled):
    with filled.writing() as connection:
        for n, persons in enumerate((3, 2)):
            rows.insert(
                connection,
                L["households"],
                {"code": f"H{n}", "building_code": "B0", "residents_persons": persons},
                **WHO,
            )
        building = rows.get(connection, L["buildings"], "B0")
        assert (building["residents_persons"], building["households_count"]) == (5, 2)
        assert building["people_basis"] == "households"
        rows.update(connection, L["households"], "H1", 1, {"building_code": "B1"}, **WHO)
        assert rows.get(connection, L["buildings"], "B0")["residents_persons"] == 3
        assert rows.get(connection, L["buildings"], "B1")["residents_persons"] == 2
        rows.retire(connection, L["households"], "H1", 2, "moved", **WHO)
        assert rows.get(connection, L["buildings"], "B1")["households_count"] == 0


def test_a_new_area_places_what_lies_in_it(filled):
    quarter = {
        "code": "990101001001Q01",
        "name": "小区",
        "level": "quarter",
        "geom": shapely.box(0.015, 0.015, 0.03, 0.03),
    }
    with filled.writing() as connection:
        made = rows.insert(connection, L["areas"], quarter, **WHO)
        assert rows.get(connection, L["buildings"], "B0")["area_code"] == made["code"]
        rows.retire(connection, L["areas"], made["code"], 1, "mistake", **WHO)
        assert rows.get(connection, L["buildings"], "B0")["area_code"] == "990101001001"
