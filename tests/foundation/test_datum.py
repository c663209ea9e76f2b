import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.foundation import datum
from geo_service.foundation.crs import geodesic_lengths_m

CHINA = (st.floats(73.6, 135.0), st.floats(18.0, 53.5))


def metres(lon1, lat1, lon2, lat2):
    return geodesic_lengths_m(*(np.atleast_1d(np.asarray(v, float)) for v in (lon1, lat1, lon2, lat2)))[0]


def test_a_known_pair():
    # Tian'anmen, Beijing: the pair the public converters agree on
    lon, lat = datum.wgs84_to_gcj02([116.3912757], [39.9055472])
    assert metres(lon, lat, 116.3975176, 39.9069495) < 2.0


@given(*CHINA)
def test_gcj02_reads_back_far_below_half_a_metre(lon, lat):
    back = datum.gcj02_to_wgs84(*datum.wgs84_to_gcj02([lon], [lat]))
    assert metres(lon, lat, *back) < 0.01


@given(*CHINA)
def test_bd09_reads_back_far_below_half_a_metre(lon, lat):
    back = datum.bd09_to_wgs84(*datum.wgs84_to_bd09([lon], [lat]))
    assert metres(lon, lat, *back) < 0.01
    assert metres(lon, lat, *datum.bd09_to_gcj02(*datum.gcj02_to_bd09([lon], [lat]))) < 0.01


@pytest.mark.parametrize(
    ("lon", "lat", "shift_m"),
    [
        (116.40, 39.90, 556),  # Beijing
        (121.47, 31.23, 482),  # Shanghai
        (113.26, 23.13, 621),  # Guangzhou
        (114.31, 30.59, 587),  # Wuhan
        (108.94, 34.34, 462),  # Xi'an
        (114.06, 22.54, 606),  # Shenzhen
        (96.5, 36.5, 47),  # the least and the most on a grid of one degree
        (131.5, 47.5, 673),
    ],
)
def test_the_shift_is_the_one_attested(lon, lat, shift_m):
    assert metres(lon, lat, *datum.wgs84_to_gcj02([lon], [lat])) == pytest.approx(shift_m, abs=1)


@given(*CHINA, st.floats(0.0005, 0.01))
def test_the_shift_keeps_west_and_east_north_and_south_in_order(lon, lat, step):
    lons, lats = datum.wgs84_to_gcj02([lon, lon + step, lon], [lat, lat, lat + step])
    assert lons[1] > lons[0]
    assert lats[2] > lats[0]


@pytest.mark.parametrize(("lon", "lat"), [(-8.61, 41.15), (24.94, 60.17), (151.2, -33.9), (0.0, 0.0)])
def test_far_from_china_nothing_is_shifted(lon, lat):
    assert [float(v[0]) for v in datum.wgs84_to_gcj02([lon], [lat])] == [lon, lat]
    assert [float(v[0]) for v in datum.gcj02_to_wgs84([lon], [lat])] == [lon, lat]
