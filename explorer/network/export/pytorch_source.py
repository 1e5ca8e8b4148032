"""An architecture as one readable file of PyTorch, which needs nothing of this project.

The small classes at its top stand in `pieces`, word for word; the network below them is written
here from the plan, so that its parameters have the names and shapes of `explorer.network.build`.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterator
from textwrap import wrap

from explorer.architecture.architecture import Architecture
from explorer.architecture.links import dead_blocks
from explorer.architecture.plan import Plan, plan
from explorer.architecture.rules import ids_text
from explorer.architecture.scaling import Activation, HeadStyle, Norm, Padding, Scaling
from explorer.cost.cost import cost
from explorer.cost.units import macs_text, params_text
from explorer.network.export.code import WIDTH, import_lines, names_in, piece, statement, used
from explorer.network.export.parts import (
    applied,
    block_module,
    endpoint_module,
    shape_text,
    stem_module,
    tower_module,
)

COUNT_SIZE = 640
ACTIVATIONS = {
    Activation.RELU: "functional.relu",
    Activation.SWISH: "functional.silu",
    Activation.HARD_SWISH: "functional.hardswish",
    Activation.RELU6: "functional.relu6",
}
_PADDING_PIECES = {Padding.SAME: "same", Padding.SYMMETRIC: "symmetric", Padding.TF1: "tf1"}
_NORM_PIECES = {Norm.BATCH: "norm_batch", Norm.FOLDED: "norm_folded", Norm.GROUP: "norm_group"}
_PIXELS = {
    HeadStyle.RETINANET: "0 to 1, minus (0.485, 0.456, 0.406), over (0.229, 0.224, 0.225).",
    HeadStyle.SSD: "-1 to 1.",
}


def pytorch_source(arch: Architecture, *, head: bool = False) -> str:
    """The text of a Python file with one class, the network, that takes no arguments.

    Its state dict has the names and shapes of ours, both ways. `forward` gives maps by level, and
    with a head `forward_head` gives class logits and boxes from them, as ours do.

    Parameters
    ----------
    arch: an architecture without problems.
    head: also the head.

    Raises
    ------
    ArchitectureError: where `arch` has problems, or a head is asked for and does not fit.

    >>> from explorer.architecture.example import small
    >>> text = pytorch_source(small())
    >>> [line for line in text.splitlines() if line.endswith("# L2 (N, 256, H/4, W/4)")][0]
    '        b0 = block["0"](x)  # L2 (N, 256, H/4, W/4)'
    """
    counted = cost(arch, COUNT_SIZE, head)  # refuses a head that does not fit
    side = arch.scaling.fitting_side  # parameters are the same at any size
    network = plan(arch, side, side, head)
    name = class_name(arch.name)
    body = [
        f"class {name}(nn.Module):",
        *_docstring(arch),
        *_init(network),
        *_forward(network),
        *(_forward_head() if head else ()),
    ]
    main = _main(name, arch)
    wanted = names_in(ast.parse("\n".join((*body, "", *main))))
    scaling = arch.scaling
    kind = "separable" if scaling.head.separable else "conv"
    pieces = [
        piece(part)
        for part in (
            *(_PADDING_PIECES[scaling.padding], _NORM_PIECES[scaling.norm]),
            *("primitives", "blocks", "links", "miniature", "endpoints"),
            *(f"head_{kind}", "head", "head_ssd", "loading"),
        )
    ]
    sources, imports = used(pieces, wanted)
    numbers = f"{macs_text(counted.macs)} multiply-adds at {COUNT_SIZE}x{COUNT_SIZE}"
    lines = [
        f"# {_shortened(f'Architecture: {arch.name}')}",
        f"# {numbers}, {params_text(counted.params)} parameters{', with its head' * head}",
        f"# Padding: {scaling.padding}; activation: {scaling.activation}",
        *_header(name, arch),
        *import_lines({**imports, "sys": "", "functional": "torch.nn"}),
        "",
        *_settings(scaling),
        "",
        f"activate = {ACTIVATIONS[scaling.activation]}",
    ]
    parts = [*sources, "\n".join(body), "\n".join(main)]
    return "\n".join(lines) + "".join(f"\n\n\n{part}" for part in parts) + "\n"


def _settings(scaling: Scaling) -> list[str]:
    if scaling.norm is Norm.FOLDED:
        return ["BIASED = True  # convolutions, for norms are folded into them"]
    momentum = ["MOMENTUM = 0.01  # of running statistics, in training"]
    return [
        f"EPSILON = {scaling.norm_epsilon!r}  # of norms",
        *(momentum if scaling.norm is Norm.BATCH else []),
        "BIASED = False  # convolutions, where a norm follows",
    ]


def class_name(text: str) -> str:
    """A class name from an architecture's name; letters, digits, nothing else of it.

    >>> class_name("SpineNet-49S"), class_name("49"), class_name("'); import os #")
    ('SpineNet49S', 'Network49', 'ImportOs')
    >>> class_name("Block")
    'BlockNetwork'
    """
    plain = unicodedata.normalize("NFKD", text)
    words = re.findall(r"[A-Za-z0-9]+", plain)
    name = "".join(word[0].upper() + word[1:] for word in words)[:40]
    if not name or name[0].isdigit():
        name = f"Network{name}"
    return f"{name}Network" if name in _taken() else name


def _taken() -> frozenset[str]:
    parts = ("same", "norm_batch", "primitives", "blocks", "links", "miniature", "endpoints")
    heads = ("head_conv", "head", "head_ssd", "loading")
    pieces = [piece(part) for part in (*parts, *heads)]
    found = {name for one in pieces for name in (*one.definitions, *one.imports)}
    return frozenset({*found, *dir(builtins), *keyword.kwlist, "EPSILON", "MOMENTUM", "BIASED"})


def _shortened(text: str) -> str:
    """Text that fits on a line after `# `; wide letters count twice."""
    found, room = "", WIDTH - 6
    for letter in text:
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            return f"{found}…"
        found += letter if letter.isprintable() else "?"
    return found


def _header(name: str, arch: Architecture) -> list[str]:
    scaling = arch.scaling
    levels = [arch.scaling.output_name(block.level) for block in arch.outputs]
    return [
        '"""One network as one file, made by SpineNet Explorer; it needs torch alone.',
        "",
        f"    network = {name}().eval()",
        '    network.load_state_dict(read_safetensors("weights.safetensors"))',
        f"    maps = network(images)  # {', '.join(levels)} by level",
        "",
        *wrap(
            f"`images` are float32 (N, 3, H, W): red, green, blue in {_PIXELS[scaling.head.style]} "
            f"Heights and widths that are multiples of {scaling.fitting_side} fit every network. "
            "SpineNet Explorer has the same names in its state dicts.",
            WIDTH,
        ),
        '"""',
        "",
    ]


def _docstring(arch: Architecture) -> Iterator[str]:
    yield '    """Blocks b0, b1, … in the order in which they run; L4 has stride 2**4."""'
    dead = dead_blocks(arch)
    if dead:
        left_out = ids_text(block for block in arch.blocks if block.id in dead)
        yield ""
        yield f"    # {_shortened(f'No output can be reached from these blocks: {left_out}')}"
    yield ""


def _init(network: Plan) -> Iterator[str]:
    arch = network.architecture
    yield "    def __init__(self) -> None:"
    yield "        super().__init__()"
    yield from statement(stem_module(network), 8, "self.stem = ")
    yield "        self.blocks = nn.ModuleDict()"
    for block_id, step in network.blocks.items():
        yield from statement(
            block_module(step, arch.scaling.link_style), 8, f'self.blocks["{block_id}"] = '
        )
    ends = {level: unit for level, unit in network.endpoints.items() if unit.layers}
    if ends:
        yield "        self.endpoints = nn.ModuleDict()"
    for level, unit in ends.items():
        yield from statement(endpoint_module(unit), 8, f'self.endpoints["{level}"] = ')
    if network.head:
        yield "        self.head = nn.ModuleDict()"
        for tower in ("class", "box"):
            made = tower_module(network, tower, arch.scaling.head)
            yield from statement(made, 8, f'self.head["{tower}"] = ')


def _forward(network: Plan) -> Iterator[str]:
    arch = network.architecture
    yield ""
    yield "    def forward(self, x: Tensor) -> dict[int, Tensor]:  # (N, 3, H, W)"
    yield "        block = self.blocks"
    lines: list[str] = []
    stem = f"  # {shape_text(network.stem.output, arch.scaling.stem_level)}"
    for block_id, step in network.blocks.items():
        note = f"  # L{step.block.level} {shape_text(step.output, step.block.level)}"
        lines += statement(applied(step), 8, f"b{block_id} = ", note)
    if any("width=" in line for line in lines):
        yield "        w = x.shape[-1]  # links that go up aim at their block's part of it"
    yield f"        x = self.stem(x){stem}"
    yield from lines
    yield "        return {"
    for block in arch.outputs:
        unit = network.endpoints[block.level]
        value = f'self.endpoints["{block.level}"](b{block.id})' if unit.layers else f"b{block.id}"
        note = f"{arch.scaling.output_name(block.level)} {shape_text(unit.output, block.level)}"
        yield f"            {block.level}: {value},  # {note}"
    yield "        }"


def _forward_head() -> list[str]:
    return [
        "",
        "    def forward_head(self, maps: dict[int, Tensor]) -> dict[int, tuple[Tensor, Tensor]]:",
        '        """Class logits and boxes by level; channels are anchor by anchor."""',
        '        classes, boxes = self.head["class"], self.head["box"]',
        "        return {n: (classes(x, n), boxes(x, n)) for n, x in maps.items()}",
    ]


def _main(name: str, arch: Architecture) -> list[str]:
    """What the file does when it is run: it shows that it works."""
    side = arch.scaling.fitting_side
    letter = arch.scaling.output_name(0)[0]
    return [
        'if __name__ == "__main__":  # python FILE.py [WEIGHTS.safetensors]',
        f"    network = {name}().eval()",
        "    if len(sys.argv) > 1:",
        "        network.load_state_dict(read_safetensors(sys.argv[1]))",
        "    with torch.no_grad():",
        f"        for level, maps in network(torch.zeros(1, 3, {side}, {side})).items():",
        f'            print(f"{letter}{{level}}: {{tuple(maps.shape)}}")',
    ]
