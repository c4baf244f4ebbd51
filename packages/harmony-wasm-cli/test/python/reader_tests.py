"""Rendered files in the engines that read columns, and in several processes, row by row."""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import datasets
import duckdb
import polars as pl
import pyarrow.parquet as pq
from rendering import FOLDER, ROWS, conversations, render, write_lines

READERS = 3
PART_ROWS = 100
COPIES = 12
SAMPLE_COLUMNS = (
    "input_ids,attention_mask,labels,loss_mask,position_ids,spans,n_tokens,source_row,source_file"
)
PACK_COLUMNS = (
    "input_ids,attention_mask,labels,loss_mask,position_ids,seq_start_id,seq_lengths,n_tokens,"
    "source_rows"
)


def truth(row, conversation, ids):
    """The columns of one row that follow from the input and the native ids."""
    return {
        "input_ids": ids,
        "n_tokens": len(ids),
        "source_row": row,
        "id": f"row-{row}",
        "weight": None if row % 3 else json.dumps(row / 8),
        "tags": json.dumps([row, conversation["messages"][1]["content"]], ensure_ascii=False),
    }


def carried_rows():
    """The conversations with fields for --carry: text, a number that may be missing, a list."""
    for row, conversation in enumerate(conversations()):
        given = truth(row, conversation, [])
        fields = {name: json.loads(given[name]) for name in ("weight", "tags") if given[name]}
        yield {**conversation, "id": given["id"], **fields}


def carried_table(name):
    """A file with carried columns."""
    write_lines("carried.jsonl", carried_rows())
    return render("carried.jsonl", name, "--carry", "id,weight,tags")


def check_rows(rows, expected):
    """Every column of every row, those of the mask by their definition."""
    assert len(rows) == ROWS
    for number, (row, conversation) in enumerate(zip(rows, conversations(), strict=True)):
        wanted = truth(number, conversation, expected[number])
        assert row["tags"] is None or json.loads(row.pop("tags")) == json.loads(wanted.pop("tags"))
        assert {name: row[name] for name in wanted} == wanted
        pairs = zip(row["input_ids"], row["loss_mask"], strict=True)
        assert row["labels"] == [token if loss else -100 for token, loss in pairs]
        assert sum(row["loss_mask"]) > 0


def test_polars(expected):
    """Parquet and Arrow in polars: lists of ids stay lists of 32-bit integers."""
    for name, read in (("polars.parquet", pl.read_parquet), ("polars.arrow", pl.read_ipc)):
        frame = read(carried_table(name))
        assert frame.schema["input_ids"] == frame.schema["labels"] == pl.List(pl.Int32)
        assert frame.schema["loss_mask"] == pl.List(pl.UInt8)
        assert frame.schema["id"] == pl.String
        check_rows(frame.to_dicts(), expected)
        sums = frame.select(pl.col("loss_mask").list.sum(), pl.col("labels").list.len())
        assert sums["labels"].to_list() == [len(ids) for ids in expected]


def test_duckdb(expected):
    """Parquet in duckdb, which queries the lists where they are."""
    path = carried_table("duckdb.parquet")
    rows = duckdb.sql(f"from '{path}' order by source_row")
    names = rows.columns
    types = {name: str(kind) for name, kind in zip(names, rows.types, strict=True)}
    assert (types["input_ids"], types["loss_mask"]) == ("INTEGER[]", "UTINYINT[]")
    check_rows([dict(zip(names, row, strict=True)) for row in rows.fetchall()], expected)
    masked = "list_filter(labels, lambda label: label <> -100)"
    query = f"select count(*), sum(list_sum(loss_mask)), sum(len({masked})) from '{path}'"
    [(count, by_mask, by_labels)] = duckdb.sql(query).fetchall()
    assert (count, by_mask) == (ROWS, by_labels)


def check_glob(source, name, columns, *flags):
    """Every column of a folder of parts, by a glob in polars and duckdb, as pyarrow reads it."""
    folder = FOLDER / name
    folder.mkdir()
    render(source, name, "--shard-size", f"{PART_ROWS}rows", "--columns", columns, *flags)
    parts = sorted(folder.glob("part-*.parquet"))
    assert len(parts) > 1
    rows = [row for part in parts for row in pq.read_table(part).to_pylist()]
    assert list(rows[0])[: columns.count(",") + 1] == columns.split(",")
    glob = f"{folder}/part-*.parquet"
    assert pl.scan_parquet(glob).collect().to_dicts() == rows
    numbered = f"read_parquet('{glob}', filename = true, file_row_number = true)"
    # duckdb's sort is not stable: by the file's name alone, its rows come in any order.
    relation = duckdb.sql(
        f"select * exclude file_row_number from {numbered} order by filename, file_row_number"
    )
    found = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    assert {row.pop("filename") for row in found} == {str(part) for part in parts}
    assert found == rows
    return rows


def test_glob(expected):
    """A folder of samples with carried columns, and one of packed rows."""
    rows = list(carried_rows())
    write_lines("carried.jsonl", rows)
    samples = check_glob("carried.jsonl", "glob", SAMPLE_COLUMNS, "--carry", "id,weight,tags")
    check_rows(samples, expected)
    (FOLDER / "copies").mkdir()  # A part ends before a batch, and these are several batches.
    for copy in range(COPIES):
        write_lines(f"copies/{copy}.jsonl", rows)
    packs = check_glob("copies", "glob-packed", PACK_COLUMNS, "--pack", "512")
    assert sum(len(pack["source_rows"]) for pack in packs) == COPIES * ROWS


def shard_rows(paths, shard):
    """The rows that one of several processes streams."""
    stream = datasets.load_dataset("parquet", data_files=paths, split="train", streaming=True)
    part = stream.shard(num_shards=READERS, index=shard)
    return [(row["id"], row["input_ids"]) for row in part]


def test_streaming_in_processes(expected):
    """The parts of one run, streamed by several processes: every row exactly once."""
    write_lines("carried.jsonl", carried_rows())
    (FOLDER / "stream").mkdir()
    flags = ["--carry", "id", "--shard-size", f"{PART_ROWS}rows"]
    paths = [str(part) for part in render("carried.jsonl", "stream", *flags).glob("*.parquet")]
    assert len(paths) == ROWS / PART_ROWS > READERS
    with ProcessPoolExecutor(READERS, get_context("spawn")) as processes:
        shards = list(processes.map(shard_rows, [paths] * READERS, range(READERS)))
    assert all(shards)
    found = sorted(
        (pair for shard in shards for pair in shard), key=lambda pair: int(pair[0].split("-")[1])
    )
    assert found == [(f"row-{row}", ids) for row, ids in enumerate(expected)]
