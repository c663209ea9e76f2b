/** Which level of area is drawn at which zoom: one at a time, since borders of levels lie on each other. */

const LEVELS = ["city", "district", "street", "community"] as const;
const FROM_ZOOM: Record<string, number> = { city: 0, district: 10, street: 12, community: 14 };
const QUARTERS_FROM_ZOOM = 16;

/** Levels to draw at `zoom` of those `present`: the finest that suits it, else the nearest; quarters on large maps. */
export function levelsAt(zoom: number, present: readonly string[]): string[] {
  const known = LEVELS.filter((level) => present.includes(level));
  const suiting = known.filter((level) => zoom >= (FROM_ZOOM[level] ?? 0));
  const chosen = suiting[suiting.length - 1] ?? known[0];
  const quarters = present.includes("quarter") && (zoom >= QUARTERS_FROM_ZOOM || !chosen) ? ["quarter"] : [];
  return chosen ? [chosen, ...quarters] : quarters;
}
