"""What people write today: a file of conversations rendered by native openai-harmony.

`render_file.py <input.jsonl> <output.parquet> <processes>` writes the ids and nothing else.
"""

import multiprocessing
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from openai_harmony import Conversation, load_harmony_encoding

ROWS = 1000
SCHEMA = pa.schema([("input_ids", pa.list_(pa.int32()))])
ENCODING = None


def load():
    """One encoding a process."""
    global ENCODING
    ENCODING = load_harmony_encoding("HarmonyGptOss")


def render(lines):
    """A batch of lines to the bytes of their ids."""
    rows = [ENCODING.render_conversation_for_training(Conversation.from_json(line)) for line in lines]
    return pa.record_batch([pa.array(rows, SCHEMA.field(0).type)], schema=SCHEMA)


def batches(path):
    """The lines, by the thousand."""
    with open(path, encoding="utf-8") as file:
        lines = []
        for line in file:
            lines.append(line)
            if len(lines) == ROWS:
                yield lines
                lines = []
        if lines:
            yield lines


def main():
    """Renders the file."""
    source, target, processes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with multiprocessing.Pool(processes, load) as pool, pq.ParquetWriter(target, SCHEMA) as writer:
        for batch in pool.imap(render, batches(source)):
            writer.write_batch(batch)


if __name__ == "__main__":
    main()
