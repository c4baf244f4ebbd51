"""Answers the calls of test-vectors/README.md through the Python package.

The answers have the shape that `harmony-oracle` writes, so that the published
wheel can stand in for the oracle. `inner` calls the Rust functions below the
Python layer, with JSON text as it arrived; `public` goes through the classes
that users call, which read the JSON into pydantic models first.
"""

import json
from functools import lru_cache
from typing import Any, Callable

import openai_harmony
from openai_harmony import (
    Conversation,
    HarmonyError,
    Message,
    RenderConversationConfig,
    RenderOptions,
    Role,
    StreamableParser,
)
from openai_harmony.openai_harmony import PyStreamableParser

ENCODING = openai_harmony.load_harmony_encoding("HarmonyGptOss")
INNER = ENCODING._inner
RENDERS = {
    "renderConversation": "render_conversation",
    "renderConversationForCompletion": "render_conversation_for_completion",
    "renderConversationForTraining": "render_conversation_for_training",
}
PARSER_VIEWS = {
    "currentContent": "current_content",
    "currentRole": "current_role",
    "currentContentType": "current_content_type",
    "currentRecipient": "current_recipient",
    "currentChannel": "current_channel",
    "lastContentDelta": "last_content_delta",
}

Answer = dict[str, Any]
REFUSED = "refused"


def inner(call: str, given: dict) -> Answer:
    """The answer of the Rust functions, or the first line of their error."""
    try:
        return INNER_CALLS[call](call, given)
    except (HarmonyError, ValueError, RuntimeError) as error:
        return {"error": str(error).split("\n")[0]}


def public(call: str, given: dict) -> Answer | None:
    """The answer of the public classes; None for a call that has none of its own.

    The Python layer refuses in words of its own (pydantic's, `json`'s, a
    KeyError), so an error says only that the input was refused.
    """
    if call not in PUBLIC_CALLS:
        return None
    try:
        return PUBLIC_CALLS[call](call, given)
    except Exception:
        return {"error": REFUSED}


def _json_text(given: dict, name: str) -> str:
    if f"{name}Text" in given:
        return given[f"{name}Text"]
    return json.dumps(given[name], ensure_ascii=False, separators=(",", ":"))


def _ids(given: dict) -> list[int]:
    ids: list[int] = []
    for piece in given.get("tokens", []):
        ids.extend([piece] if isinstance(piece, int) else ENCODING.encode(piece, allowed_special="all"))
    return ids


# The functions below the Python layer.


def _render_conversation(call: str, given: dict) -> Answer:
    text = _json_text(given, "conversation")
    config = {"auto_drop_analysis": given.get("config", {}).get("auto_drop_analysis", True)}
    role = [given["nextTurnRole"]] if "nextTurnRole" in given else []
    return {"tokens": getattr(INNER, RENDERS[call])(text, *role, config=config)}


def _render(_: str, given: dict) -> Answer:
    has_tools = given.get("options", {}).get("conversation_has_function_tools", False)
    options = {"conversation_has_function_tools": has_tools}
    return {"tokens": INNER.render(_json_text(given, "message"), render_options=options)}


def _parse(_: str, given: dict) -> Answer:
    arguments = _ids(given), given.get("role"), given.get("strict", True)
    return {"messages": json.loads(INNER.parse_messages_from_completion_tokens(*arguments))}


def _stream(_: str, given: dict) -> Answer:
    parser = PyStreamableParser(INNER, given.get("role"), given.get("strict", True))
    start = before = _snapshot(parser, None)
    steps = []
    for token in [*_ids(given), *([None] if given.get("eos") else [])]:
        error = None
        try:
            parser.process_eos() if token is None else parser.process(token)
        except HarmonyError as refused:
            error = str(refused)
        after = _snapshot(parser, error)
        steps.append(_changes(before, after))
        before = after
    messages = json.loads(parser.messages)
    return {"start": start, "steps": steps, "messages": messages, "tokens": parser.tokens}


def _snapshot(parser: PyStreamableParser, error: str | None) -> Answer:
    state = json.loads(parser.state)
    ids = state.pop("header_tokens", None) or state.pop("content_tokens", None) or []
    views = {name: getattr(parser, view) for name, view in PARSER_VIEWS.items()}
    messages = _count(parser.messages)
    state = {"state": state.pop("state"), "stateTokens": ids, "header": None, **state}
    return {**state, **views, "messages": messages, "error": error}


@lru_cache(maxsize=64)
def _count(messages: str) -> int:
    """How many messages a JSON list has, which stays the same for many tokens."""
    return len(json.loads(messages))


def _changes(before: Answer, after: Answer) -> Answer:
    changed = {}
    for key, value in after.items():
        old = before[key]
        if old == value:
            continue
        grows = isinstance(value, list) or (isinstance(value, str) and key == "currentContent")
        is_longer = grows and type(old) is type(value) and value[: len(old)] == old
        changed[key] = {"more": value[len(old) :]} if is_longer else value
    return changed


def _encode(_: str, given: dict) -> Answer:
    allowed, disallowed = given.get("allowedSpecial", []), given.get("disallowedSpecial", "all")
    ids = ENCODING.encode(
        given["text"],
        allowed_special=allowed if allowed == "all" else set(allowed),
        disallowed_special=disallowed,
    )
    return {"tokens": ids}


def _encode_ordinary(_: str, given: dict) -> Answer:
    return {"tokens": INNER.encode(given["text"], [])}


def _decode(_: str, given: dict) -> Answer:
    return {"text": ENCODING.decode(_ids(given))}


def _decode_utf8(_: str, given: dict) -> Answer:
    return {"text": ENCODING.decode_utf8(_ids(given))}


def _decode_bytes(_: str, given: dict) -> Answer:
    return {"bytes": bytes(INNER.decode_bytes(_ids(given))).hex()}


def _constants(_: str, given: dict) -> Answer:
    specials = [(token, INNER.encode(token, [token])[0]) for token in INNER.special_tokens()]
    return {
        "name": ENCODING.name,
        "specialTokens": sorted((list(pair) for pair in specials), key=lambda pair: pair[1]),
        "stopTokens": sorted(ENCODING.stop_tokens()),
        "stopTokensForAssistantActions": sorted(ENCODING.stop_tokens_for_assistant_actions()),
    }


# The public classes.


def _public_conversation(call: str, given: dict) -> Answer:
    conversation = Conversation.from_json(_json_text(given, "conversation"))
    config = RenderConversationConfig(**given.get("config", {}))
    role = [Role(given["nextTurnRole"])] if "nextTurnRole" in given else []
    return {"tokens": getattr(ENCODING, RENDERS[call])(conversation, *role, config=config)}


def _public_render(_: str, given: dict) -> Answer:
    message = Message.from_dict(json.loads(_json_text(given, "message")))
    return {"tokens": ENCODING.render(message, RenderOptions(**given.get("options", {})))}


def _role(given: dict) -> Role | None:
    return Role(given["role"]) if "role" in given else None


def _public_parse(_: str, given: dict) -> Answer:
    strict = given.get("strict", True)
    messages = ENCODING.parse_messages_from_completion_tokens(_ids(given), _role(given), strict=strict)
    return {"messages": [_plain(message) for message in messages]}


def _public_stream(_: str, given: dict) -> Answer:
    parser = StreamableParser(ENCODING, _role(given), strict=given.get("strict", True))
    for token in [*_ids(given), *([None] if given.get("eos") else [])]:
        try:
            parser.process_eos() if token is None else parser.process(token)
        except HarmonyError:
            pass  # The recorded steps have the error; the next token still follows.
    return {"messages": [_plain(message) for message in parser.messages], "tokens": parser.tokens}


def _plain(message: Message) -> dict:
    """The message as upstream's Rust writes it: one text is a string, and a missing name is left out."""
    fields = {key: value for key, value in message.to_dict().items() if value is not None}
    match fields["content"]:
        case [{"type": "text", "text": text}]:
            fields["content"] = text
    return fields


INNER_CALLS: dict[str, Callable[[str, dict], Answer]] = {
    **dict.fromkeys(RENDERS, _render_conversation),
    "render": _render,
    "parseMessagesFromCompletionTokens": _parse,
    "StreamableParser": _stream,
    "encode": _encode,
    "encodeOrdinary": _encode_ordinary,
    "decode": _decode,
    "decodeUtf8": _decode_utf8,
    "decodeBytes": _decode_bytes,
    "constants": _constants,
}
PUBLIC_CALLS: dict[str, Callable[[str, dict], Answer]] = {
    **dict.fromkeys(RENDERS, _public_conversation),
    "render": _public_render,
    "parseMessagesFromCompletionTokens": _public_parse,
    "StreamableParser": _public_stream,
}
