/** Shapes of the server's answers that the map page reads. Longitude always comes first. */
import type { Feature, FeatureCollection, Geometry, LineString } from "geojson";
import type { Bilingual } from "./lang";

export type LonLat = [number, number];
export type Bounds = [west: number, south: number, east: number, north: number];

export interface Summary {
  bounds: Bounds | null;
  counts: Record<string, number>;
  is_synthetic: boolean;
  attribution: string[];
  levels: string[];
  grid_kinds: string[];
  people_basis: string;
  /** Base maps from outside the office named. */
  base_maps: BaseMap[];
  /** The recorded approval of the map (审图号), else that it is for internal use. */
  map_approval: Bilingual;
  /** Whether one is shown a map: the public only one whose approval is recorded. */
  shows_map: boolean;
  version: string;
}

export interface BaseMap {
  code: string;
  label: Bilingual;
  urls: string[];
  subdomains: string[];
  /** Its tiles are in GCJ-02 and are to be moved under our data. */
  is_shifted: boolean;
  max_zoom: number;
  /** Whose it is, and its approval. */
  credit: Bilingual;
}

export interface FieldMeta {
  key: string;
  kind: string;
  unit?: string | null;
  label: Bilingual;
  choice_labels?: Record<string, Bilingual> | null;
  /** Names and phones: a mask for who may reveal them, null for others. */
  personal?: boolean;
}

export interface LayerMeta {
  name: string;
  label: Bilingual;
  /** What a single one is called. */
  label_one?: Bilingual;
  geometry: string | null;
  /** Whether rows can be written one by one, and the right that takes. */
  editable?: boolean;
  write_story?: string;
  personal: boolean;
  takes_photos?: boolean;
  /** How long a reason for showing personal values has to be, in characters; null where there are none. */
  reveal_reason?: { shortest: number; longest: number } | null;
  fields: FieldMeta[];
  count: number;
}

export interface CategoryMeta {
  code: string;
  label: Bilingual;
  checklist_item: string | null;
  default_circle: number;
  /** How far one walks to it where no limit is chosen: by the clauses in force, else its living circle. */
  default_limit_m: number;
  /** The ages it is there for, empty for everybody. */
  bands: string[];
  count: number;
}

export interface ProfileMeta {
  code: string;
  label: Bilingual;
  /** Null where each age band has its own. */
  speed_m_s: number | null;
  step_free: boolean | null;
  /** Of walking by age the profile of each age band. */
  bands?: Record<string, string> | null;
}

export interface CircleMeta {
  minutes: number;
  distance_m: number;
  stricter_distance_m: number | null;
  label: Bilingual;
}

export interface RunStatus {
  uid: string;
  kind: string;
  status: "queued" | "running" | "done" | "failed";
  progress: number | null;
  message?: Bilingual | null;
  problem?: Record<string, unknown> | null;
}

/** A living circle (a distance; strict for its stricter one) or walking minutes (a time). */
export interface LimitAsked {
  circle?: number;
  minutes?: number;
  strict?: boolean;
}

export interface LimitSaid {
  kind: "distance" | "time";
  metres: number;
  minutes: number | null;
}

export interface CoverageRow {
  level: string;
  /** Null for homes that lie in no area of the level, and for totals. */
  code: string | null;
  name: string | null;
  category: string;
  band: string;
  people_total: number | null;
  people_covered: number | null;
  people_not_covered: number | null;
  people_unknown: number | null;
  people_covered_share: number | null;
  people_not_covered_share: number | null;
  people_unknown_share: number | null;
  buildings_total: number;
  buildings_covered: number;
  buildings_not_covered: number;
  buildings_unknown: number;
  buildings_covered_share: number | null;
  buildings_not_covered_share: number | null;
  buildings_unknown_share: number | null;
  mean_m: number | null;
  p90_m: number | null;
  mean_s: number | null;
  p90_s: number | null;
  reached_share: number | null;
  inventory_complete: boolean | null;
  /** Some figures of people are null because they are too few to tell; absent where figures are exact. */
  withheld?: boolean;
}

/** How an age band walks. */
export interface Walker {
  profile: string;
  speed_m_s: number;
  step_free: boolean;
  limit_m: number;
}

/** What a reader must know beside the figures of a result, and the facts it is made of. */
export type Note = { key: string; facts?: Record<string, unknown> } & Partial<Bilingual>;

export interface CoverageResult {
  uid: string;
  parameters: { at?: string | null; profile?: string };
  limit: LimitSaid;
  /** By age band, only where everybody walks by age. */
  walkers?: Record<string, Walker>;
  by: string;
  by_requested: string;
  people_basis: string;
  /** People are rounded to multiples of this; absent where they are exact. */
  people_rounded_to?: number;
  notes: Note[];
  totals: CoverageRow[];
  rows: CoverageRow[];
  /** What is otherwise if what is not known to be closed is closed; absent where it makes no difference. */
  if_closed?: object;
  code_version: string;
  created_at: string;
  attribution: string[];
  is_synthetic: boolean;
}

export interface Place {
  code: string;
  name: string | null;
  lon: number;
  lat: number;
}

/** A row of the rule table as an answer cites it. */
export interface RuleCited {
  id: string;
  version: number;
  standard: string;
  clause: string;
  name: Bilingual;
  /** Fields nobody has confirmed against the text of the standard. */
  to_verify: string[];
}

export interface Explanation {
  building: Place;
  category: string;
  profile: string;
  state: "covered" | "not_covered" | "unknown";
  reason: string | null;
  metres: number | null;
  seconds: number | null;
  limit: LimitSaid;
  facility: Place | null;
  snap: { lon: number; lat: number; leg_m: number } | null;
  route: LineString | null;
  /** All of it in sentences, the rule and its clause last. */
  words: Bilingual[];
}

export interface CircleProperties {
  kind: "circle" | "paper" | "streets" | "snap";
  limit_m?: number;
  minutes?: number | null;
  people?: number | null;
  people_basis?: string;
  buildings?: number;
  buildings_without_people?: number;
  /** The people are too few to tell. */
  withheld?: boolean;
  area_m2?: number;
  paper_area_m2?: number;
  overstates_share?: number | null;
  leg_m?: number;
}

export type Circles = FeatureCollection<Geometry, CircleProperties> & {
  parameters: { profile: string; limits: LimitSaid[]; at?: string | null };
  /** Where they start: the points, or the entrances of facilities. */
  starts: LonLat[];
};
export type LayerFeature = Feature<Geometry | null, Record<string, unknown>>;

export interface Found {
  layer: string;
  code: string;
  uid: string;
  name: string | null;
  address: string | null;
  /** What people call it: its name, a bare number with its quarter's, else its address. */
  title: string;
  lon: number | null;
  lat: number | null;
  bounds: Bounds | null;
}
