"""An iterator function for PySpark's `mapInArrow`, and the schema that goes with it.

Spark has no unsigned bytes: `loss_mask` and `attention_mask`, which hold 0 and
1, are signed bytes here (`array<tinyint>`), and nothing else differs.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

from harmony_wasm_ray.client import HarmonyClient
from harmony_wasm_ray.command_line import Option
from harmony_wasm_ray.rows import RowRenderer

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

Batches = Iterator[pa.RecordBatch]


def render_batches(
    *, column: str = "conversation", carry: Sequence[str] = (), **options: Option
) -> Callable[[Batches], Batches]:
    """Give the function that `mapInArrow` takes.

        options = {"shape": "chat", "carry": ["id"]}
        frame.mapInArrow(render_batches(**options), spark_schema(frame.schema, **options))

    `column`, `carry` and `options` are those of `HarmonyRenderer`. Each of
    Spark's Python workers keeps one warm process for the tasks that it runs.
    """
    wanted = _frozen(options)

    def render(batches: Batches) -> Batches:
        rows = _warm(os.getpid(), column, tuple(carry), wanted)
        first_row = 0
        for batch in batches:
            for rendered in rows.render(batch, first_row):
                yield _with_signed_bytes(rendered)
            first_row += batch.num_rows

    return render


def spark_schema(
    source: "StructType | None" = None,
    *,
    column: str = "conversation",
    carry: Sequence[str] = (),
    **options: Option,
) -> "StructType":
    """Give the schema of what `render_batches` yields with the same options.

    `source` is the schema of the frame, needed where columns are carried. The
    command line is asked, so a process is started and ended.
    """
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415
    from pyspark.sql.types import StructType  # noqa: PLC0415

    if carry and source is None:
        raise TypeError('"source", the schema of the frame, is needed to carry columns')
    with HarmonyClient(column=column, **options) as client:
        rendered = from_arrow_schema(_signed(client.schema))
    return StructType([*(source[name] for name in carry), *rendered.fields])


@lru_cache(maxsize=8)
def _warm(
    _process: int, column: str, carry: tuple[str, ...], options: tuple[tuple[str, Option], ...]
) -> RowRenderer:
    """Give this process's renderer: Spark uses a Python worker for many tasks."""
    return RowRenderer(column=column, carry=carry, **dict(options))


def _frozen(options: dict[str, Option]) -> tuple[tuple[str, Option], ...]:
    """Give options that can be a key."""
    scalars = str | int | float | bool | None
    return tuple(
        (name, value if isinstance(value, scalars) else tuple(value))
        for name, value in sorted(options.items())
    )


def _signed(schema: pa.Schema) -> pa.Schema:
    """Give a schema in which lists of bytes have a sign."""
    fields = [
        field.with_type(pa.list_(field.type.value_field.with_type(pa.int8())))
        if pa.types.is_list(field.type) and field.type.value_type == pa.uint8()
        else field
        for field in schema
    ]
    return pa.schema(fields, schema.metadata)


def _with_signed_bytes(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.cast(_signed(batch.schema))
