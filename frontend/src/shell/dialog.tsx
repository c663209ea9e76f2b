/** A dialog over the page: the focus goes in and stays, Escape and the button close it, the focus comes back. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "./texts";

interface Props {
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}

const FOCUSABLE = "a[href], button:not([disabled]), input, select, [tabindex='0']";

export function Dialog({ label, onClose, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    box.current?.querySelector<HTMLElement>("button")?.focus();
    return () => before?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") return onClose();
    if (event.key !== "Tab") return;
    const stops = [...(box.current?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])];
    const [first, last] = [stops[0], stops[stops.length - 1]];
    const leaves = event.shiftKey ? first : last;
    if (document.activeElement !== leaves) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  };
  return (
    <div
      class="dialog-ground"
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div class="dialog" role="dialog" aria-modal="true" aria-label={label} ref={box} onKeyDown={onKeyDown}>
        <div class="dialog-head">
          <h2>{label}</h2>
          <button type="button" onClick={onClose}>
            {t("shell.close")}
          </button>
        </div>
        <div class="dialog-body" tabIndex={0}>
          {children}
        </div>
      </div>
    </div>
  );
}
