/** The kinds of edits, the list of those made, and lists to choose from what the map would be clicked for. */

import type { FeatureCollection } from "geojson";
import { useEffect } from "preact/hooks";
import { categoryNamed } from "../../data/catalogue";
import type { Edit, EditKind } from "../../data/scenarios";
import { number } from "../../i18n";
import { say } from "../../shared/lang";
import { ready, resource } from "../../shared/loadable";
import { request } from "../../shared/request";
import { Choice } from "../coverage-panel";
import * as state from "../state";
import { asked } from "./follow";
import { placeOf, thingOf } from "./scenario-marks";
import { t as places } from "./scenario-places-texts";
import { capacityText } from "./scenario-resize";
import * as now from "./scenario-state";
import { t } from "./texts";

const KINDS: readonly EditKind[] = [
  "facility_add",
  "facility_move",
  "facility_close",
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

function Waiting() {
  const mode = now.mode.value;
  if (!mode) return null;
  const points = now.line.value.length;
  const moving = now.moving.value;
  return (
    <div class="note" role="status">
      <p>{moving ? t("tools.edit.move_to", { name: thingOf(moving).name }) : t(`tools.edit.${mode}_how`)}</p>
      <p class="hint">{t("tools.pick_hint")}</p>
      {(mode === "facility_close" || (mode === "facility_move" && !moving)) && (
        <ThingChoice
          layer="facilities"
          query={{ category: asked("category") ?? "" }}
          label={t("tools.edit.or_facility")}
          onChoose={mode === "facility_close" ? now.close : now.move}
        />
      )}
      {mode === "gate_open" && (
        <ThingChoice layer="gates" query={{}} label={t("tools.edit.or_gate")} onChoose={now.openGate} />
      )}
      {mode === "path_add" && (
        <div class="actions">
          <button type="button" class="primary" disabled={points < 2} onClick={now.endLine}>
            {t("tools.edit.path_end", { count: number(points) })}
          </button>
          <button
            type="button"
            disabled={points === 0}
            onClick={() => {
              now.line.value = now.line.peek().slice(0, -1);
            }}
          >
            {t("tools.edit.path_back")}
          </button>
        </div>
      )}
      <button type="button" onClick={() => now.begin(null)}>
        {t("tools.cancel")}
      </button>
    </div>
  );
}

interface ThingsAsked {
  layer: string;
  query: Record<string, string>;
  label: string;
  onChoose: (code: string) => void;
}

const things = resource<{ code: string; name: string }[]>();
const MOST = 500;

/** The same things as on the map, as a list. */
function ThingChoice({ layer, query, label, onChoose }: ThingsAsked) {
  const key = JSON.stringify([layer, query]);
  useEffect(() => {
    void things.load(async (signal) => {
      const found = await request<FeatureCollection>(`/api/${layer}`, {
        query: { ...query, limit: MOST, sort: "code" },
        signal,
      });
      return found.features.map(({ properties }) => ({
        code: String(properties?.code),
        name: String(properties?.name ?? properties?.code),
      }));
    });
    return things.clear;
  }, [key]);
  const listed = ready(things.state.value) ?? [];
  return (
    <Choice
      label={label}
      value=""
      options={[
        { value: "", label: t("tools.choose") },
        ...listed.map(({ code, name }) => ({ value: code, label: name })),
      ]}
      onChange={(code) => {
        if (code) onChoose(code);
      }}
    />
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
  const { edit, category, facility, gate, line, name } = one;
  if (edit === "facility_resize" && facility) {
    return `${places("scenario_places.resize_of", { what: thingOf(facility).name })} ${capacityText(one)}`;
  }
  const kind = edit === "facility_share" ? edit : KINDS.find((known) => known === edit);
  if (!kind) return t("tools.edit.other", { kind: edit });
  const what =
    kind === "facility_add"
      ? (name ?? say(categoryNamed(category ?? null)?.label))
      : kind === "path_add"
        ? t("tools.edit.points", { count: number(line?.length ?? 0) })
        : thingOf(facility ?? gate).name;
  return `${t("tools.edit.line", { kind: t(`tools.edit.${kind}`), what }).trim()} ${capacityText(one)}`.trim();
}
