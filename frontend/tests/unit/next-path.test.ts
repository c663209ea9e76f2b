import { expect, test } from "vitest";
import { nextPath } from "../../src/desk/next-path";

const HERE = "http://10.0.0.5:8000";
const after = (next: string) => nextPath(`?next=${encodeURIComponent(next)}`, HERE);

test("leads back to the page one came from, with its view", () => {
  expect(after("/map?x=1#map=12/114.3/30.5")).toBe("/map?x=1#map=12/114.3/30.5");
});

test.each(["", "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere.example"])(
  "never leads to another host: %s",
  (next) => {
    expect(after(next)).toBe("/map");
  },
);

test("a script is no page, and signing in does not lead to signing in", () => {
  expect(after("javascript:alert(1)")).toBe("/map");
  expect(after("/sign-in?next=/sign-in")).toBe("/map");
});
