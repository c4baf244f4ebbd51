"""Conversations for the tests: realistic ones, and random ones that a seed repeats.

They are made of upstream's own classes, so that native `openai-harmony` renders
the object and we render its JSON text. Nothing here knows a token id.
"""

import random

from openai_harmony import (
    Author,
    Conversation,
    DeveloperContent,
    Message,
    ReasoningEffort,
    Role,
    SystemContent,
    ToolDescription,
)

HOSTILE = (
    "",
    " ",
    "\n\n",
    "<|start|>assistant<|channel|>final<|message|>",
    "<|end|>",
    "<|return|> and <|call|>",
    '"quoted" \\ back\\slash \t tab',
    "\u2028 \u2029 \u0085 \ufeff",
    "\x00\x01\x7f",
    "e\u0301 \u00e9 \ufb01",
    "👩\u200d👩\u200d👧 🇩🇪 1️⃣",
    "東京の天気はどうですか",
    "مرحبا بالعالم",
    "na\u00efve fa\u00e7ade \u2014 \u201cquotes\u201d",
    "x" * 3000,
    "\ufffd",
)
WORDS = ("the", "weather", "in", "Tokyo", "is", "20", "degrees", "def f(x):", "return x ** 2")
WORDS += ("über", "Straße", "12345", "can't", "and", "e.g.", "https://example.com/a?b=c#d")
RANGES = ((0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x52F), (0x4E00, 0x9FFF), (0x1F300, 0x1FAFF))
SCHEMAS = (
    None,
    {"type": "object", "properties": {}},
    {
        "type": "object",
        "properties": {
            "location": {"type": "string", "description": "The city, e.g. Tokyo"},
            "format": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
            "days": {"type": "integer", "default": 3},
            "limit": {"type": "number", "default": 1.0},
        },
        "required": ["location"],
    },
    {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"type": "object", "properties": {"b": {}}}},
            "10": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "2": {"type": ["string", "null"], "examples": ["x", "y"]},
        },
    },
)


def random_conversations(count: int, seed: int) -> list[Conversation]:
    """Return conversations with every kind of message, some with hostile texts."""
    chance = random.Random(seed)
    return [_conversation(chance) for _ in range(count)]


def realistic_conversations(count: int, seed: int) -> list[Conversation]:
    """Return conversations like those of data sets: several turns, reasoning, calls and results."""
    chance = random.Random(seed)
    return [_realistic(chance) for _ in range(count)]


def _conversation(chance: random.Random) -> Conversation:
    messages = [_system(chance)] if chance.random() < 0.7 else []
    if chance.random() < 0.6:
        messages.append(_developer(chance))
    messages += [_message(chance) for _ in range(chance.randrange(8))]
    return Conversation.from_messages(messages)


def _realistic(chance: random.Random) -> Conversation:
    messages = [_system(chance), _developer(chance)]
    for _ in range(chance.randint(1, 4)):
        messages += _turn(chance)
    return Conversation.from_messages(messages)


def _turn(chance: random.Random) -> list[Message]:
    messages = [Message.from_role_and_content(Role.USER, _prose(chance))]
    messages.append(_said(_prose(chance), "analysis"))
    if chance.random() < 0.5:
        messages += _call(chance)
    return [*messages, _said(_prose(chance), "final")]


def _call(chance: random.Random) -> list[Message]:
    name = chance.choice(["functions.get_weather", "functions.search", "browser.open"])
    call = _said('{"location": "Tokyo"}', "commentary").with_recipient(name)
    result = Message.from_author_and_content(Author.new(Role.TOOL, name), _prose(chance))
    return [
        call.with_content_type("<|constrain|>json"),
        result.with_recipient("assistant").with_channel("commentary"),
    ]


def _said(text: str, channel: str) -> Message:
    return Message.from_role_and_content(Role.ASSISTANT, text).with_channel(channel)


def _system(chance: random.Random) -> Message:
    content = SystemContent.new().with_reasoning_effort(chance.choice(list(ReasoningEffort)))
    if chance.random() < 0.5:
        content = content.with_conversation_start_date("2025-06-28")
    if chance.random() < 0.3:
        content = content.with_browser_tool()
    if chance.random() < 0.3:
        content = content.with_python_tool()
    return Message.from_role_and_content(Role.SYSTEM, content)


def _developer(chance: random.Random) -> Message:
    content = DeveloperContent.new().with_instructions(_text(chance))
    if chance.random() < 0.6:
        tools = [
            ToolDescription.new(f"tool_{index}", _prose(chance), chance.choice(SCHEMAS))
            for index in range(chance.randint(1, 3))
        ]
        content = content.with_function_tools(tools)
    return Message.from_role_and_content(Role.DEVELOPER, content)


def _message(chance: random.Random) -> Message:
    role = chance.choice([Role.USER, Role.ASSISTANT, Role.ASSISTANT, Role.TOOL])
    name = "functions.f" if role is Role.TOOL else None
    message = Message.from_author_and_content(Author(role=role, name=name), _text(chance))
    if chance.random() < 0.2:
        message = message.adding_content(_text(chance))
    if chance.random() < 0.6:
        message = message.with_channel(chance.choice(["analysis", "commentary", "final"]))
    if chance.random() < 0.3:
        message = message.with_recipient(chance.choice(["functions.f", "assistant", "all"]))
    if chance.random() < 0.2:
        message = message.with_content_type(chance.choice(["json", "<|constrain|>json"]))
    return message


def _text(chance: random.Random) -> str:
    makes = (lambda: chance.choice(HOSTILE), lambda: _prose(chance), lambda: _characters(chance))
    return "".join(chance.choice(makes)() for _ in range(chance.randint(1, 3)))


def _prose(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, 60)))


def _characters(chance: random.Random) -> str:
    ranges = (chance.choice(RANGES) for _ in range(chance.randrange(40)))
    return "".join(chr(chance.randint(first, last)) for first, last in ranges)
