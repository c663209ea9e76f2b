/** The areas and grids assigned to a person, to go from one to the other. */
import { me } from "../data/me";
import { ready } from "../shared/loadable";
import { t } from "./texts";

export interface AreaChoice {
  /** The area one looks at, null for everything. */
  code: string | null;
  choose: (code: string | null, layer: "areas" | "grids") => void;
}

export function AreaSwitch({ code, choose }: AreaChoice) {
  const who = ready(me.state.value);
  if (!who || who.areas.length + who.grids.length === 0) return null;
  const isGrid = (wanted: string) => who.grids.some((grid) => grid.code === wanted);
  const places = [...who.areas, ...who.grids];
  return (
    <label class="area-switch">
      <span class="visually-hidden">{t("shell.area")}</span>
      <select
        value={places.some((place) => place.code === code) ? (code as string) : ""}
        onChange={(event) => {
          const { value } = event.currentTarget;
          choose(value || null, isGrid(value) ? "grids" : "areas");
        }}
      >
        <option value="">{t("shell.area.all")}</option>
        {places.map((place) => (
          <option key={place.code} value={place.code}>
            {place.name ?? place.code}
          </option>
        ))}
      </select>
    </label>
  );
}
