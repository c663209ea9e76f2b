// @vitest-environment happy-dom
/** The form of a new project: what does not do is said in words, what was typed outlasts the session. */
import { render } from "preact";
import { expect, it } from "vitest";
import { lang } from "../../src/shared/lang";
import { draftKey, draftOf } from "../../src/shared/project-draft";
import { type Draft, faultOf, ProjectForm } from "../../src/shared/project-form";

const draft: Draft = {
  name: "Canteen",
  kind: "service_room",
  responsible_unit: "Office",
  deadline_on: "2027-01-01",
  planned_yuan: "",
  description: "",
};
const TODAY = "2026-11-23";

it("refuses what is empty, past, negative or no amount, with the field's name", () => {
  lang.value = "en";
  const said = (part: Partial<Draft>) => faultOf({ ...draft, ...part }, TODAY);
  expect(said({})).toBeNull();
  expect(said({ deadline_on: TODAY })).toBeNull();
  expect(said({ responsible_unit: " " })?.field).toBe("responsible_unit");
  expect(said({ deadline_on: "2026-11-22" })?.said).toContain("2026-11-22 has passed");
  expect(said({ planned_yuan: "-1" })?.said).toBe("Not saved: Planned (yuan) must not be negative.");
  expect(said({ planned_yuan: "9e30" })?.field).toBe("planned_yuan");
});

it("keeps what was typed under the person's name until it is given up", () => {
  const key = draftKey("li", "gap/canteen/1 run x");
  const holder = document.createElement("div");
  const open = () =>
    render(
      <ProjectForm
        draft={draft}
        keptAs={key}
        kinds={{}}
        keep={() => Promise.reject(new Error("the session ended"))}
        Fault={() => <p />}
        saved={() => <p />}
        onClose={() => undefined}
      />,
      holder,
    );
  const unit = () => holder.querySelector<HTMLInputElement>('[name="responsible_unit"]');
  open();
  const field = unit();
  if (field) field.value = "Street office";
  field?.dispatchEvent(new Event("input", { bubbles: true }));
  render(null, holder);
  open();
  expect(unit()?.value).toBe("Street office");
  expect(draftOf(draftKey("wang", "gap/canteen/1 run x"))).toBeNull();
  const buttons = [...holder.querySelectorAll<HTMLButtonElement>("button")];
  buttons.find(({ textContent }) => textContent === "Cancel")?.click();
  expect(draftOf(key)).toBeNull();
});
