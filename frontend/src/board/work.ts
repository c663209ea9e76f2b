/** What follows from a choice: the view is asked for again. */
import { effect } from "@preact/signals";
import { lang } from "../shared/lang";
import { FIRST, queryOf } from "./address";
import { board, loadBoard } from "./data";
import { look, most, settle } from "./state";

export const reload = (): void => void loadBoard(look.peek(), most.peek());

export function work(): () => void {
  const stops = [follow(), effect(chooseFirst)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Whoever comes for the first row gets it as soon as it is there. */
function chooseFirst(): void {
  const { view, chosen } = look.value;
  const now = board.value;
  if (chosen !== FIRST || now?.view !== view || now.analyses.some(({ run }) => run === null)) return;
  settle({ chosen: now.tables[0]?.rows[0]?.key ?? null });
}

function follow(): () => void {
  let last = "";
  return effect(() => {
    const now = look.value;
    // a chosen row needs no request; texts are ordered by language
    const asked = JSON.stringify([now.view, queryOf(now), most.value, now.sort === null ? "" : lang.value]);
    if (asked !== last) void loadBoard(now, most.value);
    last = asked;
  });
}
