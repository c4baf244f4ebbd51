"""What the frameworks themselves make of the conversations of training.

    frameworks.py CONVERSATIONS VOCABULARY

prints as JSON, for each framework, its version and the ids and the loss mask
that it gives for each conversation, or what it says instead. Nothing here is
of this project but the conversations and the vocabulary, o200k_base.tiktoken.
"""

import hashlib
import importlib.metadata
import json
import logging
import os
import sys
import types
from datetime import datetime

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
CONVERSATIONS, VOCABULARY = sys.argv[1:]
# openai-harmony, inside renderers, downloads its vocabulary otherwise.
os.environ["TIKTOKEN_ENCODINGS_BASE"] = os.path.dirname(VOCABULARY)


def tokenizer_of_harmony():
    """The Hugging Face tokenizer of gpt-oss, by tiktoken's definition of its encoding."""
    from tiktoken.load import load_tiktoken_bpe
    from tiktoken_ext import openai_public
    from transformers import PreTrainedTokenizerFast
    from transformers.convert_slow_tokenizer import TikTokenConverter

    os.environ["TIKTOKEN_CACHE_DIR"] = ""
    openai_public.load_tiktoken_bpe = lambda _url, expected_hash: load_tiktoken_bpe(
        VOCABULARY, expected_hash
    )
    encoding = openai_public.o200k_harmony()
    # One id has two names, and the converter counts names.
    special = {token: text for text, token in reversed(encoding["special_tokens"].items())}
    converter = TikTokenConverter(
        vocab_file=VOCABULARY,
        pattern=encoding["pat_str"],
        additional_special_tokens=[special[token] for token in sorted(special)],
    )
    return PreTrainedTokenizerFast(tokenizer_object=converter.converted(), unk_token=None)


def with_trl_template(name, tokenizer, date):
    """transformers' own rendering of a template that comes in TRL's wheel."""
    import transformers.utils.chat_template_utils as rendering

    folder = importlib.metadata.distribution("trl").locate_file("trl/chat_templates")
    with open(os.path.join(folder, name), encoding="utf8") as file:
        template = file.read()

    class OnThatDay(datetime):
        """The template asks for today's date."""

        @classmethod
        def now(cls, tz=None):
            return cls.fromisoformat(date)

    rendering.datetime = OnThatDay

    def render(case):
        given = tokenizer.apply_chat_template(
            case["messages"],
            tools=case.get("tools"),
            chat_template=template,
            return_dict=True,
            return_assistant_tokens_mask="{% generation %}" in template
            or "{%- generation %}" in template,
        )
        return given["input_ids"], given.get("assistant_masks")

    return render


def with_renderers(tokenizer, date):
    from renderers.configs import GptOssRendererConfig
    from renderers.gpt_oss import GptOssRenderer

    config = GptOssRendererConfig(conversation_start_date=date)
    renderer = GptOssRenderer(tokenizer, config)

    def render(case):
        messages = [
            {**message, "reasoning_content": message["thinking"]} if "thinking" in message else message
            for message in case["messages"]
        ]
        given = renderer.render(messages, tools=case.get("tools"))
        return given.token_ids, given.sampled_mask

    return render


def with_tinker(tokenizer, date):
    # torch, of two gigabytes, is there to hold the weights; a list does as well.
    torch = types.ModuleType("torch")
    torch.Tensor, torch.tensor = list, list
    sys.modules["torch"] = torch
    from tinker_cookbook.renderers.base import ToolCall, TrainOnWhat
    from tinker_cookbook.renderers.gpt_oss import GptOssRenderer

    logging.disable(logging.WARNING)
    renderer = GptOssRenderer(
        tokenizer, use_system_prompt=True, reasoning_effort="medium", current_date=date
    )

    def message_of(message):
        content = message.get("content") or ""
        if "thinking" in message:
            parts = [{"type": "thinking", "thinking": message["thinking"]}]
            content = parts + ([{"type": "text", "text": content}] if content else [])
        calls = [
            ToolCall(
                id=call["id"],
                function=ToolCall.FunctionBody(
                    name=call["function"]["name"], arguments=json.dumps(call["function"]["arguments"])
                ),
            )
            for call in message.get("tool_calls", [])
        ]
        return {**message, "content": content, **({"tool_calls": calls} if calls else {})}

    def render(case):
        tools = [tool["function"] for tool in case.get("tools", [])]
        prefix = renderer.create_conversation_prefix_with_tools(tools)[1:] if tools else []
        messages = prefix + [message_of(message) for message in case["messages"]]
        for message in messages:
            message.pop("thinking", None)
        given, weights = renderer.build_supervised_example(
            messages, TrainOnWhat.ALL_ASSISTANT_MESSAGES
        )
        return given.to_ints(), [int(weight) for weight in weights]

    return render


def answered(render, case):
    try:
        ids, mask = render(case)
    except Exception as error:  # what a framework refuses is an answer
        return {"error": f"{type(error).__name__}: {error}".split("\n")[0][:200]}
    mask = [int(place) for place in mask] if mask is not None else None
    return {"ids": list(ids), **({"mask": mask} if mask is not None else {})}


def main():
    with open(CONVERSATIONS, "rb") as file:
        text = file.read()
    given = json.loads(text)
    tokenizer = tokenizer_of_harmony()
    date = given["date"]
    frameworks = {
        "hf": ("trl", with_trl_template("gptoss.jinja", tokenizer, date)),
        "trl": ("trl", with_trl_template("gptoss_training.jinja", tokenizer, date)),
        "body": ("renderers", with_renderers(tokenizer, date)),
        "sampled": ("tinker-cookbook", with_tinker(tokenizer, date)),
    }
    answers = {
        name: {
            "package": f"{package} {importlib.metadata.version(package)}",
            "answers": {case["name"]: answered(render, case) for case in given["cases"]},
        }
        for name, (package, render) in frameworks.items()
    }
    print(json.dumps({"inputs_sha256": hashlib.sha256(text).hexdigest(), "frameworks": answers}))


main()
