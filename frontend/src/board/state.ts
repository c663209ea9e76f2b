/** What the person chose, kept the same as the address bar: a choice is a step back and forth. */
import { batch, effect, signal } from "@preact/signals";
import { lang } from "../shared/lang";
import { type Look, readLook, START, writeLook } from "./address";

export const look = signal<Look>(START);
/** Rows asked for of each table. */
export const STEP = 200;
export const most = signal(STEP);
let isSettling = false;

/** Another look; what belongs to the old one (order, chosen row) goes with it unless it is given. */
export function go(change: Partial<Look>): void {
  const before = look.peek();
  const next = { ...before, ...change };
  const isOtherTable = next.view !== before.view || next.area !== before.area;
  if (isOtherTable && change.sort === undefined) next.sort = null;
  if (isOtherTable && change.chosen === undefined) next.chosen = null;
  if (next.area !== before.area && change.by === undefined) next.by = null;
  if ((isOtherTable || next.by !== before.by) && change.whole === undefined) next.whole = null;
  batch(() => {
    if (Object.keys(change).some((name) => !["chosen", "whole"].includes(name))) most.value = STEP;
    look.value = next;
  });
}

/** Says more exactly what is chosen already: no step of its own. */
export function settle(change: Partial<Look>): void {
  isSettling = true;
  look.value = { ...look.peek(), ...change };
  isSettling = false;
}

export const choose = (key: string | null): void => go({ chosen: key });

export function connect(): void {
  const apply = () => {
    const said = readLook(location.hash);
    batch(() => {
      look.value = said.look;
      if (said.lang) lang.value = said.lang;
    });
  };
  apply();
  let isFirst = true;
  let last = look.peek();
  effect(() => {
    const now = look.value;
    const hash = writeLook(now, lang.value);
    const isStep = !isFirst && !isSettling && now !== last;
    isFirst = false;
    last = now;
    if (hash === location.hash) return;
    const address = `${location.pathname}${location.search}${hash}`;
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  });
  window.addEventListener("popstate", apply);
  window.addEventListener("hashchange", apply);
}
