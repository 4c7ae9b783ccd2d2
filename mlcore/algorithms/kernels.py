"""Support vector machines: wide margins, straight or curved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC, SVR

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.algorithms.trees import CLASS_WEIGHT
from mlcore.params import ChoiceParam, FloatParam, IntParam, Param, ParamValue
from mlcore.tasks import Task

_C = FloatParam(
    name="C",
    label="Cost of errors (C)",
    help=(
        "How much a training row on the wrong side costs compared with a wide margin. Larger "
        "values follow the training rows more closely and take longer; smaller ones give a "
        "simpler model. 1 is a good start when the columns are scaled."
    ),
    default=1.0,
    basic=True,
    low=0.001,
    high=1000.0,
    log=True,
)
_GAMMA = FloatParam(
    name="gamma",
    label="Reach of a row (gamma)",
    help=(
        "How quickly the influence of a row fades with distance. Larger values let only near rows "
        "count, which makes the border more wiggly. Automatic fits it to the number of columns "
        "and their spread."
    ),
    default=None,
    basic=True,
    none_label="Automatic",
    low=1e-5,
    high=100.0,
    log=True,
)
_DEGREE = IntParam(
    name="degree",
    label="Degree",
    help=(
        "The highest power and the most columns multiplied with one another. Higher degrees bend "
        "the border more and follow noise sooner; 3 is the default."
    ),
    default=3,
    basic=True,
    low=2,
    high=6,
)
# scikit-learn's default is 0, which leaves only the terms of the highest degree: with an odd
# degree such a border cannot even be symmetric around the mean.
_COEF0 = FloatParam(
    name="coef0",
    label="Weight of the lower powers",
    help=(
        "Larger values give the terms below the highest power more weight. "
        "With 0 only the highest power counts; 1, the default, includes all of them."
    ),
    default=1.0,
    low=0.0,
    high=10.0,
)
_TOL = FloatParam(
    name="tol",
    label="Tolerance",
    help=(
        "How exact the solution must be before training stops. "
        "Larger values are faster and coarser; 0.001 is the default."
    ),
    default=1e-3,
    low=1e-6,
    high=0.1,
    log=True,
)
# SVC(probability=True) is deprecated in scikit-learn 1.9; this is what replaces it.
_METHOD = ChoiceParam(
    name="method",
    label="Probabilities",
    help=(
        "A support vector machine gives scores, not probabilities. They can be calibrated by "
        "training on parts of the training rows as well, which takes about four times as long. "
        "Off by default; the predicted classes may change slightly when it is on."
    ),
    default=None,
    none_label="None (scores only)",
    choices={
        "sigmoid": "Calibrated by a curve (Platt)",
        "isotonic": "Calibrated by steps (needs many rows)",
    },
)
#: Parts of the training rows that calibration uses; three keep it possible with rare classes.
CALIBRATION_FOLDS = 3

_GROWTH = (
    "Twice the rows take four to eight times as long: comfortable up to some ten thousand rows."
)
_REFERENCE = "C. Cortes, V. Vapnik (1995). Support-vector networks. Machine Learning 20, 273–297."
_PRIMAL = r"\min_{w,b}\ \tfrac12\lVert w\rVert^2+C\sum_i\max\left(0,\,1-y_if(x_i)\right)"
_DUAL = (
    r"\max_\alpha\ \sum_i\alpha_i-\tfrac12\sum_{i,j}\alpha_i\alpha_jy_iy_jk(x_i,x_j),\quad "
    r"0\le\alpha_i\le C,\ \sum_i\alpha_iy_i=0"
)


def _machine(
    kernel: str,
    suffix: str,
    own: tuple[Param, ...],
    *,
    name: str,
    summary: str,
    use_when: str,
    avoid_when: str,
    maths: str,
) -> AlgorithmSpec:
    params: tuple[Param, ...] = (_C, *own, _METHOD, CLASS_WEIGHT, _TOL)

    def build(values: Mapping[str, ParamValue], seed: int) -> BaseEstimator:
        arguments = spec.arguments(values, seed)
        method = arguments.pop("method")
        machine = SVC(**arguments)
        if method is None:
            return machine
        # One machine on all rows, with a curve learnt from out-of-fold scores.
        return CalibratedClassifierCV(machine, method=method, cv=CALIBRATION_FOLDS, ensemble=False)

    spec = AlgorithmSpec(
        id=f"svm_{suffix}",
        task=Task.CLASSIFICATION,
        estimator=SVC,
        params=params,
        fixed={"kernel": kernel},  # the kernel is what tells the three entries apart
        none_means={"gamma": "scale"} if _GAMMA in own else {},
        scaling=True,
        probabilities=False,
        build_with=build,
        growth=_GROWTH,
        reference=_REFERENCE,
        name=name,
        summary=summary,
        use_when=use_when,
        avoid_when=avoid_when,
        maths=maths,
    )
    return spec


SPECS: tuple[AlgorithmSpec, ...] = (
    _machine(
        "linear",
        "linear",
        (),
        name="Support vector machine (linear)",
        summary=(
            "Puts a straight border between the classes so that the gap to the nearest rows is as "
            "wide as possible; only the rows near the border decide."
        ),
        use_when="There are many columns for the number of rows, or a straight border is enough.",
        avoid_when=(
            "There are very many rows (stochastic gradient descent with hinge loss is the fast "
            "form of it), or probabilities are needed: they only come with calibration."
        ),
        maths=(
            r"\begin{aligned}&" + _PRIMAL + r",\quad f(x)=w^\top x+b\\"
            r"&\hat y=\operatorname{sign} f(x),\qquad \text{margin width}\ 2/\lVert w\rVert"
            r"\end{aligned}"
        ),
    ),
    _machine(
        "poly",
        "polynomial",
        (_DEGREE, _GAMMA, _COEF0),
        name="Support vector machine (polynomial)",
        summary=(
            "Like the linear machine, but with a border that may bend as a polynomial of the "
            "chosen degree; only the rows near the border decide."
        ),
        use_when="Columns work together, such as products of two or three of them.",
        avoid_when=(
            "There are very many rows, values lie far outside the training range (powers explode "
            "there), or probabilities are needed without calibration."
        ),
        maths=(
            r"\begin{aligned}&" + _DUAL + r"\\"
            r"&k(x,x')=(\gamma\,x^\top x'+r)^p,\qquad "
            r"\hat y=\operatorname{sign}\Big(\sum_{i\in SV}\alpha_iy_ik(x_i,x)+b\Big)"
            r"\end{aligned}"
        ),
    ),
    _machine(
        "rbf",
        "rbf",
        (_GAMMA,),
        name="Support vector machine (RBF)",
        summary=(
            "Puts a smoothly curved border between the classes: each row near the border spreads "
            "its influence around itself like a bell."
        ),
        use_when="Up to some ten thousand rows, scaled columns, and a curved border.",
        avoid_when=(
            "There are very many rows, many columns that do not matter, or probabilities are "
            "needed without calibration."
        ),
        maths=(
            r"\begin{aligned}&" + _DUAL + r"\\"
            r"&k(x,x')=e^{-\gamma\lVert x-x'\rVert^2},\qquad "
            r"\hat y=\operatorname{sign}\Big(\sum_{i\in SV}\alpha_iy_ik(x_i,x)+b\Big)"
            r"\end{aligned}"
        ),
    ),
    AlgorithmSpec(
        id="svr",
        name="Support vector regression",
        task=Task.REGRESSION,
        estimator=SVR,
        params=(
            ChoiceParam(
                name="kernel",
                label="Shape",
                help=(
                    "Which shapes the prediction can take. RBF is smoothly curved and the "
                    "default; linear is straight; polynomial uses powers of the columns."
                ),
                default="rbf",
                basic=True,
                choices={"rbf": "RBF (curved)", "linear": "Linear", "poly": "Polynomial"},
            ),
            _C,
            FloatParam(
                name="epsilon",
                label="Free error (epsilon)",
                help=(
                    "Errors up to this size cost nothing, counted in standard deviations of the "
                    "label. Larger values give a simpler model with fewer support vectors; "
                    "0.1 is the default."
                ),
                default=0.1,
                basic=True,
                low=0.0,
                high=2.0,
            ),
            replace(_GAMMA, only_if=("kernel", ("rbf", "poly"))),
            replace(_DEGREE, only_if=("kernel", ("poly",))),
            replace(_COEF0, only_if=("kernel", ("poly",))),
            _TOL,
        ),
        none_means={"gamma": "scale"},
        scaling=True,
        # C and epsilon are in units of the label: with prices around 300,000 the defaults would
        # leave a machine that answers with the median everywhere.
        scale_target=True,
        growth=_GROWTH,
        summary=(
            "Fits a curve with a tube around it: rows inside the tube cost nothing, rows outside "
            "cost in proportion to their distance. The label is standardised while fitting."
        ),
        use_when=(
            "Up to some ten thousand rows, scaled columns, and a smooth relation with some "
            "outliers, which count less than with squared errors."
        ),
        avoid_when="There are very many rows, or many columns that do not matter.",
        maths=(
            r"\begin{aligned}"
            r"&\min_{w,b}\ \tfrac12\lVert w\rVert^2+C\sum_i\max\left(0,\,"
            r"\lvert y_i-f(x_i)\rvert-\varepsilon\right)\\"
            r"&f(x)=\sum_{i\in SV}(\alpha_i-\alpha_i^*)\,k(x_i,x)+b"
            r"\end{aligned}"
        ),
        reference=(
            "A. J. Smola, B. Schölkopf (2004). A tutorial on support vector regression. "
            "Statistics and Computing 14, 199–222."
        ),
    ),
)
