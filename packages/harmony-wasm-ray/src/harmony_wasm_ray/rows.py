"""What lies between an engine's batches and the client's: size, row numbers, carried columns.

Engines send what they like; a child gets parts of a few megabytes, which bound
its memory and what is done again when it dies.
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
    """A client with the columns that are carried over from input to output.

    `carry` names columns of the input that go before the rendered ones, their
    values repeated where a row becomes several.
    """

    def __init__(self, *, column: str, carry: Sequence[str] = (), **options: Option) -> None:
        """Keep the options; `source_row` is asked for where rows have to be matched."""
        self._carry = tuple(carry)
        columns = options.get("columns")
        wanted = columns.split(",") if isinstance(columns, str) else columns
        self._hides_source = wanted is not None and SOURCE_ROW not in wanted
        if self._hides_source:
            options = {**options, "columns": [*wanted, SOURCE_ROW]}
        self.client = HarmonyClient(column=column, **options)

    def schema(self, source: pa.Schema) -> pa.Schema:
        """Give the schema of what `render` yields for batches of the schema `source`."""
        rendered = self.client.schema
        if self._hides_source:
            rendered = rendered.remove(rendered.get_field_index(SOURCE_ROW))
        carried = [source.field(name) for name in self._carry]
        return pa.schema([*carried, *rendered], rendered.metadata)

    def render(self, batch: pa.RecordBatch, first_row: int = 0) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a batch, in order; `source_row` counts from `first_row`."""
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
