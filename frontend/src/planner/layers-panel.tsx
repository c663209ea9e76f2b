/** Layers in groups, each with its number of things. */
import { layerNamed, summary } from "../data/catalogue";
import { number, t } from "../i18n";
import { title } from "../shared/lang";
import { lazy } from "../shell/lazy";
import { NewThing } from "./edit-tab";
import { GROUPS } from "./layer-groups";
import { sheet } from "./paint-state";
import * as state from "./state";

const BaseChoice = lazy(() => import("./base-choice"));

export function LayersPanel() {
  return (
    <div class="stack">
      <h2>{t("map.layers.title")}</h2>
      <p class="hint">{t("map.layers.hint")}</p>
      <NewThing />
      {(summary.value?.base_maps.length ?? 0) > 0 && <BaseChoice />}
      {GROUPS.map(({ title, layers }) => (
        <fieldset key={title} class="layer-group">
          <legend>{t(title)}</legend>
          {layers.map((name) => (
            <LayerToggle key={name} name={name} />
          ))}
        </fieldset>
      ))}
    </div>
  );
}

function LayerToggle({ name }: { name: string }) {
  const count = summary.value?.counts[name] ?? 0;
  const from = sheet.value?.layers[name]?.min_zoom ?? 0;
  const isTooFar =
    state.isShown(name) && name !== "households" && (state.position.value?.zoom ?? 99) < Math.min(from, 14);
  return (
    <label class="layer-toggle">
      <input type="checkbox" checked={state.isShown(name)} onChange={() => state.toggle(name)} />
      <span>{name === "households" ? t("map.layers.households") : title(layerNamed(name)?.label)}</span>
      <span class="count">{count === 0 ? t("map.layers.empty") : number(count)}</span>
      {isTooFar && <small>{t("map.layers.zoom_in")}</small>}
    </label>
  );
}
