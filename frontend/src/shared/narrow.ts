/** Whether the page is as narrow as a phone; on paper it stays as it is on the screen, map and all. */
import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 760px)");
const paper = matchMedia("print");
export const isNarrow = signal(query.matches);
// Safari 13 and older only know addListener; 14 is our oldest
query.addEventListener("change", () => {
  if (!paper.matches) isNarrow.value = query.matches;
});
