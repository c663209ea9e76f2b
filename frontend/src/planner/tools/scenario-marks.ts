/** How edits and what they change are drawn. */
import { computed } from "@preact/signals";
import type { Edit } from "../../data/scenarios";
import type { OverlayShape } from "../../map/overlay";
import type { Shape, SymbolStyle } from "../../map/style";
import type { LonLat } from "../../shared/api";
import { boundsOf } from "../../shared/bounds";
import type { SampleKind } from "../swatch";
import { asked } from "./follow";
import { fetched } from "./places";
import { edits, line } from "./scenario-state";
import type { Key } from "./texts";

const mark = (fill: string, stroke: string, shape: Shape): SymbolStyle => ({
  fill,
  fill_opacity: 1,
  stroke,
  width_px: 2,
  dash: [],
  shape,
  radius_px: 9,
  glyph: null,
  pattern: "none",
});
const ADDED = mark("#0072b2", "#00324d", "circle");
const CLOSED = mark("#d55e00", "#5c2800", "cross");
const OPENED = mark("#009e73", "#00402f", "square");
const CUT = mark("#d55e00", "#5c2800", "diamond");
const HOMES = mark("#cc79a7", "#57254a", "pentagon");
const PATH: SymbolStyle = { ...mark("#009e73", "#009e73", "circle"), fill: null, width_px: 5 };
const MOVED: SymbolStyle = { ...PATH, stroke: "#0072b2", width_px: 2, dash: [5, 5] };

export const MARKS: readonly { symbol: SymbolStyle; key: Key; kind: SampleKind }[] = [
  { symbol: ADDED, key: "tools.scenario.mark_added", kind: "point" },
  { symbol: CLOSED, key: "tools.scenario.mark_closed", kind: "point" },
  { symbol: OPENED, key: "tools.scenario.mark_opened", kind: "point" },
  { symbol: HOMES, key: "tools.scenario.mark_homes", kind: "point" },
  { symbol: PATH, key: "tools.scenario.mark_path", kind: "line" },
  { symbol: CUT, key: "tools.scenario.mark_cut", kind: "point" },
];

/** Facilities and gates that edits name, for where they stand. */
export const editThings = fetched(
  computed(() =>
    edits.now.value.flatMap(({ facility, gate }) => [
      ...(facility ? [{ layer: "facilities", code: facility }] : []),
      ...(gate ? [{ layer: "gates", code: gate }] : []),
    ]),
  ),
);

/** What a thing of the edits is called and where it stands, once it is here. */
export function thingOf(code: string | undefined): { name: string; at: LonLat | null } {
  const found = editThings.found.value.find(({ properties }) => properties.code === code);
  const bounds = found?.geometry && boundsOf(found.geometry);
  return {
    name: String(found?.properties.name ?? code ?? ""),
    at: bounds ? [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2] : null,
  };
}

/** Where an edit is, for bringing it into view. */
export const placeOf = ({ position, line: path, facility, gate }: Edit): LonLat | null =>
  position ?? path?.[0] ?? thingOf(facility ?? gate).at;

const point = (coordinates: LonLat) => ({ type: "Point" as const, coordinates });

export function editShapes(): OverlayShape[] {
  const chosen = asked("edit");
  const shapes = edits.now.value.flatMap((edit, place): OverlayShape[] => {
    const key = String(place);
    const common = { key, isChosen: key === chosen };
    const at = placeOf(edit);
    if (edit.edit === "path_add" && edit.line)
      return [{ ...common, geometry: { type: "LineString" as const, coordinates: edit.line }, symbol: PATH }];
    if (!at) return [];
    const shape = { ...common, geometry: point(at), badge: String(place + 1) };
    if (edit.edit === "facility_move") {
      const from = thingOf(edit.facility).at;
      const way = from && { type: "LineString" as const, coordinates: [from, at] };
      return [...(way ? [{ key: null, geometry: way, symbol: MOVED }] : []), { ...shape, symbol: ADDED }];
    }
    return [{ ...shape, symbol: SYMBOLS[edit.edit] ?? ADDED }];
  });
  const drawn = line.value;
  if (drawn.length > 1)
    shapes.push({ key: null, geometry: { type: "LineString", coordinates: [...drawn] }, symbol: PATH });
  for (const at of drawn) shapes.push({ key: null, geometry: point(at), symbol: { ...OPENED, radius_px: 5 } });
  return shapes;
}

const SYMBOLS: Record<string, SymbolStyle> = {
  facility_add: ADDED,
  facility_close: CLOSED,
  facility_share: OPENED,
  gate_open: OPENED,
  facility_resize: ADDED,
  homes_add: HOMES,
  path_cut: CUT,
};
