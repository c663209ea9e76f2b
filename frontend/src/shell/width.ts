/** Whether the head has room for everything it offers at the text size in use. */
import { computed, signal } from "@preact/signals";
import { scale } from "../shared/looks";

const width = signal(window.innerWidth);
window.addEventListener("resize", () => {
  width.value = window.innerWidth;
});

const NEEDED_PX = 1240;
export const isCompact = computed(() => width.value / scale.value < NEEDED_PX);
