/** A value with the steps that led to it: undone and done again. */
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";

/** A value with what was before it and what was undone. */
export interface Trail<T> {
  past: readonly T[];
  value: T;
  future: readonly T[];
}

export interface Steps<T> {
  readonly now: ReadonlySignal<T>;
  readonly trail: ReadonlySignal<Trail<T>>;
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  /** A new step; what was undone before is forgotten. */
  set(next: T): void;
  /** The last step goes on: it leads to this value instead. */
  amend(next: T): void;
  undo(): void;
  redo(): void;
  /** Begins anew from a value. */
  reset(value: T): void;
  /** Goes on from what was kept. */
  resume(trail: Trail<T>): void;
}

const MOST = 100;

export function steps<T>(first: T): Steps<T> {
  const value = signal(first);
  const past = signal<readonly T[]>([]);
  const future = signal<readonly T[]>([]);
  const move = (from: typeof past, to: typeof past) => {
    const stack = from.peek();
    if (stack.length === 0) return;
    batch(() => {
      to.value = [...to.peek(), value.peek()];
      value.value = stack[stack.length - 1] as T;
      from.value = stack.slice(0, -1);
    });
  };
  const resume = (trail: Trail<T>) => {
    batch(() => {
      past.value = trail.past;
      future.value = trail.future;
      value.value = trail.value;
    });
  };
  return {
    now: value,
    trail: computed(() => ({ past: past.value, value: value.value, future: future.value })),
    canUndo: computed(() => past.value.length > 0),
    canRedo: computed(() => future.value.length > 0),
    set(next) {
      batch(() => {
        past.value = [...past.peek(), value.peek()].slice(-MOST);
        future.value = [];
        value.value = next;
      });
    },
    amend(next) {
      batch(() => {
        future.value = [];
        value.value = next;
      });
    },
    undo: () => move(past, future),
    redo: () => move(future, past),
    reset: (next) => resume({ past: [], value: next, future: [] }),
    resume,
  };
}
