"""What a careful colleague would point out about learning from few labels.

As in :mod:`mlcore.evaluation.checks`, each check has a stable code and always an outcome: it found
something, it passed, or it does not apply and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from mlcore.evaluation.few_label_advice import Values, keep_shares, reach_more, vary_answers
from mlcore.evaluation.label_draws import (
    GainVerdict,
    gain_frame,
    gain_verdict,
    gain_words,
    judge_gain,
)
from mlcore.evaluation.label_reach import GIVEN, PROPAGATED, UNLABELLED, class_count_frame
from mlcore.evaluation.shown import shown_share
from mlcore.findings import Finding, Severity
from mlcore.messages import listing, message

#: Labels of a class below which it depends on which rows happened to be labelled how labels
#: spread; below the second number more of them still help a lot on most tables.
TOO_FEW, FEW = 3, 10
#: Share of unreached rows from which on the answers say little about the table.
MOST_UNREACHED = 0.5
#: How far the shares of the classes may move in all (half the sum of the absolute differences).
MOST_MOVED = 0.1
#: Share of the answers from which on they are nearly all of one class.
NEARLY_ALL = 0.95
#: Columns or classes that one sentence names.
MOST_NAMED = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class FewLabels:
    """What the checks read.

    Parameters
    ----------
    rows : DataFrame
        Rows of the run: ``row``, ``given``, ``predicted``, ``certainty``, ``p:<class>`` …,
        ``origin``, ``component``.
    shift : DataFrame, optional
        Of ``shift_frame``.
    draws : DataFrame, optional
        Of ``compare_draws``.
    values : mapping, default empty
        Complete values of the algorithm's parameters; advice names no others.
    """

    rows: pd.DataFrame
    shift: pd.DataFrame | None = None
    draws: pd.DataFrame | None = None
    values: Values = field(default_factory=dict)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Rows of each class before and after."""
        return class_count_frame(self.rows)

    @cached_property
    def unreached(self) -> pd.DataFrame:
        """The rows that no label reaches."""
        return self.rows[self.rows["origin"] == UNLABELLED]

    @cached_property
    def cut_off(self) -> pd.DataFrame:
        """Those of them that are in a part of the graph without a label."""
        with_label = self.rows.loc[self.rows["origin"] == GIVEN, "component"].unique()
        return self.unreached[~self.unreached["component"].isin(with_label)]

    @property
    def advice(self) -> str:
        """How a label gets to the unreached rows, as the middle of a sentence."""
        too_far = len(self.cut_off) < len(self.unreached)
        return reach_more(self.values, self.cut_off["component"].nunique(), too_far)

    @property
    def n_answered(self) -> int:
        """How many rows without a label got an answer."""
        return int((self.rows["origin"] == PROPAGATED).sum())


def check_few_labels(run: FewLabels) -> tuple[Finding, ...]:
    """Return one finding for each check, in the order of their codes."""
    return tuple(check(run) for check in FEW_LABEL_CHECKS)


def _passed(code: str, **parameters: object) -> Finding:
    words = message(f"finding.{code}.passed", **parameters)
    return Finding(code, Severity.PASSED, outcome=words)


def _not_applicable(code: str, reason: str) -> Finding:
    return Finding(code, Severity.NOT_APPLICABLE, outcome=message(f"check.not_applicable.{reason}"))


def enough_labels(run: FewLabels) -> Finding:
    """FEW001: whether each class has enough labels."""
    code = "FEW001"
    given = run.counts[run.counts["given"] > 0]
    fewest = int(given["given"].min()) if len(given) else 0
    words = {
        "labels": int(given["given"].sum()),
        "classes": len(given),
        "fewest": fewest,
        "names": listing(given.loc[given["given"] == fewest, "class"], MOST_NAMED),
    }
    if fewest >= FEW:
        return _passed(code, **words)
    severity = Severity.WARNING if fewest < TOO_FEW else Severity.NOTE
    return Finding(code, severity, parameters={**words, "enough": FEW})


def each_class_is_judged(run: FewLabels) -> Finding:
    """FEW002: whether each class has a second label that can be hidden."""
    code = "FEW002"
    lone = run.counts.loc[run.counts["given"] == 1, "class"]
    if lone.empty:
        return _passed(code)
    words = {"count": len(lone), "names": listing(lone, MOST_NAMED)}
    return Finding(code, Severity.WARNING, parameters=words)


def labelled_rows_are_like_the_rest(run: FewLabels) -> Finding:
    """FEW003: whether the labelled rows look like the others."""
    code = "FEW003"
    if run.shift is None:
        return _not_applicable(code, "no_shift")
    if run.shift.empty:
        return _not_applicable(code, "nothing_to_compare")
    differing = run.shift[run.shift["differs"]]
    if differing.empty:
        return _passed(code, columns=run.shift["column"].nunique())
    names = tuple(dict.fromkeys(differing["column"]))
    first = differing.iloc[0]
    words = {
        "differing": len(names),
        "columns": run.shift["column"].nunique(),
        "words": "; ".join(differing["words"].head(3)),
        "p_value": _p_value(float(first["adjusted"])),
    }
    return Finding(code, Severity.WARNING, columns=names, parameters=words)


def _p_value(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def all_rows_are_reached(run: FewLabels) -> Finding:
    """FEW004: whether a label reaches every row."""
    code = "FEW004"
    if not len(run.unreached) and not run.n_answered:
        return _not_applicable(code, "all_labelled")
    if run.unreached.empty:
        return _passed(code, rows=run.n_answered)
    share = len(run.unreached) / len(run.rows)
    words = {
        "rows": len(run.unreached),
        "share": shown_share(share),
        "why": _why_unreached(run),
        "mend": _begun(run.advice),
    }
    severity = Severity.PROBLEM if share > MOST_UNREACHED else Severity.WARNING
    return Finding(code, severity, parameters=words)


def _begun(words: str) -> str:
    """Return words as the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def _why_unreached(run: FewLabels) -> str:
    too_far = len(run.unreached) - len(run.cut_off)
    parts = []
    if len(run.cut_off):
        groups = run.cut_off["component"].value_counts()
        in_largest = run.cut_off[run.cut_off["component"] == groups.index[0]]
        words = {
            "rows": len(run.cut_off),
            "groups": len(groups),
            "largest": int(groups.iloc[0]),
            "row": int(in_largest["row"].iloc[0]),
        }
        parts.append(message("few_labels.unreached.cut_off", **words))
    if too_far and run.values.get("rounds") is not None:
        rounds = run.values["rounds"]
        parts.append(message("few_labels.unreached.too_far", rows=too_far, rounds=rounds))
    elif too_far:
        parts.append(message("few_labels.unreached.faint", rows=too_far))
    return " ".join(map(str, parts))


def unlabelled_rows_help(run: FewLabels) -> Finding:
    """FEW005: whether learning with the rows without a label is better than without them."""
    code = "FEW005"
    if run.draws is None or run.draws.empty:
        return _not_applicable(code, "no_draws")
    gains = gain_frame(run.draws)
    verdict = judge_gain(gains)
    if verdict is GainVerdict.HURTS:
        return Finding(code, Severity.WARNING, parameters=gain_words(gains))
    outcome = gain_verdict(gains)
    passed = verdict in (GainVerdict.HELPS, GainVerdict.PERFECT)
    return Finding(code, Severity.PASSED if passed else Severity.NOT_APPLICABLE, outcome=outcome)


def shares_stay(run: FewLabels) -> Finding:
    """FEW006: whether the classes have about the shares that they have among the labels."""
    code = "FEW006"
    if not run.n_answered:
        return _not_applicable(code, "nothing_answered")
    if len(run.counts) < 2:
        return _not_applicable(code, "one_label_class")
    counts = run.counts
    difference = counts["propagated_share"] - counts["given_share"]
    moved = float(difference.abs().sum() / 2)
    is_outside = (counts["propagated_share"] < counts["low"]) | (
        counts["propagated_share"] > counts["high"]
    )
    if moved < MOST_MOVED or not is_outside.any():
        return _passed(code, moved=f"{100 * moved:.0f}")
    most = counts.iloc[int(difference.abs().where(is_outside).argmax())]
    words = {
        "name": str(most["class"]),
        "propagated": shown_share(float(most["propagated_share"])),
        "given": shown_share(float(most["given_share"])),
        "labels": int(counts["given"].sum()),
        "low": shown_share(float(most["low"])),
        "high": shown_share(float(most["high"])),
        "mend": keep_shares(run.values),
    }
    return Finding(code, Severity.WARNING, parameters=words)


def answers_differ(run: FewLabels) -> Finding:
    """FEW007: whether nearly all answers are of one class although the labels are not."""
    code = "FEW007"
    if not run.n_answered:
        return _not_applicable(code, "nothing_answered")
    if len(run.counts) < 2:
        return _not_applicable(code, "one_label_class")
    top = run.counts.iloc[int(run.counts["propagated"].argmax())]
    share = float(top["propagated_share"])
    words = {
        "name": str(top["class"]),
        "share": shown_share(share),
        "given": shown_share(float(top["given_share"])),
    }
    if share < NEARLY_ALL or top["high"] >= NEARLY_ALL:
        return _passed(code, **words)
    words["mend"] = _begun(vary_answers(run.values))
    return Finding(code, Severity.WARNING, parameters=words)


#: Every check, in the order of the codes.
FEW_LABEL_CHECKS: tuple[Callable[[FewLabels], Finding], ...] = (
    enough_labels,
    each_class_is_judged,
    labelled_rows_are_like_the_rest,
    all_rows_are_reached,
    unlabelled_rows_help,
    shares_stay,
    answers_differ,
)
