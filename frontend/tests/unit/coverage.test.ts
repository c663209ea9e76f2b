// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coverage, run, stop } from "../../src/data/coverage";
import type { KeptRun } from "../../src/data/runs";
import { isAbout, questionOf } from "../../src/planner/kept-coverage";
import { isStale, result } from "../../src/planner/paint-state";

const json = (value: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(value), { status }));

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const wanted = (profile: string) => ({ categories: null, limit: { circle: 15 }, profile, by: "community" });

test("a run is started, watched and its result fetched under the finished run's uid", async () => {
  const asked: string[] = [];
  const answers = [
    { uid: "job", status: "queued", progress: 0 },
    { uid: "job", status: "running", progress: 0.5, message: { zh: "算", en: "sum" } },
    { uid: "run", status: "done", progress: 1 },
    { uid: "run", rows: [], totals: [] },
  ];
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(address);
    return json(answers[asked.length - 1]);
  });
  const done = run(wanted("standard"));
  await vi.advanceTimersByTimeAsync(450);
  expect(coverage.value).toMatchObject({ status: "running", progress: 0.5 });
  await vi.runAllTimersAsync();
  await done;
  expect(coverage.value.status).toBe("done");
  expect(asked).toEqual(["/api/analyses/coverage", "/api/runs/job", "/api/runs/job", "/api/runs/run/result"]);
  await run(wanted("standard"));
  expect(asked).toHaveLength(4);
});

test("a failed run says why", async () => {
  vi.stubGlobal("fetch", () =>
    json({ uid: "x", status: "failed", problem: { code: "no_network", detail_zh: "没有路网" } }),
  );
  await run(wanted("elder"));
  expect(coverage.value).toMatchObject({
    status: "failed",
    problem: { code: "no_network", detail: { zh: "没有路网" } },
  });
});

test("what was asked before is looked at until the answer is here, of the same categories only", async () => {
  const answer = { uid: "r1", rows: [], totals: [{ category: "clinic" }] };
  const replies: unknown[] = [{ uid: "r1", status: "done", progress: 1 }, answer];
  vi.stubGlobal("fetch", () => (replies.length > 0 ? json(replies.shift()) : new Promise(() => {})));
  await run({ ...wanted("child"), categories: ["clinic"] });
  expect(result.value?.uid).toBe("r1");
  expect(isStale.value).toBe(false);
  void run({ ...wanted("child"), categories: ["clinic"], at: "22:30" });
  expect([result.value?.uid, isStale.value]).toEqual(["r1", true]);
  void run({ ...wanted("child"), categories: ["pharmacy"], at: "22:30" });
  expect([result.value, isStale.value]).toEqual([null, false]);
});

test("runs of the same question are one choice, whatever categories they are about", () => {
  const said = { circle: 10, minutes: null, profile: "standard", by: "community", categories: ["clinic"] };
  const run: KeptRun = { uid: "u", kind: "coverage", created_at: "", parameters: said };
  const same = (other: object) => expect(JSON.stringify(questionOf({ ...said, ...other })));
  same({ categories: ["park"], strict: false }).toBe(JSON.stringify(questionOf(said)));
  for (const other of [{ strict: true }, { at: "09:00" }, { circle: null, minutes: 10 }, { by: "street" }])
    same(other).not.toBe(JSON.stringify(questionOf(said)));
  expect([isAbout(run, "clinic"), isAbout(run, null), isAbout(run, "park")]).toEqual([true, true, false]);
});
