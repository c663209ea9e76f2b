"""A poster is public: what stays internal is not on it, whoever prints it."""

from shapely.geometry import Point

from geo_service.services import print_ground, print_poster
from tests.services.conftest import Town

HERE = "990001001001"


def test_a_poster_leaves_out_pipes_and_power_lines(town):
    town.community(HERE, 0, 1000)
    kinds = ("street_light", "pipes", "overhead_lines")
    given = {"status": "building", "geometry": Point(Town.at(500, 0))}
    town.put("projects", [{"code": kind, "name": kind, "kind": kind, **given} for kind in kinds])
    with town.store.reading() as conn:
        area = print_ground.area_to_print(conn, town.ctx, HERE)
        told = str(print_poster._projects(conn, town.ctx, area))
    assert [kind in told for kind in kinds] == [True, False, False]
