"""Rows for the clusters: random and realistic conversations, and rows that fail among them."""

from dataclasses import dataclass

import native
from conversations import random_conversations, realistic_conversations
from openai_harmony import Conversation

EVERY_BAD_ROW = 25


@dataclass
class Rows:
    """JSON texts, upstream's ids for them, and the error codes of those that fail."""

    texts: list[str]
    ids: list[list[int] | None]
    codes: list[str | None]


def rows_to_render(seed: int) -> Rows:
    """Return 360 rows. Every 25th is not JSON."""
    conversations = [*random_conversations(240, seed), *realistic_conversations(120, seed)]
    rows = Rows([], [], [])
    for index, conversation in enumerate(conversations):
        bad = index % EVERY_BAD_ROW == 0
        ids = None if bad else native.training_ids(conversation)
        rows.texts.append("{" if bad else conversation.to_json())
        rows.ids.append(ids)
        rows.codes.append(None if ids is not None else _code(conversation, bad=bad))
    return rows


def _code(conversation: Conversation, *, bad: bool) -> str:
    if bad:
        return "invalid_json"
    return "render_failed" if conversation.messages else "empty_conversation"
