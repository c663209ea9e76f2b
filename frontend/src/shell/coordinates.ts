/** Coordinates as people type or paste them. */
import type { LonLat } from "../shared/api";

const PAIR = /^[([（]?\s*([-+]?\d{1,3}(?:\.\d+)?)°?\s*[,，;；\s]\s*([-+]?\d{1,3}(?:\.\d+)?)°?\s*[)\]）]?$/;

/** Longitude and latitude in degrees; what can only be latitude first is turned round. Null for anything else. */
export function coordinatesIn(words: string): LonLat | null {
  const found = PAIR.exec(words.trim());
  if (!found) return null;
  const [first, second] = [Number(found[1]), Number(found[2])];
  if (Math.abs(first) <= 180 && Math.abs(second) <= 90) return [first, second];
  if (Math.abs(second) <= 180 && Math.abs(first) <= 90) return [second, first];
  return null;
}
