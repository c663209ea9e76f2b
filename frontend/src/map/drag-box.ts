/** A rectangle drawn by dragging, with mouse, pen or finger; a press without a drag stays a click. */
import * as L from "leaflet";
import type { LonLat } from "../shared/api";

const LEAST_PX = 8;

export type TakeBox = (from: LonLat, to: LonLat) => void;

/** Lets a drag draw a rectangle in place of moving the map, until what is returned is called. */
export function dragBox(map: L.Map, take: TakeBox): () => void {
  const container = map.getContainer();
  const wasDraggable = map.dragging.enabled();
  const touchAction = container.style.touchAction;
  let start: { x: number; y: number; id: number } | null = null;
  let drawn: L.Rectangle | null = null;
  const latLngOf = (event: PointerEvent) => map.mouseEventToLatLng(event);
  const lonLatOf = ({ lng, lat }: L.LatLng): LonLat => [Number(lng.toFixed(7)), Number(lat.toFixed(7))];
  const isFar = ({ clientX, clientY }: PointerEvent) =>
    start !== null && Math.hypot(clientX - start.x, clientY - start.y) >= LEAST_PX;
  let from: L.LatLng | null = null;

  const forget = () => {
    start = null;
    from = null;
    drawn?.remove();
    drawn = null;
  };
  const down = (event: PointerEvent) => {
    const isControl = (event.target as Element).closest(".leaflet-control") !== null;
    if (!event.isPrimary || event.button !== 0 || isControl) return;
    start = { x: event.clientX, y: event.clientY, id: event.pointerId };
    from = latLngOf(event);
  };
  const move = (event: PointerEvent) => {
    if (!from || event.pointerId !== start?.id || !(drawn || isFar(event))) return;
    const bounds = L.latLngBounds(from, latLngOf(event));
    drawn ??= L.rectangle(bounds, { color: "#333333", weight: 2.5, dashArray: "8 5", interactive: false }).addTo(map);
    drawn.setBounds(bounds);
  };
  const up = (event: PointerEvent) => {
    const [begun, wasDrawn] = [from, drawn !== null];
    forget();
    if (!begun || !wasDrawn) return;
    // the click a browser makes of a drag is none
    const swallow = (click: Event) => click.stopPropagation();
    container.addEventListener("click", swallow, { capture: true, once: true });
    window.setTimeout(() => container.removeEventListener("click", swallow, { capture: true }), 0);
    take(lonLatOf(begun), lonLatOf(latLngOf(event)));
  };

  map.dragging.disable();
  container.classList.add("is-boxing");
  container.style.touchAction = "none";
  container.addEventListener("pointerdown", down);
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", forget);
  return () => {
    forget();
    container.removeEventListener("pointerdown", down);
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("pointercancel", forget);
    container.classList.remove("is-boxing");
    container.style.touchAction = touchAction;
    if (wasDraggable) map.dragging.enable();
  };
}
