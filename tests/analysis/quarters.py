"""Closed quarters, gates and barriers in metres around the place of tests/analysis/places.py, and a second opinion."""

from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
from shapely import LineString, Point
from shapely.affinity import translate

from geo_service.analysis.closures import enclose
from geo_service.analysis.compounds import EVERYONE, NOBODY, RESIDENTS, Grounds, arrange
from geo_service.analysis.distances import nearest
from geo_service.analysis.stepping import snap_homes, snap_places
from tests.analysis.places import X0, Y0, network_of

PASSES = {"everyone": EVERYONE, "residents": RESIDENTS, "nobody": NOBODY}


def grounds(compounds=(), gates=(), barriers=()):
    """``compounds``: (code, polygon); ``gates``: (code, (x, y), quarter or None, passes); ``barriers``: shapes."""

    def there(shape):
        return translate(shape, X0, Y0)

    return Grounds(
        [code for code, _ in compounds],
        [there(shape) for _, shape in compounds],
        [gate[0] for gate in gates],
        np.array([gate[1][0] + X0 for gate in gates], float),
        np.array([gate[1][1] + Y0 for gate in gates], float),
        [gate[2] for gate in gates],
        np.array([PASSES[gate[3]] for gate in gates], np.int8),
        [f"b{n}" for n in range(len(barriers))],
        [there(shape) for shape in barriers],
    )


def enclosed(nodes, ways, compounds=(), gates=(), barriers=()):
    """The derived network of the nodes and ways as of ``network_of``."""
    given = grounds(compounds, gates, barriers)
    return enclose(network_of(nodes, ways), arrange(given), given.barrier_code, given.barrier_shape)


def walk_home(network, facilities, homes, **options):
    """Nearest of the facilities for residents at the homes, all given in metres from the place."""
    places, people = (np.asarray(some, float).reshape(-1, 2) for some in (facilities, homes))
    ends = snap_places(network, places[:, 0] + X0, places[:, 1] + Y0)
    starts = snap_homes(network, people[:, 0] + X0, people[:, 1] + Y0)
    return nearest(network, ends, np.arange(len(places)), starts, **options)


class Plain:
    """The definition written down with shapely and networkx: one graph per kind of walker, nothing contracted.

    Without links of gates that no street passes.
    """

    def __init__(self, network, given, *, step_free=False):
        self.network, self.arranged = network, arrange(given)
        self.walls = [shapely.boundary(b) if b.geom_type.endswith("Polygon") else b for b in given.barrier_shape]
        self.pieces = []
        for edge in range(network.edge_count):
            if not step_free or network.edge_step_free[edge]:
                self._cut(edge)
        self.graphs = {who: self._graph(who) for who in range(-1, len(self.arranged.code))}

    def _cut(self, edge):
        network = self.network
        u, v = int(network.edge_u[edge]), int(network.edge_v[edge])
        a, b = (np.array([network.x[n], network.y[n]]) for n in (u, v))
        line, length = LineString([a, b]), float(network.edge_length_m[edge])
        marks = {0.0, 1.0}
        for core in self.arranged.core:
            for point in shapely.get_coordinates(line.intersection(core.boundary)):
                marks.add(float(np.clip(np.hypot(*(point - a)) / line.length, 0, 1)))
        marks = sorted(marks)
        for low, high in pairwise(marks):
            middle = Point(a + (low + high) / 2 * (b - a))
            label = next((k for k, core in enumerate(self.arranged.core) if core.contains(middle)), -1)
            ends = [u if low == 0 else (edge, low), v if high == 1 else (edge, high)]
            xy = [a + low * (b - a), a + high * (b - a)]
            self.pieces.append((ends, xy, (high - low) * length, label, bool(network.edge_snap[edge])))

    def passes(self, label, xy):
        """Who may pass the boundary of a quarter at a place."""
        given = self.arranged
        near = [
            int(given.gate_passes[g])
            for g in range(len(given.gate_code))
            if given.gate_compound[g] == label and np.hypot(given.gate_x[g] - xy[0], given.gate_y[g] - xy[1]) <= 15
        ]
        return max(near, default=0)

    def _graph(self, who):
        graph, labels = nx.Graph(), {}
        for ends, xy, length, label, _ in self.pieces:
            graph.add_edge((ends[0], label), (ends[1], label), metres=length)
            for end, place in zip(ends, xy, strict=True):
                labels.setdefault(end, {})[label] = place
        for end, there in labels.items():
            for a in there:
                for b in there:
                    if a < b and all(
                        k < 0 or self.passes(k, there[k]) == EVERYONE or (k == who and self.passes(k, there[k]) >= 1)
                        for k in (a, b)
                    ):
                        graph.add_edge((end, a), (end, b), metres=0.0)
        return graph

    def label(self, x, y):
        """The quarter a point lies in."""
        return next((k for k, shape in enumerate(self.arranged.shape) if shape.covers(Point(x, y))), -1)

    def snap(self, x, y, reach=200.0):
        """Piece, metres along it and leg of the nearest place in sight, looked for in steps of a decimetre."""
        label = self.label(x, y)
        best = None
        for number, (_, xy, length, of, target) in enumerate(self.pieces):
            line = LineString(xy)
            if of != label or not target or line.distance(Point(x, y)) > min(reach, best[2] if best else reach):
                continue
            along = np.unique(np.r_[line.project(Point(x, y)), np.arange(0, line.length, 0.1), line.length])
            spots = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
            legs = shapely.linestrings([[(x, y), spot] for spot in spots])
            seen = shapely.length(legs) <= reach
            for wall in self.walls:
                seen &= ~shapely.intersects(legs, wall)
            if label >= 0:
                seen &= shapely.covers(self.arranged.shape[label].buffer(1e-6), legs)
            else:
                for core in self.arranged.core:
                    seen &= ~shapely.intersects(legs, core)
            for at in np.flatnonzero(seen):
                leg = float(shapely.length(legs[at]))
                if best is None or leg < best[2]:
                    best = (number, along[at] / line.length * length, leg)
        return best

    def nearest(self, homes, facilities):
        """Walk of each home (x, y in the frame): inf unreachable, None without a street."""
        places = [found for found in (self.snap(*place) for place in facilities) if found]
        answers = []
        for home in homes:
            found = self.snap(*home)
            if found is None:
                answers.append(None)
                continue
            graph = self.graphs[self.label(*home)].copy()
            self._stand(graph, "home", found)
            for number, place in enumerate(places):
                self._stand(graph, ("place", number), place)
                if place[0] == found[0]:
                    along = found[2] + abs(found[1] - place[1]) + place[2]
                    graph.add_edge("home", ("place", number), metres=along)
            reach = nx.single_source_dijkstra_path_length(graph, "home", weight="metres")
            answers.append(min((reach.get(("place", n), np.inf) for n in range(len(places))), default=np.inf))
        return answers

    def _stand(self, graph, name, found):
        number, along, leg = found
        ends, _, length, label, _ = self.pieces[number]
        graph.add_edge(name, (ends[0], label), metres=leg + along)
        graph.add_edge(name, (ends[1], label), metres=leg + length - along)
