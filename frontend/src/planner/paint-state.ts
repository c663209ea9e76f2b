/** What the map paints, derived from what the person chose and what the server answered. */
import { computed, signal } from "@preact/signals";
import { summary } from "../data/catalogue";
import { coverage, rowsByCode, shareTold } from "../data/coverage";
import { asRead } from "../data/readings";
import type { Paint } from "../map/paint";
import { styleSheet } from "../map/style";
import type { CoverageResult } from "../shared/api";
import { ready } from "../shared/loadable";
import { bandsShown } from "./bands";
import { beside, figures, isToolStale } from "./overlay-state";
import * as state from "./state";

export const sheet = computed(() => ready(styleSheet.state.value));
/** The answer that is looked at: while the next one is being computed, the one before. */
const answer = computed(() => {
  const now = coverage.value;
  return now.status === "done" ? now.result : now.status === "running" ? now.before : null;
});
export const result = computed<CoverageResult | null>(
  () => answer.value && asRead(answer.value, state.ifClosed.value, ["level", "code", "category", "band"]),
);
/** Whether what is looked at is of the question before: greyed until the answer is here. */
export const isStale = computed(() => {
  const open = state.tool.value;
  if (open && !BESIDE_COVERAGE.includes(open.name)) return isToolStale.value;
  return coverage.value.status === "running" && result.value !== null;
});

/** People where they are known, else buildings. */
export const basisInUse = computed<state.Basis>(() =>
  result.value?.people_basis === "no_data" ? "buildings" : state.basis.value,
);

export const rows = computed(() =>
  result.value && state.category.value
    ? rowsByCode(result.value, state.category.value, bandsShown(state.category.value))
    : new Map<string, never>(),
);

export const isByGrid = computed(() => (result.value?.by ?? "").includes("grid"));

/** Tools that paint no figures: coverage stays on the map. */
const BESIDE_COVERAGE: readonly state.ToolName[] = ["measure", "select"];

export const paint = computed<Paint | null>(() => {
  if (!sheet.value || !state.shown.value) return null;
  const shown = new Set(state.shown.value);
  const category = state.category.value;
  const levels = summary.value?.levels ?? [];
  const open = state.tool.value;
  if (open && !BESIDE_COVERAGE.includes(open.name)) {
    const asked = open.asked.category ?? null;
    return {
      sheet: sheet.value,
      shown,
      levels,
      coverage: null,
      figures: figures.value,
      beside: beside.value,
      category: asked,
    };
  }
  if (!result.value || !category) return { sheet: sheet.value, shown, levels, coverage: null };
  const layer = state.by.value === "building" ? "buildings" : isByGrid.value ? "grids" : "areas";
  const known = rows.value;
  const basis = basisInUse.value;
  return {
    sheet: sheet.value,
    shown,
    levels,
    coverage: {
      category,
      runUid: result.value.uid,
      layer,
      shareOf: (code) => {
        const row = known.get(code);
        return row && shareTold(row, basis);
      },
    },
  };
});

/** Tiles on their way and tiles that failed, told by the map; something is on its way until it first tells. */
export const loading = signal({ pending: 1, failed: 0 });
export const retryTiles = { current: (): void => {} };
