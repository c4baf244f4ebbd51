"""What Megatron's readers make of rendered rows: the indexed data set, and packed fine-tuning.

Megatron-Bridge as a whole needs CUDA. Its module of data sets does not, and is loaded without
the packages around it.
"""

import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from megatron.core.datasets.indexed_dataset import IndexedDataset
from rendered import Renders

PACK = 512
END_OF_TEXT = 199999


def indexed(renders: Renders) -> dict[str, object]:
    """Return the documents and masks that megatron-core reads from the indexed data sets."""
    path = renders.file("indexed.bin", "--mask megatron")
    prefix = path.with_suffix("")
    ids, masks = (IndexedDataset(str(prefix) + name) for name in ("", "_loss_mask"))
    return {
        "flags": "--mask megatron",
        "document_indices": ids.document_indices.tolist(),
        "documents": [document.tolist() for document in ids],
        "loss_masks": [mask.tolist() for mask in masks],
    }


def packed(renders: Renders, folder: Path) -> dict[str, object]:
    """Return the batch that Megatron-Bridge's collator makes of packed rows.

    The version on PyPI reads the three columns from a NumPy file, later ones from Parquet.
    """
    columns = ["input_ids", "loss_mask", "seq_start_id"]
    flags = f"--mask megatron --pack {PACK} --shift-loss-mask --columns {','.join(columns)}"
    rows = pq.read_table(renders.file("bridge.parquet", flags)).to_pylist()
    np.save(folder / "bridge.npy", np.array(rows, dtype=object))
    data_set = _data_sets().GPTSFTPackedDataset(
        str(folder / "bridge.npy"),
        types.SimpleNamespace(eos_id=END_OF_TEXT),
        max_seq_length=PACK,
        prompt_template="{text}{answer}",  # Required, and not used for packed rows.
    )
    batch = data_set.collate_fn([data_set[row] for row in range(len(rows))])
    names = ("tokens", "labels", "loss_mask", "position_ids", "cu_seqlens")
    return {"flags": flags, "batch": {name: batch[name].tolist() for name in names}}


def _data_sets() -> types.ModuleType:
    """Load the module of data sets, with packages around it that import nothing."""
    folder = Path(importlib.util.find_spec("megatron.bridge").origin).parent
    for name in ("", ".data", ".data.datasets"):
        package = types.ModuleType(f"megatron.bridge{name}")
        package.__path__ = [str(folder.joinpath(*name.split(".")))]
        sys.modules[package.__name__] = package
    tokenizer = types.ModuleType("megatron.bridge.training.tokenizers.tokenizer")
    tokenizer.MegatronTokenizer = object  # Named in annotations only.
    sys.modules[tokenizer.__name__] = tokenizer
    return importlib.import_module("megatron.bridge.data.datasets.sft")
