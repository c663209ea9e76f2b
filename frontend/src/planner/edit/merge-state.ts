/** The things that shall become one with the one being edited. */
import { signal } from "@preact/signals";
import type { LayerFeature } from "../../shared/api";

export const joined = signal<readonly LayerFeature[]>([]);
