"""PyTorch's DataLoader over a streamed data set of `datasets`, with several workers."""

from collections import defaultdict

import torch
from datasets import load_dataset
from rendered import Renders
from torch.utils.data import DataLoader

FILES, WORKERS = 6, 3


def rows_by_worker(renders: Renders) -> dict[str, list[list[int]]]:
    """Return the ids of the rows that each worker delivered, of a data set of several files."""
    flags = "--mask trl --columns input_ids,labels"
    paths = [str(renders.file(f"stream-{part}.parquet", flags)) for part in range(FILES)]
    stream = load_dataset("parquet", data_files=paths, split="train", streaming=True)
    loader = DataLoader(
        stream.map(_with_worker), batch_size=None, num_workers=WORKERS, multiprocessing_context="fork"
    )
    found = defaultdict(list)
    for row in loader:
        found[str(row["worker"])].append(row["input_ids"])
    return dict(sorted(found.items()))


def _with_worker(row: dict[str, object]) -> dict[str, object]:
    return {**row, "worker": torch.utils.data.get_worker_info().id}
