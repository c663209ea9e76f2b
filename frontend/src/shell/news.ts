/** What is computed for a person, what ended since one last looked, and, apart from it, what waits for a hand. */
import { computed, signal } from "@preact/signals";
import { isUnfinished, type Job, myJobs, type Waiting, whatWaits } from "../data/activity";
import type { Me } from "../data/me";
import { mayDo } from "./pages";

const FIRST_MS = 3000;
const OFTEN_MS = 2000;
const SELDOM_MS = 30_000;
const KEPT = "activity.seen";

interface Seen {
  /** When the last job ended that was seen. */
  until: string;
}

function kept(): Seen {
  try {
    return { until: "", ...JSON.parse(window.localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    return { until: "" }; // nothing is kept, so all is news
  }
}

export const jobs = signal<Job[] | null>(null);
export const waiting = signal<Waiting>({ photos_to_review: 0, projects_overdue: 0 });
export const isLooking = signal(false);
const seen = signal<Seen>(kept());

export const running = computed(() => (jobs.value ?? []).filter(isUnfinished));
/** Ended after one last looked. */
export const isFresh = (job: Job): boolean => job.finished_at !== null && job.finished_at > seen.value.until;
export const freshCount = computed(() => (jobs.value ?? []).filter(isFresh).length);
export const waitingCount = computed(() => waiting.value.photos_to_review + waiting.value.projects_overdue);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Keeps asking from now on, for one who may; gives what ends it. */
export function followNews(who: Me | null): () => void {
  if (!mayDo(who, "analyse")) return () => {};
  let isOften = false;
  const ask = async () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      const [mine, waits] = await Promise.all([myJobs(), isOften ? null : whatWaits()]);
      jobs.value = mine ?? jobs.peek();
      waiting.value = waits ?? waiting.peek();
    }
    isOften = isLooking.peek() || running.peek().length > 0;
    timer = setTimeout(() => void ask(), isOften ? OFTEN_MS : SELDOM_MS);
  };
  timer = setTimeout(() => void ask(), FIRST_MS);
  again = ask;
  return () => clearTimeout(timer);
}

let again: () => Promise<void> = async () => {};

export function look(): void {
  isLooking.value = true;
  void again();
}

/** What is there now is no news any more. */
export function looked(): void {
  isLooking.value = false;
  const ended = (jobs.peek() ?? []).map(({ finished_at }) => finished_at ?? "");
  const until = [seen.peek().until, ...ended].reduce((a, b) => (a > b ? a : b));
  seen.value = { until };
  try {
    window.localStorage.setItem(KEPT, JSON.stringify(seen.peek()));
  } catch {
    // then it is news again next time
  }
}
