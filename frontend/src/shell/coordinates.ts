/** Coordinates as people type or paste them: degrees, or degrees, minutes and seconds, with or without directions. */
import type { LonLat } from "../shared/api";

const DIRECTIONS: Record<string, { isLon: boolean; sign: 1 | -1 }> = {
  东经: { isLon: true, sign: 1 },
  西经: { isLon: true, sign: -1 },
  北纬: { isLon: false, sign: 1 },
  南纬: { isLon: false, sign: -1 },
  E: { isLon: true, sign: 1 },
  W: { isLon: true, sign: -1 },
  N: { isLon: false, sign: 1 },
  S: { isLon: false, sign: -1 },
};
const SIDE = "(东经|西经|北纬|南纬|[EWNS])?";
const ANGLE = `${SIDE}\\s*([-+]?\\d{1,3}(?:\\.\\d+)?)(?:°|度)?(?:(\\d{1,2}(?:\\.\\d+)?)['′分](?:(\\d{1,2}(?:\\.\\d+)?)(?:["″秒]|''))?)?\\s*([EWNS])?`;
const PAIR = new RegExp(`^[([（]?\\s*${ANGLE}\\s*[,，;；\\s]\\s*${ANGLE}\\s*[)\\]）]?$`, "i");

interface Angle {
  degrees: number;
  isLon: boolean | null;
}

function angle([before, whole, minutes, seconds, after]: (string | undefined)[]): Angle {
  const side = DIRECTIONS[(before ?? after ?? "").toUpperCase()];
  const size = Math.abs(Number(whole)) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3600;
  const sign = (side?.sign ?? 1) * (whole?.startsWith("-") ? -1 : 1);
  return { degrees: Math.round(sign * size * 1e7) / 1e7, isLon: side?.isLon ?? null };
}

const isPair = (lon: Angle, lat: Angle): boolean =>
  lon.isLon !== false && lat.isLon !== true && Math.abs(lon.degrees) <= 180 && Math.abs(lat.degrees) <= 90;

/** Longitude and latitude in degrees; what can only be latitude first is turned round. Null for anything else. */
export function coordinatesIn(words: string): LonLat | null {
  const found = PAIR.exec(words.trim());
  if (!found) return null;
  const [first, second] = [angle(found.slice(1, 6)), angle(found.slice(6, 11))];
  if (isPair(first, second)) return [first.degrees, second.degrees];
  return isPair(second, first) ? [second.degrees, first.degrees] : null;
}
