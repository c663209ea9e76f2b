/** Answers of the edits and of the scenario they are compared with, as soon as these or the question change. */
import { effect, untracked } from "@preact/signals";
import { evaluate, evaluateKept } from "../../data/scenarios";
import { isToolStale } from "../overlay-state";
import { asked } from "./follow";
import * as now from "./scenario-state";

/** Answers the edits as soon as they or the question change. */
export const followAnswer = (): (() => void) =>
  effect(() => {
    const edits = now.edits.now.value;
    const wanted = now.question.value;
    untracked(() => {
      if (wanted && edits.length > 0) void now.answer.load((signal) => evaluate(edits, wanted, signal));
      else now.answer.clear();
    });
  });

export const followShown = (): (() => void) =>
  effect(() => {
    const found = now.answer.state.value;
    isToolStale.value = found.status === "loading" && now.shown.peek() !== null;
    if (found.status === "ready") now.shown.value = found.value;
    else if (found.status !== "loading") now.shown.value = null;
  });

/** Answers the scenario one compares with. */
export const followOther = (): (() => void) =>
  effect(() => {
    const uid = asked("compare");
    const wanted = now.question.value;
    untracked(() => {
      if (uid && wanted) void now.other.load((signal) => evaluateKept(uid, wanted, signal));
      else now.other.clear();
    });
  });
