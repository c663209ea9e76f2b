/** The address bar holds everything one sees: position, layers, coverage, selection, language. */
import { batch, effect } from "@preact/signals";
import { isLang, type Lang, lang } from "../shared/lang";
import * as state from "./state";

export interface View {
  position: state.Position | null;
  /** Null where the address does not say: the reader's own. */
  lang: Lang | null;
  shown: readonly string[] | null;
  base: state.Base | null;
  category: string | null;
  limit: state.Limit;
  profile: string;
  by: string;
  basis: state.Basis;
  band: string;
  ifClosed: boolean;
  time: string | null;
  selected: state.Selection | null;
  tool: state.Tool | null;
  editing: state.Editing | null;
}

/** The hash of a view, `#map=zoom/lon/lat&lang=…`; defaults are left out. */
export function write(view: View): string {
  const parts: [string, string][] = [];
  const { position, shown, category, limit, selected, editing } = view;
  if (position) parts.push(["map", `${position.zoom}/${position.lon.toFixed(5)}/${position.lat.toFixed(5)}`]);
  if (view.lang && view.lang !== "zh") parts.push(["lang", view.lang]);
  if (shown) parts.push(["layers", shown.join(",")]);
  if (view.base) parts.push(["base", view.base.code + (view.base.strength < 100 ? `,${view.base.strength}` : "")]);
  if (category) parts.push(["category", category]);
  // how far and who walks: of coverage, and of service circles where no category is chosen
  const isUsual = limit.kind === "circle" && limit.minutes === 15 && !limit.strict;
  if (category || !isUsual) parts.push([limit.kind, String(limit.minutes)]);
  if (limit.strict) parts.push(["strict", "1"]);
  if (category || view.profile !== "standard") parts.push(["profile", view.profile]);
  if (category) parts.push(["by", view.by]);
  if (category && view.basis !== "people") parts.push(["basis", view.basis]);
  if (view.band !== "served") parts.push(["band", view.band]);
  if (view.ifClosed) parts.push(["closed", "1"]);
  if (view.time) parts.push(["time", view.time]);
  if (selected?.kind === "home") parts.push(["home", selected.code]);
  if (selected?.kind === "feature") {
    parts.push(["feature", `${selected.layer}/${selected.code}`]);
    if (selected.reach) parts.push(["reach", "1"]);
  }
  if (selected?.kind === "place") parts.push(["at", selected.at.map((degree) => degree.toFixed(6)).join(",")]);
  if (editing) parts.push([editing.work, editing.code ? `${editing.layer}/${editing.code}` : editing.layer]);
  if (view.tool) {
    parts.push(["tool", view.tool.name]);
    for (const key of Object.keys(view.tool.asked).sort()) parts.push([`t.${key}`, view.tool.asked[key] as string]);
  }
  return parts.length ? `#${parts.map(([key, value]) => `${key}=${escapeValue(value)}`).join("&")}` : "";
}

const escapeValue = (value: string) =>
  encodeURIComponent(value).replace(/%2F/g, "/").replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%3B/g, ";");

/** The view of a hash; what is missing or wrong falls back to the default, never to an error. */
export function read(hash: string): View {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const wanted = said.get("lang");
  const layers = said.get("layers");
  return {
    position: readPosition(said.get("map")),
    lang: isLang(wanted) ? wanted : null,
    shown: layers === null ? null : layers.split(",").filter(Boolean),
    base: readBase(said.get("base")),
    category: said.get("category"),
    limit: readLimit(said),
    profile: said.get("profile") ?? "standard",
    by: said.get("by") ?? "community",
    basis: said.get("basis") === "buildings" ? "buildings" : "people",
    band: said.get("band") ?? "served",
    ifClosed: said.get("closed") === "1",
    time: /^([01]\d|2[0-3]):[0-5]\d$/.exec(said.get("time") ?? "")?.[0] ?? null,
    selected: readSelection(said),
    tool: readTool(said),
    editing: readEditing(said),
  };
}

function readPosition(text: string | null): state.Position | null {
  const [zoom, lon, lat] = (text ?? "").split("/").map(Number);
  if (zoom === undefined || lon === undefined || lat === undefined) return null;
  const fine = zoom >= 0 && zoom <= 22 && Math.abs(lon) <= 180 && Math.abs(lat) <= 85.06;
  return fine ? { zoom, lon, lat } : null;
}

function readBase(text: string | null): state.Base | null {
  const [code, strength = "100"] = (text ?? "").split(",");
  const per = Number(strength);
  return code ? { code, strength: per >= 10 && per <= 100 ? per : 100 } : null;
}

function readLimit(said: URLSearchParams): state.Limit {
  for (const kind of ["minutes", "circle"] as const) {
    const minutes = Number(said.get(kind));
    const strict = kind === "circle" && minutes === 15 && said.get("strict") === "1";
    if (minutes > 0 && minutes <= 120) return strict ? { kind, minutes, strict } : { kind, minutes };
  }
  return { kind: "circle", minutes: 15 };
}

function readSelection(said: URLSearchParams): state.Selection | null {
  const home = said.get("home");
  if (home) return { kind: "home", code: home };
  const feature = /^([a-z_]+)\/(.+)$/.exec(said.get("feature") ?? "");
  if (feature) {
    const [, layer = "", code = ""] = feature;
    const reach = layer === "facilities" && said.get("reach") === "1";
    return { kind: "feature", layer, code, ...(reach && { reach }) };
  }
  const [lon, lat] = (said.get("at") ?? "").split(",").map(Number);
  if (lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90)
    return { kind: "place", at: [lon, lat] };
  return null;
}

function readEditing(said: URLSearchParams): state.Editing | null {
  for (const work of state.WORKS) {
    const [, layer = "", code = null] = /^([a-z_]+)(?:\/(.+))?$/.exec(said.get(work) ?? "") ?? [];
    const needsCode = work === "edit" || work === "history";
    if (layer && needsCode === (code !== null)) return { work, layer, code };
  }
  return null;
}

function readTool(said: URLSearchParams): state.Tool | null {
  const name = state.TOOLS.find((known) => known === said.get("tool"));
  if (!name) return null;
  const asked: Record<string, string> = {};
  said.forEach((value, key) => {
    if (key.startsWith("t.") && value !== "") asked[key.slice(2)] = value;
  });
  return { name, asked };
}

/** A scenario handed on by `?scenario=uid` stands in the hash like all else. */
function takeShared(): void {
  const said = new URLSearchParams(location.search);
  const scenario = said.get("scenario");
  if (!scenario) return;
  said.delete("scenario");
  const rest = said.toString();
  const view = { ...read(location.hash), tool: { name: "scenario", asked: { scenario } } as state.Tool };
  history.replaceState(null, "", `${location.pathname}${rest && `?${rest}`}${write(view)}`);
}

const current = (): View => ({
  position: state.position.value,
  lang: lang.value,
  shown: state.shown.value,
  base: state.base.value,
  category: state.category.value,
  limit: state.limit.value,
  profile: state.profile.value,
  by: state.by.value,
  basis: state.basis.value,
  band: state.band.value,
  ifClosed: state.ifClosed.value,
  time: state.time.value,
  selected: state.selected.value,
  tool: state.tool.value,
  editing: state.editing.value,
});

function apply(view: View): void {
  batch(() => {
    state.position.value = view.position ?? state.position.peek();
    lang.value = view.lang ?? lang.peek();
    state.shown.value = view.shown ?? state.shown.peek();
    state.base.value = view.base;
    state.category.value = view.category;
    state.limit.value = view.limit;
    state.profile.value = view.profile;
    state.by.value = view.by;
    state.basis.value = view.basis;
    state.band.value = view.band;
    state.ifClosed.value = view.ifClosed;
    state.time.value = view.time;
    state.selected.value = view.selected;
    state.tool.value = view.tool;
    state.editing.value = view.editing;
    if (view.editing) state.open("edit");
    else if (view.selected) state.open("details");
    else if (view.tool) state.open("tool");
    else state.open(view.category ? "results" : "coverage");
  });
}

/** The view as it can be saved: without the reader's language and without what is being edited. */
export const stateNow = (): string => write({ ...current(), lang: null, editing: null }).slice(1);

/** Shows a saved view. What was asked for by the address takes its place there: no step of the person. */
export function showView(saved: string): void {
  apply(read(saved));
  state.viewAsked.value = null;
}

const viewIn = (hash: string): string | null => /^#view=([\w-]+)$/.exec(hash)?.[1] ?? null;

/** What makes a view another one; where one looks and where a line between two results stands does not. */
function withoutPosition(view: View): string {
  const { swipe: _, ...asked } = view.tool?.asked ?? {};
  return write({ ...view, position: null, shown: view.shown ?? [], tool: view.tool && { ...view.tool, asked } });
}

/** Reads the address once, then keeps address and state the same: a choice is a step back and forth, a move is not. */
export function connect(): void {
  takeShared();
  state.viewAsked.value = viewIn(location.hash);
  apply(read(location.hash));
  let last = current();
  let isFirst = true;
  effect(() => {
    const view = current();
    const hash = write(view);
    const isAwaited = state.viewAsked.value !== null;
    // the page filling in what the address left open (layers, position) is no step of the person
    const isStep = !isFirst && last.shown !== null && withoutPosition(view) !== withoutPosition(last);
    isFirst = false;
    last = view;
    if (isAwaited || hash === location.hash) return;
    const address = `${location.pathname}${location.search}${hash}`;
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  });
  window.addEventListener("popstate", () => {
    state.viewAsked.value = viewIn(location.hash);
    if (state.viewAsked.value === null) apply(read(location.hash));
  });
}
