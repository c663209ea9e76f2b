/** Where the result of a job is shown. */
import type { Job } from "../data/activity";

const TOOLS: readonly string[] = ["gaps", "checklist", "capacity", "siting"];

const textOf = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "number" ? String(value) : null;

export function categoriesOf(parameters: Job["parameters"]): string[] {
  const { category, categories } = parameters;
  if (typeof category === "string") return [category];
  return Array.isArray(categories) ? categories.map(String) : [];
}

/** An address of the map or the board; null where neither shows it. */
export function resultLink({ uid, kind, status, run, parameters }: Job): string | null {
  if (kind === "print_communities") return status === "done" ? `/api/prints/batches/${uid}` : null;
  if (run === null) return null;
  const [first, ...others] = categoriesOf(parameters);
  if (TOOLS.includes(kind)) {
    const asked = new URLSearchParams({ tool: kind, "t.run": run });
    if (first && others.length === 0) asked.set("t.category", first);
    return `/map#${asked}`;
  }
  if (kind === "coverage") {
    const asked = new URLSearchParams();
    if (first && others.length === 0) asked.set("category", first);
    else return "/board";
    for (const name of ["circle", "minutes", "profile", "by"]) {
      const value = textOf(parameters[name]);
      if (value) asked.set(name, value);
    }
    return `/map#${asked}`;
  }
  return kind === "indicators" ? "/board#view=matrix" : null;
}
