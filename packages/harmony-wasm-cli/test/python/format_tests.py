"""Each format of `harmony render`, read by pyarrow, numpy and datasets, beside native upstream."""

import json
import struct
import subprocess

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rendering import (
    ENCODING,
    FOLDER,
    HARMONY,
    ROWS,
    chat_row,
    conversations,
    native,
    render,
    write_lines,
)

# The exit code of a run that rejected rows.
ROWS_REJECTED = 3

INPUT_IDS = pa.list_(pa.field("item", pa.int32(), nullable=False))
UINT8 = pa.list_(pa.field("item", pa.uint8(), nullable=False))


def check_table(table, expected):
    """Types, ids and the columns that are made of them."""
    table.validate(full=True)
    assert table.schema.field("input_ids").type == INPUT_IDS
    assert table.schema.field("loss_mask").type == UINT8
    assert table.schema.field("source_row").type == pa.int64()
    assert b"harmony.wasm_sha256" in table.schema.metadata
    rows = table.to_pylist()
    assert [row["input_ids"] for row in rows] == expected
    for row in rows:
        pairs = zip(row["input_ids"], row["loss_mask"], strict=True)
        assert row["labels"] == [id if loss else -100 for id, loss in pairs]
        assert row["n_tokens"] == len(row["input_ids"])
        start = ENCODING.encode("<|start|>", allowed_special="all")[0]
        assert all(row["input_ids"][span["start"]] == start for span in row["spans"])


def test_parquet(expected):
    """Parquet, in every compression."""
    for compression in ["snappy", "zstd", "gzip", "none"]:
        path = render("in.jsonl", f"{compression}.parquet", "--compression", compression)
        check_table(pq.read_table(path), expected)
        assert pq.ParquetFile(path).metadata.num_rows == ROWS


def test_arrow(expected):
    """An Arrow file, mapped into memory."""
    path = render("in.jsonl", "out.arrow")
    with pa.memory_map(str(path)) as source:
        check_table(pa.ipc.open_file(source).read_all(), expected)


def test_arrow_stream(expected):
    """An Arrow stream as a file, which Hugging Face's datasets map into memory."""
    path = render("in.jsonl", "out.arrows")
    data_set = datasets.Dataset.from_file(str(path))
    assert data_set["input_ids"][:] == expected
    assert data_set.cache_files == [{"filename": str(path)}]


def test_numpy(expected):
    """Bare arrays, of which one has the lengths."""
    ids = np.load(render("in.jsonl", "out.npy"), mmap_mode="r")
    lengths = np.load(FOLDER / "out.n_tokens.npy")
    mask = np.load(FOLDER / "out.loss_mask.npy")
    assert (ids.dtype, lengths.dtype, mask.dtype) == (np.int32, np.int32, np.uint8)
    assert len(mask) == len(ids)
    assert [list(row) for row in np.split(ids, np.cumsum(lengths)[:-1])] == expected


def test_megatron(expected):
    """Megatron's indexed data set, read as its documentation defines it."""
    path = render("in.jsonl", "out.bin")
    index = (FOLDER / "out.idx").read_bytes()
    magic, version, dtype, rows, documents = struct.unpack_from("<9sQBQQ", index)
    assert (magic, version, dtype, rows, documents) == (b"MMIDIDX\0\0", 1, 4, ROWS, ROWS + 1)
    lengths = np.frombuffer(index, np.int32, rows, 34)
    starts = np.frombuffer(index, np.int64, rows, 34 + 4 * rows)
    assert list(np.frombuffer(index, np.int64, documents, 34 + 12 * rows)) == list(range(ROWS + 1))
    ids = np.memmap(path, np.int32, "r")
    pairs = zip(starts // 4, lengths, strict=True)
    assert [list(ids[start : start + length]) for start, length in pairs] == expected


def test_packed(expected):
    """Packed rows hold every sample once."""
    flags = ["--pack", "512", "--pad", "<|endoftext|>"]
    rows = pq.read_table(render("in.jsonl", "packed.parquet", *flags)).to_pylist()
    found = {}
    for row in rows:
        assert len(row["input_ids"]) == 512
        bounds = [*row["seq_start_id"], row["n_tokens"]]
        for source, start, end in zip(row["source_rows"], bounds, bounds[1:], strict=False):
            found[source] = row["input_ids"][start:end]
            assert row["position_ids"][start:end] == list(range(end - start))
    assert [found[row] for row in range(ROWS)] == expected


def test_parquet_in(expected):
    """Parquet as input, its columns being the row."""
    texts = pa.table({"conversation": [json.dumps(row) for row in conversations()]})
    pq.write_table(texts, FOLDER / "text.parquet")
    table = pq.read_table(render("text.parquet", "text.out.parquet", "--shape", "harmony"))
    assert table.column("input_ids").to_pylist() == expected


def test_parts(expected):
    """A folder of parts: neither the manifest nor the rejected rows are read as data."""
    (FOLDER / "parts").mkdir()
    write_lines("rejected.jsonl", [{"messages": 1}])
    command = [*HARMONY, "render", FOLDER / "in.jsonl", FOLDER / "rejected.jsonl", "--quiet"]
    flags = ["-o", FOLDER / "parts", "--shape", "harmony", "--shard-size", "20rows"]
    assert subprocess.run([*command, *flags], check=False).returncode == ROWS_REJECTED
    folder = str(FOLDER / "parts")
    for source in [{"path": folder}, {"path": "parquet", "data_files": f"{folder}/*.parquet"}]:
        loaded = datasets.load_dataset(**source, split="train", cache_dir=str(FOLDER / "cache"))
        assert loaded["input_ids"][:] == expected


def test_splits(expected):
    """Splits of several batches, of which a small one has a single row group."""
    write_lines("many.jsonl", [*conversations()] * 5)
    path = render("many.jsonl", "many.parquet", "--split", "validation=5%")
    files = [pq.ParquetFile(each) for each in [path, path.with_suffix(".validation.parquet")]]
    assert files[0].num_row_groups > 1
    assert files[1].num_row_groups == 1
    rows = [row for each in files for row in each.read().to_pylist()]
    rows.sort(key=lambda row: row["source_row"])
    assert [row["source_row"] for row in rows] == list(range(5 * ROWS))
    assert [row["input_ids"] for row in rows] == expected * 5


def test_chat(_expected):
    """Chat Completions, from JSON lines and from Parquet."""
    pairs = [chat_row(row) for row in range(50)]
    write_lines("chat.jsonl", [chat for chat, _ in pairs])
    wanted = [native(harmony) for _, harmony in pairs]
    flags = ["--no-system-message", "--analysis", "upstream"]
    table = pq.read_table(render("chat.jsonl", "chat.out.parquet", *flags))
    assert table.column("input_ids").to_pylist() == wanted
