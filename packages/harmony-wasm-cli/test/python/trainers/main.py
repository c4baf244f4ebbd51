"""What trainers make of rendered files: one step of TRL, Megatron's readers, PyTorch's DataLoader.

    main.py CONVERSATIONS FOLDER HARMONY...

prints JSON; HARMONY is the command that starts the command line.
"""

import hashlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import data_loader
import megatron_readers
import torch
import trl_steps
from rendered import Renders

PACKAGES = ["trl", "transformers", "torch", "datasets", "megatron-core", "megatron-bridge"]


def main() -> None:
    """Run every reader on files rendered from the same conversations."""
    torch.set_num_threads(1)  # Sums in one order, so that a run repeats.
    conversations, folder, *harmony = sys.argv[1:]
    renders = Renders(harmony, Path(conversations), Path(folder))
    answers = {
        "inputs_sha256": hashlib.sha256(Path(conversations).read_bytes()).hexdigest(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "trl": trl_steps.steps(renders, Path(folder)),
        "megatron-core": megatron_readers.indexed(renders),
        "megatron-bridge": megatron_readers.packed(renders, Path(folder)),
        "data_loader": data_loader.rows_by_worker(renders),
    }
    Path(folder, "answers.json").write_text(json.dumps(answers), "utf-8")


main()
