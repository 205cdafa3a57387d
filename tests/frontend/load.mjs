// A module of lessons_lib, loaded as anywidget loads it: from its text.

import { readFileSync } from "node:fs";

export function load(path) {
  const text = readFileSync(new URL(`../../lessons_lib/${path}`, import.meta.url), "utf-8");
  return import("data:text/javascript," + encodeURIComponent(`${text}\n//# sourceURL=${path}`));
}
