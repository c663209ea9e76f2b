/** What follows from a choice: the analyses and look-ups the page asks the server for. */
import { computed, effect } from "@preact/signals";
import { walkerOf } from "../data/catalogue";
import { type CirclesOf, circlesAround, drawCircles } from "../data/circles";
import * as coverage from "../data/coverage";
import { explain, explanation } from "../data/explanations";
import { feature, loadFeature } from "../data/features";
import { may, me } from "../data/me";
import { ready } from "../shared/loadable";
import { GENERAL } from "./bands";
import * as state from "./state";

/** Whether one is known to read only what others computed. */
export const isReader = computed(() => ready(me.state.value) !== null && !may("analyse"));

/** By building is a way of showing; its table is by community. */
export const requestedBy = (by: string): string => (by === "building" ? "community" : by);

/** All categories at once; by quarter or grid, where rows are many, only the one asked for. */
const isMany = (by: string) => by === "quarter" || by.endsWith("grid");

export const runCoverage = (): Promise<void> =>
  coverage.run(
    {
      categories: isMany(state.by.peek()) && state.category.peek() ? [state.category.peek() as string] : null,
      limit: state.limitQuery.peek(),
      profile: state.profile.peek(),
      by: requestedBy(state.by.peek()),
      at: state.time.peek(),
    },
    (abort) => import("./kept-coverage").then(({ keptCoverage }) => keptCoverage(abort)),
  );

function circlesOf(what: state.Selection | null): CirclesOf | null {
  if (what?.kind === "place") return { points: [what.at] };
  return what?.kind === "feature" && what.reach ? { facilities: [what.code] } : null;
}

export function lookUp(): void {
  const what = state.selected.peek();
  const category = state.category.peek();
  const from = circlesOf(what);
  if (from && !isReader.peek())
    void drawCircles(from, state.limitQuery.peek(), {
      profile: walkerOf(state.profile.peek(), state.band.peek()),
      at: state.time.peek(),
    });
  else circlesAround.clear();
  if (what && what.kind !== "place") void loadFeature(what.kind === "home" ? "buildings" : what.layer, what.code);
  else feature.clear();
  if (what?.kind === "home" && category && !isReader.peek()) lookUpWhy(what.code, category);
  else explanation.clear();
}

const lookUpWhy = (building: string, category: string): Promise<void> =>
  explain({
    building,
    category,
    limit: state.limitQuery.peek(),
    profile: state.profile.peek(),
    band: GENERAL.includes(state.band.peek()) ? null : state.band.peek(),
    at: state.time.peek(),
  });

export function work(): void {
  effect(() => {
    state.limit.value;
    state.profile.value;
    state.by.value;
    state.time.value;
    if (state.category.value) void runCoverage();
    else coverage.stop();
  });
  effect(() => {
    state.selected.value;
    state.category.value;
    state.limit.value;
    state.profile.value;
    state.band.value;
    state.time.value;
    isReader.value;
    lookUp();
  });
}
