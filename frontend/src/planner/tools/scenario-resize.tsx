/** Another capacity of a facility, or the capacity of a supposed one, for categories with places. */
import { useSignal } from "@preact/signals";
import type { FeatureCollection } from "geojson";
import { useEffect } from "preact/hooks";
import { WITH_CAPACITY } from "../../data/capacity";
import type { Edit } from "../../data/scenarios";
import { number } from "../../i18n";
import { ready, resource } from "../../shared/loadable";
import { request } from "../../shared/request";
import { Choice } from "../coverage-panel";
import { asked } from "./follow";
import { NumberField } from "./number-field";
import { t } from "./scenario-places-texts";
import * as now from "./scenario-state";
import { t as tools } from "./texts";

interface Facility {
  code: string;
  name: string;
  capacity: number | null;
}

const facilities = resource<Facility[]>();
const MOST = 500;
const LARGEST = 100_000;

/** Offers the facilities of the category and the supposed ones; parking is a ratio, without walks. */
export function Resize() {
  const category = asked("category");
  if (!category || category === "parking" || !WITH_CAPACITY.includes(category))
    return <p>{t("scenario_places.none")}</p>;
  return <Form key={category} category={category} />;
}

function Form({ category }: { category: string }) {
  const chosen = now.resizing;
  const capacity = useSignal("");
  useEffect(() => {
    void facilities.load(async (signal) => {
      const query = { category, limit: MOST, sort: "code" };
      const found = await request<FeatureCollection>("/api/facilities", { query, signal });
      return found.features.map(({ properties }) => ({
        code: String(properties?.code),
        name: String(properties?.name ?? properties?.code),
        capacity: (properties?.capacity as number | null | undefined) ?? null,
      }));
    });
    return facilities.clear;
  }, [category]);
  const closed = now.edits.now.value.filter(({ edit }) => edit === "facility_close").map(({ facility }) => facility);
  const listed = (ready(facilities.state.value) ?? []).filter(({ code }) => !closed.includes(code));
  const supposed = now.edits.now.value.flatMap((edit, place) =>
    edit.edit === "facility_add" && edit.category === category
      ? [{ value: `${NEW}${place}`, label: edit.name ?? t("scenario_places.new", { number: number(place + 1) }) }]
      : [],
  );
  const stored = listed.map(({ code, name, capacity: has }) => ({
    value: code,
    label: t("scenario_places.now", { name, capacity: has === null ? "–" : number(has) }),
  }));
  return (
    <>
      <Choice
        label={t("scenario_places.facility")}
        value={chosen.value}
        options={[{ value: "", label: tools("tools.choose") }, ...supposed, ...stored]}
        onChange={(value) => {
          chosen.value = value;
        }}
      />
      <NumberField
        label={t("scenario_places.capacity")}
        value={capacity.value}
        least={1}
        most={LARGEST}
        isWhole
        isOptional
        onChange={(value) => {
          capacity.value = value;
        }}
      />
      <div class="actions">
        <button
          type="button"
          disabled={!chosen.value || !capacity.value}
          onClick={() => {
            now.edits.set(resized(now.edits.now.peek(), chosen.value, Number(capacity.value)));
            now.begin(null);
          }}
        >
          {t("scenario_places.suppose")}
        </button>
      </div>
    </>
  );
}

const NEW = "new:";

/** The edits with a capacity for a facility: of a supposed one as part of its edit, else in place of an earlier one. */
export function resized(edits: readonly Edit[], what: string, capacity: number): Edit[] {
  if (what.startsWith(NEW)) {
    const place = Number(what.slice(NEW.length));
    return edits.map((edit, at) => (at === place ? { ...edit, capacity } : edit));
  }
  const others = edits.filter(({ edit, facility }) => edit !== "facility_resize" || facility !== what);
  return [...others, { edit: "facility_resize", facility: what, capacity }];
}

/** A capacity in words, nothing where an edit names none. */
export const capacityText = ({ capacity }: Edit): string =>
  capacity === undefined ? "" : t("scenario_places.of_edit", { capacity: number(capacity) });
