/** Regions to cover, drawn over a picture by pointer or placed by keyboard; shares of its sides from the upper left. */
import { useRef, useState } from "preact/hooks";
import type { Box } from "../data/photos";
import { t } from "./texts";

const STEP = 0.02;
const LEAST = 0.01;

interface Props {
  src: string;
  alt: string;
  boxes: Box[];
  onBoxes: (boxes: Box[]) => void;
}

const inside = (share: number): number => Math.min(1, Math.max(0, share));
const rounded = (share: number): number => Math.round(share * 1e4) / 1e4;

/** The box inside the picture, at least a little of it. */
export function fitted({ x, y, width, height }: Box): Box {
  const wide = Math.min(1, Math.max(LEAST, width));
  const high = Math.min(1, Math.max(LEAST, height));
  return {
    x: rounded(Math.min(inside(x), 1 - wide)),
    y: rounded(Math.min(inside(y), 1 - high)),
    width: rounded(wide),
    height: rounded(high),
  };
}

/** The box between two corners. */
export function between([x0, y0]: [number, number], [x1, y1]: [number, number]): Box {
  const [west, east] = [inside(Math.min(x0, x1)), inside(Math.max(x0, x1))];
  const [north, south] = [inside(Math.min(y0, y1)), inside(Math.max(y0, y1))];
  return { x: west, y: north, width: east - west, height: south - north };
}

/** The box after a key, null where the key takes it away, itself for any other key. */
export function afterKey(box: Box, key: string, isSizing: boolean): Box | null {
  if (key === "Delete" || key === "Backspace") return null;
  const [dx, dy] =
    { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key] ?? [];
  if (dx === undefined || dy === undefined) return box;
  if (!isSizing) return fitted({ ...box, x: box.x + dx, y: box.y + dy });
  return fitted({
    ...box,
    width: Math.min(box.width + dx, 1 - box.x),
    height: Math.min(box.height + dy, 1 - box.y),
  });
}

const placed = ({ x, y, width, height }: Box) => ({
  left: `${x * 100}%`,
  top: `${y * 100}%`,
  width: `${width * 100}%`,
  height: `${height * 100}%`,
});

export const wordsOf = ({ x, y, width, height }: Box, number: number): string => {
  const [left, top, wide, high] = [x, y, width, height].map((share) => Math.round(share * 100));
  return t("desk.photos.box", { number, x: left ?? 0, y: top ?? 0, width: wide ?? 0, height: high ?? 0 });
};

export function Boxes({ src, alt, boxes, onBoxes }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [from, setFrom] = useState<[number, number] | null>(null);
  const [draft, setDraft] = useState<Box | null>(null);
  const at = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = (frame.current as HTMLDivElement).getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  const stop = () => {
    setFrom(null);
    setDraft(null);
  };
  return (
    <div
      class="boxes"
      ref={frame}
      onPointerDown={(event) => {
        if (event.button !== 0 || (event.target as Element).closest("button")) return;
        event.preventDefault();
        frame.current?.setPointerCapture(event.pointerId);
        setFrom(at(event));
      }}
      onPointerMove={(event) => from && setDraft(between(from, at(event)))}
      onPointerUp={(event) => {
        const drawn = from && between(from, at(event));
        if (drawn && drawn.width >= LEAST && drawn.height >= LEAST) onBoxes([...boxes, fitted(drawn)]);
        stop();
      }}
      onPointerCancel={stop}
    >
      <img src={src} alt={alt} draggable={false} />
      {boxes.map((box, place) => (
        <button
          key={place}
          type="button"
          class="box"
          style={placed(box)}
          aria-label={wordsOf(box, place + 1)}
          onKeyDown={(event) => {
            const next = afterKey(box, event.key, event.shiftKey);
            if (next === box) return;
            event.preventDefault();
            onBoxes(boxes.flatMap((one) => (one === box ? (next ?? []) : one)));
          }}
        >
          {place + 1}
        </button>
      ))}
      {draft && <span class="box" style={placed(draft)} />}
    </div>
  );
}
