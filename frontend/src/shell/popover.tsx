/** A button with a box under it: Escape, a click elsewhere or a second press close it; the focus comes back. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Props {
  label: string;
  /** What the button shows where that is not its label. */
  face?: ComponentChildren;
  class?: string;
  isOpenAtFirst?: boolean;
  onChange?: (isOpen: boolean) => void;
  children: (close: () => void) => ComponentChildren;
}

export function Popover({ label, face, class: name = "", isOpenAtFirst = false, onChange, children }: Props) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const change = (now: boolean) => {
    setOpen(now);
    onChange?.(now);
  };
  const close = () => change(false);

  useEffect(() => {
    if (!isOpen) return;
    const onElsewhere = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) close();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
      button.current?.focus();
    };
    document.addEventListener("pointerdown", onElsewhere, true);
    document.addEventListener("focusin", onElsewhere);
    document.addEventListener("keydown", onKey, true);
    return () => {
      document.removeEventListener("pointerdown", onElsewhere, true);
      document.removeEventListener("focusin", onElsewhere);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [isOpen]);

  return (
    <div class={`popover ${name}`} ref={box}>
      <button
        type="button"
        class="bar-button"
        ref={button}
        aria-expanded={isOpen}
        onClick={() => {
          change(!isOpen);
        }}
      >
        {face ?? label}
      </button>
      {isOpen && (
        <section class="popover-box" aria-label={label}>
          {children(() => {
            close();
            button.current?.focus();
          })}
        </section>
      )}
    </div>
  );
}
