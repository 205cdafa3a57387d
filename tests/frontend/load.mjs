// A module of lessons_lib, loaded as anywidget loads it: from its text. "type": "module" in package.json would do without
// this, but would hold for all JavaScript below it, and JupyterLab's in .venv is none.

import { readFileSync } from "node:fs";

export function load(path) {
  const text = readFileSync(new URL(`../../lessons_lib/${path}`, import.meta.url), "utf-8");
  return import("data:text/javascript," + encodeURIComponent(`${text}\n//# sourceURL=${path}`));
}
