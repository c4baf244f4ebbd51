"""One child process that answers Arrow record batches with Arrow record batches.

It promises that every answer belongs to the batch just sent, and that a child
which can no longer answer is an exception with the child's own words. Starting
another one is the client's affair. The protocol is docs/arrow-stdio.md.
"""

import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

import pyarrow as pa

USAGE_EXIT_CODE = 2
STDERR_BYTES = 4096
# Ends a child that hangs. A busy machine may need seconds for a child that exits by itself.
EXIT_SECONDS = 60


class HarmonyProcessError(RuntimeError):
    """The process that renders could not be started, or died; its stderr is in the message."""


class ChildLostError(HarmonyProcessError):
    """The process died of something that may not happen again."""


class Child:
    """A running child. It is used by one thread of one process at a time."""

    def __init__(self, arguments: Sequence[str], schema: pa.Schema) -> None:
        """Start the child; wait until it has said what it will answer with."""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr
        )
        self._stop = weakref.finalize(self, _stop, self._process, self._stderr)
        try:
            self._answers = pa.ipc.open_stream(self._process.stdout)
            self._questions = pa.ipc.new_stream(self._process.stdin, schema)
        except (OSError, pa.ArrowException) as error:
            raise self._lost() from error

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def schema(self) -> pa.Schema:
        """The schema of every answer, with the metadata that say how it is made."""
        return self._answers.schema

    def answer(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Give the answer to one batch. After an exception the child is of no more use."""
        try:
            self._questions.write_batch(batch)
            self._process.stdin.flush()
            return self._answers.read_next_batch()
        except (OSError, StopIteration, pa.ArrowException) as error:
            raise self._lost() from error

    def close(self) -> None:
        """End the child: it ends by itself where it can, and is killed where it does not."""
        self._stop()

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self.close()

    def _lost(self) -> HarmonyProcessError:
        """Say how the child ended, in its own words."""
        code = _ended(self._process)
        words = _tail(self._stderr)
        self.close()
        kind = HarmonyProcessError if code == USAGE_EXIT_CODE else ChildLostError
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        return kind(f"the harmony process ended {how}; stderr: {words or '(empty)'}")


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Give the exit code of a process that has ended or is made to."""
    with suppress(OSError):  # What it did not read is lost with it.
        process.stdin.close()
    try:
        return process.wait(EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _tail(file: BinaryIO) -> str:
    """Give the last of what was written to a file."""
    size = file.seek(0, 2)
    file.seek(max(0, size - STDERR_BYTES))
    return file.read().decode(errors="replace").strip()


def _stop(process: subprocess.Popen[bytes], stderr: BinaryIO) -> None:
    """End a process and close its files; called once, at the latest when Python ends."""
    process.stdout.close()  # Whatever it would still write, nobody reads.
    _ended(process)
    stderr.close()
