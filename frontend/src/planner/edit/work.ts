/** What goes on while something is edited: the map's scene, the draft, the check, the neighbours, leaving. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { layerNamed } from "../../data/catalogue";
import { checkShape, rowsIn } from "../../data/editing";
import type { EditMark } from "../../map/edit";
import { Neighbours } from "../../map/edit-snap";
import type { Bounds, LayerFeature } from "../../shared/api";
import { lang } from "../../shared/lang";
import { ready } from "../../shared/loadable";
import { SIGN_IN_EVENT } from "../../shared/request";
import { editing, mayLeave, scene } from "../edit-state";
import * as state from "../state";
import { together } from "../tools/follow";
import { conflictMarks } from "./conflict-marks";
import { historyMarks } from "./history-state";
import * as keptDraft from "./kept-draft";
import { joined } from "./merge-state";
import { pick, problemMarks } from "./problems-state";
import { split, takeSaid } from "./saving";
import * as session from "./session";
import { t } from "./texts";
import { undoing } from "./undo-keys";

const KEEP_MS = 400;
const CHECK_MS = 600;
const NEAR_MS = 500;
/** Layers whose borders meet those of others. */
const SNAP_TO: Record<string, readonly string[]> = { grids: ["grids", "areas"], areas: ["areas"] };
const MOST_NEIGHBOURS = 500;
const NEAR_DEGREES = 0.006;

const near = signal<readonly LayerFeature[]>([]);
const neighbours = computed(() => {
  if (!session.snaps.value) return null;
  const own = editing.value?.code;
  const found = near.value.filter(({ properties }) => properties.code !== own);
  return found.length > 0 ? new Neighbours(found.map(({ geometry }) => geometry)) : null;
});

/** Runs after things stood still for a while. */
function later(milliseconds: number, watch: () => void, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    watch();
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

function followNeighbours(): () => void {
  let last = "";
  return later(
    NEAR_MS,
    () => {
      state.position.value;
      editing.value;
      session.loaded.value;
    },
    () => {
      const layer = editing.peek()?.layer;
      const at = state.position.peek();
      const isShape = layer && layerNamed(layer)?.geometry && layerNamed(layer)?.geometry !== "Point";
      if (!layer || !at || !isShape || at.zoom < 14) return;
      const round = (degrees: number) => Math.round(degrees / NEAR_DEGREES) * NEAR_DEGREES;
      const [lon, lat] = [round(at.lon), round(at.lat)];
      const key = `${layer} ${lon} ${lat}`;
      if (key === last) return;
      last = key;
      const box: Bounds = [lon - NEAR_DEGREES, lat - NEAR_DEGREES, lon + NEAR_DEGREES, lat + NEAR_DEGREES];
      void Promise.all((SNAP_TO[layer] ?? [layer]).map((one) => rowsIn(one, box, MOST_NEIGHBOURS)))
        .then((pages) => {
          if (last === key) near.value = pages.flatMap(({ features }) => features);
        })
        .catch(() => {
          last = ""; // without neighbours one still draws
        });
    },
  );
}

/** What decides what a shape is held against: neighbours, what it belongs to, others of its category. */
const NEIGHBOURLY = [
  "kind",
  "department",
  "level",
  "parent_code",
  "category",
  "facility_code",
  "green_space_code",
  "public_space_code",
] as const;
const isField = (name: string): boolean => session.form.peek()?.fields.some((field) => field.name === name) ?? false;

const neighbourly = computed(() => JSON.stringify(NEIGHBOURLY.map(session.given)));

/** Asks the server about a finished shape; nothing is written. What was said of the shape before is gone at once. */
const followCheck = (): (() => void) =>
  later(
    CHECK_MS,
    () => {
      const geometry = session.geometryNow.value;
      session.isReshaped.value;
      session.row.value;
      neighbourly.value;
      session.checked.clear();
      session.isCheckDue.value = geometry !== null;
    },
    () => {
      session.isCheckDue.value = false;
      const geometry = session.geometryNow.peek();
      const now = editing.peek();
      if (!geometry || !now || now.work === "history") return session.checked.clear();
      if (!session.isReshaped.peek() && now.code === null) return session.checked.clear();
      const properties = Object.fromEntries(
        NEIGHBOURLY.flatMap((field) => {
          const value = isField(field) ? session.given(field) : null;
          return value === null || value === undefined || value === "" ? [] : [[field, value]];
        }),
      );
      const ident = now.code ?? undefined;
      void session.checked
        .load((signal) => checkShape(now.layer, { geometry, ident, properties }, signal))
        .then(() => {
          const found = ready(session.checked.state.peek());
          if (found) session.suggested.value = found.next_code ?? "";
        });
    },
  );

const marks = computed<readonly EditMark[]>(() => {
  if (editing.value?.work === "history") return historyMarks.value;
  if (editing.value?.work === "problems") return problemMarks.value;
  if (session.conflict.value) return conflictMarks.value;
  const found = session.checked.state.value;
  const problems = found.status === "ready" ? found.value.problems : [];
  return [
    ...joined.value.flatMap(({ geometry, properties }): EditMark[] =>
      geometry ? [{ geometry, style: "other", label: String(properties.name ?? properties.code) }] : [],
    ),
    ...problems.flatMap(({ geometry }, number): EditMark[] =>
      geometry ? [{ geometry, style: "problem", label: String(number + 1) }] : [],
    ),
  ];
});

const followScene = (): (() => void) =>
  effect(() => {
    const now = editing.value;
    if (!now || now.work === "list") {
      scene.value = null;
      return;
    }
    const isForm = (now.work === "edit" || now.work === "new") && session.conflict.value === null;
    scene.value = {
      shape: isForm ? session.shape.value : null,
      isOpen: isForm && !session.isSaving.value,
      chosen: session.chosen.value,
      drawing: isForm ? session.drawing.value : null,
      marks: marks.value,
      neighbours: neighbours.value,
      onPlace: now.work === "problems" ? pick : session.place,
      onDrag: (shape) => {
        session.dragged.value = shape;
      },
      onShape: session.setShape,
      onChoose: (corner) => {
        session.chosen.value = corner;
      },
      onLeft: (corners) => {
        session.withoutHandle.value = corners;
      },
    };
  });

/** Escape leaves what is being drawn, then the corner that is held; the panel itself stays open. */
function onKey(event: KeyboardEvent): void {
  const work = editing.peek()?.work;
  const isForm = (work === "edit" || work === "new") && session.conflict.peek() === null;
  const asked = isForm && !session.isSaving.peek() ? undoing(event) : null;
  if (asked) {
    if (asked === "undo") session.undo();
    else session.redo();
    event.stopImmediatePropagation();
  } else if (event.key === "Escape" && session.drawing.peek()) session.cancelDrawing();
  else if (event.key === "Escape" && session.chosen.peek()) session.chosen.value = null;
  else return;
  event.preventDefault();
}

export function start(): () => void {
  let isSigningIn = false;
  const onSignIn = () => {
    isSigningIn = true;
    keptDraft.keep();
  };
  const onLeave = (event: BeforeUnloadEvent) => {
    keptDraft.keep();
    if (isSigningIn || !session.isDirty.peek() || editing.peek()?.work === "history") return;
    event.preventDefault();
    event.returnValue = "";
  };
  const keep = () => keptDraft.keep();
  document.addEventListener("keydown", onKey);
  window.addEventListener("beforeunload", onLeave);
  window.addEventListener("pagehide", keep);
  window.addEventListener(SIGN_IN_EVENT, onSignIn);
  session.onCut.current = (line) => void split(line);
  mayLeave.current = () => {
    if (!session.isDirty.peek() || editing.peek()?.work === "history") return true;
    keptDraft.keep();
    return window.confirm(t("edit.leave"));
  };
  let openFor = "";
  const stop = together(
    effect(() => {
      const now = editing.value;
      const key = now ? `${now.work} ${now.layer} ${now.code}` : "";
      untracked(() => {
        if (key === openFor) return;
        openFor = key;
        joined.value = [];
        near.value = [];
        if (now?.work === "list" || now?.work === "problems") session.leave();
        else if (now)
          void session.open().then(() => {
            session.done.value = takeSaid();
          });
      });
    }),
    effect(() => {
      lang.value;
      untracked(() => void session.speak());
    }),
    later(
      KEEP_MS,
      () => {
        session.changes.value;
        session.geometryNow.value;
        session.code.value;
        session.drawing.value;
      },
      keep,
    ),
    followNeighbours(),
    followCheck(),
    followScene(),
  );
  return () => {
    keptDraft.keep();
    stop();
    scene.value = null;
    mayLeave.current = () => true;
    document.removeEventListener("keydown", onKey);
    window.removeEventListener("beforeunload", onLeave);
    window.removeEventListener("pagehide", keep);
    window.removeEventListener(SIGN_IN_EVENT, onSignIn);
  };
}
