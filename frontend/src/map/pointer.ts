/** Pointer and keyboard on the map: hover shows a name, a click or Enter opens what is there or asks for the place. */
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
}

export function followPointer(map: L.Map, tiles: MvtLayer, front: FrontLayer, told: Told): () => void {
  const tooltip = L.tooltip({ className: "hover-name", direction: "top", offset: [0, -8], opacity: 1 });
  const container = map.getContainer();
  let frame = 0;

  const featureAt = (point: L.Point): TileFeature | null => front.paint && pick(map, tiles, front, front.paint, point);

  const open = (point: L.Point, byKeyboard: boolean) => {
    const feature = featureAt(point);
    if (feature) return told.onFeature(feature, byKeyboard);
    const { lng, lat } = map.containerPointToLatLng(point).wrap();
    told.onPlace([Number(lng.toFixed(6)), Number(lat.toFixed(6))], byKeyboard);
  };

  const hover = (event: L.LeafletMouseEvent) => {
    const feature = featureAt(event.containerPoint);
    container.classList.toggle("is-on-feature", feature !== null);
    if (feature) {
      const name = document.createElement("span");
      name.textContent = told.titleOf(feature);
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

  map.on("click", (event) => open(event.containerPoint, false));
  map.on("mousemove", (event) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => hover(event));
  });
  map.on("mouseout movestart", leave);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    open(map.getSize().divideBy(2), true);
  };
  container.addEventListener("keydown", onKey);
  return () => {
    cancelAnimationFrame(frame);
    container.removeEventListener("keydown", onKey);
  };
}
