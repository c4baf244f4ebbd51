/** Pages and workers without a bundler. */

import type { RuntimeCase } from "../case.ts";
import { reportOfPage, type Serving } from "../pages.ts";

function page(name: string, path: string, serving: Serving = {}): RuntimeCase {
  return {
    name,
    project: "page",
    run: (project) => reportOfPage(project, { path, ...serving }),
  };
}

export const pageCases: RuntimeCase[] = [page("a page without a bundler", "index.html")];
