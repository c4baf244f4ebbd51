"""A line server over the installed `openai_harmony`, for the differential run.

Each line of stdin is a JSON list of calls; the line of stdout that answers it
is the list of their answers, as `harmony-oracle serve` gives them one by one.
"""

import json
import sys

import answers


def main() -> None:
    for line in sys.stdin.buffer:
        batch = [answers.inner(call["call"], call["with"]) for call in json.loads(line)]
        text = json.dumps(batch, ensure_ascii=False, separators=(",", ":"))
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()


main()
