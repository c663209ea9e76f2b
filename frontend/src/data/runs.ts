/** Analyses kept as runs: asked for, watched until done, or read again by their uid. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Note, RunStatus } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import { asProblem } from "../shared/loadable";
import { isAbort, type Problem, problemFrom, request } from "../shared/request";

export interface Advance {
  progress: number | null;
  message: Bilingual | null;
}

const POLL_MS = 400;

/** The result of an analysis: that of the stored run of the same question, else of a new one once it is done. */
export async function resultOf<T>(
  kind: string,
  question: unknown,
  told: (advance: Advance) => void,
  abort: AbortSignal,
): Promise<T> {
  let status = await request<RunStatus>(`/api/analyses/${kind}`, { method: "POST", body: question, signal: abort });
  while (status.status === "queued" || status.status === "running") {
    told({ progress: status.progress, message: status.message ?? null });
    await pause(POLL_MS, abort);
    status = await request<RunStatus>(`/api/runs/${status.uid}`, { signal: abort });
  }
  if (status.status === "failed") throw problemFrom(status.problem ?? {}, 0);
  return request<T>(`/api/runs/${status.uid}/result`, { signal: abort });
}

function pause(ms: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    abort.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}

export type Run<T> =
  | { status: "idle" }
  | { status: "running"; progress: number | null; message: Bilingual | null }
  | { status: "failed"; problem: Problem }
  | { status: "done"; result: T };

/** What a run was asked, as far as this page reads it. */
export interface Parameters extends Record<string, unknown> {
  categories?: string[] | null;
  by?: string;
  circle?: number | null;
  minutes?: number | null;
  strict?: boolean;
  profile?: string;
  /** Time of day (HH:MM) by which gates are open or shut; absent for all hours. */
  at?: string | null;
}

/** What every result of a run says of itself. */
export interface RunResult {
  parameters: Parameters;
  /** What is otherwise if what is not known to be closed is closed; absent where it makes no difference. */
  if_closed?: object;
  uid: string;
  created_at: string;
  code_version: string;
  notes: Note[];
}

export interface Runner<T extends RunResult> {
  readonly state: ReadonlySignal<Run<T>>;
  /** Asks and gives the uid of the run, null where it failed or something else was asked meanwhile. */
  ask(question: unknown): Promise<string | null>;
  /** Shows a run that is kept. */
  read(uid: string): Promise<void>;
  clear(): void;
}

/** Keeps the last run of a kind of analysis; whatever is asked next ends the waiting for what was asked before. */
export function runner<T extends RunResult>(kind: string): Runner<T> {
  const state = signal<Run<T>>({ status: "idle" });
  let current: AbortController | null = null;
  const follow = async (obtain: (abort: AbortSignal) => Promise<T>): Promise<string | null> => {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    state.value = { status: "running", progress: null, message: null };
    try {
      const result = await obtain(mine.signal);
      if (current !== mine) return null;
      state.value = { status: "done", result };
      return result.uid;
    } catch (error) {
      if (current === mine && !isAbort(error)) state.value = { status: "failed", problem: asProblem(error) };
      return null;
    }
  };
  const told = (advance: Advance) => {
    if (state.peek().status === "running") state.value = { status: "running", ...advance };
  };
  return {
    state,
    ask: (question) => follow((abort) => resultOf<T>(kind, question, told, abort)),
    async read(uid) {
      await follow((abort) => request<T>(`/api/runs/${encodeURIComponent(uid)}/result`, { signal: abort }));
    },
    clear() {
      current?.abort();
      current = null;
      state.value = { status: "idle" };
    },
  };
}

export const doneOf = <T>(run: Run<T>): T | null => (run.status === "done" ? run.result : null);

/** A run in the list of those kept. */
export interface KeptRun {
  uid: string;
  kind: string;
  created_at: string;
  parameters: Parameters;
}

export const keptRuns = (kind: string, abort: AbortSignal): Promise<KeptRun[]> =>
  request<KeptRun[]>("/api/runs", { query: { kind, limit: 200 }, signal: abort });
