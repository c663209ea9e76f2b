/** Whether the page is as narrow as a phone. */
import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 760px)");
export const isNarrow = signal(query.matches);
// Safari 13 and older only know addListener; 14 is our oldest
query.addEventListener("change", () => {
  isNarrow.value = query.matches;
});
