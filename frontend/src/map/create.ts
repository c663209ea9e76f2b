/** The Leaflet map itself with its controls. */
import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./controls.css";
import type { Bounds } from "../shared/api";

export interface MapTexts {
  zoomIn: string;
  zoomOut: string;
}

export const FRONT_PANE = "front";
const WORLD_VIEW = { center: [35, 105] as [number, number], zoom: 4 };

export function createMap(container: HTMLElement): L.Map {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(container, {
    zoomControl: false,
    attributionControl: false,
    minZoom: 3,
    maxZoom: 19,
    zoomAnimation: !isCalm,
    fadeAnimation: false,
    inertia: !isCalm,
    maxBoundsViscosity: 1,
  });
  map.createPane(FRONT_PANE).style.zIndex = "450";
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  map.setView(WORLD_VIEW.center, WORLD_VIEW.zoom);
  return map;
}

/** Attribution always, with Leaflet's own name as text only: its default prefix shows a flag. */
export function attribution(map: L.Map): L.Control.Attribution {
  const control = L.control.attribution({ position: "bottomright", prefix: false });
  control.setPrefix('<a href="https://leafletjs.com" rel="noreferrer">Leaflet</a>');
  return control.addTo(map);
}

export function zoomControl(map: L.Map, texts: MapTexts): L.Control.Zoom {
  return L.control.zoom({ position: "topright", zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(map);
}

export const toLatLngBounds = ([west, south, east, north]: Bounds): L.LatLngBounds =>
  L.latLngBounds([south, west], [north, east]);
