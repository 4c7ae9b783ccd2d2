"""Sentences about what was noticed in single columns and in how rows belong together."""

SENTENCES: dict[str, str] = {
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
    "finding.DATA011.title": "Values that stand for unknown",
    "finding.DATA011.explanation": (
        "Values that look like a mark for “unknown” rather than a value, in {columns} column(s): "
        "{listed}. A model takes them for what they say."
    ),
    "finding.DATA011.action": (
        "Ask who made the table what they mean. If they mean “unknown”, read them as missing; then "
        "they are filled in inside the training rows."
    ),
    "finding.DATA011.passed": "No value stands out as a mark for “unknown”.",
    "finding.DATA012.title": "Nearly constant columns",
    "finding.DATA012.explanation": (
        "Columns in which nearly every row has the same value: {columns} ({listed})."
    ),
    "finding.DATA012.action": (
        "The few other rows may be what matters (a rare illness), or chance. Look at them; drop "
        "the "
        "column if they say nothing."
    ),
    "finding.DATA012.passed": "In no column do nearly all rows have the same value.",
    "finding.DATA013.title": "Very many categories",
    "finding.DATA013.explanation": (
        "Columns with more than fifty categories: {columns} ({listed}). Most of them have few "
        "rows, "
        "and little can be learnt of each."
    ),
    "finding.DATA013.action": (
        "The preparation replaces such columns by numbers learnt inside the training rows. Fewer, "
        "larger categories are easier to explain: keep the frequent ones and group the others."
    ),
    "finding.DATA013.passed": "No column has more than fifty categories (the most: {most}).",
    "finding.DATA014.title": "One category, several spellings",
    "finding.DATA014.explanation": (
        "Values that differ from another one only in capitals, blanks or dashes: {values:,}, in "
        "{columns} column(s): {listed}. A model takes them for different things."
    ),
    "finding.DATA014.action": "If they mean the same, write each in its most frequent way.",
    "finding.DATA014.passed": "No two categories of a column differ only in how they are written.",
    "finding.DATA015.title": "Numbers and words in one column",
    "finding.DATA015.explanation": (
        "Columns that hold both, with the share of numbers: {columns} ({listed})."
    ),
    "finding.DATA015.action": (
        "If the column is a measurement with remarks in it (“below 5”, “broken”), replace the "
        "remarks and change the kind to number; what cannot be read is then missing. If its values "
        "are names, leave it as it is."
    ),
    "finding.DATA015.passed": "No column holds both numbers and words.",
    "finding.DATA016.title": "Values far outside",
    "finding.DATA016.explanation": (
        "Numbers that lie more than three times the middle half of the values away from it: "
        "{values:,}, in {columns} column(s): {listed}."
    ),
    "finding.DATA016.action": (
        "Look at them: a slip of the pen should be corrected in the file, a true extreme belongs "
        "to "
        "the table. Leaving rows out because a model fits better without them makes its scores too "
        "good; leave them out where they are errors."
    ),
    "finding.DATA016.passed": (
        "In none of the {columns} columns of numbers does a value lie far out."
    ),
    "finding.DATA017.title": "Long tails",
    "finding.DATA017.explanation": (
        "Columns of numbers with a long tail to one side, with their skewness (0 is even, "
        "beyond 2 is strong): {columns} ({listed})."
    ),
    "finding.DATA017.action": (
        "Trees do not mind. Linear models, neighbours and clusters follow the few large values; "
        "for "
        "them the logarithm helps, where amounts grow by factors."
    ),
    "finding.DATA017.passed": "None of the {columns} columns of numbers has a long tail.",
    "finding.DATA018.title": "Dates that cannot be",
    "finding.DATA018.explanation": (
        "Dates in the future or before {year}: {values:,}, in {columns} column(s): {listed}."
    ),
    "finding.DATA018.action": (
        "A date such as 01.01.1900 or 31.12.9999 often stands for “unknown”; read it as missing. A "
        "planned date may well lie ahead, then leave it."
    ),
    "finding.DATA018.passed": "Every date lies in the past and not before 1900.",
    "finding.DATA019.title": "Columns that say the same",
    "finding.DATA019.explanation": (
        "Pairs of columns of which one follows from the other: {pairs} ({listed})."
    ),
    "finding.DATA019.action": (
        "Two columns that say the same count twice for neighbours and clusters, and share their "
        "importance between them in every explanation. Keep the one that is easier to explain."
    ),
    "finding.DATA019.passed": "No two columns say the same.",
    "finding.DATA020.title": "Several rows of the same one",
    "finding.DATA020.explanation": (
        "“{column}” names whose row it is, and has several rows of each: {listed} in {rows:,} rows."
    ),
    "finding.DATA020.action": (
        "If the rows of one person or machine stand in training and in the test, a model "
        "recognises "
        "it again and scores come out too good. Make the column the group: its rows then stay "
        "together on one side."
    ),
    "finding.DATA020.passed": "No column seems to say whose row it is, with several rows of each.",
    "finding.DATA020.chosen": "“{column}” keeps the rows of each group together.",
    "finding.DATA021.title": "Rows in order of time",
    "finding.DATA021.explanation": "The rows follow each other in time, by “{column}”.",
    "finding.DATA021.action": (
        "If the model is to foretell what comes, it must be judged on later rows than it learnt "
        "from: make the column the time order. If each row stands for itself, leave it."
    ),
    "finding.DATA021.passed": "The rows are not in order of any date.",
    "finding.DATA021.chosen": "“{column}” divides the rows by time.",
    "finding.DATA022.title": "Same features, other label",
    "finding.DATA022.explanation": (
        "{rows:,} of {total:,} rows ({share}) are the same as another row in every feature and "
        "have "
        "another label. No model can be right in more than {best} of the rows."
    ),
    "finding.DATA022.action": (
        "Something that decides the label is not in the features, or labels were given by "
        "different "
        "people in different ways. Add what is missing, or look at such rows together."
    ),
    "finding.DATA022.passed": (
        "Of the {total:,} rows with a label, no two are the same with another label."
    ),
    "remedy.drop": "Drop {columns}",
    "remedy.drop_repeated": "Keep the first of each",
    "remedy.without_rare": "Leave out rows of rare classes ({rows:,})",
    "remedy.ignore": "Ignore {columns}",
    "remedy.as_missing": "Read them as missing",
    "remedy.group": "Keep the {most} most frequent",
    "remedy.one_spelling": "Use one spelling",
    "remedy.without_outliers": "Leave out rows by “{column}” ({rows:,})",
    "remedy.logarithm": "Take the logarithm",
    "remedy.group_role": "Keep rows of each “{column}” together",
    "remedy.time_role": "Divide by “{column}”",
}
