"""Linear models: a weight for each column, fitted in different ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import comb

from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.algorithms.trees import CLASS_WEIGHT
from mlcore.params import BoolParam, ChoiceParam, FloatParam, IntParam, Param, ParamValue
from mlcore.tasks import Task

_MAX_ITER = IntParam(
    name="max_iter",
    label="Most steps",
    help=(
        "Training stops after this many steps at the latest. A larger value costs time only when "
        "it is needed; raise it when the run says that it did not converge."
    ),
    default=1000,
    low=1,
    high=100_000,
)
_TOL = FloatParam(
    name="tol",
    label="Tolerance",
    help=(
        "How exact the solution must be before training stops. "
        "Larger values are faster and coarser; 0.0001 is the default."
    ),
    default=1e-4,
    low=1e-8,
    high=0.1,
    log=True,
)
_INTERCEPT = BoolParam(
    name="fit_intercept",
    label="Intercept",
    help=(
        "Whether the model has a constant besides the weights. Off forces the answer 0 where all "
        "columns are 0, which is rarely right; on is the default."
    ),
    default=True,
)


def _logistic(values: Mapping[str, ParamValue], seed: int) -> LogisticRegression:
    # Only saga handles an L1 share; without one L-BFGS is the faster and steadier solver.
    solver = "saga" if values["l1_ratio"] else "lbfgs"
    return LogisticRegression(**values, solver=solver, random_state=seed)


_LOGISTIC = AlgorithmSpec(
    id="logistic_regression",
    name="Logistic regression",
    task=Task.CLASSIFICATION,
    estimator=LogisticRegression,
    params=(
        FloatParam(
            name="C",
            label="Freedom (C)",
            help=(
                "The inverse of the penalty on large weights. Larger values let the model follow "
                "the training rows more closely, smaller ones keep the weights small. "
                "1 is a good start when the columns are scaled."
            ),
            default=1.0,
            basic=True,
            low=1e-4,
            high=1e4,
            log=True,
        ),
        FloatParam(
            name="l1_ratio",
            label="Share of the L1 penalty",
            help=(
                "0, the default, shrinks all weights (L2). 1 sets the weights of columns that "
                "help little to exactly 0 (L1). Values between mix both; training is then slower."
            ),
            default=0.0,
            basic=True,
            low=0.0,
            high=1.0,
        ),
        CLASS_WEIGHT,
        _INTERCEPT,
        _MAX_ITER,
        _TOL,
    ),
    seeded=True,
    scaling=True,
    build_with=_logistic,
    growth="Twice the rows or columns take about twice the time; more classes take longer too.",
    summary=(
        "Adds up the columns with a weight each and turns the sum into a probability with an "
        "S-shaped curve; the weights are those that make the training labels most probable."
    ),
    use_when=(
        "A first model with good probabilities is wanted, each column pushes in one direction, "
        "or the weights should be read and explained."
    ),
    avoid_when="The border between the classes is clearly curved, or columns act only together.",
    maths=(
        r"\begin{aligned}"
        r"&\hat w=\arg\min_w\ -\sum_i\left[y_i\ln\sigma_i+(1-y_i)\ln(1-\sigma_i)\right]"
        r"+\tfrac{1}{2C}\lVert w\rVert^2,\quad \sigma_i=\sigma(w^\top x_i+b)\\"
        r"&\hat P(y=1\mid x)=\sigma(w^\top x+b)=\frac{1}{1+e^{-(w^\top x+b)}}"
        r"\quad\text{(softmax for more than two classes)}"
        r"\end{aligned}"
    ),
    reference=(
        "D. R. Cox (1958). The regression analysis of binary sequences. "
        "Journal of the Royal Statistical Society B 20(2), 215–242."
    ),
)

_LINEAR = AlgorithmSpec(
    id="linear_regression",
    name="Linear regression",
    task=Task.REGRESSION,
    estimator=LinearRegression,
    params=(_INTERCEPT,),
    growth="Twice the rows take twice the time, twice the columns about four times.",
    summary=(
        "Adds up the columns with a weight each; the weights are those with the smallest sum of "
        "squared errors on the training rows."
    ),
    use_when=(
        "The label changes in proportion to the columns, there are clearly more rows than columns, "
        "or the weights should be read and explained."
    ),
    avoid_when=(
        "There are nearly as many columns as rows or columns repeat one another (use ridge), "
        "outliers are large, or the relation is clearly curved."
    ),
    maths=(
        r"\hat\beta=\arg\min_\beta\lVert y-X\beta\rVert^2=(X^\top X)^{-1}X^\top y,"
        r"\qquad \hat y(x)=x^\top\hat\beta"
    ),
    reference=(
        "C. F. Gauss (1809). Theoria motus corporum coelestium. "
        "Today: T. Hastie, R. Tibshirani, J. Friedman (2009). The Elements of Statistical "
        "Learning, 2nd ed., chapter 3. Springer."
    ),
)


def polynomial_terms(columns: int, degree: int, interaction_only: bool = False) -> int:
    """Return how many terms a polynomial of several columns has, without the constant.

    Parameters
    ----------
    columns : int
        Number of the model's input columns.
    degree : int
        Highest power.
    interaction_only : bool, default False
        Whether powers of a single column are left out.
    """
    if interaction_only:
        return sum(comb(columns, k) for k in range(1, min(degree, columns) + 1))
    return comb(columns + degree, degree) - 1


def _polynomial_cells(values: Mapping[str, ParamValue], rows: int, columns: int) -> int:
    degree, only = values["degree"], values["interaction_only"]
    assert isinstance(degree, int)
    return rows * polynomial_terms(columns, degree, bool(only))


def _polynomial(values: Mapping[str, ParamValue], seed: int) -> Pipeline:
    # Powers of one column are strongly correlated and of very different size, so they are scaled
    # again after they are made. Ridge with alpha 0 would solve the normal equations, which
    # squares the condition number; plain least squares is solved by an SVD instead.
    alpha = values["alpha"]
    terms = PolynomialFeatures(
        degree=values["degree"], interaction_only=values["interaction_only"], include_bias=False
    )
    model = Ridge(alpha=alpha, random_state=seed) if alpha else LinearRegression()
    return Pipeline([("terms", terms), ("scale", StandardScaler()), ("model", model)])


_RIDGE_ALPHA = FloatParam(
    name="alpha",
    label="Penalty (alpha)",
    help=(
        "How much large weights cost. Larger values keep the weights smaller and the model "
        "steadier; near 0 it becomes plain linear regression. 1 is a good start when the columns "
        "are scaled."
    ),
    default=1.0,
    basic=True,
    low=1e-6,
    high=1e6,
    log=True,
)

_POLYNOMIAL = AlgorithmSpec(
    id="polynomial_regression",
    name="Polynomial regression",
    task=Task.REGRESSION,
    estimator=Pipeline,
    params=(
        IntParam(
            name="degree",
            label="Degree (p)",
            help=(
                "The highest power, and the most columns multiplied with one another. Higher "
                "degrees bend more and follow noise sooner; the number of terms grows very fast "
                "with the number of columns. 2 is the default."
            ),
            default=2,
            basic=True,
            low=1,
            high=8,
        ),
        replace(
            _RIDGE_ALPHA,
            help=(
                "How much large weights cost. Larger values give a calmer curve. 0 is plain least "
                "squares, which goes wild as soon as there are nearly as many terms as rows; the "
                "default of 1 prevents the worst of that."
            ),
            low=0.0,
            log=False,
        ),
        BoolParam(
            name="interaction_only",
            label="Products only",
            help=(
                "Leaves out powers of a single column and keeps products of different columns. "
                "Off by default."
            ),
            default=False,
        ),
    ),
    seeded=True,
    scaling=True,
    dense=True,
    build_with=_polynomial,
    cells=_polynomial_cells,
    growth=(
        "With d columns and degree p there are as many terms as ways to choose p from d + p: "
        "10 columns make 65 terms at degree 2 and 1,000 at degree 4. Time grows with the rows "
        "and with the square of the terms."
    ),
    summary=(
        "Linear regression on powers and products of the columns. The curve bends, "
        "but the model is still linear in its weights."
    ),
    use_when="There are few columns, many rows, and the relation is smoothly curved.",
    avoid_when=(
        "There are many columns, or values outside the training range must be predicted: "
        "polynomials run away there."
    ),
    maths=(
        r"\begin{aligned}"
        r"&\hat\beta=\arg\min_\beta\lVert y-\Phi\beta\rVert^2+\alpha\lVert\beta\rVert^2,\quad "
        r"\Phi_i=\text{all}\ \tbinom{d+p}{p}\ \text{products of}\ x_{i1},\dots,x_{id}"
        r"\ \text{up to degree}\ p\\"
        r"&\text{one column:}\ \hat y(x)=\hat\beta_0+\hat\beta_1x+\dots+\hat\beta_px^p"
        r"\end{aligned}"
    ),
    reference=(
        "J. D. Gergonne (1815). Application de la méthode des moindres quarrés à l'interpolation "
        "des suites. Annales de mathématiques 6, 242–252. Today: C. M. Bishop (2006). Pattern "
        "Recognition and Machine Learning, section 1.1. Springer."
    ),
)

_RIDGE = AlgorithmSpec(
    id="ridge",
    name="Ridge regression",
    task=Task.REGRESSION,
    estimator=Ridge,
    params=(_RIDGE_ALPHA, _INTERCEPT),
    seeded=True,
    scaling=True,
    growth="Twice the rows take twice the time, twice the columns about four times.",
    summary=(
        "Linear regression that also keeps the weights small, which makes it steady when columns "
        "are many or repeat one another."
    ),
    use_when="Linear regression is right in principle, but columns are many or correlated.",
    avoid_when="Only a few columns matter and they should be found (use lasso).",
    maths=(
        r"\hat\beta=\arg\min_\beta\lVert y-X\beta\rVert^2+\alpha\lVert\beta\rVert^2"
        r"=(X^\top X+\alpha I)^{-1}X^\top y"
    ),
    reference=(
        "A. E. Hoerl, R. W. Kennard (1970). Ridge regression: biased estimation for nonorthogonal "
        "problems. Technometrics 12(1), 55–67."
    ),
)

# The penalty of scikit-learn's lasso is in units of the label: its default of 1 does nothing to
# prices around 300,000 and removes every column from a label between 0 and 1. On a standardised
# label it means the same everywhere, and from 1 on (with scaled columns) nothing is left.
_L1_ALPHA = FloatParam(
    name="alpha",
    label="Penalty (alpha)",
    help=(
        "How much weights cost, counted in standard deviations of the label. Larger values leave "
        "fewer columns in the model; 1 usually leaves none. 0.01 removes only what hardly helps."
    ),
    default=0.01,
    basic=True,
    low=1e-5,
    high=1.0,
    log=True,
)
_SELECTION = ChoiceParam(
    name="selection",
    label="Order of the updates",
    help=(
        "Whether the weights are updated one after another (default) or in random order, "
        "which is sometimes faster."
    ),
    default="cyclic",
    choices={"cyclic": "One after another", "random": "Random"},
)
_L1_ADVANCED: tuple[Param, ...] = (replace(_MAX_ITER, default=10_000), _TOL, _SELECTION)
_L1_GROWTH = "Twice the rows or columns take about twice the time; a smaller penalty takes longer."

_LASSO = AlgorithmSpec(
    id="lasso",
    name="Lasso",
    task=Task.REGRESSION,
    estimator=Lasso,
    params=(_L1_ALPHA, *_L1_ADVANCED),
    seeded=True,
    scaling=True,
    scale_target=True,
    growth=_L1_GROWTH,
    summary=(
        "Linear regression that sets the weights of columns that help little to exactly 0. "
        "The label is standardised while fitting."
    ),
    use_when="Only some of many columns matter and the model should say which.",
    avoid_when=(
        "Columns are strongly correlated: it keeps one of them by chance (use elastic net)."
    ),
    maths=(
        r"\hat\beta=\arg\min_\beta\ \tfrac{1}{2n}\lVert y-X\beta\rVert^2"
        r"+\alpha\lVert\beta\rVert_1"
    ),
    reference=(
        "R. Tibshirani (1996). Regression shrinkage and selection via the lasso. "
        "Journal of the Royal Statistical Society B 58(1), 267–288."
    ),
)

_ELASTIC_NET = AlgorithmSpec(
    id="elastic_net",
    name="Elastic net",
    task=Task.REGRESSION,
    estimator=ElasticNet,
    params=(
        _L1_ALPHA,
        # Below a hundredth coordinate descent no longer converges well; ridge is that model.
        FloatParam(
            name="l1_ratio",
            label="Share of the L1 penalty",
            help=(
                "1 is the lasso, which removes columns; near 0 it is close to ridge, which "
                "shrinks them all. Half of each is the default."
            ),
            default=0.5,
            basic=True,
            low=0.01,
            high=1.0,
        ),
        *_L1_ADVANCED,
    ),
    seeded=True,
    scaling=True,
    scale_target=True,
    growth=_L1_GROWTH,
    summary=(
        "Linear regression with the penalties of lasso and ridge together. "
        "The label is standardised while fitting."
    ),
    use_when="Some of many columns matter, and those that matter are correlated.",
    avoid_when="Few columns are there and all are kept anyway: ridge has one setting less.",
    maths=(
        r"\hat\beta=\arg\min_\beta\ \tfrac{1}{2n}\lVert y-X\beta\rVert^2"
        r"+\alpha\rho\lVert\beta\rVert_1+\tfrac{\alpha(1-\rho)}{2}\lVert\beta\rVert^2"
    ),
    reference=(
        "H. Zou, T. Hastie (2005). Regularization and variable selection via the elastic net. "
        "Journal of the Royal Statistical Society B 67(2), 301–320."
    ),
)

# The loss is printed one line after the epoch; with early stopping the score follows it.
_SGD_LINES = (
    r"-- Epoch (?P<step>\d+)\n[^\n]*Avg\. loss: (?P<loss>[^,\s]+), Objective: [^,\s]+"
    r"(?:, Validation score: (?P<score>\S+))?\n"
)
_SGD_GROWTH = (
    "Twice the rows or columns take twice the time for each epoch, and many rows need few epochs: "
    "it stays practical with millions of rows."
)
_SGD_REFERENCE = (
    "L. Bottou (2010). Large-scale machine learning with stochastic gradient descent. "
    "COMPSTAT 2010, 177–186. Idea: H. Robbins, S. Monro (1951). A stochastic approximation method."
)


def _sgd_rate(eta0: float, high: float, reason: str) -> tuple[Param, ...]:
    return (
        FloatParam(
            name="eta0",
            label="Learning rate",
            help=(
                "How far each training row moves the weights at the start. Larger values learn "
                f"faster until they overshoot. {reason}"
            ),
            default=eta0,
            basic=True,
            low=1e-6,
            high=high,
            log=True,
            only_if=("learning_rate", ("adaptive", "constant", "invscaling")),
        ),
    )


def _sgd_schedule(choices: Mapping[str, str]) -> tuple[Param, ...]:
    return (
        ChoiceParam(
            name="learning_rate",
            label="Schedule of the learning rate",
            help=(
                "How the learning rate changes. Adaptive, the default, divides it by five "
                "whenever the loss stops falling, which ends close to the best weights."
            ),
            default="adaptive",
            choices=choices,
        ),
        FloatParam(
            name="power_t",
            label="Speed of the decrease",
            help="How fast the learning rate falls. Larger values let it fall faster.",
            default=0.25,
            low=0.0,
            high=1.0,
            only_if=("learning_rate", ("invscaling",)),
        ),
    )


_SCHEDULES = {
    "adaptive": "Adaptive",
    "constant": "Constant",
    "invscaling": "Falling with the number of rows seen",
}
_EPOCHS = replace(
    _MAX_ITER,
    label="Most epochs",
    help=(
        "How often training passes over all rows at most. It stops earlier when the loss no "
        "longer falls, so a larger value costs time only when it is needed."
    ),
    basic=True,
    high=10_000,
)
_PENALTY: tuple[Param, ...] = (
    FloatParam(
        name="alpha",
        label="Penalty (alpha)",
        help=(
            "How much large weights cost. Larger values keep the weights smaller and the model "
            "steadier; 0.0001 is the default."
        ),
        default=1e-4,
        basic=True,
        low=1e-7,
        high=1.0,
        log=True,
    ),
    ChoiceParam(
        name="penalty",
        label="Kind of penalty",
        help=(
            "L2, the default, shrinks all weights; L1 sets some to exactly 0; "
            "elastic net mixes both."
        ),
        default="l2",
        choices={"l2": "L2", "l1": "L1", "elasticnet": "Elastic net"},
    ),
    FloatParam(
        name="l1_ratio",
        label="Share of the L1 penalty",
        help=("Larger values set more weights to exactly 0; 0.15 is scikit-learn's default."),
        default=0.15,
        low=0.0,
        high=1.0,
        only_if=("penalty", ("elasticnet",)),
    ),
)
_EARLY: tuple[Param, ...] = (
    BoolParam(
        name="early_stopping",
        label="Stop early",
        help=(
            "Sets some training rows aside and stops when the score on them no longer improves. "
            "Off by default: then the loss on the training rows decides and no row is lost."
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
)
_STOPPING: tuple[Param, ...] = (
    IntParam(
        name="n_iter_no_change",
        label="Patience (epochs)",
        help=(
            "How many epochs without improvement are allowed before the learning rate is lowered "
            "or training stops. Larger values train longer; 5 is the default."
        ),
        default=5,
        low=1,
        high=100,
    ),
    _TOL,
    BoolParam(
        name="average",
        label="Average the weights",
        help=(
            "Uses the mean of the weights over all updates, which is calmer than the last ones "
            "but lags behind in short training. Off by default."
        ),
        default=False,
    ),
)

_SGD_CLASSIFIER = AlgorithmSpec(
    id="sgd",
    name="Stochastic gradient descent",
    task=Task.CLASSIFICATION,
    estimator=SGDClassifier,
    params=(
        ChoiceParam(
            name="loss",
            label="Loss",
            help=(
                "Log loss, the default, is logistic regression and gives probabilities. "
                "Hinge is the linear support vector machine and gives scores only."
            ),
            default="log_loss",
            basic=True,
            choices={"log_loss": "Log loss", "hinge": "Hinge"},
        ),
        _EPOCHS,
        *_sgd_rate(0.05, 10.0, "0.05 suits scaled columns."),
        *_PENALTY,
        *_sgd_schedule({**_SCHEDULES, "optimal": "Bottou's rule (from the penalty)"}),
        # No early stopping: with log loss scikit-learn 1.9 compares labels 0 and 1 with
        # predictions -1 and 1, so that every row of the negative class counts as wrong.
        *_STOPPING,
        CLASS_WEIGHT,
    ),
    seeded=True,
    scaling=True,
    progress=_SGD_LINES,
    per_class=True,
    steps="max_iter",
    growth=_SGD_GROWTH,
    summary=(
        "Fits a linear model by looking at one row at a time and moving the weights a little "
        "each time. With several classes one model is fitted for each class against the rest."
    ),
    use_when="There are very many rows or columns, or the loss should be watched while it falls.",
    avoid_when=(
        "There are few rows: logistic regression finds the same weights exactly and has fewer "
        "settings."
    ),
    maths=(
        r"\begin{aligned}"
        r"&w\leftarrow w-\eta\left(\nabla_w\ell(y_i,w^\top x_i+b)+\alpha w\right)"
        r"\quad\text{for one row}\ i\ \text{after another},\ y_i\in\{-1,1\}\\"
        r"&\ell_{\text{log}}=\ln\left(1+e^{-y_if_i}\right),\qquad "
        r"\ell_{\text{hinge}}=\max(0,\,1-y_if_i)"
        r"\end{aligned}"
    ),
    reference=_SGD_REFERENCE,
)

_SGD_REGRESSOR = AlgorithmSpec(
    id="sgd",
    name="Stochastic gradient descent",
    task=Task.REGRESSION,
    estimator=SGDRegressor,
    params=(
        _EPOCHS,
        *_sgd_rate(
            0.001,
            0.1,
            "0.001 suits scaled columns; much more makes the weights explode when there are "
            "hundreds of columns.",
        ),
        *_PENALTY,
        *_sgd_schedule(_SCHEDULES),
        *_EARLY,
        *_STOPPING,
    ),
    # The loss that the workbench promises; robust losses have estimators of their own.
    fixed={"loss": "squared_error"},
    seeded=True,
    scaling=True,
    # The tolerance is in squared units of the label: unscaled, prices would never reach it and
    # shares between 0 and 1 would reach it before anything is learnt.
    scale_target=True,
    progress=_SGD_LINES,
    steps="max_iter",
    growth=_SGD_GROWTH,
    summary=(
        "Fits linear regression by looking at one row at a time and moving the weights a little "
        "each time. The label is standardised while fitting."
    ),
    use_when="There are very many rows or columns, or the loss should be watched while it falls.",
    avoid_when=(
        "There are few rows (ridge finds the same weights exactly), or columns with extreme "
        "values, which throw the weights off."
    ),
    maths=(
        r"w\leftarrow w-\eta\left((w^\top x_i+b-y_i)\,x_i+\alpha w\right)"
        r"\quad\text{for one row}\ i\ \text{after another},\qquad "
        r"\ell=\tfrac12(y_i-\hat y_i)^2"
    ),
    reference=_SGD_REFERENCE,
)

SPECS: tuple[AlgorithmSpec, ...] = (
    _LOGISTIC,
    _LINEAR,
    _POLYNOMIAL,
    _RIDGE,
    _LASSO,
    _ELASTIC_NET,
)
#: The same models fitted row by row; they stand later in the menu, beside the perceptron.
STOCHASTIC: tuple[AlgorithmSpec, ...] = (_SGD_CLASSIFIER, _SGD_REGRESSOR)
