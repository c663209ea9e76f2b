/** Says on the page's root whether the keyboard or a pointer was used last: Leaflet focuses the map on every click. */
export function followInput(): void {
  const root = document.documentElement;
  const set = (mode: string) => () => {
    root.dataset.input = mode;
  };
  document.addEventListener("keydown", set("keyboard"), true);
  document.addEventListener("pointerdown", set("pointer"), true);
}
