/** What is going on for a person: own analyses, and what waits for a hand. Asked quietly: a failure shows nothing. */
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

/** What waits for this person's hand. */
export interface Waiting {
  photos_to_review: number;
  projects_overdue: number;
}

export const whatWaits = (): Promise<Waiting | null> => quietly<Waiting>("/api/waiting");
