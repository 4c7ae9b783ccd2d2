"""Sentences about making one label of several: votes, sources, ties, agreement."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # The set-up.
    "fusion.two_sources": (
        "At least two sources are needed to make one label of several, but {count} are chosen. "
        "Choose the columns that hold their labels."
    ),
    "fusion.three_columns": (
        "A long table needs three different columns: the row, the source and its label. Choose "
        "them."
    ),
    "fusion.gold_is_source": (
        "“{name}” is chosen as a source and as the true label. It can only be one of them."
    ),
    "fusion.source_is_feature": (
        "“{name}” holds labels, so the models of the sources must not look at it. Take it out of "
        "the features."
    ),
    "fusion.models_need_wide": (
        "Models of the sources need one line for each row, with its features; in a long table "
        "each line is a vote. Choose one column for each source, or let the sources vote."
    ),
    "fusion.models_need_classes": (
        "Models of the sources predict classes; for numbers let the sources themselves vote."
    ),
    # Votes and their table.
    "fusion.no_sources": (
        "No source is chosen. Choose the columns that hold the labels of the sources, one column "
        "for each source."
    ),
    "fusion.no_column": "The table has no column “{name}”. Choose one that it has. {hint}",
    "fusion.same_column": (
        "Row, source and label must be three different columns of a long table. Choose another "
        "column for one of them."
    ),
    "fusion.no_votes": (
        "There is not a single vote: {sources} hold only blanks and words that mean “does not "
        "know”. Choose columns with labels."
    ),
    "fusion.no_row": (
        "A vote was changed in row “{name}”, which is not among the rows. Use a name of the row "
        "list. {hint}"
    ),
    "fusion.no_source": (
        "A vote of “{name}” was changed, which is not among the sources. Use one of their names. "
        "{hint}"
    ),
    "fusion.votes.merged": (
        "Labels that are written in several ways and count as one: {labels}, such as {examples}."
    ),
    "fusion.votes.repeated": (
        "Votes that were followed by another of the same source on the same row: {votes:,}. The "
        "last one counts."
    ),
    "fusion.votes.nameless": (
        "Lines that name no row or no source were left out: {lines:,}."
    ),
    "fusion.votes.none": (
        "Rows without any vote: {rows:,} of {of:,}. They stay without a label."
    ),
    "fusion.votes.no_abstention": (
        "No source uses {words}, the words given for “does not know”. Check how they are written."
    ),
    "fusion.layout.wide": (
        "One column for each source: {columns} columns use the same labels, {labels}."
    ),
    "fusion.layout.long": (
        "One line for each vote: “{row}” names {rows:,} rows and “{source}” {sources:,} sources, "
        "each pair nearly always once, and “{label}” holds few different labels."
    ),
    "fusion.layout.unclear": (
        "No columns use the same few labels, and no three columns look like rows, sources and "
        "labels. Choose the columns with labels yourself."
    ),
    # Agreement between sources.
    "fusion.kappa.most_active": (
        "Compared are the {shown} sources with the most votes, of {sources}."
    ),
    "fusion.alpha.no_numbers": (
        "Krippendorff’s alpha ({metric}) needs labels that are numbers, but some of these are "
        "words. Use the nominal alpha, or the ordinal one if the labels have an order."
    ),
    "fusion.alpha.negative": (
        "Krippendorff’s alpha (ratio) needs numbers from 0 upwards, but the labels go down to "
        "{value}. Use the interval alpha."
    ),
    "fusion.agreement.undefined": (
        "How far the sources agree cannot be told: no row has votes of two sources, or every "
        "vote is for the same label."
    ),
    "fusion.agreement.between": "(95 % interval {low} to {high})",
    "fusion.agreement.fleiss": (
        "Fleiss’ kappa is {value}{interval} on {rows} rows: 1 means that the sources always give "
        "the same label, 0 that they agree as often as chance would make them, below 0 less often."
    ),
    "fusion.agreement.alpha_nominal": (
        "Krippendorff’s alpha is {value}{interval} on {rows} rows, read in the same way; here every "
        "two different labels are equally far apart."
    ),
    "fusion.agreement.alpha_ordinal": (
        "Krippendorff’s alpha for ordered labels is {value}{interval} on {rows} rows: neighbours "
        "in the order count as nearer than the ends of it."
    ),
    "fusion.agreement.alpha_interval": (
        "Krippendorff’s alpha for numbers is {value}{interval} on {rows} rows: what counts is the "
        "squared difference of the numbers."
    ),
    "fusion.agreement.reading.firm": (
        "From 0.8 on, labels are usually called reliable. Sources can still agree and be wrong "
        "together; only rows with a known true label show that."
    ),
    "fusion.agreement.reading.tentative": (
        "Between 0.667 and 0.8, labels are usually called good enough for tentative conclusions."
    ),
    "fusion.agreement.reading.low": (
        "That is below the 0.667 that is usually asked of trained coders, and common where many "
        "people label: on public tables of that kind alpha lies between 0.09 and 0.58, and still "
        "60 to 96 % of the fused labels are right. It tells how far to trust a single vote, not "
        "how good the fused label is."
    ),
}
