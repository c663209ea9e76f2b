/** Something being fetched: nothing yet, under way, there, or failed. A new load aborts the one before. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { onceBack } from "./connection";
import { isAbort, Problem } from "./request";

export type Loadable<T> =
  | { status: "idle" }
  | { status: "loading" }
  | { status: "ready"; value: T }
  | { status: "failed"; problem: Problem };

export interface Resource<T> {
  readonly state: ReadonlySignal<Loadable<T>>;
  load(fetcher: (abort: AbortSignal) => Promise<T>): Promise<void>;
  clear(): void;
}

export function resource<T>(): Resource<T> {
  const state = signal<Loadable<T>>({ status: "idle" });
  let current: AbortController | null = null;
  return {
    state,
    async load(fetcher) {
      current?.abort();
      const mine = new AbortController();
      current = mine;
      state.value = { status: "loading" };
      try {
        const value = await fetcher(mine.signal);
        if (current === mine) state.value = { status: "ready", value };
      } catch (error) {
        if (current !== mine || isAbort(error)) return;
        const problem = asProblem(error);
        state.value = { status: "failed", problem };
        if (problem.code === "unreachable")
          onceBack(() => {
            if (current === mine) void this.load(fetcher);
          });
      }
    },
    clear() {
      current?.abort();
      current = null;
      state.value = { status: "idle" };
    },
  };
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem(0, "page_fault");
}

/** The value once it is there. */
export const ready = <T>(state: Loadable<T>): T | null => (state.status === "ready" ? state.value : null);
