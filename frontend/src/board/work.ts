/** What follows from a choice: the view is asked for again. */
import { effect } from "@preact/signals";
import { lang } from "../shared/lang";
import { queryOf } from "./address";
import { loadBoard } from "./data";
import { look, most } from "./state";

export const reload = (): void => void loadBoard(look.peek(), most.peek());

export function work(): () => void {
  let last = "";
  return effect(() => {
    const now = look.value;
    // a chosen row needs no request; texts are ordered by language
    const asked = JSON.stringify([now.view, queryOf(now), most.value, now.sort === null ? "" : lang.value]);
    if (asked !== last) void loadBoard(now, most.value);
    last = asked;
  });
}
