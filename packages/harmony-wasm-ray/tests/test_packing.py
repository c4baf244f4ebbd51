"""Packing: the samples of a batch in rows of a length, in Ray, in Spark and in the client."""

import native
import pyarrow as pa
import pytest
import ray
from conversations import realistic_conversations
from pyspark.sql import SparkSession

from harmony_wasm_ray import HarmonyClient, HarmonyRenderer, render_batches, spark_schema
from harmony_wasm_ray.rows import RowRenderer

LENGTH = 4096
CONVERSATIONS = realistic_conversations(120, 51)
TEXTS = [*(each.to_json() for each in CONVERSATIONS), "{"]
IDS = [native.training_ids(each) for each in CONVERSATIONS]
OPTIONS = {"shape": "harmony", "pack": LENGTH}
Rows = list[dict[str, object]]


def samples_of(row: dict[str, object]) -> list[tuple[int, list[int]]]:
    """Cut a packed row at its `seq_start_id` into input rows and their ids."""
    starts = [*row["seq_start_id"], row["n_tokens"]]
    pairs = zip(row["source_rows"], starts, starts[1:], strict=False)
    return [(source, row["input_ids"][start:end]) for source, start, end in pairs]


def check(rows: Rows, expected: dict[int, list[int]]) -> None:
    """Compare the samples of all packs with upstream's ids."""
    packs = [row for row in rows if row["error"] is None]
    assert max(len(row["input_ids"]) for row in packs) <= LENGTH
    assert len(packs) < len(expected) / 2, "several samples share a row"
    samples = [sample for row in packs for sample in samples_of(row)]
    assert len(samples) == len(expected)
    assert dict(samples) == expected
    for row in packs:
        pairs = zip(row["labels"], row["loss_mask"], row["input_ids"], strict=True)
        assert all(label == (token if loss else -100) for label, loss, token in pairs)


def test_packs_have_upstreams_ids_and_failed_rows_follow() -> None:
    expected = {row: ids for row, ids in enumerate(IDS) if len(ids) <= LENGTH}
    with HarmonyClient(**OPTIONS, truncation="drop-sample") as client:
        rows = client.render(pa.record_batch({"conversation": TEXTS})).to_pylist()
    check(rows, expected)
    failed = rows[-1]
    assert failed["error"]["code"] == "invalid_json"
    assert (failed["input_ids"], failed["source_rows"]) == (None, [len(TEXTS) - 1])


def test_padding_fills_rows_and_is_not_trained_on() -> None:
    columns = ["input_ids", "attention_mask", "loss_mask", "n_tokens"]
    options = {**OPTIONS, "truncation": "drop-sample", "pad": "<|endoftext|>", "columns": columns}
    with HarmonyClient(**options) as client:
        rows = client.render(pa.record_batch({"conversation": TEXTS[:-1]})).to_pylist()
    assert {len(row["input_ids"]) for row in rows} == {LENGTH}
    for row in rows:
        padding = slice(row["n_tokens"], None)
        assert set(row["input_ids"][padding]) <= {199999}
        assert not any(row["attention_mask"][padding] + row["loss_mask"][padding])


def test_source_rows_count_on_from_batch_to_batch() -> None:
    renderer = RowRenderer(column="conversation", **OPTIONS, truncation="drop-sample")
    batch = pa.record_batch({"conversation": TEXTS})
    with renderer.client:
        (answer,) = renderer.render(batch, 1000)
    rows = answer.to_pylist()
    sources = sorted(source for row in rows for source in row["source_rows"])
    assert sources[0] >= 1000
    assert sources[-1] == 1000 + len(TEXTS) - 1
    assert rows[-1]["source_rows"] == [1000 + len(TEXTS) - 1]


@pytest.mark.usefixtures("ray_cluster")
def test_ray_packs_within_its_batches() -> None:
    texts = [{"conversation": text} for text in TEXTS]
    options = {**OPTIONS, "truncation": "drop-sample"}
    rows = (
        ray.data.from_items(texts, override_num_blocks=1)
        .map_batches(
            HarmonyRenderer,
            fn_constructor_kwargs=options,
            batch_format="pyarrow",
            batch_size=len(texts),
            concurrency=1,
        )
        .take_all()
    )
    check(rows, {row: ids for row, ids in enumerate(IDS) if len(ids) <= LENGTH})


def test_spark_packs_within_its_batches(spark: SparkSession) -> None:
    options = {**OPTIONS, "truncation": "drop-sample"}
    frame = spark.createDataFrame([(text,) for text in TEXTS], "conversation string").coalesce(1)
    schema = spark_schema(**options)
    rows = frame.mapInArrow(render_batches(**options), schema).collect()
    check(
        [row.asDict() for row in rows],
        {row: ids for row, ids in enumerate(IDS) if len(ids) <= LENGTH},
    )


def test_carried_columns_cannot_be_packed() -> None:
    with pytest.raises(ValueError, match='"carry" cannot be combined with "pack"'):
        HarmonyRenderer(carry=["id"], **OPTIONS)
