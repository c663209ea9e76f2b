/** The line between two results on the map: dragged, or set by the panel; both sides show the same ground. */
import * as L from "leaflet";

export class Swipe {
  private readonly line = document.createElement("div");
  private fraction: number | null = null;
  private wasDragged = false;

  constructor(
    private readonly map: L.Map,
    private readonly onDragged: (fraction: number) => void,
    /** Told when the line lies over another meridian. */
    private readonly onMoved: () => void,
  ) {
    this.line.className = "swipe-line";
    this.line.hidden = true;
    this.line.append(document.createElement("span"), document.createElement("span"));
    map.getContainer().append(this.line);
    L.DomEvent.disableClickPropagation(this.line);
    this.line.addEventListener("pointerdown", (event) => {
      this.line.setPointerCapture(event.pointerId);
      this.wasDragged = true;
    });
    this.line.addEventListener("pointermove", (event) => {
      if (!this.wasDragged) return;
      const { left, width } = map.getContainer().getBoundingClientRect();
      this.onDragged(Math.min(1, Math.max(0, (event.clientX - left) / width)));
    });
    for (const end of ["pointerup", "pointercancel"] as const)
      this.line.addEventListener(end, () => {
        this.wasDragged = false;
      });
    map.on("moveend resize", () => {
      if (this.fraction !== null) this.onMoved();
    });
  }

  /** Where the line stands as a share of the map's width; null for no line. */
  set(fraction: number | null): void {
    this.fraction = fraction;
    this.line.hidden = fraction === null;
    this.line.style.left = `${(fraction ?? 0) * 100}%`;
  }

  setTexts(west: string, east: string): void {
    const [left, right] = this.line.children;
    if (left) left.textContent = west;
    if (right) right.textContent = east;
  }

  /** The meridian under the line, as a share of the world's width from its western edge. */
  share(): number {
    const { x, y } = this.map.getSize();
    const { lng } = this.map.containerPointToLatLng([(this.fraction ?? 0) * x, y / 2]);
    return (lng + 180) / 360;
  }
}
