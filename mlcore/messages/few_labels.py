"""Sentences about learning from few labels: how labels spread, whether it helps, what is next."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # What is known, and what is hidden to judge.
    "few_labels.no_label": (
        "At least two rows need a label in “{target}”, one for each of two classes, but no row "
        "has one. Type some in, or choose another column."
    ),
    "few_labels.one_class": (
        "At least two different labels are needed in “{target}”, but every labelled row says "
        "“{name}”. Label some rows of another class."
    ),
    "few_labels.reserved_name": (
        "A class of “{target}” is called “{name}”, which is what rows are called that no label "
        "reaches. Rename it in the table; if it means “no label”, name it among the words for that."
    ),
    "few_labels.merged": (
        "Spellings that differ only in capitals, blanks or how a number is written are one label: "
        "{examples}. If they are different classes, rename one of them in the table."
    ),
    "few_labels.typed": "{count:,} labels were typed in and count beside those of the table.",
    "few_labels.typed.one": "1 label was typed in and counts beside those of the table.",
    "few_labels.typed_outside": (
        "Typed labels of rows that the table does not have, which were left out: {count:,}. The "
        "table has {rows} rows."
    ),
    "few_labels.target_encoding": (
        "The target encoding needs the label of every row, and here few rows have one. Choose "
        "one-hot, ordinal or automatic for categories."
    ),
    "few_labels.too_large": (
        "“{name}” has numbers as large as {largest}, and how far such rows are apart cannot be "
        "worked out. Correct them in the table, or leave the column out."
    ),
    "few_labels.tied": (
        "Rows that are tied between classes: {count}. The first class in the alphabet was taken; "
        "the column “tie” of the rows says where."
    ),
    "few_labels.nearly_nearest": (
        "With {rows} rows the nearest ones were looked for quickly, not exactly: one that was "
        "taken may be up to twice as far as the one it stands for."
    ),
    "few_labels.draws_failed": "Whether the rows without a label help was not tried: {why}",
    "few_labels.draws_skipped": (
        "Whether the rows without a label help was not tried with so few labels ({sizes}): {why}"
    ),
    "few_labels.too_few_for": (
        "{name} with its default settings cannot learn from {labels} labels. Choose another "
        "classifier, or label more rows, those of the rarest class first."
    ),
    "few_labels.compared_rows": (
        "Whether the rows without a label help was tried on {rows} rows drawn by lot, because "
        "labels are spread anew for each draw."
    ),
    "few_labels.stage.prepare": "Preparing the rows",
    "few_labels.stage.fold": "Finding hidden labels {fold} of {folds}",
    "few_labels.stage.final": "Spreading all labels",
    "few_labels.stage.draws": "Trying with and without the rows that have no label",
    "few_labels.stage.details": "Working out what to label next",
    "few_labels.stage.done": "Done",
    "few_labels.no_folds": (
        "Each class has one label only, so none can be hidden to judge the result: there are no "
        "scores. Label at least two rows of a class to get some."
    ),
    "few_labels.fewer_folds": (
        "{used} folds are used instead of {asked}: no class has more labels than that."
    ),
    "few_labels.only_label": (
        "The class “{name}” has one label only; it is never hidden, so scores say nothing on it."
    ),
    # The graph along which labels flow.
    "few_labels.too_many_pairs": (
        "All pairs of rows are compared with the affinity “rbf”, which is possible for at most "
        "{most:,} rows, but there are {rows:,}. Choose the affinity “nearest neighbours” instead, "
        "or learn from fewer rows."
    ),
    "few_labels.graph_no_label": (
        "Labels flow from labelled rows, but none of the {rows:,} rows has a label. Label at least "
        "one row of each of two classes."
    ),
    "few_labels.graph_one_class": (
        "Labels of at least two classes are needed, but all {rows:,} labelled rows have the same "
        "one. Label a row of another class."
    ),
    # Whether it helps: the same labels with and without the other rows
    "few_labels.draws.one_class": (
        "With and without the other rows cannot be compared: the labels name {classes} class, and "
        "it takes two. Label rows of another class."
    ),
    "few_labels.draws.too_few": (
        "With and without the other rows cannot be compared: there are {labels} labels of "
        "{classes} classes, and at least {needed} are needed, one of each class to learn from and "
        "{held_out} to be hidden. Label more rows."
    ),
    "few_labels.gain.helps": (
        "The rows without a label help: with {size} labels, accuracy is higher by {gain} "
        "percentage points (interval {low} to {high}, {repeats} draws of the labels)."
    ),
    "few_labels.gain.not_told": (
        "Whether the rows without a label help cannot be told: with {size} labels they change "
        "accuracy by {gain} percentage points, and the interval from {low} to {high} holds 0 "
        "({repeats} draws of the labels)."
    ),
    "few_labels.gain.hurts": (
        "The rows without a label hurt: with {size} labels, accuracy falls by using them; the "
        "change is {gain} percentage points (interval {low} to {high}, {repeats} draws of the "
        "labels). Train on the labelled rows alone."
    ),
    "few_labels.gain.perfect": (
        "With {size} labels there is nothing to gain: both ways of learning are perfect on the "
        "hidden labels, with the rows without a label and without them ({repeats} draws of the "
        "labels)."
    ),
    "few_labels.gain.fewer": "With fewer labels: {said}.",
    "few_labels.gain_at.helps": "they help with {sizes}",
    "few_labels.gain_at.not_told": "it cannot be told with {sizes}",
    "few_labels.gain_at.hurts": "they hurt with {sizes}",
    "few_labels.gain_at.perfect": "there is nothing to gain with {sizes}",
    "few_labels.gain_at.few_draws": "there are too few draws to tell with {sizes}",
    "few_labels.gain.few_draws": (
        "With fewer than {fewest} draws of the labels ({repeats}) it cannot be told whether the "
        "rows without a label help: with {size} labels they change accuracy by {gain} percentage "
        "points. Ask for more draws."
    ),
    "few_labels.gain.not_measured": (
        "Whether the rows without a label help was not measured, because too few labels can be "
        "hidden."
    ),
    # Labelled rows against the rest
    "few_labels.shift.summary": "median {middle}, middle half {low} to {high}",
    "few_labels.shift.summary.share": "{share} “{value}”",
    "few_labels.shift.summary.missing": "{share} missing",
    "few_labels.shift.larger": (
        "labelled rows have a larger “{column}”: median {labelled} against {rest}"
    ),
    "few_labels.shift.smaller": (
        "labelled rows have a smaller “{column}”: median {labelled} against {rest}"
    ),
    "few_labels.shift.later": (
        "labelled rows have a later “{column}”: median {labelled} against {rest}"
    ),
    "few_labels.shift.earlier": (
        "labelled rows have an earlier “{column}”: median {labelled} against {rest}"
    ),
    "few_labels.shift.spread": (
        "“{column}” is spread otherwise in labelled rows: median {labelled} against {rest}, middle "
        "half {low} to {high} against {rest_low} to {rest_high}"
    ),
    "few_labels.shift.more": (
        "more labelled rows have “{value}” in “{column}”: {labelled} against {rest}"
    ),
    "few_labels.shift.fewer": (
        "fewer labelled rows have “{value}” in “{column}”: {labelled} against {rest}"
    ),
    "few_labels.shift.alike": (
        "“{column}” shows no clear difference: {labelled}, against {rest} in the rest"
    ),
    "few_labels.shift.missing_more": (
        "“{column}” is missing more often in labelled rows: {labelled} against {rest}"
    ),
    "few_labels.shift.missing_less": (
        "“{column}” is missing less often in labelled rows: {labelled} against {rest}"
    ),
    # Checks of a run
    "few_labels.unreached.cut_off": (
        "Joined to no labelled row, not even by way of others: {rows} (groups of such rows: "
        "{groups}; the largest has {largest}, row {row} among them)."
    ),
    "few_labels.unreached.too_far": "Too far for {rounds} rounds (rounds): {rows}.",
    "few_labels.unreached.faint": "So far that nothing countable arrives: {rows}.",
    # What to change, each the middle of a sentence
    "few_labels.mend.rounds": (
        "allow more rounds than {rounds}, or go on until nothing changes (rounds)"
    ),
    "few_labels.mend.larger_k": "raise k (n_neighbors, now {k}), so that more rows are joined",
    "few_labels.mend.other_k": "take another k (n_neighbors, now {k})",
    "few_labels.mend.smaller_gamma": (
        "take a smaller gamma (now {gamma}), so that rows farther away count"
    ),
    "few_labels.mend.larger_gamma": (
        "take a larger gamma (now {gamma}), so that only near rows count"
    ),
    "few_labels.mend.larger_alpha": (
        "take a larger alpha (now {alpha}), so that labels wear off less on their way"
    ),
    "few_labels.mend.label_group": "label one row of this group",
    "few_labels.mend.label_groups": "label one row of each group",
    "few_labels.mend.label_near": "label some of these rows",
    "few_labels.mend.label_more": "label more rows",
    "few_labels.mend.class_mass": (
        "switch on class-mass normalisation (class_mass), which keeps their shares"
    ),
    "few_labels.mend.class_mass_by_lot": (
        "switch on class-mass normalisation (class_mass) if the labels were given by lot"
    ),
    "few_labels.mend.other_algorithm": (
        "try label propagation with class-mass normalisation (class_mass), which keeps their shares"
    ),
    "few_labels.mend.features": "leave out features that do not tell the classes apart",
    "few_labels.mend.threshold": "raise the threshold (now {threshold})",
    "few_labels.mend.k_best": "label fewer rows in a round (k_best, now {rows})",
    "few_labels.mend.estimator": "choose another classifier (estimator)",
    "check.not_applicable.no_shift": (
        "Not applicable: the labelled rows were not compared with the rest."
    ),
    "check.not_applicable.nothing_to_compare": (
        "Not applicable: no column has values in labelled rows and in the rest to compare."
    ),
    "check.not_applicable.all_labelled": "Not applicable: every row has a label already.",
    "check.not_applicable.no_draws": (
        "Not applicable: learning with and without the other rows was not compared, for which "
        "some labels have to be hidden."
    ),
    "check.not_applicable.nothing_answered": (
        "Not applicable: no row without a label got an answer."
    ),
    "check.not_applicable.one_label_class": "Not applicable: there is one class only.",
    "finding.FEW001.title": "Labels of each class",
    "finding.FEW001.explanation": (
        "There are {labels} labels of {classes} classes, and the rarest ({names}) has {fewest}: "
        "the answers depend much on which rows happen to have a label."
    ),
    "finding.FEW001.action": (
        "Label more rows, first those that are listed to be labelled next, until each class has "
        "{enough} or so."
    ),
    "finding.FEW001.passed": (
        "There are {labels} labels of {classes} classes, at least {fewest} of each."
    ),
    "finding.FEW002.title": "Classes that can be judged",
    "finding.FEW002.explanation": (
        "Classes with a single label: {count} ({names}). Their label cannot be hidden, or nothing "
        "would be left to learn the class from, so no score says how well they are recognised."
    ),
    "finding.FEW002.action": "Label at least one more row of each of these classes.",
    "finding.FEW002.passed": "Each class has two labels or more, so one can be hidden to judge it.",
    "finding.FEW003.title": "Labelled rows against the rest",
    "finding.FEW003.explanation": (
        "In {differing} of {columns} columns the labelled rows do not look like the others "
        "({p_value}, adjusted for the number of columns): {words}."
    ),
    "finding.FEW003.action": (
        "Scores are measured on labelled rows and may be wrong for the others. Label some rows by "
        "lot, or at least some that the labelled ones do not stand for."
    ),
    "finding.FEW003.passed": (
        "Labelled rows look like the others in the columns compared ({columns})."
    ),
    "finding.FEW004.title": "Rows that a label reaches",
    "finding.FEW004.explanation": (
        "No label reaches {rows} rows ({share} of the table). They stay unlabelled. {why}"
    ),
    "finding.FEW004.action": "{mend}; the list of rows to label next has one of each first.",
    "finding.FEW004.passed": "A label reaches each of the {rows} rows without one.",
    "finding.FEW005.title": "With and without the other rows",
    "finding.FEW005.explanation": (
        "The rows without a label hurt: with {size} labels, using them changes accuracy by {gain} "
        "percentage points (interval {low} to {high}, {repeats} draws of the labels)."
    ),
    "finding.FEW005.action": (
        "Train on the labelled rows alone. Neighbours may often be of different classes here: "
        "other columns or another scaling can change that."
    ),
    "finding.FEW006.title": "Shares of the classes",
    "finding.FEW006.explanation": (
        "{propagated} of the answers are “{name}”, and {given} of the {labels} labels; labels "
        "given by lot would allow {low} to {high}."
    ),
    "finding.FEW006.action": (
        "If the labels were given by lot, {mend}. If rows were chosen class by class, the shares "
        "of the labels mean nothing, and nothing need be done."
    ),
    "finding.FEW006.passed": (
        "Classes have about the same shares among the answers as among the labels, or as near as "
        "the number of labels can tell ({moved} % of the rows would have to change their class)."
    ),
    "finding.FEW007.title": "Variety of the answers",
    "finding.FEW007.explanation": (
        "{share} of the answers are “{name}”, but only {given} of the labels: one class has "
        "swallowed the others."
    ),
    "finding.FEW007.action": "{mend}.",
    "finding.FEW007.passed": (
        "The most frequent answer is “{name}” with {share} of the rows ({given} of the labels)."
    ),
    # How a run answers for rows that it has not seen
    "few_labels.induction.label_propagation": (
        "A new row gets the mean of what its nearest rows of the table have, each counting the "
        "same. A row beside rows that no label reached stays unlabelled."
    ),
    "few_labels.induction.label_spreading": (
        "A new row gets the mean of what its nearest rows of the table have, each counting the "
        "same; the method is the same as for label propagation. A row beside rows that no label "
        "reached stays unlabelled."
    ),
    "few_labels.induction.self_training": (
        "New rows are predicted by the classifier itself, which learnt from the labelled rows and "
        "from those it labelled on the way."
    ),
    # Labels of each class, before anything is spread
    "axis.labels": "Labels (count)",
    "hover.label_counts": "%{{customdata}}<br>Labels: %{{x}}",
    "alt.label_counts": (
        "Labels of {classes} classes, {labels:,} in all: the most are “{most}” ({most_labels:,}), "
        "the fewest “{least}” ({least_labels:,})."
    ),
    "alt.label_counts.even": (
        "Labels of {classes} classes, {labels:,} in all, {each:,} of each class."
    ),
    "alt.label_counts.one": "Labels of one class, “{most}”: {labels:,}.",
    # Figures of few labels
    "axis.labels_in_all": "Labels (count, all classes together)",
    "axis.held_out_accuracy": "Accuracy on hidden labels (share right)",
    "axis.gain": "Gain in accuracy (points)",
    "axis.certainty": "Certainty (highest probability)",
    "axis.class_share": "Share of the rows (%)",
    "axis.class": "Class",
    "legend.alone": "Labelled rows alone",
    "legend.with_unlabelled": "With the other rows",
    "legend.given": "Given labels",
    "legend.propagated": "Answers for the other rows",
    "legend.unreached": "No label reaches",
    "legend.none_yet": "No label yet",
    "hover.draws": (
        "%{{x}} labels: %{{y:.3f}} (interval %{{customdata[0]:.3f}} to %{{customdata[1]:.3f}})"
    ),
    "hover.gain": (
        "%{{x}} labels: %{{y:+.1f}} points (interval %{{customdata[0]:+.1f}} to "
        "%{{customdata[1]:+.1f}})"
    ),
    "hover.certainty": "%{{customdata[0]:.2f}} to %{{customdata[1]:.2f}}<br>Rows: %{{y}}",
    "hover.unreached": "Rows that no label reaches: %{{y}}",
    "hover.class_share": "%{{customdata}}<br>Rows: %{{text}}, %{{x:.1f}} %",
    "figure.flow.round": "Round",
    "figure.flow.play": "▶ Play",
    "figure.flow.pause": "❚❚ Pause",
    "figure.flow.back": "◀ Back",
    "figure.flow.step": "Step ▶",
    "figure.flow.pinned": "Outlined: label given",
    "hover.flow": "Row %{{customdata[0]}}",
    "hover.flow.given": "Label given: {name}",
    "hover.flow.now": "{name}, certainty {certainty}",
    "hover.flow.none": "No label yet",
    "hover.flow.end": "At the end: {shares}",
    "hover.flow.end.none": "At the end: no label",
    "hover.flow.share": "{name} {share}",
    "alt.draws": (
        "Accuracy on hidden labels against the number of labels, over {repeats} draws of each "
        "number. With {first} labels: {alone_first} from the labelled rows alone, {with_first} "
        "with the others. With {last} labels: {alone_last} and {with_last}."
    ),
    "alt.gain": (
        "What the other rows add to accuracy, in percentage points: {first_gain} ({first_low} to "
        "{first_high}) with {first} labels, {last_gain} ({last_low} to {last_high}) with {last}."
    ),
    "alt.certainty": (
        "Certainty of {rows:,} answers: {sure:,} of them are at 0.95 or above, {unsure:,} below "
        "0.6."
    ),
    "alt.certainty.unreached": "No label reaches {rows:,} more rows.",
    "alt.certainty.unreached.one": "No label reaches 1 more row.",
    "alt.class_share": (
        "Shares of {classes} classes among {given:,} given labels and {propagated:,} answers. The "
        "most frequent label is “{top}” ({top_share}), the most frequent answer “{answer}” "
        "({answer_share})."
    ),
    "alt.class_share.given": (
        "Shares of {classes} classes among {given:,} given labels, the most frequent “{top}” "
        "({top_share}). There are no answers."
    ),
    "alt.flow": (
        "Map of {rows:,} rows, {labelled:,} of them with a given label. Of the others, after round "
        "{round}, with an answer: {reached:,}, without one yet: {unreached:,}."
    ),
    "alt.flow.rounds": "The rounds 0 to {last} can be stepped through.",
}
