"""The two shifted datums of Chinese map services: GCJ-02 and BD-09, to and from WGS 84.

The forward polynomial is the publicly known approximation used by every open converter
(eviltransform, gcoord); outside mainland China's bounding box nothing is shifted. The inverse is found by
iteration and agrees with the forward one to far below 0.5 m (PRODUCT §9). Longitude first, degrees, arrays.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_A_M: Final = 6378245.0  # Krasovsky 1940 semi-major axis, metres
_EE: Final = 0.00669342162296594323  # its squared eccentricity
_X_PI: Final = np.pi * 3000.0 / 180.0


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return GCJ-02 longitude and latitude of WGS 84 points."""
    lon_a, lat_a = np.asarray(lon, float), np.asarray(lat, float)
    dlon, dlat = _offset(lon_a, lat_a)
    return lon_a + dlon, lat_a + dlat


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return WGS 84 longitude and latitude of GCJ-02 points (fixed-point iteration, < 1 mm)."""
    lon_a, lat_a = np.asarray(lon, float), np.asarray(lat, float)
    wlon, wlat = lon_a.copy(), lat_a.copy()
    for _ in range(10):
        glon, glat = wgs84_to_gcj02(wlon, wlat)
        wlon, wlat = wlon + (lon_a - glon), wlat + (lat_a - glat)
    return wlon, wlat


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return BD-09 longitude and latitude of GCJ-02 points."""
    x, y = np.asarray(lon, float), np.asarray(lat, float)
    z = np.hypot(x, y) + 0.00002 * np.sin(y * _X_PI)
    theta = np.arctan2(y, x) + 0.000003 * np.cos(x * _X_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return GCJ-02 longitude and latitude of BD-09 points (fixed-point iteration, < 1 mm)."""
    lon_a, lat_a = np.asarray(lon, float), np.asarray(lat, float)
    glon, glat = lon_a - 0.0065, lat_a - 0.006
    for _ in range(10):
        blon, blat = gcj02_to_bd09(glon, glat)
        glon, glat = glon + (lon_a - blon), glat + (lat_a - blat)
    return glon, glat


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return WGS 84 longitude and latitude of BD-09 points."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return BD-09 longitude and latitude of WGS 84 points."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def _offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    dlat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dlat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    dlon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dlon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    dlat_deg = np.degrees(dlat * magic**1.5 / (_A_M * (1.0 - _EE)))
    dlon_deg = np.degrees(dlon * np.sqrt(magic) / (_A_M * np.cos(phi)))
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return np.where(inside, dlon_deg, 0.0), np.where(inside, dlat_deg, 0.0)
