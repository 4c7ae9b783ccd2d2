"""Sentences about evaluation."""

SENTENCES: dict[str, str] = {
    # Metrics
    "metric.unknown": "There is no score called “{name}”. {suggestion}",
    "metric.undefined.no_rows": "There are no rows to score.",
    "metric.undefined.no_probabilities": (
        "This score reads class probabilities, and this model gives none."
    ),
    "metric.undefined.class_unknown": (
        "Among the scored rows are rows of {classes}, which the model never saw in training, so "
        "it gave them no probability."
    ),
    "metric.undefined.class_missing": (
        "None of the scored rows belongs to {classes}, so there is nothing to compare that class "
        "with."
    ),
    "metric.undefined.one_class": "The model knows a single class, so there is nothing to rank.",
    "metric.undefined.zeros": (
        "{rows} actual values are 0, and a miss cannot be expressed as a share of nothing."
    ),
    "metric.undefined.constant": (
        "The actual values are all the same, so there is no variance to explain."
    ),
}
