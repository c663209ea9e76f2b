/** The area one looks at, and the way to another; the last one is gone back to when a page is opened anew. */
import { useEffect, useState } from "preact/hooks";
import { type Me, me } from "../data/me";
import { keepLast, lastOf, loadPlaces, placeOf } from "../data/places";
import { ready } from "../shared/loadable";
import "./area-switch.css";
import { lazy } from "./lazy";
import { Popover } from "./popover";
import { t } from "./texts";

const AreaList = lazy(() => import("./area-list"));

export interface AreaChoice {
  /** The area one looks at, null for everything. */
  code: string | null;
  choose: (code: string | null, layer: "areas" | "grids") => void;
}

/** Whether the address said nothing when the page was opened. */
let isBare = window.location.hash === "";

/** The name of an area, empty while it is not known. */
function nameOf(who: Me, code: string): string {
  const own = [...who.areas, ...who.grids].find((place) => place.code === code);
  return own?.name ?? placeOf(code)?.name ?? "";
}

/** What stands for everything: the one place somebody has, else all areas. */
export function allOf({ areas, grids }: Pick<Me, "areas" | "grids">): string {
  const [only, ...others] = [...areas, ...grids];
  return (others.length === 0 && only?.name) || t("shell.area.all");
}

interface Props extends AreaChoice {
  /** In the menu of a phone the list stands in the menu itself. */
  isInMenu?: boolean;
  onChosen?: () => void;
}

export function AreaSwitch({ code, choose, isInMenu = false, onChosen }: Props) {
  const who = ready(me.state.value);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (!who || !isBare) return;
    isBare = false;
    const { here } = lastOf(who.name);
    if (here && code === null)
      void loadPlaces().then(() => {
        const place = placeOf(here);
        if (place) choose(place.code, place.layer);
      });
  }, [who]);
  const isUnnamed = who !== null && code !== null && nameOf(who, code) === "";
  useEffect(() => {
    if (isUnnamed) void loadPlaces();
  }, [isUnnamed]);
  if (!who || who.role === "anonymous") return null;
  const face = (
    <>
      <span class={isInMenu ? "area-label" : "visually-hidden"}>{t("shell.area")} </span>
      <span class="area-name">{(code && nameOf(who, code)) || allOf(who)}</span>
      <span aria-hidden="true"> ▾</span>
    </>
  );
  const list = (close: () => void) => (
    <AreaList
      code={code}
      lately={lastOf(who.name).codes}
      onChoose={(chosen, layer) => {
        keepLast(who.name, chosen);
        choose(chosen, layer);
        close();
        onChosen?.();
      }}
    />
  );
  if (!isInMenu)
    return (
      <Popover class="area-switch" label={t("shell.area")} face={face}>
        {list}
      </Popover>
    );
  return (
    <div class="area-switch">
      <button type="button" class="bar-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {face}
      </button>
      {isOpen && list(() => setOpen(false))}
    </div>
  );
}
