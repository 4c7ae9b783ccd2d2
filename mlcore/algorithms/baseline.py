"""Baselines: what a prediction is worth that never looks at the features."""

from __future__ import annotations

from sklearn.dummy import DummyClassifier, DummyRegressor

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.tasks import Task

SPECS: tuple[AlgorithmSpec, ...] = (
    AlgorithmSpec(
        id="baseline",
        name="Baseline (most frequent class)",
        task=Task.CLASSIFICATION,
        estimator=DummyClassifier,
        # "prior" predicts the most frequent class and gives the shares as probabilities, so that
        # log loss and Brier score of the baseline are defined too.
        fixed={"strategy": "prior"},
        growth="Needs a single look at the labels, whatever the size of the table.",
        summary=(
            "Always answers with the most frequent class of the training rows, "
            "and gives the share of each class as its probability."
        ),
        use_when="Always: it is the line that every real model has to beat.",
        avoid_when="Never use it to decide anything, because it does not look at the features.",
        maths=(
            r"\hat y(x)=\arg\max_c \hat\pi_c,\qquad "
            r"\hat\pi_c=\frac1n\sum_{i=1}^n \mathbb 1[y_i=c]"
        ),
        reference=(
            "R. C. Holte (1993). Very simple classification rules perform well on most commonly "
            "used datasets. Machine Learning 11, 63–90."
        ),
        is_baseline=True,
    ),
    AlgorithmSpec(
        id="baseline",
        name="Baseline (mean)",
        task=Task.REGRESSION,
        estimator=DummyRegressor,
        # The mean minimises the squared error among constants, so its R² on the rows it was
        # computed from is exactly 0.
        fixed={"strategy": "mean"},
        growth="Needs a single look at the labels, whatever the size of the table.",
        summary="Always answers with the mean of the training labels.",
        use_when="Always: it is the line that every real model has to beat.",
        avoid_when="Never use it to decide anything, because it does not look at the features.",
        maths=(
            r"\hat y(x)=\bar y=\frac1n\sum_{i=1}^n y_i"
            r"=\arg\min_c \sum_{i=1}^n (y_i-c)^2"
        ),
        reference=(
            "T. Hastie, R. Tibshirani, J. Friedman (2009). The Elements of Statistical Learning, "
            "2nd ed., section 2.4. Springer."
        ),
        is_baseline=True,
    ),
)
