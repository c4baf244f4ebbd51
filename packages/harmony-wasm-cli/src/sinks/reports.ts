/**
 * Puts the reports of a run where the user wants them: on this machine, or in an
 * object store, where a report is stored whole as any other output.
 */

import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { UsageError } from "../exit.ts";
import { isAddress, locationOf } from "../remote/location.ts";
import { reportedFailure, type StoredObject } from "../remote/object-store.ts";
import { stagingFolder } from "../remote/staging.ts";
import { writableStoreOf } from "../remote/stores.ts";
import { upload } from "../remote/upload.ts";
import { refuseExistingFiles } from "../report/paths.ts";
import type { RunReport } from "../report/report.ts";
import { writeReports } from "../report/write.ts";
import type { Existing } from "./partial-sink.ts";

/** Refuses a report that exists, unless the run replaces or continues its files. */
export async function refuseExistingReports(
  reports: readonly string[],
  existing: Existing,
): Promise<void> {
  refuseExistingFiles(
    reports.filter((path) => !isAddress(path)),
    existing,
  );
  for (const address of reports.filter(isAddress)) {
    const there = await objectAt(address);
    if (!there || existing.resume || existing.overwrite) continue;
    throw new UsageError(`--report: ${address} exists; --overwrite replaces it`);
  }
}

/** Writes the report to each path and address; `staging` is the folder of files to be stored. */
export async function storeReports(
  reports: readonly string[],
  report: RunReport,
  staging: string | undefined,
): Promise<void> {
  await writeReports(
    reports.filter((path) => !isAddress(path)),
    report,
  );
  for (const address of reports.filter(isAddress)) await storeReport(address, report, staging);
}

async function storeReport(
  address: string,
  report: RunReport,
  staging: string | undefined,
): Promise<void> {
  const location = locationOf(address);
  const folder = stagingFolder(location, staging);
  mkdirSync(folder, { recursive: true });
  const local = join(folder, posix.basename(location.key));
  await writeReports([local], report);
  const replaced = await objectAt(address);
  await upload(await writableStoreOf(location), location, local, replaced?.version);
  await rm(folder, { recursive: true });
}

async function objectAt(address: string): Promise<StoredObject | undefined> {
  const location = locationOf(address);
  try {
    return await (await writableStoreOf(location)).find(location);
  } catch (error) {
    throw reportedFailure(location, "read", error);
  }
}
