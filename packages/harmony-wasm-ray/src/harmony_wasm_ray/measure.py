"""Measures the throughput of one worker and of several: the figures of docs/scale.md.

    python -m harmony_wasm_ray.measure conversations.jsonl --shape chat --workers 1 2 4

First one client is measured alone. Then Ray runs with each number of actors,
over blocks in its object store. Processor time is that of the workers and their
processes, without the engine's own; it hardly changes on a busy machine.
Linux only: the figures are read from /proc.
"""

import argparse
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harmony_wasm_ray.command_line import Option
from harmony_wasm_ray.ray_data import HarmonyRenderer

BLOCK_BYTES = 8_000_000
PARQUET_TIMES = 5  # the first one also loads pyarrow's threads: four times as long
MEGABYTES_A_TERABYTE = 1e6
SECONDS_AN_HOUR = 3600
START_SECONDS = 600
HEAD = """| what | MB/s | conversations/s | tokens/s | core-hours a TB, process | and Python |
| ---- | ---- | --------------- | -------- | ------------------------ | ---------- |"""


@dataclass
class Figures:
    """The sums over the rendered batches."""

    bytes: int = 0
    rows: int = 0
    tokens: int = 0
    process_seconds: float = 0
    python_seconds: float = 0
    begun: float = float("inf")
    ended: float = 0

    def add(self, answer: pa.Table) -> None:
        """Add a batch of `TimedRenderer`."""
        self.rows += answer.num_rows
        for name in ("bytes", "tokens", "process_seconds", "python_seconds"):
            column = answer["n_tokens" if name == "tokens" else name]
            setattr(self, name, getattr(self, name) + (pc.sum(column).as_py() or 0))
        self.begun = min(self.begun, pc.min(answer["begun"]).as_py())
        self.ended = max(self.ended, pc.max(answer["ended"]).as_py())

    def line(self, name: str) -> str:
        """Return the figures as a row of the table."""
        megabytes = self.bytes / 1e6
        amounts = (megabytes, self.rows, self.tokens)
        rates = [f"{amount / (self.ended - self.begun):,.1f}" for amount in amounts]
        a_terabyte = MEGABYTES_A_TERABYTE / megabytes / SECONDS_AN_HOUR
        spent = (self.process_seconds, self.python_seconds)
        return (
            " | ".join([f"| {name}", *rates, *(f"{each * a_terabyte:.1f}" for each in spent)])
            + " |"
        )


class TimedRenderer(HarmonyRenderer):
    """Adds to each row its share of the time and size of its batch."""

    def __call__(self, table: pa.Table) -> pa.Table:
        """Render, and add the figures."""
        before = time.time(), time.process_time(), process_seconds(self.child_pid)
        answer = super().__call__(table)
        after = time.time(), time.process_time(), process_seconds(self.child_pid)
        size = pc.sum(pc.binary_length(table[self.column])).as_py()
        python, process = (end - start for start, end in zip(before[1:], after[1:], strict=True))
        shared = {"bytes": size, "process_seconds": process, "python_seconds": python}
        rows = answer.num_rows
        for name, value in shared.items():
            answer = answer.append_column(name, pa.array([value / rows] * rows, pa.float64()))
        for name, value in (("begun", before[0]), ("ended", after[0])):
            answer = answer.append_column(name, pa.array([value] * rows))
        return answer


def blocks_of(path: Path, megabytes: float) -> list[pa.Table]:
    """Return a file of JSON lines as blocks, repeated until there is enough text."""
    lines = path.read_text(encoding="utf8").split("\n")
    texts = pa.table({"conversation": [line for line in lines if line.strip()]})
    rows = max(1, texts.num_rows * BLOCK_BYTES // texts.nbytes)
    blocks = [texts.slice(start, rows) for start in range(0, texts.num_rows, rows)]
    wanted = round(megabytes * 1e6 / texts.nbytes * len(blocks))
    return [blocks[index % len(blocks)] for index in range(max(1, wanted))]


def client_answers(blocks: list[pa.Table], options: dict[str, Option]) -> Iterator[pa.Table]:
    """Render with one client. The first block warms it up, so it is rendered twice."""
    renderer = TimedRenderer(**options)
    _print_parquet_cost(renderer(blocks[0]))
    for block in blocks:
        yield renderer(block)
    print(f"(The process held {_memory_megabytes(renderer.child_pid):.0f} MB at most.)")


def ray_answers(
    blocks: list[pa.Table], workers: int, options: dict[str, Option]
) -> Iterator[pa.Table]:
    """Render with `workers` actors of Ray, which may be more than there are cores."""
    import ray  # noqa: PLC0415

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # Otherwise the first actor may render everything.
    context.wait_for_min_actors_s = START_SECONDS
    rendered = ray.data.from_arrow(blocks).map_batches(
        TimedRenderer,
        fn_constructor_kwargs=options,
        batch_format="pyarrow",
        batch_size=None,
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=min(1, (os.cpu_count() or 1) / (workers + 1)),
    )
    yield from rendered.iter_batches(batch_format="pyarrow", batch_size=None)


def figures_of(answers: Iterable[pa.Table]) -> Figures:
    """Add up the figures of the answers."""
    figures = Figures()
    for answer in answers:
        figures.add(answer)
    return figures


def _print_parquet_cost(answer: pa.Table) -> None:
    """Print the processor time that Parquet takes for the rendered columns, and their size."""
    figures = Figures()
    figures.add(answer)
    rendered = answer.drop_columns(["bytes", "process_seconds", "python_seconds", "begun", "ended"])
    seconds = []
    for _ in range(PARQUET_TIMES):
        before = time.process_time()
        sink = pa.BufferOutputStream()
        pq.write_table(rendered, sink)
        seconds.append(time.process_time() - before)
    hours = min(seconds) / figures.bytes * 1e12 / SECONDS_AN_HOUR
    arrow, parquet = (size / figures.bytes for size in (rendered.nbytes, sink.tell()))
    print(
        f"(A byte of text makes {arrow:.2f} bytes of Arrow and {parquet:.2f} of Parquet,", end=" "
    )
    print(f"which costs {hours:.1f} core-hours a TB to write.)")


def process_seconds(pid: int) -> float:
    """Return the processor time of all threads of a process, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) / 1000


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="JSON lines, one conversation each")
    parser.add_argument("--shape", choices=["chat", "harmony"], required=True)
    parser.add_argument("--columns", help="must include n_tokens; default: all default columns")
    parser.add_argument(
        "--workers", type=int, nargs="*", default=[], help="numbers of Ray's actors"
    )
    parser.add_argument("--megabytes", type=float, default=100, help="text per worker")
    given = parser.parse_args()
    options: dict[str, Option] = {"shape": given.shape, "columns": given.columns}
    blocks = blocks_of(given.file, given.megabytes)
    alone = figures_of(client_answers(blocks, options))
    print(HEAD, alone.line("one client, no engine"), sep="\n")
    for workers in given.workers:
        blocks = blocks_of(given.file, given.megabytes * workers)
        print(figures_of(ray_answers(blocks, workers, options)).line(f"Ray, actors: {workers}"))


if __name__ == "__main__":
    main()
