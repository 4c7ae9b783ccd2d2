"""Sentences about set-up: parameters, tasks, splits, experiments."""

SENTENCES: dict[str, str] = {
    # Parameters
    "param.unknown": (
        "“{owner}” has no setting called “{name}”. Its settings are {known}. {suggestion}"
    ),
    "param.type": "“{label}” expects {expected}, but got {got}. Enter {expected}.",
    "param.range": (
        "“{label}” must lie between {low} and {high}, but got {got}. "
        "Choose a value in that range; the default is {default}."
    ),
    "param.least": (
        "“{label}” must be 0, or {least} or more, but got {got}. Choose 0 or a larger number."
    ),
    "param.choice": "“{label}” must be one of {choices}, but got {got}. Choose one of these.",
    "param.layers": (
        "“{label}” expects one to {most} layers of {low} to {high} units each, such as 64, 32, "
        "but got {got}. Write the sizes separated by commas."
    ),
    # Tasks
    "task.few_numbers": (
        "The label “{target}” is a number with only {distinct} different values, "
        "so each value is taken as a class."
    ),
    "task.many_numbers": (
        "The label “{target}” is a number with {distinct} different values, so a number is "
        "predicted."
    ),
    "task.categories": (
        "The label “{target}” holds {distinct} categories, so a class is predicted."
    ),
    "task.regression_needs_numbers": (
        "Predicting a number needs a number column, but “{target}” holds {kind}. "
        "Choose classification, or change the kind of the column on the Data page."
    ),
    # Experiments
    "setup.no_column": "This table has no column called “{name}”. Its columns are {known}. "
    "{suggestion}",
    "setup.no_features": (
        "A model needs at least one feature, but none is chosen. Choose the columns it may use."
    ),
    "setup.no_inputs": (
        "All features are dates, and no part of a date is chosen, so the model would see nothing. "
        "Choose parts of a date in the preparation, or other features."
    ),
    "setup.target_is_feature": (
        "“{name}” is the label, so it cannot also be a feature: the model would be told the "
        "answer. "
        "Remove it from the features."
    ),
    "setup.label_kind": (
        "“{name}” is {kind}, which cannot be predicted. Choose a number, a category or a yes/no "
        "column as label, or change the kind of this column on the Data page."
    ),
    "setup.feature_kind": (
        "“{name}” is {kind}, which a model cannot learn from. "
        "Remove it from the features, or change its kind on the Data page."
    ),
    "setup.weight_is_target": (
        "“{name}” is the label, so it cannot also say how much a row counts. Choose another column "
        "of weights, or none."
    ),
    "setup.weight_is_feature": (
        "“{name}” says how much a row counts, so it cannot also be a feature: new rows have no "
        "weight. Remove it from the features, or choose another column of weights."
    ),
    "setup.weight_kind": (
        "A weight is a number of 0 or more, but “{name}” is {kind}. Choose a number column, or "
        "change the kind of this column on the Data page."
    ),
    "setup.weight_value": (
        "A weight is a number of 0 or more, but “{name}” holds {got} ({rows} such rows in all). "
        "Choose another column, or repair these rows."
    ),
    "setup.weight_missing": (
        "{rows} of {total} rows for training and comparing have no weight in “{name}”. They count "
        "0: no model learns from them, and they are scored like all others."
    ),
    "setup.weight_all_zero": (
        "In fold {fold} no training row has a weight above 0 in “{name}”, so there is nothing to "
        "learn from. Choose another column of weights, use fewer folds, or give more rows a weight."
    ),
    "setup.weight_one_class": (
        "In fold {fold} all training rows with a weight above 0 in “{name}” are of the class "
        "“{only}”, so nothing can be told apart. Give rows of other classes a weight, or choose "
        "another column of weights."
    ),
    "setup.unknown_algorithm": (
        "There is no algorithm “{name}” for this task. There are {known}. {suggestion}"
    ),
    "setup.more_than_rows": (
        "“{label}” is {got}, but there are only {rows} rows to learn from. "
        "Choose at most {rows}, or bring more rows."
    ),
    "setup.calibration_rows": (
        "{name} cannot calibrate probabilities: that needs at least {needed} training rows of each "
        "class. Set “Probabilities” to none, or leave rare classes out."
    ),
    "setup.early_stopping_rows": (
        "{name} cannot set rows aside to stop early: there are too few training rows of each "
        "class. "
        "Turn “Stop early” off, set more rows aside, or leave rare classes out."
    ),
    "setup.more_classes_than_rows": (
        "{name} needs more training rows than classes. Check that the label is the right column, "
        "or add rows."
    ),
    "setup.too_many_cells": (
        "{name} would make {made} columns from {columns} for {rows} rows, which does not fit into "
        "memory. Choose a lower degree or fewer features."
    ),
    "setup.other_dataset": (
        "This experiment belongs to another table (fingerprint {expected}, this one is {got}). "
        "Open the table it was made with, or set it up again on this one."
    ),
    # Splits
    "split.too_few_rows": (
        "{rows} labelled rows are too few for {parts}, which need at least {needed}. "
        "Use fewer folds or a smaller test set, or add rows."
    ),
    "split.one_class": (
        "The label has a single class, “{name}”, in every row. "
        "A classifier needs at least two classes to tell apart; choose another label."
    ),
    "split.rare_class": (
        "The class “{name}” has {count} rows, but a stratified split into {parts} needs at least "
        "{needed} of each class. Use fewer folds, a random split, or leave the class out."
    ),
    "split.small_held_out": (
        "A held-out part of {share} has {rows} rows, too few to hold each of {classes} classes. "
        "Hold out a larger share, use a random split, or join rare classes."
    ),
    "split.class_missing_in_fold": (
        "In fold {fold} the training rows hold only the class “{name}”, so nothing can be learnt "
        "there. "
        "Use a stratified split or fewer folds."
    ),
    "split.column_needed": "A split by {what} needs a column that holds the {what}. Choose it.",
    "split.too_few_groups": (
        "“{column}” has {groups} different groups, but {parts} need at least {needed}. "
        "Use fewer folds, or another column."
    ),
    "split.time_missing": (
        "{rows} rows have no readable time in “{column}”, so they cannot be put in order. "
        "Choose another column, or repair these rows."
    ),
    "split.rows_without_label": (
        "{rows} of {total} rows have no label in “{target}”. They are left out of training and "
        "scores."
    ),
    "split.rows_without_group": (
        "{rows} rows have no value in “{column}”; together they are treated as one group."
    ),
    "split.stratify_regression": (
        "A stratified split keeps the share of classes, but a number is predicted here; "
        "the rows are split at random instead."
    ),
    "split.time_last": (
        "The newest {test} rows by “{column}” are the test set; each fold is trained on the past "
        "only."
    ),
    # The command line
    "command.no_file": (
        "There is no file “{path}” (looked in {folder}). Check its name, or give its whole path."
    ),
    "command.cannot_read": (
        "“{path}” cannot be read: {reason}. Give {expected} that you may open."
    ),
    "command.file_of.table": "a file with a table",
    "command.file_of.steps": "a file of steps",
    "command.cannot_write": (
        "Nothing can be written to “{path}”: {reason}. Name another folder after --out."
    ),
    "command.setting_form": (
        "“{given}” does not say what to set. Write it as {form}, such as {example}."
    ),
    "command.not_run": (
        "“{given}” sets something of “{algorithm}”, which is not among the algorithms that run. "
        "Add {flag} {algorithm}, or leave the setting out."
    ),
    "command.feature_kind": (
        "“{name}” is {kind}, which cannot be learnt from. Leave it out of --features, or say what "
        "else it holds with --kind."
    ),
    "command.nothing_to_group": (
        "No column is a number, a category or yes/no: {columns}. Name columns after --features, or "
        "say what a column holds with --kind."
    ),
    "command.nothing_varies": (
        "Nothing was run: {columns} hold the same value in every row, so there is nothing to tell "
        "groups apart by. Give a table with columns that vary."
    ),
    "command.training": "Training {name} …",
    "command.grouping": "Finding groups with {name} …",
    "command.spreading": "Spreading labels: {name} …",
    "command.fusing": "Making one label of several: {name} …",
    "command.estimate": "{name}: {cost}, by estimate.",
    "command.too_costly": (
        "By estimate it takes {cost}, and a run may take {seconds} seconds and {memory} MB of "
        "memory in all, the table and the program included. {ways} The limits are set by "
        "{settings}."
    ),
    "command.too_many_pairs": (
        "It compares every pair of rows, and the pairs of {rows} rows do not fit into memory; at "
        "most {most} rows do. {ways}"
    ),
    "command.ways": "What would do: {options}.",
    "command.way": "{options} ({cost})",
    "command.no_way": "Name fewer columns after --features, or a number of rows after --sample.",
    "command.out_of_memory": (
        "{name} needed more memory than there is, so it was ended. Use fewer rows or columns, or "
        "an algorithm that holds less at once."
    ),
    "command.structure_memory": (
        "The test for structure needed more memory than there is. Name fewer columns after "
        "--features, or a number of rows after --sample."
    ),
    "command.not_tried": (
        "Not run by default, because it does not suit {rows} rows: {names}. Name it after "
        "--algorithm to try."
    ),
    "command.left_out": "Left out: {columns} ({kind}). {why}",
    "command.left_out.many_inputs": (
        "Dates and texts become many inputs, which would outweigh the other columns; name them "
        "after --features to use them."
    ),
    "command.left_out.not_named": "Not among --features.",
    "command.filled": "{rows} of {total} rows have missing values, filled in like this: {ways}.",
    "command.filled.date": "the median of each part of the date",
    "command.filled.text": "an empty text",
    "command.no_label.rows": "“{token}” stands in {rows} rows, which count as not labelled.",
    "command.no_label.absent": (
        "“{token}”, named after --no-label, does not occur in “{target}”. Check how it is written."
    ),
    "command.two_layouts": (
        "--sources is for a table with one column for each source; --row, --source and --label are "
        "for one with one line for each vote. Give one or the other."
    ),
    "command.long_incomplete": (
        "A table with one line for each vote needs --row, --source and --label. Add {missing}."
    ),
    "command.no_layout": (
        "{reason} Name at least two after --sources, or three columns after --row, --source and "
        "--label."
    ),
    "command.needs_learner": (
        "{flag} is for the models of the sources, and sources vote themselves unless --learner "
        "names a classifier. Add --learner, or leave {flag} out."
    ),
    "command.weight": (
        "The weight of “{source}” must be a number of 0 or more, but is “{got}”. 1 is the weight "
        "of a source that is not named."
    ),
    "command.no_source": (
        "“{name}”, named after --weight, is none of the sources: {known}. {suggestion}"
    ),
    "command.no_class": (
        "“{name}”, named after --order, is none of the labels: {known}. {suggestion}"
    ),
    "command.weights_unused": (
        "Weights of sources count for the method “weights” only, which is not among those that "
        "run. Add --method weights, or leave --weight out."
    ),
    "command.rule_for_numbers": (
        "Rules that average numbers and rules for classes cannot be compared: {names} are for "
        "numbers. Name rules of one kind."
    ),
    "command.rule_for_classes": (
        "--numbers says that labels are numbers to be averaged, and these rules are for classes: "
        "{names}. Leave --numbers out, or name rules for numbers, such as median."
    ),
    "command.marks_kept": (
        "Cells that hold only {marks} are read as they stand and not as missing, because --abstain "
        "names {tokens}."
    ),
    "command.read_as_text": (
        "Read as categories, so that what --abstain names is not lost among numbers: {columns}."
    ),
    "command.maybe_abstentions": (
        "These labels look like “does not know”, but count as labels: {labels}. Name them after "
        "--abstain if they are none."
    ),
    "command.maybe_numbers": (
        "The labels are {labels} different numbers. If they stand on a scale, add --numbers to "
        "average them."
    ),
    "command.numbers_meant": (
        "Labels are taken as numbers on a scale, because the rules that are named average numbers."
    ),
    "command.no_draws_asked": (
        "Whether the rows without a label help was not measured: --repeats 0 leaves it out."
    ),
    "command.gold_found": "“{gold}” is taken for the true label, because of its name.",
}
