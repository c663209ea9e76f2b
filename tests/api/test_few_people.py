"""Few people over HTTP: results, rows and tiles for who may not see households, and no cache that mixes them up."""

from dataclasses import replace

import mapbox_vector_tile
import numpy as np
import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from shapely.geometry import Point

from geo_service.api.door import door_of
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.main import create_app
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion
from geo_service.storage import rows
from tests.api.conftest import NOW
from tests.services.conftest import Town

LEFT, RIGHT = "990001001001", "990001001002"
ADMIN, RESIDENT = LOCAL_ADMIN, Actor("resident", "resident")
PLANNER = Actor("planner", "planner", areas=("990001",))
OFFICIAL = Actor("official", "official", areas=(RIGHT,))
UNIT = Actor("unit", "unit", areas=("990001",))
ACTORS = (ADMIN, PLANNER, OFFICIAL, RESIDENT)
HOMES = {0: 33, 40: 3, 80: 21, 120: 27, 1500: 4, 1540: 2, 1580: 61}


@pytest.fixture
def ask(service):
    """Ask as an actor: the run's uid, and a function that sends a GET."""
    town = Town(service.store, service.settings.var_dir)
    town.main_street()
    for code, west, east in (("990001", -200, 2200), (LEFT, -200, 1000), (RIGHT, 1000, 2200)):
        town.community(code, west, east)
    for east, people in HOMES.items():
        town.homes(east, residents_persons=people, people_basis="register")
    town.facility("f1", 60)
    uid = coverage(town.ctx, CoverageQuestion.asked(["supermarket"]))["uid"]
    app = create_app(service=service)
    whose = {}

    async def door(request: Request):
        return replace(await door_of(request), actor=whose["actor"])

    app.dependency_overrides[door_of] = door
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:

        def get(actor, url, **headers):
            whose["actor"] = actor
            answer = client.get(url.format(run=uid), headers=headers)
            assert answer.status_code in (200, 204, 304), answer.text
            return answer

        yield get


def by_code(result):
    return {row["code"]: row for row in result["rows"]}


def test_a_result_is_what_the_asker_may_see(ask):
    url = "/api/runs/{run}/result"
    exact = by_code(ask(ADMIN, url).json())
    assert (exact[LEFT]["people_total"], exact[RIGHT]["people_total"]) == (84, 67)
    assert "withheld" not in exact[LEFT]
    for actor in (PLANNER, RESIDENT):
        told = ask(actor, url).json()
        assert told["people_rounded_to"] == 5
        assert (by_code(told)[LEFT]["people_total"], by_code(told)[RIGHT]["people_total"]) == (85, 65)
    mixed = by_code(ask(OFFICIAL, url).json())
    assert (mixed[LEFT]["people_total"], mixed[RIGHT]["people_total"]) == (85, 67)


@pytest.mark.parametrize("url", ["/api/runs/{run}/result", "/api/buildings?limit=9", "/api/buildings/h1500"])
def test_what_one_is_told_is_not_known_to_another(ask, url):
    """An entity tag of an exact answer does not tell somebody else that theirs is the same."""
    tags = {actor.name: ask(actor, url).headers["etag"] for actor in ACTORS}
    bodies = {actor.name: ask(actor, url).content for actor in ACTORS}
    for actor in ACTORS:
        for other in ACTORS:
            if bodies[actor.name] != bodies[other.name]:
                again = ask(actor, url, **{"If-None-Match": tags[other.name]})
                assert again.status_code == 200, (actor.name, other.name)


def test_rows_of_buildings(ask):
    told = {
        actor.name: {
            row["properties"]["code"]: row["properties"]["residents_persons"]
            for row in ask(actor, "/api/buildings?limit=99").json()["features"]
        }
        for actor in ACTORS
    }
    assert told["local-admin"] == {f"h{east}": people for east, people in HOMES.items()}
    assert told["planner"] == {"h0": 35, "h40": None, "h80": 20, "h120": 25, "h1500": None, "h1540": None, "h1580": 60}
    assert told["official"] == {
        code: HOMES[int(code[1:])] if int(code[1:]) > 1000 else None for code in told["planner"]
    }
    assert set(told["resident"].values()) == {None}
    one = ask(PLANNER, "/api/buildings/h40").json()["properties"]
    assert (one["residents_persons"], one["withheld"]) == (None, True)


@pytest.mark.parametrize("use", ["commercial", "industrial", "public_service", "other", "unknown"])
def test_a_building_that_is_no_home_does_not_tell_that_a_few_live_there(ask, service, use):
    """The same answer before a household of two came, while it is there, and after it left."""
    layers = {name: LAYERS[name] for name in ("buildings", "households")}
    with service.store.writing() as conn:
        given = {"code": "shop", "geom": Point(*Town.at(300, 20)).buffer(1e-4), "use": use, "name": "店"}
        rows.insert(conn, layers["buildings"], given, actor=LOCAL_ADMIN, now=NOW)
    before = ask(PLANNER, "/api/buildings/shop").json()
    with service.store.writing() as conn:
        given = {"code": "H", "building_code": "shop", "residents_persons": 2, "registered_persons": 9}
        rows.insert(conn, layers["households"], given, actor=LOCAL_ADMIN, now=NOW)
    assert ask(ADMIN, "/api/buildings/shop").json()["properties"]["residents_persons"] == 2
    assert ask(PLANNER, "/api/buildings/shop").json() == before
    with service.store.writing() as conn:
        rows.retire(conn, layers["households"], "H", 1, "moved", actor=LOCAL_ADMIN, now=NOW)
    assert ask(ADMIN, "/api/buildings/shop").json()["properties"]["people_basis"] == "households"
    assert ask(PLANNER, "/api/buildings/shop").json() == before
    assert (before["properties"]["withheld"], before["properties"]["people_basis"]) == (False, None)


def test_tiles_are_cached_for_each_view(ask):
    lon, lat = Town.at(1000, 20)
    found = {}
    for actor in (*ACTORS, *reversed(ACTORS)):
        people, cells, withheld = 0, 0, 0
        side = 2**13
        x0 = int((lon + 180) / 360 * side)
        y0 = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side)
        for x in (x0 - 1, x0, x0 + 1):
            for y in (y0 - 1, y0, y0 + 1):
                answer = ask_tile(ask, actor, f"/tiles/buildings/13/{x}/{y}.mvt")
                for cell in answer:
                    cells += cell["count"]
                    people += cell.get("residents_persons", 0)
                    withheld += cell.get("withheld", False)
        assert cells == len(HOMES)
        assert found.setdefault(actor.name, (people, withheld)) == (people, withheld), "the same the second time"
    assert found["local-admin"] == (sum(HOMES.values()), 0)
    assert found["resident"] == (0, 0)
    assert found["official"] == (67, 0)
    people, withheld = found["planner"]
    assert people % 5 == 0
    assert people <= 35 + 5 + 20 + 25 + 5 + 60


def ask_tile(ask, actor, url):
    content = ask(actor, url).content
    layer = mapbox_vector_tile.decode(content)["buildings"] if content else {"features": []}
    return [one["properties"] for one in layer["features"]]


def test_few_households_of_a_project_are_for_those_who_keep_it(ask, service):
    with service.store.writing() as conn:
        for code, count in (("P1", 3), ("P2", 7), ("P3", 12), ("P4", None), ("P5", 40)):
            given = {"code": code, "geom": Point(*Town.at(100, 20)), "name": code, "kind": "lift"}
            given |= {"households_count": count}
            rows.insert(conn, LAYERS["projects"], given, actor=LOCAL_ADMIN, now=NOW)
    exact = {"P1": 3, "P2": 7, "P3": 12, "P4": None, "P5": 40}
    told = {"P1": None, "P2": None, "P3": 10, "P4": None, "P5": 40}
    for actor in (ADMIN, PLANNER, OFFICIAL, RESIDENT, UNIT):
        answer = ask(actor, "/api/projects?limit=9&sort=-households_count").json()
        listed = [one["properties"] for one in answer["features"]]
        own = actor in (ADMIN, PLANNER)
        assert {one["code"]: one["households_count"] for one in listed} == (exact if own else told)
        if not own:
            assert [one["code"] for one in listed] == ["P1", "P2", "P3", "P4", "P5"], "the order tells nothing either"
            assert {one["code"] for one in listed if one["withheld"]} == {"P1", "P2"}
            assert ask(actor, "/api/projects/P1").json()["properties"]["households_count"] is None
    assert ask(PLANNER, "/api/projects/P1").headers["etag"] != ask(RESIDENT, "/api/projects/P1").headers["etag"]
