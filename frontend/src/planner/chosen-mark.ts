/** A mark on the chosen thing where its layer is off: what was searched for is seen all the same. */
import { computed } from "@preact/signals";
import { feature } from "../data/features";
import type { OverlayShape } from "../map/overlay";
import { ready } from "../shared/loadable";
import { sheet } from "./paint-state";
import * as state from "./state";

export const chosenMark = computed<readonly OverlayShape[]>(() => {
  const what = state.selected.value;
  const found = ready(feature.state.value);
  const symbol = sheet.value?.marks.selected?.symbol;
  if (!symbol || !found?.geometry || !what || what.kind === "place" || found.properties.code !== what.code) return [];
  if (state.isShown(what.kind === "home" ? "buildings" : what.layer)) return [];
  return [
    {
      key: null,
      geometry: found.geometry,
      symbol: { ...symbol, fill: null, radius_px: 9 },
      isChosen: true,
      isRing: true,
    },
  ];
});
