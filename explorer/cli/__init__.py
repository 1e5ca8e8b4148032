"""The same jobs from a shell: `python -m explorer CALL …`.

`--json` prints one JSON object on standard output and nothing else there. Exit status: 0; 1 where a
check did not hold; 2 with one line on standard error for bad input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from explorer.architecture.errors import ExplorerError
from explorer.cli.answer import Answer
from explorer.cli.parser import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run one call; returns its exit status."""
    try:
        options = parse(argv)
        answer: Answer = options.run(options)
        print(json.dumps(answer.data, allow_nan=False) if options.json else answer.text)
        sys.stdout.flush()
    except ExplorerError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # The reader has gone; keep the interpreter from failing once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _refuse(f"{error.filename or 'A file'}: {error.strerror or error}.")
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return _refuse(answer.complaint) if answer.complaint else 0


def _refuse(reason: str) -> int:
    print(" ".join(reason.split()), file=sys.stderr)
    return 2
