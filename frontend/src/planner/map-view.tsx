/** The map follows the state and tells it where it is and what was clicked. Panels never hold the map. */
import { computed, effect, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { catalogue, start as home, summary } from "../data/catalogue";
import { explanation } from "../data/explanations";
import { metres, percent, t } from "../i18n";
import type { Reference } from "../map/front-layer";
import { PlannerMap } from "../map/planner-map";
import type { Explanation } from "../shared/api";
import { lang, say, title } from "../shared/lang";
import { ready } from "../shared/loadable";
import { baseMap, loseBase } from "./base-state";
import { chosenMark } from "./chosen-mark";
import { circlesShown } from "./circles-state";
import { centreOf, reloadTiles, scene } from "./edit-state";
import { goHome } from "./home-view";
import { isHome, titleOf } from "./names";
import { beside, overlay, picking } from "./overlay-state";
import { isStale, loading, paint, retryTiles, sheet } from "./paint-state";
import { boundsOf } from "./print-button";
import * as state from "./state";

export function MapView() {
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => (container.current ? start(container.current) : undefined), []);
  useSignalEffect(() => {
    container.current?.setAttribute("aria-label", t("map.map.label"));
  });
  return (
    <div class={isStale.value ? "map-frame is-stale" : "map-frame"}>
      <div ref={container} class="map" role="application" aria-describedby="map-help" tabIndex={0} />
      <div class="crosshair" aria-hidden="true" />
      <p id="map-help" class="visually-hidden">
        {t("map.map.help")}
      </p>
    </div>
  );
}

function start(container: HTMLElement): () => void {
  const map = new PlannerMap(container, {
    onMoved: (position) => {
      if (state.position.peek()) state.position.value = position;
    },
    onFeature: (feature, byKeyboard) => {
      const wanted = picking.peek();
      if (wanted?.kind === "feature") {
        if (wanted.layers.includes(feature.layer)) wanted.take(feature);
        return;
      }
      const code = String(feature.properties.code);
      state.select(isHome(feature) ? { kind: "home", code } : { kind: "feature", layer: feature.layer, code });
      if (byKeyboard) state.detailsWanted.value++;
    },
    onPlace: (at, byKeyboard) => {
      if (picking.peek()) return;
      state.select({ kind: "place", at });
      if (byKeyboard) state.detailsWanted.value++;
    },
    onClaim: (at, shape, byKeyboard) => {
      if (scene.peek()) {
        scene.peek()?.onPlace(map.snapped(at));
        return true;
      }
      const wanted = picking.peek();
      if (wanted?.kind === "place") wanted.take(at);
      else if (!wanted && shape?.key) overlay.peek()?.onPick(shape.key, byKeyboard);
      else return false;
      return true;
    },
    onSwipe: (fraction) => beside.peek()?.onSwipe(fraction),
    onLoading: (now) => {
      const before = loading.peek();
      if (before.pending !== now.pending || before.failed !== now.failed) loading.value = now;
    },
    onBaseLost: loseBase,
    titleOf,
    extra: (layer, code) => {
      const figures = paint.peek()?.figures;
      if (figures) return figures.layer === layer ? figures.textOf(code) : "";
      const coverage = paint.peek()?.coverage;
      const share = coverage?.layer === layer ? coverage.shareOf(code) : undefined;
      return share === undefined ? "" : ` ${share === "unknown" ? t("map.state_unknown") : percent(share)}`;
    },
  });
  retryTiles.current = () => map.retry();
  reloadTiles.current = (layer) => map.reload(layer);
  boundsOf.current = () => map.bounds();
  centreOf.current = () => map.snapped(map.centre());
  window.addEventListener("online", retryTiles.current);
  const stops = [followPosition(map), ...followPicture(map), ...followTexts(map)];
  return () => {
    for (const stop of stops) stop();
    window.removeEventListener("online", retryTiles.current);
    map.destroy();
  };
}

function followPosition(map: PlannerMap): () => void {
  const stops = [
    effect(() => {
      const wanted = state.position.value;
      const bounds = home.value;
      if (wanted) map.show(wanted);
      else if (bounds) {
        map.fit(bounds);
        state.position.value = map.position();
      }
    }),
    effect(() => {
      if (state.focus.value) map.focus(state.focus.value);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Whether the map is where it will begin; nothing is fetched for the world before. */
const isPlaced = computed(() => {
  const { status } = catalogue.state.value;
  return state.position.value !== null || status === "ready" || status === "failed";
});

function followPicture(map: PlannerMap): (() => void)[] {
  return [
    effect(() => {
      if (paint.value && isPlaced.value) map.paint(paint.value);
    }),
    effect(() => map.base(baseMap.value, (state.base.value?.strength ?? 100) / 100)),
    effect(() => map.showOverlay([...(overlay.value?.shapes ?? []), ...chosenMark.value])),
    effect(() => map.setPicking(picking.value !== null)),
    effect(() => map.setBox(picking.value?.kind === "place" ? (picking.value.box ?? null) : null)),
    effect(() => map.edit(scene.value)),
    effect(() => map.select(referenceOf(state.selected.value))),
    effect(() => {
      const what = state.selected.value;
      const circles = circlesShown.value;
      const route = ready(explanation.state.value);
      map.clearAnswers();
      const styles = sheet.value;
      if (!styles) return;
      if (circles) map.showCircles(styles, circles.circles, circles.from);
      if (what?.kind === "home" && state.category.value && route?.building.code === what.code)
        map.showRoute(styles, route, routeTexts(route));
    }),
  ];
}

/** What stands beside a route on the map: the home's state, the deciding facility and how far it is. */
function routeTexts({ state: found, facility, metres: away }: Explanation) {
  const label = sheet.value?.coverage.states.find(({ code }) => code === found)?.label;
  const name = facility?.name ?? facility?.code ?? "";
  return {
    home: title(label),
    facility: away === null ? name : t("map.why.facility", { name, metres: metres(away) }),
  };
}

function referenceOf(what: state.Selection | null): Reference | null {
  if (what?.kind === "home") return { layer: "buildings", code: what.code };
  return what?.kind === "feature" ? { layer: what.layer, code: what.code } : null;
}

const followTexts = (map: PlannerMap): (() => void)[] => [
  effect(() => {
    lang.value;
    map.setSwipeTexts(t("map.swipe.west"), t("map.swipe.east"));
    map.setTexts({ zoomIn: t("map.map.zoom_in"), zoomOut: t("map.map.zoom_out") });
    map.setHome(t("map.map.home"), () => void goHome());
  }),
  effect(() => {
    const outside = baseMap.value ? [say(baseMap.value.credit)] : [];
    const { attribution = [], map_approval } = summary.value ?? {};
    map.setAttribution([...outside, ...attribution, ...(map_approval ? [say(map_approval)] : [])]);
  }),
];
