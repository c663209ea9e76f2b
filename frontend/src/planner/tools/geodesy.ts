/** Lengths and areas on the sphere of the earth's mean radius; within 0.5 % of the ellipsoid. */
import type { LonLat } from "../../shared/api";

const RADIUS_M = 6_371_008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two places. */
export function distance([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const half = (a: number, b: number) => Math.sin(radians(b - a) / 2) ** 2;
  const chord = half(latA, latB) + Math.cos(radians(latA)) * Math.cos(radians(latB)) * half(lonA, lonB);
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Metres along a line. */
export const lengthOf = (line: readonly LonLat[]): number =>
  line.slice(1).reduce((sum, at, place) => sum + distance(line[place] as LonLat, at), 0);

/** Square metres inside the ring through the points, which closes itself; 0 for fewer than three. */
export function areaOf(ring: readonly LonLat[]): number {
  if (ring.length < 3) return 0;
  const sum = ring.reduce((total, [lon, lat], place) => {
    const [nextLon, nextLat] = ring[(place + 1) % ring.length] as LonLat;
    return total + radians(nextLon - lon) * (2 + Math.sin(radians(lat)) + Math.sin(radians(nextLat)));
  }, 0);
  return Math.abs((sum * RADIUS_M * RADIUS_M) / 2);
}
