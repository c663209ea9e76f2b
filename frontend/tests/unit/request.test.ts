// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { lang } from "../../src/shared/lang";
import { isAbort, Problem, proofComes, prove, request, requestBytes, withQuery } from "../../src/shared/request";

afterEach(() => {
  vi.unstubAllGlobals();
  lang.value = "zh";
});

const answering = (response: Response) => {
  const fetcher = vi.fn((_address: string, _init: RequestInit) => Promise.resolve(response));
  vi.stubGlobal("fetch", fetcher);
  return fetcher;
};

test("asks in the language of the page and sends JSON", async () => {
  lang.value = "en";
  const fetcher = answering(new Response('{"a":1}', { status: 200 }));
  expect(await request("/api/x", { method: "POST", body: { b: 2 }, query: { q: "甲", none: null } })).toEqual({ a: 1 });
  const [address, init] = fetcher.mock.calls[0] ?? [];
  expect(address).toBe("/api/x?q=%E7%94%B2");
  expect(init?.headers).toEqual({ "Accept-Language": "en", "Content-Type": "application/json" });
  expect(init?.body).toBe('{"b":2}');
});

test("a problem document becomes a problem with both sentences and its facts", async () => {
  const said = {
    type: "x",
    title: "y",
    status: 404,
    code: "row_unknown",
    detail: "没有",
    detail_zh: "没有",
    detail_en: "none",
    row: 7,
  };
  answering(new Response(JSON.stringify(said), { status: 404 }));
  const problem = await request("/api/x").catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ status: 404, code: "row_unknown", facts: { row: 7 } });
  expect((problem as Problem).sentence("zh")).toBe("没有");
  expect((problem as Problem).sentence("en")).toBe("none");
});

test("a failure without a document still has a code", async () => {
  answering(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await expect(request("/api/x")).rejects.toMatchObject({ status: 502, code: "http_502" });
});

test("an unreachable server is a problem, an abort is not", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
  await expect(request("/api/x")).rejects.toMatchObject({ status: 0, code: "unreachable" });
  vi.stubGlobal("fetch", () => Promise.reject(new DOMException("stop", "AbortError")));
  expect(isAbort(await request("/api/x").catch((error: unknown) => error))).toBe(true);
});

test("no content is null", async () => {
  answering(new Response(null, { status: 204 }));
  expect(await requestBytes("/tiles/x")).toBeNull();
  expect(withQuery("/a", { b: undefined })).toBe("/a");
});

test("a change that is asked for before it is known who asks waits for the proof", async () => {
  const fetcher = answering(new Response("{}", { status: 200 }));
  let arrive = () => {};
  proofComes(new Promise<void>((resolve) => (arrive = resolve)));
  const asked = request("/api/x", { method: "POST" });
  await request("/api/y").catch(() => {});
  expect(fetcher.mock.calls.map(([address]) => address)).toEqual(["/api/y"]);
  prove("token");
  arrive();
  await asked.catch(() => {});
  expect(fetcher.mock.calls[1]?.[1].headers).toMatchObject({ "X-CSRF-Token": "token" });
  prove(null);
});
