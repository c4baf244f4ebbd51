"""Input rows for the tests, their native ids, and `harmony render`.

The program that runs the tests has two arguments: what starts the command line, and a folder.
"""

import json
import subprocess
import sys
from pathlib import Path

from openai_harmony import Conversation, load_harmony_encoding

HARMONY, FOLDER = sys.argv[1].split(), Path(sys.argv[2])
ROWS = 700


def conversations():
    """Conversations in harmony's JSON, with tools, channels and a system message."""
    tool = {"name": "f", "description": "F.", "parameters": {"type": "object", "properties": {}}}
    tools = {"functions": {"name": "functions", "tools": [tool]}}
    developer = [{"type": "developer_content", "instructions": "Be brief.", "tools": tools}]
    for row in range(ROWS):
        yield {
            "messages": [
                {"role": "developer", "content": developer},
                {"role": "user", "content": "Grüße aus 東京 " * (row % 17) + str(row)},
                {"role": "assistant", "channel": "analysis", "content": "hm" * (row % 5)},
                {
                    "role": "assistant",
                    "channel": "commentary",
                    "recipient": "functions.f",
                    "content_type": "<|constrain|>json",
                    "content": "{}",
                },
                {"role": "tool", "name": "functions.f", "recipient": "assistant", "content": "1"},
                {"role": "assistant", "channel": "final", "content": f"It is {row}."},
            ]
        }


def chat_row(row):
    """One row in the shape of Chat Completions, and the conversation it is in harmony's."""
    arguments = {"b": 1, "a": ["東", 2.5]}
    call = {"id": "1", "function": {"name": "f", "arguments": arguments}}
    chat = [
        {"role": "user", "content": f"What is {row}?"},
        {"role": "assistant", "thinking": "hm", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "72F"},
        {"role": "assistant", "content": f"It is {row}."},
    ]
    harmony = [
        {"role": "user", "content": f"What is {row}?"},
        {"role": "assistant", "channel": "analysis", "content": "hm"},
        {
            "role": "assistant",
            "channel": "commentary",
            "recipient": "functions.f",
            "content_type": "<|constrain|>json",
            "content": json.dumps(arguments, ensure_ascii=False),
        },
        {
            "role": "tool",
            "name": "functions.f",
            "recipient": "assistant",
            "channel": "commentary",
            "content": "72F",
        },
        {"role": "assistant", "channel": "final", "content": f"It is {row}."},
    ]
    return {"messages": chat}, {"messages": harmony}


ENCODING = load_harmony_encoding("HarmonyGptOss")


def native(conversation):
    """The ids of native upstream, for training."""
    text = json.dumps(conversation)
    return ENCODING.render_conversation_for_training(Conversation.from_json(text))


def write_lines(name, rows):
    """A file of JSON lines."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (FOLDER / name).write_text(lines, encoding="utf-8")


def render(source, output, *flags):
    """Runs the command line."""
    arguments = ["render", FOLDER / source, "-o", FOLDER / output, "--quiet", *flags]
    subprocess.run([*HARMONY, *arguments], check=True)
    return FOLDER / output
