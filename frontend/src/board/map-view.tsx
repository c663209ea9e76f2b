/** The map follows what is looked at and tells it what was chosen there. */
import { effect, signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { percent } from "../i18n/format";
import type { Loading } from "../map/mvt-layer";
import { type Paint, unknownOf } from "../map/paint";
import { styleSheet } from "../map/style";
import { Swatch } from "../planner/swatch";
import type { Bounds } from "../shared/api";
import { boundsOf, union } from "../shared/bounds";
import { lang, say, title } from "../shared/lang";
import { ready } from "../shared/loadable";
import { BoardMap, type Zone } from "./board-map";
import { type BoardOf, board, type Row } from "./data";
import { choose, look } from "./state";
import { t } from "./texts";

const loading = signal<Loading>({ pending: 1, failed: 0 });

/** The rows of the view that is shown, while they belong to what is looked at. */
export const mainRows = (): Row[] => (board.value?.view === look.value.view ? (board.value.tables[0]?.rows ?? []) : []);

export const chosenRow = (): Row | null => mainRows().find(({ key }) => key === look.value.chosen) ?? null;

export function MapView() {
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => (container.current ? start(container.current) : undefined), []);
  useSignalEffect(() => {
    container.current?.setAttribute("aria-label", t("board.map.label"));
  });
  return (
    <section class="map-box" aria-label={t("board.map.title")}>
      <div class="map-frame" data-pending={loading.value.pending}>
        <div ref={container} class="map" role="application" tabIndex={0} />
      </div>
      <Legend />
    </section>
  );
}

function start(container: HTMLElement): () => void {
  const map = new BoardMap(container, {
    onPlace,
    onZone: (key) => choose(key),
    onLoading: (now) => {
      const before = loading.peek();
      if (before.pending !== now.pending || before.failed !== now.failed) loading.value = now;
    },
    extra: (layer, code) => {
      const shades = board.peek()?.shades;
      const share = shades?.layer === layer ? shades.shares[code] : undefined;
      if (share === undefined || share === null) return "";
      return ` ${share === "unknown" ? t("board.unknown") : percent(share)}`;
    },
  });
  let shown = "";
  const stops = [
    effect(() => {
      const box = boundsToShow(board.value);
      const now = JSON.stringify(box);
      if (box && now !== shown) map.fit(box);
      shown = now;
    }),
    effect(() => {
      const paint = paintOf(board.value);
      if (paint) map.paint(paint);
    }),
    effect(() => {
      const row = chosenRow();
      const place = row?.place ?? null;
      map.select(place ? { layer: place.layer, code: place.code } : null);
      if (place?.bounds && !["areas", "grids"].includes(place.layer)) map.fit(grown(place.bounds));
      map.showZones(zonesOf(mainRows()), look.value.chosen);
      const shape = row?.here?.geometry ?? row?.geometry;
      const own = shape && boundsOf(shape);
      if (own) map.fit(grown(own));
    }),
    effect(() => {
      lang.value;
      map.setTexts({ zoomIn: t("board.map.zoom_in"), zoomOut: t("board.map.zoom_out") });
    }),
    effect(() => {
      if (board.value) map.setAttribution([...board.value.attribution, say(board.value.map_approval)]);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    map.destroy();
  };
}

/** Some room around a small thing, so that one sees where it is. */
const grown = ([west, south, east, north]: Bounds): Bounds => {
  const wide = Math.max((east - west) * 0.4, 0.002);
  const high = Math.max((north - south) * 0.4, 0.002);
  return [west - wide, south - high, east + wide, north + high];
};

function boundsToShow(now: BoardOf | null): Bounds | null {
  const boxes = [now?.path[now.path.length - 1], ...(now?.path.length ? [] : (now?.parts ?? []))]
    .map((place) => place?.bounds)
    .filter((box): box is Bounds => Boolean(box));
  return boxes.length ? boxes.reduce(union) : null;
}

const BASE = ["ways", "green_spaces", "areas"] as const;
const MORE: Record<string, readonly string[]> = {
  overview: [],
  gaps: [],
  problems: [],
  short: [],
  resources: ["public_spaces", "facilities"],
  projects: ["projects"],
};

function paintOf(now: BoardOf | null): Paint | null {
  const sheet = ready(styleSheet.state.value);
  if (!sheet || !now) return null;
  const shades = now.shades;
  const marked = chosenRow()?.features?.length ? ["facilities"] : (MORE[now.view] ?? []);
  const run = now.analyses.find(({ kind }) => kind === "coverage")?.run;
  const worstFirst = Object.keys(shades?.shares ?? {});
  return {
    sheet,
    shown: new Set([...BASE, ...marked, ...(shades?.layer === "grids" ? ["grids"] : [])]),
    levels: shades && shades.layer === "areas" && now.by ? [now.by] : ["city", "district", "street", "community"],
    coverage:
      shades && run
        ? {
            category: shades.category,
            runUid: run.uid,
            layer: shades.layer,
            shareOf: (code) => shades.shares[code],
            urgencyOf: (code) => 1 - Math.max(worstFirst.indexOf(code), 0) / worstFirst.length,
          }
        : null,
  };
}

const zonesOf = (rows: Row[]): Zone[] =>
  rows.flatMap((row) =>
    row.geometry
      ? [
          {
            key: row.key,
            title: `${say(row.category ? (row.category as never) : (row.subject as never))} ${row.rank ?? ""}`.trim(),
            geometry: row.geometry,
            isRanked: row.rank !== null,
          },
        ]
      : [],
  );

/** The first row about what was chosen on the map; nothing where none is. */
function onPlace(layer: string, code: string): void {
  const isIt = (row: Row) =>
    (row.place?.layer === layer && row.place.code === code) || (row.features?.includes(`${layer}/${code}`) ?? false);
  const now = chosenRow();
  if (now && isIt(now)) return;
  const found = mainRows().find(isIt);
  if (found) choose(found.key);
}

function Legend() {
  const now = board.value;
  const sheet = ready(styleSheet.state.value);
  if (!now || !sheet) return null;
  const hasZones = mainRows().some(({ geometry }) => geometry);
  return (
    <div class="legend">
      {now.shades && (
        <>
          <p>{t("board.map.legend_shares", { category: title(now.shades.category_label) })}</p>
          <ul>
            {sheet.coverage.shares.map((entry) => (
              <li key={entry.from_share}>
                <span class="swatch" style={{ backgroundColor: entry.fill }} />
                {percent(entry.from_share)}–{percent(entry.to_share)}
              </li>
            ))}
            {[unknownOf(sheet), sheet.coverage.no_data].map(
              (one) =>
                one && (
                  <li key={one.label.en}>
                    <Swatch symbol={one.symbol} kind="area" />
                    {title(one.label)}
                  </li>
                ),
            )}
          </ul>
        </>
      )}
      {hasZones && (
        <ul>
          <li>
            <span class="swatch swatch-zone" />
            {t("board.map.legend_gap")}
          </li>
          <li>
            <span class="swatch swatch-chosen" />
            {t("board.map.legend_selected")}
          </li>
        </ul>
      )}
    </div>
  );
}
