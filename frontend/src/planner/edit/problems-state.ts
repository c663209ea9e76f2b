/** Everything that is wrong with the grids or areas there are: what was asked, what was found, what is looked at. */
import { computed, signal } from "@preact/signals";
import { type LayerProblems, problemsOf, rowsIn, type ShapeProblem } from "../../data/editing";
import type { EditMark } from "../../map/edit";
import type { Bounds, LonLat } from "../../shared/api";
import { boundsOf } from "../../shared/bounds";
import { isInside } from "../../shared/inside";
import { ready, resource } from "../../shared/loadable";
import { editing } from "../edit-state";
import * as state from "../state";
import { goTo } from "./go-to";

export const found = resource<LayerProblems>();
export const kind = signal("governance");
export const department = signal("");
export const level = signal("community");
/** Problems of one kind alone; empty for all. */
export const only = signal("");
export const chosen = signal<ShapeProblem | null>(null);
/** Departments whose grids are stored; null until they were asked for. */
export const departments = signal<readonly string[] | null>(null);

const MOST_GRIDS = 1000;

export async function check(): Promise<void> {
  const layer = editing.peek()?.layer ?? "grids";
  chosen.value = null;
  only.value = "";
  if (layer === "grids" && kind.peek() === "department") {
    await askDepartments();
    if (!department.peek()) {
      found.clear();
      return;
    }
  }
  const asked: Record<string, string> =
    layer === "areas"
      ? { level: level.peek() }
      : { kind: kind.peek(), ...(kind.peek() === "department" ? { department: department.peek() } : {}) };
  await found.load((signal) => problemsOf(layer, asked, signal));
}

async function askDepartments(): Promise<void> {
  if (departments.peek() !== null) return;
  const rows = await rowsIn("grids", null, MOST_GRIDS, undefined, { kind: "department" }).catch(() => null);
  if (!rows) return;
  const named = rows.features.map(({ properties }) => String(properties.department ?? ""));
  departments.value = [...new Set(named)].filter(Boolean).sort();
  department.value = department.peek() || (departments.peek()?.[0] ?? "");
}

export const listed = computed<readonly ShapeProblem[]>(
  () => ready(found.state.value)?.problems.filter((one) => !only.value || one.kind === only.value) ?? [],
);

export function look(problem: ShapeProblem): void {
  chosen.value = problem;
  if (problem.geometry) goTo(problem.geometry);
}

/** How far beside a thin or small problem one may press. */
const NEAR_PIXELS = 14;

/** The problem at a place of the map: one that holds it before one beside, the smallest where several lie there. */
export function pick(place: LonLat): void {
  const zoom = state.position.peek()?.zoom ?? 0;
  const near = (NEAR_PIXELS * 360) / (256 * 2 ** zoom);
  const there = listed.peek().flatMap((problem) => {
    const bounds = problem.geometry && boundsOf(problem.geometry);
    if (!bounds || !problem.geometry || !isNear(bounds, place, near)) return [];
    const size = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]);
    return [{ problem, beside: isInside(problem.geometry, place) ? 0 : 1, size }];
  });
  there.sort((a, b) => a.beside - b.beside || a.size - b.size);
  if (there[0]) chosen.value = there[0].problem;
}

const isNear = (bounds: Bounds, [lon, lat]: LonLat, near: number): boolean =>
  lon >= bounds[0] - near && lon <= bounds[2] + near && lat >= bounds[1] - near && lat <= bounds[3] + near;

export const problemMarks = computed<EditMark[]>(() =>
  listed.value.flatMap((one, number): EditMark[] => {
    if (!one.geometry) return [];
    const isChosen = one === chosen.value;
    return [{ geometry: one.geometry, style: "problem", ...(isChosen ? { label: String(number + 1) } : {}) }];
  }),
);
