/** Tabs by the ARIA pattern: arrow keys move, the panel is named by its tab. */
import { useRef } from "preact/hooks";
import * as state from "./state";

export interface TabOf {
  name: state.Tab;
  label: string;
  Panel: preact.ComponentType;
}

export function Tabs({ tabs, current }: { tabs: readonly TabOf[]; current: state.Tab }) {
  const list = useRef<HTMLDivElement>(null);
  const active = tabs.find(({ name }) => name === current) ?? tabs[0];
  if (!active) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(active) + step + tabs.length) % tabs.length];
    if (!next) return;
    state.open(next.name);
    list.current?.querySelector<HTMLElement>(`#tab-${next.name}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" ref={list} onKeyDown={onKeyDown}>
        {tabs.map(({ name, label }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === active.name}
            aria-controls={`panel-${name}`}
            tabIndex={name === active.name ? 0 : -1}
            onClick={() => state.open(name)}
          >
            {label}
          </button>
        ))}
      </div>
      <div
        key={active.name}
        class="panel"
        role="tabpanel"
        id={`panel-${active.name}`}
        aria-labelledby={`tab-${active.name}`}
        tabIndex={0}
      >
        <active.Panel />
      </div>
    </>
  );
}
