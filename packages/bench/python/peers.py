"""One measurement of one native peer, in this process.

`peers.py <peer> <measurement> [corpus]` prints figures as JSON, with the names
and by the rules of `src/measure/measure.ts` and `src/measure/conversation.ts`. The folder of
the corpora is in BENCH_CACHE, that of the vocabulary in TIKTOKEN_ENCODINGS_BASE.
Nothing is downloaded.
"""

import gc
import json
import os
import re
import statistics
import sys
import time

CACHE = os.environ["BENCH_CACHE"]
VOCABULARY = os.path.join(os.environ["TIKTOKEN_ENCODINGS_BASE"], "o200k_base.tiktoken")
WARM_PASSES = 6
WARM_SECONDS = 2
SMALL_TEXTS = 10_000
SETTLE_SECONDS = 1
MEDIAN_SECONDS = 1


def load_py_tiktoken():
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe
    from tiktoken_ext import openai_public

    # The definition is tiktoken's own; only its vocabulary comes from the file at hand.
    os.environ["TIKTOKEN_CACHE_DIR"] = ""
    openai_public.load_tiktoken_bpe = lambda _url, expected_hash: load_tiktoken_bpe(
        VOCABULARY, expected_hash
    )
    return tiktoken.Encoding(**openai_public.o200k_base()).encode_ordinary


def load_py_quicktok():
    import quicktok

    return quicktok.get_encoding("o200k_base").encode_ordinary  # its wheel has the vocabulary


def load_py_gigatoken():
    import gigatoken

    return gigatoken.Tokenizer.from_tiktoken(VOCABULARY).encode


def load_py_fastokens():
    import fastokens

    tokenizer = fastokens.Tokenizer.from_tiktoken(VOCABULARY, encoding="o200k_base")
    return lambda text: tokenizer.encode_ordinary(text).ids


def load_py_toktok():
    import toktok

    return toktok._encoding("o200k_base").encode_ordinary  # its public functions only count


def load_py_splintr():
    import splintr

    return splintr.Tokenizer.from_pretrained("o200k_base").encode_ordinary


def harmony():
    from openai_harmony import load_harmony_encoding

    return load_harmony_encoding("HarmonyGptOss")


def load_py_harmony():
    encoding = harmony()
    return lambda text: encoding.encode(text, disallowed_special=())


LOADERS = {
    "py-gigatoken": load_py_gigatoken,
    "py-fastokens": load_py_fastokens,
    "py-toktok": load_py_toktok,
    "py-splintr": load_py_splintr,
    "py-tiktoken": load_py_tiktoken,
    "py-quicktok": load_py_quicktok,
    "py-harmony": load_py_harmony,
}


def read(name):
    with open(os.path.join(CACHE, f"{name}.json"), encoding="utf8") as file:
        return json.load(file)


def seconds(run):
    """Processor time of all threads: a peer that uses more than one pays for each."""
    before = time.process_time()
    run()
    return time.process_time() - before


def settle(run):
    end = time.perf_counter() + SETTLE_SECONDS
    run()
    while time.perf_counter() < end:
        run()


def median_seconds(run):
    settle(run)
    times = []
    end = time.perf_counter() + MEDIAN_SECONDS
    while time.perf_counter() < end:
        times.append(seconds(run))
    return statistics.median(times)


def encode_all(encode, texts):
    for text in texts:
        encode(text)


def measure_encode(peer, corpus):
    texts = read("corpora")["texts"][corpus]
    measured = texts["measured"]
    encode = LOADERS[peer]()
    settle(lambda: encode_all(encode, texts["warmUp"]))
    cold = warm = seconds(lambda: encode_all(encode, measured))
    spent = 0.0
    for _ in range(WARM_PASSES):
        if spent > WARM_SECONDS:
            break
        took = seconds(lambda: encode_all(encode, measured))
        warm = min(warm, took)
        spent += took
    with open(os.path.join(CACHE, f"ids-{peer}-{corpus}.json"), "w", encoding="utf8") as file:
        json.dump([[int(id) for id in encode(text)] for text in measured], file)
    megabytes = sum(len(text.encode()) for text in measured) / 1e6
    return {f"{corpus} cold": megabytes / cold, f"{corpus} warm": megabytes / warm}


def measure_small(peer, _corpus):
    texts = read("corpora")["texts"]["documentation"]
    encode = LOADERS[peer]()
    measured, others = (small_texts(texts[half]) for half in ("measured", "warmUp"))
    settle(lambda: encode_all(encode, others))
    best = min(seconds(lambda: encode_all(encode, measured)) for _ in range(WARM_PASSES))
    return {"small": best / len(measured) * 1e6}


def small_texts(documents):
    return [text for each in documents for text in re.findall(r"(?s).{40}", each)][:SMALL_TEXTS]


def measure_load(peer, _corpus):
    before = time.perf_counter()
    ids = LOADERS[peer]()("hello")
    ms = (time.perf_counter() - before) * 1000
    assert len(ids) == 1
    return {"load": ms, **measure_empty(peer, None)}


def measure_empty(_peer, _corpus):
    gc.collect()
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return {}  # elsewhere only the peak is known
    return {"memory": resident / 1e6}


def measure_conversation(_peer, _corpus):
    from openai_harmony import Conversation, Role

    encoding = harmony()
    streams = read("streams")
    messages = Conversation.from_json(json.dumps(streams.pop("conversation"))).messages

    def render():
        conversation = Conversation.from_messages(messages)
        return encoding.render_conversation_for_completion(conversation, Role.ASSISTANT)

    figures = {"tokens": len(render()), "render": median_seconds(render) * 1e6}
    for name, tokens in streams.items():
        figures.update(parsing(encoding, name, tokens))
    return figures


def parsing(encoding, name, tokens):
    from openai_harmony import Role, StreamableParser

    def one_by_one():
        parser = StreamableParser(encoding, Role.ASSISTANT)
        for token in tokens:
            parser.process(token)

    figures = {f"{name} one by one": len(tokens) / median_seconds(one_by_one)}
    if name != "header":  # a header alone does not make a completion
        parse = lambda: encoding.parse_messages_from_completion_tokens(tokens, Role.ASSISTANT)
        figures[f"{name} parse"] = len(tokens) / median_seconds(parse)
    return figures


MEASUREMENTS = {
    "encode": measure_encode,
    "small": measure_small,
    "load": measure_load,
    "empty": measure_empty,
    "conversation": measure_conversation,
}

if __name__ == "__main__":
    peer_id, measurement, *rest = sys.argv[1:]
    print(json.dumps(MEASUREMENTS[measurement](peer_id, rest[0] if rest else None)))
