/** Saving what was changed; somebody else's change in between is met, never written over. */
import { batch, signal } from "@preact/signals";
import {
  changeRow,
  checkShape,
  createRow,
  mergeRows,
  type Parted,
  type Properties,
  restoreRow,
  retireRow,
  rowOf,
  splitRow,
  versionOf,
} from "../../data/editing";
import { loadFeature } from "../../data/features";
import type { LayerFeature, LonLat } from "../../shared/api";
import { lang } from "../../shared/lang";
import { asProblem } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { closeEditing, editing, openEditing, toldChanged } from "../edit-state";
import * as state from "../state";
import { missing } from "./checks";
import * as keptDraft from "./kept-draft";
import * as session from "./session";
import { t } from "./texts";

const layerOf = (): string => editing.peek()?.layer ?? "";

/** Does one thing on the server; what it refuses is shown. */
async function asked<T>(work: () => Promise<T>): Promise<T | null> {
  keptDraft.keep();
  batch(() => {
    session.isSaving.value = true;
    session.problem.value = null;
    session.faults.value = {};
    session.done.value = "";
  });
  try {
    return await work();
  } catch (error) {
    await refused(asProblem(error));
    return null;
  } finally {
    session.isSaving.value = false;
  }
}

async function refused(problem: Problem): Promise<void> {
  const code = editing.peek()?.code;
  const why = problem.status === 422 ? await shapeRefusal() : null;
  if (problem.status === 412 && code) {
    const now = (problem.facts.current as LayerFeature | undefined) ?? (await rowOf(layerOf(), code).catch(() => null));
    if (now?.properties.code === code) {
      batch(() => {
        keptDraft.baseOfDraft.value = null;
        session.conflict.value = now;
      });
      return;
    }
  }
  batch(() => {
    session.faults.value = why ? { ...faultsOf(problem), geometry: why } : faultsOf(problem);
    session.problem.value = problem;
  });
  focusFirstFault();
}

/** Why the check says that the new shape cannot be stored; its sentence is plainer than that of the refusal. */
async function shapeRefusal(): Promise<string | null> {
  const now = editing.peek();
  const geometry = session.geometryNow.peek();
  if (!now || !geometry || !session.isReshaped.peek()) return null;
  const known = session.blocked.peek();
  if (known) return known;
  const found = await checkShape(now.layer, { geometry, ident: now.code ?? undefined, properties: {} }).catch(
    () => null,
  );
  return found?.problems.find(({ blocks }) => blocks)?.sentence ?? null;
}

interface Fault {
  field: string;
  detail_zh?: string;
  detail_en?: string;
}

/** The sentences of a refusal by field. */
export function faultsOf(problem: Problem): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { field, detail_zh, detail_en } of (problem.facts.faults as Fault[] | undefined) ?? [])
    found[field] = (lang.peek() === "zh" ? detail_zh : detail_en) ?? detail_en ?? "";
  return found;
}

function focusFirstFault(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".edit-form [aria-invalid=true]")?.focus());
}

/** Tells map and details that a row is another now. */
function told(layer: string, code: string): void {
  toldChanged(layer);
  const what = state.selected.peek();
  const isSelected = what?.kind !== "place" && what?.code === code;
  if (isSelected) void loadFeature(layer, code);
}

/** Whether everything that must be there is there; says it at the fields where not. */
function isWhole(): boolean {
  const form = session.form.peek();
  if (!form) return false;
  const lacking = missing(form, session.given, session.geometryNow.peek(), session.code.peek(), !session.row.peek());
  session.faults.value = lacking;
  if (Object.keys(lacking).length === 0) return true;
  focusFirstFault();
  return false;
}

export async function save(andNext = false): Promise<void> {
  if (session.isSaving.peek() || !isWhole()) return;
  const stored = session.row.peek();
  if (!stored) return create(andNext);
  const change: { properties: Properties; geometry?: GeoJSON.Geometry | null } = { properties: session.changes.peek() };
  if (session.isReshaped.peek()) change.geometry = session.geometryNow.peek();
  await write(stored, versionOf(stored), change);
}

export async function write(
  stored: LayerFeature,
  version: number,
  change: { properties: Properties; geometry?: GeoJSON.Geometry | null },
): Promise<void> {
  const layer = layerOf();
  const kept = await asked(() => changeRow(layer, String(stored.id), version, change));
  if (!kept) return;
  keptDraft.forgetDraft();
  await session.goOnWith(kept, t("edit.saved", { version: versionOf(kept) }));
  told(layer, String(kept.properties.code));
}

async function create(andNext: boolean): Promise<void> {
  const layer = layerOf();
  const named = session.code.peek().trim();
  const properties = { ...session.changes.peek(), ...(named ? { code: named } : {}) };
  const made = await asked(() => createRow(layer, properties, session.geometryNow.peek(), session.keyOfNew()));
  if (!made) return;
  keptDraft.forgetDraft();
  const code = String(made.properties.code);
  toldChanged(layer);
  if (andNext) {
    await session.open();
    session.done.value = t("edit.made", { code });
    return;
  }
  await session.goOnWith(made);
  batch(() => {
    state.selected.value = layer === "buildings" ? { kind: "home", code } : { kind: "feature", layer, code };
    openEditing("edit", layer, code);
    saidNext = t("edit.made", { code });
  });
}

/** What is said once the thing that was made is open. */
let saidNext = "";
export function takeSaid(): string {
  const said = saidNext;
  saidNext = "";
  return said;
}

export async function retire(reason: string): Promise<void> {
  const stored = session.row.peek();
  const layer = layerOf();
  if (!stored) return;
  const kept = await asked(() => retireRow(layer, String(stored.id), versionOf(stored), reason));
  if (!kept) return;
  keptDraft.discard();
  told(layer, String(stored.properties.code));
  closeEditing();
}

/** The fields that should be looked at, in words. */
function reviewed({ to_review }: Parted): string {
  const fields = [...new Set((to_review ?? []).map(({ label }) => label))];
  if (fields.length === 0) return "";
  return ` ${t("edit.review", { fields: fields.reduce((first, rest) => t("edit.several", { first, rest })) })}`;
}

/** The split or merge that was done last, and how it is taken back: the version before it and the others of it. */
export const undoable = signal<{ kind: "split" | "merge"; stored: LayerFeature; others: LayerFeature[] } | null>(null);

/** Goes on with a row after a split or merge, which can be taken back until something else is done. */
async function goOnParted(kind: "split" | "merge", found: Parted, said: string): Promise<void> {
  const [kept, ...others] = found.features;
  const now = kept && (await rowOf(layerOf(), String(kept.properties.code)).catch(() => null));
  if (!now) return;
  await session.goOnWith(now, `${said}${reviewed(found)}`);
  if (versionOf(now) === versionOf(kept)) undoable.value = { kind, stored: now, others };
}

/** Takes the last split or merge back: all its things are what they were, or none. */
export async function unpart(): Promise<void> {
  const last = undoable.peek();
  const layer = layerOf();
  if (!last) return;
  const { kind, stored, others } = last;
  const partners = Object.fromEntries(others.map((one) => [String(one.properties.code), versionOf(one)]));
  const now = versionOf(stored);
  const code = String(stored.properties.code);
  const kept = await asked(() => restoreRow(layer, code, now, now - 1, partners));
  if (!kept) return;
  undoable.value = null;
  await session.goOnWith(kept, t(kind === "split" ? "edit.parted.undone_split" : "edit.parted.undone_merge"));
  told(layer, code);
}

/** Cuts the stored thing along a line; what is split off is a thing of its own. */
export async function split(line: readonly LonLat[]): Promise<void> {
  const stored = session.row.peek();
  const layer = layerOf();
  if (!stored) return;
  const ident = String(stored.properties.code);
  const coordinates = line.map(([lon, lat]) => [lon, lat]);
  const found = await asked(() => splitRow(layer, ident, versionOf(stored), { type: "LineString", coordinates }));
  if (!found) return;
  session.cancelDrawing();
  toldChanged(layer);
  await goOnParted("split", found, t("edit.split.done", { count: found.features.length }));
}

export async function merge(others: readonly LayerFeature[]): Promise<boolean> {
  const stored = session.row.peek();
  const layer = layerOf();
  if (!stored) return false;
  const versions: Record<string, number> = {};
  for (const one of [stored, ...others]) versions[String(one.properties.code)] = versionOf(one);
  const keep = String(stored.properties.code);
  const found = await asked(() => mergeRows(layer, keep, versions));
  if (!found) return false;
  toldChanged(layer);
  await goOnParted("merge", found, t("edit.merge.done", { count: others.length }));
  return true;
}
