"""An independent reading of PRODUCT §3 held against ``analyse times``: raw OSM, plain networkx, geodesic lengths.

Nothing of the service's own reading, snapping, routing or state code is used here; only the category tag table
(data) is shared.
"""

import csv
import json
import math
import random
from itertools import pairwise
from pathlib import Path

import networkx as nx
import osmium
import pyproj
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from geo_service.bootstrap import open_context
from geo_service.cli.app import main
from geo_service.services.imports_osm import import_osm, prepare_osm
from geo_service.settings import Settings
from geo_service.storage.store import create_store

CATEGORY_TABLE = Path(__file__).resolve().parents[2] / "data" / "reference" / "categories.json"
GEOD = pyproj.Geod(ellps="WGS84")
REACH_M = 200.0
NOT_WALKABLE = {
    "motorway", "motorway_link", "construction", "proposed", "planned", "abandoned", "razed", "raceway",
    "bus_guideway", "escape", "platform", "no",
}  # fmt: skip
YES = {"yes", "designated", "permissive"}


class Extract:
    """Raw nodes, ways and bounds of a file."""

    def __init__(self, path):
        self.nodes, self.node_tags, self.ways, self.relations = {}, {}, {}, {}
        for thing in osmium.FileProcessor(str(path)):
            tags = {t.k: t.v for t in thing.tags}
            if thing.is_node():
                self.nodes[thing.id] = (thing.location.lon, thing.location.lat)
                if tags:
                    self.node_tags[thing.id] = tags
            elif thing.is_way():
                self.ways[thing.id] = (tags, [n.ref for n in thing.nodes])
            elif thing.is_relation():
                self.relations[thing.id] = (tags, [(m.type, m.ref, m.role) for m in thing.members])
        header = osmium.io.Reader(str(path)).header().box()
        if header.valid():
            self.bounds = box(
                header.bottom_left.lon, header.bottom_left.lat, header.top_right.lon, header.top_right.lat
            )
        else:
            lons, lats = zip(*self.nodes.values(), strict=True)
            self.bounds = box(min(lons), min(lats), max(lons), max(lats))


def walkable(tags):
    highway = tags.get("highway")
    if not highway or highway in NOT_WALKABLE or tags.get("motorroad") == "yes" or tags.get("area") == "yes":
        return False
    if tags.get("foot") in ("no", "private"):
        return False
    if highway == "cycleway" or tags.get("access") in ("no", "private"):
        return tags.get("foot") in YES
    return True


def steppable(tags):
    if tags["highway"] in ("steps", "elevator", "corridor", "trunk", "trunk_link"):
        return False
    return all(tags.get(key, "no") == "no" for key in ("bridge", "tunnel")) and tags.get("layer", "0") == "0"


class Walk:
    """The walking network of an extract."""

    def __init__(self, extract, *, step_free=False):
        west, south, east, north = extract.bounds.bounds
        middle = ((west + east) / 2, (south + north) / 2)
        plane = pyproj.CRS.from_proj4(f"+proj=aeqd +lon_0={middle[0]} +lat_0={middle[1]} +ellps=WGS84")
        self.project = pyproj.Transformer.from_crs(4326, plane, always_xy=True).transform
        self.graph, snappable = nx.Graph(), {}
        for tags, refs in extract.ways.values():
            if not walkable(tags) or (step_free and tags["highway"] == "steps"):
                continue
            for a, b in pairwise(refs):
                if a == b or a not in extract.nodes or b not in extract.nodes:
                    continue
                length = GEOD.inv(*extract.nodes[a], *extract.nodes[b])[2]
                if not self.graph.has_edge(a, b) or self.graph[a][b]["weight"] > length:
                    self.graph.add_edge(a, b, weight=length)
                if steppable(tags):
                    snappable[(min(a, b), max(a, b))] = True
        self.edges = list(snappable)
        self.lines = [LineString([self.project(*extract.nodes[n]) for n in edge]) for edge in self.edges]
        self.tree = shapely.STRtree(self.lines)
        outline = shapely.segmentize(extract.bounds, 0.001)
        self.extent = Polygon([self.project(*xy) for xy in outline.exterior.coords])

    def snap(self, lon, lat):
        """Return (edge, metres from its first node, access leg) or None."""
        point = Point(self.project(lon, lat))
        found = self.tree.nearest(point)
        line = self.lines[found]
        leg = point.distance(line)
        if leg > REACH_M:
            return None
        share = line.project(point) / line.length if line.length else 0.0
        edge = self.edges[found]
        return edge, share * self.graph[edge[0]][edge[1]]["weight"], leg

    def field(self, snaps):
        """Return walking metres from every node to the nearest of ``snaps`` and the snaps by edge."""
        graph, by_edge, source = self.graph.copy(), {}, "facilities"
        graph.add_node(source)
        for edge, along, leg in snaps:
            length = self.graph[edge[0]][edge[1]]["weight"]
            for node, walk in ((edge[0], leg + along), (edge[1], leg + length - along)):
                if not graph.has_edge(source, node) or graph[source][node]["weight"] > walk:
                    graph.add_edge(source, node, weight=walk)
            by_edge.setdefault(edge, []).append((along, leg))
        return nx.single_source_dijkstra_path_length(graph, source), by_edge

    def metres(self, snap, field):
        """Return the walk from a snapped home to the nearest facility, inf if there is none."""
        edge, along, leg = snap
        to_node, by_edge = field
        length = self.graph[edge[0]][edge[1]]["weight"]
        ways = [
            to_node.get(edge[0], math.inf) + along,
            to_node.get(edge[1], math.inf) + length - along,
            *(abs(along - other) + other_leg for other, other_leg in by_edge.get(edge, ())),
        ]
        return leg + min(ways)


def facility_places(extract, category):
    """Return a list of place lists: the entrances of each facility of the category, else its centroid."""
    table = json.loads(CATEGORY_TABLE.read_text(encoding="utf-8"))["categories"]
    rules = next(entry["osm"] for entry in table if entry["code"] == category)

    def matches(tags):
        if tags.get("disused") == "yes" or tags.get("abandoned") == "yes":
            return False  # closed
        return any(all((tags.get(k) in v) if v is not None else k not in tags for k, v in r.items()) for r in rules)

    places = [[extract.nodes[n]] for n, tags in extract.node_tags.items() if matches(tags)]
    for tags, refs in extract.ways.values():
        if matches(tags):
            doors = [
                extract.nodes[n]
                for n in dict.fromkeys(refs)
                if n in extract.nodes and extract.node_tags.get(n, {}).get("entrance", "no") not in ("no", "emergency")
            ]
            known = [extract.nodes[n] for n in refs if n in extract.nodes]
            if doors:
                places.append(doors)
            elif len(known) >= 4 and refs[0] == refs[-1]:
                places.append([Polygon(known).centroid.coords[0]])
            elif known:
                places.append([LineString(known).centroid.coords[0] if len(known) > 1 else known[0]])
    for tags, members in extract.relations.values():
        if matches(tags) and tags.get("type") == "multipolygon":
            rings = [[extract.nodes.get(n) for n in extract.ways.get(m, ({}, []))[1]] for _, m, _ in members]
            if all(len(ring) > 3 and None not in ring and ring[0] == ring[-1] for ring in rings):
                outer = shapely.union_all([Polygon(r) for r, m in zip(rings, members, strict=True) if m[2] == "outer"])
                inner = shapely.union_all([Polygon(r) for r, m in zip(rings, members, strict=True) if m[2] == "inner"])
                places.append([outer.difference(inner).centroid.coords[0]])
    return places


def expected(extract, walk, places, homes, limit_m):
    """Return {home id: (metres, state)} by PRODUCT §3.2 and §3.4; every facility is verified here."""
    snapped, adrift = [], []
    for doors in places:
        found = [walk.snap(*door) for door in doors]
        if any(found):
            snapped += [f for f in found if f]
        else:
            adrift += [Point(walk.project(*door)) for door in doors]
    field = walk.field(snapped)
    answer = {}
    for ident, (lon, lat) in homes.items():
        snap = walk.snap(lon, lat)
        if snap is None:
            answer[ident] = (math.inf, "unknown")
            continue
        metres, here = walk.metres(snap, field), Point(walk.project(lon, lat))
        inside = walk.extent.contains(here)
        to_end = walk.extent.exterior.distance(here) if inside else 0.0
        if metres <= limit_m:
            state = "covered"
        elif any(here.distance(other) <= limit_m for other in adrift) or to_end < min(limit_m, metres):
            state = "unknown"
        else:
            state = "not_covered"
        answer[ident] = (metres, state)
    return answer


def random_points(bounds, count, seed):
    """Return seeded points in and up to a tenth of the extent's size around it."""
    rng = random.Random(seed)
    west, south, east, north = bounds.bounds
    dx, dy = (east - west) / 10, (north - south) / 10
    return {f"p{n}": (rng.uniform(west - dx, east + dx), rng.uniform(south - dy, north + dy)) for n in range(count)}


def compare(answer, rows, limit_m, *, snapping_ties=0.005):
    """Assert that the rows agree: distances for 99.5 %, states except at the limit itself."""
    wrong, states = [], []
    for row in rows:
        metres, state = answer[row["id"]]
        theirs = float(row["metres"]) if row["metres"] else math.inf
        same = metres == theirs or abs(metres - theirs) <= max(2.0, 0.005 * min(metres, theirs))
        if not same:
            wrong.append((row["id"], metres, theirs))
        if state != row["state"] and same and abs(metres - limit_m) > max(2.0, 0.005 * limit_m):
            states.append((row["id"], metres, state, row))
    assert len(wrong) <= snapping_ties * len(rows), wrong[:10]
    assert not states, states[:5]


def load(path, area):
    """Make the store of the settings and import an extract into it, without barriers: the reading here knows none."""
    settings = Settings()
    create_store(settings.store_url).close()
    ctx = open_context(settings)
    plan = prepare_osm(ctx, path, area=area, only="network,buildings,facilities,green")
    with ctx.store.writing() as conn:
        import_osm(conn, ctx, plan)
    ctx.store.close()


EXTRACTS = [
    pytest.param("beijing-tsinghua/map.osm", "110108", ["supermarket", "toilet", "parking"], id="beijing"),
    pytest.param("helsinki/Helsinki.osm.pbf", "990001", ["supermarket", "park", "pharmacy"], id="helsinki"),
    pytest.param("shenzhen-longgang/map.osm", "440307", ["supermarket", "sports_ground", "hospital"], id="longgang"),
]


@pytest.mark.parametrize(("file", "area", "categories"), EXTRACTS)
def test_times_agree_with_an_independent_reading(file, area, categories, shared_data, tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    load(shared_data / file, area)
    extract = Extract(shared_data / file)
    points = random_points(extract.bounds, 400, seed=7)
    asked = tmp_path / "points.geojson"
    asked.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "properties": {"id": i}, "geometry": {"type": "Point", "coordinates": xy}}
                    for i, xy in points.items()
                ],
            }
        )
    )
    for profile, step_free in (("standard", False), ("wheelchair", True)):
        walk = Walk(extract, step_free=step_free)
        for category in categories:
            places = facility_places(extract, category)
            for limit_m in (300.0, 1000.0):
                out = tmp_path / f"{category}-{profile}-{limit_m:.0f}.csv"
                arguments = ["analyse", "times", "--category", category, "--points", str(asked), "--out", str(out)]
                assert main([*arguments, "--profile", profile, "--limit-m", f"{limit_m:.0f}"]) == 0
                rows = list(csv.DictReader(out.open(encoding="utf-8")))
                assert [row["id"] for row in rows] == list(points)
                compare(expected(extract, walk, places, points, limit_m), rows, limit_m)


@pytest.mark.parametrize(("file", "area", "categories"), EXTRACTS)
def test_homes_agree_with_an_independent_reading(file, area, categories, shared_data, tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    load(shared_data / file, area)
    extract = Extract(shared_data / file)
    walk = Walk(extract)
    out = tmp_path / "times.csv"
    assert main(["analyse", "times", "--category", categories[0], "--out", str(out)]) == 0
    rows = [row for row in csv.DictReader(out.open(encoding="utf-8")) if row["id"].startswith("w")]
    assert rows
    outlines = {row["id"]: [extract.nodes.get(n) for n in extract.ways[int(row["id"][1:])][1]] for row in rows}
    # where an extract cuts an outline, everybody may mend it in a way of their own
    whole = {ident: Polygon(ring) for ident, ring in outlines.items() if None not in ring and Polygon(ring).is_valid}
    homes = {ident: polygon.centroid.coords[0] for ident, polygon in whole.items()}
    rows = [row for row in rows if row["id"] in homes]
    assert len(rows) > len(outlines) / 2
    compare(expected(extract, walk, facility_places(extract, categories[0]), homes, 1000.0), rows, 1000.0)
