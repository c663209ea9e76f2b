/** Where the editor stands in the page, and the ways into it for who may write. The editor is fetched when opened. */
import { effect, signal, untracked, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { t } from "../i18n";
import type { LayerFeature } from "../shared/api";
import { title } from "../shared/lang";
import { ready, resource } from "../shared/loadable";
import { editing, mayCheck, mayLookBack, mayWrite, openEditing, writable } from "./edit-state";
import { tWays } from "./edit-texts";
import { ProblemNote } from "./problem-note";

interface EditPart {
  Panel: () => preact.JSX.Element | null;
  Bar: () => preact.JSX.Element | null;
  start: () => () => void;
}

const opened = resource<EditPart>();
const tries = signal(0);

/** Fetches the editor when it is first needed, and ends its work when it is closed. */
export function followEditing(): void {
  effect(() => {
    tries.value;
    const isOpen = editing.value !== null;
    untracked(() => {
      const { status } = opened.state.peek();
      if (isOpen && status !== "ready" && status !== "loading")
        void opened.load(async () => (await import("./edit/panel")).part);
    });
  });
  effect(() => {
    const part = ready(opened.state.value);
    if (part && editing.value !== null) running ??= untracked(part.start);
    else if (running && editing.value === null) {
      untracked(running);
      running = null;
    }
  });
}
let running: (() => void) | null = null;

export function EditPanel() {
  const answer = opened.state.value;
  if (answer.status === "ready") return <answer.value.Panel />;
  if (answer.status === "failed") return <ProblemNote problem={answer.problem} retry={() => tries.value++} />;
  return <p role="status">{t("map.details.loading")}</p>;
}

export function EditBar() {
  const part = ready(opened.state.value);
  return editing.value && part ? <part.Bar /> : null;
}

/** In the details of a thing: change it, or see what it was. */
export function EditButtons({ layer, feature }: { layer: string; feature: LayerFeature }) {
  const code = String(feature.properties.code);
  if (!mayWrite(layer)) return null;
  return (
    <div class="actions">
      {!feature.properties.retired_at && (
        <button type="button" onClick={() => openEditing("edit", layer, code)}>
          {tWays("edit_ways.edit")}
        </button>
      )}
      {mayLookBack() && (
        <button type="button" onClick={() => openEditing("history", layer, code)}>
          {tWays("edit_ways.history")}
        </button>
      )}
    </div>
  );
}

/** Above the layers: something new, or the list of what is there. */
export function NewThing() {
  const id = useId();
  const chosen = useSignal("");
  const known = writable.value;
  if (known.length === 0) return null;
  const layer = known.some(({ name }) => name === chosen.value) ? chosen.value : (known[0]?.name ?? "");
  return (
    <div class="choice">
      <label htmlFor={id}>
        <strong>{tWays("edit_ways.layer")}</strong>
      </label>
      <select
        id={id}
        value={layer}
        onChange={({ currentTarget }) => {
          chosen.value = currentTarget.value;
        }}
      >
        {known.map((one) => (
          <option key={one.name} value={one.name}>
            {title(one.label)}
          </option>
        ))}
      </select>
      <div class="actions edit-ways">
        <button type="button" onClick={() => openEditing("new", layer)}>
          {tWays("edit_ways.new")}
        </button>
        <button type="button" onClick={() => openEditing("list", layer)}>
          {tWays("edit_ways.list")}
        </button>
        {mayCheck() && (
          <button type="button" onClick={() => openEditing("problems", "grids")}>
            {tWays("edit_ways.problems")}
          </button>
        )}
      </div>
    </div>
  );
}
