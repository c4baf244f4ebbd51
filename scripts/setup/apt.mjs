// Installs Debian packages, on machines that have them and as root.

import { ask, run, StepError } from "../step.mjs";

/** Whether `apt-get install` can work here. */
export function canInstall() {
  return process.getuid?.() === 0 && ask("apt-get", ["--version"]) !== undefined;
}

/** Installs Debian packages, updating the lists first. */
export async function aptInstall(packages, purpose) {
  if (!canInstall()) {
    throw new StepError(`${purpose} is missing`, {
      advice: `install it (on Debian, as root: apt-get install ${packages.join(" ")}) and run again`,
    });
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], {
    env,
    advice: "check the network and Debian's package sources",
  });
  await run("apt-get", ["install", "--yes", "--no-install-recommends", ...packages], {
    env,
    advice: `check that Debian has ${packages.join(", ")} for this release`,
  });
}
