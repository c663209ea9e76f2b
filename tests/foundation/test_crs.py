import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.foundation import crs
from geo_service.foundation.errors import InvalidInput


@pytest.mark.parametrize(
    ("place", "lon", "lat", "epsg"),
    [
        ("Kashgar", 75.99, 39.47, 4534),
        ("Beijing", 116.39, 39.91, 4548),
        ("Wuhan", 114.30, 30.59, 4547),
        ("Shenzhen", 114.06, 22.54, 4547),
        ("Shanghai", 121.47, 31.23, 4549),
        ("Xi'an", 108.95, 34.26, 4545),
        ("Fuyuan", 134.30, 48.36, 4554),
        ("western edge of the zones", 73.5, 39.0, 4534),
        ("between two zones", 115.5, 30.0, 4548),
        ("just west of it", 115.4999, 30.0, 4547),
        ("just west of China's zones", 73.4999, 39.0, 32643),
        ("just east of them", 136.5, 40.0, 32653),
        ("Porto", -8.61, 41.15, 32629),
        ("Helsinki", 24.94, 60.17, 32635),
        ("Perth, same longitudes in the south", 115.86, -31.95, 32750),
        ("Quito, a little south", -78.47, -0.18, 32717),
        ("date line", 180.0, 10.0, 32660),
        ("other side of it", -180.0, 10.0, 32601),
    ],
)
def test_metric_zone(place, lon, lat, epsg):
    assert crs.metric_epsg(lon, lat) == epsg, place


@given(st.floats(-180, 180), st.floats(-80, 84))
def test_every_place_has_a_zone_whose_meridian_is_near(lon, lat):
    epsg = crs.metric_epsg(lon, lat)
    meridian = 75 + 3 * (epsg - 4534) if epsg < 5000 else -183 + 6 * (epsg % 100)
    assert abs(lon - meridian) <= (1.5 if epsg < 5000 else 3.0) + 1e-9


def test_length_of_one_degree_on_the_ellipsoid():
    # WGS 84: one degree of the equator, and the first degree of a meridian
    lengths = crs.geodesic_lengths_m(
        np.array([0.0, 10.0]), np.array([0.0, 0.0]), np.array([1.0, 10.0]), np.array([0.0, 1.0])
    )
    assert lengths == pytest.approx([111_319.491, 110_574.389], abs=0.01)
    assert crs.geodesic_lengths_m(*(np.zeros(0),) * 4).shape == (0,)


@given(
    st.floats(-179, 179),
    st.floats(-70, 70),
    st.floats(-25_000, 25_000),
    st.floats(-25_000, 25_000),
    st.floats(0, 6.28),
)
def test_a_metric_frame_measures_like_the_ellipsoid(lon, lat, east, north, bearing):
    frame = crs.MetricFrame.at(lon, lat)
    x0, y0 = frame.to_metric([lon], [lat])
    x1, y1 = x0 + east, y0 + north
    x2, y2 = x1 + 1000 * np.cos(bearing), y1 + 1000 * np.sin(bearing)
    lons, lats = frame.to_lonlat(np.concatenate([x1, x2]), np.concatenate([y1, y2]))
    length = crs.geodesic_lengths_m(lons[:1], lats[:1], lons[1:], lats[1:])[0]
    assert length == pytest.approx(1000, rel=5e-4 if crs.metric_epsg(lon, lat) > 30_000 else 2e-4)


@given(st.floats(73.6, 136.4), st.floats(3, 53))
def test_a_metric_frame_reads_back(lon, lat):
    frame = crs.MetricFrame.at(lon, lat)
    lon2, lat2 = frame.to_lonlat(*frame.to_metric([lon], [lat]))
    assert (lon2[0], lat2[0]) == pytest.approx((lon, lat), abs=1e-8)


def test_geometries_travel_through_a_frame():
    frame = crs.MetricFrame.at(116.32, 40.0)
    line = shapely.LineString([(116.32, 40.0), (116.33, 40.0)])
    metric = frame.geometries_to_metric([line])
    assert metric[0].length == pytest.approx(853.9, abs=0.5)
    assert shapely.equals_exact(frame.geometries_to_lonlat(metric)[0], line, 1e-8)


def test_foreign_systems_come_in_longitude_first():
    web = shapely.Point(12_957_000.0, 4_852_000.0)
    stored = crs.to_stored([web], 3857)[0]
    assert (stored.x, stored.y) == pytest.approx((116.3948, 39.9035), abs=1e-3)
    # EPSG:4547 is northing first on paper; files and this service write easting first
    zone = shapely.Point(500_000.0, 3_386_000.0)
    stored = crs.to_stored([zone], 4547)[0]
    assert stored.x == pytest.approx(114.0, abs=1e-9)
    assert stored.y == pytest.approx(30.594, abs=0.01)


@pytest.mark.parametrize("epsg", [4326, 4490])
def test_stored_and_cgcs2000_are_taken_as_they_are(epsg):
    point = shapely.Point(116.3, 40.0)
    assert crs.to_stored([point], epsg)[0] is point


@pytest.mark.parametrize("epsg", [0, 999_999, 1])
def test_an_unknown_system_is_refused_by_name(epsg):
    with pytest.raises(InvalidInput) as caught:
        crs.check_epsg(epsg)
    assert caught.value.code == "crs_unknown"
    assert str(epsg) in caught.value.sentence("zh")
    assert str(epsg) in caught.value.sentence("en")


def test_epsg_of_texts():
    assert crs.epsg_of_wkt("EPSG:4547") == 4547
    assert crs.epsg_of_wkt("no such thing") is None
