"""What native `openai-harmony` answers: the one source of every expected id."""

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
    """Load upstream's encoding, once a process."""
    return load_harmony_encoding("HarmonyGptOss")


def training_ids(conversation: Conversation, *, keep_analysis: bool = False) -> list[int] | None:
    """Render as upstream does; None where it refuses to, and where there is nothing to train on."""
    if not conversation.messages:
        return None
    config = RenderConversationConfig(auto_drop_analysis=not keep_analysis)
    try:
        return encoding().render_conversation_for_training(conversation, config)
    except HarmonyError:
        return None
