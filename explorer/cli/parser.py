"""The words of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from explorer.architecture.errors import FormatError
from explorer.architecture.scaling import Padding
from explorer.cli import calls, changes
from explorer.cli.answer import Answer
from explorer.cli.edit_options import EDIT_OPTIONS
from explorer.cli.evaluate import evaluate
from explorer.cli.export import TARGETS, export
from explorer.cli.importing import import_checkpoint
from explorer.cli.infer import infer
from explorer.cli.route import route
from explorer.cli.train import train

MAX_SIZE = 16384
"""Largest image side that a call takes, in pixels."""

Call = Callable[[argparse.Namespace], Answer]


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options of one call. Raises FormatError, one line, for words that are off."""
    return _parser().parse_args(argv)


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        raise FormatError(f"{self.prog}: {message}. `{self.prog} --help` says what it takes.")


class _AppendEdit(argparse.Action):
    """Collects edits of all kinds in the order in which they are given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        del parser
        before = namespace.edits or ()
        namespace.edits = (*before, ((option_string or "").removeprefix("--"), str(values)))


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m explorer", description="See, edit and run scale-permuted networks."
    )
    group = parser.add_subparsers(title="calls", required=True, metavar="CALL")

    def call(name: str, run: Call, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = group.add_parser(name, help=text, description=text)
        made.add_argument("--json", action="store_true", help="one JSON object on standard output")
        made.set_defaults(run=run)
        return made

    call("list", calls.list_catalog, "The catalog, with counted costs and published results.")
    _arch(call("show", calls.show, "The blocks of an architecture, and its problems."))
    _sized(_arch(call("cost", calls.count, "Multiply-adds and parameters, by block and link.")))
    _arch(call("paths", calls.paths, "Paths and receptive field of each output."))
    _edits(_sized(_arch(call("edit", changes.edit, "Edit an architecture, in the order given."))))
    _two(_sized(call("diff", changes.diff, "What differs between two architectures.")))
    _two(_sized(call("route", route, "Legal edits that lead from one architecture to another.")))
    _render(_arch(call("render", calls.render, "Draw it: .svg .png .pdf .html .dot")))
    _infer(_arch(call("infer", infer, "Run it on an image.")))
    _import(call("import-checkpoint", import_checkpoint, "Take weights in from elsewhere."))
    _export(_arch(call("export", export, "Write it for another program.")))
    _evaluate(_arch(call("evaluate", evaluate, "Average precision on scenes of stickers.")))
    _train(call("train", train, "Train the one-shot network, or one architecture alone."))
    return parser


ARCH_HELP = "a catalog name, a JSON file of ours, or an official spec file"


def _arch(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("arch", metavar="ARCH", help=ARCH_HELP)
    return parser


def _two(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", metavar="A", help=ARCH_HELP)
    parser.add_argument("b", metavar="B", help=ARCH_HELP)


def _sized(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument(
        "--size", type=_pixels, default=640, metavar="PIXELS", help="image side [640]"
    )
    parser.add_argument(
        "--head",
        choices=("retinanet", "none"),
        help="count the RetinaNet head as well [retinanet where the outputs can feed one]",
    )
    return parser


def _edits(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(edits=())
    for name, option in EDIT_OPTIONS.items():
        parser.add_argument(
            f"--{name}", dest="edits", metavar=option.form, action=_AppendEdit, help=option.text
        )
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write the result here")


def _render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True)
    parser.add_argument(
        "--size", type=_pixels, default=640, metavar="PIXELS", help="image side [640]"
    )
    parser.add_argument(
        "--colour", choices=calls.COLOURS, default=calls.COLOURS[0], help="what colours carry"
    )
    parser.add_argument("--dark", action="store_true", help="for a dark page")


def _padding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--padding",
        choices=tuple(Padding),
        help="instead of the architecture's: same (TensorFlow 2), tf1 (TensorFlow 1's code), "
        "symmetric (torchvision)",
    )


def _infer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--image", metavar="FILE", type=Path, required=True,
        help="a picture, or a .npy of float32 (N, 3, H, W), taken as it is",
    )  # fmt: skip
    parser.add_argument(
        "--weights", metavar="FILE", type=Path,
        help=".safetensors; without it the reference's own, or the one-shot weights at the "
        "miniature scale; for maps and arrays seeded, untrained ones",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of untrained weights [0]")
    parser.add_argument(
        "--size", type=_pixels, metavar="PIXELS",
        help="side of the input [640; for the SSD reference 300, for a miniature 128]",
    )  # fmt: skip
    _padding(parser)
    parser.add_argument("--features", metavar="FILE.npz", type=Path, help="write P3… to P7")
    parser.add_argument("-o", "--output", metavar="OVERLAY.png", type=Path, help="write a picture")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="PREFIX", type=Path,
        help="of an official TensorFlow 2 checkpoint (PREFIX.index and PREFIX.data-…); or a "
        ".safetensors or .pth: ours, torchvision's ResNets, PyTorch ports of SpineNet",
    )  # fmt: skip
    parser.add_argument("--arch", metavar="ARCH", required=True, help=ARCH_HELP)
    parser.add_argument("-o", "--output", metavar="FILE.safetensors", type=Path, required=True)
    parser.add_argument(
        "--head",
        choices=("retinanet", "none"),
        help="take the RetinaNet head as well [retinanet where the file has one]",
    )
    parser.add_argument(
        "--table", metavar="NAME|FILE.json",
        help="how a port's names map to ours [found out by its names]",
    )  # fmt: skip


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", choices=TARGETS, required=True, help="what to write")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True)
    parser.add_argument(
        "--weights", metavar="FILE", type=Path,
        help=".safetensors: inside an ONNX file; for pytorch they are checked to fit",
    )  # fmt: skip
    parser.add_argument(
        "--head",
        choices=("retinanet", "none"),
        help="write the RetinaNet head as well [retinanet where the weights have one]",
    )
    parser.add_argument(
        "--size", type=_pixels, default=640, metavar="PIXELS", help="image side, for onnx [640]"
    )
    _padding(parser)
    parser.add_argument("--seed", type=int, default=0, help="of untrained weights [0]")


def _evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights", metavar="FILE", type=Path,
        help=".safetensors of a miniature network [the one-shot weights]",
    )  # fmt: skip
    parser.add_argument("--scenes", type=_count, default=256, help="how many [256]")
    parser.add_argument("--seed", type=int, help="of the scenes [the fixed evaluation set]")
    parser.add_argument("--difficulty", type=_part, default=0.5, help="0 easy to 1 hard [0.5]")
    parser.add_argument(
        "--unseen-style", action="store_true", help="every object in the style never trained on"
    )
    parser.add_argument(
        "--bypass", metavar="ID,ID|all",
        help="these permuted blocks pass their summed input on unchanged",
    )  # fmt: skip


def _part(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"found {text[:20]!r}, expected 0 to 1")
    return value


def _train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="ARCH", help=f"`one-shot` for all of them; or {ARCH_HELP}")
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, required=True,
        help="for weights, checkpoint and learning curve",
    )  # fmt: skip
    parser.add_argument("--steps", type=_count, help="length [60000; alone 6000]")
    parser.add_argument(
        "--minutes", type=float, help="stop after so long; --resume goes on [no limit]"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument(
        "--export", action="store_true", help="only write the weights of the checkpoint in --out"
    )
    parser.add_argument(
        "--init", metavar="one-shot|FILE", help="start from these weights [seeded values]"
    )
    parser.add_argument("--seed", type=int, default=0, help="of values, scenes and order [0]")
    parser.add_argument("--threads", type=_count, default=1, help="CPU threads [1]")
    parser.add_argument(
        "--processes",
        type=_count,
        default=1,
        help="that train together, each --batch images on an architecture of its own a step; one "
        "for each core is fastest [1]",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="[cpu]")
    parser.add_argument("--batch", type=_count, default=16, help="images a step [16]")
    parser.add_argument("--pool", type=_count, default=8000, help="scenes in memory [8000]")
    parser.add_argument("--rate", type=float, help="largest learning rate [0.03; tuned 0.006]")
    parser.add_argument(
        "--bfloat16",
        action="store_true",
        help="mixed precision on the CPU too: faster with AMX or AVX-512 BF16",
    )


def _count(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"found {text[:20]!r}, expected a whole number from 1")
    return value


def _pixels(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= value <= MAX_SIZE:
        raise argparse.ArgumentTypeError(f"found {text[:20]!r}, expected 1 to {MAX_SIZE}")
    return value
