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
    "finding.MODEL001.title": "Comparison with the baseline",
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
    "finding.MODEL002.title": "Spread of the scores between folds",
    "finding.MODEL002.explanation": (
        "{metric} lies between {low} and {high} in the {folds} folds, so a single number says "
        "little about what to expect."
    ),
    "finding.MODEL002.action": (
        "Read the interval, not the mean. More rows make it narrower; if rows belong to groups "
        "such as persons or places, split by group."
    ),
    "finding.MODEL002.passed": "{metric} lies between {low} and {high} in the {folds} folds.",
    "finding.MODEL003.title": "Classes it predicts",
    "finding.MODEL003.explanation": (
        "The model never predicts {classes}, although {rows} rows belong there."
    ),
    "finding.MODEL003.action": (
        "Set the class weight to balanced where the algorithm offers it, collect more rows of the "
        "class, or join it with a similar one. Judge by balanced accuracy, not by accuracy."
    ),
    "finding.MODEL003.passed": "Every class with rows is predicted at least once.",
    "finding.MODEL004.title": "Calibration of the probabilities",
    "finding.MODEL004.explanation": (
        "The probabilities of “{class}” miss how often it really occurs by {gap} percentage points "
        "on average, beyond what few rows explain."
    ),
    "finding.MODEL004.action": (
        "Use the predicted class or the order of the rows, not the probability itself, or choose "
        "an algorithm with better probabilities, such as logistic regression."
    ),
    "finding.MODEL004.passed": "Probabilities agree with how often the classes occur.",
    "finding.MODEL005.title": "End of the training",
    "finding.MODEL005.explanation": "{note}",
    "finding.MODEL005.action": (
        "Allow more iterations, put the features on one scale, or choose a smaller learning rate."
    ),
    "finding.MODEL005.passed": "No fit stopped before it was done.",
    "finding.MODEL006.title": "Plausibility of the score",
    "finding.MODEL006.explanation": (
        "{metric} is {score}. So good a score usually means that a feature gives the answer away, "
        "or that the same rows stand on both sides of the split."
    ),
    "finding.MODEL006.action": (
        "Look at the most important feature: would it be known before the label is? Remove it if "
        "not. Look for duplicate rows and for groups."
    ),
    "finding.MODEL006.passed": "{metric} is {score}, which is not suspiciously good.",
    "finding.MODEL007.title": "Known rows against new ones",
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
    # Figures
    "figure.nothing": "There is nothing to draw here.",
    "figure.bounded": "Drawn are {drawn} of {total}.",
    # Axes
    "axis.actual_class": "Actual class",
    "axis.predicted_class": "Predicted class",
    "axis.rows": "Rows (count)",
    "axis.share_of_class": "Share of the actual class",
    "axis.share_of_rows": "Share of rows",
    "axis.false_positive_rate": "False positive rate (share of the other rows)",
    "axis.true_positive_rate": "True positive rate, recall (share of the class)",
    "axis.recall": "Recall (share of the class)",
    "axis.precision": "Precision (share of what is predicted)",
    "axis.threshold": "Threshold (probability)",
    "axis.score": "Score (0 to 1)",
    "axis.mean_probability": "Mean probability given by the model",
    "axis.observed_share": "Share that really belongs to the class",
    "axis.probability_of": "Probability of {name}",
    "axis.actual_of": "Actual {name} (unit of the label)",
    "axis.predicted_of": "Predicted {name} (unit of the label)",
    "axis.predicted_value": "Predicted value (unit of the label)",
    "axis.residual": "Residual: actual minus predicted (unit of the label)",
    "axis.column": "{name}",
    "axis.importance_drop": "How much {name} gets worse when the column is shuffled",
    "axis.impurity_share": "Share of the removed impurity",
    "axis.coefficient": "Coefficient",
    "axis.coefficient.raw": "Coefficient (per unit of the feature)",
    "axis.coefficient.standard": "Coefficient (per standard deviation of the feature)",
    "axis.coefficient.minmax": "Coefficient (per whole range of the feature)",
    "axis.coefficient.robust": "Coefficient (per width of the feature’s middle half)",
    "axis.coefficient.unit_length": "Coefficient (per length of the row)",
    "axis.coefficient.max_abs": "Coefficient (per largest absolute value of the feature)",
    "axis.coefficient.product": "Coefficient (of polynomial terms)",
    "axis.coefficient.mixed": "Coefficient (features have different scales; see the table)",
    "axis.training_rows": "Training rows (count)",
    "axis.metric": "{name}",
    "axis.higher_better": "{name} (higher is better)",
    "axis.lower_better": "{name} (lower is better)",
    "axis.step": "Step (epoch or iteration)",
    "axis.loss": "Loss (on the training rows)",
    # Legends
    "legend.guessing": "Guessing",
    "legend.auc": "{name} (area {value})",
    "legend.average_precision": "{name} (average precision {value})",
    "legend.accuracy": "Accuracy",
    "legend.precision": "Precision",
    "legend.recall": "Recall",
    "legend.specificity": "Specificity",
    "legend.f1": "F1",
    "legend.calibrated": "Perfectly calibrated",
    "legend.member": "Rows of {name}",
    "legend.others": "All other rows",
    "legend.perfect": "Perfect prediction",
    "legend.rows": "Rows",
    "legend.train": "Training rows",
    "legend.validation": "Validation rows",
    "legend.final_fit": "Final fit",
    "legend.fold": "Fold {fold}",
    # Hover texts; %{{…}} is filled in by the browser
    "hover.confusion": "{count} rows of {actual} predicted as {predicted}<br>{share} of {actual}",
    "hover.roc": (
        "False positive rate %{{x:.3f}}<br>True positive rate %{{y:.3f}}<br>"
        "From probability %{{customdata}}"
    ),
    "hover.precision_recall": (
        "Recall %{{x:.3f}}<br>Precision %{{y:.3f}}<br>From probability %{{customdata}}"
    ),
    "hover.threshold": "%{{y:.3f}} at threshold %{{x:.2f}}",
    "hover.calibration": (
        "Probability %{{x:.3f}}, really %{{y:.3f}}<br>"
        "95 % interval %{{customdata[0]:.3f}} to %{{customdata[1]:.3f}}<br>%{{customdata[2]}} rows"
    ),
    "hover.score_distribution": (
        "Probability %{{customdata[0]:.2f}} to %{{customdata[1]:.2f}}<br>"
        "%{{customdata[2]}} rows, %{{y:.1%}}"
    ),
    "hover.predicted_actual": (
        "Row %{{customdata[0]}}<br>Actual %{{x:.4g}}<br>Predicted %{{y:.4g}}<br>"
        "Residual %{{customdata[1]:.4g}}"
    ),
    "hover.residual": "Row %{{customdata}}<br>Value %{{x}}<br>Residual %{{y:.4g}}",
    "hover.residual_histogram": (
        "Residual %{{customdata[0]:.4g}} to %{{customdata[1]:.4g}}<br>"
        "%{{y}} rows, %{{customdata[2]:.1%}}"
    ),
    "hover.importance": "%{{x:.4g}}",
    "hover.coefficient": "Coefficient %{{x:.4g}}",
    "hover.learning": "%{{y:.4g}} with %{{x:.0f}} training rows",
    "hover.loss": "Step %{{x}}: %{{y:.4g}}",
    "hover.distribution": "%{{y}} rows",
    "hover.leaderboard": "{mean} (95 % interval {low} to {high})",
    # Words in the drawn tree
    "tree.yes": "yes",
    "tree.no": "no",
    "tree.class": "{name} ({share})",
    "tree.details": "{samples} training rows<br>Answer {answer}",
    # Alternative texts of figures
    "alt.confusion": (
        "Confusion matrix of {classes} classes: {right} of {total} rows ({share} %) are predicted "
        "right."
    ),
    "alt.confusion.mixed": (
        "The most common mistake is “{actual}” predicted as “{predicted}” ({count} rows)."
    ),
    "alt.roc": (
        "ROC curves of {classes} classes. The area is largest for “{best}” ({best_value}) and "
        "smallest for “{worst}” ({worst_value})."
    ),
    "alt.precision_recall": (
        "Precision-recall curves of {classes} classes. Average precision is highest for “{best}” "
        "({best_value}) and lowest for “{worst}” ({worst_value})."
    ),
    "alt.threshold": (
        "Scores against the threshold. F1 is highest, {f1}, at threshold {threshold}, where "
        "precision is {precision} and recall {recall}."
    ),
    "alt.calibration": (
        "Calibration curves. In {agree} of {bins} bins the probability lies within the interval of "
        "the observed share; the largest gap is {gap}, for “{name}”."
    ),
    "alt.score_distribution": (
        "Histogram of the probability of “{name}”. It is one half or more for {member} % of the "
        "rows of this class and for {others} % of the others."
    ),
    "alt.predicted_actual": (
        "Predicted against actual values of {rows} rows; their correlation is {correlation}. "
        "{too_high} % of the rows are predicted too high."
    ),
    "alt.residual": (
        "Residuals of {rows} rows against “{name}”: their mean is {mean}, their standard deviation "
        "{spread}."
    ),
    "alt.residual_histogram": (
        "Histogram of the residuals of {rows} rows from {low} to {high}. Most common are residuals "
        "from {top_low} to {top_high} ({count} rows)."
    ),
    "alt.permutation_importance": (
        "Importance of {columns} columns. Shuffling “{column}” costs most ({mean}); {useless} "
        "columns cost nothing."
    ),
    "alt.importance": (
        "Importance of {features} features. The largest share, {importance}, belongs to "
        "“{feature}”."
    ),
    "alt.coefficient": (
        "Coefficients of {features} features, from {down_value} (“{down}”) to {up_value} (“{up}”)."
    ),
    "alt.tree": (
        "Decision tree, drawn with {nodes} nodes and {leaves} ends. Its first question is “{rule}”."
    ),
    "alt.tree.cut": "Deeper levels are not drawn.",
    "alt.tree.leaf": "A tree without any question: all {samples} rows get the same answer.",
    "alt.learning": (
        "Learning curve. With {first_rows} training rows the validation score is {first}, with "
        "{last_rows} it is {last}; on the training rows themselves it then is {train}."
    ),
    "alt.loss": "Loss over {steps} steps: it starts at {first} and ends at {last}.",
    "alt.distribution": (
        "Distribution of “{column}” over {labels} bars. The highest is “{top}” with {count} of "
        "{rows} rows."
    ),
    "alt.leaderboard": ("{runs} runs compared by {metric}. The best is “{name}” with {mean}."),
    "alt.leaderboard.interval": "Its 95 % interval runs from {low} to {high}.",
}
