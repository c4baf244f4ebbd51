/** All cases of loading, for an entry in an environment. */

import type { Case } from "./environment.ts";
import { formCases, refusalCases } from "./forms.ts";
import { sharingCases, slimCases } from "./sharing.ts";

export const loadingCases: readonly Case[] = [
  ...sharingCases,
  ...formCases,
  ...refusalCases,
  ...slimCases,
];
