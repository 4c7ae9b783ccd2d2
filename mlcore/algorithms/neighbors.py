"""Nearest neighbours: answer like the most similar known rows."""

from __future__ import annotations

from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.params import ChoiceParam, IntParam, Param
from mlcore.tasks import Task

_PARAMS: tuple[Param, ...] = (
    IntParam(
        name="n_neighbors",
        label="Neighbours (k)",
        help=(
            "How many of the most similar training rows are asked. More neighbours give a "
            "smoother answer that follows single rows less; 1 copies the nearest row. "
            "5 is a common start."
        ),
        default=5,
        basic=True,
        low=1,
        high=100,
    ),
    ChoiceParam(
        name="weights",
        label="Weight of a neighbour",
        help=(
            "Whether near neighbours count more than distant ones. "
            "Equal weight is the textbook form and the default."
        ),
        default="uniform",
        basic=True,
        choices={"uniform": "All the same", "distance": "Nearer ones count more"},
    ),
    # Only measures that also work on sparse input (many categories, words).
    ChoiceParam(
        name="metric",
        label="Distance",
        help=(
            "How the difference of two rows is measured. Euclidean is the straight line and the "
            "default; Manhattan adds up the differences and is moved less by one odd column; "
            "cosine looks at proportions only, which suits word counts."
        ),
        default="euclidean",
        choices={
            "euclidean": "Euclidean (straight line)",
            "manhattan": "Manhattan (sum of differences)",
            "cosine": "Cosine (angle)",
        },
    ),
)
_GROWTH = (
    "Training stores the rows. Predicting compares with the stored rows: twice the rows or "
    "columns take up to twice the time for each prediction."
)
_REFERENCE = (
    "T. M. Cover, P. E. Hart (1967). Nearest neighbor pattern classification. "
    "IEEE Transactions on Information Theory 13(1), 21–27."
)

SPECS: tuple[AlgorithmSpec, ...] = (
    AlgorithmSpec(
        id="k_nearest_neighbors",
        name="k nearest neighbours",
        task=Task.CLASSIFICATION,
        estimator=KNeighborsClassifier,
        params=_PARAMS,
        scaling=True,
        rows_at_least=("n_neighbors",),
        growth=_GROWTH,
        summary=(
            "Looks for the k training rows most similar to the new row and gives each class the "
            "share it has among them. It is supervised, but estimates no parameters."
        ),
        use_when=(
            "There are few columns, all of them matter, similar rows have similar labels, "
            "and the border between the classes may have any shape."
        ),
        avoid_when=(
            "There are many columns (then all rows are about equally far apart), columns that do "
            "not matter, or so many rows that each prediction becomes slow."
        ),
        maths=(
            r"\hat P(y=c\mid x)=\frac{\sum_{i\in N_k(x)} w_i\,\mathbb 1[y_i=c]}"
            r"{\sum_{i\in N_k(x)} w_i},\qquad w_i=1\ \text{or}\ \frac{1}{d(x,x_i)}"
        ),
        reference=_REFERENCE,
    ),
    AlgorithmSpec(
        id="k_nearest_neighbors",
        name="k nearest neighbours",
        task=Task.REGRESSION,
        estimator=KNeighborsRegressor,
        params=_PARAMS,
        scaling=True,
        rows_at_least=("n_neighbors",),
        growth=_GROWTH,
        summary=(
            "Looks for the k training rows most similar to the new row and answers with the mean "
            "of their labels. It is supervised, but estimates no parameters."
        ),
        use_when=(
            "There are few columns, all of them matter, similar rows have similar labels, "
            "and the relation may have any shape."
        ),
        avoid_when=(
            "There are many columns, columns that do not matter, or values outside the range of "
            "the training rows: the answer is always a mean of known labels."
        ),
        maths=(
            r"\hat y(x)=\frac{\sum_{i\in N_k(x)} w_i\,y_i}{\sum_{i\in N_k(x)} w_i},"
            r"\qquad w_i=1\ \text{or}\ \frac{1}{d(x,x_i)}"
        ),
        reference=_REFERENCE,
    ),
)
