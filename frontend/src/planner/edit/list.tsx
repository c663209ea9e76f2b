/** The things of a layer as a list: those in view, so that whatever the map shows can be opened without it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { layerNamed } from "../../data/catalogue";
import { type Rows, rowsIn } from "../../data/editing";
import { number } from "../../i18n";
import type { Bounds, LayerFeature } from "../../shared/api";
import { resource } from "../../shared/loadable";
import { editing, mayWrite, openEditing } from "../edit-state";
import { focusOn } from "../focus";
import { ProblemNote } from "../problem-note";
import * as state from "../state";
import { t } from "./texts";

const PAGE = 50;
const found = resource<Rows>();

/** About what is in view; the list need not end where the map does. */
function view(): Bounds | null {
  const at = state.position.peek();
  if (!at) return null;
  const half = 360 / 2 ** at.zoom;
  return [at.lon - half * 2, at.lat - half, at.lon + half * 2, at.lat + half];
}

export function List() {
  const layer = editing.value?.layer ?? "";
  const most = useSignal(PAGE);
  const hasPlace = Boolean(layerNamed(layer)?.geometry);
  const sort = layerNamed(layer)?.fields.some(({ key }) => key === "name") ? "name" : "code";
  const load = () => void found.load((signal) => rowsIn(layer, hasPlace ? view() : null, most.value, signal, { sort }));
  useEffect(load, [layer, most.value]);
  const answer = found.state.value;
  const rows = answer.status === "ready" ? answer.value : null;
  const choose = ({ properties }: LayerFeature) => {
    const code = String(properties.code);
    if (hasPlace) void focusOn(layer, code);
    else openEditing("edit", layer, code);
  };
  return (
    <>
      <p class="hint">{t(hasPlace ? "edit.list.hint" : "edit.list.hint_all")}</p>
      {hasPlace && (
        <button type="button" onClick={load}>
          {t("edit.list.again")}
        </button>
      )}
      {answer.status === "loading" && <p role="status">{t("edit.loading")}</p>}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={load} />}
      {rows && (
        <>
          <p role="status">
            {t("edit.list.count", { shown: number(rows.features.length), all: number(rows.numberMatched) })}
          </p>
          <ul class="edit-rows">
            {rows.features.map((one) => (
              <li key={String(one.id)}>
                <button type="button" class="link" onClick={() => choose(one)}>
                  {String(one.properties.name ?? one.properties.address ?? one.properties.code)}
                </button>
                <small>{String(one.properties.code)}</small>
                {mayWrite(layer) && (
                  <button
                    type="button"
                    aria-label={t("edit.edit_one", { code: String(one.properties.code) })}
                    onClick={() => openEditing("edit", layer, String(one.properties.code))}
                  >
                    {t("edit.edit")}
                  </button>
                )}
              </li>
            ))}
          </ul>
          {rows.features.length < rows.numberMatched && rows.features.length >= most.value && most.value < 500 && (
            <button
              type="button"
              onClick={() => {
                most.value += PAGE;
              }}
            >
              {t("edit.list.more")}
            </button>
          )}
        </>
      )}
    </>
  );
}
