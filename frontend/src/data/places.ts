/** The areas and grids one may go from one to the other of, and which of them one went to last. */
import { signal } from "@preact/signals";
import { ready, resource } from "../shared/loadable";
import { request } from "../shared/request";

export interface PlaceToGo {
  layer: "areas" | "grids";
  code: string;
  name: string | null;
  level: string;
  /** In how many of the others it lies. */
  depth: number;
  /** Name of the next one it lies in. */
  within: string | null;
}

export const places = resource<PlaceToGo[]>();

/** Asked for once a page. */
export async function loadPlaces(): Promise<void> {
  const { status } = places.state.peek();
  if (status === "idle" || status === "failed")
    await places.load((signal) => request<PlaceToGo[]>("/api/places", { signal }));
}

export const placeOf = (code: string): PlaceToGo | null =>
  ready(places.state.value)?.find((one) => one.code === code) ?? null;

const KEPT = "places.last";
const MOST = 4;

interface Last {
  /** The account: others at the same machine have their own. */
  who: string;
  /** Where one went last, null for everything. */
  here: string | null;
  /** Where one was lately, the last first. */
  codes: string[];
}

function kept(): Last | null {
  try {
    return JSON.parse(window.localStorage.getItem(KEPT) ?? "null") as Last | null;
  } catch {
    return null;
  }
}

const last = signal<Last | null>(kept());

export const lastOf = (who: string): Last => (last.value?.who === who ? last.value : { who, here: null, codes: [] });

export function keepLast(who: string, here: string | null): void {
  const { codes } = lastOf(who);
  last.value = { who, here, codes: here ? [here, ...codes.filter((code) => code !== here)].slice(0, MOST) : codes };
  try {
    window.localStorage.setItem(KEPT, JSON.stringify(last.peek()));
  } catch {
    // then it holds for this page
  }
}
