"""Sentences about what was noticed in a table or a label, and what can be done about it.

Of each check: its title; what was seen, with its numbers; what that means for a model; what to do;
why there is nothing to click, where there may be nothing; and that nothing was found.
"""

_SHARED: dict[str, str] = {
    "finding.summary": (
        "Problems: {problems}, warnings: {warnings}, notes: {notes}, passed: {passed}."
    ),
    "finding.not_applicable.one_row": "Does not apply: there are no two rows to compare.",
    "finding.not_applicable.regression": "Does not apply: a number is predicted, not a class.",
    "finding.not_applicable.one_class": "Does not apply: the label has fewer than two classes.",
    "finding.not_applicable.few_rows": (
        "Does not apply: fewer than {fewest} rows with a label, or only one class in them; "
        "too few to say anything."
    ),
    "finding.not_applicable.no_features": "Does not apply: no feature is chosen.",
    "finding.not_applicable.no_gaps": (
        "Does not apply: no feature has both missing and present values in at least five rows."
    ),
    "finding.not_applicable.few_rows_to_judge": (
        "Does not apply: fewer than {fewest} rows, too few to say how values lie."
    ),
    "finding.not_applicable.no_categories": "Does not apply: no column holds categories or words.",
    "finding.not_applicable.no_numbers": "Does not apply: no column holds numbers.",
    "finding.not_applicable.no_dates": "Does not apply: no column holds dates.",
    "finding.not_applicable.one_column": "Does not apply: there are no two columns to compare.",
    "finding.not_applicable.few_labels": (
        "Does not apply: there are no two rows with a label, or no features."
    ),
}

_TABLE: dict[str, str] = {
    "finding.DATA001.title": "Missing values",
    "finding.DATA001.explanation": (
        "Columns with missing values: {columns}, with {cells:,} empty cells in all. "
        "The most: {listed}."
    ),
    "finding.DATA001.meaning": (
        "What is filled in for a gap is a guess; the more gaps, the less a column says."
    ),
    "finding.DATA001.action": (
        "Ask why values are missing, for that may matter itself, and do without a column that is "
        "mostly missing. The other gaps are filled in inside the training rows."
    ),
    "finding.DATA001.by_hand": (
        "Nothing to click: no feature is mostly missing, and the preparation fills in the gaps."
    ),
    "finding.DATA001.passed": "No value is missing.",
    "finding.DATA002.title": "Constant columns",
    "finding.DATA002.explanation": (
        "Columns with the same value in every row: {columns} ({listed})."
    ),
    "finding.DATA002.meaning": "Nothing can be learnt from them.",
    "finding.DATA002.action": ("They are left out already; drop them to have them out of sight."),
    "finding.DATA002.by_hand": "Nothing to click: no other column would be left.",
    "finding.DATA002.passed": "Every column has at least two different values.",
    "finding.DATA003.title": "Identifiers",
    "finding.DATA003.explanation": "Columns that name the rows: {columns} ({listed}).",
    "finding.DATA003.meaning": (
        "A model can learn such a column by heart and then fails on new rows."
    ),
    "finding.DATA003.action": (
        "They are left out already; drop those that nobody needs. If one of them measures "
        "something, take it as a number. If it names a person, machine or place that has several "
        "rows, use it to split by group."
    ),
    "finding.DATA003.by_hand": (
        "Nothing to click: each is used for something, or no other column would be left."
    ),
    "finding.DATA003.passed": "No column names the rows.",
    "finding.DATA004.title": "Duplicate rows",
    "finding.DATA004.explanation": (
        "{rows:,} of {total:,} rows ({share}) repeat an earlier row in every column apart from "
        "identifiers."
    ),
    "finding.DATA004.meaning": (
        "A copy in the training rows tells the answer for its twin in the test, and scores come "
        "out too good."
    ),
    "finding.DATA004.action": (
        "If the same case was entered twice, keep the first of each. If different cases happen to "
        "be equal, leave them."
    ),
    "finding.DATA004.passed": "No two of the {rows:,} rows are the same.",
    "finding.DATA005.title": "Unreadable values",
    "finding.DATA005.explanation": (
        "Values that do not fit the kind of their column: {values:,} ({listed})."
    ),
    "finding.DATA005.meaning": "They count as missing, so what they say is lost to a model.",
    "finding.DATA005.action": (
        "Look at these values in the file and correct them there. If the column holds names rather "
        "than amounts or dates, take it as categories."
    ),
    "finding.DATA005.by_hand": (
        "Nothing to click: a step needs the column as it is. Take that step out first."
    ),
    "finding.DATA005.passed": "Every value fits the kind of its column.",
    "finding.DATA011.title": "Values that stand for unknown",
    "finding.DATA011.explanation": (
        "Columns with values that look like a mark for “unknown”: {columns}, with how often: "
        "{listed}."
    ),
    "finding.DATA011.meaning": "A model takes them for what they say.",
    "finding.DATA011.action": (
        "Ask who made the table what they mean. If they mean “unknown”, read them as missing; then "
        "they are filled in inside the training rows."
    ),
    "finding.DATA011.passed": "No value stands out as a mark for “unknown”.",
    "finding.DATA012.title": "Nearly constant columns",
    "finding.DATA012.explanation": (
        "Columns in which nearly every row has the same value: {columns} ({listed})."
    ),
    "finding.DATA012.meaning": (
        "The few other rows may be what matters (a rare illness), or chance."
    ),
    "finding.DATA012.action": "Look at these rows; drop the column if they say nothing.",
    "finding.DATA012.by_hand": (
        "Nothing to click: the column is used for something, or it is the only one."
    ),
    "finding.DATA012.passed": "In no column do nearly all rows have the same value.",
    "finding.DATA013.title": "Very many categories",
    "finding.DATA013.explanation": (
        "Columns with more than fifty categories: {columns} ({listed})."
    ),
    "finding.DATA013.meaning": "Most of them have few rows, and little can be learnt of each.",
    "finding.DATA013.action": (
        "The preparation replaces such columns by numbers learnt inside the training rows. Fewer, "
        "larger categories are easier to explain: keep the frequent ones and group the others."
    ),
    "finding.DATA013.passed": "No column has more than fifty categories (the most: {most}).",
    "finding.DATA014.title": "One category, several spellings",
    "finding.DATA014.explanation": (
        "Values that differ from another one only in capitals, blanks or dashes: {values:,}. "
        "In {listed}."
    ),
    "finding.DATA014.meaning": "A model takes them for different things.",
    "finding.DATA014.action": "If they mean the same, write each in its most frequent way.",
    "finding.DATA014.passed": "No two categories of a column differ only in how they are written.",
    "finding.DATA015.title": "Numbers and words in one column",
    "finding.DATA015.explanation": (
        "Columns that hold both, with the share of numbers: {columns} ({listed})."
    ),
    "finding.DATA015.meaning": (
        "Each number is a category of its own to a model: that 3 is less than 30 is lost."
    ),
    "finding.DATA015.action": (
        "If the column is a measurement with remarks in it (“below 5”, “broken”), read it as "
        "numbers; the remarks are then missing. If its values are names, leave it as it is."
    ),
    "finding.DATA015.by_hand": (
        "Nothing to click: a step needs the column as it is. Take that step out first."
    ),
    "finding.DATA015.passed": "No column holds both numbers and words.",
    "finding.DATA016.title": "Values far outside",
    "finding.DATA016.explanation": (
        "Numbers that lie more than three times the middle half of the values away from it: "
        "{values:,}. In {listed}."
    ),
    "finding.DATA016.meaning": (
        "A few such values can decide what a linear model, a neighbour or a cluster looks like."
    ),
    "finding.DATA016.action": (
        "Look at them: a slip of the pen is best corrected in the file, or read as missing; a true "
        "extreme belongs to the table. Leaving rows out because a model fits better without them "
        "makes its scores too good; leave them out where they are errors."
    ),
    "finding.DATA016.passed": (
        "In none of the {columns} columns of numbers does a value lie far out."
    ),
    "finding.DATA017.title": "Long tails",
    "finding.DATA017.explanation": (
        "Columns of numbers with a long tail to one side, with their skewness (0 is even, "
        "beyond 2 is strong): {columns} ({listed})."
    ),
    "finding.DATA017.meaning": (
        "Trees do not mind. Linear models, neighbours and clusters follow the few large values."
    ),
    "finding.DATA017.action": (
        "Where amounts grow by factors, as incomes and prices do, the logarithm helps."
    ),
    "finding.DATA017.by_hand": (
        "Nothing to click: there is no logarithm of negative values, it makes a tail to small "
        "values longer, and a column that is used for something stays as it is."
    ),
    "finding.DATA017.passed": "None of the {columns} columns of numbers has a long tail.",
    "finding.DATA018.title": "Dates that cannot be",
    "finding.DATA018.explanation": (
        "Dates in the future or before {year}: {values:,}. In {listed}."
    ),
    "finding.DATA018.meaning": (
        "A date such as 01.01.1900 or 31.12.9999 often stands for “unknown”, and a model takes it "
        "for a day."
    ),
    "finding.DATA018.action": (
        "Read them as missing if they stand for that. A planned date may well lie ahead, then "
        "leave it."
    ),
    "finding.DATA018.by_hand": (
        "Nothing to click: there are more than a hundred different ones, so the column means "
        "something else, or its century was read wrongly."
    ),
    "finding.DATA018.passed": "Every date lies in the past and not before 1900.",
    "finding.DATA019.title": "Columns that say the same",
    "finding.DATA019.explanation": (
        "Pairs of columns of which one follows from the other: {pairs} ({listed})."
    ),
    "finding.DATA019.meaning": (
        "They count twice for neighbours and clusters, and share their importance between them in "
        "every explanation. If one of them is to be predicted, the other gives it away."
    ),
    "finding.DATA019.action": "Keep the one that is easier to explain.",
    "finding.DATA019.by_hand": "Nothing to click: each of them is used for something.",
    "finding.DATA019.passed": "No two columns say the same.",
    "finding.DATA020.title": "Several rows of the same one",
    "finding.DATA020.explanation": (
        "“{column}” names whose row it is, and has several rows of each: {listed} in {rows:,} rows."
    ),
    "finding.DATA020.meaning": (
        "If the rows of one person or machine stand in training and in the test, a model "
        "recognises it again and scores come out too good."
    ),
    "finding.DATA020.action": (
        "Make the column the group: its rows then stay together on one side."
    ),
    "finding.DATA020.passed": "No column seems to say whose row it is, with several rows of each.",
    "finding.DATA020.chosen": "“{column}” keeps the rows of each group together.",
    "finding.DATA021.title": "Rows in order of time",
    "finding.DATA021.explanation": (
        "The rows follow each other in time, by “{column}”: {share} of the steps from row to row "
        "go the same way."
    ),
    "finding.DATA021.meaning": (
        "A model that is to foretell what comes must be judged on later rows than it learnt from, "
        "or scores come out too good."
    ),
    "finding.DATA021.action": (
        "Make the column the time order. If each row stands for itself, leave it."
    ),
    "finding.DATA021.passed": "The rows are not in order of any date.",
    "finding.DATA021.chosen": "“{column}” divides the rows by time.",
}

_LABEL: dict[str, str] = {
    "finding.DATA006.title": "Rows without a label",
    "finding.DATA006.explanation": (
        "{rows:,} of {total:,} rows ({share}) have no value in “{target}”."
    ),
    "finding.DATA006.meaning": (
        "They are neither trained on nor scored. If the label is missing for a reason (such as "
        "patients who left a study), the model does not speak for such cases."
    ),
    "finding.DATA006.action": (
        "Ask why it is missing. Leave these rows out if nobody needs them; labels for them can "
        "also be proposed from the few that are known."
    ),
    "finding.DATA006.by_hand": "Nothing to click: no row would be left.",
    "finding.DATA006.passed": "Every row has a label.",
    "finding.DATA007.title": "Class imbalance",
    "finding.DATA007.explanation": (
        "“{most}” has {most_share} of the labelled rows, “{least}” only {least_share}: "
        "{ratio} times fewer."
    ),
    "finding.DATA007.meaning": (
        "Accuracy misleads here: always answering “{most}” would be right in {most_share}."
    ),
    "finding.DATA007.action": (
        "Compare models by balanced accuracy, F1 (macro) or MCC, keep the split stratified, and "
        "weigh the classes alike where an algorithm can. Rows left out or copied would make "
        "classes look as frequent as they are not, in the test too."
    ),
    "finding.DATA007.passed": "The largest class is {ratio} times the smallest.",
    "finding.DATA008.title": "Rare classes",
    "finding.DATA008.explanation": (
        "{classes} of {total} classes have fewer than {fewest} rows: {listed}."
    ),
    "finding.DATA008.meaning": (
        "A class needs a row in every fold and in the test set to be learnt and judged."
    ),
    "finding.DATA008.action": (
        "Collect more rows of it, join it with a class that is alike, leave it out, or use fewer "
        "folds."
    ),
    "finding.DATA008.by_hand": (
        "Nothing to click: too few classes would be left. Only more rows help."
    ),
    "finding.DATA008.passed": "The smallest of the {classes} classes has {least:,} rows.",
    "finding.DATA009.title": "Columns that give the label away",
    "finding.DATA009.explanation": (
        "One column alone predicts “{target}” nearly perfectly (0 is guessing, 1 is perfect): "
        "{listed}; measured on {rows:,} rows with cross-validation."
    ),
    "finding.DATA009.meaning": (
        "A column that is written down afterwards, or computed from the label, makes scores that "
        "no new row can keep."
    ),
    "finding.DATA009.action": (
        "Ask of each: is it known at the moment when a prediction is wanted? If not, take it out "
        "of the features; if it is an honest measurement, keep it."
    ),
    "finding.DATA009.passed": (
        "No column alone gives the label away; the strongest is “{best}” with {score} "
        "(0 is guessing, 1 is perfect), measured on {rows:,} rows."
    ),
    "finding.DATA010.title": "Missing values that give the label away",
    "finding.DATA010.explanation": (
        "Whether a value is missing tells much of “{target}” (0 is guessing, 1 is perfect): "
        "{listed}; measured on {rows:,} rows."
    ),
    "finding.DATA010.meaning": (
        "Such columns are often filled in only after the answer is known; then scores come out "
        "too good."
    ),
    "finding.DATA010.action": (
        "Take them out of the features, unless the value is missing in the same way when a "
        "prediction is wanted."
    ),
    "finding.DATA010.passed": (
        "Features with gaps: {columns}. Whether a value is missing tells most of the label in "
        "“{best}”: {score} (0 is guessing, 1 is perfect)."
    ),
    "finding.DATA022.title": "Same features, other label",
    "finding.DATA022.explanation": (
        "{rows:,} of {total:,} rows ({share}) are the same as another row in every feature and "
        "have another label."
    ),
    "finding.DATA022.meaning": "No model can be right in more than {best} of the rows.",
    "finding.DATA022.action": (
        "Something that decides the label is not in the features, or labels were given by "
        "different people in different ways. Look at such rows, add what is missing or correct "
        "them in the file. Leave them out only if rows to come will be clear, as the test is "
        "easier without them."
    ),
    "finding.DATA022.by_hand": (
        "Nothing to click: without these rows no two classes would be left."
    ),
    "finding.DATA022.passed": (
        "Of the {total:,} rows with a label, no two are the same with another label."
    ),
}

_REMEDIES: dict[str, str] = {
    "remedy.drop": "Drop {columns}",
    "remedy.drop_repeated": "Keep the first of each",
    "remedy.without_gaps": "Leave out these rows ({rows:,})",
    "remedy.without_rare": "Leave out rows of rare classes ({rows:,})",
    "remedy.without_rare_and_gaps": "Leave out rows of rare classes and without a label ({rows:,})",
    "remedy.without_contradicting": "Leave out rows that contradict each other ({rows:,})",
    "remedy.weigh_classes": "Weigh the classes alike",
    "remedy.join_rare": "Join rare classes as “{other}”",
    "remedy.ignore": "Ignore {columns}",
    "remedy.as_missing": "Read them as missing",
    "remedy.as_number": "Take “{column}” as a number",
    "remedy.as_category": "Take “{column}” as categories",
    "remedy.numbers_only": "Read “{column}” as numbers (words that become missing: {lost:,})",
    "remedy.group": "Keep the {most} most frequent",
    "remedy.one_spelling": "Use one spelling",
    "remedy.without_outliers": "Leave out rows by “{column}” ({rows:,})",
    "remedy.without_outliers_and_gaps": (
        "Leave out rows by “{column}” ({rows:,}, those without a value among them)"
    ),
    "remedy.logarithm": "Take the logarithm of {columns}",
    "remedy.group_role": "Keep rows of each “{column}” together",
    "remedy.time_role": "Divide by “{column}”",
}

SENTENCES: dict[str, str] = {**_SHARED, **_TABLE, **_LABEL, **_REMEDIES}
