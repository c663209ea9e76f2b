/** Places (capacity) before and after supposed edits, of categories that have some. */

/** Figures before, after and their difference; null where they are not known or withheld. */
export interface PlaceRow {
  scenario: string | null;
  category: string;
  level: string;
  code: string | null;
  name: string | null;
  people_total_after: number | null;
  places_per_1000_before: number | null;
  places_per_1000_after: number | null;
  enough_share_before: number | null;
  enough_share_after: number | null;
  people_below_needed_before: number | null;
  people_below_needed_after: number | null;
  people_below_needed_difference: number | null;
  people_unknown_before: number | null;
  people_unknown_after: number | null;
  withheld?: boolean;
}

export interface PlaceFacility {
  code: string | null;
  name: string | null;
  /** Place of a new one's edit among those of the answer. */
  edit_number: number | null;
  lon: number;
  lat: number;
  /** What edits do to it, several by commas. */
  change: string | null;
  capacity_before: number | null;
  capacity_after: number | null;
  load_share_before: number | null;
  load_share_after: number | null;
}

export interface PlaceAbout {
  category: string;
  bands: string[];
  needed_per_1000: number | null;
  needed_to_verify: boolean;
}

/** What an answer says of places; nothing where its category has none. */
export interface WithPlaces {
  capacity?: PlaceAbout[];
  capacity_totals?: PlaceRow[];
  capacity_rows?: PlaceRow[];
  capacity_facilities?: PlaceFacility[];
  if_closed?: object;
}

/** What tells the rows of every table of an answer apart; a table has some of them. */
export const ROW_KEYS = ["scenario", "category", "level", "code", "band", "edit_number", "name", "lon", "lat"] as const;
