/** Whether the server can be reached: told by every request, asked again until it answers. */
import { computed, signal } from "@preact/signals";

const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30_000;

const isLost = signal(false);
const isOffline = signal(navigator.onLine === false);
const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let wait = FIRST_WAIT_MS;

export const connection = computed((): "there" | "away" | "offline" => {
  if (isOffline.value) return "offline";
  return isLost.value ? "away" : "there";
});

/** A request got no answer at all. */
export function lost(): void {
  if (isLost.peek()) return;
  isLost.value = true;
  wait = FIRST_WAIT_MS;
  timer = setTimeout(() => void ask(), wait);
}

/** A request got an answer, whatever it says. */
export function reached(): void {
  if (!isLost.peek()) return;
  clearTimeout(timer);
  isLost.value = false;
  const now = [...waiting];
  waiting.clear();
  for (const again of now) again();
}

/** Calls once when the server answers again. */
export function onceBack(again: () => void): void {
  waiting.add(again);
}

async function ask(): Promise<void> {
  clearTimeout(timer);
  try {
    await fetch("/health", { cache: "no-store" });
    reached();
  } catch {
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    timer = setTimeout(() => void ask(), wait);
  }
}

window.addEventListener("offline", () => {
  isOffline.value = true;
});
window.addEventListener("online", () => {
  isOffline.value = false;
  if (isLost.peek()) void ask();
});
