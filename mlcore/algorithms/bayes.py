"""Models of what each class looks like: naive Bayes and the linear discriminant."""

from __future__ import annotations

from collections.abc import Mapping

from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.params import FloatParam, ParamValue
from mlcore.tasks import Task


def _discriminant(values: Mapping[str, ParamValue], seed: int) -> LinearDiscriminantAnalysis:
    # "svd" copes with collinear columns but cannot shrink; "lsqr" can.
    solver = "svd" if values["shrinkage"] is None else "lsqr"
    return LinearDiscriminantAnalysis(solver=solver, shrinkage=values["shrinkage"])


SPECS: tuple[AlgorithmSpec, ...] = (
    AlgorithmSpec(
        id="naive_bayes",
        name="Naive Bayes (Gaussian)",
        task=Task.CLASSIFICATION,
        estimator=GaussianNB,
        params=(
            FloatParam(
                name="var_smoothing",
                label="Smoothing",
                help=(
                    "This share of the largest variance of any column is added to every "
                    "variance, so that a column that hardly varies within a class cannot decide "
                    "alone. Larger values make the classes look more alike; the tiny default "
                    "only prevents division by zero."
                ),
                default=1e-9,
                basic=True,
                low=1e-12,
                high=1.0,
                log=True,
            ),
        ),
        dense=True,
        growth="Reads the table once: twice the rows or columns take twice the time.",
        summary=(
            "Describes each column within each class by a bell curve, treats the columns as "
            "independent of one another, and answers with the most probable class."
        ),
        use_when=(
            "A first answer is wanted at once, there are few rows or many classes, "
            "and the columns say different things."
        ),
        avoid_when=(
            "Columns repeat one another or are far from bell-shaped: the answer may still be "
            "right, but its probabilities are too close to 0 and 1."
        ),
        maths=(
            r"\hat y(x)=\arg\max_c\ \ln\hat\pi_c+\sum_{j=1}^d"
            r"\ln\mathcal N\!\left(x_j;\hat\mu_{cj},\hat\sigma_{cj}^2+\varepsilon\right)"
        ),
        reference=(
            "D. J. Hand, K. Yu (2001). Idiot's Bayes: not so stupid after all? "
            "International Statistical Review 69(3), 385–398."
        ),
    ),
    AlgorithmSpec(
        id="linear_discriminant",
        name="Linear discriminant analysis",
        task=Task.CLASSIFICATION,
        estimator=LinearDiscriminantAnalysis,
        params=(
            FloatParam(
                name="shrinkage",
                label="Shrinkage",
                help=(
                    "How far the estimated correlations of the columns are pulled towards none. "
                    "Larger values help when there are few rows for many columns; 1 ignores all "
                    "correlations. The textbook form, and the default, has none."
                ),
                default=None,
                basic=True,
                none_label="None",
                low=0.0,
                high=1.0,
            ),
        ),
        dense=True,
        build_with=_discriminant,
        growth="Twice the rows take twice the time, twice the columns about four times.",
        summary=(
            "Describes each class by a bell-shaped cloud, all of the same shape, "
            "which makes the borders between the classes straight."
        ),
        use_when=(
            "Classes are roughly bell-shaped clouds of similar shape, there are several classes, "
            "and few settings are wanted."
        ),
        avoid_when=(
            "The border between the classes is curved, or there are more columns than rows "
            "and no shrinkage is used."
        ),
        maths=(
            r"\hat y(x)=\arg\max_c\ x^\top\hat\Sigma^{-1}\hat\mu_c"
            r"-\tfrac12\hat\mu_c^\top\hat\Sigma^{-1}\hat\mu_c+\ln\hat\pi_c"
        ),
        reference=(
            "R. A. Fisher (1936). The use of multiple measurements in taxonomic problems. "
            "Annals of Eugenics 7(2), 179–188."
        ),
    ),
)
