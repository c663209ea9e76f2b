/** How large and how dark a person wants the pages: kept in this browser, in force before anything is drawn. */
import { computed, effect, signal } from "@preact/signals";

export const SIZES = ["standard", "large", "larger"] as const;
export const THEMES = ["auto", "light", "dark"] as const;
export type Size = (typeof SIZES)[number];
export type Theme = (typeof THEMES)[number];

/** How many times the standard size; the style sheet says the same. */
const SCALES: Record<Size, number> = { standard: 1, large: 1.25, larger: 1.5 };

const kept = <T extends string>(key: string, known: readonly T[]): T => {
  try {
    const found = window.localStorage.getItem(key);
    return known.find((one) => one === found) ?? (known[0] as T);
  } catch {
    return known[0] as T; // a browser that keeps nothing has the standard
  }
};

const keep = (key: string, value: string): void => {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // then it holds for this page
  }
};

export const size = signal<Size>(kept("looks.size", SIZES));
export const theme = signal<Theme>(kept("looks.theme", THEMES));
export const scale = computed(() => SCALES[size.value]);

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", () => {
  systemIsDark.value = prefersDark.matches;
});
const printing = signal(false);
window.addEventListener("beforeprint", () => {
  printing.value = true;
});
window.addEventListener("afterprint", () => {
  printing.value = false;
});

/** Whether page and map are dark now; on paper they are light. */
export const isDark = computed(
  () => !printing.value && (theme.value === "dark" || (theme.value === "auto" && systemIsDark.value)),
);

effect(() => {
  document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
});
effect(() => {
  document.documentElement.dataset.size = size.value;
});

export function chooseSize(chosen: Size): void {
  size.value = chosen;
  keep("looks.size", chosen);
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keep("looks.theme", chosen);
}

// another tab of this browser chose differently
window.addEventListener("storage", ({ key }) => {
  if (key === "looks.size") size.value = kept("looks.size", SIZES);
  if (key === "looks.theme") theme.value = kept("looks.theme", THEMES);
});
