"""The words of the field, each in a sentence or two."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Sample": "One row of the table: one flower, one patient, one day.",
    "Feature": "A column the model may look at, such as the length of a petal.",
    "Label": "The column the model learns to predict, also called the target.",
    "Training set": "The rows a model learns from.",
    "Validation set": (
        "Rows the model has not learnt from, used to compare models and to choose settings."
    ),
    "Test set": (
        "Rows that nobody looks at until a model is chosen. Their score is the honest answer to "
        "“how good will it be on new rows?”, as long as it is not used for choosing again."
    ),
    "Cross-validation": (
        "The rows are cut into folds. Each fold is predicted once by a model that learnt from the "
        "other folds, so every row is used for both, never at the same time."
    ),
    "Baseline": (
        "A model that looks at no feature: it always says the most frequent class, or the mean. "
        "A model that does not beat it has learnt nothing."
    ),
    "Loss": "The number that training makes small: how wrong the model is on its training rows.",
    "Optimiser": "The procedure that changes the model step by step so that the loss falls.",
    "Epoch": "One pass of the optimiser over all training rows.",
    "Hyper-parameter": (
        "A setting chosen before training, such as the depth of a tree; parameters are what "
        "training itself finds, such as coefficients."
    ),
    "Overfitting": (
        "The model has learnt its training rows by heart: it is right there and wrong on new rows."
    ),
    "Leakage": (
        "The model sees something it will not have when it is used, such as a column filled in "
        "after the outcome was known. Scores are then too good to be true."
    ),
    "Pipeline": (
        "Preparation and algorithm in one object. What was judged is exactly what you download."
    ),
    "Seed": "The start of the random numbers; the same seed gives the same result.",
}
