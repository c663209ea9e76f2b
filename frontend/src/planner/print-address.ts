/** The address of what is printed: the map as it is now with what analyses draw on it, or a sheet of a community. */
import type { Circles, LonLat } from "../shared/api";
import { withQuery } from "../shared/request";
import { baseMap, OWN } from "./base-state";
import { circlesShown } from "./circles-state";
import { basisInUse, paint, result } from "./paint-state";
import { boundsOf } from "./print-button";
import { isStrict } from "./rule-text";
import * as state from "./state";

/** Analyses whose runs the server draws on a printed map. */
const PRINTED: readonly state.ToolName[] = ["gaps", "siting"];
/** As many points as circles are printed of at once. */
export const MOST_POINTS = 100;

export interface Wanted {
  kind: "map" | "community" | "poster";
  paper: "A4" | "A3";
  turn: "portrait" | "landscape";
  format: "pdf" | "png";
  title: string;
  community: string;
}

export function addressOf({ kind, paper, turn, format, title, community }: Wanted): string {
  if (kind !== "map")
    return withQuery(`/api/prints/${kind}`, { area: community, format, ...(kind === "poster" && { paper }) });
  return withQuery("/api/prints/map", {
    bbox: boundsOf.current().join(","),
    paper,
    landscape: turn === "landscape",
    format,
    layers: [...new Set([...(state.shown.peek() ?? []), ...(baseMap.peek() ? OWN : [])])].join(","),
    title: title.trim() || null,
    if_closed: state.ifClosed.peek(),
    ...coverageAsked(),
    ...analysisAsked(state.tool.peek()),
    ...(circlesShown.peek() && circlesAsked(circlesShown.peek()?.circles, circlesShown.peek()?.from ?? [])),
  });
}

function coverageAsked() {
  const coverage = paint.peek()?.coverage;
  return (
    coverage && {
      run: result.peek()?.uid,
      category: coverage.category,
      band: state.band.peek(),
      basis: basisInUse.peek(),
      by_building: coverage.layer === "buildings",
    }
  );
}

/** The run an open analysis shows, where the server can draw it. */
export const analysisAsked = (open: state.Tool | null) =>
  open && PRINTED.includes(open.name) && open.asked.run
    ? { analysis: open.asked.run, ...(open.name === "gaps" && { analysis_category: open.asked.category ?? null }) }
    : {};

/** The same circles asked for again. */
export function circlesAsked(circles: Circles | undefined, from: readonly LonLat[]) {
  const asked = circles?.parameters;
  if (!asked || from.length === 0 || from.length > MOST_POINTS) return {};
  const { limits, profile, at } = asked;
  const isDistance = limits[0]?.kind === "distance";
  return {
    points: from.map((one) => one.join(",")).join(";"),
    [isDistance ? "circles" : "minutes"]: limits.map(({ minutes }) => minutes).join(","),
    profile,
    at: at ?? null,
    strict: isDistance && limits.some(({ minutes, metres }) => isStrict(minutes, metres)),
  };
}
