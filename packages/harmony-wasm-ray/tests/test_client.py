"""The client alone: answers, failures, kills, forks, threads and closing."""

import os
import pickle
import re
import signal
import subprocess
import sys
import termios
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path

import native
import pyarrow as pa
import pytest
from conversations import random_conversations, realistic_conversations
from openai_harmony import Conversation

import harmony_wasm_ray
from harmony_wasm_ray import (
    ChildLostError,
    HarmonyClient,
    HarmonyProcessError,
    HarmonyRenderer,
)
from harmony_wasm_ray.rows import PART_BYTES, RowRenderer, parts


def batch_of(conversations: list[Conversation]) -> pa.RecordBatch:
    """Return a batch of the conversations as JSON text."""
    return pa.record_batch({"conversation": [each.to_json() for each in conversations]})


def render_until_it_fails(client: HarmonyClient, batch: pa.RecordBatch) -> None:
    """Render until an exception ends the loop."""
    while True:
        client.render(batch)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, however busy the machine is; only the timeout of pytest ends it."""
    while not condition():
        time.sleep(0.01)


def is_rendering() -> bool:
    """Whether the main thread is inside `HarmonyClient.render`."""
    frames = sys._current_frames()  # noqa: SLF001  (the only view of another thread)
    frame = frames[threading.main_thread().ident or 0]
    while frame is not None:
        if frame.f_code is HarmonyClient.render.__code__:
            return True
        frame = frame.f_back
    return False


def has_unread_input(pid: int) -> bool:
    """Whether bytes wait in the pipe that is a process's stdin."""
    waiting = array("i", [0])
    with Path(f"/proc/{pid}/fd/0").open("rb", buffering=0) as pipe:
        ioctl(pipe, termios.FIONREAD, waiting)
    return waiting[0] > 0


def is_running(pid: int) -> bool:
    """Whether a process is alive. A zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf8").split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def client() -> Iterator[HarmonyClient]:
    """Open a client of the shape harmony, and close it."""
    with HarmonyClient(shape="harmony") as client:
        yield client


@pytest.mark.parametrize("seed", [1, 2])
def test_ids_are_native_upstreams(client: HarmonyClient, seed: int) -> None:
    conversations = [*random_conversations(200, seed), *realistic_conversations(100, seed)]
    answer = client.render(batch_of(conversations))
    expected = [native.training_ids(each) for each in conversations]
    assert answer.column("input_ids").to_pylist() == expected
    assert sum(ids is not None for ids in expected) > 250


def test_options_reach_the_command_line() -> None:
    conversations = realistic_conversations(50, 3)
    expected = [native.training_ids(each, keep_analysis=True) for each in conversations]
    with HarmonyClient(shape="harmony", analysis="keep", columns=["input_ids"]) as client:
        answer = client.render(batch_of(conversations))
    assert answer.schema.names == ["input_ids", "error"]
    assert answer.column("input_ids").to_pylist() == expected
    assert expected != [native.training_ids(each) for each in conversations]


def test_a_false_option_reaches_the_command_line() -> None:
    with HarmonyClient(shape="harmony", analysis_loss=False) as client:
        answer = client.render(batch_of(realistic_conversations(1, 1))).to_pylist()[0]
    analysis = [span for span in answer["spans"] if span["channel"] == "analysis"]
    assert analysis
    for span in analysis:
        assert not any(answer["loss_mask"][span["start"] : span["end"]])


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view()])
def test_text_may_have_any_arrow_type(client: HarmonyClient, kind: pa.DataType) -> None:
    texts = pa.array([each.to_json() for each in realistic_conversations(5, 1)])
    expected = client.render(pa.record_batch({"conversation": texts}))
    assert client.render(pa.record_batch({"conversation": texts.cast(kind)})).equals(expected)
    json_texts = pa.record_batch({"conversation": texts.cast(pa.json_())})
    assert client.render(json_texts).equals(expected)
    encoded = pa.record_batch({"conversation": texts.dictionary_encode()})
    assert client.render(encoded).equals(expected)


def test_a_row_that_fails_is_data(client: HarmonyClient) -> None:
    good = realistic_conversations(1, 1)[0]
    texts = [
        good.to_json(),
        "{",
        None,
        "",
        '{"messages":[{"role":"king","content":""}]}',
        "[" * 10**6,
    ]
    rows = client.render(pa.record_batch({"conversation": texts})).to_pylist()
    codes = [row["error"] and row["error"]["code"] for row in rows]
    assert codes[:4] == [None, "invalid_json", "invalid_text", "invalid_json"]
    assert codes[4] in {"unknown_role", "invalid_conversation"}
    assert codes[5] is not None
    assert rows[0]["input_ids"] == native.training_ids(good)
    assert [row["source_row"] for row in rows] == list(range(6))
    assert all(row["input_ids"] is None for row in rows[1:])


def test_text_that_is_not_utf_8_is_a_row_that_fails(client: HarmonyClient) -> None:
    head, tail = b'{"messages":[{"role":"user","content":"', b'"}]}'
    texts = [head + b"\xff" + tail, head + "\ufffd".encode() + tail, head + b"\xf0\x9f" + tail]
    column = pa.array(texts, pa.binary()).view(pa.string())
    rows = client.render(pa.record_batch({"conversation": column})).to_pylist()
    codes = [row["error"] and row["error"]["code"] for row in rows]
    assert codes == ["invalid_utf8", None, "invalid_utf8"]


def test_an_empty_batch_has_an_empty_answer(client: HarmonyClient) -> None:
    assert client.render(batch_of([])).num_rows == 0


def test_a_missing_column_and_one_without_text_are_errors(client: HarmonyClient) -> None:
    with pytest.raises(KeyError, match='expected a column "conversation"'):
        client.render(pa.record_batch({"text": ["{}"]}))
    with pytest.raises(TypeError, match="int64"):
        client.render(pa.record_batch({"conversation": [1]}))
    assert client.render(batch_of(realistic_conversations(1, 1))).num_rows == 1


def test_a_table_is_told_how_it_becomes_record_batches(client: HarmonyClient) -> None:
    table = pa.table({"conversation": [each.to_json() for each in realistic_conversations(2, 1)]})
    with pytest.raises(
        TypeError, match=r"expected a pyarrow\.RecordBatch, got pyarrow\.Table: "
    ) as error:
        client.render(table)
    assert "table.to_batches()" in str(error.value)
    with pytest.raises(TypeError, match=r"got builtins\.list: make one with pyarrow\.record_batch"):
        client.render(["{}"])
    assert sum(client.render(batch).num_rows for batch in table.to_batches()) == 2


@pytest.mark.parametrize("options", [{"shape": "square"}, {"shape": "chat", "no_such": 1}, {}])
def test_wrong_options_raise_the_message_of_the_command_line(options: dict[str, str | int]) -> None:
    with pytest.raises(HarmonyProcessError) as error:
        HarmonyClient(**options).start()
    first, *_, last = str(error.value).splitlines()
    assert first.startswith("an option is wrong: harmony render: ")
    assert last.endswith("help(harmony_wasm_ray.HarmonyClient) lists them")
    assert "harmony render --help" not in str(error.value)


def test_a_child_killed_between_batches_is_replaced(client: HarmonyClient) -> None:
    batch = batch_of(random_conversations(20, 4))
    expected = client.render(batch)
    before = client.child_pid
    os.kill(before, signal.SIGKILL)
    assert client.render(batch).equals(expected)
    assert client.child_pid != before


def test_a_child_killed_in_the_middle_of_a_batch_is_replaced(client: HarmonyClient) -> None:
    batch = batch_of(random_conversations(300, 5))
    expected = client.render(batch)
    before = client.child_pid
    os.kill(before, signal.SIGSTOP)  # It has the batch, or a part, and answers nothing.
    answers: list[pa.RecordBatch] = []
    asking = threading.Thread(target=lambda: answers.append(client.render(batch)))
    asking.start()
    wait_until(lambda: has_unread_input(before))
    os.kill(before, signal.SIGKILL)
    asking.join()
    assert answers[0].equals(expected)
    assert client.child_pid != before


def test_a_batch_that_kills_two_children_is_an_error(client: HarmonyClient) -> None:
    batch = batch_of(random_conversations(5, 6))
    client.start()
    stop = threading.Event()

    def kill_all() -> None:
        while not stop.is_set():
            pid = client.child_pid
            with suppress(ProcessLookupError):
                if pid is not None and is_running(pid):
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        with pytest.raises(ChildLostError, match="signal 9"):
            render_until_it_fails(client, batch)
    finally:
        stop.set()
        killer.join()
    assert client.render(batch).num_rows == 5


def test_an_interrupted_answer_is_not_returned_for_the_next_batch(client: HarmonyClient) -> None:
    one, two = (batch_of(random_conversations(30, seed)) for seed in (7, 8))
    expected = client.render(two)
    before = client.child_pid
    os.kill(before, signal.SIGSTOP)

    def interrupt() -> None:
        wait_until(is_rendering)  # Earlier, it would interrupt pytest.
        wait_until(lambda: has_unread_input(before))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        client.render(one)
    assert client.render(two).equals(expected)


def test_threads_share_a_client(client: HarmonyClient) -> None:
    batches = [batch_of(random_conversations(40, seed)) for seed in range(8)]
    expected = [client.render(batch) for batch in batches]
    answers: dict[int, pa.RecordBatch] = {}

    def ask(index: int) -> None:
        answers[index] = client.render(batches[index])

    threads = [threading.Thread(target=ask, args=[index]) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers[index].equals(expected[index]) for index in range(8))


def test_a_fork_starts_a_child_of_its_own(client: HarmonyClient) -> None:
    batch = batch_of(random_conversations(10, 9))
    expected = client.render(batch)
    inherited = client.child_pid
    forked = os.fork()
    if forked == 0:
        try:
            same = client.render(batch).equals(expected)
            same = same and client.child_pid not in {None, inherited}
            client.close()
            os._exit(0 if same else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    assert client.render(batch).equals(expected)
    assert client.child_pid == inherited


def test_a_client_may_be_pickled(client: HarmonyClient) -> None:
    batch = batch_of(random_conversations(10, 10))
    expected = client.render(batch)
    with pickle.loads(pickle.dumps(client)) as other:
        assert other.child_pid is None
        assert other.render(batch).equals(expected)


def test_the_child_ends_when_the_client_is_closed(client: HarmonyClient) -> None:
    client.start()
    pid = client.child_pid
    client.close()
    assert client.child_pid is None
    wait_until(lambda: not is_running(pid))


def test_closing_a_client_does_not_wait_for_a_fork(
    client: HarmonyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmony_wasm_ray.child.EXIT_SECONDS", 10_000)
    client.start()
    pid = client.child_pid
    reader, writer = os.pipe()
    forked = os.fork()  # It keeps a copy of the pipe to the process.
    if forked == 0:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.close(reader)
    client.close()
    assert not is_running(pid)
    assert os.waitpid(forked, os.WNOHANG) == (0, 0), "the fork still runs"
    os.close(writer)
    os.waitpid(forked, 0)


@pytest.mark.parametrize("end", ["pass", "os.kill(os.getpid(), 9)", "sys.exit(3)"])
def test_the_child_ends_with_its_parent(end: str) -> None:
    program = f"""import os, sys
from harmony_wasm_ray import HarmonyClient
client = HarmonyClient(shape="harmony")
client.start()
print(client.child_pid, flush=True)
{end}"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert ended.stderr == b""
    wait_until(lambda: not is_running(int(ended.stdout)))


def test_a_batch_larger_than_every_buffer_is_answered(client: HarmonyClient) -> None:
    text = realistic_conversations(1, 1)[0].to_json()
    batch = pa.record_batch({"conversation": [text] * (70_000_000 // len(text))})
    assert batch.nbytes > 65_000_000
    answer = client.render(batch)
    assert answer.num_rows == batch.num_rows
    assert answer.column("error").null_count == batch.num_rows


@pytest.mark.parametrize(
    ("name", "batch"),
    [
        ("builtins.dict", {"conversation": ["[]"]}),
        ("pandas.DataFrame", pa.table({"conversation": ["[]"]}).to_pandas()),
        ("pyarrow.RecordBatch", pa.record_batch({"conversation": ["[]"]})),
    ],
)
def test_a_batch_of_another_format_names_the_argument_of_ray(name: str, batch: object) -> None:
    renderer = HarmonyRenderer(shape="harmony")
    with pytest.raises(TypeError, match=rf'got {re.escape(name)}: pass batch_format="pyarrow"'):
        renderer(batch)


def test_batches_are_cut_into_parts() -> None:
    batch = pa.record_batch({"text": ["x" * 1000] * 20_000})
    cut = list(parts(batch))
    assert pa.Table.from_batches(cut).combine_chunks().to_batches()[0].equals(batch)
    assert max(part.nbytes for part in cut) <= PART_BYTES
    assert len(cut) < 20
    assert [part.num_rows for part in parts(pa.record_batch({"text": ["x" * 5_000_000] * 2}))] == [
        1,
        1,
    ]


@pytest.mark.parametrize("columns", [None, "input_ids", ["n_tokens", "source_row"]])
def test_rows_carry_columns_and_keep_counting(columns: str | list[str] | None) -> None:
    texts = [each.to_json() for each in realistic_conversations(90, 11)] * 100
    batch = pa.record_batch({"id": range(9000), "text": texts})
    rows = RowRenderer(column="text", carry=["id"], shape="harmony", columns=columns)
    with rows.client:
        answers = pa.Table.from_batches(rows.render(batch, 5), rows.schema(batch.schema))
    assert answers.column("id").to_pylist() == list(range(9000))
    assert answers.schema.names[0] == "id"
    if columns == "input_ids":
        assert answers.schema.names == ["id", "input_ids", "error"]
    else:
        assert answers.column("source_row").to_pylist() == list(range(5, 9005))


def test_one_column_to_carry_is_a_text() -> None:
    batch = pa.record_batch({"text": ["[]"], "id": ["a"], "source": ["b"]})
    for carry, names in (("id", ["id"]), ("id,source", ["id", "source"])):
        rows = RowRenderer(column="text", carry=carry, shape="harmony", columns="n_tokens")
        with rows.client:
            answer = pa.Table.from_batches(rows.render(batch))
        assert answer.schema.names == [*names, "n_tokens", "error"]


def test_a_missing_column_to_carry_is_named_with_those_that_are_there() -> None:
    batch = pa.record_batch({"text": ["[]"], "id": ["a"]})
    rows = RowRenderer(column="text", carry=["ids"], shape="harmony")
    with rows.client, pytest.raises(KeyError, match='got "ids"; it has text, id'):
        next(rows.render(batch))


@pytest.mark.parametrize("name", ["n_tokens", "source_row", "error"])
def test_a_column_with_the_name_of_a_rendered_one_is_not_carried(name: str) -> None:
    batch = pa.record_batch({"text": ["[]"], name: pa.array([70], pa.int32())})
    rows = RowRenderer(column="text", carry=[name], shape="harmony")
    with rows.client, pytest.raises(ValueError, match=f'got "{name}", which is rendered'):
        next(rows.render(batch))


def test_a_row_number_of_the_input_is_carried_where_none_is_rendered() -> None:
    batch = pa.record_batch({"text": ["[]", "[]"], "source_row": [70, 71]})
    rows = RowRenderer(column="text", carry="source_row", shape="harmony", columns="n_tokens")
    with rows.client:
        (answer,) = rows.render(batch)
    assert answer.column("source_row").to_pylist() == [70, 71]


def test_a_column_is_carried_once_and_from_one_column() -> None:
    names = ["text", "id", "id"]
    batch = pa.RecordBatch.from_arrays([pa.array(["[]"]), pa.array([1]), pa.array([2])], names)
    rows = RowRenderer(column="text", carry="id,id", shape="harmony", columns="n_tokens")
    with rows.client:
        with pytest.raises(KeyError, match='expected one column "id"; the input has 2'):
            next(rows.render(batch))
        (answer,) = rows.render(batch.select([0, 1]))
    assert answer.schema.names == ["id", "n_tokens", "error"]


def test_text_views_are_carried() -> None:
    texts = [each.to_json() for each in realistic_conversations(2, 12)]
    ids = pa.array(["a", None]).cast(pa.string_view())
    batch = pa.record_batch({"text": texts, "id": ids})
    rows = RowRenderer(column="text", carry="id", shape="harmony", columns="n_tokens")
    with rows.client:
        (answer,) = rows.render(batch)
    assert answer.column("id").equals(ids)


@pytest.mark.parametrize("option", ["shuffle", "shard", "output", "carry", "workers", "resume"])
def test_an_option_of_files_is_an_error(option: str) -> None:
    values = {"shard": "1/2", "workers": 1, "resume": True}
    client = HarmonyClient(shape="harmony", **{option: values.get(option, "x")})
    with client, pytest.raises(HarmonyProcessError, match=f"cannot be combined with --{option}"):
        client.start()


def test_carried_values_are_repeated_for_every_sample() -> None:
    conversations = realistic_conversations(50, 12)
    batch = batch_of(conversations).append_column("id", pa.array(range(50)))
    rows = RowRenderer(column="conversation", carry=["id"], shape="harmony", analysis="per-turn")
    with rows.client:
        answers = pa.Table.from_batches(rows.render(batch))
    turns = [sum(each.author.role == "user" for each in one) for one in conversations]
    assert answers.column("id").to_pylist() == [row for row in range(50) for _ in range(turns[row])]


def test_the_wheel_contains_the_command_line_and_its_licenses() -> None:
    package = Path(harmony_wasm_ray.__file__).parent
    bundle = package / "bundle"
    assert (bundle / "node_modules/harmony-wasm/dist/harmony.wasm").is_file()
    assert (bundle / "licenses/apache-arrow/LICENSE.txt").is_file()
    assert not package.is_relative_to(Path(__file__).parents[1])


def test_answers_record_the_version_and_the_options(client: HarmonyClient) -> None:
    metadata = client.schema.metadata
    assert metadata[b"harmony.package"] == b"harmony-wasm-cli"
    assert b'"shape":"harmony"' in metadata[b"harmony.options"]
