"""Between the batches of an engine and those of the client: size, row numbers, carried columns.

Engines send batches of any size. A child gets parts of a few megabytes, which
limits its memory, and the work to repeat when it dies.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from harmony_wasm_ray.client import HarmonyClient
from harmony_wasm_ray.command_line import Option

PART_BYTES = 4_000_000
PART_ROWS = 4096
SOURCE_ROW = "source_row"


class RowRenderer:
    """A client that also carries columns from the input to the output.

    Args:
        column: The column of JSON text, one conversation per row.
        carry: Columns of the input to put before the rendered ones. Their values
            are repeated for a conversation that becomes several rows.
        **options: The options of `HarmonyClient`.
    """

    def __init__(self, *, column: str, carry: Sequence[str] = (), **options: Option) -> None:
        """Keep the options, and ask for `source_row`, which matches rows to the input."""
        self._carry = tuple(carry)
        columns = options.get("columns")
        wanted = columns.split(",") if isinstance(columns, str) else columns
        self._hides_source = wanted is not None and SOURCE_ROW not in wanted
        if self._hides_source:
            options = {**options, "columns": [*wanted, SOURCE_ROW]}
        self.client = HarmonyClient(column=column, **options)

    def schema(self, source: pa.Schema) -> pa.Schema:
        """Return the schema of the rendered batches, for input with the schema `source`."""
        rendered = self.client.schema
        if self._hides_source:
            rendered = rendered.remove(rendered.get_field_index(SOURCE_ROW))
        carried = [source.field(name) for name in self._carry]
        return pa.schema([*carried, *rendered], rendered.metadata)

    def render(self, batch: pa.RecordBatch, first_row: int = 0) -> Iterator[pa.RecordBatch]:
        """Yield the rendered rows of a batch, in order; `source_row` counts from `first_row`."""
        schema = self.schema(batch.schema)
        for part in parts(batch):
            yield self._rendered(part, schema, first_row)
            first_row += part.num_rows

    def _rendered(self, part: pa.RecordBatch, schema: pa.Schema, first_row: int) -> pa.RecordBatch:
        answer = self.client.render(part)
        rows = answer.column(SOURCE_ROW)
        columns = {name: answer.column(name) for name in answer.schema.names}
        columns[SOURCE_ROW] = pc.add(rows, first_row)
        columns |= {name: part.column(name).take(rows) for name in self._carry}
        return pa.record_batch([columns[name] for name in schema.names], schema=schema)


def parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch into parts of at most 4 MB, or of one row."""
    rows = batch.num_rows
    if rows > 1 and (rows > PART_ROWS or batch.nbytes > PART_BYTES):
        yield from parts(batch.slice(0, rows // 2))
        yield from parts(batch.slice(rows // 2))
    elif rows > 0:
        yield batch
