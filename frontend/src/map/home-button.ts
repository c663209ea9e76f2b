/** The way back to one's own area, below the zoom buttons. */
import * as L from "leaflet";

/** Adds the button to the bar of the zoom buttons, whose look and keyboard it shares. */
export function homeButton(bar: HTMLElement, label: string, go: () => void): void {
  const button = L.DomUtil.create("a", "leaflet-control-home", bar);
  button.href = "#";
  button.title = label;
  button.setAttribute("role", "button");
  button.setAttribute("aria-label", label);
  button.innerHTML =
    '<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">' +
    '<path d="M3 11.5 12 4l9 7.5M6 9.5V20h12V9.5M10 20v-6h4v6" fill="none" stroke="currentColor" stroke-width="2"/></svg>';
  L.DomEvent.disableClickPropagation(button);
  L.DomEvent.on(button, "click", (event) => {
    L.DomEvent.stop(event);
    go();
  });
}
