/** What is going on for a person: own analyses, and what waits for a hand. Asked quietly: a failure shows nothing. */
import type { FeatureCollection } from "geojson";
import type { RunStatus } from "../shared/api";

export interface Job extends RunStatus {
  parameters: Record<string, unknown>;
  created_at: string;
  finished_at: string | null;
  /** Uid of the result once it is there. */
  run: string | null;
}

export const isUnfinished = ({ status }: Job): boolean => status === "queued" || status === "running";

/** Null where the server does not answer or the session is over: nobody is led away for what he did not ask. */
async function quietly<T>(path: string): Promise<T | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return null;
  }
}

export const myJobs = (): Promise<Job[] | null> => quietly<Job[]>("/api/jobs");

export async function photosWaiting(): Promise<number> {
  const found = await quietly<{ numberMatched: number }>("/api/photos?review=waiting&limit=1");
  return found?.numberMatched ?? 0;
}

const OVER: readonly string[] = ["accepted", "in_care", "closed", "cancelled"];

/** Projects one may see whose deadline is before a day (YYYY-MM-DD) and which are not built. */
export async function projectsOverdue(today: string): Promise<number> {
  const found = await quietly<FeatureCollection>("/api/projects?limit=1000&sort=deadline_on");
  return (found?.features ?? []).filter(({ properties }) => isOverdue(properties, today)).length;
}

export const isOverdue = (project: Record<string, unknown> | null, today: string): boolean =>
  typeof project?.deadline_on === "string" &&
  project.deadline_on < today &&
  !OVER.includes(String(project.status ?? ""));
