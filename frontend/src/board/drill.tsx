/** The way down into an area or grid, and the path back up. */
import { say } from "../shared/lang";
import type { BoardOf, PlaceOf } from "./data";
import { go } from "./state";
import { t } from "./texts";

const nameOf = ({ name, code }: PlaceOf): string => name ?? code;

export function DrillButton({ place }: { place: PlaceOf }) {
  return (
    <button
      type="button"
      class="drill"
      aria-label={t("board.drill", { name: nameOf(place) })}
      title={t("board.drill", { name: nameOf(place) })}
      onClick={() => go({ area: place.code })}
    >
      <span aria-hidden="true">›</span>
    </button>
  );
}

export function Path({ now }: { now: BoardOf | null }) {
  const path = now?.path ?? [];
  const last = path[path.length - 1];
  return (
    <nav class="path" aria-label={t("board.path")}>
      <ol>
        <li>
          {path.length ? (
            <button type="button" class="link" onClick={() => go({ area: null })}>
              {t("board.everywhere")}
            </button>
          ) : (
            <span aria-current="page">{t("board.everywhere")}</span>
          )}
        </li>
        {path.map((place) => (
          <li key={place.code}>
            {place === last ? (
              <span aria-current="page">{nameOf(place)}</span>
            ) : (
              <button type="button" class="link" onClick={() => go({ area: place.code })}>
                {nameOf(place)}
              </button>
            )}
            <small>{say(place.level_label)}</small>
          </li>
        ))}
      </ol>
    </nav>
  );
}
