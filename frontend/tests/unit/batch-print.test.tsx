// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import BatchPrint from "../../src/board/batch-print";

const box = document.createElement("div");

afterEach(() => {
  render(null, box);
  vi.unstubAllGlobals();
});

const done = {
  uid: "earlier",
  kind: "print_communities",
  status: "done",
  progress: 1,
  parameters: { area: null, count: 10 },
  created_at: "2026-11-23T01:00:00Z",
  finished_at: "2026-11-23T01:01:00Z",
  run: null,
};

async function shownOf(...jobs: unknown[]): Promise<string> {
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => ({ ok: true, json: async () => jobs })),
  );
  await act(() => render(<BatchPrint area={null} />, box));
  await vi.waitFor(() => expect(box.querySelector("a, [role=status]")).not.toBeNull());
  return box.textContent ?? "";
}

test("while sheets are made it is said how many of how many, and those made before can be fetched", async () => {
  const said = await shownOf({ ...done, uid: "now", status: "running", progress: 0.3 }, done);
  expect(said).toContain("3/10");
  expect(box.querySelector("progress")?.getAttribute("value")).toBe("0.3");
  expect(box.querySelector("a")?.getAttribute("href")).toBe("/api/prints/batches/earlier");
});

test("what one cancelled oneself is cancelled, not failed", async () => {
  const said = await shownOf({ ...done, status: "failed", problem: { code: "job_cancelled" } });
  expect(said).toContain("已取消");
  expect(box.querySelector("[role=alert]")).toBeNull();
});

test("what is done is fetched by one link", async () => {
  await shownOf(done, { ...done, uid: "before" });
  expect([...box.querySelectorAll("a")].map((link) => link.getAttribute("href"))).toEqual([
    "/api/prints/batches/earlier",
  ]);
});
