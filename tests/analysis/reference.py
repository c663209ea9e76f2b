"""An independent second opinion: plain networkx with geodesic lengths, written from the definitions alone.

Shares no code with the product: own tag rules, own projection (a tangent plane at each point), own graph.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
NOT_WALKABLE = {
    *("motorway", "motorway_link", "construction", "proposed", "planned", "abandoned", "razed", "raceway"),
    *("bus_guideway", "escape", "platform", "no"),
}


@dataclass
class Plain:
    """Streets as a graph; ``targets`` are the edges one may step onto."""

    graph: nx.Graph = field(default_factory=nx.Graph)
    targets: list = field(default_factory=list)
    position: dict = field(default_factory=dict)

    def add(self, nodes, *, target=True, steps=False):
        """Add a way given as (id, lon, lat) in order; a None breaks it."""
        for one, two in pairwise(nodes):
            if one is None or two is None or one[0] == two[0]:
                continue
            a, b = one[0], two[0]
            self.position[a], self.position[b] = one[1:], two[1:]
            metres = GEOD.inv(*one[1:], *two[1:])[2]
            old = self.graph.get_edge_data(a, b)
            if old is None:
                self.graph.add_edge(a, b, metres=metres, steps=steps, target=target)
            else:
                old["metres"] = min(old["metres"], metres)
                old["steps"] = old["steps"] and steps
                old["target"] = old["target"] or target
        return self

    def ready(self):
        """Collect the snap targets once all ways are there."""
        self.targets = [(a, b, data["metres"]) for a, b, data in self.graph.edges(data=True) if data["target"]]
        self.ends = np.array([[*self.position[a], *self.position[b]] for a, b, _ in self.targets]).reshape(-1, 4)
        return self

    def snap(self, lon, lat, reach=200.0):
        """Return (edge number, metres along from its first node, leg) or None."""
        if not len(self.ends):
            return None
        east, north = metres_per_degree(lat)
        ax, ay = (self.ends[:, 0] - lon) * east, (self.ends[:, 1] - lat) * north
        dx, dy = (self.ends[:, 2] - lon) * east - ax, (self.ends[:, 3] - lat) * north - ay
        square = dx * dx + dy * dy
        share = np.clip(-(ax * dx + ay * dy) / np.where(square > 0, square, 1), 0, 1)
        leg = np.hypot(ax + share * dx, ay + share * dy)
        best = int(np.argmin(leg))
        if leg[best] > reach:
            return None
        return best, float(share[best]) * self.targets[best][2], float(leg[best])

    def nearest(self, homes, facilities, *, step_free=False):
        """Return the walking distance of each home (lon, lat): inf unreachable, None not snapped."""
        graph = self.graph.copy()
        if step_free:
            graph.remove_edges_from([(a, b) for a, b, data in self.graph.edges(data=True) if data["steps"]])
        on_edge: dict = {}
        snapped = [found for found in (self.snap(*place) for place in facilities) if found]
        for number, (edge, along, leg) in enumerate(snapped):
            a, b, length = self.targets[edge]
            graph.add_edge("source", ("f", number), metres=leg)
            # one-way in effect: a walk through a facility is never shorter than past it
            graph.add_edge(("f", number), a, metres=along)
            graph.add_edge(("f", number), b, metres=length - along)
            on_edge.setdefault(edge, []).append((along, leg))
        reach = nx.single_source_dijkstra_path_length(graph, "source", weight="metres") if snapped else {}
        answers = []
        for place in homes:
            found = self.snap(*place)
            if found is None:
                answers.append(None)
                continue
            edge, along, leg = found
            a, b, length = self.targets[edge]
            ways = [reach.get(a, math.inf) + along + leg, reach.get(b, math.inf) + length - along + leg]
            ways += [other_leg + abs(along - other) + leg for other, other_leg in on_edge.get(edge, [])]
            answers.append(min(ways))
        return answers


def metres_per_degree(lat):
    """Metres of a degree of longitude and latitude at a latitude on the WGS 84 ellipsoid."""
    a, e2 = 6378137.0, 0.0066943799901413165
    sine = math.sin(math.radians(lat))
    w = 1 - e2 * sine * sine
    return (
        math.radians(1) * a * math.cos(math.radians(lat)) / math.sqrt(w),
        math.radians(1) * a * (1 - e2) / w**1.5,
    )


def walkable(tags):
    """Whether a way may be walked on."""
    kind = tags.get("highway")
    if kind is None or kind in NOT_WALKABLE or tags.get("motorroad") == "yes" or tags.get("area") == "yes":
        return False
    foot = tags.get("foot")
    if foot in {"no", "private"}:
        return False
    needs_permission = kind == "cycleway" or tags.get("access") in {"no", "private"}
    return not needs_permission or foot in {"yes", "designated", "permissive"}


def may_step_on(tags):
    """Whether one may step onto a way from beside it."""
    return (
        tags["highway"] not in {"steps", "elevator", "corridor", "trunk", "trunk_link"}
        and tags.get("bridge", "no") == "no"
        and tags.get("tunnel", "no") == "no"
        and tags.get("layer", "0") == "0"
    )


def read(path: Path, moved=(0.0, 0.0)):
    """Return the streets of an OSM file and its tagged nodes as {(key, value): [(lon, lat)]}, moved by degrees."""
    streets, things, position = Plain(), {}, {}
    for thing in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
        tags = dict(thing.tags)
        if thing.is_node():
            position[thing.id] = (thing.location.lon + moved[0], thing.location.lat + moved[1])
            for key in ("amenity", "shop"):
                if key in tags:
                    things.setdefault((key, tags[key]), []).append(position[thing.id])
        elif walkable(tags):
            nodes = [(n.ref, *position[n.ref]) if n.ref in position else None for n in thing.nodes]
            streets.add(nodes, target=may_step_on(tags), steps=tags["highway"] == "steps")
    return streets.ready(), things
