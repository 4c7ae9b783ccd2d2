"""Each check of votes: what it finds, when it passes, and when it does not apply."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from evaluation.test_copying import simulated
from evaluation.test_rater_agreement import table
from evaluation.test_sources import codes

from mlcore.evaluation.fusion_checks import FUSION_CHECKS, check_fusion
from mlcore.findings import Finding, Severity
from mlcore.fusion.dawid_skene import dawid_skene
from mlcore.fusion.rules import plurality
from mlcore.fusion.votes import wide_votes

PROBLEM, WARNING, NOTE = Severity.PROBLEM, Severity.WARNING, Severity.NOTE
PASSED, NOT_APPLICABLE = Severity.PASSED, Severity.NOT_APPLICABLE
MESSAGES = [f"FUSE{n:03d}" for n in range(1, len(FUSION_CHECKS) + 1)]


def finding(code, votes, *, curve=None, numbers=False, **more):
    fused = None if numbers else replace(plurality(votes), curve=curve)
    made = check_fusion(votes, fused, **more)
    found = {one.code: one for one in made}
    assert list(found) == MESSAGES
    for one in made:
        assert one.title and one.explanation and "{" not in one.explanation + one.action
        assert Finding.from_json(one.to_json()) == one
        assert bool(one.action) == (one.outcome is None)
    return found[code]


def alpha(value, low, high, statistic="alpha_nominal"):
    line = {"statistic": statistic, "value": value, "low": low, "high": high, "rows": 9}
    return pd.DataFrame([line])


def test_worse_than_chance_on_gold_rows():
    votes, truth = simulated(0, [0.9, 0.9, 0.9, 0.1, 0.5, 0.7])
    found = finding("FUSE001", votes, gold=truth)
    assert found.severity is PROBLEM
    assert "among the 2 labels (50 %): “s3 (" in found.explanation
    assert "s4" not in found.explanation and "the true labels" in found.explanation
    good, truth = simulated(0)
    passed = finding("FUSE001", good, gold=truth)
    assert passed.severity is PASSED and "None of 6 sources" in passed.explanation


def test_worse_than_chance_without_gold():
    votes, _ = simulated(0, [0.9, 0.9, 0.9, 0.1, 0.5, 0.7])
    found = finding("FUSE001", votes)
    assert found.severity is PROBLEM and "“s3 (" in found.explanation
    assert "what most of the others say" in found.explanation
    unknown = finding("FUSE001", votes, gold=np.full(votes.n_rows, -1))
    assert "what most of the others say" in unknown.explanation
    assert finding("FUSE001", table("ab*", "**a")).severity is NOT_APPLICABLE
    assert finding("FUSE001", table("aa", "aa")).severity is NOT_APPLICABLE


def test_guessing_sources_are_rarely_called_worse():
    """At the level of all sources together, under 5 % of tables."""
    alarms = 0
    for seed in range(100):
        votes, truth = simulated(seed, 0.5, sources=10, rows=60)
        alarms += finding("FUSE001", votes, gold=truth).severity is PROBLEM
    assert alarms <= 7


def test_constant_voters():
    rng = np.random.default_rng(0)
    lines = ["".join(rng.choice(["a", "b"], 30)) for _ in range(3)]
    asked = finding("FUSE002", table(*lines, "a" * 30))
    assert asked.severity is WARNING and "“s3: a, 30 times”" in asked.explanation
    rule = finding("FUSE002", table(*lines, "a" * 15 + "*" * 15))
    assert rule.severity is NOTE and "“s3: a, 15 times”" in rule.explanation
    assert finding("FUSE002", table(*lines)).severity is PASSED
    # a few votes alike, or all the rows being of one class, is nothing to wonder about
    assert finding("FUSE002", table(*lines, "a" * 4 + "*" * 26)).severity is PASSED
    assert finding("FUSE002", table("a" * 29 + "b", "a" * 30, "a" * 30)).severity is PASSED
    assert finding("FUSE002", table("ab", "aa")).severity is NOT_APPLICABLE


def test_abstaining_is_looking_too():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"s{n}": rng.choice(["a", "b"], 30) for n in range(3)}, dtype="str")
    frame["s3"] = ["a"] * 15 + ["?"] * 15
    found = finding("FUSE002", wide_votes(frame, list(frame), abstain=["?"]))
    assert found.severity is WARNING


@pytest.mark.parametrize("with_gold", [False, True])
def test_copies(with_gold):
    votes, truth = simulated(0, copied=0.9)
    found = finding("FUSE003", votes, gold=truth if with_gold else None)
    assert found.severity is WARNING
    assert "more alike than what they know explains: 1 of 15. “" in found.explanation
    kind = "the same wrong label" if with_gold else "the same label"
    assert f"“s0” and “s1” give {kind} on" in found.explanation
    honest, truth = simulated(0)
    passed = finding("FUSE003", honest, gold=truth if with_gold else None)
    assert passed.severity is PASSED and "pairs that were compared: 15" in passed.explanation
    assert finding("FUSE003", table("ab", "ab")).severity is NOT_APPLICABLE


def test_sources_with_few_votes():
    lines = ["ab" * 20, "ba" * 20, "aab" + "*" * 37]
    found = finding("FUSE004", table(*lines))
    assert found.severity is NOTE
    assert "Of 3 sources, 1 gave fewer than 10 votes (3.61 % of all votes): “s2”." in (
        found.explanation
    )
    many = finding("FUSE004", table("ab" * 10, *["aab" + "*" * 17] * 3))
    assert many.severity is WARNING
    assert finding("FUSE004", table(*lines[:2])).severity is PASSED


@pytest.mark.parametrize(
    ("ties", "severity"), [(0, PASSED), (1, NOTE), (9, NOTE), (10, WARNING), (60, WARNING)]
)
def test_ties(ties, severity):
    votes = table("a" * 100 + "*", "b" * ties + "a" * (100 - ties) + "*")
    found = finding("FUSE005", votes)
    assert found.severity is severity
    assert f"On {ties} of 100 rows with votes ({ties} %)" in found.explanation


@pytest.mark.parametrize(("single", "severity"), [(19, PASSED), (20, NOTE), (50, WARNING)])
def test_single_votes(single, severity):
    votes = table("ab" * 50 + "*", "*" * single + "a" * (100 - single) + "*")
    found = finding("FUSE006", votes)
    assert found.severity is severity
    assert f"On {single} of 100 rows with votes ({single} %)" in found.explanation


def test_rows_without_votes():
    assert finding("FUSE007", table("ab*", "ab*")).explanation == (
        "On 1 of 3 rows (33.3 %) there is no vote, so they get no label."
    )
    assert finding("FUSE007", table("ab", "ab")).explanation == "Each of the 2 rows has a vote."


@pytest.mark.parametrize(
    ("ends", "severity"),
    [([-100, -100.4, -100], PASSED), ([-100, -120, -100], NOTE), ([-120, -100, -130], WARNING),
     ([-1e6, -1e6 - 9], PASSED), ([-100], NOT_APPLICABLE)],
)  # fmt: skip
def test_starts(ends, severity):
    lines = [(start, n, end - 50 / n) for start, end in enumerate(ends) for n in (2, 10**9, 1)]
    curve = pd.DataFrame(lines, columns=["start", "iteration", "log_likelihood"])
    votes = table("ab", "ab")
    found = finding("FUSE008", votes, curve=curve)
    assert found.severity is severity
    if severity is WARNING:
        assert "Of 3 starts, 1 ended at the best fit; the poorest is 30 log" in found.explanation
    # what is maximised decides where the model tells it
    both = curve.assign(log_posterior=curve["log_likelihood"], log_likelihood=0.0)
    assert finding("FUSE008", votes, curve=both).severity is severity
    assert finding("FUSE008", votes).severity is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("frame", "severity"),
    [(alpha(0.7, 0.6, 0.8), PASSED), (alpha(0.3, 0.2, 0.4), NOTE), (alpha(0.1, -0.1, 0.3), WARNING),
     (alpha(np.nan, np.nan, np.nan), NOT_APPLICABLE), (None, NOT_APPLICABLE)],
)  # fmt: skip
def test_agreement(frame, severity):
    assert finding("FUSE009", table("ab", "ab"), agreement=frame).severity is severity


def test_numbers_on_a_scale():
    votes = table("123", "234")
    frame = alpha(0.3, 0.2, 0.4, "alpha_interval")
    assert finding("FUSE009", votes, numbers=True, agreement=frame).severity is NOTE
    for code in ("FUSE001", "FUSE002", "FUSE003", "FUSE005"):
        found = finding(code, votes, numbers=True)
        assert found.severity is NOT_APPLICABLE and "are averaged" in found.explanation
    assert finding("FUSE006", votes, numbers=True).severity is PASSED


def test_a_source_that_always_abstains_is_only_one_with_few_votes():
    votes, truth = simulated(0)
    more = replace(
        votes,
        sources=(*votes.sources, "silent"),
        abstained_row=np.arange(votes.n_rows),
        abstained_source=np.full(votes.n_rows, len(votes.sources)),
    )
    before = check_fusion(votes, plurality(votes), gold=truth)
    after = check_fusion(more, plurality(more), gold=truth)
    assert [one.code for one, other in zip(before, after, strict=True) if one != other] == [
        "FUSE004"
    ]


def test_gold_that_no_source_saw():
    votes = table("ab" * 10 + "*", "ab" * 10 + "*")
    found = finding("FUSE001", votes, gold=codes("*" * 20 + "a"))
    assert found.severity is PASSED and "what most of the others say" in found.explanation


def test_a_model_of_two_sources_can_only_guess():
    votes, _ = simulated(0, [0.9, 0.8], sources=2)
    by_code = {one.code: one for one in check_fusion(votes, dawid_skene(votes))}
    assert by_code["FUSE010"].severity is WARNING
    assert "Sources that voted: 2;" in by_code["FUSE010"].explanation
    votes, _ = simulated(0, [0.9, 0.8, 0.7], sources=3)
    by_code = {one.code: one for one in check_fusion(votes, dawid_skene(votes))}
    assert by_code["FUSE010"].severity is PASSED
    assert finding("FUSE010", votes).severity is NOT_APPLICABLE
