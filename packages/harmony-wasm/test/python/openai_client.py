"""Asks the server for every completion, whole and as a stream, and prints what the client made of both.

A line of JSON per completion: `{"whole": …, "streamed": …}`, for Chat Completions and then for Responses.
"""

import json
import sys

from openai import OpenAI

address, count = sys.argv[1], int(sys.argv[2])
client = OpenAI(base_url=address, api_key="none", max_retries=0)
PARAMETERS = {"type": "object", "properties": {}}
NAMES = ["weather", "now"]
CHAT = {
    "model": "gpt-oss-20b",
    "messages": [{"role": "user", "content": "Weather?"}],
    "tools": [
        {"type": "function", "function": {"name": name, "parameters": PARAMETERS}} for name in NAMES
    ],
}
RESPONSES = {
    "model": "gpt-oss-20b",
    "input": "Weather?",
    "tools": [
        {"type": "function", "name": name, "parameters": PARAMETERS, "strict": False}
        for name in NAMES
    ],
}


def choice_of(completion):
    [choice] = completion.choices
    calls = choice.message.tool_calls or []
    return {
        "content": choice.message.content or "",
        "calls": [[call.function.name, call.function.arguments] for call in calls],
        "finish_reason": choice.finish_reason,
    }


def answer_of(response):
    known = ("type", "status", "phase", "name", "arguments", "content")
    items = [item.to_dict() for item in response.output]
    return {
        "status": response.status,
        "text": response.output_text,
        "items": [{name: item.get(name) for name in known} for item in items],
        "tokens": response.usage.output_tokens,
    }


def streamed_chat():
    with client.chat.completions.stream(**CHAT) as stream:
        stream.until_done()
        return choice_of(stream.current_completion_snapshot)


def streamed_response():
    with client.responses.stream(**RESPONSES) as stream:
        *_, last = stream
        if last.type == "response.completed":
            return answer_of(stream.get_final_response())
        # The helper has no answer for a response that was cut; its last event has.
        return answer_of(last.response)


def show(whole, streamed):
    print(json.dumps({"whole": whole, "streamed": streamed}), flush=True)


for _ in range(count):
    show(choice_of(client.chat.completions.create(**CHAT)), streamed_chat())
for _ in range(count):
    show(answer_of(client.responses.create(**RESPONSES)), streamed_response())
