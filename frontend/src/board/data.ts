/** What the board shows, as the server tells it; and the analyses it needs, started and watched. */
import { batch, signal } from "@preact/signals";
import type { Geometry } from "geojson";
import type { Share } from "../map/paint";
import type { Bounds, CategoryMeta, LayerMeta, RunStatus } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import { asProblem, resource } from "../shared/loadable";
import { isAbort, type Problem, problemFrom, request } from "../shared/request";
import { type Look, queryOf } from "./address";

export interface PlaceOf {
  layer: string;
  code: string;
  name: string | null;
  level?: string;
  level_label?: Bilingual;
  bounds?: Bounds | null;
}

export type Value = string | number | boolean | null | undefined | Bilingual;

export interface Planned {
  code: string;
  name: string;
  responsible_unit: string | null;
  deadline_on: string | null;
}

export interface Row {
  key: string;
  place?: PlaceOf | null;
  withheld?: boolean;
  /** Columns that read as not known, since of most people, or buildings, nobody knows. */
  unknown_columns?: string[];
  geometry?: Geometry | null;
  /** Of a zone that reaches out of the place looked at: what lies in there, and how many people lack it there. */
  here?: { name: string; people: number | null; geometry: Geometry } | null;
  planned?: Planned[];
  category_code?: string;
  area_code?: string | null;
  features?: string[];
  trend?: TrendPoint[];
  /** Of the first of all rows of a part: how many categories there are, and whether all of them are listed. */
  categories?: number;
  is_whole?: boolean;
  [column: string]: unknown;
}

export interface TrendPoint {
  as_of: string;
  uid: string;
  code_version: string;
  share: number | null;
}

export interface ColumnOf {
  key: string;
  kind: string;
  label: Bilingual | null;
}

export interface TableOf {
  key: string;
  columns: ColumnOf[];
  rows: Row[];
  matched: number;
}

export interface RunOf {
  uid: string;
  created_at: string;
  as_of: string;
  code_version: string;
  changed: Bilingual[];
}

export interface AnalysisOf {
  kind: string;
  question: Record<string, unknown>;
  earlier: number;
  run: RunOf | null;
}

/** What the map of the parts shows: share covered by code. */
export interface Shades {
  category: string;
  category_label: Bilingual;
  layer: "areas" | "grids";
  basis: "people" | "buildings";
  shares: Record<string, Share>;
}

export interface BoardOf {
  view: string;
  path: PlaceOf[];
  levels: string[];
  by: string | null;
  parts: PlaceOf[];
  tables: TableOf[];
  analyses: AnalysisOf[];
  /** What the way from the worst place on rests on. */
  following: AnalysisOf[];
  lead: Bilingual | null;
  shades: Shades | null;
  /** Of the gaps, whichever reason is chosen: how many there are for each. */
  reasons: { reason: string; people: number; zones: number }[];
  notes: Bilingual[];
  attribution: string[];
  map_approval: Bilingual;
  is_synthetic: boolean;
  people_rounded_to: number | null;
  choices: Record<string, Record<string, Bilingual>>;
}

/** The board shown last; it stays while the next one is on its way. */
export const board = signal<BoardOf | null>(null);
export const isLoading = signal(false);
export const problem = signal<Problem | null>(null);
let current: AbortController | null = null;

export async function loadBoard(look: Look, limit: number): Promise<void> {
  current?.abort();
  const mine = new AbortController();
  current = mine;
  isLoading.value = true;
  try {
    const found = await request<BoardOf>(`/api/board/${look.view}`, {
      query: { ...queryOf(look), limit },
      signal: mine.signal,
    });
    if (current !== mine) return;
    batch(() => {
      board.value = found;
      problem.value = null;
      isLoading.value = false;
    });
  } catch (error) {
    if (current !== mine || isAbort(error)) return;
    batch(() => {
      problem.value = asProblem(error);
      isLoading.value = false;
    });
  }
}

/** How far an analysis is that was started here; its question names it. */
export interface Work {
  status: "running" | "failed";
  progress: number | null;
  message: Bilingual | null;
  problem: Problem | null;
}

export const works = signal<Record<string, Work>>({});
const POLL_MS = 500;

export const workKey = ({ kind, question }: AnalysisOf): string => `${kind} ${JSON.stringify(question)}`;

const note = (key: string, work: Work | null): void => {
  const { [key]: _old, ...rest } = works.peek();
  works.value = work ? { ...rest, [key]: work } : rest;
};

/** Starts analyses one after the other and waits for them; whether all were done. */
export async function startAll(wanted: AnalysisOf[]): Promise<boolean> {
  for (const one of wanted) note(workKey(one), { status: "running", progress: null, message: null, problem: null });
  let isWhole = true;
  for (const one of wanted) isWhole = (await start(one)) && isWhole;
  return isWhole;
}

async function start(wanted: AnalysisOf): Promise<boolean> {
  const key = workKey(wanted);
  try {
    let status = await request<RunStatus>(`/api/analyses/${wanted.kind}`, { method: "POST", body: wanted.question });
    while (status.status === "queued" || status.status === "running") {
      note(key, { status: "running", progress: status.progress, message: status.message ?? null, problem: null });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      status = await request<RunStatus>(`/api/runs/${status.uid}`);
    }
    if (status.status === "failed") throw problemFrom(status.problem ?? {}, 0);
    note(key, null);
    return true;
  } catch (error) {
    note(key, { status: "failed", progress: null, message: null, problem: asProblem(error) });
    return false;
  }
}

export const categories = resource<CategoryMeta[]>();
export const loadCategories = (): Promise<void> =>
  categories.load((signal) => request<CategoryMeta[]>("/api/categories", { signal }));

/** Layers with their choices, for forms. */
export const layers = resource<LayerMeta[]>();
export const loadLayers = (): Promise<void> => layers.load((signal) => request<LayerMeta[]>("/api/layers", { signal }));

export interface TasksWritten {
  [count: string]: number;
  created: number;
  kept: number;
  reopened: number;
  closed: number;
  outside: number;
}

export const writeTasks = (run: string, query: { category?: string; area?: string }): Promise<TasksWritten> =>
  request<TasksWritten>(`/api/analyses/gaps/${run}/tasks`, { method: "POST", query });

/** The outline of an area, where a row has none of its own. */
export const outlineOf = async (layer: string, code: string): Promise<Geometry | null> =>
  (await request<{ geometry: Geometry | null }>(`/api/${layer}/${encodeURIComponent(code)}`)).geometry;
