// Rust for this machine and for wasm32. rustup's toolchain is preferred, as
// rust-toolchain.toml names it; Debian's (rustc-web) serves where rustup is
// missing or cannot download. CONTRIBUTING.md has a paragraph on each.
// HARMONY_TOOLCHAIN=rustup or =debian insists on one of the two.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, run, StepError, step } from "../step.mjs";
import { aptInstall, canInstall } from "./apt.mjs";

const TARGET = "wasm32-unknown-unknown";
const TOOLCHAIN_FILE = new URL("../../rust-toolchain.toml", import.meta.url);
const CHANNEL = /channel = "(.+)"/.exec(readFileSync(TOOLCHAIN_FILE, "utf8"))[1];
const DEBIAN_LIBRARIES = `/usr/lib/rustlib/${TARGET}/lib`;
const DEBIAN_PACKAGES = [
  "rustc-web",
  "cargo-web",
  "rust-web-src",
  "rustfmt-web",
  "rust-web-clippy",
  "lld",
  "libc6-dev",
  "gcc",
];

/** The environment variables that make `cargo` Debian's. */
const DEBIAN_ENVIRONMENT = {
  PATH: `/usr/bin:${process.env.PATH}`,
  RUSTC: "/usr/bin/rustc",
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: "/usr/bin/wasm-ld",
};

/** Installs a missing toolchain; resolves to the environment for cargo. */
export async function setUpRust() {
  const wanted = process.env.HARMONY_TOOLCHAIN;
  if (wanted !== "debian" && (await rustupServes())) return {};
  if (wanted === "rustup")
    throw new StepError("rustup has no toolchain for wasm32", { advice: rustupAdvice() });
  await setUpDebian();
  return DEBIAN_ENVIRONMENT;
}

/** The environment for cargo on a machine that is set up. */
export function cargoEnvironment() {
  const wanted = process.env.HARMONY_TOOLCHAIN;
  return wanted !== "debian" && rustupIsReady() ? {} : DEBIAN_ENVIRONMENT;
}

function rustupAdvice() {
  return `run: rustup toolchain install ${CHANNEL} --target ${TARGET} --component clippy,rustfmt`;
}

function rustupIsReady() {
  const targets = ask("rustup", ["target", "list", "--installed", "--toolchain", CHANNEL]);
  return targets?.includes(TARGET) ?? false;
}

async function rustupServes() {
  if (ask("rustup", ["--version"]) === undefined) return false;
  if (rustupIsReady()) return true;
  return step(`Rust ${CHANNEL} with ${TARGET}, by rustup`, async () => {
    const install = ["toolchain", "install", CHANNEL, "--profile", "minimal", "--target", TARGET];
    const components = ["--component", "clippy", "--component", "rustfmt"];
    const { output } = await run("rustup", [...install, ...components], { mayFail: true });
    if (rustupIsReady()) return true;
    console.log(`  rustup could not: ${output.trim().split("\n").at(-1)}`);
    return false;
  });
}

async function setUpDebian() {
  if (
    existsSync(DEBIAN_LIBRARIES) &&
    existsSync("/usr/bin/wasm-ld") &&
    existsSync("/usr/bin/cargo")
  )
    return;
  if (!canInstall()) {
    throw new StepError("there is no Rust toolchain for wasm32", {
      advice: `install rustup (https://rustup.rs), or run as root on Debian; with rustup, ${rustupAdvice()}`,
    });
  }
  await step("Rust for wasm32, by Debian's packages", () => aptInstall(DEBIAN_PACKAGES, "Rust"));
  await step(`Rust's standard library for ${TARGET} (about a minute)`, buildStandardLibrary);
}

/**
 * Debian has no wasm32 standard library, but its source. It is built once, as
 * a dependency of an empty crate, and put where rustc looks for it. The
 * bitcode is what `lto = "fat"` needs.
 */
async function buildStandardLibrary() {
  const folder = mkdtempSync(join(tmpdir(), "harmony-std-"));
  const options = {
    cwd: folder,
    env: { ...DEBIAN_ENVIRONMENT, RUSTC_BOOTSTRAP: "1", RUSTFLAGS: "-C embed-bitcode=yes" },
    advice: "check that cargo reaches its registry",
  };
  await run("/usr/bin/cargo", ["init", "--lib", "--vcs", "none", "--name", "empty"], options);
  const arguments_ = ["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"];
  await run("/usr/bin/cargo", arguments_, options);
  const built = join(folder, "target", TARGET, "release", "deps");
  mkdirSync(DEBIAN_LIBRARIES, { recursive: true });
  for (const file of readdirSync(built)) {
    if (file.endsWith(".rlib") && !file.startsWith("libempty")) {
      copyFileSync(join(built, file), join(DEBIAN_LIBRARIES, file));
    }
  }
  rmSync(folder, { recursive: true });
}
