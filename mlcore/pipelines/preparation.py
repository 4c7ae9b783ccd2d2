"""The knobs of the preparation: what happens to each kind of column before the algorithm."""

from __future__ import annotations

from mlcore.params import BoolParam, ChoiceParam, IntParam, Param, SeveralParam

PREPARATION_PARAMS: tuple[Param, ...] = (
    ChoiceParam(
        name="number_missing",
        label="Missing numbers",
        help=(
            "What stands in for a missing number. It is worked out from the training rows alone. "
            "The median (the middle value) is not moved by a few extreme values."
        ),
        default="median",
        choices={
            "median": "Median of the column",
            "mean": "Mean of the column",
            "most_frequent": "Most frequent value",
            "zero": "Zero",
        },
        basic=True,
    ),
    BoolParam(
        name="missing_flag",
        label="Tell the model what was missing",
        help=(
            "Adds a yes/no feature for each number column with gaps. Useful when a gap itself says "
            "something, such as a test that was not ordered."
        ),
        default=False,
    ),
    ChoiceParam(
        name="scaling",
        label="Scaling of numbers",
        help=(
            "Puts all numbers on one scale, so that grams do not outweigh metres. Automatic: "
            "standardise where the algorithm compares or weighs columns, nothing where it does not "
            "matter (trees)."
        ),
        default="auto",
        choices={
            "auto": "Automatic",
            "none": "None",
            "standard": "Standardise (mean 0, spread 1)",
            "minmax": "Min–max (0 to 1)",
            "robust": "Robust (median and quartiles)",
            "unit_length": "Unit length (each row)",
        },
        basic=True,
    ),
    ChoiceParam(
        name="category_missing",
        label="Missing categories",
        help="What stands in for a missing category.",
        default="own",
        choices={
            "own": "A category “missing” of its own",
            "most_frequent": "The most frequent one",
        },
        basic=True,
    ),
    ChoiceParam(
        name="encoding",
        label="Categories to numbers",
        help=(
            "One-hot: one yes/no feature for each category. Ordinal: a number for each category, "
            "in "
            "alphabetical order. Target: the average label of each category, learnt by "
            "cross-fitting. Automatic: one-hot for few categories, target for many; where there "
            "is no label, one-hot for the most frequent ones and one column for all others."
        ),
        default="auto",
        choices={
            "auto": "Automatic",
            "onehot": "One-hot",
            "ordinal": "Ordinal",
            "target": "Target",
        },
        basic=True,
    ),
    IntParam(
        name="onehot_limit",
        label="Few categories means at most",
        help=(
            "Columns with more categories than this count as having many when the encoding is "
            "automatic."
        ),
        default=20,
        low=2,
        high=200,
        only_if=("encoding", ("auto",)),
    ),
    SeveralParam(
        name="date_parts",
        label="Parts of a date",
        help="Each chosen part becomes a number feature of its own. Monday is weekday 0.",
        default=("year", "month", "day", "day_of_week", "hour"),
        choices={
            "year": "Year",
            "quarter": "Quarter",
            "month": "Month",
            "day": "Day of the month",
            "day_of_year": "Day of the year",
            "day_of_week": "Weekday",
            "hour": "Hour",
            "minute": "Minute",
        },
    ),
    IntParam(
        name="text_words",
        label="Words of a text",
        help=(
            "Free text becomes TF-IDF weights: how often a word occurs here, against how many rows "
            "have it. Only the most frequent words are kept, up to this number."
        ),
        default=500,
        low=10,
        high=20000,
    ),
)
