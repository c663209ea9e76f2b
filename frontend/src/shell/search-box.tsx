/** Search by name, code, address or coordinates: a combobox with a list of what was found. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { found, search } from "../data/search";
import type { Found, LonLat } from "../shared/api";
import { isNarrow } from "../shared/narrow";
import { coordinatesIn } from "./coordinates";
import { known, t } from "./texts";

const WAIT_MS = 250;

/** What was chosen: a thing, or a place given by its coordinates. */
export type Target = { thing: Found } | { at: LonLat };

interface Entry {
  key: string;
  name: string;
  /** Address and code, where they say more than the name. */
  more: string[];
  kind: string;
  target: Target;
}

const kindOf = (layer: string): string => {
  const key = `shell.search.kind.${layer}`;
  return known(key) ? t(key) : layer;
};

function entriesOf(words: string, hits: readonly Found[]): Entry[] {
  const at = coordinatesIn(words);
  const place: Entry[] = at
    ? [{ key: "at", name: at.join(", "), kind: t("shell.search.place"), more: [], target: { at } }]
    : [];
  return [
    ...place,
    ...hits.map((thing) => ({
      key: `${thing.layer}/${thing.code}`,
      name: thing.title,
      kind: kindOf(thing.layer),
      more: [thing.address, thing.code].filter((one): one is string => one !== null && one !== thing.title),
      target: { thing },
    })),
  ];
}

/** Entries one after the other under what they are: the server gives them layer by layer. */
function grouped(entries: readonly Entry[]): { kind: string; entries: { entry: Entry; place: number }[] }[] {
  const groups: ReturnType<typeof grouped> = [];
  entries.forEach((entry, place) => {
    const last = groups[groups.length - 1];
    if (last?.kind === entry.kind) last.entries.push({ entry, place });
    else groups.push({ kind: entry.kind, entries: [{ entry, place }] });
  });
  return groups;
}

export function SearchBox({ onTarget }: { onTarget: (target: Target) => void }) {
  const words = useSignal("");
  const isOpen = useSignal(false);
  const active = useSignal(-1);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const answer = found.state.value;
  const entries = entriesOf(words.value, answer.status === "ready" ? answer.value : []);

  const choose = (entry: Entry) => {
    isOpen.value = false;
    words.value = entry.name;
    onTarget(entry.target);
  };
  const onInput = (event: InputEvent) => {
    words.value = (event.currentTarget as HTMLInputElement).value;
    isOpen.value = words.value.trim() !== "";
    active.value = -1;
    found.clear(); // what other words found is no answer to these
    clearTimeout(timer.current);
    timer.current = setTimeout(() => search(words.value), WAIT_MS);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length) {
      event.preventDefault();
      active.value = (active.value + step + entries.length) % entries.length;
    } else if (event.key === "Enter") {
      event.preventDefault();
      const entry = entries[Math.max(active.value, 0)];
      if (entry && isOpen.value) choose(entry);
    } else if (event.key === "Escape") isOpen.value = false;
  };

  return (
    <search class="search" role="search" aria-label={t("shell.search.label")}>
      <input
        type="search"
        role="combobox"
        aria-label={t("shell.search.label")}
        placeholder={t(isNarrow.value ? "shell.search.short" : "shell.search.placeholder")}
        aria-expanded={isOpen.value}
        aria-controls="search-found"
        aria-autocomplete="list"
        aria-activedescendant={active.value >= 0 ? `found-${active.value}` : undefined}
        list={undefined}
        autocomplete="off"
        value={words.value}
        onInput={onInput}
        onKeyDown={onKeyDown}
        onBlur={() => {
          isOpen.value = false;
        }}
      />
      {isOpen.value && (
        <div class="search-list">
          <div id="search-found" role="listbox" aria-label={t("shell.search.found")}>
            {grouped(entries).map((group) => (
              <div key={group.kind} role="group" aria-label={group.kind}>
                <p class="search-kind" aria-hidden="true">
                  {group.kind}
                </p>
                {group.entries.map(({ entry, place }) => (
                  <div
                    key={entry.key}
                    id={`found-${place}`}
                    role="option"
                    tabIndex={-1}
                    aria-selected={place === active.value}
                    onMouseDown={(event) => {
                      event.preventDefault();
                      choose(entry);
                    }}
                  >
                    <span class="search-name">{entry.name}</span>
                    {entry.more.map((one) => (
                      <span key={one} class="search-code">
                        {one}
                      </span>
                    ))}
                  </div>
                ))}
              </div>
            ))}
          </div>
          <p class="search-note" role="status">
            {(answer.status === "idle" || answer.status === "loading") && t("shell.search.looking")}
            {answer.status === "ready" && entries.length === 0 && t("shell.search.none", { words: words.value })}
            {answer.status === "failed" && t("shell.search.failed")}
          </p>
        </div>
      )}
    </search>
  );
}

/** Where the map shows it, for pages that are not the map. */
export function onMap(target: Target): string {
  if ("at" in target) return `/map#map=17/${target.at.join("/")}&at=${target.at.join(",")}`;
  const { layer, code, lon, lat } = target.thing;
  const what =
    layer === "buildings" ? `home=${encodeURIComponent(code)}` : `feature=${layer}/${encodeURIComponent(code)}`;
  const isPlaced = lon !== null && lat !== null && layer !== "areas";
  return `/map#${isPlaced ? `map=17/${lon.toFixed(5)}/${lat.toFixed(5)}&` : ""}${what}`;
}
