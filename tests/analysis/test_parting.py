"""Shapes cut and joined."""

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, box

from geo_service.analysis.parting import cut, joined

PLOT = box(0, 0, 4, 2)


def areas(pieces):
    return [round(piece.area, 9) for piece in pieces]


def test_a_line_across_cuts_a_polygon_west_to_east():
    pieces = cut(MultiPolygon([PLOT]), LineString([(1, -1), (1, 3)]))
    assert areas(pieces) == [2, 6]
    assert areas(cut(PLOT, LineString([(3, -1), (3, 3)]).reverse())) == [6, 2]
    bent = LineString([(1, -1), (1, 3), (2, 3), (2, -1)])
    assert areas(cut(PLOT, bent)) == [2, 2, 4]


def test_a_line_that_ends_inside_or_runs_along_cuts_nothing():
    for line in ([(1, -1), (1, 1)], [(0, 0), (4, 0)], [(9, 9), (10, 10)], [(1, 0.5), (3, 0.5)]):
        assert len(cut(PLOT, LineString(line))) == 1


def test_parts_the_line_leaves_alone_stay_with_the_first():
    pieces = cut(MultiPolygon([PLOT, box(10, 0, 11, 1)]), LineString([(1, -1), (1, 3)]))
    assert areas(pieces) == [3, 6]
    assert pieces[0].geom_type == "MultiPolygon"


def test_holes_stay_holes():
    holed = PLOT.difference(box(0.5, 0.5, 1.5, 1.5))
    assert areas(cut(holed, LineString([(1, -1), (1, 3)]))) == [1.5, 5.5]


def test_lines_are_cut_where_a_line_crosses():
    pieces = cut(MultiLineString([[(0, 0), (4, 0)]]), LineString([(1, -1), (1, 1)]))
    assert [piece.length for piece in pieces] == [1, 3]
    assert len(cut(LineString([(0, 0), (4, 0)]), LineString([(1, 0), (2, 0)]))) == 1


def test_neighbours_are_joined_and_the_others_are_not():
    assert joined([box(0, 0, 1, 1), box(1, 0, 2, 1)]).equals(box(0, 0, 2, 1))
    assert joined([box(2, 0, 3, 1), box(0, 0, 1, 1), box(1, 0, 2, 1)]).equals(box(0, 0, 3, 1))  # by the third
    assert joined([box(0, 0, 1, 1), box(1, 1, 2, 2)]) is None  # a corner
    assert joined([box(0, 0, 1, 1), box(1.001, 0, 2, 1)]) is None
    hair = joined([box(0, 0, 1, 1), box(1 + 1e-10, 0, 2, 1)])
    assert shapely.get_num_geometries(hair) == 1


def test_lines_are_joined_end_to_end():
    whole = joined([LineString([(0, 0), (1, 0)]), LineString([(1, 0), (2, 0)])])
    assert whole.equals(LineString([(0, 0), (2, 0)]))
    assert whole.geom_type == "LineString"
    assert joined([LineString([(0, 0), (1, 0)]), LineString([(2, 0), (3, 0)])]) is None
