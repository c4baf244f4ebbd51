"""The least that a Python front end does for a stream: native openai-harmony parses
each id, and starlette on uvicorn sends what it says as a chunk. The ids are in this
process, so nothing is read from an engine. Prints its address."""

import json
import socket
import sys

import uvicorn
from openai_harmony import HarmonyEncodingName, Role, StreamableParser, load_harmony_encoding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

ENCODING = load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)
HEADER = ENCODING.encode("<|channel|>final<|message|>", allowed_special="all")
with open(sys.argv[1], encoding="utf-8") as text:
    TEXT = ENCODING.encode(text.read(), disallowed_special=())
CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "gpt-oss"}


async def chunks(count: int):
    parser = StreamableParser(ENCODING, Role.ASSISTANT)
    for at in range(count):
        token = HEADER[at] if at < len(HEADER) else TEXT[at % len(TEXT)]
        parser.process(token)
        delta = parser.last_content_delta
        if delta is None or parser.current_channel != "final":
            continue
        choice = {"index": 0, "delta": {"content": delta}, "finish_reason": None, "logprobs": None}
        yield f"data: {json.dumps({**CHUNK, 'choices': [choice]})}\n\n"
    yield "data: [DONE]\n\n"


async def completions(request: Request) -> StreamingResponse:
    body = await request.json()
    return StreamingResponse(chunks(body["max_tokens"]), media_type="text/event-stream")


app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
url = f"http://127.0.0.1:{listener.getsockname()[1]}"
print(json.dumps({"msg": "listening", "url": url}), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
