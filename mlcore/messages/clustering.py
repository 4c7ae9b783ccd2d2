"""Sentences about groups of rows."""

SENTENCES: dict[str, str] = {
    # Is there any structure?
    # Choosing the number of groups
    # Scores and stability
    # Profiles and comparisons
    # Maps
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
}
