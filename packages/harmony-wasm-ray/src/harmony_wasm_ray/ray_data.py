"""A callable class for Ray Data: one table in, one table out, one warm process an actor."""

from collections.abc import Sequence

import pyarrow as pa

from harmony_wasm_ray.command_line import Option
from harmony_wasm_ray.rows import RowRenderer


class HarmonyRenderer:
    """What `ray.data`'s `map_batches` makes an actor of.

        dataset.map_batches(
            HarmonyRenderer,
            fn_constructor_kwargs={"shape": "chat", "carry": ["id"]},
            batch_format="pyarrow",
            concurrency=2,
        )

    `column` names the column of JSON texts, one conversation a row. `carry`
    names columns of the input that stay, before the rendered ones. All else is
    an option of `harmony render`, as `HarmonyClient` takes them. The process is
    started with the actor, so that wrong options are told at once.
    """

    def __init__(
        self, *, column: str = "conversation", carry: Sequence[str] = (), **options: Option
    ) -> None:
        """Start the process that renders; raises `HarmonyProcessError` where it cannot."""
        self.column = column
        self._rows = RowRenderer(column=column, carry=carry, **options)
        self._rows.client.start()

    @property
    def child_pid(self) -> int | None:
        """The process id of the process that renders."""
        return self._rows.client.child_pid

    def __call__(self, table: pa.Table) -> pa.Table:
        """Render a table: its rows in order, failed ones as data in the column `error`."""
        batches: list[pa.RecordBatch] = []
        first_row = 0
        for batch in table.to_batches():
            batches += self._rows.render(batch, first_row)
            first_row += batch.num_rows
        return pa.Table.from_batches(batches, self._rows.schema(table.schema))
