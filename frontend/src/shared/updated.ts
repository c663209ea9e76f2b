/** Whether the service was updated under the open page: parts of it that are fetched late are then no longer there. */
import { signal } from "@preact/signals";
import { lost, reached } from "./connection";

export const isUpdated = signal(false);

/** A part of the page did not come (Vite tells of each): the service was updated if it answers, else it is away. */
async function onPartLost(): Promise<void> {
  try {
    await fetch("/health", { cache: "no-store" });
    reached();
    isUpdated.value = true;
  } catch {
    lost();
  }
}

window.addEventListener("vite:preloadError", () => void onPartLost());
