/** The page: head, panels, map. A wide page has panels on both sides, a phone one sheet below the map. */
import { effect, signal } from "@preact/signals";
import { catalogue, summary } from "../data/catalogue";
import { may, me } from "../data/me";
import { t } from "../i18n";
import { ready } from "../shared/loadable";
import { isNarrow } from "../shared/narrow";
import { lazy } from "../shell/lazy";
import { CoveragePanel } from "./coverage-panel";
import { DetailsPanel } from "./details-panel";
import { scene } from "./edit-state";
import { EditBar, EditPanel } from "./edit-tab";
import { tWays } from "./edit-texts";
import { Head } from "./head";
import { LayersPanel } from "./layers-panel";
import { Legend } from "./legend";
import { MapView } from "./map-view";
import { MapNotices, PageNotices } from "./notices";
import { PrintButton } from "./print-button";
import { Sheet } from "./sheet";
import * as state from "./state";
import { type TabOf, Tabs } from "./tabs";
import { ToolMenu, ToolPanel } from "./tool-panel";
import { ViewsButton } from "./views-button";

/** Fetched with the first category one looks at. */
const ResultsPanel = lazy(async () => ({ default: (await import("./results-panel")).ResultsPanel }));

const PANELS: Record<state.Tab, preact.ComponentType> = {
  coverage: CoveragePanel,
  layers: LayersPanel,
  analyses: ToolMenu,
  results: ResultsPanel,
  tool: ToolPanel,
  details: DetailsPanel,
  edit: EditPanel,
};

const tabOf = (name: state.Tab): TabOf => ({ name, label: labelOf(name), Panel: PANELS[name] });

function labelOf(name: state.Tab): string {
  if (name === "edit") return tWays("edit_ways.tab");
  if (name !== "tool") return t(`map.tab.${name}`);
  const open = state.tool.value;
  return open && !isNarrow.value ? t(`map.tool.${open.name}`) : t("map.tab.analyses");
}

/** Tabs beside the map: what is edited, what was found, the open analysis, what was chosen. */
const rightTabs = (): state.Tab[] => (state.editing.value ? ["edit", ...foundTabs()] : foundTabs());

function foundTabs(): state.Tab[] {
  const open = state.tool.value !== null;
  if (!open) return ["results", "details"];
  return state.category.value ? ["tool", "results", "details"] : ["tool", "details"];
}

/** Whether the server has answered once: before, a notice that comes would push everything down. */
const answered = signal(false);
const waiting = effect(() => {
  const { status } = catalogue.state.value;
  if (status !== "ready" && status !== "failed") return;
  answered.value = true;
  queueMicrotask(() => waiting());
});

export function App() {
  const hasFindings =
    state.category.value !== null ||
    state.selected.value !== null ||
    state.tool.value !== null ||
    state.editing.value !== null;
  const hasMap = summary.value?.shows_map !== false;
  return (
    <div
      class={`page ${isNarrow.value ? "is-narrow" : "is-wide"} ${hasFindings ? "has-findings" : ""} ${scene.value?.drawing ? "is-drawing" : ""}`}
    >
      <header>
        {/* a link in meaning; the hash holds the view, so it must not change */}
        <a class="skip" href={hasMap && (isNarrow.value || hasFindings) ? "#results" : "#choose"} onClick={skip}>
          {t("map.skip")}
        </a>
        <Head />
        <PageNotices />
      </header>
      {answered.value && !hasMap && <PublicList />}
      {answered.value && hasMap && (isNarrow.value ? <Narrow /> : <Wide hasFindings={hasFindings} />)}
    </div>
  );
}

/** In place of the map where none may be shown. */
const PublicList = lazy(() => import("./public-list"));

/** Tabs of what one chooses: coverage and analyses for who may see any. */
const choosing = (): state.Tab[] =>
  ready(me.state.value) && !may("read_runs") ? ["layers"] : ["coverage", "layers", "analyses"];

function Wide({ hasFindings }: { hasFindings: boolean }) {
  return (
    <div class="body">
      <aside class="side side-left" id="choose" tabIndex={-1} aria-label={t("map.side.choose")}>
        <Tabs tabs={choosing().map(tabOf)} current={state.leftTab.value} />
      </aside>
      <TheMap />
      {hasFindings && (
        <aside class="side side-right" id="results" tabIndex={-1} aria-label={t("map.side.found")}>
          <Tabs tabs={rightTabs().map(tabOf)} current={state.rightTab.value} />
        </aside>
      )}
    </div>
  );
}

function Narrow() {
  const beside: state.Tab = state.editing.value ? "edit" : "tool";
  const chosen = choosing().filter((tab) => tab !== "analyses");
  const found: state.Tab[] = chosen.length > 1 ? [beside, "results", "details"] : ["details"];
  const tabs = [...chosen, ...found].map(tabOf);
  return (
    <div class={`body sheet-${state.sheetSize.value}`}>
      <TheMap />
      <Sheet>
        <Tabs tabs={tabs} current={state.sheetTab.value} />
      </Sheet>
    </div>
  );
}

function TheMap() {
  return (
    <main class="map-area">
      <MapView />
      <MapNotices />
      <EditBar />
      <div class="map-buttons">
        <PrintButton />
        <ViewsButton />
      </div>
      <Legend />
    </main>
  );
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  if (state.tool.value) state.open("tool");
  else if (state.category.value) state.open("results");
  (document.getElementById("results") ?? document.getElementById("choose"))?.focus();
}
