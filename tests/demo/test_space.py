"""The demo town as land: territory without holes, buildings that stand free, quarters behind their gates."""

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo_service.demo.plan import CENTRE_LAT_DEG, CENTRE_LON_DEG
from geo_service.foundation.crs import MetricFrame, geodesic_lengths_m

FRAME = MetricFrame.at(CENTRE_LON_DEG, CENTRE_LAT_DEG)


def metric(shapes):
    return FRAME.geometries_to_metric(np.asarray(shapes, dtype=object))


def way_lines(ways):
    x, y = FRAME.to_metric(ways.lon, ways.lat)
    part = np.repeat(np.arange(len(ways.part_way)), np.diff(ways.part_start))
    return shapely.linestrings(np.column_stack([x, y]), indices=part)


def edges(ways):
    inner = np.ones(len(ways.lon), bool)
    inner[ways.part_start[1:] - 1] = False
    first = np.flatnonzero(inner)
    return first, first + 1


def pieces(ways, without=frozenset()):
    """Return the nodes and the connected piece of each, with the edges at some nodes taken away."""
    nodes, number = np.unique(ways.node_ids, return_inverse=True)
    a, b = edges(ways)
    open_node = ~np.isin(nodes, list(without))
    kept = open_node[number[a]] & open_node[number[b]]
    matrix = coo_array((np.ones(kept.sum()), (number[a][kept], number[b][kept])), shape=(len(nodes), len(nodes)))
    return nodes, number, connected_components(matrix, directed=False)[1]


def test_streets_hang_together_except_the_island(town):
    _, number, label = pieces(town.ways)
    sizes = np.sort(np.bincount(label))
    assert len(sizes) == 1 + town.size.streets
    assert sizes[-1] > 0.95 * sizes.sum()
    assert number.max() + 1 == len(label)


def test_ways_are_of_many_kinds_and_marked(town):
    assert {"secondary", "tertiary", "residential", "living_street", "service", "footway", "steps", "path"} <= set(
        town.ways.highways
    )
    for highway, snap, step_free in zip(town.ways.highways, town.ways.snap_target, town.ways.step_free, strict=True):
        assert step_free == (highway != "steps")
        assert highway != "steps" or not snap
    assert (~town.ways.snap_target).sum() > np.sum([h == "steps" for h in town.ways.highways])  # bridge, underpass
    lengths = geodesic_lengths_m(
        town.ways.lon[edges(town.ways)[0]],
        town.ways.lat[edges(town.ways)[0]],
        town.ways.lon[edges(town.ways)[1]],
        town.ways.lat[edges(town.ways)[1]],
    )
    assert (lengths > 0).all()


def test_the_railway_is_crossed_exactly_twice_and_the_lake_never(town):
    barriers = town.frames["barriers"]
    lines = way_lines(town.ways)
    for rail in metric(barriers.loc[barriers["kind"] == "rail"].geometry):
        crossing = shapely.crosses(lines, rail)
        assert crossing.sum() == 2
        assert not town.ways.snap_target[crossing].any()
    for water in metric(barriers.loc[barriers["kind"] == "water"].geometry):
        assert not shapely.intersects(lines, water).any()
    assert [kind for _, kind, *_ in town.crossings] == ["underpass", "footbridge"] * town.size.streets


def test_streets_reach_far_beyond_the_communities_except_in_the_west(town):
    areas = town.frames["areas"]
    office = metric(areas.loc[areas["level"] == "street"].geometry)[0].bounds
    extent = metric([town.extent])[0].bounds
    for away in (office[1] - extent[1], extent[2] - office[2], extent[3] - office[3]):
        assert away > 1200
    assert 150 < office[0] - extent[0] < 500


def test_communities_and_grids_fill_the_street_without_overlap(town):
    areas, grids = town.frames["areas"], town.frames["grids"]
    office = metric(areas.loc[areas["level"] == "street"].geometry)[0]
    communities = metric(areas.loc[areas["level"] == "community"].geometry)
    for parts in (
        communities,
        metric(grids.loc[grids["kind"] == "governance"].geometry),
        metric(grids.loc[grids["kind"] == "unit"].geometry),
    ):
        assert shapely.area(parts).sum() == pytest.approx(office.area, rel=2e-4)
        assert shapely.union_all(parts).area == pytest.approx(office.area, rel=2e-4)


def test_unit_grids_are_numbered_west_to_east_from_the_north(town):
    areas = town.frames["areas"]
    units = town.frames["grids"]
    units = units[units["kind"] == "unit"]
    shapes = metric(units.geometry)
    size = shapely.area(shapes)
    assert units["code"].str.fullmatch(r"\d{15}").all()
    assert size.min() > 4_000
    assert size.max() < 16_000
    assert 9_000 < np.median(size) < 11_000
    for code in areas.loc[areas["level"] == "community", "code"]:
        own = units["code"].str.startswith(code).to_numpy()
        assert units.loc[own, "code"].str[12:].astype(int).tolist() == list(range(1, own.sum() + 1))
        middles = shapely.get_coordinates(shapely.centroid(shapes[own]))
        east, south = np.diff(middles[:, 0]), -np.diff(middles[:, 1])
        # going on means going east in the same row, or back west into the next row below
        assert ((east > 0) | (south > 20)).all()
        assert middles[0, 1] > middles[-1, 1] + 300


def test_one_quarter_spans_two_communities(street):
    areas = street.frames["areas"]
    spanning = areas[(areas["level"] == "quarter") & (areas["parent_code"].str.len() == 9)]
    assert len(spanning) == 1
    communities = metric(areas.loc[areas["level"] == "community"].geometry)
    shared = shapely.area(shapely.intersection(metric(spanning.geometry)[0], communities))
    assert (shared > 1500).sum() == 2


def test_buildings_stand_free_of_each_other_and_of_streets(town):
    shapes = metric(town.frames["buildings"].geometry)
    tree = shapely.STRtree(shapes)
    a, b = tree.query(shapes, predicate="intersects")
    assert (a == b).all()
    ways = town.ways
    on_ground = np.array([h not in ("steps", "path") for h in ways.highways])[ways.part_way]
    line_at, _ = tree.query(way_lines(ways)[on_ground], predicate="intersects")
    assert len(line_at) == 0
    barriers = town.frames["barriers"]
    fixed = metric(barriers.geometry)
    at, _ = tree.query(fixed, predicate="intersects")
    assert len(at) == 0


def test_homes_are_near_a_street_except_the_lodges(town):
    buildings = town.frames["buildings"]
    homes = buildings[buildings["residents_persons"].notna()]
    lines = way_lines(town.ways)[town.ways.snap_target[town.ways.part_way]]
    away = shapely.STRtree(lines).query_nearest(shapely.centroid(metric(homes.geometry)), return_distance=True)[1]
    far = away > 200
    assert far.sum() == town.size.streets
    assert np.quantile(away, 0.95) < 60


def test_walls_are_crossed_at_gates_alone(town):
    barriers = town.frames["barriers"]
    walls = metric(barriers.loc[barriers["kind"] == "wall"].geometry)
    assert len(walls)
    lines = way_lines(town.ways)
    assert len(shapely.STRtree(walls).query(lines, predicate="intersects")[0]) == 0


def test_closed_quarters_are_joined_to_the_outside_only_through_their_gates(town):
    areas, gates = town.frames["areas"], town.frames["gates"]
    ways = town.ways
    node_lonlat = {
        (round(float(x), 7), round(float(y), 7)): int(n)
        for n, x, y in zip(ways.node_ids, ways.lon, ways.lat, strict=True)
    }
    closed = areas[(areas["level"] == "quarter") & (areas["closure"] == "closed")]
    assert set(closed["code"]) <= set(gates["quarter_code"].dropna())
    at_gates = {node_lonlat[round(p.x, 7), round(p.y, 7)] for p in gates.geometry}
    nodes, number, label = pieces(ways, without=at_gates)
    street_nodes = ways.node_ids[np.repeat([h == "secondary" for h in ways.highways], np.diff(ways.part_start))]
    outside = label[np.searchsorted(nodes, street_nodes)]
    main = np.bincount(outside).argmax()
    for code, shape in zip(closed["code"], closed.geometry, strict=True):
        inside = np.unique(number[shapely.contains_xy(shape, ways.lon, ways.lat)])
        assert len(inside), code
        assert main not in label[inside], code


def test_gates_stand_on_ways_and_tell_who_may_pass(town):
    gates = town.frames["gates"]
    assert {"everyone", "residents"} <= set(gates["passes"])
    lines = way_lines(town.ways)
    away = shapely.STRtree(lines).query_nearest(metric(gates.geometry), return_distance=True, all_matches=False)[1]
    assert (away < 0.05).all()


def test_party_grids_fit_badly(street):
    grids = street.frames["grids"]
    party = metric(grids.loc[grids["kind"] == "department"].geometry)
    assert set(grids.loc[grids["kind"] == "department", "department"]) == {"党建"}
    union = shapely.union_all(party)
    assert shapely.area(party).sum() > union.area + 1000  # overlaps
    areas = street.frames["areas"]
    office = metric(areas.loc[areas["level"] == "street"].geometry)[0]
    assert shapely.difference(office, union).area > 10_000  # holes
    assert grids.loc[grids["kind"] != "governance", "leader_name"].isna().all()
