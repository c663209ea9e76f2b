// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { reached } from "../../src/shared/connection";
import { isUpdated } from "../../src/shared/updated";
import { AwayBanner } from "../../src/shell/away-banner";

afterEach(() => {
  isUpdated.value = false;
  reached();
  vi.unstubAllGlobals();
});

/** The line over the page after a part of it did not come. */
async function saidAfterLoss(health: () => Promise<unknown>): Promise<string> {
  vi.stubGlobal("fetch", vi.fn(health));
  const box = document.createElement("div");
  render(<AwayBanner />, box);
  await act(async () => {
    window.dispatchEvent(new Event("vite:preloadError"));
    await Promise.resolve();
  });
  return box.textContent ?? "";
}

test("a part that is gone while the server answers means that it was updated: the page asks to be loaded again", async () => {
  expect(await saidAfterLoss(async () => ({ ok: true }))).toBe("系统已更新，请刷新页面。 刷新页面");
});

test("a part that does not come because the server is away says that, not that it was updated", async () => {
  const said = await saidAfterLoss(() => Promise.reject(new TypeError("away")));
  expect(said).toContain("连不上服务器");
  expect(isUpdated.value).toBe(false);
});
