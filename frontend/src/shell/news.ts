/** How many analyses run and what ended since one last looked; asked now and then while the page is in view. */
import { computed, signal } from "@preact/signals";
import { isUnfinished, type Job, myJobs, photosWaiting, projectsOverdue } from "../data/activity";
import type { Me } from "../data/me";
import { mayDo } from "./pages";

const FIRST_MS = 3000;
const OFTEN_MS = 2000;
const SELDOM_MS = 30_000;
const KEPT = "activity.seen";

interface Seen {
  /** When the last job ended that was seen. */
  until: string;
  photos: number;
  projects: number;
}

function kept(): Seen {
  try {
    return { until: "", photos: 0, projects: 0, ...JSON.parse(window.localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    return { until: "", photos: 0, projects: 0 }; // nothing is kept, so all is news
  }
}

export const jobs = signal<Job[] | null>(null);
export const waiting = signal({ photos: 0, projects: 0 });
export const isLooking = signal(false);
const seen = signal<Seen>(kept());

export const running = computed(() => (jobs.value ?? []).filter(isUnfinished));
/** Ended after one last looked. */
export const isFresh = (job: Job): boolean => job.finished_at !== null && job.finished_at > seen.value.until;
const more = (kind: "photos" | "projects"): number => Math.max(waiting.value[kind] - seen.value[kind], 0);
export const freshCount = computed(() => (jobs.value ?? []).filter(isFresh).length + more("photos") + more("projects"));

let timer: ReturnType<typeof setTimeout> | undefined;

/** Keeps asking from now on, for one who may; gives what ends it. */
export function followNews(who: Me | null): () => void {
  if (!mayDo(who, "analyse")) return () => {};
  const ask = async () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") jobs.value = (await myJobs()) ?? jobs.peek();
    const isBusy = isLooking.peek() || running.peek().length > 0;
    timer = setTimeout(() => void ask(), isBusy ? OFTEN_MS : SELDOM_MS);
  };
  timer = setTimeout(() => {
    void ask();
    void askWaiting(who);
  }, FIRST_MS);
  again = ask;
  return () => clearTimeout(timer);
}

let again: () => Promise<void> = async () => {};

async function askWaiting(who: Me | null): Promise<void> {
  const today = new Intl.DateTimeFormat("sv-SE").format(new Date());
  const [photos, projects] = await Promise.all([
    mayDo(who, "review_photos") ? photosWaiting() : 0,
    mayDo(who, "write_projects") ? projectsOverdue(today) : 0,
  ]);
  waiting.value = { photos, projects };
}

export function look(): void {
  isLooking.value = true;
  void again();
}

/** What is there now is no news any more. */
export function looked(): void {
  isLooking.value = false;
  const ended = (jobs.peek() ?? []).map(({ finished_at }) => finished_at ?? "");
  const until = [seen.peek().until, ...ended].reduce((a, b) => (a > b ? a : b));
  seen.value = { until, ...waiting.peek() };
  try {
    window.localStorage.setItem(KEPT, JSON.stringify(seen.peek()));
  } catch {
    // then it is news again next time
  }
}
