"""Sentences about predicting rows: one in a form, many in a file."""

SENTENCES: dict[str, str] = {
    "prediction.gone": "This file is no longer there. Bring it again.",
    "prediction.file": "{reason}",
    "prediction.no_rows": (
        "“{name}” has no rows below its header. Bring a file with at least one row."
    ),
    "prediction.not_predicted": "This file is not predicted yet. Predict it first.",
    "prediction.too_long": (
        "A sheet of Excel holds {limit} rows, but there are {rows}. Download the CSV file instead."
    ),
    "prediction.not_explained": (
        "This row cannot be explained, because the model has no answer for it. Mend what is said "
        "about it first."
    ),
    "prediction.stage.opening": "Opening file and model",
    "prediction.stage.checking": "Looking through the file: {rows} rows",
    "prediction.stage.predicting": "{rows} of {total} rows predicted",
    "prediction.stage.sheet": "Writing the spreadsheet",
    # Drift
    "prediction.bin.missing": "missing values",
    "prediction.bin.others": "all other values",
    "prediction.bin.text": "rows with a value",
    "prediction.bin.up_to": "values up to {high}",
    "prediction.bin.between": "values above {low} and up to {high}",
    "prediction.bin.above": "values above {low}",
    "prediction.change": "{bin}: {then} % in training, {now} % here",
    # Figures
    "axis.prediction_probability": "Probability",
    "axis.prediction_number": "Prediction",
    "axis.prediction_of_class": "Probability of “{name}”",
    "hover.prediction.probability": "Probability: %{{x:.1%}}",
    "hover.prediction.adds": "Adds: %{{customdata[1]}}",
    "figure.prediction.start": "Typical row",
    "figure.prediction.rest": "{count} other columns",
    "figure.prediction.end": "This row",
    "alt.prediction.probabilities": (
        "Bars of the probability of each class. Most likely is “{top}” with {share} %{second}."
    ),
    "alt.prediction.second": ", then “{name}” with {share} %",
    "alt.prediction.adds": ("Steps from the typical row, {start}, to this row, {end}: {steps}."),
    "alt.prediction.step": "{column} {adds}",
    "alt.prediction.no_step": "no column changes anything",
}
