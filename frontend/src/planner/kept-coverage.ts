/** Coverage that others computed, for who may read results but not compute them; fetched when first wanted. */
import { may } from "../data/me";
import { type KeptRun, keptRuns, type Parameters } from "../data/runs";
import type { CoverageResult } from "../shared/api";
import { Problem, request } from "../shared/request";
import { catalogues } from "./public-texts";
import * as state from "./state";

/** What was asked, as the page keeps it; equal for runs of the same question about any categories. */
export const questionOf = ({ circle, minutes, strict, profile, by, at }: Parameters) => ({
  limit: circle
    ? { kind: "circle" as const, minutes: circle, ...(strict && { strict }) }
    : { kind: "minutes" as const, minutes: minutes ?? 0 },
  profile: profile ?? "standard",
  by: String(by),
  at: at ?? null,
});
export type Question = ReturnType<typeof questionOf>;

/** What is chosen now. */
export const chosen = (): string =>
  JSON.stringify(
    questionOf({
      ...state.limitQuery.value,
      profile: state.profile.value,
      by: state.by.value === "building" ? "community" : state.by.value, // by building is a way of showing
      at: state.time.value,
    }),
  );

/** Whether a kept run is about a category. */
export const isAbout = ({ parameters: { categories } }: KeptRun, category: string | null): boolean =>
  !category || !categories || categories.includes(category);

/** The newest kept run of what is chosen; throws a Problem with a sentence where nobody has computed it. */
export async function keptCoverage(abort: AbortSignal): Promise<CoverageResult> {
  const [asked, category] = [chosen(), state.category.peek()];
  const runs = may("read_runs") ? await keptRuns("coverage", abort) : [];
  const found = runs.find((run) => isAbout(run, category) && JSON.stringify(questionOf(run.parameters)) === asked);
  if (found) return request<CoverageResult>(`/api/runs/${found.uid}/result`, { signal: abort });
  throw new Problem(0, "coverage_not_kept", {
    zh: catalogues.zh["kept.not_this"],
    en: catalogues.en["kept.not_this"],
  });
}
