"""Compares Cargo.lock with the crates inside the published wheel.

    python pins.py Cargo.lock packages/conformance/python/pins.json

The shared object of the wheel names the sources of most crates that it was
built from, for its panic messages. Each must have the same version in
Cargo.lock. pins.json has the crates that decide ids or messages but leave no
name in the wheel, with their version and where it comes from, and the crates
of the wheel that Cargo.lock does not have. The last line counts.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

from openai_harmony import openai_harmony

SOURCE = re.compile(rb"index\.crates\.io-[0-9a-f]+/([A-Za-z0-9_-]+?)-(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)/")


def crates_of_wheel() -> dict[str, str]:
    """Name and version of every crate whose source path is in the shared object."""
    found = SOURCE.findall(Path(openai_harmony.__file__).read_bytes())
    return {name.decode(): version.decode() for name, version in found}


def problems(locked: dict[str, set[str]], pins: dict):
    """For every checked crate: None, or the fault."""
    in_wheel = crates_of_wheel()
    absent = {entry["crate"] for entry in pins["only_in_the_wheel"]}
    for name, version in sorted(in_wheel.items()):
        versions = locked.get(name, set())
        if name in absent:
            yield f"{name} is listed as absent, but is in Cargo.lock" if versions else None
        else:
            yield mismatch(name, version, versions, "the wheel has")
    for entry in pins["without_a_name_in_the_wheel"]:
        name, version = entry["crate"], entry["version"]
        if name in in_wheel:
            yield f"{name} has a name in the wheel; remove it from pins.json"
        else:
            yield mismatch(name, version, locked.get(name, set()), "pins.json has")


def mismatch(name: str, version: str, versions: set[str], source: str) -> str | None:
    if version in versions:
        return None
    return f"{name}: {source} {version}, Cargo.lock has {', '.join(sorted(versions)) or 'none'}"


def main() -> None:
    locked: dict[str, set[str]] = {}
    for package in tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))["package"]:
        locked.setdefault(package["name"], set()).add(package["version"])
    checked = list(problems(locked, json.loads(Path(sys.argv[2]).read_text("utf-8"))))
    wrong = [problem for problem in checked if problem]
    print("\n".join(wrong))
    print(f"{len(checked) - len(wrong)} passed, {len(wrong)} failed")
    sys.exit(1 if wrong or len(crates_of_wheel()) < 40 else 0)


main()
