// @vitest-environment happy-dom
/** What has the focus and goes leaves it to what it stood in, for who goes by keyboard. */
import { beforeAll, expect, it } from "vitest";
import { keepFocus } from "../../src/shared/kept-focus";

beforeAll(keepFocus);

/** A button in a group in a panel, focused. */
function focused(input: "keyboard" | "pointer") {
  document.documentElement.dataset.input = input;
  document.body.innerHTML = '<div id="app"><section><fieldset><button>x</button></fieldset></section></div>';
  const button = document.querySelector("button") as HTMLButtonElement;
  button.focus();
  return { button, group: button.parentElement as HTMLElement, panel: document.querySelector("section") };
}

/** Observers are told before a timer is. */
const told = () => new Promise((resolve) => setTimeout(resolve));

it("hands the focus of what is removed to what is left of where it stood, and only so long as it is there", async () => {
  const { button, group, panel } = focused("keyboard");
  group.remove();
  button.blur(); // as a browser does by itself
  await told();
  expect(document.activeElement).toBe(panel);
  panel?.blur();
  expect(panel?.hasAttribute("tabindex")).toBe(false);
});

it("hands on the focus of what is disabled", async () => {
  const { button, group } = focused("keyboard");
  button.disabled = true;
  await told();
  expect(document.activeElement).toBe(group);
});

it("leaves who goes by a pointer alone", async () => {
  const { button, panel } = focused("pointer");
  button.remove();
  await told();
  expect(document.activeElement).not.toBe(panel);
});
