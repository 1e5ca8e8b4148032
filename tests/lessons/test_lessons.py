"""Every lesson and challenge: answers are computed, tasks can be done, texts hold."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path

import pytest

from explorer.architecture.codec import to_token
from explorer.architecture.errors import FormatError, UnknownNameError
from explorer.architecture.rules import problems
from explorer.catalog import entry
from explorer.cost.cost import cost
from explorer.lessons.checking import check, made, verify
from explorer.lessons.expressions import evaluate
from explorer.lessons.lesson import Challenge, Lesson, Rule
from explorer.lessons.library import challenges, lesson, lessons
from explorer.lessons.measures import facts, published
from explorer.lessons.wording import FIELD, TERM, filled, glossary, glosses, mentioned, terms
from explorer.search.space import space_of

LESSONS, CHALLENGES = lessons(), challenges()
GOLDEN = Path(__file__).parents[1] / "golden" / "facts" / "published_results.json"
each_lesson = pytest.mark.parametrize("found", LESSONS, ids=[one.id for one in LESSONS])
each_task = pytest.mark.parametrize(
    "found", [*LESSONS, *CHALLENGES], ids=[one.id for one in (*LESSONS, *CHALLENGES)]
)


def texts(found: Lesson | Challenge) -> list[str]:
    """Every text that a person reads of it."""
    task = found.task
    words = [found.title, task.text, task.hint]
    words += chain.from_iterable((one.text, one.now) for one in task.conditions)
    if isinstance(found, Challenge):
        return [*words, found.score_text]
    question = found.question
    options = [one.text for one in question.options]
    return [*words, found.idea, found.why, question.text, question.reveal, *options]


def test_the_issues_ideas_are_all_there() -> None:
    assert len(LESSONS) >= 11
    assert [one.id for one in LESSONS] == [
        "levels", "shrinking", "fpn", "one-swap", "resampling", "bottleneck",
        "receptive-field", "crossing", "adjustments", "scaling", "search", "tables",
    ]  # fmt: skip
    assert all(3 <= one.minutes <= 6 and one.sources for one in LESSONS)


@each_lesson
def test_one_answer_is_right_and_it_is_computed(found: Lesson) -> None:
    names = found.names()
    values = found.question.values(names)
    right = found.question.answer(names)
    assert 2 <= len(values) <= 5
    if found.question.rule is Rule.NEAREST:
        target = float(evaluate(found.question.target, names))
        away = sorted(abs(value - target) for value in values)
        assert away[0] < 0.35 * away[1], "two options are about as near"
    else:
        best = max(values) if found.question.rule is Rule.LARGEST else min(values)
        assert values.count(best) == 1
    assert values[right] == found.question.values(names)[right]


@each_task
def test_a_task_is_open_at_first_and_done_by_its_solution_alone(found: Lesson | Challenge) -> None:
    assert problems(found.network) == ()
    for edits, done in ((), False), (found.task.wrong, False), (found.task.solution, True):
        here = made(found.network, edits)
        verdict = check(found.task.conditions, found.names(here))
        assert verdict.done is done, [one for one in verdict.checked if not one.holds]
    assert found.task.wrong and found.task.solution and found.task.hint


@each_task
def test_texts_can_be_filled_and_terms_are_glossed(found: Lesson | Challenge) -> None:
    names = found.names(found.network)
    for text in texts(found):
        done = filled(text, names)
        assert "{" not in done and "[[" not in done and "None" not in done
        glosses(text)


def test_each_term_is_explained_where_it_comes_up_first() -> None:
    """In the order in which lessons are taken; a lesson's own list has every term that it uses."""
    met: set[str] = set()
    for found in LESSONS:
        for text in found.texts:
            new = set(mentioned(text)) - met
            assert new <= set(terms(text)), f"{found.id}: {new - set(terms(text))} in {text[:60]!r}"
            met |= new
        assert set(found.words) >= {term for text in found.texts for term in terms(text)}
    assert met >= {"level", "MACs", "path", "bottleneck level", "AP", "convolution", "dead"}


PLAIN = re.compile(
    r"""(?<![\w.])(
        [bLPC]\d+ | \d×\d | \d\ ×\ \d | P3\ to\ P7
        | (ResNet|SpineNet|R\d+|SP\d+|49S|R0|R23)[\w-]*
    )(?!\w)""",
    re.VERBOSE,
)
"""Names that have digits: blocks, levels, kernels, networks."""


@each_lesson
def test_numbers_in_prose_are_computed_or_facts(found: Lesson) -> None:
    """Outside of `{…}` there are only names, and numbers that nobody measured."""
    for text in (found.idea, found.why, found.question.reveal, found.question.text):
        rest = PLAIN.sub("", FIELD.sub("", TERM.sub(r"\1", text)))
        rest = re.sub(r"\((Table|Fig\.|section)s? \d+[^)]*\)", "", rest)
        rest = re.sub(r"(Fig\.|stride|SpineNet-\d+|\b143) \d+", "", rest)
        stray = re.findall(r"(?<![\w-])\d[\d.,]*", rest)
        assert {number.rstrip(".,") for number in stray} <= NAMED.get(found.id, set()), rest


NAMED = {"scaling": {"49", "143", "190"}}
"""SpineNets that a lesson calls by their number alone."""
COUNTED = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|twelve|twice|thrice|half)\b", re.IGNORECASE
)


def test_numbers_in_words_are_few_and_known() -> None:
    """A number may hide in a word: each such place is looked at once, and stands here."""
    found = {
        (one.id, match[0].lower())
        for one in LESSONS
        for text in (one.idea, one.why, one.question.reveal)
        for match in COUNTED.finditer(FIELD.sub("", text))
    }
    assert found == {
        ("levels", "two"),  # steps from L3 to L5, and half of the rows
        ("levels", "half"),
        ("shrinking", "two"),  # stickers
        ("one-swap", "two"),  # blocks that swap
        ("resampling", "two"),  # maps that are added
        ("resampling", "half"),  # of the channels, and half of the cost: alpha, tested below
        ("bottleneck", "two"),  # permutations of a pair
        ("crossing", "two"),  # parents, tested below
        ("crossing", "half"),  # of an experiment
        ("adjustments", "two"),  # more things; steps of level, tested below
        ("scaling", "four"),  # times the pixels of twice the side
        ("search", "two"),  # parents, tested below
        ("tables", "three"),  # things to ask
    }
    assert entry("spinenet-49").architecture.scaling.resample_alpha == 0.5
    for name in ("r0-sp53", "spinenet-49"):
        blocks = entry(name).architecture.blocks
        assert all(len(block.parents) == 2 for block in blocks if not block.in_stem)
    space = space_of(entry("spinenet-49").architecture)
    assert set(space.offsets) == {-1, 0, 1, 2}


CITED = {"MODEL_ZOO.md": "MODEL_ZOO.md", "Fig. 4": "Fig. 4", "Results page": "Table 2"}
"""What a published row names as its source, and what a lesson must cite for it."""


@each_lesson
def test_published_numbers_are_cited(found: Lesson) -> None:
    cited = " ".join(found.sources)
    for text in found.texts:
        for call in re.findall(r"(?<!\w)(?:ap|flops|published_size)\(([^)]*)\)", text):
            name, protocol, *rest = (word.strip(" '") for word in call.split(","))
            split, size = (*rest, "val2017", "0")[0:2] if rest else ("val2017", "0")
            size = size if size.isdigit() else "0"
            source = published(name, protocol, split, int(size)).source
            words = [cite for known, cite in CITED.items() if known in source]
            assert any(word in cited for word in words), f"{call}: {source}"


def test_facts_equal_the_facts_file() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))["nas"]
    found = {key: one.value for key, one in facts().items()}
    samples = golden["samples_until_best"]
    assert found["search.samples.spinenet-49"] == 1000 * int(samples["SpineNet-49"][:-1])
    assert found["search.samples.r0-sp53"] == 1000 * int(samples["R0-SP53"][:-1])
    proxy = golden["proxy"]
    assert f"uniformly by {found['search.proxy.width']}" in proxy
    assert f"{found['search.proxy.size']} resolution" in proxy
    assert f"{found['search.proxy.epochs']} epochs" in proxy
    assert f"{found['search.chips']} Cloud TPU" in golden["parallelism"]
    assert f"last {found['search.window']} built blocks" in golden["window"]
    assert all(one.source for one in facts().values())


def test_the_bottleneck_finding_is_told_as_it_was_measured() -> None:
    """Second series, light stem and head: .339-.654 of 17 against .146-.427 of 13."""
    found = {key: one.value for key, one in facts().items() if key.startswith("trial.")}
    assert [*found.values()] == [30, 17, 13, 0.339, 0.654, 0.146, 0.427]


def test_published_numbers_equal_the_facts_file() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for model, flops, ap in golden["fig1_table"]["rows"]:
        name = {"R50-FPN": "resnet-50-fpn", "SpineNet-49": "spinenet-49"}.get(model)
        if name:
            known = {"here": entry(name).architecture}
            assert evaluate(f"ap('{name}', 'B')", known) == ap
            assert evaluate(f"flops('{name}', 'B')", known) == pytest.approx(flops, abs=0.3)


def test_every_term_of_the_glossary_is_used() -> None:
    used = {term for one in LESSONS for text in texts(one) for term in terms(text)}
    assert used <= set(glossary())
    assert len(used) >= 15


@pytest.mark.parametrize("found", CHALLENGES, ids=[one.id for one in CHALLENGES])
def test_a_solution_is_a_link_that_can_be_verified(found: Challenge) -> None:
    solved = made(found.network, found.task.solution)
    token = to_token(solved)
    for link in (token, f"https://example.org/learn?lesson=x&net={token}&photo=eagle"):
        score = verify(found, link)
        assert score.architecture == solved
        assert score.verdict.done and score.score is not None and score.text
    unsolved = verify(found, to_token(found.network))
    assert unsolved.score is None and not unsolved.verdict.done
    with pytest.raises(FormatError):
        verify(found, "https://example.org/?photo=eagle")
    with pytest.raises(FormatError):
        verify(found, "eJx-broken")


def test_a_score_is_counted_not_believed() -> None:
    lean = next(one for one in CHALLENGES if one.id == "lean")
    solved = made(lean.network, lean.task.solution)
    assert verify(lean, to_token(solved)).score == cost(solved).macs


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "here.blocks", "macs(here).real", "[1]", "lambda: 1", "open('x')",
     "macs(*here)", "2**9", "f'{1}'", "unknown", "1 if 1 else 2", "(", "'text'"],
)  # fmt: skip
def test_only_measures_can_be_called(text: str) -> None:
    with pytest.raises(FormatError):
        evaluate(text, {"here": entry("spinenet-49").architecture})


def test_an_unknown_lesson_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="levels, shrinking"):
        lesson("levles")
