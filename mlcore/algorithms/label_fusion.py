"""Rules that make one label of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.errors import UserError
from mlcore.fusion.context import FusionContext
from mlcore.fusion.dawid_skene import MOST_ROUNDS, SMOOTHING, STARTS, dawid_skene, one_coin
from mlcore.fusion.numbers import FusedNumbers, median, trimmed_mean
from mlcore.fusion.rules import (
    Fused,
    absolute_majority,
    log_odds,
    plurality,
    unanimity,
    weighted,
)
from mlcore.params import FloatParam, IntParam, Param, ParamValue
from mlcore.tasks import Task

Values = Mapping[str, ParamValue]

_QUORUM = IntParam(
    name="quorum",
    label="Votes needed",
    help=("Rows with fewer votes than this stay undecided. 1 decides every row that has a vote."),
    default=1,
    low=1,
    high=1000,
    basic=True,
)
_MODEL: tuple[Param, ...] = (
    FloatParam(
        name="smoothing",
        label="Smoothing",
        help=(
            "Votes that each source is taken to have given besides, evenly over all labels, so "
            "that a source with few votes is taken neither for perfect nor for hopeless."
        ),
        default=SMOOTHING,
        low=0.0,
        high=100.0,
    ),
    IntParam(
        name="starts",
        label="Random starts",
        help=(
            "The model is fitted from the shares of the votes and from so many random beginnings; "
            "the likeliest end is kept. More starts: slower, and less luck."
        ),
        default=STARTS,
        low=0,
        high=100,
    ),
    IntParam(
        name="most_rounds",
        label="Most rounds",
        help="A start ends when it changes no more, or after so many rounds.",
        default=MOST_ROUNDS,
        low=1,
        high=100_000,
    ),
)


def _plurality(values: Values, context: FusionContext) -> Fused:
    return plurality(context.votes)


def _majority(values: Values, context: FusionContext) -> Fused:
    return absolute_majority(context.votes, float(str(values["share"])), int(str(values["quorum"])))


def _unanimity(values: Values, context: FusionContext) -> Fused:
    return unanimity(context.votes, int(str(values["quorum"])))


def _user_weights(values: Values, context: FusionContext) -> Fused:
    if context.weights is None:
        raise UserError("fusion.no_weights")
    return weighted(context.votes, context.weights)


def _log_odds(values: Values, context: FusionContext) -> Fused:
    hits, total = context.gold_hits
    if not total.any():
        raise UserError("fusion.no_gold")
    weights = log_odds(context.accuracies, context.votes.n_classes, rows=total)
    return weighted(context.votes, weights)


def _dawid_skene(values: Values, context: FusionContext) -> Fused:
    return dawid_skene(context.votes, seed=context.seed, report=context.report, **_model(values))


def _one_coin(values: Values, context: FusionContext) -> Fused:
    return one_coin(context.votes, seed=context.seed, report=context.report, **_model(values))


def _model(values: Values) -> dict[str, Any]:
    return {param.name: values[param.name] for param in _MODEL}


def _median(values: Values, context: FusionContext) -> FusedNumbers:
    return median(context.votes)


def _trimmed_mean(values: Values, context: FusionContext) -> FusedNumbers:
    return trimmed_mean(context.votes, float(str(values["cut"])))


PLURALITY = AlgorithmSpec(
    id="plurality",
    name="Most votes (plurality)",
    task=Task.FUSION,
    fuser=_plurality,
    growth="Twice the votes take twice the time.",
    summary="The label with the most votes, even if it is less than half of them.",
    use_when="The sources are about equally good, or nothing is known about them.",
    avoid_when="Some sources are much better than others, or copy each other.",
    maths=r"\hat y_i=\arg\max_k\sum_s[v_{is}=k]",
    reference=(
        "J.-C. de Condorcet (1785). Essai sur l'application de l'analyse à la probabilité des "
        "décisions rendues à la pluralité des voix."
    ),
)

MAJORITY = AlgorithmSpec(
    id="majority",
    name="More than half (absolute majority)",
    task=Task.FUSION,
    params=(
        FloatParam(
            name="share",
            label="Share needed",
            help="The label needs more than this share of the row's votes. 0.5: more than half.",
            default=0.5,
            low=0.0,
            high=0.99,
            basic=True,
        ),
        replace(_QUORUM, default=2),
    ),
    fuser=_majority,
    growth="Twice the votes take twice the time.",
    summary="The label with more than half of the votes; other rows stay undecided.",
    use_when="A wrong label costs more than none, and undecided rows can be looked at again.",
    avoid_when="Every row needs a label, or there are many classes and few votes.",
    maths=r"\hat y_i=k\iff\sum_s[v_{is}=k]>\tfrac12\sum_s[v_{is}\text{ given}]",
    reference=(
        "L. Lam, C. Y. Suen (1997). Application of majority voting to pattern recognition. IEEE "
        "Transactions on Systems, Man, and Cybernetics A 27(5), 553–568."
    ),
)

UNANIMITY = AlgorithmSpec(
    id="unanimity",
    name="All agree (unanimity)",
    task=Task.FUSION,
    params=(replace(_QUORUM, default=2),),
    fuser=_unanimity,
    growth="Twice the votes take twice the time.",
    summary="A label only where all votes say the same; every other row stays undecided.",
    use_when="You need few rows whose label is as certain as can be.",
    avoid_when="There are many sources: one careless one then vetoes nearly every row.",
    maths=r"\hat y_i=k\iff v_{is}=k\ \text{for all sources }s\text{ that voted}",
    reference=(
        "L. I. Kuncheva (2014). Combining Pattern Classifiers, 2nd edition, section 4.2. Wiley."
    ),
)

USER_WEIGHTS = AlgorithmSpec(
    id="weights",
    name="Your weights",
    task=Task.FUSION,
    fuser=_user_weights,
    growth="Twice the votes take twice the time.",
    summary="The label with the largest sum of weights, which you gave to the sources.",
    use_when="You know which sources deserve more trust.",
    avoid_when="There are gold rows: let them say how good each source is.",
    maths=r"\hat y_i=\arg\max_k\sum_s w_s[v_{is}=k]",
    reference=(
        "L. I. Kuncheva (2014). Combining Pattern Classifiers, 2nd edition, section 4.3. Wiley."
    ),
)

LOG_ODDS = AlgorithmSpec(
    id="log_odds",
    name="Weights from gold rows (log-odds)",
    task=Task.FUSION,
    fuser=_log_odds,
    needs_gold=True,
    growth="Twice the votes take twice the time.",
    summary=(
        "Weighs each source by how often it is right on the gold rows: the best weights there are "
        "if sources err independently."
    ),
    use_when="Some dozens of gold rows are there, and most sources voted on them.",
    avoid_when="There are few gold rows, or sources copy each other.",
    maths=r"w_s=\ln\frac{p_s(K-1)}{1-p_s},\quad \hat y_i=\arg\max_k\sum_s w_s[v_{is}=k]",
    reference=(
        "S. Nitzan, J. Paroush (1982). Optimal decision rules in uncertain dichotomous choice "
        "situations. International Economic Review 23(2), 289–297."
    ),
)

ONE_COIN = AlgorithmSpec(
    id="one_coin",
    name="Dawid–Skene, one accuracy a source",
    task=Task.FUSION,
    params=_MODEL,
    fuser=_one_coin,
    growth="Twice the votes take about twice the time.",
    summary=(
        "Estimates at once how accurate each source is and what the labels are, without any gold "
        "row. Each source has one accuracy, whatever the class."
    ),
    use_when="Sources differ in quality, there is no gold, and most sources have few votes.",
    avoid_when="Most sources are worse than chance, or copy each other.",
    maths=(
        r"P(v_{is}=l\mid y_i=k)=p_s[l=k]+\tfrac{1-p_s}{K-1}[l\ne k],\quad "
        r"P(y_i=k\mid v)\propto\pi_k\prod_s P(v_{is}\mid y_i=k)"
    ),
    reference=(
        "Y. Zhang, X. Chen, D. Zhou, M. I. Jordan (2016). Spectral methods meet EM: a provably "
        "optimal algorithm for crowdsourcing. Journal of Machine Learning Research 17, 1–44."
    ),
)

DAWID_SKENE = AlgorithmSpec(
    id="dawid_skene",
    name="Dawid–Skene",
    task=Task.FUSION,
    params=_MODEL,
    fuser=_dawid_skene,
    growth="Twice the votes take about twice the time; classes count squared.",
    summary=(
        "Estimates at once which mistakes each source makes (a table for each) and what the "
        "labels are, without any gold row."
    ),
    use_when="Sources have many votes each and their own kinds of mistakes.",
    avoid_when="Most sources have few votes: their tables are then guesses, and votes are better.",
    maths=(
        r"P(y_i=k\mid v)\propto\pi_k\prod_s\theta^{(s)}_{k,v_{is}},\quad "
        r"\theta^{(s)}_{kl}\propto\sum_i P(y_i=k\mid v)[v_{is}=l]"
    ),
    reference=(
        "A. P. Dawid, A. M. Skene (1979). Maximum likelihood estimation of observer error-rates "
        "using the EM algorithm. Applied Statistics 28(1), 20–28."
    ),
)

MEDIAN = AlgorithmSpec(
    id="median",
    name="Median",
    task=Task.FUSION,
    fuser=_median,
    fuses_numbers=True,
    growth="Twice the votes take a little more than twice the time.",
    summary="The middle one of a row's numbers. Sources that are far off do not move it.",
    use_when="Labels are numbers, and some sources may be far off.",
    avoid_when="All sources are careful: the mean then wastes nothing.",
    maths=r"\hat y_i=\operatorname{median}\{v_{is}\}",
    reference="J. W. Tukey (1977). Exploratory Data Analysis. Addison-Wesley.",
)

TRIMMED_MEAN = AlgorithmSpec(
    id="trimmed_mean",
    name="Trimmed mean",
    task=Task.FUSION,
    params=(
        FloatParam(
            name="cut",
            label="Cut at each end",
            help=(
                "Share of a row's numbers left out at each end, in whole votes. 0 is the plain "
                "mean; 0.2 leaves out the smallest and the largest of five."
            ),
            default=0.2,
            low=0.0,
            high=0.49,
            basic=True,
        ),
    ),
    fuser=_trimmed_mean,
    fuses_numbers=True,
    growth="Twice the votes take a little more than twice the time.",
    summary="The mean of a row's numbers without the smallest and the largest.",
    use_when="Labels are numbers, and there are five or more for most rows.",
    avoid_when="Rows have few votes: nothing is left out then.",
    maths=r"\hat y_i=\frac{1}{n_i-2g}\sum_{j=g+1}^{n_i-g}v_{i(j)},\quad g=\lfloor c\,n_i\rfloor",
    reference=("P. J. Huber (1981). Robust Statistics. Wiley."),
)

#: In menu order: what is easiest to understand first, rules for numbers last.
SPECS: tuple[AlgorithmSpec, ...] = (
    PLURALITY,
    MAJORITY,
    UNANIMITY,
    USER_WEIGHTS,
    LOG_ODDS,
    ONE_COIN,
    DAWID_SKENE,
    MEDIAN,
    TRIMMED_MEAN,
)


def find(method: str) -> AlgorithmSpec:
    """Return a rule by its id."""
    return next(spec for spec in SPECS if spec.id == method)


def fuse(method: str, values: Values, context: FusionContext) -> Fused | FusedNumbers:
    """Return what a rule makes of the votes; ties are left as they are.

    Raises
    ------
    UserError
        The rule needs gold labels or weights that are not there, or numbers where there are words.
    """
    spec = find(method)
    assert spec.fuser is not None
    return spec.fuser(values, context)
