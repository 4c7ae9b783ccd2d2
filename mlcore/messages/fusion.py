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
    "fusion.edited": "{count:,} votes were changed by hand.",
    "fusion.edited.one": "1 vote was changed by hand.",
    "fusion.models_vote": (
        "Models of the sources vote, each on rows that it had not seen while it learnt."
    ),
    "fusion.reserved_name": (
        "A label is called “{name}”, which stands for rows without a decision here. Rename it in "
        "the file, or name it as a label that means “does not know”."
    ),
    # The set-up.
    "fusion.no_weights": (
        "“Your weights” needs a weight for at least one source, but none is given. Give some, or "
        "leave this rule out."
    ),
    "fusion.weight": (
        "The weight of “{source}” must be a number from −{most:g} to {most:g}, but it is {got}. 1 "
        "counts a vote once, 0 not at all, and a negative weight counts it against its label."
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
    # The table to train on.
    "fusion.table.undecided": (
        "No row has a fused label, so there is nothing to train on. Choose another rule, or "
        "another way to decide ties."
    ),
    "fusion.table.no_features": (
        "Besides the votes there is no column from which the label could be predicted. Bring a "
        "table that also describes the rows."
    ),
    "fusion.table.label": (
        "“{name}” is the label to predict: what {rule} made of the votes, known for {rows:,} rows."
    ),
    "fusion.table.left_out": (
        "Rows that are undecided, {rows:,} in all, have no label: training leaves them out."
    ),
    "fusion.table.weight": (
        "“{name}” says how sure the label is, from 0 to 1. It counts as the weight of the row, so "
        "doubtful labels teach less."
    ),
    "fusion.table.votes": ("The votes stay out, because the label was made of them: {names}."),
    "fusion.table.varied": ("Columns that differ between the votes on one row stay out: {names}."),
    "fusion.table.aside": (
        "Set aside, because they name the row or know the answer: {names}. The role of a column "
        "can be changed on the Data page."
    ),
    # What a model that is trained on it can be judged by.
    "fusion.cross_fitted": (
        "The accuracy is cross-fitted: gold rows have a say in this label, so they are cut into "
        "folds, and each fold is judged by what the other gold rows taught."
    ),
    "fusion.quality.scores": (
        "Scores of a model that is trained on it will tell how well the model repeats the fused "
        "label, not how often it is right."
    ),
    "fusion.quality.classes": (
        "How good that label is: on the rows with a known true label, {rows:,} in all, it is right "
        "in {share} %; rows without a decision count as wrong."
    ),
    "fusion.quality.numbers": (
        "How good that label is: on the rows with a known true number, {rows:,} in all, it is off "
        "by {error} on average."
    ),
    "fusion.quality.no_gold": (
        "How good that label is cannot be told: no known true label judges it."
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
    "fusion.too_many_cells": (
        "“{name}” holds {own:,} different labels. With {labels:,} labels on {rows:,} rows there is "
        "no room for a number for each of them (at most {most:,}). Take out columns that hold "
        "names or free text; if the labels are numbers on a scale, fuse them as numbers."
    ),
    "fusion.gold.abstained": (
        "Rows whose true label is a word for “does not know”: {rows:,}. They count as rows without "
        "a known true label."
    ),
    "fusion.gold.contradicted": (
        "Rows with different true labels on different lines: {rows:,}, such as “{name}”. Which is "
        "true cannot be told, so they count as rows without a known true label."
    ),
    "fusion.gold.cannot_judge": (
        "There is no score on gold rows: this method learns from them, and a gold row cannot judge "
        "what it taught. At least two with votes are needed; there are {rows}."
    ),
    "fusion.models.two_rows": (
        "Models of the sources need at least two rows, to learn on some and vote on others, but "
        "there is {rows}. Let the sources themselves vote."
    ),
    "fusion.models.none": (
        "“{learner}” can learn from none of the sources: their labels are too few. Choose a "
        "simpler model, or let the sources themselves vote."
    ),
    "fusion.models.left_out": (
        "Sources without a model, because their labels are too few for “{learner}” to learn from: "
        "{names}. They have no say."
    ),
    "fusion.votes.merged": (
        "Labels that are written in several ways and count as one: {labels}, such as {examples}."
    ),
    "fusion.votes.repeated": (
        "Votes that were followed by another of the same source on the same row: {votes:,}. The "
        "last one counts."
    ),
    "fusion.votes.nameless": ("Lines that name no row or no source were left out: {lines:,}."),
    "fusion.votes.none": ("Rows without any vote: {rows:,} of {of:,}. They stay without a label."),
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
    "fusion.kappa.few_rows": (
        "No two sources can be compared: none share {rows} rows or more, and with fewer a kappa "
        "is mostly luck. The download has what there is."
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
        "Fleiss’ kappa is {value}{interval} on {rows:,} rows: 1 means that the sources always give "
        "the same label, 0 that they agree as often as chance would make them, below 0 less often."
    ),
    "fusion.agreement.alpha_nominal": (
        "Krippendorff’s alpha is {value}{interval} on {rows:,} rows, read in the same way; here "
        "every two different labels are equally far apart."
    ),
    "fusion.agreement.alpha_ordinal": (
        "Krippendorff’s alpha for ordered labels is {value}{interval} on {rows:,} rows: neighbours "
        "in the order count as nearer than the ends of it."
    ),
    "fusion.agreement.alpha_interval": (
        "Krippendorff’s alpha for numbers is {value}{interval} on {rows:,} rows: what counts is "
        "the squared difference of the numbers."
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
    "fusion.best_two.one_method": (
        "One method only has a score on gold rows, so there is nothing to compare."
    ),
    "fusion.best_two.no_gold": (
        "Which method is best cannot be told: no row has a known true label that could judge the "
        "fused ones. A hundred rows that you label with care are enough to see large differences."
    ),
    "fusion.best_two.same": (
        "“{best}” and “{second}” are right on the same ones of the {rows:,} rows with a known true "
        "label: nothing there tells them apart."
    ),
    "fusion.best_two.luck": (
        "“{best}” is right where “{second}” is wrong on {ahead} of the {rows:,} rows with a known "
        "true label, the other way round on {behind}. That may be luck (McNemar’s exact test, "
        "p {p_value}): take the simpler method, or get more rows with a true label."
    ),
    "fusion.best_two.differ": (
        "“{best}” is right where “{second}” is wrong on {ahead} of the {rows:,} rows with a known "
        "true label, the other way round on {behind}: more than luck (McNemar’s exact test, "
        "p {p_value}). That holds for these votes; on others another method may be best."
    ),
    "fusion.best_two.different_votes": (
        "The {of:,} runs fused different votes, or were judged by different gold labels, so they "
        "are not comparable: which rule is better cannot be told from them. Start the rules "
        "together to compare them."
    ),
    "fusion.best_two.same_votes": (
        "Not all runs are comparable: only {runs:,} of {of:,} fused the votes that the newest one "
        "fused, and were judged by the same gold labels. Of these: {verdict}"
    ),
    # Findings about votes.
    "fusion.basis.gold": "the true labels, where they are known",
    "fusion.basis.others": "what most of the others say",
    "fusion.copies.gold": (
        "“{source}” and “{other}” give the same wrong label on {alike} of {rows} rows with a known "
        "true label; {expected} would be expected."
    ),
    "fusion.copies.others": (
        "“{source}” and “{other}” give the same label on {alike} of {rows} rows; {expected} would "
        "be expected."
    ),
    "check.not_applicable.numbers": (
        "Not applicable: the labels are numbers on a scale, and are averaged."
    ),
    "check.not_applicable.one_class": "Not applicable: every vote is for the same label.",
    "check.not_applicable.no_common_rows": (
        "Not applicable: no row has votes of two sources, and no true label is known."
    ),
    "check.not_applicable.few_votes_each": (
        "Not applicable: no source gave {votes} votes or more."
    ),
    "check.not_applicable.few_common_rows": (
        "Not applicable: no two sources can be compared. That needs 20 rows that both voted on, "
        "with known true labels or with votes of at least two other sources."
    ),
    "check.not_applicable.no_model": "Not applicable: this method fits no model of the sources.",
    "check.not_applicable.no_starts": "Not applicable: this method has no start by lot.",
    "check.not_applicable.one_start": (
        "Not applicable: there was one start only, so there is nothing to compare it with."
    ),
    "check.not_applicable.no_agreement": (
        "Not applicable: agreement was not measured, or it has no value on these votes."
    ),
    "finding.FUSE001.title": "Sources against guessing",
    "finding.FUSE001.explanation": (
        "Right less often than a guess among the {classes} labels ({chance} %): {sources}. They "
        "were compared with {basis}."
    ),
    "finding.FUSE001.action": (
        "Look at their confusion matrix: labels may have been exchanged, or the task was "
        "misunderstood. Mend that, leave the source out, or use a method that learns how each "
        "source errs, such as Dawid–Skene."
    ),
    "finding.FUSE001.passed": (
        "None of {sources} sources is clearly worse than a guess among the {classes} labels "
        "({chance} %), compared with {basis}."
    ),
    "finding.FUSE002.title": "Variety of the votes of a source",
    "finding.FUSE002.explanation": (
        "Always the same label, on rows to which others give different ones: {sources}."
    ),
    "finding.FUSE002.action": (
        "A rule that speaks for one label only may do so. A person or a model that looked at all "
        "rows should not: leave it out, or read its missing votes as “does not know”."
    ),
    "finding.FUSE002.passed": (
        "None of the {sources} sources with enough votes gives one label to rows that others tell "
        "apart."
    ),
    "finding.FUSE003.title": "Independence of the sources",
    "finding.FUSE003.explanation": (
        "Pairs of sources that are more alike than what they know explains: {found} of {pairs}. "
        "{examples}"
    ),
    "finding.FUSE003.action": (
        "One may copy the other, both may copy a third, or both may be trained on the same data. "
        "Such sources count double in a vote, and Dawid–Skene takes them for accurate. Keep one of "
        "them, or give each half a weight."
    ),
    "finding.FUSE003.passed": (
        "No two sources are more alike than what they know explains; pairs that were compared: "
        "{pairs:,}. Weak dependence cannot be seen in this way."
    ),
    "finding.FUSE004.title": "Votes for each source",
    "finding.FUSE004.explanation": (
        "Of {all:,} sources, {sources:,} gave fewer than {bound} votes ({share} % of all votes): "
        "{names}."
    ),
    "finding.FUSE004.action": (
        "Of these sources hardly anything can be learnt: a weight or a confusion matrix of theirs "
        "is mostly a guess. Count them equally, or put similar sources together."
    ),
    "finding.FUSE004.passed": (
        "Each of the {all:,} sources gave at least {bound} votes; the fewest are {least}."
    ),
    "finding.FUSE005.title": "Rows with a tie",
    "finding.FUSE005.explanation": (
        "On {rows:,} of {of:,} rows with votes ({share} %) several labels share the lead. There "
        "the rule for ties decides and not the votes."
    ),
    "finding.FUSE005.action": (
        "Look at these rows first, or ask one more source for them. An odd number of sources, "
        "weights, or Dawid–Skene leave fewer ties."
    ),
    "finding.FUSE005.passed": (
        "On {rows:,} of {of:,} rows with votes ({share} %) several labels share the lead."
    ),
    "finding.FUSE006.title": "Rows with a single vote",
    "finding.FUSE006.explanation": (
        "On {rows:,} of {of:,} rows with votes ({share} %) there is one vote only. Nothing checks "
        "it, and the fused label is just that vote."
    ),
    "finding.FUSE006.action": (
        "Ask for a second opinion on these rows, or use their confidence as a weight in training. "
        "A quorum of two leaves them undecided."
    ),
    "finding.FUSE006.passed": (
        "On {rows:,} of {of:,} rows with votes ({share} %) there is one vote only."
    ),
    "finding.FUSE007.title": "Rows without a vote",
    "finding.FUSE007.explanation": (
        "On {rows:,} of {of:,} rows ({share} %) there is no vote, so they get no label."
    ),
    "finding.FUSE007.action": (
        "Ask a source for them, let a model of each source vote on every row, or train on the "
        "other rows and predict these."
    ),
    "finding.FUSE007.passed": "Each of the {of:,} rows has a vote.",
    "finding.FUSE008.title": "Starts of the model",
    "finding.FUSE008.explanation": (
        "Of {starts} starts, {equal} ended at the best fit; the poorest is {lower} log-units below "
        "it. The best one was kept."
    ),
    "finding.FUSE008.action": (
        "If the start from the votes did not reach the best fit, check by the confusion matrices "
        "that no labels are exchanged, and compare with the plurality. More starts make it more "
        "probable that the best is found."
    ),
    "finding.FUSE008.passed": (
        "All {starts} starts ended at the same fit, no more than {lower} log-units apart."
    ),
    "finding.FUSE009.title": "Agreement beyond chance",
    "finding.FUSE009.explanation": (
        "Krippendorff’s alpha is {value} (95 % interval {low} to {high}); 0 is what chance would "
        "give. On public tables with labels of many people it lies between 0.09 and 0.58, and "
        "still 60 to 96 % of the fused labels are right."
    ),
    "finding.FUSE009.action": (
        "If the interval reaches 0, the sources may know nothing, or not speak of the same thing: "
        "see that rows and labels are read as they should be. Otherwise do not trust single votes; "
        "gather more votes for each row and judge the fused label on rows with a true label."
    ),
    "finding.FUSE009.passed": (
        "Krippendorff’s alpha is {value} (95 % interval {low} to {high}); 0 is what chance would "
        "give, 1 perfect agreement."
    ),
    "finding.FUSE010.title": "Voices the model needs",
    "finding.FUSE010.explanation": (
        "Sources that voted: {sources:,}; rows with three votes or more: {rows:,}. Where two "
        "sources disagree nothing says which of them errs, so the model can only guess."
    ),
    "finding.FUSE010.action": (
        "Gather a third opinion, at least on some rows, or weigh the sources by gold rows."
    ),
    "finding.FUSE010.passed": (
        "Sources that voted: {sources:,}; rows with three votes or more: {rows:,}."
    ),
    # Figures of votes.
    "axis.source": "Source",
    "axis.kappa": "Cohen’s kappa",
    "axis.source.accuracy": "Accuracy (share of votes on gold rows, with 95 % interval)",
    "axis.source.leave_one_out": "Agreement with most of the others (share of votes)",
    "axis.vote": "Vote of the source",
    "axis.estimated_class": "True class, as estimated",
    "axis.fused_class": "Fused label",
    "axis.share_of_fused": "Share of the fused label",
    "axis.iteration": "Iteration",
    "axis.log_likelihood": "Log-likelihood (higher is a better fit)",
    "axis.gold_accuracy": "Accuracy (share of gold rows; higher is better)",
    "axis.method": "Method",
    "axis.fused.confidence": "Confidence of the fused label (0 to 1)",
    "axis.fused.margin": "Lead of the fused label over the next (0 to 1)",
    "axis.votes": "Votes (count)",
    "axis.label": "Label",
    "legend.start.votes": "Start from the votes",
    "legend.start.random": "Random start {start}",
    "legend.ties": "From all ties wrong to all ties right",
    "legend.gold_accuracy": "Accuracy with 95 % interval",
    "legend.decided": "Decided",
    "legend.undecided": "Undecided",
    "hover.kappa": "{source} and {other}<br>Kappa {value} on {rows:,} common rows",
    "hover.source.accuracy": (
        "{name}<br>Right on {hits:,} of {rows:,} gold rows: {value} ({low} to {high})"
    ),
    "hover.source.leave_one_out": (
        "{name}<br>Agrees with most of the others: {value}<br>Votes: {votes:,}"
    ),
    "hover.source_confusion": "{vote} on {count} rows of {actual}<br>{share} of {actual}",
    "hover.source_confusion.one": "{vote} on 1 row of {actual}<br>{share} of {actual}",
    "hover.source_confusion.fused": (
        "{vote} on {count} rows that were fused as {actual}<br>{share} of these"
    ),
    "hover.source_confusion.fused.one": (
        "{vote} on 1 row that was fused as {actual}<br>{share} of these"
    ),
    "hover.likelihood": "{start}<br>Iteration %{{x}}: %{{y:.6g}}",
    "hover.method": (
        "{name}<br>Accuracy {accuracy} ({low} to {high}) on {rows:,} gold rows<br>"
        "Ties wrong {ties_wrong}, ties right {ties_right}"
    ),
    "hover.sureness": (
        "{group}<br>%{{customdata[0]:.2f}} to %{{customdata[1]:.2f}}<br>Rows: %{{y}}"
    ),
    "hover.row_votes": "{label}<br>Votes: {votes:,}<br>{sources}",
    "alt.kappa": (
        "Cohen’s kappa of {sources} sources, two at a time. Most alike are “{source}” and "
        "“{other}” ({value}), least alike “{least_source}” and “{least_other}” ({least})."
    ),
    "alt.kappa.pair": "Cohen’s kappa of “{source}” and “{other}”: {value}.",
    "alt.kappa.undefined": "Pairs without a value: {pairs}.",
    "alt.kappa.few_rows": (
        "Pairs left empty, because with fewer than {rows} common rows their kappa would be mostly "
        "luck: {pairs}."
    ),
    "alt.source.accuracy": (
        "Accuracy of {sources} sources on gold rows. The best is “{best}” ({best_value}), the "
        "poorest “{worst}” ({worst_value})."
    ),
    "alt.source.accuracy.one": "Accuracy of “{best}” on gold rows: {best_value}.",
    "alt.source.leave_one_out": (
        "How often {sources} sources agree with most of the others: “{best}” most often "
        "({best_value}), “{worst}” least often ({worst_value})."
    ),
    "alt.source.leave_one_out.one": (
        "How often “{best}” agrees with most of the others: {best_value}."
    ),
    "alt.source.span": "{value}, interval {low} to {high}",
    "alt.source_confusion.gold": (
        "Votes of “{source}” on rows whose class is known: {rows}, of which {share} % are right."
    ),
    "alt.source_confusion.estimated": (
        "Votes of “{source}” on rows with estimated classes: {rows}, of which {share} % are right "
        "by that estimate."
    ),
    "alt.source_confusion.fused": (
        "Votes of “{source}” on rows with a fused label: {rows}, of which {share} % agree with it. "
        "The true labels are not known."
    ),
    "alt.source_confusion.difference": (
        "Where it differs, it says most often “{vote}” for rows that were fused as “{actual}” "
        "({count})."
    ),
    "alt.source_confusion.mistake": (
        "The most common mistake is “{vote}” for rows of “{actual}” ({count})."
    ),
    "alt.likelihood": (
        "Log-likelihood of {starts} starts. The best ends at {best} after {iterations} iterations "
        "({start}), the poorest {lower} below it."
    ),
    "alt.likelihood.one": (
        "Log-likelihood of one start. It ends at {best} after {iterations} iterations."
    ),
    "alt.method": (
        "Accuracy of {methods} methods on {rows:,} gold rows. The best is “{best}” ({best_value}), "
        "the poorest “{worst}” ({worst_value})."
    ),
    "alt.method.one": "Accuracy of “{best}” on {rows:,} gold rows: {best_value}.",
    "alt.method.ties": "Ties matter most for “{name}”: {low} if all are wrong, {high} if right.",
    "alt.sureness.confidence": (
        "Confidence of {rows:,} rows with votes: the median is {median}. Below 0.5: {low:,}. "
        "Undecided: {undecided:,}."
    ),
    "alt.sureness.margin": (
        "Lead of the first label over the next on {rows:,} rows with votes: the median is "
        "{median}. Below 0.5: {low:,}. Undecided: {undecided:,}."
    ),
    "alt.row_votes": "{votes:,} votes for {labels:,} labels.",
    "alt.row_votes.one_label": "{votes:,} votes, all for one label.",
    "alt.row_votes.one": "One vote.",
    "alt.row_votes.label": "“{label}”: {votes} ({sources}).",
    "alt.row_votes.fused": "The fused label is “{label}”.",
    "alt.row_votes.undecided": "The row is undecided.",
    "alt.row_votes.fused_before": "Before a vote was changed, the fused label was “{label}”.",
    "alt.row_votes.undecided_before": "Before a vote was changed, the row was undecided.",
}
