/** Changing stored things: the form of a layer, a row and its version, its history, checks, splits and merges. */
import type { Geometry, LineString } from "geojson";
import type { Bounds, LayerFeature } from "../shared/api";
import { request } from "../shared/request";

export type FieldKind =
  | "text"
  | "number"
  | "integer"
  | "date"
  | "moment"
  | "choice"
  | "choices"
  | "boolean"
  | "reference"
  | "json";

export interface FormField {
  name: string;
  kind: FieldKind;
  label: string;
  help?: string | null;
  required: boolean;
  unit?: string | null;
  min?: number | null;
  max?: number | null;
  max_length?: number | null;
  choices?: { code: string; label: string }[];
  default?: unknown;
  refers_to?: string | null;
  is_long?: boolean;
  is_personal?: boolean;
  editable: boolean;
}

export interface Form {
  layer: string;
  geometry: Geometry["type"][];
  geometry_required?: boolean;
  code_pattern?: string;
  code_required?: boolean;
  fields: FormField[];
}

export interface Change {
  field: string;
  label: string;
  before: unknown;
  after: unknown;
}

/** Another thing of a split or merge that restoring a version takes ground from, or shares it with. */
export interface Partner {
  code: string;
  name: string | null;
  version: number;
  /** Its ground would belong to nobody, it being out of use; or to both. */
  becomes: "lost" | "doubled";
  area_m2: number | null;
  length_m: number | null;
}

export interface Version {
  version: number;
  at: string;
  who: string;
  action: string;
  changes: Change[];
  geometry_before: Geometry | null;
  geometry_after: Geometry | null;
  /** Part of a split or merge, with the codes of the other things of it. */
  cause?: "split" | "merged" | null;
  partners?: string[];
  /** The other things that restoring this version concerns. */
  at_stake?: Partner[];
}

export interface ShapeProblem {
  kind: string;
  sentence: string;
  geometry: Geometry | null;
  area_m2?: number | null;
  ident?: string | null;
  /** The layer of `ident`, and codes of others of it that have part in the problem. */
  layer?: string | null;
  others?: string[];
  /** Whether the shape cannot be stored like this. */
  blocks?: boolean;
}

export interface Checked {
  area_m2: number | null;
  length_m: number | null;
  /** All of them; only the first are listed. */
  problems_count?: number;
  problems: ShapeProblem[];
  /** The code a new thing would be given. */
  next_code?: string | null;
}

/** Everything that is wrong with the grids of a kind or the areas of a level. */
export interface LayerProblems {
  asked: Record<string, string>;
  rows_count: number;
  /** All of them; only the first are listed. */
  problems_count: number;
  counts: Record<string, number>;
  problems: ShapeProblem[];
}

/** A value of what was split or merged that a person should look at. */
export interface ToReview {
  field: string;
  label: string;
}

export interface Parted {
  features: LayerFeature[];
  to_review?: ToReview[];
}

export type Properties = Record<string, unknown>;

const path = (layer: string, ident?: string, verb?: string): string =>
  ["/api", layer, ident && encodeURIComponent(ident), verb].filter(Boolean).join("/");

export const versionOf = (row: LayerFeature): number => Number(row.properties.version);
const match = (version: number) => ({ "If-Match": `"${version}"` });

export const formOf = (layer: string, signal?: AbortSignal) => request<Form>(`/api/layers/${layer}/form`, { signal });

export const rowOf = (layer: string, ident: string, signal?: AbortSignal) =>
  request<LayerFeature>(path(layer, ident), { signal });

export const createRow = (layer: string, properties: Properties, geometry: Geometry | null, key: string) =>
  request<LayerFeature>(path(layer), {
    method: "POST",
    body: { type: "Feature", properties, geometry },
    headers: { "Idempotency-Key": key },
  });

export const changeRow = (
  layer: string,
  ident: string,
  version: number,
  changes: { properties: Properties; geometry?: Geometry | null },
) => request<LayerFeature>(path(layer, ident), { method: "PATCH", body: changes, headers: match(version) });

export const retireRow = (layer: string, ident: string, version: number, reason: string) =>
  request<LayerFeature>(path(layer, ident, "retire"), { method: "POST", body: { reason }, headers: match(version) });

export const historyOf = (layer: string, ident: string, before: number | null, signal?: AbortSignal) =>
  request<{ versions: Version[]; next_before?: number | null }>(path(layer, ident, "history"), {
    query: { before },
    signal,
  });

/** `partners`: the others that are brought back or taken out of use with it, with the version of each. */
export const restoreRow = (
  layer: string,
  ident: string,
  now: number,
  version: number,
  partners: Readonly<Record<string, number>> = {},
) =>
  request<LayerFeature>(path(layer, ident, "restore"), {
    method: "POST",
    body: { version, partners },
    headers: match(now),
  });

/** What is wrong with a shape as it would be kept; nothing is written. */
export const checkShape = (
  layer: string,
  asked: { geometry: Geometry; ident?: string; properties: Properties },
  signal?: AbortSignal,
) => request<Checked>(path(layer, undefined, "check"), { method: "POST", body: asked, signal });

export const problemsOf = (layer: string, asked: Record<string, string>, signal?: AbortSignal) =>
  request<LayerProblems>(`/api/layers/${layer}/problems`, { query: asked, signal });

export const splitRow = (layer: string, ident: string, version: number, line: LineString) =>
  request<Parted>(path(layer, ident, "split"), {
    method: "POST",
    body: { line, versions: { [ident]: version } },
  });

export const mergeRows = (layer: string, keep: string, versions: Record<string, number>) =>
  request<Parted>(path(layer, undefined, "merge"), {
    method: "POST",
    body: { idents: Object.keys(versions), keep, versions },
  });

export interface Rows {
  features: LayerFeature[];
  numberMatched: number;
}

/** Rows of a layer, those that meet a box where one is given; by code unless `filters` say another order. */
export const rowsIn = (
  layer: string,
  bounds: Bounds | null,
  limit: number,
  signal?: AbortSignal,
  filters: Readonly<Record<string, string>> = {},
) => request<Rows>(path(layer), { query: { sort: "code", ...filters, bbox: bounds?.join(","), limit }, signal });
