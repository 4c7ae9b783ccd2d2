"""Ensembles: many trees that answer together."""

from __future__ import annotations

from dataclasses import replace

from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.algorithms.trees import (
    CCP_ALPHA,
    CLASS_CRITERION,
    CLASS_WEIGHT,
    MAX_DEPTH,
    MAX_LEAF_NODES,
    MIN_SAMPLES_LEAF,
    MIN_SAMPLES_SPLIT,
    VALUE_CRITERION,
)
from mlcore.params import BoolParam, ChoiceParam, FloatParam, IntParam, Param
from mlcore.tasks import Task

_FOREST_BASIC: tuple[Param, ...] = (
    IntParam(
        name="n_estimators",
        label="Trees",
        help=(
            "How many trees are grown. More trees make the answer steadier and never overfit by "
            "themselves, but cost time in proportion; beyond some hundred the gain is small."
        ),
        default=100,
        basic=True,
        low=1,
        high=1000,
    ),
    replace(
        MAX_DEPTH,
        help=(
            "How many questions may follow one another in each tree. Deeper trees fit finer "
            "detail. No limit is the default, because averaging many trees takes the noise out."
        ),
    ),
    replace(
        MIN_SAMPLES_LEAF,
        default=1,
        help=(
            "How many training rows must at least end in each leaf. Larger leaves give smoother "
            "answers and smaller models; 1 is the default, because averaging takes the noise out."
        ),
    ),
)


def _max_features(default: str | None, reason: str) -> ChoiceParam:
    return ChoiceParam(
        name="max_features",
        label="Columns tried at each split",
        help=(
            "How many columns, drawn at random, compete for each question. Fewer make the trees "
            f"differ more from one another and each of them weaker. {reason}"
        ),
        default=default,
        none_label="All",
        choices={"sqrt": "Square root of their number", "log2": "Logarithm of their number"},
    )


_MAX_SAMPLES = FloatParam(
    name="max_samples",
    label="Share of rows for each tree",
    help=(
        "How many rows are drawn for each tree, as a share of the training rows. Fewer make "
        "training faster and the trees more different; the default draws as many as there are."
    ),
    default=None,
    none_label="As many as there are",
    low=0.1,
    high=1.0,
)
_BOOTSTRAP = BoolParam(
    name="bootstrap",
    label="Draw rows for each tree",
    help=(
        "Whether each tree sees its own random draw of the training rows (with repetition) "
        "instead of all of them. Off by default: here random cuts make the trees differ."
    ),
    default=False,
)
# Weights for each tree's own draw, because with "balanced" forests of scikit-learn 1.9 fail on
# classes that are text but look like numbers ("0", "1").
_FOREST_CLASS_WEIGHT = replace(
    CLASS_WEIGHT, choices={"balanced_subsample": "Balanced (rare classes count more)"}
)
_LIMITS: tuple[Param, ...] = (MIN_SAMPLES_SPLIT, MAX_LEAF_NODES, CCP_ALPHA)
_SQRT = _max_features("sqrt", "The square root is the usual choice for classes.")
_ALL = _max_features(None, "For numbers all columns are the default; a few often do better.")
_DRAWN = ("bootstrap", (True,))
_FOREST_LINES = r"building tree (?P<step>\d+) of \d+\s"
_FOREST_GROWTH = (
    "Twice the trees take twice the time, twice the rows a little more than twice. "
    "Deep trees on many rows make a large model file."
)
_BREIMAN = "L. Breiman (2001). Random forests. Machine Learning 45, 5–32."

_BOOSTING: tuple[Param, ...] = (
    IntParam(
        name="max_iter",
        label="Rounds",
        help=(
            "How many trees are added one after another (with several classes, one for each class "
            "in each round). More rounds fit finer detail and, in the end, noise. 100 rounds suit "
            "the default learning rate."
        ),
        default=100,
        basic=True,
        low=1,
        high=2000,
    ),
    FloatParam(
        name="learning_rate",
        label="Learning rate",
        help=(
            "How much of each tree's correction is used. Smaller values need more rounds and "
            "often end with a better model; 0.1 is the usual start."
        ),
        default=0.1,
        basic=True,
        low=0.001,
        high=1.0,
        log=True,
    ),
    replace(
        MAX_LEAF_NODES,
        label="Most leaves for each tree",
        help=(
            "How many leaves each tree may have. More leaves let a tree combine more columns and "
            "fit finer detail; 31 is scikit-learn's default."
        ),
        default=31,
        basic=True,
        high=1024,
    ),
    replace(
        MIN_SAMPLES_LEAF,
        default=20,
        basic=False,
        help=(
            "How many training rows must at least end in each leaf. Larger leaves give a simpler "
            "model. With 20, the default, fewer than 40 rows cannot be divided at all: choose "
            "less for tiny tables."
        ),
    ),
    replace(
        MAX_DEPTH,
        basic=False,
        help=(
            "How many questions may follow one another in each tree. By default only the number "
            "of leaves is limited."
        ),
    ),
    FloatParam(
        name="l2_regularization",
        label="L2 penalty",
        help=(
            "Pulls the answer of each leaf towards no correction. Larger values make the model "
            "more cautious; 0, the default, means no penalty."
        ),
        default=0.0,
        low=0.0,
        high=1000.0,
    ),
    FloatParam(
        name="max_features",
        label="Share of columns tried at each split",
        help=(
            "The share of columns, drawn at random, that compete for each question. Fewer make "
            "the trees differ more; 1, the default, lets all compete."
        ),
        default=1.0,
        low=0.05,
        high=1.0,
    ),
    IntParam(
        name="max_bins",
        label="Bins for each column",
        help=(
            "Into how many ranges the values of each column are sorted before training. Fewer are "
            "faster and coarser; 255 is the most that is possible and the default."
        ),
        default=255,
        low=2,
        high=255,
    ),
    BoolParam(
        name="early_stopping",
        label="Stop early",
        help=(
            "Sets some training rows aside and stops when the loss on them no longer falls. "
            "Useful with many rounds; off by default, so that no row is lost. "
            "When it is on, the loss of each round is shown."
        ),
        default=False,
    ),
    FloatParam(
        name="validation_fraction",
        label="Share of rows set aside",
        help=(
            "The share of the training rows that decide when to stop. "
            "More rows judge better and leave fewer to learn from; a tenth is the default."
        ),
        default=0.1,
        low=0.05,
        high=0.5,
        only_if=("early_stopping", (True,)),
    ),
    IntParam(
        name="n_iter_no_change",
        label="Patience (rounds)",
        help=(
            "How many rounds without improvement are allowed before training stops. Larger values "
            "train longer; 10 is the default."
        ),
        default=10,
        low=1,
        high=100,
        only_if=("early_stopping", (True,)),
    ),
)
_BOOSTING_LINES = (
    r"\[(?P<step>\d+)/\d+\] [^\n]*?(?:train loss: (?P<loss>[^,\s]+), [^\n]*)?in [\d.]+s\n"
)
_BOOSTING_GROWTH = (
    "Twice the rows or columns take about twice the time, and so do twice the rounds or twice the "
    "classes. It is the fastest of the strong methods on many rows."
)
_FRIEDMAN = (
    "J. H. Friedman (2001). Greedy function approximation: a gradient boosting machine. Annals of "
    "Statistics 29(5), 1189–1232. Histograms: G. Ke et al. (2017). LightGBM. NeurIPS 30."
)

SPECS: tuple[AlgorithmSpec, ...] = (
    AlgorithmSpec(
        id="random_forest",
        name="Random forest",
        task=Task.CLASSIFICATION,
        estimator=RandomForestClassifier,
        params=(
            *_FOREST_BASIC,
            _SQRT,
            CLASS_CRITERION,
            *_LIMITS,
            _MAX_SAMPLES,
            _FOREST_CLASS_WEIGHT,
        ),
        seeded=True,
        progress=_FOREST_LINES,
        verbose=2,
        steps="n_estimators",
        growth=_FOREST_GROWTH,
        summary=(
            "Grows many decision trees, each on its own random draw of rows and columns, "
            "and averages the class probabilities of all trees."
        ),
        use_when=(
            "A strong model without much tuning is wanted, columns have different scales, "
            "or it should be seen which columns matter."
        ),
        avoid_when=(
            "Each decision must be explained by hand, the model file must be small, "
            "or there are thousands of sparse columns such as words."
        ),
        maths=(
            r"\begin{aligned}"
            r"&\hat p(x)=\frac1T\sum_{t=1}^T\hat p_t(x),\quad \hat p_t\ \text{grown on a bootstrap}"
            r"\ D_t\ \text{with}\ m\approx\sqrt d\ \text{random columns at each node}\\"
            r"&\operatorname{Var}=\rho\sigma^2+\frac{1-\rho}{T}\sigma^2"
            r"\end{aligned}"
        ),
        reference=_BREIMAN,
    ),
    AlgorithmSpec(
        id="hist_gradient_boosting",
        name="Gradient boosting (histogram)",
        task=Task.CLASSIFICATION,
        estimator=HistGradientBoostingClassifier,
        params=(*_BOOSTING, CLASS_WEIGHT),
        seeded=True,
        dense=True,
        progress=_BOOSTING_LINES,
        verbose=2,
        steps="max_iter",
        growth=_BOOSTING_GROWTH,
        summary=(
            "Adds small trees one after another, each trained to correct what the sum of the "
            "earlier ones still gets wrong."
        ),
        use_when=(
            "There are some hundred rows or more and the best accuracy on a table is wanted: "
            "it is often the strongest choice."
        ),
        avoid_when=(
            "There are very few rows, or a model is needed that can be read and explained."
        ),
        maths=(
            r"\begin{aligned}"
            r"&F_m(x)=F_{m-1}(x)+\eta\,h_m(x),\quad h_m\ \text{fits the gradient}\ "
            r"g_i=\hat p_i-y_i\\"
            r"&L=-\sum_i\left[y_i\ln\hat p_i+(1-y_i)\ln(1-\hat p_i)\right],\quad "
            r"\hat p=\sigma(F)\ \text{(softmax for more than two classes)}\\"
            r"&\text{leaf value}\ =-\frac{\sum g_i}{\sum \hat p_i(1-\hat p_i)+\lambda}"
            r"\end{aligned}"
        ),
        reference=_FRIEDMAN,
    ),
    AlgorithmSpec(
        id="extra_trees",
        name="Extra trees",
        task=Task.CLASSIFICATION,
        estimator=ExtraTreesClassifier,
        params=(
            *_FOREST_BASIC,
            _SQRT,
            CLASS_CRITERION,
            *_LIMITS,
            _BOOTSTRAP,
            replace(_MAX_SAMPLES, only_if=_DRAWN),
            replace(_FOREST_CLASS_WEIGHT, only_if=_DRAWN),
        ),
        seeded=True,
        progress=_FOREST_LINES,
        verbose=2,
        steps="n_estimators",
        growth=_FOREST_GROWTH + " Usually somewhat faster than a random forest.",
        summary=(
            "Like a random forest, but the cut points are drawn at random and only the best of "
            "these draws is used, which makes the trees differ more."
        ),
        use_when=(
            "A random forest works well and a faster or smoother one is wanted, "
            "especially when many columns carry a little information."
        ),
        avoid_when=(
            "Most columns are noise, the model file must be small, "
            "or each decision must be explained by hand."
        ),
        maths=(
            r"\hat p(x)=\frac1T\sum_{t=1}^T\hat p_t(x),\quad \text{at each node the best of}\ m\ "
            r"\text{columns with one threshold}\ t_j\sim U(\min x_j,\max x_j)\ \text{each}"
        ),
        reference=(
            "P. Geurts, D. Ernst, L. Wehenkel (2006). Extremely randomized trees. "
            "Machine Learning 63, 3–42."
        ),
    ),
    AlgorithmSpec(
        id="random_forest",
        name="Random forest",
        task=Task.REGRESSION,
        estimator=RandomForestRegressor,
        params=(*_FOREST_BASIC, _ALL, VALUE_CRITERION, *_LIMITS, _MAX_SAMPLES),
        seeded=True,
        progress=_FOREST_LINES,
        verbose=2,
        steps="n_estimators",
        growth=_FOREST_GROWTH,
        summary=(
            "Grows many decision trees, each on its own random draw of rows, "
            "and answers with the mean of all trees."
        ),
        use_when=(
            "A strong model without much tuning is wanted, columns have different scales, "
            "or it should be seen which columns matter."
        ),
        avoid_when=(
            "Predictions must go beyond the labels seen in training, which trees cannot do, "
            "or the model file must be small."
        ),
        maths=(
            r"\hat f(x)=\frac1T\sum_{t=1}^T f_t(x)=\sum_{i=1}^n w_i(x)\,y_i,\quad f_t\ "
            r"\text{grown by squared error on a bootstrap}\ D_t"
        ),
        reference=_BREIMAN,
    ),
    AlgorithmSpec(
        id="hist_gradient_boosting",
        name="Gradient boosting (histogram)",
        task=Task.REGRESSION,
        estimator=HistGradientBoostingRegressor,
        params=(
            *_BOOSTING,
            ChoiceParam(
                name="loss",
                label="Loss",
                help=(
                    "What the rounds reduce: the squared error (default, predicts the mean) or "
                    "the absolute error (predicts the median, moved less by outliers)."
                ),
                default="squared_error",
                choices={"squared_error": "Squared error", "absolute_error": "Absolute error"},
            ),
        ),
        seeded=True,
        dense=True,
        progress=_BOOSTING_LINES,
        verbose=2,
        steps="max_iter",
        growth=_BOOSTING_GROWTH,
        summary=(
            "Adds small trees one after another, each trained on what the sum of the earlier ones "
            "still misses."
        ),
        use_when=(
            "There are some hundred rows or more and the best accuracy on a table is wanted: "
            "it is often the strongest choice."
        ),
        avoid_when=(
            "There are very few rows, or predictions must go beyond the labels seen in training, "
            "which trees cannot do."
        ),
        maths=(
            r"\begin{aligned}"
            r"&F_m(x)=F_{m-1}(x)+\eta\,h_m(x),\quad h_m\ \text{fits the residuals}\ "
            r"y_i-F_{m-1}(x_i)\\"
            r"&L=\tfrac12\sum_i\left(y_i-F(x_i)\right)^2"
            r"\end{aligned}"
        ),
        reference=_FRIEDMAN,
    ),
)
