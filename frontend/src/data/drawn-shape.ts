/** A shape drawn on the map: its corners as the address keeps them, its ring as the server is asked. */
import type { LonLat } from "../shared/api";

export const WAYS = ["polygon", "box", "area", "points"] as const;
export type Way = (typeof WAYS)[number];

/** Corners a shape has at least. */
export const LEAST_CORNERS = { polygon: 3, box: 2, points: 1 } as const;
/** Corners a shape has at most: so many fit into the address of every request and into a saved view. */
export const MOST_CORNERS = 150;
/** Degrees to a tenth of a metre. */
const rounded = (degree: number): number => Number(degree.toFixed(6));

/** The corners as the address keeps them: `lon,lat;lon,lat`. */
export const cornersText = (corners: readonly LonLat[]): string =>
  corners.map((at) => at.map(rounded).join(",")).join(";");

export const cornersFrom = (text: string | null): LonLat[] =>
  (text ?? "").split(";").flatMap((one): LonLat[] => {
    const [lon, lat] = one.split(",").map(Number);
    const fits = lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    return one.includes(",") && fits ? [[lon, lat]] : [];
  });

/** The closed ring that is selected in; null while it is none. */
export function ringOf(way: Way, corners: readonly LonLat[]): LonLat[] | null {
  const [first, second] = corners;
  if (way === "box" && first && second) {
    const [west, east] = [Math.min(first[0], second[0]), Math.max(first[0], second[0])];
    const [south, north] = [Math.min(first[1], second[1]), Math.max(first[1], second[1])];
    if (west === east || south === north) return null;
    return [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
  }
  return way === "polygon" && first && corners.length >= 3 ? [...corners, first] : null;
}

/** A ring as the server is asked for what lies in it. */
export const withinOf = (ring: readonly LonLat[]): string =>
  `POLYGON((${ring.map((at) => at.map(rounded).join(" ")).join(",")}))`;
