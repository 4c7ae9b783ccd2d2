"""Sentences about the steps before modelling."""

SENTENCES: dict[str, str] = {
    "recipe.unknown": "There is no step called “{got}”. Choose one of {known}. {suggestion}",
    "recipe.step": "Step {number} ({name}) does not fit the table. {reason}",
    # A file of steps
    "recipe.file.json": (
        "“{path}” cannot be read as JSON ({where}). Give a file of steps, such as the one that the "
        "Data page offers for download."
    ),
    "recipe.file.where": "line {line}, column {column}",
    "recipe.file.unclear": "it is not text in UTF-8, or its brackets nest too deeply",
    "recipe.file.list": (
        "“{path}” holds {got}, but a list of steps was expected, such as the "
        "one that the Data page offers for download."
    ),
    "recipe.file.step": "Step {number} of “{path}”: {reason}",
    "recipe.file.object": (
        "Got {got}, but a step with its fields was expected. Give its name as the field “step”, "
        "and the other fields beside it."
    ),
    "recipe.file.unknown_field": (
        "“{step}” has no field “{field}”. Its fields are {known}. {suggestion}"
    ),
    "recipe.file.missing_field": "“{step}” lacks the field “{field}”. Give it {expected}.",
    "recipe.file.form": "The field “{field}” of “{step}” holds {got}. Give it {expected}.",
    "recipe.form.text": "a text",
    "recipe.form.texts": "a list of texts in square brackets",
    "recipe.form.value": "a number or a text",
    "recipe.form.values": "a list of numbers or texts in square brackets",
    "recipe.form.pairs": "a list of pairs of old and new, such as [[999, null], [1, 2]]",
    "recipe.too_many": "A recipe has at most {most} steps. Take one out first.",
    "recipe.no_rows": (
        "None of the {rows:,} rows is left after these steps. Change the step that leaves rows out."
    ),
    "recipe.no_column": (
        "There is no column “{name}” at this step. The columns are {known}. {suggestion}"
    ),
    "recipe.no_columns": "No column is chosen. Choose at least one.",
    "recipe.all_columns": "No column would be left. Keep at least one.",
    "recipe.kind": (
        "“{column}” is of the kind {kind}, and this step needs {wanted}. Choose another column, or "
        "change the kind of this one."
    ),
    "recipe.no_name": "The new column has no name. Enter one of at most 500 characters.",
    "recipe.name_taken": "There is a column “{name}” already. Enter another name.",
    "recipe.choice": "{label}: got {got}, expected one of {known}.",
    "recipe.values": (
        "“{comparison}” needs {expected} value(s), but got {got}. Enter what is missing."
    ),
    "recipe.between": "“{low}” is more than “{high}”. Enter the smaller value first.",
    "recipe.no_pairs": "Nothing is to be replaced. Enter a value and what stands for it.",
    "recipe.no_text": "{label} is empty. Enter a word of at most 500 characters.",
    "recipe.no_value": "“{column}” needs a value, but got nothing. Enter one.",
    "recipe.no_number": "“{column}” holds numbers, but got “{got}”. Enter a number such as 12.5.",
    "recipe.no_date": (
        "“{column}” holds dates, but got “{got}”. Enter a date such as 2024-01-31, without a zone."
    ),
    "recipe.kind_of_made": (
        "“{column}” was made by a step of the recipe and holds numbers. Change that step, or "
        "change the kind of a column that the file holds."
    ),
    "recipe.reason": "Made by a step of the recipe.",
    "recipe.formula.empty": "The formula is empty. Enter one such as [weight] / [height]^2.",
    "recipe.formula.long": "The formula is too long: at most {most:,} characters. Use two steps.",
    "recipe.formula.deep": "The brackets nest deeper than {most}. Use two steps.",
    "recipe.formula.sign": (
        "“{got}” cannot stand at that place of the formula. Write columns in square brackets, and "
        "a sign such as + or * between two values."
    ),
    "recipe.formula.ends": "The formula ends too early; a value is missing at its end.",
    "recipe.formula.expected": "The formula needs “{expected}” where “{got}” stands.",
    "recipe.formula.function": "There is no function “{got}”. There are {known}.",
    "recipe.formula.arguments": "“{name}” needs {expected} values in its brackets, got {got}.",
    "recipe.formula.text": (
        "“{text}” can only be compared with a column, such as [column] = “{text}”."
    ),
    "recipe.formula.not_a_number": (
        "“{column}” is of the kind {kind} and cannot be computed with. Compare it with a text, "
        "such as [{column}] = “yes”, or change its kind to number."
    ),
    "recipe.formula.not_a_text": (
        "“{column}” is of the kind {kind} and cannot be compared with a text. Leave out the "
        "quotation marks."
    ),
    "recipe.said.rename": "“{column}” is called “{to}”.",
    "recipe.said.drop": "Without {columns}.",
    "recipe.said.keep_rows": "Only rows where {condition}.",
    "recipe.said.drop_repeated": "Of rows that are the same in every column, the first.",
    "recipe.said.drop_repeated_in": "Of rows that are the same in {columns}, the first.",
    "recipe.said.drop_contradicting": (
        "Without rows that are the same in everything but “{column}”: scores speak for the clear "
        "cases alone."
    ),
    "recipe.said.drop_contradicting_in": (
        "Without rows that are the same in {columns} and differ in “{column}”: scores speak for "
        "the clear cases alone."
    ),
    "recipe.said.fill": "“{column}”: missing values become “{value}”.",
    "recipe.said.replace": "“{column}”: {pairs}.",
    "recipe.said.group": "“{column}”: all but {keep} become “{other}”.",
    "recipe.said.derive": "“{name}” is {formula}.",
    "recipe.said.date_parts": "From “{column}”: {parts}.",
    "recipe.condition.alone": "“{column}” {comparison}",
    "recipe.condition.values": "“{column}” {comparison} {values}",
    "recipe.condition.between": "“{column}” is between {low} and {high}",
}
