"""Published rates of replies, and how far the simulated ones are from them; the documents' table of both."""

from typing import NamedTuple

import numpy as np
from decoders import all_resident, times_of

from edgesim.files import read_device, read_model
from edgesim.generation import Setup, passes
from edgesim.latency import TokenTimes, token_times
from edgesim.tokens import Generation

Table = tuple[tuple[str, ...], list[list[str]]]


class Case(NamedTuple):
    """A published rate, and how far the simulated one is from it."""

    device: str
    model: str
    bits: int
    per_s: float
    deviation: float
    source: str


LLAMAFILE = "https://github.com/guevara/read-it-later/issues/11711"  # a copy of 'LLaMA Now Goes Faster on CPUs'
OLLAMA = "https://github.com/geerlingguy/ai-benchmarks/issues/7"
EXECUTORCH = "https://github.com/pytorch/executorch/blob/main/examples/models/llama/README.md"
BIGMOE = "https://github.com/Helldez/BigMoeOnEdge/blob/main/docs/benchmarks.md"
PR_711 = "https://github.com/ggml-org/llama.cpp/pull/711"

RESIDENT = [
    # llama3.2:3b (Q4_K_M) under Ollama, no memory tweaks; with them 4.88
    Case("raspberry-pi-5-nvme", "llama-3.2-3b", 4, 4.51, 0.00, OLLAMA),
    # llamafile 0.7 and llama.cpp, q8_0 and f16; published in whole tokens
    Case("raspberry-pi-5-nvme", "tinyllama-1.1b", 8, 9, -0.08, LLAMAFILE),
    Case("raspberry-pi-5-nvme", "tinyllama-1.1b", 16, 5, -0.09, LLAMAFILE),
    # four A72 cores do not overlap arithmetic and reading as a roofline does: summed they would give 3.5 tokens/s
    Case("raspberry-pi-4", "tinyllama-1.1b", 8, 3, 0.68, LLAMAFILE),
    Case("raspberry-pi-4", "tinyllama-1.1b", 16, 2, 0.38, LLAMAFILE),
    # OnePlus 12, four or eight bits (SpinQuant) and BF16; the profile has the peak of the bus, 76.8 GB/s
    Case("phone-ufs4", "llama-3.2-1b", 4, 50.2, 0.84, EXECUTORCH),
    Case("phone-ufs4", "llama-3.2-3b", 4, 19.7, 0.93, EXECUTORCH),
    Case("phone-ufs4", "llama-3.2-1b", 16, 19.2, 0.79, EXECUTORCH),
]
PREFILL = [
    Case("raspberry-pi-5-nvme", "tinyllama-1.1b", 8, 35, 0.03, LLAMAFILE),  # llama.cpp of 2024-03-26; llamafile 0.7: 45
    Case("raspberry-pi-4", "tinyllama-1.1b", 8, 10, 0.17, LLAMAFILE),
    Case("phone-ufs4", "llama-3.2-1b", 4, 260.5, 0.36, EXECUTORCH),
    Case("phone-ufs4", "llama-3.2-3b", 4, 89.7, 0.38, EXECUTORCH),
]


def answered(case: Case) -> TokenTimes:
    """Answer a prompt of 64 tokens with 64, all weights resident."""
    model = read_model(case.model)
    plan, generation = all_resident(model, case.bits), Generation(prompt=64, tokens=64)
    setup = Setup(model, read_device(case.device), "cpu")
    return token_times(0, times_of(passes(plan, setup, generation, plan.preload, np.random.default_rng(0))))


def rates() -> Table:
    """Return each published rate beside the simulated one."""
    head = ("device", "model", "bits", "of", "published, tokens/s", "simulated", "deviation")
    rows = [_row(case, "reply", answered(case).tokens_per_s or 0.0) for case in RESIDENT]
    rows += [_row(case, "prompt", 64e9 / answered(case).time_to_first_token_ns) for case in PREFILL]
    return head, rows


def _row(case: Case, of: str, rate: float) -> list[str]:
    published = f"[{case.per_s:g}]({case.source})"
    return [case.device, case.model, str(case.bits), of, published, f"{rate:.1f}", f"{rate / case.per_s - 1:+.0%}"]


TABLES = {"published rates": rates}
