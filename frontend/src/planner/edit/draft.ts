/** Changes that are not saved yet, kept in this browser by person and thing. Personal values are never kept. */
import type { Geometry } from "geojson";
import type { Properties } from "../../data/editing";
import type { ShapeKind } from "../../map/edit-shape";
import type { LonLat } from "../../shared/api";

/** A line that is being drawn, and what it will be. */
export interface Drawing {
  purpose: "new" | "part" | "hole" | "cut";
  kind: ShapeKind;
  points: readonly LonLat[];
}

export interface Draft {
  /** When it was last touched, milliseconds. */
  at: number;
  /** The version it was made from, null for a new thing. */
  version: number | null;
  code: string;
  values: Properties;
  /** What the changed fields held before. */
  base: Properties;
  /** The shape where it was changed; null for one that was taken away. */
  geometry?: Geometry | null;
  /** What was not drawn to its end. */
  drawing?: Drawing;
}

const PREFIX = "edit-draft/";
const MOST = 20;
const TERM_MS = 30 * 24 * 3600 * 1000;

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** The browser's store, null where it keeps nothing. */
function store(): Kept | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export const draftKey = (person: string, layer: string, code: string | null): string =>
  `${PREFIX}${encodeURIComponent(person)}/${layer}/${encodeURIComponent(code ?? "")}`;

/** Keeps a draft; false where the browser has no room or keeps nothing. */
export function keepDraft(key: string, draft: Draft, kept: Kept | null = store()): boolean {
  if (!kept) return false;
  sweep(kept, draft.at, key);
  try {
    kept.setItem(key, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function draftOf(key: string, now: number, kept: Kept | null = store()): Draft | null {
  try {
    const draft = JSON.parse(kept?.getItem(key) ?? "null") as Draft | null;
    if (!draft || typeof draft.at !== "number" || typeof draft.values !== "object") return null;
    return now - draft.at > TERM_MS ? null : draft;
  } catch {
    return null; // what stands there is none of ours
  }
}

export function dropDraft(key: string, kept: Kept | null = store()): void {
  try {
    kept?.removeItem(key);
  } catch {
    // nothing is kept
  }
}

/** Lets go of old drafts and of the oldest beyond a number. */
function sweep(kept: Kept, now: number, except: string): void {
  const found: { key: string; at: number }[] = [];
  for (let place = 0; place < kept.length; place++) {
    const key = kept.key(place);
    if (!key?.startsWith(PREFIX) || key === except) continue;
    found.push({ key, at: draftOf(key, now, kept)?.at ?? 0 });
  }
  found.sort((a, b) => b.at - a.at);
  for (const [place, { key, at }] of found.entries()) if (place >= MOST - 1 || now - at > TERM_MS) dropDraft(key, kept);
}
