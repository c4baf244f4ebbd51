"""PySpark on a local cluster: exact ids, in order, also when workers are killed."""

from collections.abc import Callable
from pathlib import Path

import native
import pytest
from chat_rows import chat_rows
from pyspark.sql import DataFrame, Row, SparkSession
from rows_to_render import rows_to_render
from workers import children, killing

from harmony_wasm_ray import render_batches, spark_schema

ROWS = rows_to_render(31)


def frame_of(spark: SparkSession, texts: list[str | None]) -> DataFrame:
    """Return a frame of texts in four partitions, numbered."""
    rows = list(enumerate(texts))
    parallel = spark.sparkContext.parallelize(rows, 4)
    return spark.createDataFrame(parallel, "id long, conversation string")


def rendered(
    frame: DataFrame, function: Callable | None = None, shape: str = "harmony"
) -> list[Row]:
    """Render a frame with its ids."""
    options = {"shape": shape, "analysis": "upstream", "carry": ["id"]}
    schema = spark_schema(frame.schema, **options)
    return frame.mapInArrow(function or render_batches(**options), schema).collect()


def check(rows: list[Row]) -> None:
    """Compare every row with upstream."""
    assert [row.id for row in rows] == list(range(len(ROWS.texts)))
    assert [row.input_ids for row in rows] == ROWS.ids
    assert [row.error and row.error.code for row in rows] == ROWS.codes


def test_ids_are_native_upstreams_in_order(spark: SparkSession) -> None:
    frame = frame_of(spark, ROWS.texts)
    rows = rendered(frame)
    check(rows)


def test_chat_completions_are_native_upstreams_conversations(spark: SparkSession) -> None:
    pairs = chat_rows(200, 33)
    rows = rendered(frame_of(spark, [text for text, _ in pairs]), shape="chat")
    assert [row.input_ids for row in rows] == [native.training_ids(each) for _, each in pairs]


@pytest.mark.parametrize("victim", ["child", "worker"])
def test_a_killed_process_costs_no_row(spark: SparkSession, victim: str, tmp_path: Path) -> None:
    frame = frame_of(spark, ROWS.texts)
    rows = rendered(frame, killing(tmp_path / "killed", victim))
    assert (tmp_path / "killed").exists(), "something was killed"
    check(rows)


def test_a_null_is_a_row_that_fails(spark: SparkSession) -> None:
    rows = rendered(frame_of(spark, [None, ROWS.texts[-1]]))
    assert [row.error and row.error.code for row in rows] == ["invalid_text", None]
    assert [row.input_ids for row in rows] == [None, ROWS.ids[-1]]


def test_every_column_arrives(spark: SparkSession) -> None:
    names = ["attention_mask", "labels", "loss_mask", "spans", "n_tokens", "source_row"]
    frame = frame_of(spark, ROWS.texts[-1:])
    schema = spark_schema(shape="harmony", columns=names)
    (row,) = frame.mapInArrow(render_batches(shape="harmony", columns=names), schema).collect()
    assert row.n_tokens == len(ROWS.ids[-1])
    assert row.attention_mask == [1] * row.n_tokens
    pairs = zip(row.labels, row.loss_mask, ROWS.ids[-1], strict=True)
    assert all(label == (token if loss else -100) for label, loss, token in pairs)
    assert row.spans[-1].end == row.n_tokens
    assert row.source_row == 0


def test_a_python_worker_keeps_its_process_from_task_to_task(spark: SparkSession) -> None:
    frame = frame_of(spark, ROWS.texts).repartition(24)
    rows = frame.mapInArrow(children, "child long").collect()
    assert len(rows) >= 24
    assert len({row.child for row in rows}) <= 4


def test_a_schema_of_carried_columns_needs_the_schema_of_the_frame() -> None:
    with pytest.raises(TypeError, match="source"):
        spark_schema(carry=["id"], shape="chat")


def test_a_schema_has_no_name_twice(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("[]", 70)], "conversation string, n_tokens int")
    with pytest.raises(ValueError, match='got "n_tokens", which is rendered'):
        spark_schema(frame.schema, carry=["n_tokens"], shape="chat")
