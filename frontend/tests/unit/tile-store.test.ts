// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { TileStore } from "../../src/map/tile-store";

afterEach(() => vi.unstubAllGlobals());

const at = { z: 14, x: 1, y: 2 };
const atOnce = () => Promise.resolve();
const empty = () => new Response(null, { status: 204 });

test("however many want a tile, it is fetched once", async () => {
  const fetcher = vi.fn(() => Promise.resolve(empty()));
  vi.stubGlobal("fetch", fetcher);
  const store = new TileStore(atOnce);
  await Promise.all([store.want("ways", at, "").tile, store.want("ways", at, "").tile]);
  await store.want("ways", at, "").tile;
  expect(fetcher).toHaveBeenCalledTimes(1);
  expect(store.has("ways", at, "")?.features).toEqual([]);
  await store.want("ways", at, "?run=1").tile;
  expect(fetcher).toHaveBeenLastCalledWith("/tiles/ways/14/1/2.mvt?run=1", expect.anything());
});

test("a stumbling server is asked again, a refusal is not", async () => {
  const answers = [new Response("", { status: 503 }), new Response("", { status: 500 }), empty()];
  const fetcher = vi.fn(() => Promise.resolve(answers.shift() as Response));
  vi.stubGlobal("fetch", fetcher);
  expect((await new TileStore(atOnce).want("ways", at, "").tile).features).toEqual([]);
  expect(fetcher).toHaveBeenCalledTimes(3);
  const refused = vi.fn(() => Promise.resolve(new Response("{}", { status: 404 })));
  vi.stubGlobal("fetch", refused);
  await expect(new TileStore(atOnce).want("ways", at, "").tile).rejects.toMatchObject({ status: 404 });
  expect(refused).toHaveBeenCalledTimes(1);
});

test("a server that stays down gives up, and a later wish tries again", async () => {
  const fetcher = vi.fn(() => Promise.resolve(new Response("", { status: 500 })));
  vi.stubGlobal("fetch", fetcher);
  const store = new TileStore(atOnce);
  await expect(store.want("ways", at, "").tile).rejects.toMatchObject({ status: 500 });
  expect(fetcher).toHaveBeenCalledTimes(4);
  fetcher.mockImplementation(() => Promise.resolve(empty()));
  expect((await store.want("ways", at, "").tile).features).toEqual([]);
});

test("only when nobody waits any more the request is aborted", async () => {
  let signal: AbortSignal | undefined;
  vi.stubGlobal("fetch", (_address: string, init: RequestInit) => {
    signal = init.signal ?? undefined;
    return new Promise((_, reject) =>
      signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError"))),
    );
  });
  const store = new TileStore(atOnce);
  const one = store.want("ways", at, "");
  const two = store.want("ways", at, "");
  one.leave();
  one.leave();
  expect(signal?.aborted).toBe(false);
  two.leave();
  expect(signal?.aborted).toBe(true);
  await expect(two.tile).rejects.toMatchObject({ name: "AbortError" });
});
