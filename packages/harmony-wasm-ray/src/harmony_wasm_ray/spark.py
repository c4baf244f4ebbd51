"""A function for PySpark's `mapInArrow`, and the schema of its rows.

Spark has no unsigned bytes, so `loss_mask` and `attention_mask` are signed
bytes here (`array<tinyint>`). Nothing else differs from Ray.
"""

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

from harmony_wasm_ray.client import HarmonyClient
from harmony_wasm_ray.command_line import Option, Setting, settled
from harmony_wasm_ray.rows import Names, RowRenderer, names_of, refuse_missing, refuse_rendered

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

Batches = Iterator[pa.RecordBatch]


def render_batches(
    *, column: str = "conversation", carry: Names = (), **options: Option
) -> Callable[[Batches], Batches]:
    """Return the function to pass to `mapInArrow`.

    Each of Spark's Python workers keeps one warm process for all its tasks.

    Args:
        column: The column of JSON text, one conversation per row.
        carry: Columns of the frame to keep, as a list or as names separated by
            commas. They come before the rendered ones.
        **options: The options of `HarmonyClient`; `shape` is required.

    Returns:
        A function from an iterator of record batches to another one. A wrong
        option or a missing Node raises `HarmonyProcessError` in the first task.

    Example:
        ::

            options = {"shape": "chat", "carry": ["id"]}
            frame.mapInArrow(render_batches(**options), spark_schema(frame.schema, **options))
    """
    wanted = tuple(sorted(settled(options).items()))
    carried = names_of(carry)

    def render(batches: Batches) -> Batches:
        rows = _warm(os.getpid(), column, carried, wanted)
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
    carry: Names = (),
    **options: Option,
) -> "StructType":
    """Return the schema of the rows of `render_batches` with the same options.

    It starts a process, which reports the schema, and ends it.

    Args:
        source: The schema of the frame; required with `carry`.
        column: As in `render_batches`.
        carry: As in `render_batches`.
        **options: As in `render_batches`.

    Raises:
        HarmonyProcessError: An option is wrong, or Node is missing.
        KeyError: `source` does not have a column of `carry`.
        TypeError: `carry` names columns and `source` is missing.
        ValueError: A column of `carry` has the name of a rendered one.
    """
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415
    from pyspark.sql.types import StructType  # noqa: PLC0415

    carried = names_of(carry)
    if carried and source is None:
        raise TypeError('expected "source", the schema of the frame, because "carry" names columns')
    refuse_missing(carried, source.names if source else ())
    with HarmonyClient(column=column, **options) as client:
        refuse_rendered(carried, client.schema.names)
        rendered = from_arrow_schema(_signed(client.schema))
    return StructType([*(source[name] for name in carried), *rendered.fields])


@lru_cache(maxsize=8)
def _warm(
    _process: int, column: str, carry: tuple[str, ...], options: tuple[tuple[str, Setting], ...]
) -> RowRenderer:
    """Return the renderer of this process: Spark uses a Python worker for many tasks."""
    return RowRenderer(column=column, carry=carry, **dict(options))


def _signed(schema: pa.Schema) -> pa.Schema:
    """Return a schema in which lists of unsigned bytes are lists of signed bytes."""
    fields = [
        field.with_type(pa.list_(field.type.value_field.with_type(pa.int8())))
        if pa.types.is_list(field.type) and field.type.value_type == pa.uint8()
        else field
        for field in schema
    ]
    return pa.schema(fields, schema.metadata)


def _with_signed_bytes(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.cast(_signed(batch.schema))
