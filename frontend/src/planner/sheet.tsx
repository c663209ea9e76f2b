/** The sheet of a phone under the map: pulled up and down by its handle, or made larger, smaller and closed by buttons. */
import type { ComponentChildren, TargetedPointerEvent } from "preact";
import { useRef } from "preact/hooks";
import { t } from "../i18n";
import * as state from "./state";

const SIZES = ["closed", "half", "full"] as const;
/** A pull shorter than this is a press. */
const LEAST_PULL_PX = 24;
const MIDDLE = { closed: "half", half: "full", full: "half" } as const;

/** The height that follows after a pull by so many pixels, upwards positive; a long one passes over the middle. */
export function pulled(size: state.SheetSize, up: number, height: number): state.SheetSize {
  if (Math.abs(up) < LEAST_PULL_PX) return size;
  const steps = Math.abs(up) > height / 2 ? 2 : 1;
  const place = SIZES.indexOf(size) + Math.sign(up) * steps;
  return SIZES[Math.min(Math.max(place, 0), SIZES.length - 1)] ?? size;
}

export function Sheet({ children }: { children: ComponentChildren }) {
  const size = state.sheetSize.value;
  const sheet = useRef<HTMLElement>(null);
  const from = useRef<{ y: number; wasPull: boolean } | null>(null);
  const upOf = ({ clientY }: PointerEvent) => (from.current ? from.current.y - clientY : 0);
  const start = (event: TargetedPointerEvent<HTMLButtonElement>) => {
    from.current = { y: event.clientY, wasPull: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  // the map keeps its size until the hand lets go
  const move = (event: PointerEvent) => {
    if (sheet.current && from.current) sheet.current.style.transform = `translateY(${-upOf(event)}px)`;
  };
  const end = (event: PointerEvent) => {
    if (!from.current) return;
    const up = upOf(event);
    from.current = { ...from.current, wasPull: Math.abs(up) >= LEAST_PULL_PX };
    if (sheet.current) sheet.current.style.transform = "";
    state.sheetSize.value = pulled(size, up, window.innerHeight);
  };
  return (
    <section class="sheet" id="results" tabIndex={-1} ref={sheet} aria-label={t("map.side.sheet")}>
      <div class="sheet-top">
        <button
          type="button"
          class="sheet-handle"
          aria-expanded={size !== "closed"}
          aria-label={t(`map.sheet.${size}`)}
          title={t(`map.sheet.${size}`)}
          onPointerDown={start}
          onPointerMove={move}
          onPointerUp={end}
          onPointerCancel={end}
          onClick={() => {
            // the click that follows a pull is none
            if (!from.current?.wasPull) state.sheetSize.value = MIDDLE[size];
            from.current = null;
          }}
        >
          <span aria-hidden="true" />
        </button>
        {size !== "closed" && (
          <button
            type="button"
            class="sheet-close"
            aria-label={t("map.sheet.close")}
            title={t("map.sheet.close")}
            onClick={() => {
              state.sheetSize.value = "closed";
            }}
          >
            <span aria-hidden="true">▾</span>
          </button>
        )}
      </div>
      {children}
    </section>
  );
}
