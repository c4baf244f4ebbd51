"""The client that Ray and Spark share: batches in, batches out, one warm child process.

One child renders all rows of a batch. A child that dies is replaced, and its
batch is sent once more. A client can be pickled, forked and shared by threads.
It sends only the column of conversations; rows.py handles the other columns.
"""

import os
import threading

import pyarrow as pa

from harmony_wasm_ray.child import Child
from harmony_wasm_ray.command_line import Option, Setting, arguments, settled
from harmony_wasm_ray.errors import ChildLostError


class HarmonyClient:
    """Renders record batches in a warm process, `harmony render --arrow-stdio`.

    The process starts at the first batch. It uses one core.

    Args:
        column: The column of JSON text, one conversation per row.
        **options: The options of `harmony render` in snake case. `shape` is
            required; the others have these defaults:

            - `shape="chat"` reads Chat Completions rows, `"harmony"` reads
              conversations as `openai_harmony` serializes them.
            - `for_="training"` renders for training; `"conversation"` and
              `"completion"` are upstream's other two renders.
            - `analysis=None` is `"drop-history"` for training on chat rows, and
              `"upstream"` otherwise, which drops analysis as upstream does;
              `"keep"` and `"per-turn"` are the alternatives.
            - `mask="sampled"` trains on the ids that the model samples; `"body"`,
              `"trl"` and `"megatron"` are the alternatives.
            - `mask_roles=None` and `mask_channels=None` restrict the mask to the
              messages of these roles and channels, given as lists.
            - `last_turn=False`; True trains only on messages after the last user
              message.
            - `analysis_loss=True`; False does not train on analysis.
            - `max_length=None` is the largest number of ids in a sample, and
              `truncation="reject"` the policy for longer ones.
            - `system_message=True` begins a chat row with harmony's system
              message; False does not.
            - `reasoning_effort=None`, `conversation_date=None`,
              `knowledge_cutoff=None` and `model_identity=None` are upstream's
              defaults, for chat rows.
            - `think_tags=False`; True reads `<think>…</think>` before the answer
              of a chat row as its analysis.
            - `allow_markup=False` rejects chat rows whose text contains a
              special token such as `<|end|>`; True renders it as plain text.
            - `simplify_schemas=False`; True rewrites the schemas of tools in chat
              rows that upstream renders as `any`.
            - `pack=None`; a number packs the samples of each batch into rows of at
              most that many ids, which come before the rows that failed.
              `pad=None` does not fill them up; an id or a special token does.
              `shift_loss_mask=False`; True shifts the mask as Megatron-Bridge
              expects.
            - `columns=None` returns the default columns of docs/arrow-stdio.md;
              a list selects columns.

    Example:
        >>> batch = pa.record_batch({"conversation": ['[{"role": "user", "content": "Hi"}]']})
        >>> with HarmonyClient(shape="harmony") as client:
        ...     client.render(batch).column("n_tokens").to_pylist()
        [5]
    """

    def __init__(self, *, column: str = "conversation", **options: Option) -> None:
        """Keep the options; no process is started yet."""
        self.column = column
        self._options = settled(options)
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._owner = 0

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the options, not the child."""
        return _client, (self.column, self._options)

    def __enter__(self) -> "HarmonyClient":
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    @property
    def child_pid(self) -> int | None:
        """The process id of the child, or None if none runs for this process."""
        return self._child.pid if self._child and self._owner == os.getpid() else None

    def start(self) -> None:
        """Start the child now instead of at the first batch.

        Raises:
            HarmonyProcessError: An option is wrong, or Node is missing.
        """
        with self._lock:
            self._warm()

    @property
    def schema(self) -> pa.Schema:
        """The schema of the answers. Its metadata record the versions and the options."""
        with self._lock:
            return self._warm().schema

    def render(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Render a batch.

        Args:
            batch: A record batch with the column of conversations. Other columns
                are ignored.

        Returns:
            The rows in order. A row that failed has nulls and an `error`. One
            conversation may become several rows; `source_row` is its number
            within this batch, from 0. With `pack`, `source_rows` has the numbers
            of all conversations in a row.

        Raises:
            HarmonyProcessError: An option is wrong, or Node is missing.
            ChildLostError: Two children in succession died while rendering the batch.
            KeyError: The column is missing.
            TypeError: The batch is not a record batch, or the column does not hold text.
        """
        conversations = self._conversations(batch)
        with self._lock:
            try:
                return self._answer(conversations)
            except ChildLostError:
                return self._answer(conversations)

    def close(self) -> None:
        """End the child. The next batch starts another."""
        with self._lock:
            child, self._child = self._child, None
            if child and self._owner == os.getpid():
                child.close()

    def _answer(self, conversations: pa.RecordBatch) -> pa.RecordBatch:
        """Ask the child. After an exception it is killed, since an answer may be half read."""
        child = self._warm()
        try:
            return child.answer(conversations)
        except BaseException:
            self._child = None
            child.close()
            raise

    def _warm(self) -> Child:
        """Return the running child. A child inherited by a fork belongs to the parent."""
        if self._child is None or self._owner != os.getpid():
            self._child = Child(arguments(self.column, self._options), self._schema_in())
            self._owner = os.getpid()
        return self._child

    def _schema_in(self) -> pa.Schema:
        return pa.schema([(self.column, pa.string())])

    def _conversations(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the column that the child reads, in the type that its schema has."""
        if not isinstance(batch, pa.RecordBatch):
            raise TypeError(f"expected a pyarrow.RecordBatch, got {_found(batch)}")
        if self.column not in batch.schema.names:
            raise KeyError(f'expected a column "{self.column}"; the batch has {batch.schema.names}')
        texts = batch.column(self.column)
        if not _is_text(texts.type):
            raise TypeError(
                f'expected JSON text in the column "{self.column}", one conversation per row; '
                f"its type is {texts.type}"
            )
        return pa.record_batch([texts.cast(pa.string())], schema=self._schema_in())


def _client(column: str, options: dict[str, Setting]) -> HarmonyClient:
    """Recreate a pickled client."""
    return HarmonyClient(column=column, **options)


def _found(value: object) -> str:
    """Name the type of a value, and how to make it a record batch."""
    name = type_name(value)
    if isinstance(value, pa.Table):
        return f"{name}: render each batch of table.to_batches()"
    return f"{name}: make one with pyarrow.record_batch"


def type_name(value: object) -> str:
    """Return the name of a value's type, with that of its package."""
    return f"{type(value).__module__.partition('.')[0]}.{type(value).__qualname__}"


def _is_text(kind: pa.DataType) -> bool:
    """Whether the values are text, however Arrow stores it. A column of nulls is text too."""
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):  # DuckDB writes JSON to Parquet as `arrow.json`.
        return _is_text(kind.storage_type)
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return pa.types.is_null(kind) or any(check(kind) for check in checks)
