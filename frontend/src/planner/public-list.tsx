/** What the public sees where no map may be shown to it: what belongs to what as a schematic, and lists. */
import { useEffect } from "preact/hooks";
import { categoryNamed, layerNamed, layers } from "../data/catalogue";
import { loadPlaces, type PlaceToGo, places } from "../data/places";
import { type Inside, inside, MOST_LISTED } from "../data/selection";
import { number } from "../i18n";
import type { LayerFeature } from "../shared/api";
import { say, title } from "../shared/lang";
import { ready, resource } from "../shared/loadable";
import { DetailsPanel } from "./details-panel";
import { ProblemNote } from "./problem-note";
import "./public-list.css";
import { t } from "./public-texts";
import * as state from "./state";

const LISTED = ["facilities", "projects", "public_spaces", "green_spaces"];
const found = resource<Inside[]>();

export default function PublicList() {
  const what = state.selected.value;
  const area = what?.kind === "feature" && what.layer === "areas" ? what.code : null;
  useEffect(() => void loadPlaces(), []);
  useEffect(() => {
    const there = LISTED.filter((name) => layers.value.some((layer) => layer.name === name && layer.count > 0));
    void found.load((signal) =>
      Promise.all(there.map((layer) => inside({ layer, within: area, category: null }, signal))),
    );
  }, [area]);
  const known = (ready(places.state.value) ?? []).filter(({ layer }) => layer === "areas");
  const name = known.find(({ code }) => code === area)?.name ?? area ?? t("public.everywhere");
  return (
    <main class="public" id="choose" tabIndex={-1}>
      <h1>{t("public.title")}</h1>
      <p class="note" role="note">
        {t("public.no_map")} <a href="/sign-in">{t("public.sign_in")}</a>
      </p>
      <section aria-labelledby="schematic-title">
        <h2 id="schematic-title">{t("public.schematic")}</h2>
        <p class="hint">{t("public.schematic_note")}</p>
        <Box code={null} name={t("public.everywhere")} chosen={area} inner={known} />
      </section>
      {what && what.kind !== "place" && !area && <DetailsPanel />}
      <section aria-labelledby="lists-title" aria-live="polite">
        <h2 id="lists-title">{t("public.list_of", { area: name })}</h2>
        <Lists names={new Map(known.map((place) => [place.code, place.name]))} />
      </section>
    </main>
  );
}

interface BoxOf {
  code: string | null;
  name: string;
  chosen: string | null;
  /** The places in it, each before those that lie in it. */
  inner: readonly PlaceToGo[];
}

/** A place as a box with those that lie in it. */
function Box({ code, name, chosen, inner }: BoxOf) {
  const depth = Math.min(...inner.map((place) => place.depth));
  const starts = inner.flatMap((place, at) => (place.depth === depth ? [at] : []));
  return (
    <div class="box">
      <button type="button" aria-pressed={code === chosen} onClick={() => choose(code)}>
        {name}
      </button>
      {starts.map((at, n) => {
        const place = inner[at] as PlaceToGo;
        const own = inner.slice(at + 1, starts[n + 1] ?? inner.length);
        return <Box key={place.code} code={place.code} name={place.name ?? place.code} chosen={chosen} inner={own} />;
      })}
    </div>
  );
}

const choose = (code: string | null): void => {
  state.selected.value = code === null ? null : { kind: "feature", layer: "areas", code };
};

function Lists({ names }: { names: ReadonlyMap<string, string | null> }) {
  const answer = found.state.value;
  if (answer.status === "failed") return <ProblemNote problem={answer.problem} />;
  if (answer.status !== "ready") return <p role="status">{t("public.loading")}</p>;
  const lists = answer.value.filter(({ total }) => total > 0);
  if (lists.length === 0) return <p>{t("public.none")}</p>;
  return (
    <>
      {lists.map((list) => (
        <List key={list.layer} list={list} names={names} />
      ))}
    </>
  );
}

function List({
  list: { layer, total, features },
  names,
}: {
  list: Inside;
  names: ReadonlyMap<string, string | null>;
}) {
  const hasStatus = layer === "projects";
  return (
    <div class="table-frame">
      <table class="results">
        <caption>
          {title(layerNamed(layer)?.label)} {number(total)}
          {total > MOST_LISTED && ` ${t("public.first", { shown: number(MOST_LISTED), total: number(total) })}`}
        </caption>
        <thead>
          <tr>
            {["name", "kind", "address", ...(hasStatus ? ["status"] : [])].map((key) => (
              <th key={key} scope="col" class="plain">
                {t(`public.column_${key}` as "public.column_name")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {features.map(({ properties }) => (
            <tr key={String(properties.code)}>
              <th scope="row">{String(properties.name ?? properties.code)}</th>
              <td>{kindOf(layer, properties)}</td>
              <td>{String(properties.address ?? placeOf(names, properties.area_code))}</td>
              {hasStatus && <td>{choiceOf(layer, "status", properties.status)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Name of an area, of a quarter that of its community. */
function placeOf(names: ReadonlyMap<string, string | null>, code: unknown): string {
  const known = String(code ?? "");
  return names.get(known) ?? names.get(known.slice(0, 12)) ?? known;
}

const kindOf = (layer: string, properties: LayerFeature["properties"]): string =>
  layer === "facilities"
    ? title(categoryNamed(String(properties.category))?.label)
    : choiceOf(layer, "kind", properties.kind);

function choiceOf(layer: string, key: string, value: unknown): string {
  const field = layerNamed(layer)?.fields.find((one) => one.key === key);
  return say(field?.choice_labels?.[String(value)]) || String(value ?? "");
}
