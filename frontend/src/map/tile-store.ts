/** Fetches and decodes tiles once, keeps the last ones, retries a stumbling server, aborts what nobody waits for. */
import { isAbort, Problem, requestBytes } from "../shared/request";
import { type DecodedTile, decode, EMPTY } from "./decode";
import { keyOf, type TileId } from "./sources";

const KEPT = 600;
const RETRY_MS = [400, 1200, 3000];

interface Entry {
  tile: DecodedTile | null;
  promise: Promise<DecodedTile>;
  waiting: number;
  abort: AbortController;
}

export class TileStore {
  private readonly entries = new Map<string, Entry>();

  /** `pause` waits between tries; tests pass their own. */
  constructor(
    private readonly pause: (ms: number) => Promise<void> = (ms) => new Promise((go) => setTimeout(go, ms)),
  ) {}

  /** The tile, fetched at most once however many ask. Call the returned `leave` when it is no longer wanted. */
  want(layer: string, id: TileId, query: string): { tile: Promise<DecodedTile>; leave: () => void } {
    const key = `${layer}/${keyOf(id)}.mvt${query}`;
    const entry = this.entries.get(key) ?? this.start(key, layer);
    this.entries.delete(key);
    this.entries.set(key, entry);
    this.trim();
    entry.waiting++;
    let here = true;
    const leave = () => {
      if (!here) return;
      here = false;
      entry.waiting--;
      if (entry.waiting === 0 && entry.tile === null) {
        entry.abort.abort();
        if (this.entries.get(key) === entry) this.entries.delete(key);
      }
    };
    return { tile: entry.promise, leave };
  }

  /** The tile if it is already here. */
  has(layer: string, id: TileId, query: string): DecodedTile | null {
    return this.entries.get(`${layer}/${keyOf(id)}.mvt${query}`)?.tile ?? null;
  }

  /** Forgets the tiles of a layer, which changed. */
  forget(layer: string): void {
    for (const key of [...this.entries.keys()]) if (key.startsWith(`${layer}/`)) this.entries.delete(key);
  }

  private start(key: string, layer: string): Entry {
    const abort = new AbortController();
    const entry: Entry = { tile: null, waiting: 0, abort, promise: this.fetch(`/tiles/${key}`, layer, abort.signal) };
    entry.promise.then(
      (tile) => {
        entry.tile = tile;
      },
      () => {
        if (this.entries.get(key) === entry) this.entries.delete(key);
      },
    );
    return entry;
  }

  private async fetch(address: string, layer: string, signal: AbortSignal): Promise<DecodedTile> {
    for (let attempt = 0; ; attempt++) {
      try {
        const bytes = await requestBytes(address, signal);
        return bytes === null || bytes.byteLength === 0 ? EMPTY : decode(bytes, layer);
      } catch (error) {
        const delay = RETRY_MS[attempt];
        if (isAbort(error) || delay === undefined || !isPassing(error)) throw error;
        await this.pause(delay);
        if (signal.aborted) throw new DOMException("left", "AbortError");
      }
    }
  }

  private trim(): void {
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= KEPT) return;
      if (entry.tile !== null && entry.waiting === 0) this.entries.delete(key);
    }
  }
}

/** Server faults and lost connections may pass; refusals do not. */
const isPassing = (error: unknown): boolean => error instanceof Problem && (error.status === 0 || error.status >= 500);
