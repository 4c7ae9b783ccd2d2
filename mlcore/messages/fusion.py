"""Sentences about making one label of several: votes, sources, ties, agreement."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # A run.
    "fusion.stage.votes": "Reading the votes",
    "fusion.stage.models": "Training a model for each source",
    "fusion.stage.fuse": "Making one label of several",
    "fusion.stage.judge": "Comparing with the gold rows",
    "fusion.stage.agreement": "Measuring how far the sources agree",
    "fusion.stage.done": "Done",
    "fusion.edited": "{count} votes were changed by hand.",
    "fusion.models_vote": (
        "Models of the sources vote, each on rows that it had not seen while it learnt."
    ),
    # The set-up.
    "fusion.no_weights": (
        "“Your weights” needs a weight for at least one source, but none is given. Give some, or "
        "leave this rule out."
    ),
    "fusion.no_gold": (
        "Weights from gold rows need rows whose true label is known and on which sources voted, "
        "but there is none. Choose a gold column, or leave this rule out."
    ),
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
    "fusion.numbers.words": (
        "Votes must be numbers to be averaged, but some are {words}. Fuse them as classes, or name "
        "these words as ones that mean “does not know”."
    ),
    "fusion.numbers.cut": (
        "The share cut from each end must be at least 0 and less than 0.5, not {cut}. 0 is the "
        "mean, 0.2 leaves out the smallest and largest fifth."
    ),
    "fusion.too_many_labels": (
        "{labels:,} different labels of {sources:,} sources are too many for a table of errors of "
        "each source ({cells:,} cells, at most {most:,}). Check that the columns hold labels, or "
        "fuse by counting votes."
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
    # Methods side by side.
    "fusion.best_two.one_method": "There is one method only, so there is nothing to compare.",
    "fusion.best_two.no_gold": (
        "Which method is best cannot be told: no row has a known true label. A hundred rows that "
        "you label with care are enough to see large differences."
    ),
    "fusion.best_two.same": (
        "“{best}” and “{second}” are right on the same ones of the {rows} rows with a known true "
        "label: nothing there tells them apart."
    ),
    "fusion.best_two.luck": (
        "“{best}” is right where “{second}” is wrong on {ahead} of the {rows} rows with a known "
        "true label, the other way round on {behind}. That may be luck (McNemar’s exact test, "
        "p {p_value}): take the simpler method, or get more rows with a true label."
    ),
    "fusion.best_two.differ": (
        "“{best}” is right where “{second}” is wrong on {ahead} of the {rows} rows with a known "
        "true label, the other way round on {behind}: more than luck (McNemar’s exact test, "
        "p {p_value}). That holds for these votes; on others another method may be best."
    ),
}
