/** The kinds of edits, and the list of those made. */
import { categoryNamed } from "../../data/catalogue";
import type { Edit, EditKind } from "../../data/scenarios";
import { number } from "../../i18n";
import { say } from "../../shared/lang";
import * as state from "../state";
import { asked } from "./follow";
import { Waiting } from "./scenario-acts";
import { placeOf, thingOf } from "./scenario-marks";
import { capacityText } from "./scenario-resize";
import * as now from "./scenario-state";
import { t } from "./texts";

const KINDS: readonly EditKind[] = [
  "facility_add",
  "facility_move",
  "facility_close",
  "facility_resize",
  "facility_share",
  "homes_add",
  "gate_open",
  "path_add",
  "path_cut",
];

export function EditTools() {
  const mode = now.mode.value;
  const list = now.edits.now.value;
  return (
    <fieldset class="limit">
      <legend>{t("tools.scenario.edits", { count: number(list.length) })}</legend>
      <div class="edit-kinds">
        {KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={mode === kind}
            onClick={() => now.begin(mode === kind ? null : kind)}
          >
            {t(`tools.edit.${kind}`)}
          </button>
        ))}
      </div>
      <Waiting />
      <div class="actions">
        <button type="button" disabled={!now.edits.canUndo.value} onClick={now.edits.undo}>
          {t("tools.undo")}
        </button>
        <button type="button" disabled={!now.edits.canRedo.value} onClick={now.edits.redo}>
          {t("tools.redo")}
        </button>
      </div>
      <ol class="edits">
        {list.map((edit, place) => (
          <EditLine key={`${place}${JSON.stringify(edit)}`} edit={edit} place={place} />
        ))}
      </ol>
    </fieldset>
  );
}

function EditLine({ edit, place }: { edit: Edit; place: number }) {
  const at = placeOf(edit);
  const isChosen = asked("edit") === String(place);
  return (
    <li class={isChosen ? "is-chosen" : ""}>
      <span class="edit-number">{number(place + 1)}.</span>
      <button
        type="button"
        class="link"
        disabled={!at}
        onClick={() => {
          state.ask({ edit: String(place) });
          if (at) state.focus.value = [...at];
        }}
      >
        {editText(edit)}
      </button>
      <button
        type="button"
        class="close"
        aria-label={t("tools.edit.remove", { edit: editText(edit) })}
        onClick={() => now.edits.set(now.edits.now.peek().filter((_, at) => at !== place))}
      >
        ×
      </button>
    </li>
  );
}

export function editText(one: Edit): string {
  const { edit, category, facility, gate, line, name, residents } = one;
  const kind = KINDS.find((known) => known === edit);
  if (!kind) return t("tools.edit.other", { kind: edit });
  const what =
    kind === "facility_add"
      ? (name ?? say(categoryNamed(category ?? null)?.label))
      : kind === "path_add"
        ? t("tools.edit.points", { count: number(line?.length ?? 0) })
        : kind === "homes_add"
          ? [name, t("tools.edit.persons", { count: number(residents ?? 0) })].filter(Boolean).join(" ")
          : thingOf(facility ?? gate).name;
  return `${t("tools.edit.line", { kind: t(`tools.edit.${kind}`), what }).trim()} ${capacityText(one)}`.trim();
}
