"""Code that the workers of the clusters run: renderers that report on themselves, or kill.

It is not in the tests' own modules, because a worker imports the module of the
code it runs, and a test's module computes the expected ids at its top.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from harmony_wasm_ray import HarmonyRenderer, render_batches

Batches = Iterator[pa.RecordBatch]


def kill_once(marker: Path, pid: int) -> None:
    """Kill a process with SIGKILL, unless another worker has killed one already."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(pid, signal.SIGKILL)
    if pid == os.getpid():
        signal.pause()


def child_of(parent: int) -> int:
    """Return the only child of a process."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    (child,) = listed.split()
    return int(child)


class RendererWithPid(HarmonyRenderer):
    """Reports which actor and which child rendered a row."""

    def __call__(self, table: pa.Table) -> pa.Table:
        """Add the process ids."""
        answer = super().__call__(table)
        for name, pid in (("actor", os.getpid()), ("child", self.child_pid)):
            answer = answer.append_column(name, pa.array([pid] * answer.num_rows))
        return answer


class KillingRenderer(HarmonyRenderer):
    """Kills its child or its actor at the second batch, once in the cluster."""

    def __init__(self, *, marker: str, victim: str, **options: object) -> None:
        """Keep the victim."""
        super().__init__(**options)
        self.marker, self.victim, self.batches = Path(marker), victim, 0

    def __call__(self, table: pa.Table) -> pa.Table:
        """Kill at the second batch, then render."""
        self.batches += 1
        if self.batches == 2:
            kill_once(self.marker, self.child_pid if self.victim == "child" else os.getpid())
        return super().__call__(table)


def killing(marker: Path, victim: str) -> Callable[[Batches], Batches]:
    """Return a function that kills its Spark worker, or the worker's child, in mid-task."""
    render = render_batches(shape="harmony", carry=["id"])

    def function(batches: Batches) -> Batches:
        for index, answer in enumerate(render(batches)):
            yield answer
            if index == 0:
                kill_once(marker, os.getpid() if victim == "worker" else child_of(os.getpid()))

    return function


def children(batches: Batches) -> Batches:
    """Render, and return the process id of the Spark worker's child for each batch."""
    for _ in render_batches(shape="harmony")(batches):
        yield pa.record_batch({"child": [child_of(os.getpid())]})
