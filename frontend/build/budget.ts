/** Prints the gzipped size of the scripts a page loads first and fails the build above its budget. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

export function firstLoad(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? "");
}

export function budget(target: string, limits: Record<string, number>): Plugin {
  return {
    name: "first-load-budget",
    apply: "build",
    writeBundle() {
      for (const [page, limitKb] of Object.entries(limits)) {
        const html = readFileSync(join(target, page), "utf-8");
        const bytes = firstLoad(html).reduce((sum, file) => sum + gzipSync(readFileSync(join(target, file))).length, 0);
        const kb = bytes / 1024;
        this.info(`${page}: first load ${kb.toFixed(1)} kB gzipped JavaScript (budget ${limitKb} kB)`);
        if (kb > limitKb) this.error(`${page} loads ${kb.toFixed(1)} kB of JavaScript first, over its ${limitKb} kB`);
      }
    },
  };
}
