"""Decision trees: questions with yes or no, one after another."""

from __future__ import annotations

from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.params import ChoiceParam, FloatParam, IntParam, Param
from mlcore.tasks import Task

#: Knobs that single trees and forests share.
MAX_DEPTH = IntParam(
    name="max_depth",
    label="Greatest depth",
    help=(
        "How many questions may follow one another. Deeper trees fit finer detail and also noise. "
        "No limit is the default; the smallest leaf below keeps the tree from growing too far."
    ),
    default=None,
    basic=True,
    none_label="No limit",
    low=1,
    high=100,
)
MIN_SAMPLES_LEAF = IntParam(
    name="min_samples_leaf",
    label="Smallest leaf (rows)",
    help=(
        "How many training rows must at least end in each leaf. Larger leaves give a simpler "
        "tree that follows single rows less."
    ),
    default=5,
    basic=True,
    low=1,
    high=1000,
)
MIN_SAMPLES_SPLIT = IntParam(
    name="min_samples_split",
    label="Smallest split (rows)",
    help=(
        "A group of fewer rows is not divided any further. Larger values give a simpler tree; "
        "2, the default, leaves the decision to the smallest leaf."
    ),
    default=2,
    low=2,
    high=1000,
)
MAX_LEAF_NODES = IntParam(
    name="max_leaf_nodes",
    label="Most leaves",
    help=(
        "The tree grows where it gains most until it has this many leaves. "
        "More leaves fit finer detail; by default there is no limit."
    ),
    default=None,
    none_label="No limit",
    low=2,
    high=10_000,
)
CCP_ALPHA = FloatParam(
    name="ccp_alpha",
    label="Pruning",
    help=(
        "After growing, branches are cut off that improve the fit by less than this for each "
        "leaf. Larger values cut more; 0, the default, cuts nothing."
    ),
    default=0.0,
    low=0.0,
    high=1000.0,
)
CLASS_CRITERION = ChoiceParam(
    name="criterion",
    label="Measure of a split",
    help=(
        "What a question should reduce: how mixed the classes are in each part. Gini and entropy "
        "nearly always choose the same questions; Gini, the default, is a little faster."
    ),
    default="gini",
    choices={"gini": "Gini impurity", "entropy": "Entropy"},
)
VALUE_CRITERION = ChoiceParam(
    name="criterion",
    label="Measure of a split",
    help=(
        "What a question should reduce: the squared error around the mean of each part (default), "
        "or the absolute error around its median, which outliers move less but which is slower."
    ),
    default="squared_error",
    choices={"squared_error": "Squared error", "absolute_error": "Absolute error"},
)
CLASS_WEIGHT = ChoiceParam(
    name="class_weight",
    label="Weight of the classes",
    help=(
        "Balanced gives rare classes more weight, so that they are found more often, at the "
        "price of more false alarms. By default every row counts the same."
    ),
    default=None,
    none_label="Every row counts the same",
    choices={"balanced": "Balanced (rare classes count more)"},
)
_MAX_FEATURES = ChoiceParam(
    name="max_features",
    label="Columns tried at each split",
    help=(
        "How many columns, drawn at random, compete for each question. Fewer make the tree more "
        "random. A single tree does best when all compete, which is the default."
    ),
    default=None,
    none_label="All",
    choices={"sqrt": "Square root of their number", "log2": "Logarithm of their number"},
)
_SHAPE: tuple[Param, ...] = (MAX_DEPTH, MIN_SAMPLES_LEAF)
_ADVANCED: tuple[Param, ...] = (MIN_SAMPLES_SPLIT, MAX_LEAF_NODES, _MAX_FEATURES, CCP_ALPHA)
_GROWTH = (
    "Twice the columns take twice the time, twice the rows a little more than twice. "
    "Predicting is very fast."
)
_REFERENCE = (
    "L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone (1984). "
    "Classification and Regression Trees. Wadsworth."
)

SPECS: tuple[AlgorithmSpec, ...] = (
    AlgorithmSpec(
        id="decision_tree",
        name="Decision tree",
        task=Task.CLASSIFICATION,
        estimator=DecisionTreeClassifier,
        params=(*_SHAPE, CLASS_CRITERION, *_ADVANCED, CLASS_WEIGHT),
        seeded=True,
        growth=_GROWTH,
        summary=(
            "Divides the rows again and again by the one question about one column that separates "
            "the classes best, and answers with the class shares of the leaf a row ends in."
        ),
        use_when=(
            "People must be able to follow each decision, columns have different scales, "
            "or effects depend on one another."
        ),
        avoid_when=(
            "The best accuracy is wanted, or small changes of the data must not change the model: "
            "a forest of many trees is steadier."
        ),
        maths=(
            r"\begin{aligned}"
            r"&\arg\max_{j,t}\ I(S)-\tfrac{n_L}{n}I(S_L)-\tfrac{n_R}{n}I(S_R)\\"
            r"&I_{\text{gini}}=1-\sum_c p_c^2,\qquad I_{\text{entropy}}=-\sum_c p_c\log_2 p_c\\"
            r"&\hat P(y=c\mid x)=p_c(\text{leaf of }x)"
            r"\end{aligned}"
        ),
        reference=_REFERENCE,
    ),
    AlgorithmSpec(
        id="decision_tree",
        name="Decision tree",
        task=Task.REGRESSION,
        estimator=DecisionTreeRegressor,
        params=(*_SHAPE, VALUE_CRITERION, *_ADVANCED),
        seeded=True,
        growth=_GROWTH,
        summary=(
            "Divides the rows again and again by the one question about one column that makes the "
            "labels in the parts most alike, and answers with the mean of the leaf a row ends in."
        ),
        use_when=(
            "People must be able to follow each prediction, columns have different scales, "
            "or effects depend on one another."
        ),
        avoid_when=(
            "Predictions must change smoothly or go beyond the labels seen in training: "
            "a tree answers in steps and never outside that range."
        ),
        maths=(
            r"\begin{aligned}"
            r"&\arg\min_{j,t}\ \sum_{i\in S_L}(y_i-\bar y_L)^2+\sum_{i\in S_R}(y_i-\bar y_R)^2\\"
            r"&\hat y(x)=\bar y(\text{leaf of }x)"
            r"\end{aligned}"
        ),
        reference=_REFERENCE,
    ),
)
