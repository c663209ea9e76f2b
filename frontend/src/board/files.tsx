/** The rows of the filter as Excel and Word, and the way to the three lists. */
import { useSignal } from "@preact/signals";
import { number } from "../i18n/format";
import { asProblem } from "../shared/loadable";
import { type Problem, requestBytes, withQuery } from "../shared/request";
import { saveFile } from "../shared/save-file";
import { lazy } from "../shell/lazy";
import { queryOf } from "./address";
import type { BoardOf } from "./data";
import { may } from "./details";
import { Fault } from "./fault";
import { look } from "./state";
import { t } from "./texts";

const BatchPrint = lazy(() => import("./batch-print"));
const FORMATS = ["xlsx", "docx", "pdf"] as const;
const TYPES = {
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  pdf: "application/pdf",
};
/** What can be printed of an area of a level, besides its map. */
const SHEETS: Record<string, readonly ("community" | "poster")[]> = {
  community: ["community", "poster"],
  street: ["poster"],
};

/** Levels with no communities below. */
const HAS_NO_COMMUNITIES: readonly string[] = ["community", "quarter", "grid", "unit_grid"];

export function Files({ now }: { now: BoardOf }) {
  const state = useSignal<{ busy: boolean; problem: Problem | null }>({ busy: false, problem: null });
  const isBare = now.analyses.length > 0 && now.analyses.every(({ run }) => run === null);
  if (!may("export") || isBare) return null;
  const count = now.tables[0]?.matched ?? 0;
  const place = now.path[now.path.length - 1];
  const sheets =
    place && may("report") && place.layer === "areas" ? (["map", ...(SHEETS[place.level ?? ""] ?? [])] as const) : [];
  const make = async (path: string, type: string, name: string) => {
    state.value = { busy: true, problem: null };
    try {
      const bytes = await requestBytes(path);
      if (bytes) saveFile(new Blob([bytes], { type }), name);
      state.value = { busy: false, problem: null };
    } catch (error) {
      state.value = { busy: false, problem: asProblem(error) };
    }
  };
  return (
    <section class="files" aria-label={t("board.files")}>
      <h2>{t("board.files")}</h2>
      {FORMATS.map((format) => (
        <button
          key={format}
          type="button"
          disabled={state.value.busy}
          aria-label={t("board.file.link", { format: t(`board.file.${format}`), count: number(count) })}
          title={t("board.file.link", { format: t(`board.file.${format}`), count: number(count) })}
          onClick={() => {
            const asked = look.peek();
            const path = withQuery(`/api/board/${asked.view}/file`, { ...queryOf(asked), format });
            void make(path, TYPES[format], `${nameOf(now)}.${format}`);
          }}
        >
          {t(`board.file.${format}`)}
        </button>
      ))}
      {place &&
        sheets.map((kind) => (
          <button
            key={kind}
            type="button"
            disabled={state.value.busy}
            onClick={() => {
              const path = withQuery(`/api/prints/${kind}`, { area: place.code });
              void make(path, TYPES.pdf, `${place.name ?? place.code}-${t(`board.print.${kind}`)}.pdf`);
            }}
          >
            {t("board.print")} · {t(`board.print.${kind}`)}
          </button>
        ))}
      {may("report") && !HAS_NO_COMMUNITIES.includes(place?.level ?? "") && <BatchPrint area={place?.code ?? null} />}
      {state.value.busy && <span role="status">{t("board.file.making")}</span>}
      {state.value.problem && <Fault problem={state.value.problem} />}
    </section>
  );
}

function nameOf(now: BoardOf): string {
  const place = now.path[now.path.length - 1];
  const area = place ? (place.name ?? place.code) : t("board.everywhere");
  const date = new Date();
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${t(`board.view.${look.peek().view}`)}-${area}-${day.join("-")}`;
}
