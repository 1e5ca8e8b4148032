"""One rule of a port table: a pattern of names, and the name that it stands for.

`merge_ops.{n}.{rest*}` matches `merge_ops.3.conv.weight`, with n = 3 and rest = conv.weight: a word
in braces stands for letters, digits and lines without a dot, with a star also for dots. Between two
words stands a dot: so no name can be taken apart in many ways, and matching stays quick. In the
other name `{n}` is put back, and `{n+2}` is the number n plus two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from explorer.architecture.errors import FormatError

MAX_PATTERN = 200
MAX_WORDS = 6
MAX_NAME = 300
"""Longer names match nothing: a star and a name of any length would take long together."""
_WORD = re.compile(r"\{([a-z]\w{0,19})(\*?)\}")
_PUT = re.compile(r"\{([a-z]\w{0,19})(?:([+-])(\d{1,4}))?\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """From names of a port to names of ours.

    >>> Rule("merge_ops.{n}.{rest*}", "places.{n+2}.{rest}").name_for("merge_ops.3.conv.weight")
    'places.5.conv.weight'
    >>> Rule("{path*}.step", "").name_for("conv.weight") is None
    True
    """

    pattern: str
    becomes: str

    def name_for(self, name: str) -> str | None:
        """Our name, None where the pattern does not match.

        Also None where a number is asked for and something else stands there.
        """
        found = _compiled(self.pattern).fullmatch(name) if len(name) <= MAX_NAME else None
        if found is None:
            return None
        words = found.groupdict()
        parts: list[str] = []
        end = 0
        for put in _PUT.finditer(self.becomes):
            value = words[put[1]]
            if put[3]:
                if not (value.isascii() and value.isdigit() and len(value) < 8):
                    return None
                number = int(value) + (int(put[3]) if put[2] == "+" else -int(put[3]))
                value = str(number)
            parts += (self.becomes[end : put.start()], value)
            end = put.end()
        return "".join((*parts, self.becomes[end:]))

    def check(self, where: str) -> None:
        """Raises FormatError where the pattern has no meaning; `where` begins the sentence."""
        words = _WORD.findall(self.pattern)
        plain = _WORD.sub("", self.pattern)
        if len(self.pattern) > MAX_PATTERN or len(words) > MAX_WORDS:
            problem = f"a pattern of {len(self.pattern)} letters and {len(words)} words in braces"
            expected = f"at most {MAX_PATTERN} and {MAX_WORDS}"
        elif sum(star == "*" for _, star in words) > 1:
            problem, expected = f"two stars in {self.pattern!r}", "at most one"
        elif "{" in plain or "}" in plain:
            problem, expected = f"{self.pattern!r}", "words such as {n} or {rest*} in braces"
        elif any(len(_WORD.findall(part)) > 1 for part in self.pattern.split(".")):
            problem, expected = f"two words side by side in {self.pattern!r}", "a dot between them"
        elif len({word for word, _ in words}) < len(words):
            problem, expected = f"one word twice in {self.pattern!r}", "each word once"
        elif {put[0] for put in _PUT.findall(self.becomes)} - {word for word, _ in words}:
            problem = f"{self.becomes!r}, which asks for a word that {self.pattern!r} has not"
            expected = "words of the pattern"
        elif "{" in _PUT.sub("", self.becomes) or "}" in _PUT.sub("", self.becomes):
            problem, expected = f"{self.becomes!r}", "words such as {n} or {n+2} in braces"
        else:
            return
        raise FormatError(f"{where}: found {problem}, expected {expected}. Mend the rule.")


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    text, end = "", 0
    for word in _WORD.finditer(pattern):
        text += re.escape(pattern[end : word.start()])
        text += f"(?P<{word[1]}>{'.+' if word[2] else '[^.]+'})"
        end = word.end()
    return re.compile(text + re.escape(pattern[end:]))
