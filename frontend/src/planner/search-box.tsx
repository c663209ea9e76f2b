/** Search by name or code: a combobox with a list of what was found. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { layerNamed, oneOf } from "../data/catalogue";
import { found, search } from "../data/search";
import { t } from "../i18n";
import type { Found } from "../shared/api";
import { title } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { ProblemText } from "./problem-note";
import * as state from "./state";

const WAIT_MS = 250;

export function SearchBox() {
  const words = useSignal("");
  const isOpen = useSignal(false);
  const active = useSignal(-1);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const answer = found.state.value;
  const hits = answer.status === "ready" ? answer.value : [];

  const choose = (hit: Found) => {
    isOpen.value = false;
    words.value = hit.name ?? hit.code;
    if (hit.bounds && (hit.bounds[0] < hit.bounds[2] || hit.bounds[1] < hit.bounds[3]))
      state.focus.value = [...hit.bounds];
    else if (hit.lon !== null && hit.lat !== null) state.focus.value = [hit.lon, hit.lat];
    state.select(
      hit.layer === "buildings"
        ? { kind: "home", code: hit.code }
        : { kind: "feature", layer: hit.layer, code: hit.code },
    );
  };
  const onInput = (event: InputEvent) => {
    words.value = (event.currentTarget as HTMLInputElement).value;
    isOpen.value = words.value.trim() !== "";
    active.value = -1;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => search(words.value), WAIT_MS);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && hits.length) {
      event.preventDefault();
      active.value = (active.value + step + hits.length) % hits.length;
    } else if (event.key === "Enter") {
      event.preventDefault();
      const hit = hits[Math.max(active.value, 0)];
      if (hit && isOpen.value) choose(hit);
    } else if (event.key === "Escape") isOpen.value = false;
  };

  return (
    <search class="search" role="search" aria-label={t("map.search.label")}>
      <input
        type="search"
        role="combobox"
        aria-label={t("map.search.label")}
        placeholder={t(isNarrow.value ? "map.search.short" : "map.search.placeholder")}
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
          <ul id="search-found" role="listbox" aria-label={t("map.search.found")}>
            {hits.map((hit, place) => (
              <li
                key={`${hit.layer}/${hit.code}`}
                id={`found-${place}`}
                role="option"
                aria-selected={place === active.value}
                onMouseDown={(event) => {
                  event.preventDefault();
                  choose(hit);
                }}
              >
                <span class="search-name">{hit.name ?? hit.code}</span>
                <span class="search-kind">{title(oneOf(layerNamed(hit.layer)))}</span>
                {hit.name && <span class="search-code">{hit.code}</span>}
              </li>
            ))}
          </ul>
          <p class="search-note" role="status">
            {answer.status === "loading" && t("map.search.looking")}
            {answer.status === "ready" && hits.length === 0 && t("map.search.none", { words: words.value })}
            {answer.status === "failed" && <ProblemText problem={answer.problem} />}
          </p>
        </div>
      )}
    </search>
  );
}
