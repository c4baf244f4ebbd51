"""The client that Ray and Spark share: batches in, batches out, one warm child process.

It promises that a batch is rendered by one child from its first row to its
last; that a child which dies is replaced and its batch sent once more; and that
a client may be pickled, forked and used by several threads. It sends the
column of conversations only; what goes with the rows is rows.py's affair.
"""

import os
import threading

import pyarrow as pa

from harmony_wasm_ray.child import Child, ChildLostError
from harmony_wasm_ray.command_line import Option, arguments


class HarmonyClient:
    """A warm `harmony render --arrow-stdio`, started when it is first needed.

    `column` names the column of JSON texts, one conversation a row. `options`
    are those of `harmony render`, in snake_case: `shape="harmony"` or `"chat"`
    must be among them. `last_turn=True` is `--last-turn`, `system_message=False`
    is `--no-system-message`, a list is joined with commas, None is not said, and
    `for_` stands for `for`, which Python keeps to itself.

        with HarmonyClient(shape="harmony") as client:
            answer = client.render(batch)

    Raises `HarmonyProcessError` at the first use where the options are wrong.
    """

    def __init__(self, *, column: str = "conversation", **options: Option) -> None:
        """Keep the options; nothing is started yet."""
        self.column = column
        self._options = options
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._owner = 0

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the options; a child stays where it is."""
        return _client, (self.column, self._options)

    def __enter__(self) -> "HarmonyClient":
        """Give the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    @property
    def child_pid(self) -> int | None:
        """The process id of the child, where one is running for this process."""
        return self._child.pid if self._child and self._owner == os.getpid() else None

    def start(self) -> None:
        """Start the child now; raises `HarmonyProcessError` where the options are wrong."""
        with self._lock:
            self._warm()

    @property
    def schema(self) -> pa.Schema:
        """The schema of the answers, whose metadata say how they are made."""
        with self._lock:
            return self._warm().schema

    def render(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Give the answer to a batch: its rows in order, failed ones as data.

        A row may become several, which `source_row` tells; it counts the rows
        of this batch from 0. Raises `KeyError` and `TypeError` where the column
        is missing or holds no text, and `ChildLostError` where two children in
        a row died of the batch.
        """
        conversations = self._conversations(batch)
        with self._lock:
            try:
                return self._answer(conversations)
            except ChildLostError:
                return self._answer(conversations)

    def close(self) -> None:
        """End the child. The next batch would start another."""
        with self._lock:
            child, self._child = self._child, None
            if child and self._owner == os.getpid():
                child.close()

    def _answer(self, conversations: pa.RecordBatch) -> pa.RecordBatch:
        """Ask the child, which is of no use after an exception: an answer may be half read."""
        child = self._warm()
        try:
            return child.answer(conversations)
        except BaseException:
            self._child = None
            child.kill()
            raise

    def _warm(self) -> Child:
        """Give the running child. One that was inherited by a fork belongs to the parent."""
        if self._child is None or self._owner != os.getpid():
            self._child = Child(arguments(self.column, self._options), self._schema_in())
            self._owner = os.getpid()
        return self._child

    def _schema_in(self) -> pa.Schema:
        return pa.schema([(self.column, pa.string())])

    def _conversations(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Give the one column that the child reads, as the one type it is told of."""
        if self.column not in batch.schema.names:
            raise KeyError(f'there is no column "{self.column}"; there are {batch.schema.names}')
        texts = batch.column(self.column)
        if not _is_text(texts.type):
            raise TypeError(
                f'the column "{self.column}" must hold JSON text, one conversation a row, '
                f"and its type is {texts.type}"
            )
        return pa.record_batch([texts.cast(pa.string())], schema=self._schema_in())


def _client(column: str, options: dict[str, Option]) -> HarmonyClient:
    """Make a client again where it was sent."""
    return HarmonyClient(column=column, **options)


def _is_text(kind: pa.DataType) -> bool:
    """Whether the values are texts, however Arrow stores them; a column of nulls is one too."""
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return pa.types.is_null(kind) or any(check(kind) for check in checks)
