/** Whether the tour is shown: once in a browser, to whoever comes to the map without an address that says more. */
import { signal } from "@preact/signals";

const KEPT = "tour.seen";
const cameWith = window.location.hash;

export const tourIsOpen = signal(false);

export function offerTour(): void {
  try {
    if (cameWith === "" && window.localStorage.getItem(KEPT) === null) tourIsOpen.value = true;
  } catch {
    // a browser that keeps nothing would show it every time
  }
}

export function endTour(): void {
  tourIsOpen.value = false;
  try {
    window.localStorage.setItem(KEPT, "1");
  } catch {
    // nothing is kept
  }
}
