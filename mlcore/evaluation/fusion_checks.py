"""What a careful colleague would point out about votes and what was made of them.

As in :mod:`mlcore.evaluation.checks`, each check has a stable code and always an outcome: it found
something, it passed, or it does not apply and says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.answers import Codes, Floats
from mlcore.evaluation.copying import copying_frame
from mlcore.evaluation.intervals import LEVEL, wilson_interval
from mlcore.evaluation.sources import hits_on, leave_one_out
from mlcore.findings import Finding, Severity
from mlcore.fusion.rules import Fused
from mlcore.fusion.votes import Votes
from mlcore.messages import listing, message

#: How often one of the checks of all sources together may go wrong by luck.
CHANCE = 1 - LEVEL
#: Votes from which on a source can be judged at all: its accuracy is then known to about ±0.3.
FEW_VOTES = 10
#: Share of rows that a source must have looked at before always saying the same is a warning; one
#: that speaks on a few rows only may be a rule for one class.
LOOKS_AT_MOST = 0.9
#: Share of all votes that may come from sources with few votes.
MOST_FROM_FEW = 0.2
#: Shares of rows from which on ties, and rows with a single vote, are pointed out.
MANY_TIES = {"note": 0.01, "warning": 0.1}
MANY_SINGLE = {"note": 0.2, "warning": 0.5}
#: Starts that end no further apart than this, in log-units or in parts of the whole, are equal.
SAME_HEIGHT, SAME_PART = 1.0, 1e-5
#: Voices on a row from which on it can be told which of them errs: of two that differ, either may.
LEAST_VOICES = 3
#: Below this alpha the agreement is pointed out; most public tables of crowd labels are below it.
LOW_ALPHA = 0.4


@dataclass(frozen=True, eq=False, kw_only=True)
class _Fusion:
    votes: Votes
    fused: Fused | None
    gold: Codes | None
    agreement: pd.DataFrame | None

    @property
    def names(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """The sources, to be picked from by position."""
        return np.array(self.votes.sources, dtype=object)

    @property
    def has_gold(self) -> bool:
        """Whether a true label is known for any row."""
        return self.gold is not None and bool((self.gold >= 0).any())


def check_fusion(
    votes: Votes,
    fused: Fused | None,
    *,
    gold: Codes | None = None,
    agreement: pd.DataFrame | None = None,
) -> tuple[Finding, ...]:
    """Return one finding for each check, in the order of their codes.

    Parameters
    ----------
    votes : Votes
        What the sources said.
    fused : Fused, optional
        What was made of it; ``None`` where labels are numbers on a scale that are averaged.
    gold : array of shape (n_rows,), optional
        Class number of the true label, -1 where it is not known.
    agreement : DataFrame, optional
        Of ``agreement_frame``.
    """
    fusion = _Fusion(votes=votes, fused=fused, gold=gold, agreement=agreement)
    return tuple(check(fusion) for check in FUSION_CHECKS)


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return findings as a table that is kept with a run: one text ``finding`` a line."""
    told = [json.dumps(finding.to_json(), ensure_ascii=False) for finding in findings]
    return pd.DataFrame({"finding": pd.Series(told, dtype="str")})


def read_findings(frame: pd.DataFrame) -> tuple[Finding, ...]:
    """Read what :func:`findings_frame` wrote."""
    return tuple(Finding.from_json(json.loads(text)) for text in frame["finding"])


def _passed(code: str, **parameters: object) -> Finding:
    words = message(f"finding.{code}.passed", **parameters)
    return Finding(code, Severity.PASSED, outcome=words)


def _not_applicable(code: str, reason: str, **parameters: object) -> Finding:
    words = message(f"check.not_applicable.{reason}", **parameters)
    return Finding(code, Severity.NOT_APPLICABLE, outcome=words)


def _why_no_classes(fusion: _Fusion) -> str | None:
    """Return the reason why nothing can be said about single labels."""
    if fusion.fused is None:
        return "numbers"
    return "one_class" if len(fusion.votes.classes) < 2 else None


def _judged(code: str, severity: Severity, **words: object) -> Finding:
    if severity is Severity.PASSED:
        return _passed(code, **words)
    return Finding(code, severity, parameters=words)


def _above(value: float, bounds: dict[str, float]) -> Severity:
    """Return how serious a share is that should be small."""
    if value >= bounds["warning"]:
        return Severity.WARNING
    return Severity.NOTE if value >= bounds["note"] else Severity.PASSED


def _percent(share: float) -> str:
    return f"{100 * share:.3g}"


def better_than_chance(fusion: _Fusion) -> Finding:
    """FUSE001: whether a source is right less often than a guess among the labels would be.

    On gold rows where there are any, else against the plurality of the others. The intervals are
    at a level that holds for all sources together.
    """
    code, votes = "FUSE001", fusion.votes
    classes = len(votes.classes)
    if reason := _why_no_classes(fusion):
        return _not_applicable(code, reason)
    hits, rows, basis = _rightness(fusion)
    known = rows > 0
    if not known.any():
        return _not_applicable(code, "no_common_rows")
    _, high = wilson_interval(hits, rows, 1 - CHANCE / int(known.sum()))
    worse = known & (high < 1 / classes)
    words = {"classes": classes, "chance": _percent(1 / classes), "basis": basis}
    if not worse.any():
        return _passed(code, sources=int(known.sum()), **words)
    share = hits[worse] / rows[worse]
    named = [
        f"{name} ({_percent(one)} % of {n})"
        for name, one, n in zip(fusion.names[worse], share, rows[worse], strict=True)
    ]
    return Finding(code, Severity.PROBLEM, parameters={"sources": listing(named), **words})


def _rightness(fusion: _Fusion) -> tuple[Floats, Codes, str]:
    """Return right votes and judged votes of each source, and what they are judged by."""
    if fusion.has_gold and fusion.gold is not None:
        hits, rows = hits_on(fusion.votes, fusion.gold)
        if rows.any():
            return hits.astype(np.float64), rows, str(message("fusion.basis.gold"))
    alike, others = leave_one_out(fusion.votes)
    return alike, others, str(message("fusion.basis.others"))


def says_different_things(fusion: _Fusion) -> Finding:
    """FUSE002: whether a source gives the same label to rows that others tell apart.

    A source whose n votes are all for one label is named if that is improbable (less than 1 % for
    all sources together) where the others give that label with the share they do.
    """
    code, votes = "FUSE002", fusion.votes
    if reason := _why_no_classes(fusion):
        return _not_applicable(code, reason)
    given = votes.per_source()
    table = _by_source_and_label(votes)
    judged = given >= FEW_VOTES
    if not judged.any():
        return _not_applicable(code, "few_votes_each", votes=FEW_VOTES)
    same = judged & (table.max(axis=1) == given)
    share = _share_among_others(votes, table.argmax(axis=1))
    constant = same & (share**given * max(1, int(judged.sum())) < 0.01)
    if not constant.any():
        return _passed(code, sources=int(judged.sum()))
    seen = (given + np.bincount(votes.abstained_source, minlength=len(given))) / votes.n_rows
    asked = bool((seen[constant] >= LOOKS_AT_MOST).any())
    labels = [votes.classes[place] for place in table[constant].argmax(axis=1)]
    pairs = zip(fusion.names[constant], labels, given[constant], strict=True)
    named = [f"{name}: {label}, {count} times" for name, label, count in pairs]
    severity = Severity.WARNING if asked else Severity.NOTE
    return Finding(code, severity, parameters={"sources": listing(named)})


def _by_source_and_label(votes: Votes) -> Codes:
    k = len(votes.classes)
    cells = np.bincount(votes.source * k + votes.label, minlength=len(votes.sources) * k)
    return cells.reshape(len(votes.sources), k)


def _share_among_others(votes: Votes, favourite: Codes) -> Floats:
    """Return how often others give a source's favourite label on the rows it voted on.

    Where nobody else voted there, the label is taken to be certain: nothing speaks against it.
    """
    counts = votes.counts()
    label = favourite[votes.source]
    own = (votes.label == label).astype(np.float64)
    alike = np.bincount(votes.source, counts[votes.row, label] - own, len(favourite))
    others = np.bincount(votes.source, votes.per_row()[votes.row] - 1.0, len(favourite))
    return np.where(others > 0, alike / np.maximum(others, 1.0), 1.0)


def decides_alone(fusion: _Fusion) -> Finding:
    """FUSE003: whether two sources are more alike than what they know explains."""
    code = "FUSE003"
    if reason := _why_no_classes(fusion):
        return _not_applicable(code, reason)
    pairs = copying_frame(fusion.votes, fusion.gold)
    if pairs.empty:
        return _not_applicable(code, "few_common_rows")
    copies = pairs[pairs["copies"]]
    if copies.empty:
        return _passed(code, pairs=len(pairs))
    named = [
        str(
            message(
                f"fusion.copies.{basis}",
                source=source,
                other=other,
                alike=alike,
                rows=rows,
                expected=f"{expected:.3g}",
            )
        )
        for source, other, basis, rows, alike, expected in zip(
            *(copies[name].head(3) for name in _NAMED), strict=True
        )
    ]
    words = {"found": len(copies), "pairs": len(pairs), "examples": " ".join(named)}
    return Finding(code, Severity.WARNING, parameters=words)


_NAMED = ("source", "other", "basis", "rows", "alike", "expected")


def says_enough(fusion: _Fusion) -> Finding:
    """FUSE004: whether there are sources with so few votes that nothing is known of them."""
    code, given = "FUSE004", fusion.votes.per_source()
    few = given < FEW_VOTES
    words: dict[str, object] = {"bound": FEW_VOTES, "all": len(given)}
    if not few.any():
        return _passed(code, least=int(given.min()), **words)
    share = float(given[few].sum() / max(1, given.sum()))
    severity = Severity.WARNING if share > MOST_FROM_FEW or few.all() else Severity.NOTE
    words |= {"sources": int(few.sum()), "share": _percent(share)}
    return Finding(code, severity, parameters={**words, "names": listing(fusion.names[few], 3)})


def has_few_ties(fusion: _Fusion) -> Finding:
    """FUSE005: how many rows the votes leave undecided between several labels."""
    code, voted = "FUSE005", fusion.votes.per_row() > 0
    if fusion.fused is None:
        return _not_applicable(code, "numbers")
    tied = int(fusion.fused.tied.sum())
    share = tied / max(1, int(voted.sum()))
    severity = _above(share, MANY_TIES)
    return _judged(code, severity, rows=tied, of=int(voted.sum()), share=_percent(share))


def has_second_opinions(fusion: _Fusion) -> Finding:
    """FUSE006: how many rows rest on a single vote."""
    code, given = "FUSE006", fusion.votes.per_row()
    single, voted = int((given == 1).sum()), int((given > 0).sum())
    share = single / max(1, voted)
    severity = _above(share, MANY_SINGLE)
    return _judged(code, severity, rows=single, of=voted, share=_percent(share))


def reaches_all_rows(fusion: _Fusion) -> Finding:
    """FUSE007: how many rows have no vote at all."""
    code, votes = "FUSE007", fusion.votes
    without = int((votes.per_row() == 0).sum())
    words = {"rows": without, "of": votes.n_rows, "share": _percent(without / max(1, votes.n_rows))}
    return _judged(code, Severity.NOTE if without else Severity.PASSED, **words)


def starts_agree(fusion: _Fusion) -> Finding:
    """FUSE008: whether the model ends at the same height wherever it starts."""
    code = "FUSE008"
    curve = None if fusion.fused is None else fusion.fused.curve
    if curve is None or curve.empty:
        return _not_applicable(code, "no_starts")
    height = "log_posterior" if "log_posterior" in curve else "log_likelihood"
    ends = curve.sort_values("iteration", kind="stable").groupby("start")[height].last()
    if len(ends) < 2:
        return _not_applicable(code, "one_start")
    best = float(ends.max())
    level = ends >= best - max(SAME_HEIGHT, SAME_PART * abs(best))
    words = {
        "starts": len(ends),
        "equal": int(level.sum()),
        "lower": f"{best - float(ends.min()):.3g}",
    }
    if level.all():
        return _passed(code, **words)
    return Finding(code, Severity.NOTE if level.iloc[0] else Severity.WARNING, parameters=words)


def agrees_at_all(fusion: _Fusion) -> Finding:
    """FUSE009: whether sources agree more than chance would make them."""
    code, frame = "FUSE009", fusion.agreement
    statistic = "alpha_interval" if fusion.fused is None else "alpha_nominal"
    known = None if frame is None else frame[frame["statistic"] == statistic].dropna()
    if known is None or known.empty:
        return _not_applicable(code, "no_agreement")
    value, low, high = (float(known[name].iloc[0]) for name in ("value", "low", "high"))
    words = {"value": f"{value:.2f}", "low": f"{low:.2f}", "high": f"{high:.2f}"}
    severity = Severity.NOTE if value < LOW_ALPHA else Severity.PASSED
    return _judged(code, Severity.WARNING if low <= 0 else severity, **words)


def can_be_told_apart(fusion: _Fusion) -> Finding:
    """FUSE010: whether a model has the three voices that it needs to tell who errs."""
    code, votes = "FUSE010", fusion.votes
    if fusion.fused is None or fusion.fused.confusions is None:
        return _not_applicable(code, "no_model")
    voices = int((votes.per_source() > 0).sum())
    words = {"sources": voices, "rows": int((votes.per_row() >= LEAST_VOICES).sum())}
    enough = voices >= LEAST_VOICES and words["rows"] > 0
    return _judged(code, Severity.PASSED if enough else Severity.WARNING, **words)


#: Every check, in the order of the codes.
FUSION_CHECKS: tuple[Callable[[_Fusion], Finding], ...] = (
    better_than_chance,
    says_different_things,
    decides_alone,
    says_enough,
    has_few_ties,
    has_second_opinions,
    reaches_all_rows,
    starts_agree,
    agrees_at_all,
    can_be_told_apart,
)
