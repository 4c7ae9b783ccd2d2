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
    # Comparisons
    "compare.verdict.better": "Better than {reference}, by more than luck explains.",
    "compare.verdict.no_clear_difference": (
        "No clear difference to {reference}: what separates them could be luck."
    ),
    "compare.verdict.worse": "Worse than {reference}, by more than luck explains.",
    "compare.verdict.same_run": "This is {reference}.",
    "compare.verdict.one_fold": (
        "One validation set cannot tell luck from skill here; use cross-validation to compare with "
        "{reference}."
    ),
    "compare.verdict.not_comparable": (
        "Not comparable with {reference}: other rows, folds or another label. Train both with the "
        "same split."
    ),
    # The model itself
    "explain.no_view": (
        "This model has no {view} to show. Choose one of the views that this page offers for it."
    ),
    # Checks of a run
    "check.not_applicable.no_baseline": (
        "Not applicable: there is no baseline with the same split to compare with."
    ),
    "check.not_applicable.other_folds": (
        "Not applicable: the baseline has no score in the same folds."
    ),
    "check.not_applicable.few_folds": (
        "Not applicable: with fewer than three folds a spread cannot be judged."
    ),
    "check.not_applicable.classes_only": "Not applicable: a number is predicted, not a class.",
    "check.not_applicable.no_probabilities": (
        "Not applicable: this model gives no probabilities that could be compared with rows."
    ),
    "check.not_applicable.no_score": "Not applicable: the score has no value on these rows.",
    "check.not_applicable.no_learning_curve": (
        "Not applicable yet: it reads the learning curve. Draw the learning curve first."
    ),
    "finding.MODEL001.title": "Better than the baseline",
    "finding.MODEL001.explanation": (
        "{metric} is {score}, and {baseline} for the baseline, which ignores every feature. "
        "The folds do not show that the model is better."
    ),
    "finding.MODEL001.action": (
        "Do not use this model yet. Check that the features can say something about the label, try "
        "another algorithm, or collect more rows."
    ),
    "finding.MODEL001.passed": (
        "{metric} is {score}, clearly better than {baseline} of the baseline."
    ),
    "finding.MODEL002.title": "Scores agree between folds",
    "finding.MODEL002.explanation": (
        "{metric} lies between {low} and {high} in the {folds} folds, so a single number says "
        "little about what to expect."
    ),
    "finding.MODEL002.action": (
        "Read the interval, not the mean. More rows make it narrower; if rows belong to groups "
        "such as persons or places, split by group."
    ),
    "finding.MODEL002.passed": "{metric} lies between {low} and {high} in the {folds} folds.",
    "finding.MODEL003.title": "Every class is predicted",
    "finding.MODEL003.explanation": (
        "The model never predicts {classes}, although {rows} rows belong there."
    ),
    "finding.MODEL003.action": (
        "Set the class weight to balanced where the algorithm offers it, collect more rows of the "
        "class, or join it with a similar one. Judge by balanced accuracy, not by accuracy."
    ),
    "finding.MODEL003.passed": "Every class with rows is predicted at least once.",
    "finding.MODEL004.title": "Probabilities mean what they say",
    "finding.MODEL004.explanation": (
        "The probabilities of “{class}” miss how often it really occurs by {gap} percentage points "
        "on average, beyond what few rows explain."
    ),
    "finding.MODEL004.action": (
        "Use the predicted class or the order of the rows, not the probability itself, or choose "
        "an algorithm with better probabilities, such as logistic regression."
    ),
    "finding.MODEL004.passed": "Probabilities agree with how often the classes occur.",
    "finding.MODEL005.title": "Training came to its end",
    "finding.MODEL005.explanation": "{note}",
    "finding.MODEL005.action": (
        "Allow more iterations, put the features on one scale, or choose a smaller learning rate."
    ),
    "finding.MODEL005.passed": "No fit stopped before it was done.",
    "finding.MODEL006.title": "The score is believable",
    "finding.MODEL006.explanation": (
        "{metric} is {score}. So good a score usually means that a feature gives the answer away, "
        "or that the same rows stand on both sides of the split."
    ),
    "finding.MODEL006.action": (
        "Look at the most important feature: would it be known before the label is? Remove it if "
        "not. Look for duplicate rows and for groups."
    ),
    "finding.MODEL006.passed": "{metric} is {score}, which is not suspiciously good.",
    "finding.MODEL007.title": "It does on new rows what it does on known ones",
    "finding.MODEL007.explanation": (
        "{metric} is {train} on the rows it learnt from and {validation} on new ones: the model "
        "learnt its rows by heart (overfitting)."
    ),
    "finding.MODEL007.action": (
        "Make the model simpler (fewer levels, more neighbours, a stronger penalty) or add rows. "
        "Forests often look like this and still predict well; compare the validation scores."
    ),
    "finding.MODEL007.passed": (
        "{metric} is {train} on the rows it learnt from and {validation} on new ones."
    ),
}
