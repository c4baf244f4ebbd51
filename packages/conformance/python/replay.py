"""Replays test-vectors/ against the installed `openai_harmony`.

    python replay.py test-vectors python_layer
    python replay.py test-vectors fork

`python_layer` asks the published wheel: every vector goes through the Rust
functions of the package, with no difference allowed, and through the public
classes, where their Python layer may change the input before Rust sees it.
`fork` asks oss-harmony's Rust functions. The named section of
known-differences.json lists the vectors that differ, each with its reason: a
listed vector that does not differ fails too. The last line counts.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import answers

SHOWN = 80
# The layer that may differ, and the layers that are asked.
SECTIONS = {"python_layer": ("public", ["inner", "public"]), "fork": ("inner", ["inner"])}


def vectors(folder: Path):
    """Name, call, arguments and expectation of every vector."""
    for path in sorted((folder / "inputs").glob("*.json")):
        expected = json.loads((folder / "expected" / path.name).read_text("utf-8"))["expected"]
        for case in json.loads(path.read_text("utf-8"))["cases"]:
            given = expanded(case.get("with", {}))
            yield f"{path.stem}/{case['name']}", case["call"], given, expected[case["name"]]


def expanded(value):
    """`{"repeat", "times"}` and `{"join"}` as the texts that they describe."""
    if isinstance(value, list):
        return [expanded(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {key: expanded(field) for key, field in value.items()}
    if set(fields) == {"repeat", "times"}:
        return fields["repeat"] * fields["times"]
    return "".join(fields["join"]) if set(fields) == {"join"} else fields


def differences(folder: Path):
    """For every comparison: the layer, the vector's name, and where they differ or None."""
    for name, call, given, expected in vectors(folder):
        yield "inner", name, difference(comparable(expected, answers.inner(call, given)))
        found = answers.public(call, given)
        if found is not None:
            refused = {"error": answers.REFUSED} if "error" in expected else expected
            yield "public", name, difference(comparable(refused, found))


def comparable(expected: dict, found: dict) -> tuple[dict, dict]:
    """Both, with the expected fields that the package has an answer to; errors by their first line."""
    if "error" in expected:
        return {"error": expected["error"].split("\n")[0]}, found
    if "error" in found:
        return expected, found
    return {key: value for key, value in expected.items() if key in found}, found


def difference(pair: tuple[dict, dict]) -> str | None:
    expected, found = pair
    if expected == found:
        return None
    wanted, got = (json.dumps(side, ensure_ascii=False) for side in (expected, found))
    at = next((i for i, pair in enumerate(zip(wanted, got)) if pair[0] != pair[1]), 0)
    window = slice(max(0, at - SHOWN // 2), at + SHOWN)
    return f"expected …{wanted[window]}… but found …{got[window]}…"


def known_differences(folder: Path, section: str) -> set[str]:
    listed = json.loads((folder / "known-differences.json").read_text("utf-8"))[section]
    package, expected = listed["package"].split(" ")
    if version(package) != expected:
        sys.exit(f"{package} {expected} is expected, but {version(package)} is installed")
    return {name for kind in listed["kinds"] for name in kind["vectors"]}


def main() -> None:
    folder, section = Path(sys.argv[1]), sys.argv[2]
    known = known_differences(folder, section)
    may_differ, layers = SECTIONS[section]
    seen: set[str] = set()
    passed = failed = 0
    for layer, name, differs in differences(folder):
        if layer not in layers:
            continue
        is_known = layer == may_differ and name in known
        seen.add(name)
        if is_known == (differs is not None):
            passed += 1
            continue
        failed += 1
        print(f"{layer}: {name}\n  {differs or 'is listed as different, but is the same'}")
    for name in known - seen:
        failed += 1
        print(f"{name}\n  is listed as different, but no such vector exists")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
