"""A callable class for Ray Data: one table in, one table out, one warm process per actor."""

import pyarrow as pa

from harmony_wasm_ray.client import type_name
from harmony_wasm_ray.command_line import Option
from harmony_wasm_ray.rows import Names, RowRenderer


class HarmonyRenderer:
    """Renders conversations in the actors of `ray.data`'s `map_batches`.

    Each actor starts its own process immediately, so a wrong option fails the
    run before the first batch. The process uses one core.

    Args:
        column: The column of JSON text, one conversation per row.
        carry: Columns of the input to keep, as a list or as names separated by
            commas. They come before the rendered ones.
        **options: The options of `HarmonyClient`; `shape` is required. With
            `pack`, samples are packed within a batch of Ray, so make batches
            large: `batch_size` of some thousands.

    Raises:
        HarmonyProcessError: An option is wrong, or Node is missing.
        ValueError: `carry` and `pack` are combined, or a column of `carry` has the
            name of a rendered one.

    Example:
        Render chat rows with two actors and keep their ids::

            rendered = dataset.map_batches(
                HarmonyRenderer,
                fn_constructor_kwargs={"shape": "chat", "carry": ["id"]},
                batch_format="pyarrow",
                compute=ray.data.ActorPoolStrategy(size=2),
                num_cpus=0.5,  # leaves a core to read with
            )

        Separate the rows that failed::

            failed = rendered.filter(lambda row: row["error"] is not None)
    """

    def __init__(
        self, *, column: str = "conversation", carry: Names = (), **options: Option
    ) -> None:
        """Start the process."""
        self.column = column
        self._rows = RowRenderer(column=column, carry=carry, **options)
        self._rows.client.start()

    @property
    def child_pid(self) -> int | None:
        """The id of the process that renders."""
        return self._rows.client.child_pid

    def __call__(self, table: pa.Table) -> pa.Table:
        """Render one batch of Ray.

        Args:
            table: A table with the column of conversations and the carried columns.

        Returns:
            The carried columns, the rendered ones, then `error`; rows in the
            order of the input. `source_row` counts the rows of `table` from 0.

        Raises:
            TypeError: The batch is not a table of Arrow.
        """
        if not isinstance(table, pa.Table):
            raise TypeError(
                f"expected a pyarrow.Table, got {type_name(table)}: "
                'pass batch_format="pyarrow" to map_batches'
            )
        batches: list[pa.RecordBatch] = []
        first_row = 0
        for batch in table.to_batches():
            batches += self._rows.render(batch, first_row)
            first_row += batch.num_rows
        return pa.Table.from_batches(batches, self._rows.schema(table.schema))
