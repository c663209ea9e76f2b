/** Making one thing of several: the others are chosen from those near by, or by code. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { type Rows, rowOf, rowsIn } from "../../data/editing";
import type { LayerFeature } from "../../shared/api";
import { boundsOf } from "../../shared/bounds";
import { resource } from "../../shared/loadable";
import { editing } from "../edit-state";
import { ProblemText } from "../problem-note";
import { joined } from "./merge-state";
import { merge } from "./saving";
import * as session from "./session";
import { t } from "./texts";

const MOST = 30;
const AROUND_DEGREES = 0.0004;
const around = resource<Rows>();

const nameOf = ({ properties }: LayerFeature): string =>
  properties.name ? `${properties.name} (${properties.code})` : String(properties.code);

function look(): void {
  const box = session.row.peek()?.geometry && boundsOf(session.row.peek()?.geometry as GeoJSON.Geometry);
  const layer = editing.peek()?.layer;
  if (!box || !layer) return;
  const [west, south, east, north] = box;
  const a = AROUND_DEGREES;
  void around.load((signal) => rowsIn(layer, [west - a, south - a, east + a, north + a], MOST, signal));
}

export function MergeBox({ isStored }: { isStored: boolean }) {
  const isOpen = useSignal(false);
  return (
    <details
      class="edit-merge"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
        if (currentTarget.open) look();
        else joined.value = [];
      }}
    >
      <summary>{t("edit.merge")}</summary>
      {isOpen.value && (isStored ? <Choose /> : <p class="hint">{t("edit.save_first")}</p>)}
    </details>
  );
}

function Choose() {
  const id = useId();
  const code = useSignal("");
  const isUnknown = useSignal(false);
  const own = session.row.value?.properties.code;
  const answer = around.state.value;
  const found = answer.status === "ready" ? answer.value.features : [];
  const isChosen = (one: LayerFeature) => joined.value.some(({ id: chosen }) => chosen === one.id);
  const near = [...found.filter(({ properties }) => properties.code !== own)];
  const typed = joined.value.filter((one) => !near.some(({ id: known }) => known === one.id));
  const toggle = (one: LayerFeature) => {
    joined.value = isChosen(one) ? joined.value.filter(({ id: chosen }) => chosen !== one.id) : [...joined.value, one];
  };
  const add = async (event: Event) => {
    event.preventDefault();
    const layer = editing.peek()?.layer ?? "";
    const one = await rowOf(layer, code.value.trim()).catch(() => null);
    isUnknown.value = one === null || one.properties.code === own;
    if (!one || isUnknown.value) return;
    code.value = "";
    if (!isChosen(one)) toggle(one);
  };
  return (
    <>
      <p class="hint">{t("edit.merge.how")}</p>
      {answer.status === "failed" && (
        <p class="note note-bad" role="alert">
          <ProblemText problem={answer.problem} />
        </p>
      )}
      <ul class="edit-choices" aria-label={t("edit.merge.near")}>
        {[...near, ...typed].map((one) => (
          <li key={String(one.id)}>
            <label class="edit-check">
              <input type="checkbox" checked={isChosen(one)} onChange={() => toggle(one)} />
              {nameOf(one)}
            </label>
          </li>
        ))}
      </ul>
      {answer.status === "ready" && near.length === 0 && <p class="hint">{t("edit.merge.none")}</p>}
      <form class="edit-typed" onSubmit={add}>
        <label htmlFor={id}>{t("edit.merge.code")}</label>
        <div class="pair">
          <input
            id={id}
            type="text"
            autocomplete="off"
            value={code.value}
            aria-invalid={isUnknown.value ? "true" : undefined}
            onInput={({ currentTarget }) => {
              code.value = currentTarget.value;
              isUnknown.value = false;
            }}
          />
          <button type="submit">{t("edit.merge.add")}</button>
        </div>
        {isUnknown.value && (
          <span class="edit-why" role="alert">
            {t("edit.reference_none")}
          </span>
        )}
      </form>
      <div class="edit-tools">
        <button
          type="button"
          class="primary"
          disabled={joined.value.length === 0 || session.isSaving.value}
          onClick={() => {
            void merge(joined.peek()).then((isDone) => {
              if (isDone) joined.value = [];
            });
          }}
        >
          {t("edit.merge.do", { count: joined.value.length })}
        </button>
      </div>
    </>
  );
}
