"""gpt-oss's attention within the samples of a flattened row, as FlashAttention computes it.

FlashAttention needs a GPU. What separates samples for it is `cu_seq_lens_q`, where TRL's collator
says that each sample begins; the module of gpt-oss reads no positions for its other masks.
"""

from typing import Any

import torch
from transformers import AttentionInterface
from transformers.models.gpt_oss.modeling_gpt_oss import eager_attention_forward

WITHIN_SAMPLES = "within_samples"


def attention_within_samples(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _mask: torch.Tensor | None,
    *,
    cu_seq_lens_q: torch.Tensor | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attend causally from each sample's start, or from the start of rows without such a list."""
    length = query.shape[2]
    bounds = [0, length] if cu_seq_lens_q is None else cu_seq_lens_q.tolist()
    outputs = []
    for start, end in zip(bounds, bounds[1:], strict=False):
        query_, key_, value_ = (each[:, :, start:end] for each in (query, key, value))
        mask = _causal(end - start, module.sliding_window)
        outputs.append(
            eager_attention_forward(module, query_, key_, value_, mask, **options)[0]
        )
    return torch.cat(outputs, dim=1), None


def _causal(length: int, window: int | None) -> torch.Tensor:
    """What to add to the scores of `length` places that see the last `window` of them."""
    places = torch.arange(length)
    distance = places[:, None] - places[None, :]
    is_seen = (distance >= 0) & (distance < (window or length))
    return torch.where(is_seen, 0.0, torch.finfo(torch.float32).min)[None, None]


AttentionInterface.register(WITHIN_SAMPLES, attention_within_samples)
