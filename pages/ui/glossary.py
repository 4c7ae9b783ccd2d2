"""The words of the field, each in a sentence or two."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Sample": "One row of the table: one flower, one patient, one day.",
    "Feature": "A column the model may look at, such as the length of a petal.",
    "Label": "The column the model learns to predict, also called the target.",
    "Training set": "The rows a model learns from.",
    "Validation set": (
        "Rows the model has not learnt from, used to compare models and to choose settings."
    ),
    "Test set": (
        "Rows that nobody looks at until a model is chosen. Their score is the honest answer to "
        "“how good will it be on new rows?”, as long as it is not used for choosing again."
    ),
    "Cross-validation": (
        "The rows are cut into folds. Each fold is predicted once by a model that learnt from the "
        "other folds, so every row is used for both, never at the same time."
    ),
    "Baseline": (
        "A model that looks at no feature: it always says the most frequent class, or the mean. "
        "A model that does not beat it has learnt nothing."
    ),
    "Loss": "The number that training makes small: how wrong the model is on its training rows.",
    "Optimiser": "The procedure that changes the model step by step so that the loss falls.",
    "Epoch": "One pass of the optimiser over all training rows.",
    "Hyper-parameter": (
        "A setting chosen before training, such as the depth of a tree; parameters are what "
        "training itself finds, such as coefficients."
    ),
    "Overfitting": (
        "The model has learnt its training rows by heart: it is right there and wrong on new rows."
    ),
    "Leakage": (
        "The model sees something it will not have when it is used, such as a column filled in "
        "after the outcome was known. Scores are then too good to be true."
    ),
    "Pipeline": (
        "Preparation and algorithm in one object. What was judged is exactly what you download."
    ),
    "Seed": "The start of the random numbers; the same seed gives the same result.",
    "Cluster": (
        "A group of rows that are more like each other than like the rest. Clusters are numbered "
        "by their size among the rows they were made from: 0 is the largest there. A number is a "
        "name and means nothing else."
    ),
    "Noise": (
        "Rows that an algorithm puts in no cluster, because there are not enough other rows near "
        "them. DBSCAN and HDBSCAN can say so; most others put every row somewhere."
    ),
    "Structure": (
        "Whether there are groups at all. Algorithms cut any table into as many parts as they are "
        "asked for, so this is tested first: against simulated tables with a single group."
    ),
    "p-value": (
        "How often chance alone gives what was seen, or more. A small one says that chance is no "
        "good explanation; it does not say how large or how useful a group is."
    ),
    "Hopkins statistic": (
        "Compares how far rows are from each other with how far random places are from rows. Near "
        "1 for lumps, 0.5 for evenly spread rows. A single round cloud is a lump too, so it cannot "
        "tell whether there are several groups."
    ),
    "Silhouette": (
        "How much nearer a row is to its own cluster than to the next one, from −1 to 1. It "
        "favours round clusters."
    ),
    "Stability": (
        "Whether the same clusters come out when the rows are drawn anew. Agreement of the whole "
        "is measured by the adjusted Rand index, of a single cluster by the Jaccard similarity."
    ),
    "Adjusted Rand index": (
        "How well two ways to group the same rows agree: 1 for the same groups, 0 for what chance "
        "gives. The names of the groups do not matter."
    ),
    "Jaccard similarity": (
        "Of all rows that are in one of two groups, the share that is in both. 1 for the same rows."
    ),
    "Elbow": (
        "The number of clusters after which more of them bring little: where the curve of the "
        "inertia bends. Every such curve bends somewhere, even where there are no groups."
    ),
    "Inertia": (
        "The sum of the squared distances of rows from the middle of their cluster. It always "
        "falls when there are more clusters."
    ),
    "Gap statistic": (
        "Compares the inertia with that of evenly spread rows. Unlike most criteria it can answer "
        "that there is one group, which means none."
    ),
    "Radius (eps)": (
        "How near two rows must be to be neighbours for DBSCAN, after the preparation has put all "
        "columns on one scale."
    ),
    "Core row": "A row with enough neighbours within the radius; clusters grow from core rows.",
    "Dendrogram": (
        "The tree that hierarchical clustering makes: rows at the bottom, joined step by step, the "
        "higher the less alike they are. A cut across it gives the clusters below."
    ),
    "Eigengap": (
        "The step between two neighbouring eigenvalues of a graph of the rows. As many eigenvalues "
        "are nearly 0 as the graph has pieces that are hardly connected."
    ),
    "Semi-supervised learning": (
        "Learning from a few rows with a label and many without. It helps where rows of one class "
        "lie together, and can hurt where they do not."
    ),
    "Label propagation": (
        "Known labels flow along a graph that joins each row to its nearest rows, until nothing "
        "changes."
    ),
    "Unlabelled": (
        "A row without a label. After labels have spread: a row that none of them reaches, because "
        "no chain of near rows leads to a label. It is not given a class."
    ),
    "Self-training": (
        "A classifier labels the rows it is sure of and learns from them too. Its mistakes feed "
        "back into it."
    ),
    "Source": "A person, a rule or a model that gave labels.",
    "Vote": "The label that one source gave to one row. A missing vote says nothing.",
    "Abstain": (
        "A source looked at a row and gave no label. It is no vote, but it shows that the source "
        "was there, so it counts for coverage."
    ),
    "Gold row": (
        "A row whose true label is known, so that sources and rules can be judged on it. What is "
        "learnt from gold rows is judged on other gold rows."
    ),
    "Plurality": "The label with the most votes, even if it has less than half of them.",
    "Majority": "The label with more than half of the votes.",
    "Tie": (
        "Several labels share the lead. The rule for ties, not the votes, then decides; by default "
        "the row stays undecided."
    ),
    "Dawid–Skene": (
        "A model that estimates at once how often each source is wrong and in which way, and what "
        "the true labels are. It needs no gold row."
    ),
    "Log-odds weight": (
        "What the vote of a source counts by how often it is right: 0 for one that guesses, the "
        "more the better it is, below 0 for one that is wrong more often than a guess."
    ),
    "Cross-fitting": (
        "What is learnt from some rows is judged on others, and the parts change places until "
        "each row was judged once. So rows that taught a weight never judge it."
    ),
    "Entropy": (
        "How mixed the labels of a row are, in bits: 0 when there is one only, 1 for two that are "
        "equally strong, 2 for four."
    ),
    "Wilson interval": (
        "From where to where a share may lie when it was counted on few rows. It never leaves 0 "
        "to 100 %, and is sound also where all or none of the rows are right."
    ),
    "McNemar test": (
        "Whether one method is better than another on the same rows. Only rows on which exactly "
        "one of them is right count: by luck alone each would have about half of these."
    ),
    "Cohen’s kappa": (
        "Agreement of two sources beyond what chance gives: 1 for always, 0 for chance, below 0 "
        "for less than chance."
    ),
    "Fleiss’ kappa": "Agreement of several sources beyond chance, read like Cohen’s kappa.",
    "Krippendorff’s alpha": (
        "Agreement of several sources beyond chance that allows for missing votes and for labels "
        "that are nearly the same, such as neighbouring grades."
    ),
    "Value of a cell": (
        "What an agent earns on average from there on. A reward counts the less, the later it "
        "comes: n steps later, by the discount n times."
    ),
    "Policy": "What to do in each cell of a world.",
    "Episode": "A walk from a start until a terminal is reached, or until it is broken off.",
    "Backup": (
        "Working out the value of one cell anew from the values of the cells that its moves lead "
        "to. A sweep backs up all cells."
    ),
    "Certified error": (
        "A bound that is proved: no value is farther from the exact one. That the last sweep "
        "changed little proves nothing by itself."
    ),
    "Exploring": (
        "Trying actions that do not seem best. What is earned while exploring is less than what "
        "the best policy earns."
    ),
    "Sigma": (
        "The standard deviation: about two thirds of the actions drawn lie within one sigma of "
        "the mean."
    ),
}
