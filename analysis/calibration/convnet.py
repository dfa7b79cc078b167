"""What the convolutional networks that look again have in common, and writing them as ONNX."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Sequential):
    """A convolution, normalised, and what is above 0 of it."""

    def __init__(self, inward: int, outward: int, *, size: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inward, outward, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(outward),
            nn.ReLU(),
        )


def doubled(x: torch.Tensor) -> torch.Tensor:
    """Make a map twice as fine."""
    return functional.interpolate(x, scale_factor=2, mode="nearest")


def write(
    network: nn.Module, examples: Sequence[torch.Tensor], path: Path, *, names: Sequence[str]
) -> None:
    """Write a network as OpenCV reads it.

    Parameters
    ----------
    network : Module
    examples : sequence of Tensor
        One for each input.
    path : Path
    names : sequence of str
        Of the inputs.
    """
    program = torch.onnx.export(
        network.eval(),
        tuple(examples),
        dynamo=True,
        opset_version=18,
        verbose=False,
        input_names=list(names),
    )
    model = program.model_proto
    graph = model.graph
    # Each part says by which lines of which files it came about, and where these lay.
    values = (*graph.input, *graph.output, *graph.value_info, *graph.initializer)
    for part in (model, graph, *graph.node, *values):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    path.write_bytes(model.SerializeToString())
