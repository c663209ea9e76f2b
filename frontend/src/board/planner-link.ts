/** Where the planner's map shows what a row of the board is about. */
import { boundsOf } from "../shared/bounds";
import { START } from "./address";
import type { BoardOf, Row } from "./data";
import { look } from "./state";

/** What of an analysis' question the map's own asks by the same name. */
const ASKED = ["circle", "minutes", "strict", "profile", "at"] as const;

/** A gap zone in the run it is of; anything else as coverage of its category, with the thing chosen. */
export function plannerLink(now: BoardOf, row: Row): string {
  return zoneLink(now, row) ?? coverageLink(row);
}

function zoneLink({ analyses }: BoardOf, row: Row): string | null {
  const gaps = analyses.find(({ kind }) => kind === "gaps");
  const category = String(row.category_code);
  if (!gaps?.run || !row.key.startsWith(`${category}/`)) return null;
  const asked = new URLSearchParams();
  const box = row.geometry && boundsOf(row.geometry);
  if (box) asked.set("map", `16/${((box[0] + box[2]) / 2).toFixed(5)}/${((box[1] + box[3]) / 2).toFixed(5)}`);
  asked.set("tool", "gaps");
  asked.set("t.category", category);
  for (const name of ASKED) {
    const value = gaps.question[name];
    if (value) asked.set(`t.${name}`, value === true ? "1" : String(value));
  }
  asked.set("t.run", gaps.run.uid);
  asked.set("t.zone", row.key.slice(category.length + 1));
  return `/map#${asked}`;
}

function coverageLink(row: Row): string {
  const circle = typeof row.circle === "number" ? row.circle : look.value.circle || START.circle;
  const asked = new URLSearchParams({ category: String(row.category_code), circle: String(circle) });
  if (row.place) asked.set("feature", `${row.place.layer}/${row.place.code}`);
  return `/map#${asked}`;
}
