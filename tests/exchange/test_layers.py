"""Foreign files as rows of our layers: what is understood, and every fault by row, column and value."""

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import xlsxwriter

from geo_service.domain.layers import LAYERS
from geo_service.exchange.layers import read_layer
from geo_service.foundation.datum import wgs84_to_bd09, wgs84_to_gcj02
from geo_service.foundation.errors import FileFault, InvalidInput
from geo_service.foundation.texts import LANGS, catalogue

FACILITIES, GRIDS, BUILDINGS = LAYERS["facilities"], LAYERS["grids"], LAYERS["buildings"]
HEAD = "code,category,name,lon,lat\n"


def csv_file(tmp_path, text, encoding="utf-8", name="a.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def geojson(tmp_path, *geometries, properties=None, **members):
    features = [
        {"type": "Feature", "geometry": geometry, "properties": {"code": f"g{n}", **(properties or {})}}
        for n, geometry in enumerate(geometries, 1)
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}))
    return path


def polygon(*ring):
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}


SQUARE = polygon((116.3, 40.0), (116.31, 40.0), (116.31, 40.01), (116.3, 40.01), (116.3, 40.0))


def faults(file):
    found = [(fault.row, fault.column, fault.code) for fault in file.faults.first()]
    for lang in LANGS:
        for fault in file.faults.first():
            assert f"fault.{fault.code}" in catalogue(lang), fault.code
            assert "{" not in fault.sentence(lang)
    return found


def note_keys(file):
    return [key for key, _ in file.notes]


# -- what is understood


def test_a_csv_with_our_names(tmp_path):
    file = read_layer(FACILITIES, csv_file(tmp_path, HEAD + "a1,supermarket,超市,116.32,40.0\n"))
    assert faults(file) == []
    row = file.frame.iloc[0]
    assert (row["code"], row["category"], row["name"], row["source"]) == ("a1", "supermarket", "超市", "a.csv")
    assert row["geometry"].wkt == "POINT (116.32 40)"
    assert note_keys(file) == ["note.crs_assumed"]
    assert file.missing == []


def test_chinese_headers_choices_and_truths(tmp_path):
    text = "编码,类别,名称,营业状态,可共享,经度,纬度\na1,综合超市,超市,开放,是,116.32,40.0\n"
    labels = {entry: catalogue("zh")[f"field.{entry}"] for entry in ("category", "opening_state", "is_shareable")}
    head = text.splitlines()[0].split(",")
    head[1], head[3], head[4] = labels["category"], labels["opening_state"], labels["is_shareable"]
    state = catalogue("zh")["choice.facilities.opening_state.closed"]
    file = read_layer(
        FACILITIES, csv_file(tmp_path, ",".join(head) + f"\na1,综合超市,超市,{state},是,116.32,40.0\n", "gbk")
    )
    assert faults(file) == []
    row = file.frame.iloc[0]
    assert (row["category"], row["opening_state"], row["is_shareable"]) == ("supermarket", "closed", True)
    assert "note.encoding_gbk" in note_keys(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings(tmp_path, encoding):
    file = read_layer(FACILITIES, csv_file(tmp_path, HEAD + "a1,clinic,卫生站,116.32,40\n", encoding))
    assert file.frame["name"].tolist() == ["卫生站"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    text = (HEAD + "a1,clinic,A站,116.32,40\n").replace(",", delimiter)
    assert read_layer(FACILITIES, csv_file(tmp_path, text)).frame["name"].tolist() == ["A站"]


def test_unknown_columns_are_ignored_with_a_note(tmp_path):
    file = read_layer(
        FACILITIES, csv_file(tmp_path, "code,category,lon,lat,身高,area_code\na1,clinic,116,40,180,110108\n")
    )
    assert faults(file) == []
    assert ("note.columns_ignored", {"columns": "身高, area_code"}) in file.notes


def test_columns_can_be_mapped(tmp_path):
    text = "号码,种类,东,北\na1,clinic,116.3,40\n"
    given = {"号码": "code", "种类": "category", "东": "lon", "北": "lat"}
    file = read_layer(FACILITIES, csv_file(tmp_path, text), column_map=given)
    assert file.frame["code"].tolist() == ["a1"]
    assert file.frame.geometry.iloc[0].x == 116.3


@pytest.mark.parametrize(
    ("given", "code"), [({"没有": "name"}, "map_column_unknown"), ({"种类": "nothing"}, "map_field_unknown")]
)
def test_a_wrong_mapping_is_refused(tmp_path, given, code):
    with pytest.raises(InvalidInput, match=code):
        read_layer(FACILITIES, csv_file(tmp_path, "种类,lon,lat\nclinic,116,40\n"), column_map=given)


def test_two_columns_for_one_field_are_refused(tmp_path):
    with pytest.raises(FileFault, match="columns_same_field"):
        read_layer(FACILITIES, csv_file(tmp_path, "code,name,名称\na,b,c\n"))


def test_wkt_and_numbers_and_dates(tmp_path):
    text = (
        "code;use;floors;built_year;floor_area_m2;has_lift;wkt\n"
        "b1;住宅;６;1998.0;1250.5;有;POLYGON((116.3 40,116.31 40,116.31 40.01,116.3 40))\n"
    )
    file = read_layer(BUILDINGS, csv_file(tmp_path, text))
    label = catalogue("zh")["choice.buildings.use.residential"]
    assert faults(file) == [] if label == "住宅" else faults(file)
    row = file.frame.iloc[0]
    assert (row["floors"], row["built_year"], row["floor_area_m2"], row["has_lift"]) == (6, 1998, 1250.5, True)


@pytest.mark.parametrize("written", ["2024-5-31", "2024/05/31", "20240531", "2024年5月31日", "2024-05-31 00:00:00"])
def test_dates_as_people_write_them(tmp_path, written):
    file = read_layer(FACILITIES, csv_file(tmp_path, f"code,category,lon,lat,verified_on\na,clinic,116,40,{written}\n"))
    assert file.frame["verified_on"].tolist() == ["2024-05-31"]


def test_excel(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("设施")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for place, head in enumerate(["编码", "category", "名称", "经度", "纬度", "verified_on", "capacity"]):
        sheet.write(2, place, head)
    for place, value in enumerate([110108001, "clinic", "=1+1", 116.3, 40.0]):
        sheet.write_string(3, place, value) if isinstance(value, str) else sheet.write(3, place, value)
    sheet.write_datetime(3, 5, pd.Timestamp("2024-05-31").to_pydatetime(), day)
    sheet.write(3, 6, 12)
    book.close()
    file = read_layer(FACILITIES, path)
    assert faults(file) == []
    row = file.frame.iloc[0]
    assert (row["code"], row["name"], row["verified_on"], row["capacity"]) == ("110108001", "=1+1", "2024-05-31", 12.0)
    assert row["_row"] == 4


def test_a_formula_stays_text(tmp_path):
    file = read_layer(FACILITIES, csv_file(tmp_path, HEAD + 'a1,clinic,=HYPERLINK("http://x"),116,40\n'))
    assert file.frame["name"].tolist() == ['=HYPERLINK("http://x")']


def test_a_code_is_made_where_there_is_none(tmp_path):
    path = csv_file(tmp_path, "category,lon,lat\nclinic,116,40\nclinic,116,40\npark,116,40\n")
    file, again = read_layer(FACILITIES, path), read_layer(FACILITIES, path)
    assert file.frame["code"].is_unique
    assert file.frame["code"].tolist() == again.frame["code"].tolist()
    assert "note.codes_made" in note_keys(file)


def test_single_polygons_become_multi_and_heights_are_dropped(tmp_path):
    ring = [[116.3, 40.0, 5], [116.31, 40.0, 5], [116.31, 40.01, 5], [116.3, 40.0, 5]]
    file = read_layer(GRIDS, geojson(tmp_path, {"type": "Polygon", "coordinates": [ring]}))
    assert faults(file) == []
    shape = file.frame.geometry.iloc[0]
    assert shape.geom_type == "MultiPolygon"
    assert not shape.has_z


def test_areas_take_their_level_from_their_code(tmp_path):
    path = geojson(tmp_path, SQUARE, properties={"code": "110108001", "name": "示例街道"})
    assert read_layer(LAYERS["areas"], path).frame["level"].tolist() == ["street"]


# -- coordinate systems


def test_shifted_datums_come_back(tmp_path):
    for crs, shift in (("GCJ-02", wgs84_to_gcj02), ("BD-09", wgs84_to_bd09)):
        lon, lat = shift(116.32, 40.0)
        path = csv_file(tmp_path, HEAD + f"a,clinic,x,{float(lon)!r},{float(lat)!r}\n")
        point = read_layer(FACILITIES, path, crs=crs).frame.geometry.iloc[0]
        assert (point.x, point.y) == pytest.approx((116.32, 40.0), abs=1e-7)


def test_projected_coordinates_by_declaration(tmp_path):
    path = csv_file(tmp_path, "code,category,x,y\na,clinic,447552.9,4428024.5\n")
    point = read_layer(FACILITIES, path, crs="EPSG:32650").frame.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((116.386, 40.0), abs=1e-3)


def test_a_geojson_in_4326_contradicts_another_declaration(tmp_path):
    with pytest.raises(FileFault, match="crs_contradiction"):
        read_layer(GRIDS, geojson(tmp_path, SQUARE), crs="EPSG:32650")
    for same in ("EPSG:4326", "4490", "epsg:4490", "GCJ-02"):
        assert read_layer(GRIDS, geojson(tmp_path, SQUARE), crs=same).faults.count == 0


def test_a_geojson_with_a_crs_member_of_its_own(tmp_path):
    point = gpd.GeoSeries([shapely.Point(116.32, 40.0)], crs=4326).to_crs(4547).iloc[0]
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    path = geojson(
        tmp_path,
        {"type": "Point", "coordinates": [point.x, point.y]},
        properties={"category": "clinic"},
        crs=member,
    )
    for declared in (None, "EPSG:4547"):
        read = read_layer(FACILITIES, path, crs=declared).frame.geometry.iloc[0]
        assert (read.x, read.y) == pytest.approx((116.32, 40.0), abs=1e-6)
    with pytest.raises(FileFault, match="crs_contradiction"):
        read_layer(FACILITIES, path, crs="EPSG:4326")


@pytest.mark.parametrize("crs", ["EPSG:99999", "GCJ", "北京54", "EPSG:"])
def test_an_unknown_crs(tmp_path, crs):
    with pytest.raises(InvalidInput, match="crs_unknown"):
        read_layer(FACILITIES, csv_file(tmp_path, HEAD + "a,clinic,x,116,40\n"), crs=crs)


# -- faults


def test_ten_thousand_rows_three_of_them_wrong(tmp_path):
    lines = [f"f{n},clinic,站{n},{116 + n / 1e5:.6f},40.0" for n in range(10_000)]
    lines[17] = "f17,clinc,站17,116.0,40.0"
    lines[5000] = "f5000,clinic,站5000,40.0,116.0"
    lines[9998] = "f9997,clinic,站9998,116.0,40.0"
    file = read_layer(FACILITIES, csv_file(tmp_path, HEAD + "\n".join(lines) + "\n"))
    assert faults(file) == [
        (19, "category", "field_not_a_choice"),
        (5002, "lon", "geometry_swapped"),
        (10000, "code", "code_twice"),
    ]
    assert file.faults.count == 3
    assert [fault.value for fault in file.faults.first()] == ["clinc", "POINT (40 116)", "f9997"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a,clinic,x,116,95", (2, "lon", "geometry_out_of_range")),
        ("a,clinic,x,447552.9,4428024.5", (2, "lon", "geometry_out_of_range")),
        ("a,clinic,x,40,116", (2, "lon", "geometry_swapped")),
        ("a,clinic,x,nan,40", (2, "lon", "geometry_not_finite")),
        ("a,clinic,x,116,inf", (2, "lat", "geometry_not_finite")),
        ("a,clinic,x,116E,40", (2, "lon", "field_wrong_kind")),
        ("a,clinic,x,116,", (2, "lat", "lonlat_half")),
        ("a,clinic,x,,", (2, "lon", "geometry_missing")),
        (",clinic,x,116,40", (2, "code", "field_empty")),
        ("a,,x,116,40", (2, "category", "field_empty")),
        ("a b,clinic,x,116,40", (2, "code", "code_form")),
        ("a" * 65 + ",clinic,x,116,40", (2, "code", "field_too_long")),
        ("a,clinic," + "长" * 201 + ",116,40", (2, "name", "field_too_long")),
        ("a,clinic,x,116,40,more", (2, "", "row_width")),
    ],
)
def test_faults_of_a_row(tmp_path, line, fault):
    assert faults(read_layer(FACILITIES, csv_file(tmp_path, HEAD + line + "\n"))) == [fault]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("floors", "六", "field_wrong_kind"),
        ("floors", "6.5", "field_wrong_kind"),
        ("floors", "-1", "field_out_of_range"),
        ("floors", "1e300", "field_out_of_range"),
        ("floor_area_m2", "NaN", "field_not_finite"),
        ("has_lift", "maybe", "field_wrong_kind"),
        ("built_year", "999", "field_out_of_range"),
        ("use", "castle", "field_not_a_choice"),
        ("name", "a\x01b", "text_unprintable"),
    ],
)
def test_faults_of_a_cell(tmp_path, column, value, code):
    text = f'code,{column},wkt\nb1,{value},"POLYGON((116 40,116.1 40,116.1 40.1,116 40))"\n'
    assert faults(read_layer(BUILDINGS, csv_file(tmp_path, text))) == [(2, column, code)]


@pytest.mark.parametrize("value", ["2024-02-30", "31.05.24", "yesterday"])
def test_a_bad_date(tmp_path, value):
    text = f"code,category,lon,lat,verified_on\na,clinic,116,40,{value}\n"
    assert faults(read_layer(FACILITIES, csv_file(tmp_path, text))) == [(2, "verified_on", "field_wrong_kind")]


@pytest.mark.parametrize(
    ("wkt", "code"),
    [
        ("POLYGON((116 40,116.1 40,116.1 40.1))", "geometry_open"),
        ("POLYGON((116 40,116.1 40.1,116.1 40,116 40.1,116 40))", "geometry_invalid"),
        ("POLYGON EMPTY", "geometry_empty"),
        ("POLYGON((116 40,116.1 40", "geometry_unreadable"),
        ("CURVEPOLYGON((116 40,116.1 40,116.1 40.1,116 40))", "geometry_curved"),
        ("GEOMETRYCOLLECTION(CURVEPOLYGON((116 40,116.1 40,116.1 40.1,116 40)))", "geometry_curved"),
        ("POINT(116 40)", "geometry_wrong_type"),
        ("LINESTRING(116 40)", "geometry_too_short"),
        ("POLYGON((116 40,116.1 40,116.1 nan,116 40))", "geometry_not_finite"),
        ("SRID=32650;POLYGON((116 40,116.1 40,116.1 40.1,116 40))", "geometry_srid"),
        ("", "geometry_missing"),
    ],
)
def test_faults_of_wkt(tmp_path, wkt, code):
    file = read_layer(GRIDS, csv_file(tmp_path, f'code,wkt\ng1,"{wkt}"\n'))
    assert faults(file) == [(2, "wkt", code)]


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (polygon((116, 40), (116.1, 40), (116.1, 40.1)), "geometry_open"),
        (polygon((116, 40), (116.1, 40), (116, 40)), "geometry_too_short"),
        (polygon((116, 40), (116.1, 40.1), (116.1, 40), (116, 40.1), (116, 40)), "geometry_invalid"),
        (polygon((40, 116), (40.1, 116), (40.1, 116.1), (40, 116)), "geometry_swapped"),
        ({"type": "Polygon", "coordinates": []}, "geometry_empty"),
        ({"type": "Point", "coordinates": [116, 40]}, "geometry_wrong_type"),
        ({"type": "Pointe", "coordinates": [116, 40]}, "geometry_not_geojson"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "geometry_too_short"),
        ({"type": "Polygon"}, "geometry_not_geojson"),
        (None, "geometry_missing"),
    ],
)
def test_faults_of_geojson(tmp_path, geometry, code):
    assert faults(read_layer(GRIDS, geojson(tmp_path, SQUARE, geometry))) == [(2, "geometry", code)]


def test_the_persons_of_a_department_are_refused(tmp_path):
    square = "POLYGON((116 40,116.1 40,116.1 40.1,116 40))"
    text = (
        "code,kind,department,leader_name,wkt\n"
        f'd1,department,民政,张某某,"{square}"\nd2,department,民政,,"{square}"\ng1,governance,,李某某,"{square}"\n'
    )
    file = read_layer(GRIDS, csv_file(tmp_path, text))
    assert faults(file) == [(2, "leader_name", "person_of_department")]
    assert "张" not in file.faults.first()[0].value


def test_the_first_thousand_are_listed_and_all_counted(tmp_path):
    lines = "".join(f"f{n},nothing,x,116,40\n" for n in range(1500))
    file = read_layer(FACILITIES, csv_file(tmp_path, HEAD + lines))
    assert file.faults.count == 1500
    assert [fault.row for fault in file.faults.first()] == list(range(2, 1002))


def test_missing_required_columns_are_named(tmp_path):
    assert read_layer(FACILITIES, csv_file(tmp_path, "code,name\na,b\n")).missing == ["category", "geometry"]


def test_an_adoption_has_exactly_one_subject(tmp_path):
    text = (
        "code,adopter_kind,adopter_name,green_space_code,facility_code\n"
        "a1,firm,示例,g1,\na2,firm,示例,g1,f1\na3,firm,示例,,\n"
    )
    file = read_layer(LAYERS["adoptions"], csv_file(tmp_path, text))
    assert [(row, code) for row, _, code in faults(file)] == [
        (3, "adoption_one_subject"),
        (4, "adoption_one_subject"),
    ]
