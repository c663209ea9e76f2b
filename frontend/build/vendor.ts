/** Copies what other pages of the server need from npm packages, and the licences of what is bundled. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const WANTED = [
  {
    folder: "swagger-ui",
    from: "swagger-ui-dist",
    files: ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"],
  },
  { folder: "leaflet", from: "leaflet", files: ["dist/leaflet.js", "dist/leaflet.css", "LICENSE", "dist/images"] },
];

export function vendor(packages: string, target: string): Plugin {
  return {
    name: "vendor-files",
    apply: "build",
    closeBundle() {
      for (const { folder, from, files } of WANTED) {
        const to = join(target, "vendor", folder);
        mkdirSync(to, { recursive: true });
        for (const file of files) {
          const name = file.split("/").pop() ?? file;
          cpSync(join(packages, from, file), join(to, name), { recursive: true });
        }
        this.info(`vendor/${folder}: ${readdirSync(to).join(", ")}`);
      }
      writeFileSync(join(target, "vendor", "licences.txt"), licences(packages, bundled(packages)));
    },
  };
}

/** The packages the pages are bundled from, theirs included. */
function bundled(packages: string, from = join(packages, "..")): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(join(from, "package.json"), "utf-8"));
  const names = Object.keys(dependencies);
  return [...new Set([...names, ...names.flatMap((name) => bundled(packages, join(packages, name)))])].sort();
}

function licences(packages: string, names: string[]): string {
  return names
    .map((name) => {
      const folder = join(packages, name);
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? readFileSync(join(folder, file), "utf-8") : "";
      return `${name} ${version} (${license})\n\n${text}`;
    })
    .join(`\n${"-".repeat(80)}\n`);
}
