/** GCJ-02, the shifted datum of Chinese map services, from and to WGS 84: the server's formula (foundation/datum.py). */
import type { LonLat } from "../shared/api";

const A_M = 6378245; // Krasovsky 1940
const EE = 0.006693421622965943;
const ROUNDS = 6; // each leaves less than a hundredth of the error

const sin = (turns: number) => Math.sin(turns * Math.PI);

export function toGcj02([lon, lat]: LonLat): LonLat {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const wave = ((20 * sin(6 * x) + 20 * sin(2 * x)) * 2) / 3;
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    wave +
    ((20 * sin(y) + 40 * sin(y / 3) + 160 * sin(y / 12) + 320 * sin(y / 30)) * 2) / 3;
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    wave +
    ((20 * sin(x) + 40 * sin(x / 3) + 150 * sin(x / 12) + 300 * sin(x / 30)) * 2) / 3;
  const phi = (lat * Math.PI) / 180;
  const magic = 1 - EE * Math.sin(phi) ** 2;
  const degrees = 180 / Math.PI;
  return [
    lon + (degrees * east * Math.sqrt(magic)) / (A_M * Math.cos(phi)),
    lat + (degrees * north * magic ** 1.5) / (A_M * (1 - EE)),
  ];
}

/** The place in WGS 84, found by going back what the way forth went astray. */
export function fromGcj02([lon, lat]: LonLat): LonLat {
  let [east, north] = [lon, lat];
  for (let round = 0; round < ROUNDS; round++) {
    const [found, above] = toGcj02([east, north]);
    east += lon - found;
    north += lat - above;
  }
  return [east, north];
}
