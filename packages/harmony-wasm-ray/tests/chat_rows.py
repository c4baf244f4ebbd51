"""Rows in the Chat Completions shape, with the harmony conversations that they map to.

The conversations are built from upstream's classes, following the published
table of the mapping, not its code.
"""

import json
import random
from typing import Any

from openai_harmony import (
    Author,
    Conversation,
    DeveloperContent,
    Message,
    Role,
    SystemContent,
    ToolDescription,
)

TOOL = {
    "name": "get_weather",
    "description": "Gets the weather.",
    "parameters": {
        "type": "object",
        "properties": {
            "location": {"type": "string"},
            "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
            "limit": {"type": "number", "default": 1.0},
        },
        "required": ["location"],
    },
}
ANSWERS = ("It is 20 °C.", "Sunny: 日差し ☀️", "<end> is not a token here", "Line\nline")


def chat_rows(count: int, seed: int) -> list[tuple[str, Conversation]]:
    """Return rows of JSON text, each with the conversation that it maps to."""
    chance = random.Random(seed)
    return [_row(chance, index) for index in range(count)]


def _row(chance: random.Random, index: int) -> tuple[str, Conversation]:
    row: dict[str, Any] = {"messages": [], "tools": []}
    messages: list[Message] = []
    if chance.random() < 0.8:
        row["tools"] = [{"type": "function", "function": TOOL}]
    _add_instructions(row, messages, f"Be brief. {index}" if chance.random() < 0.7 else None)
    for turn in range(chance.randint(1, 4)):
        _add_turn(chance, row["messages"], messages, f"call_{turn}")
    return json.dumps(row, ensure_ascii=chance.random() < 0.5), Conversation.from_messages(
        [Message.from_role_and_content(Role.SYSTEM, SystemContent.new()), *messages]
    )


def _add_instructions(row: dict[str, Any], messages: list[Message], text: str | None) -> None:
    """Add the system message, which maps to harmony's developer message, with the tools."""
    content = DeveloperContent.new()
    if text is not None:
        row["messages"].append({"role": "system", "content": text})
        content = content.with_instructions(text)
    if row["tools"]:
        content = content.with_function_tools([ToolDescription.new(**TOOL)])
    if text is not None or row["tools"]:
        messages.append(Message.from_role_and_content(Role.DEVELOPER, content))


def _add_turn(
    chance: random.Random, rows: list[dict[str, Any]], messages: list[Message], call_id: str
) -> None:
    question, answer = chance.choice(ANSWERS), chance.choice(ANSWERS)
    rows.append({"role": "user", "content": question})
    messages.append(Message.from_role_and_content(Role.USER, question))
    if chance.random() < 0.4:
        _add_call(rows, messages, call_id)
    said: dict[str, Any] = {"role": "assistant", "content": answer}
    if chance.random() < 0.5:
        said[chance.choice(["thinking", "reasoning_content"])] = "Thinking about it."
        messages.append(_assistant("Thinking about it.", "analysis"))
    rows.append(said)
    messages.append(_assistant(answer, "final"))


def _add_call(rows: list[dict[str, Any]], messages: list[Message], call_id: str) -> None:
    arguments = '{"location": "Tokyo"}'
    function = {"name": "get_weather", "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    rows.append({"role": "assistant", "content": None, "tool_calls": [call]})
    rows.append({"role": "tool", "tool_call_id": call_id, "content": "20"})
    asked = _assistant(arguments, "commentary").with_recipient("functions.get_weather")
    author = Author.new(Role.TOOL, "functions.get_weather")
    result = Message.from_author_and_content(author, "20").with_channel("commentary")
    messages += [asked.with_content_type("<|constrain|>json"), result.with_recipient("assistant")]


def _assistant(text: str, channel: str) -> Message:
    return Message.from_role_and_content(Role.ASSISTANT, text).with_channel(channel)
