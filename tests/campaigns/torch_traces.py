"""Make the PyTorch traces in ``tests/samples``: ``python -m tests.campaigns.torch_traces``.

A small encoder of four layers on one thread, three steps each: once with a `record_function` around each layer, once
with ``with_stack=True``, which records modules by themselves. Of the latter the frames of plain functions are left out:
they are ninety percent of the file, and the importer does not read them.
"""

import gzip
import json
from pathlib import Path

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function, schedule

LAYERS, HIDDEN, HEADS, FFN, TOKENS, STEPS = 4, 64, 4, 256, 32, 3
SAMPLES = Path(__file__).parent.parent / "samples"


def run(layers: nn.ModuleList, tokens: torch.Tensor, *, named: bool) -> torch.Tensor:
    """Run all layers, each in a range of its own where `named`."""
    for number, layer in enumerate(layers):
        if named:
            with record_function(f"encoder.layer.{number}"):
                tokens = layer(tokens)
        else:
            tokens = layer(tokens)
    return tokens


def trace(path: Path, *, named: bool) -> None:
    """Write the trace of some steps."""
    torch.manual_seed(0)
    layers = nn.ModuleList(nn.TransformerEncoderLayer(HIDDEN, HEADS, FFN, batch_first=True) for _ in range(LAYERS))
    tokens = torch.randn(1, TOKENS, HIDDEN)
    plan = schedule(wait=0, warmup=1, active=STEPS, repeat=1)
    with (
        torch.inference_mode(),
        profile(activities=[ProfilerActivity.CPU], schedule=plan, with_stack=not named) as profiler,
    ):
        for _ in range(STEPS + 1):
            run(layers.eval(), tokens, named=named)
            profiler.step()
    profiler.export_chrome_trace(str(path))
    data = json.loads(gzip.decompress(path.read_bytes()))
    data["traceEvents"] = [event for event in data["traceEvents"] if not is_plain_function(event)]
    path.write_bytes(gzip.compress(json.dumps(data).encode(), mtime=0))


def is_plain_function(event: dict[str, str]) -> bool:
    """Tell the frame of a function from that of a module."""
    return event.get("cat") == "python_function" and not event["name"].startswith("nn.Module: ")


if __name__ == "__main__":
    torch.set_num_threads(1)
    trace(SAMPLES / "torch_record_function.json.gz", named=True)
    trace(SAMPLES / "torch_with_stack.json.gz", named=False)
