/**
 * The report that a project prints: the failures of the conformance suite on the
 * installed package, and the time to the first ids.
 */

/** The report of one run. */
export interface Report {
  passed: number;
  failures: { id: string; reasons: string[] }[];
  /** Since the call of `loadHarmonyEncoding`; 0 where the runtime freezes its clock. */
  firstIdsMs: number;
  /** Other figures for the table. */
  notes?: string[];
}

/** The report in what a program printed or a server answered: its last line. */
export function reportIn(output: string): Report {
  const line = output.trim().split("\n").at(-1) ?? "";
  const report = parsed(line);
  if (isReport(report)) return report;
  throw new Error(`no report, but:\n${output.slice(-4000)}`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isReport(value: unknown): value is Report {
  return (
    typeof value === "object" &&
    value !== null &&
    "passed" in value &&
    typeof value.passed === "number" &&
    "failures" in value &&
    Array.isArray(value.failures) &&
    "firstIdsMs" in value &&
    typeof value.firstIdsMs === "number"
  );
}
