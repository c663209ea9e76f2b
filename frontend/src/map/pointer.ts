/**
 * Pointer and keyboard on the map: hover shows a name, a click or Enter opens what is there or asks for the place.
 * What is there is known once its tiles have come: until then the question is held.
 */
import * as L from "leaflet";
import type { LonLat } from "../shared/api";
import type { TileFeature } from "./decode";
import type { FrontLayer } from "./front-layer";
import type { MvtLayer } from "./mvt-layer";
import { pick } from "./pick";

interface Told {
  onFeature: (feature: TileFeature, byKeyboard: boolean) => void;
  onPlace: (at: LonLat, byKeyboard: boolean) => void;
  titleOf: (feature: TileFeature) => string;
  /** Whether a click is answered without looking at what lies there. */
  claim: (at: LonLat, byKeyboard: boolean) => boolean;
  /** What the shape of an analysis at a place is called. */
  shapeTitle: (at: LonLat) => string | null;
}

interface Held {
  at: L.LatLng;
  byKeyboard: boolean;
}

export interface Pointer {
  /** Looks again for what was asked for while its tiles were on their way. */
  lookAgain: () => void;
  /** Drops what is held: something else was chosen meanwhile. */
  forget: () => void;
  /** Says no names while something is drawn. */
  rest: (isResting: boolean) => void;
  stop: () => void;
}

export function followPointer(map: L.Map, tiles: MvtLayer, front: FrontLayer, told: Told): Pointer {
  const tooltip = L.tooltip({ className: "hover-name", direction: "top", offset: [0, -8], opacity: 1 });
  const container = map.getContainer();
  let frame = 0;
  let held: Held | null = null;
  let isResting = false;

  const hold = (asked: Held | null) => {
    held = asked;
    container.classList.toggle("is-held", asked !== null);
  };

  const placeOf = (at: L.LatLng): LonLat => {
    const { lng, lat } = at.wrap();
    return [Number(lng.toFixed(6)), Number(lat.toFixed(6))];
  };

  const ask = (asked: Held) => {
    if (told.claim(placeOf(asked.at), asked.byKeyboard)) hold(null);
    else open(asked);
  };

  const open = (asked: Held) => {
    front.drawNow();
    const { feature, isPending } = pick(map, tiles, front, map.latLngToContainerPoint(asked.at));
    if (isPending) return hold(asked);
    hold(null);
    if (feature) return told.onFeature(feature, asked.byKeyboard);
    told.onPlace(placeOf(asked.at), asked.byKeyboard);
  };

  const lookAgain = () => {
    if (!held) return;
    // tiles out of view are given up, so what lies there is no longer found out
    if (map.getBounds().contains(held.at)) open(held);
    else hold(null);
  };

  const hover = (event: L.LeafletMouseEvent) => {
    if (isResting) return;
    const { feature } = pick(map, tiles, front, event.containerPoint);
    const title = told.shapeTitle(placeOf(event.latlng)) ?? (feature && told.titleOf(feature));
    container.classList.toggle("is-on-feature", title !== null);
    if (title !== null) {
      const name = document.createElement("span");
      name.textContent = title;
      tooltip.setLatLng(event.latlng).setContent(name).addTo(map);
    } else tooltip.remove();
    const reference = feature && { layer: feature.layer, code: String(feature.properties.code) };
    if (reference?.code === front.hovered?.code && reference?.layer === front.hovered?.layer) return;
    front.hovered = reference;
    front.schedule();
  };

  const leave = () => {
    cancelAnimationFrame(frame);
    tooltip.remove();
    if (!front.hovered) return;
    front.hovered = null;
    front.schedule();
  };

  map.on("click", (event) => ask({ at: event.latlng, byKeyboard: false }));
  map.on("mousemove", (event) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => hover(event));
  });
  map.on("mouseout movestart", leave);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    ask({ at: map.getCenter(), byKeyboard: true });
  };
  container.addEventListener("keydown", onKey);
  const stop = () => {
    cancelAnimationFrame(frame);
    container.removeEventListener("keydown", onKey);
  };
  const rest = (now: boolean) => {
    if (now && !isResting) leave();
    isResting = now;
  };
  return { lookAgain, forget: () => hold(null), rest, stop };
}
