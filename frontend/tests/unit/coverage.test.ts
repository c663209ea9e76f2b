// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coverage, run, stop } from "../../src/data/coverage";

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
