"""Codes of new things on both stores: readable, by place, one after the other though two write at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import shapely
from shapely.geometry import Point, box

from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS as L
from geo_service.services.context import Context
from geo_service.services.features import create_row
from geo_service.services.new_codes import made_code
from tests.community import HERE, LAT, LON, settle

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SMALL = box(LON, LAT, LON + 0.0001, LAT + 0.0001)


def test_new_things_are_numbered_where_they_lie(store, tmp_path):
    settle(store, NOW)

    def create(layer, geometry, **values):
        with store.writing() as conn:
            drawn = None if geometry is None else json.loads(shapely.to_geojson(geometry))
            row = create_row(conn, Context(store, LOCAL_ADMIN, lambda: NOW, tmp_path, "en"), L[layer], values, drawn)
            return row["code"]

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(create, "public_spaces", SMALL, kind="square") for _ in range(4)]
        made = sorted(one.result() for one in asked)
    assert made == [f"{HERE}-PS000{number}" for number in (1, 2, 3, 4)]
    assert create("public_spaces", shapely.Point(0, 0), kind="square") == "PS0001"
    assert create("public_spaces", SMALL, kind="square", code=f"{HERE}-PS0041") == f"{HERE}-PS0041"
    with store.reading() as conn:
        assert made_code(conn, L["public_spaces"], {"geom": Point(LON, LAT)}, holds=False) == f"{HERE}-PS0042"
        assert made_code(conn, L["areas"], {"geom": SMALL}, holds=False) is None
    facility = create("facilities", Point(LON, LAT), category="clinic", name="甲")
    assert facility == f"{HERE}-F0001"
    assert create("entrances", Point(LON, LAT), facility_code=facility) == f"{facility}-E1"
    finding = {"item": "CRC-01", "finding": "remark", "found_on": "2026-02-01", "found_by": "甲", "basis": "实地"}
    assert create("checklist_findings", None, community_code=HERE, **finding) == f"{HERE}-CF0001"
