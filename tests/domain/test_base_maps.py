import json

import pytest

from geo_service.domain.base_maps import base_maps_from, origins_of
from geo_service.foundation.errors import InvalidInput
from geo_service.settings import Settings

XYZ = {
    "code": "gaode",
    "name": {"zh": "高德", "en": "Amap"},
    "kind": "xyz",
    "url": "https://tiles{s}.example.cn/map?x={x}&y={y}&z={z}",
    "subdomains": ["1", "2"],
    "datum": "gcj02",
    "attribution": "© 示例",
    "approval": "GS（2025）1号",
}
WMTS = {
    "code": "city",
    "name": {"zh": "本市影像", "en": "City pictures"},
    "kind": "wmts",
    "url": "http://10.0.0.8:6080/wmts",
    "layer": "img",
    "tile_matrix_set": "w",
    "datum": "cgcs2000",
    "attribution": "市自然资源局",
    "max_zoom": 20,
}
TIANDITU = {"code": "tdt", "name": {"zh": "天地图", "en": "Tianditu"}, "kind": "tianditu", "key": "0123456789abcdef"}


def test_each_kind_says_where_its_tiles_come_from():
    gaode, city, tianditu = base_maps_from([XYZ, WMTS, TIANDITU])
    assert gaode.origins == ("https://tiles1.example.cn", "https://tiles2.example.cn")
    assert (gaode.datum, gaode.max_zoom) == ("gcj02", 18)
    assert city.origins == ("http://10.0.0.8:6080",)
    assert "LAYER=img" in city.urls[0]
    assert city.urls[0].endswith("TILEMATRIX={z}&TILEROW={y}&TILECOL={x}")
    assert [url.split("/")[3] for url in tianditu.urls] == ["vec_w", "cva_w"]
    assert all("tk=0123456789abcdef" in url for url in tianditu.urls)
    assert len(tianditu.origins) == 8
    assert len(origins_of([gaode, city, tianditu])) == 11


def test_no_list_no_base_map():
    assert base_maps_from([]) == ()
    assert Settings().base_maps == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "javascript:alert(1)//{x}{y}{z}"}, "base_map_url"),
        ({"url": "https://a.example;script-src *//{x}/{y}/{z}/{s}"}, "base_map_url"),
        ({"url": "https://user:pass@a.example/{x}/{y}/{z}/{s}"}, "base_map_url"),
        ({"url": "https://*.example/{x}/{y}/{z}/{s}"}, "base_map_url"),
        ({"url": "https://{x}.example/{y}/{z}/{s}"}, "base_map_url"),
        ({"url": "https://tiles.example/{x}/{y}"}, "base_map_url"),
        ({"datum": "bd09"}, "base_map_datum"),
        ({"datum": None}, "base_map_field"),
        ({"attribution": " "}, "base_map_field"),
        ({"name": {"zh": "只有中文"}}, "base_map_field"),
        ({"kind": "wms"}, "base_map_field"),
        ({"code": "No Spaces"}, "base_map_field"),
        ({"max_zoom": 99}, "base_map_field"),
        ({"subdomains": ["a b"]}, "base_map_field"),
        ({"datun": "wgs84"}, "base_map_field"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(change, code):
    with pytest.raises(InvalidInput) as refused:
        base_maps_from([{**XYZ, **change}])
    assert refused.value.code == code
    assert refused.value.facts["entry"]


@pytest.mark.parametrize("document", [{}, "x", [1], [XYZ, XYZ], [XYZ] * 11])
def test_a_wrong_list_is_refused(document):
    with pytest.raises(InvalidInput):
        base_maps_from(document)


def test_the_file_is_read_when_the_settings_are(tmp_path):
    file = tmp_path / "base_maps.json"
    with pytest.raises(InvalidInput, match="base_maps_file_unreadable"):
        Settings(base_maps_file=file)
    file.write_text("{")
    with pytest.raises(InvalidInput, match="base_maps_file_unreadable"):
        Settings(base_maps_file=file)
    file.write_text(json.dumps([XYZ]), encoding="utf-8")
    assert [one.code for one in Settings(base_maps_file=file).base_maps] == ["gaode"]
