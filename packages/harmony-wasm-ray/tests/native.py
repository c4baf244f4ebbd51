"""Native `openai-harmony`, the only source of expected ids."""

from functools import cache

from openai_harmony import (
    Conversation,
    HarmonyEncoding,
    HarmonyError,
    RenderConversationConfig,
    load_harmony_encoding,
)


@cache
def encoding() -> HarmonyEncoding:
    """Load upstream's encoding once per process."""
    return load_harmony_encoding("HarmonyGptOss")


def training_ids(conversation: Conversation, *, keep_analysis: bool = False) -> list[int] | None:
    """Return upstream's ids, or None if it refuses the conversation or if there are no messages."""
    if not conversation.messages:
        return None
    config = RenderConversationConfig(auto_drop_analysis=not keep_analysis)
    try:
        return encoding().render_conversation_for_training(conversation, config)
    except HarmonyError:
        return None
