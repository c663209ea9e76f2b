/** What is to be printed, on which paper; the server makes the sheet, which is then saved as a file. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { areaNames, loadAreaNames } from "../data/area-names";
import { asProblem, ready } from "../shared/loadable";
import { type Problem, requestBytes } from "../shared/request";
import { saveFile } from "../shared/save-file";
import { Dialog } from "../shell/dialog";
import "../shell/help.css";
import { baseMap } from "./base-state";
import { circlesShown } from "./circles-state";
import { addressOf, MOST_POINTS, type Wanted } from "./print-address";
import { boundsOf } from "./print-button";
import { ProblemNote } from "./problem-note";
import "./print.css";
import { t } from "../shared/print-texts";
import * as state from "./state";

const KINDS = ["map", "community", "poster"] as const;
type Kind = Wanted["kind"];
const PAPERS = ["A4", "A3"] as const;
const TURNS = ["portrait", "landscape"] as const;
const FORMATS = ["pdf", "png"] as const;
const TYPES = { pdf: "application/pdf", png: "image/png" };
const LONGEST_TITLE = 60;

/** The community that is chosen on the map, if one is. */
function chosenCommunity(): string {
  const what = state.selected.peek();
  return what?.kind === "feature" && what.layer === "areas" ? what.code : "";
}

function start(): Wanted {
  const [west, south, east, north] = boundsOf.current();
  const across = (east - west) * Math.cos(((north + south) * Math.PI) / 360);
  const turn = across > north - south ? "landscape" : "portrait";
  return { kind: "map", paper: "A4", turn, format: "pdf", title: "", community: chosenCommunity() };
}

export default function PrintDialog({ onClose }: { onClose: () => void }) {
  const wanted = useSignal(start());
  const now = useSignal<{ busy: boolean; done: string | null; problem: Problem | null }>({
    busy: false,
    done: null,
    problem: null,
  });
  const set = (change: Partial<Wanted>) => {
    wanted.value = { ...wanted.peek(), ...change };
    now.value = { busy: false, done: null, problem: null };
  };
  useEffect(() => void loadAreaNames("community"), []);
  const { kind, paper, turn, format, title, community } = wanted.value;
  const communities = ready(areaNames.state.value) ?? [];
  const isMap = kind === "map";
  const code = communities.find((one) => one.code === community)?.code ?? communities[0]?.code ?? "";
  const make = async () => {
    now.value = { busy: true, done: null, problem: null };
    const asked = { ...wanted.peek(), community: code };
    try {
      const bytes = await requestBytes(addressOf(asked));
      const name = `${t(`print_page.${kind}`)}-${isMap ? title.trim() || today() : code}.${format}`;
      if (bytes) saveFile(new Blob([bytes], { type: TYPES[format] }), name);
      now.value = { busy: false, done: name, problem: null };
    } catch (error) {
      now.value = { busy: false, done: null, problem: asProblem(error) };
    }
  };
  return (
    <Dialog label={t("print_page.title")} onClose={onClose}>
      <form
        class="print-form"
        onSubmit={(event) => {
          event.preventDefault();
          // not disabled, which would take the focus away
          if (!now.peek().busy && (isMap || code)) void make();
        }}
      >
        <Radios name="kind" options={KINDS} value={kind} onChange={(one) => set({ kind: one })} />
        <p class="hint">{t(`print_page.${kind}_what`)}</p>
        {isMap ? (
          <label class="choice">
            <span>{t("print_page.heading")}</span>
            <input
              type="text"
              maxLength={LONGEST_TITLE}
              value={title}
              onInput={({ currentTarget }) => set({ title: currentTarget.value })}
            />
          </label>
        ) : (
          <label class="choice">
            <span>{t("print_page.area")}</span>
            <select value={code} onChange={({ currentTarget }) => set({ community: currentTarget.value })}>
              {communities.map((one) => (
                <option key={one.code} value={one.code}>
                  {one.name ?? one.code}
                </option>
              ))}
            </select>
          </label>
        )}
        {kind !== "community" && (
          <Radios name="paper" options={PAPERS} value={paper} onChange={(one) => set({ paper: one })} />
        )}
        {isMap && <Radios name="turn" options={TURNS} value={turn} onChange={(one) => set({ turn: one })} />}
        <Radios name="format" options={FORMATS} value={format} onChange={(one) => set({ format: one })} />
        {isMap && baseMap.value && <p class="hint">{t("print_page.no_base")}</p>}
        {isMap && state.tool.value && <p class="hint">{t("print_page.no_tool")}</p>}
        {isMap && (circlesShown.value?.from.length ?? 0) > MOST_POINTS && (
          <p class="hint">{t("print_page.too_many", { most: MOST_POINTS })}</p>
        )}
        <button type="submit" class="primary" aria-disabled={now.value.busy || (!isMap && !code)}>
          {t("print_page.make")}
        </button>
        <div role="status">
          {now.value.busy && (
            <label class="progress">
              {t("print_page.making")}
              <progress />
            </label>
          )}
          {now.value.done && <p>{t("print_page.done", { name: now.value.done })}</p>}
        </div>
        {now.value.problem && <ProblemNote problem={now.value.problem} />}
      </form>
    </Dialog>
  );
}

const today = (): string => new Intl.DateTimeFormat("sv-SE").format(new Date());

interface RadiosProps<T extends string> {
  name: "kind" | "paper" | "turn" | "format";
  options: readonly T[];
  value: T;
  onChange: (value: T) => void;
}

function Radios<T extends Kind | "A4" | "A3" | "portrait" | "landscape" | "pdf" | "png">(asked: RadiosProps<T>) {
  const { name, options, value, onChange } = asked;
  return (
    <fieldset class="segments">
      <legend>{t(`print_page.${name}`)}</legend>
      {options.map((one) => (
        <label key={one} class={one === value ? "is-on" : ""}>
          <input type="radio" name={`print-${name}`} checked={one === value} onChange={() => onChange(one)} />
          {t(`print_page.${one}`)}
        </label>
      ))}
    </fieldset>
  );
}
