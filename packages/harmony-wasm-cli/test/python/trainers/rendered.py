"""The conversations of test-vectors/training/conversations.json, rendered by the command line.

A sample here is what a trainer should train on: the ids of one conversation and its labels,
-100 where there is no loss. Both come from the columns `input_ids` and `loss_mask` of a file that
no trainer reads.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

IGNORED = -100


@dataclass(frozen=True)
class Sample:
    """The ids of a conversation, and the same ids where there is loss, else -100."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]


class Renders:
    """Renders the conversations into files of a folder, with the flags of a trainer's page."""

    def __init__(self, harmony: list[str], conversations: Path, folder: Path) -> None:
        """Write the input: one row in the Chat Completions shape per conversation."""
        given = json.loads(conversations.read_text("utf-8"))
        self._harmony = harmony
        self._folder = folder
        self._flags = ["--conversation-date", given["date"], "--analysis", "keep", "--quiet"]
        rows = [
            {name: case[name] for name in ("messages", "tools") if name in case}
            for case in given["cases"]
        ]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        self.source = folder / "train.jsonl"
        self.source.write_text(lines, "utf-8")

    def file(self, name: str, flags: str) -> Path:
        """Return a rendered file."""
        path = self._folder / name
        command = ["render", self.source, "-o", path, *self._flags, *flags.split()]
        subprocess.run([*self._harmony, *command], check=True)
        return path

    def samples(self, mask: str) -> list[Sample]:
        """Return one sample per conversation, with the loss mask of a preset."""
        path = self.file(f"{mask}.jsonl", f"--mask {mask} --columns input_ids,loss_mask")
        rows = map(json.loads, path.read_text("utf-8").splitlines())
        return [_sample(row["input_ids"], row["loss_mask"]) for row in rows]


def _sample(ids: list[int], mask: list[int]) -> Sample:
    pairs = zip(ids, mask, strict=True)
    return Sample(tuple(ids), tuple(token if loss else IGNORED for token, loss in pairs))
