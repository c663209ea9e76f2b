/** The page: head, where one is, what one looks at; tables on the left, the map and what is chosen beside them. */
import { useEffect, useRef } from "preact/hooks";
import { loadMe } from "../data/me";
import { loadStyles } from "../map/style";
import { say } from "../shared/lang";
import { Head } from "../shell/head";
import { VIEWS, type View } from "./address";
import { BasedOn, Missing } from "./analyses";
import { type BoardOf, board, isLoading, loadCategories, problem } from "./data";
import { Details } from "./details";
import { Path } from "./drill";
import { Fault } from "./fault";
import { Files } from "./files";
import { Filters } from "./filters";
import { Gaps } from "./gaps";
import { MapView } from "./map-view";
import { Matrix } from "./matrix";
import { Overview, Worst } from "./overview";
import { go, look } from "./state";
import { BoardTable } from "./table";
import { t } from "./texts";
import { reload, work } from "./work";

export function Board() {
  useEffect(() => {
    void loadMe();
    void loadCategories();
    void loadStyles();
    return work();
  }, []);
  const now = board.value;
  const isCurrent = now?.view === look.value.view;
  return (
    <div class="board">
      <button type="button" class="skip" onClick={skip}>
        {t("board.skip")}
      </button>
      <header>
        <Head path="/board" area={{ code: look.value.area, choose: (area) => go({ area }) }} />
      </header>
      <main>
        <div class="top">
          <h1>{t("board.title")}</h1>
          <Path now={now} />
          <Views />
        </div>
        {now && isCurrent && !problem.value && <Lead now={now} />}
        {!now && !problem.value && <p role="status">{t("board.loading")}</p>}
        {/* all of it at once: a sentence that comes later would push the map down */}
        {(now || problem.value) && (
          <div class={`columns columns-${look.value.view}`}>
            <div class="content" id="table" tabIndex={-1} aria-busy={isLoading.value}>
              {problem.value && <Fault problem={problem.value} retry={reload} />}
              {now && isCurrent && !problem.value && (
                <>
                  <Filters now={now} />
                  <Missing now={now} />
                  <Content now={now} />
                  <Files now={now} />
                  <BasedOn now={now} />
                </>
              )}
              {!isCurrent && !problem.value && <p role="status">{t("board.loading")}</p>}
            </div>
            <aside class="beside">
              {now && isCurrent && <Details now={now} />}
              <MapView />
            </aside>
          </div>
        )}
      </main>
    </div>
  );
}

/** The sentence that comes first: where it is worst, or what one came for. */
function Lead({ now }: { now: BoardOf }) {
  if (now.view === "overview") return now.tables.some(({ rows }) => rows.length) ? <Worst now={now} /> : null;
  return now.lead ? <p class="worst lead">{say(now.lead)}</p> : null;
}

/** A link in meaning; but the hash is the address of the view and may not change. */
function skip(): void {
  document.getElementById("table")?.focus();
}

function Views() {
  const current = look.value.view;
  const chosen = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // on a phone not all of them are in sight
    chosen.current?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <nav class="views" aria-label={t("board.views")}>
      <ul>
        {VIEWS.map((view) => (
          <li key={view} ref={view === current ? chosen : undefined}>
            <button type="button" aria-current={view === current ? "page" : undefined} onClick={() => goTo(view)}>
              {t(`board.view.${view}`)}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Requirements are those of a community: of a governance grid, the lists show the community around it. */
function Around({ now }: { now: BoardOf }) {
  const place = now.path[now.path.length - 1];
  const around = now.path.filter(({ layer }) => layer === "areas").pop();
  if (place?.layer !== "grids" || !around || (now.view !== "short" && now.view !== "problems")) return null;
  return <p class="note">{t(`board.around.${now.view}`, { name: around.name ?? around.code })}</p>;
}

const goTo = (view: View): void => go({ view, chosen: null, sort: null });

function Content({ now }: { now: BoardOf }) {
  const table = now.tables[0];
  // without a result there is nothing to be empty: what to do stands above
  if (!table || (table.rows.length === 0 && now.analyses.some(({ run }) => run === null))) {
    return now.view === "overview" && table ? <Overview now={now} /> : null;
  }
  if (now.view === "overview") return <Overview now={now} />;
  if (now.view === "gaps") return <Gaps now={now} />;
  if (now.view === "matrix") return <Matrix now={now} />;
  const label = t(`board.table.${now.view as "short" | "problems" | "resources" | "projects"}`);
  return (
    <section>
      <h2>{label}</h2>
      {(now.view === "short" || now.view === "problems") && <p class="hint">{t(`board.about.${now.view}`)}</p>}
      <Around now={now} />
      <BoardTable table={table} empty={t(now.view === "projects" ? "board.empty.projects" : "board.empty")} />
    </section>
  );
}
