"""Between the batches of an engine and those of the client: size, row numbers, carried columns.

Engines send batches of any size. A child gets parts of a few megabytes, which
limits its memory, and the work to repeat when it dies.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from harmony_wasm_ray.client import HarmonyClient
from harmony_wasm_ray.command_line import Option, settled

PART_BYTES = 4_000_000
PART_ROWS = 4096
SOURCE_ROW = "source_row"
SOURCE_ROWS = "source_rows"

# A part with packs holds about this many, so that the last one of each part,
# which is not full, matters little. The command line cuts files alike.
PACKS_IN_PART = 64
BYTES_PER_ID = 4
MOST_PACKED_BYTES = 64_000_000


Names = str | Iterable[str]
"""Names of columns: a list, or a text with commas between them, as on the command line."""


def names_of(names: Names) -> tuple[str, ...]:
    """Return the names of columns, each once."""
    listed = (name.strip() for name in names.split(",")) if isinstance(names, str) else names
    return tuple(dict.fromkeys(listed))


def refuse_missing(carry: Iterable[str], columns: Iterable[str]) -> None:
    """Raise KeyError for a column to carry that the input does not have, or has twice."""
    known = list(columns)
    for name in carry:
        if name not in known:
            raise KeyError(
                f'"carry" expected a column of the input, got "{name}"; it has {", ".join(known)}'
            )
        if known.count(name) > 1:
            raise KeyError(
                f'"carry" expected one column "{name}"; the input has {known.count(name)} of them'
            )


def refuse_rendered(carry: Iterable[str], columns: Iterable[str]) -> None:
    """Raise ValueError for a column to carry with the name of a rendered one."""
    rendered = set(columns)
    for name in carry:
        if name in rendered:
            raise ValueError(
                f'"carry" expected the name of an input column, got "{name}", which is rendered; '
                "rename the column of the input"
            )


class RowRenderer:
    """A client that also carries columns from the input to the output.

    Args:
        column: The column of JSON text, one conversation per row.
        carry: Columns of the input to put before the rendered ones, as a list or as
            names separated by commas. Their values are repeated for a conversation
            that becomes several rows.
        **options: The options of `HarmonyClient`.
    """

    def __init__(self, *, column: str, carry: Names = (), **options: Option) -> None:
        """Keep the options, and ask for `source_row`, which matches rows to the input."""
        self._carry = names_of(carry)
        options = settled(options)
        self._pack = options.get("pack")
        if self._pack is not None and self._carry:
            raise ValueError(
                '"carry" cannot be combined with "pack", because a packed row has several input '
                'rows; its "source_rows" has their numbers'
            )
        columns = options.get("columns")
        wanted = None if columns is None else names_of(columns)
        is_hidden = wanted is not None and SOURCE_ROW not in wanted
        self._hides_source = is_hidden and self._pack is None
        if self._hides_source:
            options = {**options, "columns": [*wanted, SOURCE_ROW]}
        self.client = HarmonyClient(column=column, **options)

    def schema(self, source: pa.Schema) -> pa.Schema:
        """Return the schema of the rendered batches, for input with the schema `source`."""
        rendered = self.client.schema
        if self._hides_source:
            rendered = rendered.remove(rendered.get_field_index(SOURCE_ROW))
        refuse_missing(self._carry, source.names)
        refuse_rendered(self._carry, rendered.names)
        carried = [source.field(name) for name in self._carry]
        return pa.schema([*carried, *rendered], rendered.metadata)

    def render(self, batch: pa.RecordBatch, first_row: int = 0) -> Iterator[pa.RecordBatch]:
        """Yield the rendered rows of a batch, in order; `source_row` counts from `first_row`."""
        schema = self.schema(batch.schema)
        for part in parts(batch, *self._part_limits()):
            yield self._rendered(part, schema, first_row)
            first_row += part.num_rows

    def _part_limits(self) -> tuple[int, int]:
        if self._pack is None:
            return PART_BYTES, PART_ROWS
        wanted = int(self._pack) * PACKS_IN_PART * BYTES_PER_ID
        return min(MOST_PACKED_BYTES, max(PART_BYTES, wanted)), PART_ROWS * PACKS_IN_PART

    def _rendered(self, part: pa.RecordBatch, schema: pa.Schema, first_row: int) -> pa.RecordBatch:
        answer = self.client.render(part)
        columns = {name: answer.column(name) for name in answer.schema.names}
        if self._pack is None:
            rows = columns[SOURCE_ROW]
            columns[SOURCE_ROW] = pc.add(rows, first_row)
            columns |= {name: _taken(part.column(name), rows) for name in self._carry}
        elif SOURCE_ROWS in columns:
            columns[SOURCE_ROWS] = _shifted(columns[SOURCE_ROWS], first_row)
        return pa.record_batch([columns[name] for name in schema.names], schema=schema)


def _taken(column: pa.Array, rows: pa.Array) -> pa.Array:
    """Return rows of a column. Arrow cannot take those of text views."""
    try:
        return column.take(rows)
    except pa.ArrowNotImplementedError:
        return pa.array([column[row].as_py() for row in rows.to_pylist()], column.type)


def _shifted(lists: pa.ListArray, by: int) -> pa.ListArray:
    """Add a number to every value of a column of lists."""
    values = pc.add(lists.values, by)
    return pa.Array.from_buffers(
        lists.type, len(lists), lists.buffers()[:2], lists.null_count, lists.offset, [values]
    )


def parts(
    batch: pa.RecordBatch, most_bytes: int = PART_BYTES, most_rows: int = PART_ROWS
) -> Iterator[pa.RecordBatch]:
    """Cut a batch into parts of at most 4 MB, or of one row."""
    rows = batch.num_rows
    if rows > 1 and (rows > most_rows or batch.nbytes > most_bytes):
        yield from parts(batch.slice(0, rows // 2), most_bytes, most_rows)
        yield from parts(batch.slice(rows // 2), most_bytes, most_rows)
    elif rows > 0:
        yield batch
