/** What the person chose. Panels write these signals, the map and the address bar follow them. */
import { batch, computed, signal } from "@preact/signals";
import type { Bounds, LimitAsked, LonLat } from "../shared/api";

export interface Position {
  zoom: number;
  lon: number;
  lat: number;
}

export interface Limit {
  kind: "circle" | "minutes";
  minutes: number;
  /** The stricter distance of the circle. */
  strict?: boolean;
}

export type Basis = "people" | "buildings";
export type Tab = "coverage" | "layers" | "analyses" | "results" | "tool" | "details" | "edit";

export const TOOLS = ["gaps", "checklist", "capacity", "siting", "scenario", "compare", "select", "measure"] as const;
export type ToolName = (typeof TOOLS)[number];

/** An open analysis and what is asked of it: short texts that the address keeps. */
export interface Tool {
  name: ToolName;
  asked: Readonly<Record<string, string>>;
}

export const WORKS = ["edit", "new", "history", "list", "problems"] as const;
export interface Editing {
  work: (typeof WORKS)[number];
  layer: string;
  code: string | null;
}

export type Selection =
  | { kind: "home"; code: string }
  /** `reach`: with the service circles of a facility. */
  | { kind: "feature"; layer: string; code: string; reach?: boolean }
  | { kind: "place"; at: LonLat };

/** The saved view the address names (`#view=uid`) until it is shown. */
export const viewAsked = signal<string | null>(null);
export const position = signal<Position | null>(null);
/** Layers shown; null until the style sheet says which are on at start. */
export const shown = signal<readonly string[] | null>(null);
export const category = signal<string | null>(null);
export const limit = signal<Limit>({ kind: "circle", minutes: 15 });
export const profile = signal("standard");
export const by = signal("community");
export const basis = signal<Basis>("people");
/** An age band, `all`, or `served`: the ages the category is there for. */
export const band = signal("served");
/** Time of day (HH:MM) by which gates are open or shut; null for all hours. */
export const time = signal<string | null>(null);
/** Whether what is not known to be closed counts as closed. */
export const ifClosed = signal(false);
export const selected = signal<Selection | null>(null);
/** A thing edited or looked back at, a new one, or the list of a layer's things. */
export const editing = signal<Editing | null>(null);
export const tool = signal<Tool | null>(null);
/** A base map from outside under our own data, and how strong it shows, in per cent. */
export interface Base {
  code: string;
  strength: number;
}
export const base = signal<Base | null>(null);
/** A box or point to bring into view; a new array each time, so that the same one can be asked for again. */
export const focus = signal<Bounds | LonLat | null>(null);
/** Which panel is open: on the left and right of a wide page, or the one sheet of a phone. */
export const leftTab = signal<Tab>("coverage");
export const rightTab = signal<Tab>("results");
export const sheetTab = signal<Tab>("coverage");
export type SheetSize = "closed" | "half" | "full";
export const sheetSize = signal<SheetSize>("half");
/** Raised when the keyboard asked for details, which then take the focus. */
export const detailsWanted = signal(0);

export const limitQuery = computed((): LimitAsked => {
  const { kind, minutes, strict } = limit.value;
  if (kind === "minutes") return { minutes };
  return strict ? { circle: minutes, strict } : { circle: minutes };
});

export const isShown = (layer: string): boolean => shown.value?.includes(layer) ?? false;

export function toggle(layer: string): void {
  const now = shown.value ?? [];
  shown.value = now.includes(layer) ? now.filter((name) => name !== layer) : [...now, layer];
}

export function select(what: Selection | null): void {
  batch(() => {
    selected.value = what;
    if (what) open("details");
    else if (rightTab.peek() === "details") open(tool.peek() ? "tool" : "results");
  });
}

/** Chooses a category. Where its answer would stay behind the details of a thing beside the map, it takes their place. */
export function lookAt(code: string | null, isOneSheet: boolean): void {
  batch(() => {
    category.value = code;
    // a home's details are about the category themselves
    if (code && !isOneSheet && rightTab.peek() === "details" && selected.peek()?.kind !== "home") open("results");
  });
}

export function open(tab: Tab): void {
  if (tab === "coverage" || tab === "layers" || tab === "analyses") leftTab.value = tab;
  else rightTab.value = tab;
  // a phone has the choice of analyses and the open one in the same place
  sheetTab.value = tab === "analyses" ? "tool" : tab;
  if (sheetSize.peek() === "closed") sheetSize.value = "half";
}

/** Opens an analysis, by default asked about the category one looks at. */
export function openTool(name: ToolName, asked: Record<string, string> = {}): void {
  batch(() => {
    if (tool.peek()?.name === name && Object.keys(asked).length === 0) return open("tool"); // it is open already
    tool.value = { name, asked: { ...(category.peek() && { category: category.peek() as string }), ...asked } };
    open("tool");
  });
}

export function closeTool(): void {
  batch(() => {
    tool.value = null;
    open("analyses");
    if (rightTab.peek() === "tool") rightTab.value = "results";
  });
}

/** Changes what is asked of the open analysis; null takes a part out. */
export function ask(changes: Readonly<Record<string, string | null>>): void {
  const now = tool.peek();
  if (!now) return;
  const asked = { ...now.asked };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete asked[key];
    else asked[key] = value;
  }
  tool.value = { ...now, asked };
}
