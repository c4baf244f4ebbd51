/** What a case is: a project, and how it is run. */

import type { Project } from "./project.ts";
import type { Report } from "./report.ts";

/** What a case needs cannot be had on this machine: it is not run. */
export class NotHere extends Error {}

/** One runtime or bundler that must work. */
export interface RuntimeCase {
  /** As in the table of docs/runtimes.md; `npm run runtimes -- <part of it>` runs it alone. */
  name: string;
  /** The folder in `projects/`. */
  project: string;
  /** Cases with the same word here share one installed copy of the project. */
  copy?: string;
  /** Runs the project; a failure is thrown. */
  run(project: Project): Promise<Report>;
  /** How many tests its report counts; all vectors by default. */
  tests?: number;
  /** What a user downloads: folders or files. They must hold one copy of the wasm. */
  download?: string[];
}
