/** The list of areas to choose from, with a search in it; those one was in lately come first. */
import { useEffect, useRef, useState } from "preact/hooks";
import { loadPlaces, type PlaceToGo, placeOf, places } from "../data/places";
import { ready } from "../shared/loadable";
import { known, t } from "./box-texts";

const MOST = 60;

interface Props {
  code: string | null;
  lately: readonly string[];
  onChoose: (code: string | null, layer: "areas" | "grids") => void;
}

/** Those in whose name, code or higher area all words occur. */
export function matching(all: readonly PlaceToGo[], words: string): PlaceToGo[] {
  const wanted = words.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  const text = ({ name, code, within }: PlaceToGo) => `${name ?? ""} ${code} ${within ?? ""}`.toLowerCase();
  return all.filter((place) => wanted.every((word) => text(place).includes(word)));
}

const levelOf = (level: string): string => {
  const key = `shell.area.level.${level}`;
  return known(key) ? t(key) : "";
};

export default function AreaList({ code, lately, onChoose }: Props) {
  const [words, setWords] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void loadPlaces();
    input.current?.focus();
  }, []);
  const state = places.state.value;
  const all = ready(state) ?? [];
  const isSearch = words.trim() !== "";
  const found = matching(all, words);
  const shown = found.slice(0, MOST);
  const recent = isSearch ? [] : lately.flatMap((one) => placeOf(one) ?? []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && event.target === input.current && isSearch && shown[0]) {
      event.preventDefault(); // the key is not to press what gets the focus now
      onChoose(shown[0].code, shown[0].layer);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = [...(box.current?.querySelectorAll<HTMLElement>("input, button") ?? [])];
    stops[stops.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  };
  return (
    <div class="area-list" role="group" aria-label={t("shell.area")} ref={box} onKeyDown={onKeyDown}>
      <label>
        {t("shell.area.find")}
        <input
          type="search"
          ref={input}
          value={words}
          autocomplete="off"
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </label>
      {recent.length > 0 && <Places title={t("shell.area.lately")} list={recent} isFlat {...{ code, onChoose }} />}
      <div class="area-places">
        {!isSearch && (
          <button type="button" aria-pressed={code === null} onClick={() => onChoose(null, "areas")}>
            {t("shell.area.all")}
          </button>
        )}
        <Places list={shown} isFlat={isSearch} {...{ code, onChoose }} />
      </div>
      <p class="hint" role="status">
        {state.status === "loading" && t("shell.now.loading")}
        {state.status === "failed" && t("shell.search.failed")}
        {state.status === "ready" && all.length === 0 && t("shell.area.none")}
        {state.status === "ready" && all.length > 0 && found.length === 0 && t("shell.area.not_found", { words })}
        {found.length > MOST && t("shell.area.more", { count: found.length - MOST })}
      </p>
    </div>
  );
}

interface Group extends Pick<Props, "code" | "onChoose"> {
  title?: string;
  list: readonly PlaceToGo[];
  /** Not indented by level, but with the name of the area around. */
  isFlat: boolean;
}

function Places({ title, list, isFlat, code, onChoose }: Group) {
  return (
    <>
      {title && <h2>{title}</h2>}
      <ul>
        {list.map((place) => (
          <li key={place.code} style={isFlat ? undefined : { paddingInlineStart: `${place.depth}rem` }}>
            <button type="button" aria-pressed={place.code === code} onClick={() => onChoose(place.code, place.layer)}>
              {place.name ?? place.code} <small>{isFlat && place.within ? place.within : levelOf(place.level)}</small>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
