"""One step of TRL's SFTTrainer on rendered rows, beside the loss computed by hand.

The models have random weights. Computed by hand, each sample is alone in its batch, so the two
losses are equal only if the trainer trains on the masked ids and no others, and if the samples of
a packed row do not attend to each other.
"""

from collections.abc import Iterable
from pathlib import Path

import torch
from attention import WITHIN_SAMPLES
from datasets import Dataset, load_dataset
from rendered import IGNORED, Renders, Sample
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import (
    GptOssConfig,
    GptOssForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from trl import SFTConfig, SFTTrainer

PACK = 512
ALONE = "--mask trl --columns input_ids,labels"
PACKED = f"--mask trl --pack {PACK} --columns input_ids,labels,seq_lengths"
STEPS = {
    "one sample a row": (ALONE, False),
    "one sample a row, padding-free": (ALONE, True),
    "packed, padding-free": (PACKED, True),
    "packed and padded, padding-free": (f"{PACKED} --pad <|endoftext|>", True),
}
SIZES = {
    "vocab_size": 201088,
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 4096,
    "initializer_range": 0.5,
}
# The trainer adds a loss for the balance of the experts: 0.001 by default, times about 2 here.
EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}


def _gpt_oss(attention: str) -> PreTrainedModel:
    torch.manual_seed(0)
    config = GptOssConfig(**SIZES, **EXPERTS, attn_implementation=attention)
    return GptOssForCausalLM(config).eval()


def _llama() -> PreTrainedModel:
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**SIZES, attn_implementation="sdpa")).eval()


def steps(renders: Renders, folder: Path) -> dict[str, object]:
    """Return the batches that the trainer made, and its losses beside those by hand."""
    samples = renders.samples("trl")
    by_hand = {"gpt-oss": _by_hand(_gpt_oss("eager"), samples), "llama": _by_hand(_llama(), samples)}
    answers: dict[str, object] = {"by hand": by_hand, "steps": {}}
    for name, (flags, padding_free) in STEPS.items():
        rows = _rows(renders, name, flags, folder)
        attention = WITHIN_SAMPLES if padding_free else "eager"
        gpt_oss, batch = _step(_gpt_oss(attention), rows, folder, padding_free=padding_free)
        llama, _ = _step(_llama(), rows, folder, padding_free=padding_free)
        losses = {"gpt-oss": gpt_oss, "llama": llama}
        answers["steps"][name] = {"flags": flags, "losses": losses, "batch": batch}
    answers["mixed"] = _mixed(_rows(renders, "mixed", PACKED, folder), folder)
    return answers


def _mixed(rows: Dataset, folder: Path) -> dict[str, float]:
    """Return losses of steps in which the samples of a packed row attend to each other."""
    leaking = rows.remove_columns("seq_lengths")
    given = {
        "gpt-oss, without seq_lengths": (_gpt_oss(WITHIN_SAMPLES), leaking),
        "llama, without seq_lengths": (_llama(), leaking),
        "gpt-oss, eager attention": (_gpt_oss("eager"), rows),
    }
    return {
        name: _step(model, data, folder, padding_free=True)[0]
        for name, (model, data) in given.items()
    }


def _rows(renders: Renders, name: str, flags: str, folder: Path) -> Dataset:
    path = renders.file(f"{name.replace(' ', '-')}.parquet", flags)
    cache = str(folder / "cache")
    return load_dataset("parquet", data_files=str(path), split="train", cache_dir=cache)


def _step(
    model: PreTrainedModel, rows: Dataset, folder: Path, *, padding_free: bool
) -> tuple[float, dict[str, object]]:
    """Train one step on all rows; return the loss that is logged, and the batch."""
    trainer = SFTTrainer(
        model,
        args=SFTConfig(
            output_dir=str(folder / "trainer"),
            per_device_train_batch_size=len(rows),
            max_steps=1,
            padding_free=padding_free,
            max_length=None,
            logging_steps=1,
            gradient_checkpointing=False,
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            bf16=False,
            disable_tqdm=True,
        ),
        train_dataset=rows,
        processing_class=_tokenizer(),
    )
    batches, collate = [], trainer.data_collator

    def kept(examples: list[dict[str, object]]) -> dict[str, torch.Tensor]:
        batches.append(collate(examples))
        return dict(batches[-1])

    trainer.data_collator = kept
    trainer.train()
    (batch,) = batches
    names = ("input_ids", "labels", "position_ids" if padding_free else "attention_mask")
    columns = {name: batch[name].tolist() for name in names}
    return trainer.state.log_history[0]["loss"], columns


def _by_hand(model: PreTrainedModel, samples: Iterable[Sample]) -> float:
    """Return the mean negative log probability of the masked ids, each sample alone."""
    surprise = []
    for sample in samples:
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([sample.ids])).logits[0]
        places = [place for place, label in enumerate(sample.labels[1:]) if label != IGNORED]
        chances = torch.log_softmax(logits[places].double(), dim=-1)
        labels = torch.tensor([sample.labels[place + 1] for place in places])
        surprise.append(-chances[range(len(places)), labels])
    return torch.cat(surprise).mean().item()


def _tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer that knows how to pad, which is all that the trainer needs of it."""
    words = Tokenizer(WordLevel({"<|endoftext|>": 199999}, unk_token="<|endoftext|>"))
    return PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<|endoftext|>", eos_token="<|endoftext|>"
    )
