"""The second gate: what a query finds for whom, on both stores, and the same by code as by SQL."""

import pytest
import sqlalchemy as sa
from shapely.geometry import Point, box

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import reaches
from geo_service.storage import rows, spatial
from geo_service.storage.frames import read_frame
from geo_service.storage.tables import TABLES
from geo_service.storage.visible import own_places, visible_sql, visible_to
from tests.community import ELSEWHERE, GRID_HERE, HERE, QUARTER, STREET, THERE, settle
from tests.storage.samples import NOW


@pytest.fixture
def settled(store):
    settle(store, NOW)
    with store.writing() as conn:
        nowhere = {"code": "cases-0", "geom": Point(117.5, 40), "category": "noise", "reported_at": NOW.isoformat()}
        rows.insert(conn, LAYERS["cases"], nowhere, actor=LOCAL_ADMIN, now=NOW)
    return store


def found(conn, actor, layer, reach="own"):
    table = TABLES[layer]
    condition = visible_to(actor, reach, LAYERS[layer])
    return sorted(conn.execute(sa.select(table.c.code).where(condition)).scalars())


def test_a_closure_goes_by_stored_parents_and_by_codes(settled):
    with settled.reading() as conn:
        for area, codes in (
            (STREET, {STREET, HERE, THERE, QUARTER}),
            (HERE, {HERE, QUARTER}),
            (THERE, {THERE}),
            (QUARTER, {QUARTER}),
            ("990101009", set()),
        ):
            actor = Actor("a", "official", areas=(area,))
            assert own_places(conn, actor).areas == codes
            assert found(conn, actor, "areas") == sorted(codes)


def test_an_area_that_hangs_elsewhere_is_not_below_its_codes_prefix(settled):
    with settled.writing() as conn:
        other = {"code": "990102001", "geom": box(117, 40, 117.1, 40.1), "name": "别处", "level": "street"}
        rows.insert(conn, LAYERS["areas"], other, actor=LOCAL_ADMIN, now=NOW)
        row = rows.get(conn, LAYERS["areas"], THERE)
        change = {"parent_code": "990102001"}
        rows.update(conn, LAYERS["areas"], THERE, row["version"], change, actor=LOCAL_ADMIN, now=NOW)
    with settled.reading() as conn:
        assert THERE not in own_places(conn, Actor("a", "official", areas=(STREET,))).areas
        assert THERE in own_places(conn, Actor("a", "official", areas=("990102001",))).areas


def test_a_retired_area_gives_nobody_a_right(settled):
    with settled.writing() as conn:
        row = rows.get(conn, LAYERS["areas"], HERE)
        rows.retire(conn, LAYERS["areas"], HERE, row["version"], "merged", actor=LOCAL_ADMIN, now=NOW)
    with settled.reading() as conn:
        actor = Actor("a", "official", areas=(HERE,))
        assert own_places(conn, actor).areas == set()
        assert found(conn, actor, "cases") == []


@pytest.mark.parametrize(
    "actor",
    [
        Actor("a", "official", areas=(STREET,)),
        Actor("b", "official", areas=(HERE,)),
        Actor("c", "official", areas=(QUARTER, THERE)),
        Actor("d", "grid_worker", grids=(GRID_HERE,)),
        Actor("e", "grid_worker", grids=(GRID_HERE,), areas=(THERE,)),
        Actor("f", "grid_worker", grids=("none", "'; --")),
        Actor("g", "planner"),
    ],
    ids=lambda actor: actor.name,
)
def test_sql_and_codes_agree_on_every_layer(settled, actor):
    with settled.reading() as conn:
        places = own_places(conn, actor)
        for name, layer in LAYERS.items():
            every = rows.page(conn, layer, limit=1000).rows
            held = sorted(row["code"] for row in every if places.hold(name, row))
            assert found(conn, actor, name) == held, name
            seen = visible_to(actor, "own", layer)
            page = rows.page(conn, layer, limit=1000, seen=seen)
            assert (sorted(row["code"] for row in page.rows), page.total) == (held, len(held)), name
            assert found(conn, actor, name, "none") == []
            assert len(found(conn, actor, name, "all")) == len(every)


def test_what_lies_in_no_area_is_nobodys_own(settled):
    with settled.reading() as conn:
        everywhere = Actor("a", "official", areas=(STREET,), grids=(GRID_HERE, "GB"))
        assert found(conn, everywhere, "cases") == ["cases-A", "cases-B"]


def test_tiles_and_cells_hold_only_what_is_seen(settled):
    here = Actor("a", "official", areas=(HERE,))
    address = (15, 26970, 12404)
    beside = (15, 26970 + round(ELSEWHERE / 360 * 2**15), 12404)
    layer, homes = LAYERS["cases"], LAYERS["households"]
    with settled.reading() as conn:
        seen = visible_sql(here, "own", layer)
        assert spatial.mvt(conn, layer, *address, ["code"], seen=seen)
        assert spatial.mvt(conn, layer, *beside, ["code"])
        assert not spatial.mvt(conn, layer, *beside, ["code"], seen=seen)
        assert not spatial.mvt(conn, layer, *address, ["code"], seen=visible_sql(here, "none", layer))
        own = visible_sql(here, "own", homes)
        assert spatial.mvt_cells(conn, homes, 5, 26, 12, seen=own) != spatial.mvt_cells(conn, homes, 5, 26, 12)
        assert not spatial.mvt_cells(conn, homes, *beside, seen=own)


def test_the_order_of_people_is_that_of_the_exact_ones_only(settled):
    layer = LAYERS["buildings"]
    with settled.writing() as conn:
        for code, residents, far in (("Z", 90, 0.0), ("Y", 5, 0.0), ("X", 70, ELSEWHERE), ("W", 80, ELSEWHERE)):
            plot = box(116.3110 + far, 40.0110, 116.3112 + far, 40.0111)
            values = {"code": code, "geom": plot, "use": "residential", "residents_persons": residents}
            rows.insert(conn, layer, values, actor=LOCAL_ADMIN, now=NOW)
    with settled.reading() as conn:
        here = visible_to(Actor("a", "official", areas=(HERE,)), "own", layer)
        order = [row["code"] for row in rows.page(conn, layer, sort="-residents_persons", exact=here).rows]
        assert order == ["Z", "buildings-A", "Y", "W", "X", "buildings-B"]
        exact = [row["code"] for row in rows.page(conn, layer, sort="-residents_persons").rows]
        assert exact[:3] == ["Z", "W", "X"]


def test_what_is_internal_is_for_who_may_read_it_there_in_sql_and_by_code(settled):
    layer = LAYERS["projects"]
    with settled.writing() as conn:
        for kind in ("pipes", "overhead_lines"):
            for mark, lon in (("A", 116.31), ("B", 116.31 + ELSEWHERE), ("0", 117.5)):
                given = {"code": f"{kind}-{mark}", "geom": Point(lon, 40.01), "name": kind, "kind": kind}
                rows.insert(conn, layer, given, actor=LOCAL_ADMIN, now=NOW)
    open_ones, internal = ["projects-A", "projects-B"], ["overhead_lines-A", "pipes-A"]
    with settled.reading() as conn:
        every = rows.page(conn, layer, limit=1000).rows
        for actor, own, seen in (
            (Actor("a", "anonymous"), [], open_ones),
            (Actor("b", "resident", areas=(HERE,)), ["projects-A"], open_ones),
            (Actor("c", "unit", areas=(HERE,)), [*internal, "projects-A"], sorted([*internal, *open_ones])),
            (Actor("d", "unit"), [], open_ones),
            (Actor("e", "planner", areas=(HERE,)), [*internal, "projects-A"], sorted(row["code"] for row in every)),
            (Actor("f", "admin", scopes=frozenset({"read_published"})), [], open_ones),
        ):
            assert found(conn, actor, "projects", "own") == own, actor
            assert found(conn, actor, "projects", "all") == seen, actor
            assert list(read_frame(conn, layer, ["code"], seen=visible_sql(actor, "all", layer))["code"]) == seen
            places = own_places(conn, actor)
            by_code = sorted(row["code"] for row in every if reaches(actor, "read_published", layer, row, places))
            assert by_code == seen, actor
