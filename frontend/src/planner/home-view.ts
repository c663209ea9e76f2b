/** Brings one's own areas into view, for who has none everything administered. */
import { start } from "../data/catalogue";
import { me } from "../data/me";
import type { Bounds, LayerFeature } from "../shared/api";
import { boundsOf, union } from "../shared/bounds";
import { ready } from "../shared/loadable";
import { request } from "../shared/request";
import * as state from "./state";

let known: { codes: string; bounds: Bounds | null } | null = null;

async function ownBounds(): Promise<Bounds | null> {
  const who = ready(me.state.peek());
  const wanted = [
    ...(who?.areas ?? []).map(({ code }) => ["areas", code] as const),
    ...(who?.grids ?? []).map(({ code }) => ["grids", code] as const),
  ];
  const codes = wanted.join(" ");
  if (known?.codes === codes) return known.bounds;
  const rows = await Promise.all(
    wanted.map(([layer, code]) => request<LayerFeature>(`/api/${layer}/${encodeURIComponent(code)}`).catch(() => null)),
  );
  const boxes = rows.map((row) => row?.geometry && boundsOf(row.geometry)).filter((box) => !!box);
  known = { codes, bounds: boxes.length > 0 ? boxes.reduce(union) : null };
  return known.bounds;
}

export async function goHome(): Promise<void> {
  const bounds = (await ownBounds()) ?? start.peek();
  if (bounds) state.focus.value = [...bounds];
}
