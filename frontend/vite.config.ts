import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { budget } from "./build/budget.ts";
import { vendor } from "./build/vendor.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const target = here("../geo_service/_web");
const backend = { target: process.env.GEO_DEV_SERVER ?? "http://127.0.0.1:8000" };

export default defineConfig({
  root: here("."),
  base: "/",
  publicDir: false,
  resolve: { alias: { "@locales": here("../geo_service/locales") } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: target,
    emptyOutDir: true,
    target: ["chrome87", "firefox78", "safari14"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { map: here("map/index.html"), desk: here("desk/index.html"), board: here("board/index.html") },
    },
  },
  server: {
    host: "127.0.0.1",
    fs: { allow: [here("..")] },
    proxy: { "/api": backend, "/tiles": backend, "/styles.json": backend },
  },
  plugins: [
    vendor(here("node_modules"), target),
    budget(target, { "map/index.html": 120, "desk/index.html": 60, "board/index.html": 120 }),
  ],
});
