"""Sentences about downloads: formats, bundles, model cards."""

SENTENCES: dict[str, str] = {
    "registry.not_identical": (
        "The download “{what}” is withheld: after writing and opening the file again, {rows} of "
        "{total} test predictions differ from those of the trained model. Choose another format, "
        "or train the run again."
    ),
    "registry.not_loaded": "The model cannot be opened. {reason}",
    "registry.self_test": (
        "The bundle is withheld, because its own check failed: {reason} "
        "Train the run again, or download the model alone."
    ),
    "registry.unknown_format": (
        "There is no download called “{name}” of this run. Choose one of {known}. {suggestion}"
    ),
    "registry.not_prepared": (
        "This download is not ready. Press its button again to have it prepared."
    ),
    # Registered models
    "registry.no_model": (
        "No model is registered as “{name}”. Registered are: {known}. {suggestion}"
    ),
    "registry.no_models": (
        "No model is registered as “{name}”, and no other one either. Register a trained run on "
        "the Models page first."
    ),
    "registry.not_registrable": (
        "This run cannot be registered: what it leaves behind is no model that answers rows. Runs "
        "that predict a label, or give rows to clusters, can be."
    ),
    "registry.no_version": (
        "The model “{name}” has no version “{which}”. Ask for one of these: {known}."
    ),
    "registry.no_champion": (
        "No version of “{name}” is its champion, so it does not answer by itself. Name a champion "
        "on the Models page, or ask for one of these versions: {known}."
    ),
    "registry.archived": (
        "Version {number} of “{name}” is archived and does not answer. Bring it back on the Models "
        "page, or ask for another version."
    ),
    "registry.in_use": (
        "Version {number} of “{name}” is in use as {aliases}. Let another version take its place "
        "first, or take the alias away."
    ),
    "registry.nothing_before": (
        "“{alias}” of “{name}” never pointed at another version that is still there, so there is "
        "nothing to go back to."
    ),
    "registry.model_name": (
        "“{name}” cannot be the name of a model, because names stand in web addresses: use up to "
        "100 letters, digits, “-”, “_” and “.”, beginning with a letter or digit."
    ),
    "registry.alias": (
        "“{alias}” cannot be an alias: use letters, digits, “-”, “_” and “.”, and not a number "
        "alone, because that means a version."
    ),
    "registry.changed": (
        "A file of version {number} of “{name}” is missing or is not the one that was registered, "
        "so it is not opened. Register the run again."
    ),
    "registry.fact.fingerprint": "Fingerprint of the table",
    "registry.fact.predicts": "Predicts",
    "registry.fact.groups": "the group of a row",
    "registry.fact.gives": "“{target}”",
    "registry.fact.algorithm": "Algorithm",
    "registry.fact.columns": "Columns",
    "registry.fact.setting": "Setting",
    "registry.fact.preparation": "Preparation",
    "registry.fact.division": "Division of the rows",
    "registry.fact.weight": "Column of weights",
    "registry.fact.engine": "Answers with",
    "registry.fact.library": "{name} (library)",
    "registry.stage.registering": "Putting the model into the registry",
    "registry.stage.packaging": "Writing the file and checking what it predicts",
    # ONNX
    "registry.onnx.text": (
        "There is no ONNX file of this model, because it reads free text (column {columns}): ONNX "
        "cannot split text into words in a way that is the same on every computer. Train without "
        "the column, or download another format."
    ),
    "registry.onnx.unconvertible": (
        "There is no ONNX file of this model, because it could not be written as one ({reason}). "
        "Download another format."
    ),
    "registry.onnx.labels": (
        "There is no ONNX file of this model, because it would not be the same model: on {rows} of "
        "{total} test rows it answered otherwise than the original. Download another format."
    ),
    "registry.onnx.numbers": (
        "There is no ONNX file of this model, because it would not be the same model: on {rows} of "
        "{total} test rows its numbers differed by more than 0.001 %. Download another format."
    ),
    "registry.onnx.unsteady": (
        "ONNX Runtime does not answer for this model, because a row’s answer would differ in its "
        "last digits with the rows beside it."
    ),
    # Code that repeats a run
    "registry.script.column": (
        "There is no code that repeats this run, because no short call of pandas reads the column "
        "“{column}” of {file} as the workbench does. Write its values in one form, upload the file "
        "again, and train on it; or download the bundle, which reads such values."
    ),
    "registry.script.file": (
        "There is no code that repeats this run, because pandas does not read {file}: its lines "
        "are not all alike. Save it as plain CSV, upload it again, and train on it; or download "
        "the bundle, which reads such files."
    ),
    # Models from elsewhere
    "registry.stage.importing": "Looking through the ONNX file and trying it out",
    "registry.import.pickle": (
        "This file is not opened: it is a pickle, an archive or a compressed file, as .pkl, "
        ".joblib and .skops files are, and opening one can run any program hidden in it. Models "
        "from elsewhere are taken as ONNX only; export the model as .onnx where it was made."
    ),
    "registry.import.ending": (
        "Models from elsewhere are taken as ONNX files, whose names end in .onnx; this one has "
        "{ending}. Export the model as .onnx where it was made."
    ),
    "registry.import.size": (
        "The file has {size} MiB, and models from elsewhere may have {most} MiB. Export a smaller "
        "model, such as a forest with fewer trees."
    ),
    "registry.import.not_onnx": (
        "The file is not a whole ONNX file: what an ONNX file begins with is not there. Export the "
        "model again, and upload the file as it is."
    ),
    "registry.import.external": (
        "The file is not taken, because it keeps numbers in other files beside it, which could be "
        "any file of this computer. Export the model as one file, without external data."
    ),
    "registry.import.operators": (
        "The file is not taken, because it uses operators that the ONNX standard does not have: "
        "{names}. Export the model with the operators of the standard alone."
    ),
    "registry.import.endless": (
        "The file is not taken, because it uses operators that may go on for ever or answer "
        "otherwise each time: {names}. Export the model without them."
    ),
    "registry.import.nodes": (
        "The file has {count} operators, and models from elsewhere may have {most}. Export a "
        "smaller model."
    ),
    "registry.import.inputs": (
        "The inputs of this model are not columns of a table. Expected is one input for each "
        "column, of shape (rows, 1), or one with all columns, of shape (rows, columns), at most "
        "{most} in all; numbers or text, with any number of rows."
    ),
    "registry.import.outputs": (
        "The outputs of this model are not the answers for rows of a table. Expected is a label or "
        "a number for each row first, and the probabilities of the classes second."
    ),
    "registry.import.invalid": (
        "The file cannot be run as an ONNX model: {reason}. Export it again, for a common version "
        "of ONNX."
    ),
    "registry.import.failed": (
        "The model from elsewhere cannot calculate this: {reason}. Its columns may need other "
        "values; whoever made it knows which."
    ),
    "registry.import.memory": (
        "The model from elsewhere needs more than the {limit} MiB of memory that such models may "
        "use, so it gives no answer. Send fewer rows at once; if that does not help, a smaller "
        "model is needed."
    ),
    "registry.import.slow": (
        "The model from elsewhere calculated for more than {limit} seconds, which is as long as "
        "such models may, so it gives no answer. Send fewer rows at once; if that does not help, "
        "a smaller model is needed."
    ),
    "registry.import.died": (
        "The model from elsewhere gives no answer: the process in which it calculates ended by "
        "itself, and did so again when it was started anew. Send other rows, or export the model "
        "again where it was made."
    ),
    # What a model file gives away
    "registry.holds_rows.neighbors": (
        "This model holds every training row and its label, because it answers by comparing with "
        "them. Whoever gets the file can read them."
    ),
    "registry.holds_rows.support_vectors": (
        "This model holds some of the training rows (its support vectors). "
        "Whoever gets the file can read them."
    ),
    "registry.holds_rows.text": (
        "It holds the most frequent words of the text columns, and of each one text as an example."
    ),
    "registry.holds_rows.measured": (
        "Of each column of numbers or dates the bundle holds the smallest and the largest value, "
        "the middle one, values that part the rows into tenths, and how many rows lie between "
        "them. Each of these values is that of some row."
    ),
    "registry.holds_rows.categories": (
        "It holds every category that occurred in the columns used as categories, how many rows "
        "had each (for up to 1,000 of them), and which is the most frequent one."
    ),
    "registry.holds_rows.gaps": (
        "It holds how many rows had no value in each column, the words that stood there instead, "
        "and an example of a value as it was written."
    ),
    "registry.holds_rows.golden": (
        "The bundle holds up to ten rows of the table, with their predictions, as its check."
    ),
    "registry.holds_rows.none": "The algorithm itself keeps no training rows.",
    "registry.holds_rows.own": (
        "This model holds the middle of each cluster. The middle of a cluster of a single row is "
        "that row."
    ),
    "registry.holds_rows.nearest_centroid": (
        "This model holds the middle of each cluster. The middle of a cluster of a single row is "
        "that row."
    ),
    "registry.holds_rows.nearest_summary": (
        "This model holds the middles of the small heaps of rows that BIRCH made, each with its "
        "cluster. The middle of a heap of a single row is that row, so the file can hold many rows."
    ),
    "registry.holds_rows.core_points": (
        "This model holds every core row with its cluster, because it answers by comparing with "
        "them. Whoever gets the file can read them."
    ),
    "registry.holds_rows.nearest_neighbors": (
        "This model holds every row the clusters were found in, with its cluster, because it "
        "answers by comparing with them. Whoever gets the file can read them."
    ),
    "registry.holds_rows.profile": (
        "The bundle holds the means, and the most telling categories and words, of each cluster; "
        "those of a small cluster say much about its rows."
    ),
    "registry.holds_rows.graph": (
        "This model holds the prepared values of every row it learnt from, with a label or "
        "without, and the labels of each, given ones among them, because it answers by comparing "
        "with them. Whoever gets the file can read them."
    ),
    "registry.holds_rows.votes": (
        "The bundle holds the name of every row with its fused label and its votes, the name of "
        "every source with how good it is, and the votes of each source on up to ten rows."
    ),
    # The model card
    "card.purpose": "What it predicts",
    "card.predicts_class": "The class “{target}” from {features} columns. Classes: {classes}.",
    "card.interval": (
        "Each number comes with an interval of {width} to either side. It is taken from the errors "
        "on {rows} rows that the model had not seen while it was checked, so that about {share} of "
        "further rows like those of training lie inside. It is as wide for every row, promises "
        "nothing for a single kind of rows, and nothing at all for rows unlike those of training."
    ),
    "card.interval_measured": "Of the {rows} test rows, {share} lay inside.",
    "card.predicts_number": "The number “{target}” from {features} columns.",
    "card.scores": "How good it is",
    "card.scores_of_folds": (
        "Scores on rows the model had not seen: the mean over {folds} validation parts, the spread "
        "(standard deviation) between them, and the mean of the baseline, which ignores all "
        "columns. A model that does not beat the baseline has learnt nothing of use."
    ),
    "card.groups": "What it does",
    "card.groups_rows": (
        "It groups rows by {features} columns, without a label. Clusters found: {count} ({names}), "
        "numbered from the largest, 0."
    ),
    "card.groups_none": (
        "It looked for groups of rows by {features} columns, without a label, and found none: "
        "every row is noise."
    ),
    "card.groups_noise": "A row that belongs to none of them is called “{name}”.",
    "card.assignment": "How new rows are assigned",
    "card.reassigned": (
        "Asked again about {rows} of the rows the clusters were found in, it names the cluster "
        "that was found for {share} of them."
    ),
    "card.structure": "Is there any structure?",
    "card.structure_untested": (
        "The table was not tested for structure. Whether there are groups at all is not known."
    ),
    "card.scores_of_clusters": (
        "Scores of the clusters themselves: how near their rows are and how far they are apart. "
        "There is no label, so none of them says whether the clusters are the right ones."
    ),
    "card.score.rows": "Rows it is measured on",
    "card.stability_unknown": (
        "Whether the same clusters come back when other rows are drawn was not measured."
    ),
    "card.clusters": "The clusters",
    "card.cluster.cluster": "Cluster",
    "card.cluster.rows": "Rows",
    "card.cluster.share": "Share",
    "card.cluster.silhouette": "Silhouette",
    "card.cluster.jaccard": "Stability (Jaccard; nine of ten samples)",
    "card.more_clusters": "There are {count} more; the bundle has a table of all clusters.",
    # The model card of few labels
    "card.labels": "What it learnt from",
    "card.few.labels": "{labels} rows with a label, among {rows} rows in all.",
    "card.few.typed": "{count} of these labels were typed in, beside those of the table.",
    "card.few.unreached": (
        "Rows that no label reached: {count}. They have no label and are called “{name}”; a label "
        "for one row of such a group reaches the others."
    ),
    "card.few.all_reached": "Labels reached every row.",
    "card.few.extra_class": (
        "Of a new row that is most like rows no label reached it says “{name}”, with the "
        "probability of that, and names no class."
    ),
    "card.new_rows": "How new rows are answered",
    "card.few.answered_by_neighbors": (
        "A new row does not join the graph. It gets the mean of what the {k} nearest rows of the "
        "table have, each counting the same (O. Delalleau, Y. Bengio, N. Le Roux, 2005, Efficient "
        "non-parametric function induction in semi-supervised learning, AISTATS, 96–103)."
    ),
    "card.few.answered_by_classifier": (
        "A new row is answered by the classifier ({name}), which learnt from the labelled rows and "
        "from those that it had labelled itself."
    ),
    "card.few.scores": (
        "Scores on labels that were hidden and found again from the others, without being seen: "
        "the mean over {folds} folds, and the spread (standard deviation) between them. A row that "
        "no label reached counts as wrong. They are about the labelled rows, and hold for the "
        "others only where these are alike."
    ),
    "card.few.no_scores": (
        "There were too few labels to hide some of them, so how good the model is was not measured."
    ),
    "card.gain": "Whether the rows without a label helped",
    "card.few.rival": "Compared with: {name}, which learnt from the labelled rows alone.",
    "card.limit.few_labels": (
        "It takes rows that are near each other for rows of one class. Where that does not hold, "
        "more rows without a label make it worse."
    ),
    "card.data.labelled": "Rows with a label that it learnt from",
    "card.data.gold": "Column of true labels",
    "card.data.without_label": "Rows without a label that took part",
    # The report on a fusion
    "card.fusion": "What was made",
    "card.fusion.classes": (
        "One label for each of {rows} rows, from {votes} votes of {sources} sources."
    ),
    "card.fusion.numbers": (
        "One number for each of {rows} rows, from {votes} numbers of {sources} sources."
    ),
    "card.fusion.labels": "The labels are {labels}.",
    "card.fusion.models": (
        "Not the sources voted but a model of each ({learner}), which had learnt from the rows "
        "that its source labelled, on rows that it had not seen."
    ),
    "card.fusion.abstain": "Words that mean “does not know”: {words}.",
    "card.ties": "Ties",
    "card.fusion.ties": "Rows in which several labels share the lead: {count}. Rule: {rule}.",
    "card.fusion.order": "The order of the labels is {labels}; any others come last.",
    "card.fusion.undecided": "Rows without a label in the end: {count}.",
    "card.fusion.gold": "Judged on the {rows} rows whose true label is known.",
    "card.fusion.folds": (
        "What the rule learnt from them it learnt from other ones than it is judged on: accuracy "
        "in {folds} folds {values}."
    ),
    "card.fusion.no_gold": (
        "No true label is known that could judge the fused labels, so how often they are right was "
        "not measured."
    ),
    "card.sources": "The sources",
    "card.source.source": "Source",
    "card.source.votes": "Votes",
    "card.source.abstained": "Abstained",
    "card.source.agreement": "Agrees with the fused label",
    "card.source.accuracy": "Accuracy on gold rows (95 % interval)",
    "card.source.weight": "Weight",
    "card.source.estimated_accuracy": "Accuracy, estimated",
    "card.source.mean_difference": "Mean difference from the fused number",
    "card.source.mean_absolute_difference": "Mean size of the difference",
    "card.fusion.more_sources": "There are {count} more; the bundle has a table of all sources.",
    "card.agreement": "How far the sources agree",
    "card.findings": "What to look at",
    "card.no_findings": "Nothing was found that needs a look.",
    "card.quiet_checks": "{count} more checks found nothing, or do not apply.",
    "card.score.metric": "Score",
    "card.score.mean": "Mean",
    "card.score.spread": "Spread",
    "card.score.baseline": "Baseline",
    "card.score.value": "Value",
    "card.score.interval": "95 % interval",
    "card.test": "Test set",
    "card.no_test": "No rows were set aside as a test set.",
    "card.test_sealed": (
        "{rows} rows are set aside as a test set and were not opened for this model."
    ),
    "card.test_opened": (
        "Scores on the {rows} test rows. The test set of this table was opened {times} times in "
        "all; the more often, the more the choice of a model may have followed it, and the less "
        "these scores say about new data."
    ),
    "card.limits": "Limits",
    "card.limit.range": (
        "It knows only what its table showed. For values outside the ranges and categories below, "
        "or for rows from another place, time or group of people, its scores do not hold."
    ),
    "card.limit.cause": (
        "It tells what goes together, not what causes what: changing a column by hand need not "
        "change the outcome."
    ),
    "card.limit.classes": (
        "It always answers with one of its classes, even for a row that belongs to none of them."
    ),
    "card.limit.made": (
        "Clusters are made whether or not there are groups: look at the test for structure and at "
        "the stability before you read a meaning into them."
    ),
    "card.limit.scaling": (
        "Which rows are alike depends on the chosen columns and their scaling. With other columns, "
        "or the same ones scaled otherwise, other clusters come out."
    ),
    "card.limit.noise": (
        "Noise is no group: rows that are noise have nothing in common but that they lie apart "
        "from the clusters."
    ),
    "card.limit.clusters": (
        "It always answers with one of its clusters, even for a row that is like none of them."
    ),
    "card.limit.avoid": "The algorithm is a poor choice where this holds: {text}",
    "card.yes": "Yes",
    "card.no": "No",
    "card.contents": "What of the table is inside",
    "card.notes": "Notes from training",
    "card.no_notes": "None.",
    "card.data": "Data and split",
    "card.what": "What",
    "card.value": "Value",
    "card.data.table": "Table",
    "card.data.fingerprint": "Fingerprint",
    "card.data.rows": "Rows",
    "card.data.development": "Rows for training and comparing",
    "card.data.test": "Rows of the test set",
    "card.data.sample": "Rows the clusters were found in",
    "card.data.assigned": "Rows assigned to them afterwards",
    "card.data.unlabelled": "Rows without a label, left out",
    "card.data.group": "Column of groups",
    "card.data.time": "Column of time",
    "card.data.weight": "Column of weights (how much a row counted while learning)",
    "card.columns": "Columns it needs",
    "card.column.name": "Column",
    "card.column.kind": "Kind",
    "card.column.missing": "Missing in training",
    "card.column.values": "Values in training",
    "card.column.more": "and {count} more",
    "card.algorithm": "Algorithm",
    "card.param.label": "Setting",
    "card.param.name": "Name",
    "card.param.value": "Value",
    "card.reference": "Reference: {text}",
    "card.preparation": "Preparation of the columns",
    "card.environment": "Made with",
    "card.answers_with_onnx": (
        "ONNX Runtime gives the answers; on more than a thousand hard rows they were those of "
        "scikit-learn."
    ),
}
