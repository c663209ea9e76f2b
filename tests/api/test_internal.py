"""What stays internal (PRODUCT §7: pipes and power lines; §8: nothing per building to the public), over HTTP."""

from dataclasses import replace

import mapbox_vector_tile
import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from shapely.geometry import Point

from geo_service.api.door import door_of
from geo_service.domain.actors import ANONYMOUS, LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.main import create_app
from geo_service.storage import rows
from tests.api.conftest import NOW
from tests.api.test_tiles import HERE as TILE

HERE = "990101001001"
RESIDENT = Actor("resident", "resident", areas=(HERE,))
UNIT, STRANGER = Actor("unit", "unit", areas=(HERE,)), Actor("stranger", "unit", areas=("990101001002",))
PLANNER = Actor("planner", "planner")


@pytest.fixture
def ask(service, town):
    """Ask for an address as an actor."""
    with town.writing() as conn:
        for code, kind in (("PIPE", "pipes"), ("LINE", "overhead_lines")):
            given = {"code": code, "geom": Point(116.3101, 40.0101), "name": f"内部{kind}", "kind": kind}
            rows.insert(conn, LAYERS["projects"], given, actor=LOCAL_ADMIN, now=NOW)
        row = rows.get(conn, LAYERS["buildings"], "B0")
        details = {"address": "秘密路8号", "is_dangerous": True, "property_management": "abandoned", "built_year": 1970}
        rows.update(conn, LAYERS["buildings"], "B0", row["version"], details, actor=LOCAL_ADMIN, now=NOW)
    app = create_app(service=service)
    whose = {}

    async def door(request: Request):
        return replace(await door_of(request), actor=whose["actor"])

    app.dependency_overrides[door_of] = door
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:

        def get(actor, url, **params):
            whose["actor"] = actor
            return client.get(url, params=params)

        yield get


def listed(answer):
    return sorted(one["properties"]["code"] for one in answer.json()["features"])


def drawn(answer, layer):
    if answer.status_code == 204:
        return {}
    features = mapbox_vector_tile.decode(answer.content)[layer]["features"]
    return {one["properties"]["code"]: one["properties"] for one in features}


def test_pipes_and_power_lines_are_internal_however_one_asks(ask):
    for actor in (ANONYMOUS, RESIDENT, STRANGER, UNIT, PLANNER):
        sees = actor in (UNIT, PLANNER)
        assert listed(ask(PLANNER, "/api/projects")) == ["LINE", "P1", "PIPE"]  # nobody is answered by another's answer
        assert listed(ask(actor, "/api/projects")) == (["LINE", "P1", "PIPE"] if sees else ["P1"])
        assert listed(ask(actor, "/api/projects", kind="pipes")) == (["PIPE"] if sees else [])
        assert listed(ask(actor, "/api/projects", within=HERE)) == (["LINE", "P1", "PIPE"] if sees else ["P1"])
        for ident in ("PIPE", "LINE"):
            assert ask(actor, f"/api/projects/{ident}").status_code == (200 if sees else 404)
        assert ask(actor, "/api/summary").json()["counts"]["projects"] == (3 if sees else 1)
        found = ask(actor, "/api/search", q="内部").json()
        assert sorted(hit["code"] for hit in found) == (["LINE", "PIPE"] if sees else [])
        assert drawn(ask(PLANNER, f"/tiles/projects/{TILE}.mvt"), "projects").keys() >= {"PIPE", "LINE"}
        tile = drawn(ask(actor, f"/tiles/projects/{TILE}.mvt"), "projects")
        assert {"PIPE", "LINE"} & tile.keys() == ({"PIPE", "LINE"} if sees else set())


def test_of_a_building_the_public_sees_what_a_base_map_shows(ask):
    for actor in (ANONYMOUS, RESIDENT, UNIT, PLANNER):
        sees = actor is PLANNER
        ask(PLANNER, "/api/buildings/B0")
        for row in (ask(actor, "/api/buildings/B0").json(), ask(actor, "/api/buildings").json()["features"][0]):
            told = row["properties"]
            assert (row["geometry"]["type"], told["name"], told["use"]) == ("Polygon", "0号楼", "residential")
            kept = [told[key] for key in ("address", "is_dangerous", "property_management", "built_year")]
            assert kept == (["秘密路8号", True, "abandoned", 1970] if sees else [None] * 4)
        for asked in ({"sort": "is_dangerous"}, {"sort": "-address"}, {"is_cut_by_boundary": "false"}):
            assert ask(actor, "/api/buildings", **asked).status_code == (200 if sees else 403), asked
        hits = [hit["code"] for hit in ask(actor, "/api/search", q="秘密路8号").json()]
        assert hits == (["B0"] if sees else [])
        by_name = ask(actor, "/api/search", q="0号楼").json()[0]
        assert (by_name["code"], by_name["address"]) == ("B0", "秘密路8号" if sees else None)
        ask(PLANNER, f"/tiles/buildings/{TILE}.mvt")
        tile = drawn(ask(actor, f"/tiles/buildings/{TILE}.mvt"), "buildings")["B0"]
        assert tile["use"] == "residential"
        assert ("is_dangerous" in tile, "property_management" in tile) == (sees, sees)
