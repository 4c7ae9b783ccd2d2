"""Sentences about groups of rows."""

SENTENCES: dict[str, str] = {
    # Is there any structure?
    "structure.test.dip_and_prominence": (
        "dip test, mode prominence and runt test against simulated tables with one group"
    ),
    "structure.found": (
        "The rows look grouped: they seem to lie in dense regions with emptier places between "
        "them. Of {references} simulated tables with a single group and otherwise similar columns, "
        "{reached} look as grouped as this one (p = {p_value:.2f}, {test_name}, {rows:,} rows "
        "read). Bent, ring-shaped or trending data can look so too: look at the map."
    ),
    "structure.none": (
        "No groups were found in these rows: of {references} simulated tables with a single group "
        "and otherwise similar columns, {reached} look as grouped as this one (p = {p_value:.2f}, "
        "{test_name}, {rows:,} rows read; groups would need p = {level}). {reading}"
    ),
    "structure.reading": (
        "An algorithm that is asked for groups will still cut the rows into pieces; do not read a "
        "meaning into them."
    ),
    "structure.reading.few_rows": (
        "In fewer than {few_rows} rows groups may be missed, even some that the eye sees. An "
        "algorithm that is asked for groups will cut the rows into pieces whether or not there "
        "are any."
    ),
    "structure.too_few_rows": (
        "Too few rows to tell whether there are groups: the test needs at least {fewest} different "
        "rows."
    ),
    "structure.all_equal": (
        "All rows are equal in the chosen columns, so there is nothing to group them by."
    ),
    "structure.only_categories": (
        "Whether there are groups cannot be told from categories alone: every category is a lump "
        "of its own. Choose at least one column of numbers that varies to have it tested."
    ),
    "structure.hopkins": (
        "Hopkins statistic: {hopkins:.2f} (0.5 for rows spread evenly, near 1 for lumps). It calls "
        "one round blob “clustered” too, so it does not decide here."
    ),
    "structure.shuffled.better": (
        "The algorithm scores {value:.3f} on these rows and at most {best:.3f} on {tables} tables "
        "with each column shuffled (p = {p_value:.2f}): what it found lies in how the columns go "
        "together. Columns that merely rise together can have that effect too."
    ),
    "structure.shuffled.same": (
        "The algorithm scores {value:.3f} on these rows and up to {best:.3f} on {tables} tables "
        "with each column shuffled (p = {p_value:.2f}): it finds about as much where nothing ties "
        "the columns together. Groups that show in one column alone are not seen this way."
    ),
    "structure.shuffled.only_data": (
        "The algorithm scores {value:.3f} on these rows and finds no groups to score on any of "
        "{tables} tables with each column shuffled (p = {p_value:.2f})."
    ),
    "structure.shuffled.no_score": (
        "The algorithm found no two groups in these rows, so there is no score to compare with "
        "that of shuffled columns."
    ),
    # Choosing the number of groups
    "choosing.too_few_rows": (
        "This needs at least {needed} rows, and there are {rows}. Use a table with more rows."
    ),
    "choosing.min_samples_above_rows": (
        "With {rows} rows no row has {got} neighbours, itself included. Choose min_samples of at "
        "most {rows}, or use a table with more rows."
    ),
    "choosing.how.higher": "The value is highest at k = {k}: {value}.",
    "choosing.how.higher.last": (
        "The value is highest at k = {k}: {value}. That is the largest number tried; still larger "
        "ones may be better."
    ),
    "choosing.how.lower": "The value is lowest at k = {k}: {value}.",
    "choosing.how.lower.last": (
        "The value is lowest at k = {k}: {value}. That is the largest number tried; still larger "
        "ones may be better."
    ),
    "choosing.how.elbow": (
        "The curve bends most at k = {k}, where it lies furthest below the straight line from its "
        "first to its last point. Such a point is always found, even where there are no groups."
    ),
    "choosing.how.gap": (
        "k = {k} is the smallest number whose gap, {gap}, is not beaten by k = {following} by more "
        "than its error."
    ),
    "choosing.how.gap.one": (
        "The gap at k = 1, {gap}, is not beaten by k = {following} by more than its error: the "
        "rows look like a single group."
    ),
    "choosing.how.gap.last": (
        "The gap still rises at k = {k}, the largest number tried; there may be more groups."
    ),
    "choosing.how.stability": (
        "k = {k} is the largest number whose agreement, {value}, is within {slack} of the highest."
    ),
    "choosing.how.stability.low": (
        "No number of groups is stable. k = {k} is the largest of the least unstable ones; its "
        "agreement is only {value}, so the groups change with the rows that happen to be drawn."
    ),
    "choosing.consensus": "{agree} of {total} criteria suggest {k} groups: {names}.",
    "choosing.consensus.all": "All {total} criteria suggest {k} groups.",
    "choosing.consensus.single": "The only criterion with a value, {names}, suggests {k} groups.",
    "choosing.consensus.split": (
        "The {total} criteria do not agree on a number of groups; they suggest {ks}. Look at "
        "several of them, and at what sets the groups apart."
    ),
    "choosing.consensus.no_groups": (
        "No groups: the answer of {names} is 1. {unable} of the {total} criteria cannot suggest 1, "
        "so a larger number from them does not speak against it."
    ),
    "choosing.consensus.one_criterion": (
        "One criterion, {name}, answers 1, which means no groups. Without it: {others}"
    ),
    "choosing.consensus.unable": "None of these can answer 1.",
    "choosing.consensus.none": (
        "No criterion has a value here: it takes at least two different rows and two numbers of "
        "groups that the algorithm can find."
    ),
    "choosing.eps": (
        "With eps = {eps}, {share} % of the rows looked at ({rows}) would be core points; the "
        "others lie at the border of a group or are noise."
    ),
    "choosing.cut": "A cut at height {height} leaves {k} groups of the {rows} rows used.",
    "choosing.cut.one": "A cut at height {height} leaves all {rows} rows used in one group.",
    "choosing.eigengap": (
        "The eigenvalues jump after the first {k} (gap {gap}, {rows} rows used), which suggests "
        "{k} groups."
    ),
    "choosing.eigengap.unclear": (
        "The widest gap follows the first {k} eigenvalues, but it is not clear ({gap}, {rows} rows "
        "used): they rise gradually, which is no sign of {k} groups."
    ),
    "choosing.eigengap.one": (
        "The widest gap follows the first eigenvalue ({gap}, {rows} rows used): the rows hang "
        "together as one group."
    ),
    "choosing.panel.bend": "{name}: where it bends",
    "choosing.panel.higher": "{name}: higher is better",
    "choosing.panel.lower": "{name}: lower is better",
    "choosing.line.eps": "eps = {value}",
    "choosing.line.cut": "cut at {value}",
    "axis.groups": "Number of groups (k)",
    "axis.sorted_rows": "Rows, sorted by this distance",
    "axis.k_distance": "Distance to the min_samples-th neighbour (prepared units)",
    "axis.eigenvalue_position": "Eigenvalue (number, from the smallest)",
    "axis.eigenvalue": "Eigenvalue (0 to 2)",
    "axis.dendrogram_leaves": "Branches (number of rows in each)",
    "axis.merge_height": "Height of the merge (distance between the groups)",
    "legend.gap.below": "Before the gap",
    "legend.gap.above": "After the gap",
    "hover.sweep": "%{{y:.4g}} at k = %{{x}}",
    "hover.k_distance": "%{{y:.4g}} or less for %{{x}} rows",
    "hover.eigengap": "Eigenvalue %{{x}}: %{{y:.4g}}<br>Gap to the next %{{customdata}}",
    "hover.dendrogram": "Height %{{y:.4g}}",
    "alt.sweep": ("{criteria} criteria over {low} to {high} groups, worked out on {rows} rows."),
    "alt.sweep.one": "{name} {k}",
    "alt.sweep.suggested": "Suggested are: {listed}.",
    "alt.k_distance": (
        "Sorted neighbour distances of {rows} rows: from {low} over {middle} in the middle to "
        "{high}."
    ),
    "alt.k_distance.line": "A line at eps = {eps} has {share} % of the rows at or below it.",
    "alt.eigengap": (
        "The {count} smallest eigenvalues. The suggested gap follows number {k}: from {below} to "
        "{above}."
    ),
    "alt.dendrogram": (
        "Tree of merges of {rows} rows, drawn with {leaves} branches. The last merge is at height "
        "{top}."
    ),
    "alt.dendrogram.next": "The one before is at {height}.",
    "alt.dendrogram.cut": "A cut at {cut} leaves {groups} groups.",
    "alt.dendrogram.cut_low": "A cut at {cut} leaves at least {groups} groups.",
    # Scores and stability
    "cluster_score.undefined.few_clusters": (
        "There are fewer than two groups ({clusters}), so nothing can be said about how far "
        "groups are apart."
    ),
    "cluster_score.undefined.each_row": (
        "Every row is a group of its own, so nothing can be said about how near the rows of a "
        "group are."
    ),
    "cluster_score.undefined.many_clusters": (
        "There are {clusters} groups, too many for {rows} rows by lot to show two rows of each."
    ),
    "stability.sampling.bootstrap": (
        "The rows were drawn anew {replicates} times, with repetition (bootstrap), and clustered "
        "again; about {rows} different rows were compared each time."
    ),
    "stability.sampling.subsample": (
        "{rows} of the rows were drawn {replicates} times, without repetition, and clustered again."
    ),
    "stability.left_out": "{left} more samples could not be clustered and are left out.",
    "stability.not_fitted": (
        "None of the samples could be clustered, so nothing is known about stability. There are "
        "probably too few different rows for these settings."
    ),
    "stability.no_clusters": "There is no group whose stability could be measured.",
    "stability.one_cluster": (
        "There is a single group and every sample finds it again. That agreement is always 1 "
        "and says nothing."
    ),
    "stability.agreement.excellent": (
        "On the whole, nearly the same groups come back: mean adjusted Rand index {value}, where "
        "1 is the same groups and 0 is chance."
    ),
    "stability.agreement.good": (
        "On the whole, much the same groups come back: mean adjusted Rand index {value}, where "
        "1 is the same groups and 0 is chance."
    ),
    "stability.agreement.moderate": (
        "On the whole, the groups come back in part only: mean adjusted Rand index {value}, "
        "where 1 is the same groups and 0 is chance."
    ),
    "stability.agreement.poor": (
        "On the whole, other groups come out each time: mean adjusted Rand index {value}, where "
        "1 is the same groups and 0 is chance."
    ),
    "stability.verdict.highly_stable": (
        "Highly stable: {clusters} (mean Jaccard similarity {low} to {high}; the bound is 0.85)."
    ),
    "stability.verdict.stable": (
        "Stable enough to be used: {clusters} (mean Jaccard similarity {low} to {high}; the bound "
        "is 0.75)."
    ),
    "stability.verdict.doubtful": (
        "A pattern, but which rows belong to it is doubtful: {clusters} (mean Jaccard similarity "
        "{low} to {high}, below 0.75)."
    ),
    "stability.verdict.not_trusted": (
        "Not to be trusted: {clusters} (mean Jaccard similarity {low} to {high}, below 0.6)."
    ),
    "stability.verdict.unknown": "Not known, because no sample held a row of it: {clusters}.",
    "check.not_applicable.no_structure_test": (
        "Not applicable: this table was not tested for groups."
    ),
    "check.not_applicable.no_shuffled": (
        "Not applicable: nothing was clustered with shuffled columns to compare with."
    ),
    "check.not_applicable.one_column": (
        "Not applicable: a single column stays as it is when its rows are shuffled."
    ),
    "check.not_applicable.no_stability": "Not applicable: stability was not measured.",
    "check.not_applicable.one_cluster": (
        "Not applicable: with a single group there is nothing that could change."
    ),
    "check.not_applicable.no_clusters": "Not applicable: every row is noise.",
    "finding.CLUSTER001.title": "Groups in the table",
    "finding.CLUSTER001.explanation": (
        "The test finds no groups in this table (p = {p_value}, {test}, {rows} rows read). "
        "{reading}"
    ),
    "finding.CLUSTER001.action": (
        "Do not rely on the pieces unless what else you know of the rows speaks for them. Try "
        "other columns or more rows; if you only need equal portions of the rows, say that they "
        "are portions and not groups."
    ),
    "finding.CLUSTER002.title": "Comparison with shuffled columns",
    "finding.CLUSTER002.explanation": (
        "The {metric} is {value}. When each column is shuffled by itself, which destroys groups "
        "that several columns show together, the same algorithm still gets {low} to {high} "
        "({tables} tables, p = {p_value})."
    ),
    "finding.CLUSTER002.action": (
        "See in the profiles whether one column alone makes the groups; shuffling leaves those "
        "as they are. If not, the division is no better than that of a table without groups: "
        "try other columns, another number of groups, or another algorithm."
    ),
    "finding.CLUSTER002.passed": (
        "The {metric} is {value}, and {low} to {high} on {tables} tables with shuffled columns "
        "(p = {p_value}). Plain correlation can have that effect too, so this alone does not prove "
        "groups."
    ),
    "finding.CLUSTER003.title": "Number of groups",
    "finding.CLUSTER003.explanation": (
        "The algorithm does not divide the rows: the number of groups that it found is {clusters}."
    ),
    "finding.CLUSTER003.action": (
        "That may be the right answer. If you expect groups, look at the settings that decide what "
        "is near (radius, smallest group, number of groups) and at the scaling of the columns."
    ),
    "finding.CLUSTER003.passed": "There are {clusters} groups.",
    "finding.CLUSTER004.title": "Separation of the groups",
    "finding.CLUSTER004.explanation": (
        "The {metric} is {value}, and up to 0.25 is usually read as no substantial structure: many "
        "rows are about as near to another group as to their own."
    ),
    "finding.CLUSTER004.action": (
        "Look at the map of the rows. Long or nested groups score low although they are real; "
        "round ones that score low are not apart. Try fewer groups or other columns."
    ),
    "finding.CLUSTER004.passed": "The {metric} is {value}, above 0.25.",
    "finding.CLUSTER005.title": "Stability of the whole",
    "finding.CLUSTER005.explanation": (
        "When the rows are drawn anew, the groups change: the mean adjusted Rand index is {value} "
        "over {replicates} samples (1 is the same groups, 0 is chance; from 0.65 to 0.8 they come "
        "back in part, below 0.65 other groups come out)."
    ),
    "finding.CLUSTER005.action": (
        "Try another number of groups or another algorithm and keep what comes back. Do not "
        "build on single rows being together."
    ),
    "finding.CLUSTER005.passed": (
        "The mean adjusted Rand index is {value} over {replicates} samples (1 is the same "
        "groups, 0 is chance)."
    ),
    "finding.CLUSTER006.title": "Stability of the single groups",
    "finding.CLUSTER006.explanation": (
        "On other samples {clusters} do not come back as they are: the lowest mean Jaccard "
        "similarity is {value} (below 0.75 it is doubtful which rows belong to a group, below "
        "0.6 the group is not to be trusted)."
    ),
    "finding.CLUSTER006.action": (
        "Use the stable groups and treat the others as rows between them. They may vanish with "
        "fewer groups."
    ),
    "finding.CLUSTER006.passed": (
        "Each group comes back on other samples; the lowest mean Jaccard similarity is {value}."
    ),
    "finding.CLUSTER007.title": "Share of noise",
    "finding.CLUSTER007.explanation": (
        "{share} % of the rows ({rows}) are noise, in no group. Scores and profiles speak of the "
        "rest only."
    ),
    "finding.CLUSTER007.action": (
        "Choose a larger radius or a smaller smallest group, or say openly that the groups "
        "cover a part of the table."
    ),
    "finding.CLUSTER007.passed": "{share} % of the rows ({rows}) are in no group.",
    "finding.CLUSTER008.title": "Share of the largest group",
    "finding.CLUSTER008.explanation": (
        "The largest of {clusters} groups holds {share} % of the clustered rows: the others are "
        "a few unusual rows rather than groups."
    ),
    "finding.CLUSTER008.action": (
        "Look at the rows of the small groups: they may be errors or outliers. Scale the "
        "columns, or choose an algorithm that calls such rows noise, such as HDBSCAN."
    ),
    "finding.CLUSTER008.passed": (
        "The largest of {clusters} groups holds {share} % of the clustered rows."
    ),
    "axis.silhouette": "Silhouette (−1 to 1)",
    "axis.cluster": "Cluster",
    "axis.jaccard": "Jaccard similarity on other samples (0 to 1)",
    "legend.silhouette_mean": "Mean {value}",
    "legend.cluster": "Cluster {name}",
    "legend.noise": "Noise",
    "legend.data": "This table",
    "legend.shuffled": "Columns shuffled",
    "legend.highly_stable": "highly stable from {value}",
    "legend.stable": "stable from {value}",
    "legend.doubtful": "doubtful from {value}",
    "hover.silhouette": "Row %{{customdata}}<br>Silhouette %{{x:.3f}}",
    "hover.sizes": "%{{x}} rows, %{{customdata:.1%}}",
    "hover.jaccard": (
        "Mean %{{x:.2f}}<br>Nine of ten samples: %{{customdata[0]:.2f}} to %{{customdata[1]:.2f}}"
    ),
    "hover.shuffled": "%{{x:.4g}}",
    "alt.silhouette": (
        "Silhouettes of {rows} rows in {clusters} groups, {mean} on average. They are highest in "
        "cluster “{best}” ({best_value}) and lowest in cluster “{worst}” ({worst_value}); "
        "{negative} % of the rows are nearer to another group."
    ),
    "alt.sizes": (
        "Sizes of {clusters} groups: the largest is “{largest}” with {largest_rows} rows, the "
        "smallest “{smallest}” with {smallest_rows}."
    ),
    "alt.sizes.one": "There is one group, “{name}”, with {rows} rows.",
    "alt.sizes.equal": "Sizes of {clusters} groups: each has {rows} rows.",
    "alt.sizes.and_noise": "Rows that are noise: {noise}.",
    "alt.sizes.noise": "There is no group: all {rows} rows are noise.",
    "alt.stability": (
        "Stability of {clusters} groups. The most stable is “{best}” (mean Jaccard similarity "
        "{best_value}), the least “{worst}” ({worst_value}); {doubtful} are below 0.75."
    ),
    "alt.stability.equal": "Stability of {clusters} groups: mean Jaccard similarity {value}.",
    "alt.shuffled": (
        "{metric} is {value} on this table, and {low} to {high} in {replicates} tables with "
        "shuffled columns."
    ),
    "alt.shuffled.only_data": (
        "{metric} is {value} on this table, and has no value on {replicates} tables with shuffled "
        "columns, because no two groups were found in them."
    ),
    "alt.shuffled.no_value": (
        "{metric} has no value on this table, so there is nothing to compare with shuffled columns."
    ),
    # Profiles and comparisons
    "clustering.profile.trait.higher": "higher “{column}” ({inside} against {outside})",
    "clustering.profile.trait.lower": "lower “{column}” ({inside} against {outside})",
    "clustering.profile.trait.later": "later “{column}” ({inside} against {outside})",
    "clustering.profile.trait.earlier": "earlier “{column}” ({inside} against {outside})",
    "clustering.profile.trait.between": (
        "“{column}” mostly between {low} and {high} ({inside} against {outside})"
    ),
    "clustering.profile.trait.same": "“{column}” mostly {low} ({inside} against {outside})",
    "clustering.profile.trait.alike": "about the same “{column}” ({inside} against {outside})",
    "clustering.profile.trait.share": "{inside} “{value}” in “{column}” (against {outside})",
    "clustering.profile.trait.word": (
        "{inside} with the word “{value}” in “{column}” (against {outside})"
    ),
    "clustering.profile.trait.unknown": "“{column}” has too few values to be compared",
    "clustering.profile.column.word": "{column}: word “{value}”",
    "clustering.profile.name.cluster": "Cluster {cluster}",
    "clustering.profile.name.noise": "Noise",
    "clustering.profile.row": "{rows} row",
    "clustering.profile.rows": "{rows} rows",
    "clustering.profile.traits": "{name} ({rows}): {traits}. {caution}",
    "clustering.profile.few_rows": "With so few rows, such differences can be chance.",
    "clustering.profile.nothing": (
        "{name} ({rows}): no single column sets it apart by its mean, a narrow range or a share; "
        "all such differences from the other rows are below a medium effect ({least})."
    ),
    "clustering.profile.alone": (
        "{name} ({rows}): these are all rows, so there are no others to compare them with."
    ),
    "clustering.profile.not_compared": (
        "{name} ({rows}): it cannot be compared with the other rows, because too few values are "
        "known on one of the two sides."
    ),
    "clustering.surrogate.well": (
        "These rules describe the groups well: on rows it had not seen, the tree names the right "
        "group for {accuracy} ({balanced} when each group counts alike; {baseline} by always "
        "naming the largest one). {missing}"
    ),
    "clustering.surrogate.roughly": (
        "These rules describe the groups only roughly: on rows it had not seen, the tree names "
        "the right group for {accuracy} ({balanced} when each group counts alike; {baseline} "
        "by always naming the largest one). {missing}"
    ),
    "clustering.surrogate.poorly": (
        "A few simple rules do not describe these groups: on rows it had not seen, the tree "
        "names the right group for {accuracy} ({balanced} when each group counts alike; "
        "{baseline} by always naming the largest one). {missing}"
    ),
    "clustering.surrogate.silent": (
        "No rule leads to {names}: too small or too mixed for a tree of this depth."
    ),
    "clustering.surrogate.one_cluster": (
        "All rows are in one group, so there is nothing that rules could tell apart."
    ),
    "clustering.surrogate.only_noise": (
        "All rows are noise, so there are no groups that rules could describe."
    ),
    "clustering.surrogate.no_columns": (
        "There is no column that rules could ask for: they need numbers, categories or dates, with "
        "at least one value."
    ),
    "clustering.surrogate.every_row": "every row",
    "clustering.surrogate.and": "{first}, and {second}",
    "clustering.surrogate.is": "“{column}” is “{value}”",
    "clustering.surrogate.is_not": "“{column}” is not “{value}”",
    "clustering.surrogate.above": "“{column}” > {low}",
    "clustering.surrogate.below": "“{column}” ≤ {high}",
    "clustering.surrogate.between": "{low} < “{column}” ≤ {high}",
    "axis.effect": "Effect (Cohen’s d or h; colours end at 2)",
    "axis.known_class": "Known class",
    "axis.share_of_cluster": "Share of the group",
    "axis.adjusted_rand": "Adjusted Rand",
    "axis.adjusted_mutual_information": "Adjusted mutual information",
    "hover.profile": (
        "{column}<br>{name}: {inside}<br>All other rows: {outside}<br>Effect {effect}"
    ),
    "hover.contingency": (
        "{name}, class {known}: {count} rows<br>{share} of the group<br>"
        "{share_of_known} of the class"
    ),
    "hover.agreement": "{first} and {second}: {value}",
    "alt.profile": (
        "Heat map of {columns} columns in {clusters} groups. The largest effect is that of "
        "“{column}”. {name}: {inside}, against {outside} in all other rows."
    ),
    "alt.contingency": "{rows} rows by {clusters} groups and {classes} known classes.",
    "alt.contingency.mostly": "{name}: most common is “{known}” ({share}).",
    "alt.agreement": (
        "{score} of {runs} clusterings, two at a time. Most alike are “{first}” and “{second}” "
        "({value}), least alike “{least_first}” and “{least_second}” ({least})."
    ),
    "alt.agreement.pair": "{score} of “{first}” and “{second}”: {value}.",
    # Maps
    "map.unknown": "There is no map called “{name}”. {suggestion}",
    "map.missing_package": (
        "The {method} map needs a package that is not installed; it belongs to the extra {needs}. "
        "Install it with: pip install {package}. The other maps work without it."
    ),
    "map.drawn": (
        "{drawn} of {total} rows are on the map, drawn by lot; more would make it slow and no "
        "clearer."
    ),
    "map.one_column": (
        "There is a single column, so the map is a line: across is the column, and up and down "
        "means nothing; rows are shifted by lot so that they do not hide each other."
    ),
    "map.one_place": "All rows are equal, so they lie in one place.",
    "map.few_rows": (
        "With fewer than {rows} rows there is nothing to lay out, so this is the map by principal "
        "components."
    ),
    "axis.map_component_1": "First principal component ({share} of the spread)",
    "axis.map_component_2": "Second principal component ({share} of the spread)",
    "axis.map_layout_1": "First axis of {name} (without unit)",
    "axis.map_layout_2": "Second axis of {name} (without unit)",
    "axis.map_line": "The column, as prepared",
    "axis.map_lot": "Shifted by lot (means nothing)",
    "legend.smaller_clusters": "{count} smaller groups",
    "hover.map.row": "Row {row}, cluster {cluster}",
    "hover.map.noise": "Row {row}, noise",
    "hover.map.more": "and {count} more columns",
    "alt.map": (
        "Map of {rows} rows by {method}, coloured by {clusters} groups; the largest is "
        "“{largest}” with {largest_rows} rows."
    ),
    "alt.map.noise": "{noise} rows are noise.",
    "alt.map.no_clusters": "Map of {rows} rows by {method}; all of them are noise.",
    # Cost and what to do about it
    "clustering.cost.words": "{duration} and {memory} of memory",
    "clustering.cost.under_a_second": "under a second",
    "clustering.cost.seconds": "about {count} second{s}",
    "clustering.cost.minutes": "about {count} minute{s}",
    "clustering.cost.hours": "about {count} hour{s}",
    "clustering.cost.days": "about {count} days",
    "clustering.cost.too_long": "more than {most} days",
    "clustering.cost.little_memory": "under {most} MB",
    "clustering.cost.megabytes": "{count} MB",
    "clustering.cost.gigabytes": "{count} GB",
    "clustering.cost.offer.sample": (
        "Learn the clusters from {sample} rows drawn by lot, and assign the other rows to them "
        "afterwards: {cost}."
    ),
    "clustering.cost.offer.repeats": (
        "Repeat it {repeats} times only to see whether the groups come back: {cost}."
    ),
    "clustering.cost.offer.neighbor_graph": (
        "Use a neighbour graph, so that only rows near one another are joined: {cost}."
    ),
    "clustering.cost.offer.birch": (
        "Use BIRCH, which summarises near rows first and then joins the summaries: {cost}."
    ),
    "clustering.cost.offer.threshold": (
        "Use a larger threshold, so that BIRCH keeps fewer summaries: {cost}."
    ),
    "clustering.cost.offer.nearest_neighbors": (
        "Compare each row with its nearest neighbours only instead of with every row: {cost}."
    ),
    "clustering.cost.offer.mini_batch_k_means": (
        "Use mini-batch k-means, which learns from small parts of the rows in turn: {cost}."
    ),
    # Running
    "clustering.no_rows": (
        "This table has no rows, so there is nothing to group. Bring another one."
    ),
    "clustering.all_alike": (
        "All rows are the same in the chosen columns, so there is nothing to tell groups apart by. "
        "Choose columns that vary."
    ),
    "clustering.fewer_distinct": (
        "{asked} groups were asked for, but only {distinct} rows differ from one another in the "
        "chosen columns. Ask for at most {distinct} groups, or choose more columns."
    ),
    "clustering.too_many_cells": (
        "{name} would keep about {memory} of distances between the {rows} rows, and more than "
        "{most} is not begun. Learn from a sample of the rows, join only neighbours, or take BIRCH."
    ),
    "clustering.too_many_summaries": (
        "With a radius of {threshold:g}, {rows} rows have {summaries} summaries, too many to "
        "compare all pairs of them. Choose a larger radius of a summary, fewer columns, or a "
        "sample of rows."
    ),
    "clustering.target_encoding": (
        "The target encoding needs a label, and finding groups has none. Choose one-hot, ordinal "
        "or automatic for categories."
    ),
    "clustering.sampled": (
        "The groups were made from {sample} rows drawn by lot; the others of {rows} were assigned "
        "to them afterwards."
    ),
    "clustering.no_repeats": (
        "Stability was left out, because no repetitions were asked for. Ask for 20 to see whether "
        "the groups come back."
    ),
    "clustering.too_dense": (
        "Stability was left out: {name} feels how dense the rows are, and repeating it on parts of "
        "more than {most} rows would change that. Learn from a sample of at most {most} rows to "
        "see the stability."
    ),
    "clustering.assignment.own": "New rows are given to clusters by the algorithm's own rule.",
    "clustering.assignment.nearest_summary": (
        "New rows join the cluster of the nearest summary of rows, BIRCH's own rule."
    ),
    "clustering.assignment.core_points": (
        "Approximation for new rows: the algorithm only describes the rows it saw, so a new row is "
        "given to the cluster of the core rows within the radius, nearer ones counting more; with "
        "none within it, it is noise."
    ),
    "clustering.assignment.nearest_centroid": (
        "Approximation for new rows: the algorithm only describes the rows it saw, so a new row is "
        "given to the cluster whose centre is nearest."
    ),
    "clustering.assignment.nearest_neighbors": (
        "Approximation for new rows: the algorithm only describes the rows it saw, so a new row is "
        "given to the cluster that most of its 5 nearest rows are in."
    ),
    "clustering.stage.groups": "Finding groups",
    "clustering.stage.assign": "Assigning rows",
    "clustering.stage.stability": "Repeating with rows drawn by lot",
    "clustering.stage.shuffled": "Repeating on shuffled columns",
    "clustering.stage.profile": "Describing the groups",
    "clustering.stage.structure": "Looking for structure",
    "clustering.stage.choose": "Comparing numbers of groups",
    "clustering.stage.map": "Laying out the rows",
}
