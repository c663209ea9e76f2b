/** Keys that work wherever nothing is typed: search, help, map, table. They can be turned off. */
import { effect, signal } from "@preact/signals";

const KEPT = "keys.off";

const readOff = (): boolean => {
  try {
    return window.localStorage.getItem(KEPT) === "1";
  } catch {
    return false;
  }
};

export const keysOn = signal(!readOff());
export const helpIsOpen = signal(false);

export function useKeys(isOn: boolean): void {
  keysOn.value = isOn;
  try {
    window.localStorage.setItem(KEPT, isOn ? "0" : "1");
  } catch {
    // then it holds for this page
  }
}

const TYPED = "input, textarea, select, [contenteditable], [role='dialog']";

const focusOn = (selector: string): boolean => {
  const found = document.querySelector<HTMLElement>(selector);
  found?.focus();
  return found !== null;
};

const KEYS: Record<string, () => boolean> = {
  "/": () => focusOn(".shell input[type='search']"),
  "?": () => {
    helpIsOpen.value = true;
    return true;
  },
  m: () => focusOn(".map[role='application']"),
  l: () => focusOn("#results, #table"),
};

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if ((event.target as Element).closest?.(TYPED)) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act?.()) event.preventDefault();
}

effect(() => {
  if (!keysOn.value) return;
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
});
