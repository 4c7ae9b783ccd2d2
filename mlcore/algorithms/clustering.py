"""Clusterers: groups of rows that are alike, without a label."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    Birch,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
    SpectralClustering,
    estimate_bandwidth,
)
from sklearn.mixture import GaussianMixture

from mlcore.algorithms import cost
from mlcore.algorithms.assignment import (
    CORE_POINTS,
    NEAREST_CENTROID,
    NEAREST_NEIGHBORS,
    NEAREST_SUMMARY,
    OWN,
    Assignment,
)
from mlcore.algorithms.labels import Matrix
from mlcore.algorithms.neighbor_graph import connected_graph
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.errors import UserError
from mlcore.params import BoolParam, ChoiceParam, FloatParam, IntParam, ParamValue
from mlcore.tasks import Task

#: Rows from which the width of mean shift is estimated: its cost grows with their square.
_BANDWIDTH_ROWS = 500

#: Least width of its window: many equal rows give an estimate of zero, which is no window.
_LEAST_BANDWIDTH = 1e-4

_N_CLUSTERS = IntParam(
    name="n_clusters",
    label="Number of groups (k)",
    help=(
        "How many groups are made; they are made whether they exist or not. Compare several "
        "numbers under “How many groups?” before you believe one."
    ),
    default=3,
    basic=True,
    low=2,
    high=100,
)
_N_INIT = IntParam(
    name="n_init",
    label="Starts",
    help=(
        "How often it starts anew from other random centres; the best result is kept. More starts "
        "take longer and make a poor result less likely. 10 is a common choice."
    ),
    default=10,
    low=1,
    high=100,
)
_NEIGHBORS = IntParam(
    name="n_neighbors",
    label="Neighbours in the graph",
    help=(
        "Each row is joined to so many of its nearest rows. Too few break groups apart, too many "
        "join groups that only come close. 10 is a common start."
    ),
    default=10,
    low=2,
    high=100,
    only_if=("affinity", ("nearest_neighbors",)),
)


def _always(assignment: Assignment) -> Any:
    def choose(_: Mapping[str, ParamValue]) -> Assignment:
        return assignment

    return choose


def _by_linkage(values: Mapping[str, ParamValue]) -> Assignment:
    # Only Ward's groups are round enough to be told apart by their centres.
    return NEAREST_CENTROID if values["linkage"] == "ward" else NEAREST_NEIGHBORS


def _follows_chains(values: Mapping[str, ParamValue]) -> bool:
    return values["linkage"] == "single"


def _in_any_case(_: Mapping[str, ParamValue]) -> bool:
    return True


def _hierarchical(values: Mapping[str, ParamValue], seed: int) -> BaseEstimator:
    graph = partial(connected_graph, n_neighbors=int(str(values["n_neighbors"])))
    return AgglomerativeClustering(
        n_clusters=values["n_clusters"],
        linkage=values["linkage"],
        connectivity=graph if values["neighbor_graph"] else None,
    )


def _hierarchical_cells(values: Mapping[str, ParamValue], rows: int, columns: int) -> int:
    """Return the distances that are kept: of all pairs, unless a graph names those that count."""
    if values["neighbor_graph"]:
        return rows * int(str(values["n_neighbors"]))
    # Single linkage follows the minimum spanning tree, one row after the other.
    return rows if values["linkage"] == "single" else rows**2 // 2


def _spectral_cells(values: Mapping[str, ParamValue], rows: int, columns: int) -> int:
    """Return the entries of the affinity matrix."""
    is_sparse = values["affinity"] == "nearest_neighbors"
    return 2 * rows * int(str(values["n_neighbors"])) if is_sparse else rows**2


def _bandwidth(values: Mapping[str, ParamValue], matrix: Matrix, seed: int) -> dict[str, Any]:
    """Return the width of the window: the user's, or one estimated from distances."""
    if values["bandwidth"] is not None:
        return {}
    width = estimate_bandwidth(
        matrix,
        quantile=float(str(values["quantile"])),
        n_samples=min(_BANDWIDTH_ROWS, len(matrix)),
        random_state=seed,
    )
    return {"bandwidth": max(float(width), _LEAST_BANDWIDTH)}


def _search(values: Mapping[str, ParamValue], matrix: Matrix, seed: int) -> dict[str, Any]:
    """Return how rows within the radius are found soonest; the groups are the same."""
    return {"algorithm": cost.search_method(*matrix.shape)}


def _fit_birch(birch: Birch, values: Mapping[str, ParamValue], matrix: Matrix) -> None:
    """Fit in two steps, with a look at the number of summaries between them.

    The second step keeps the distances of all pairs of summaries, of which there are nearly as
    many as rows where hardly any rows are near each other.
    """
    birch.set_params(n_clusters=None).fit(matrix)
    summaries = len(birch.subcluster_centers_)
    if summaries > cost.MOST_PAIRED_ROWS:
        raise UserError(
            "clustering.too_many_summaries",
            summaries=f"{summaries:,}",
            rows=f"{len(matrix):,}",
            threshold=values["threshold"],
        )
    # Without rows, only the summaries are joined to groups.
    birch.set_params(n_clusters=values["n_clusters"]).partial_fit()
    birch.labels_ = birch.predict(matrix)


def _mean_shift(values: Mapping[str, ParamValue], seed: int) -> BaseEstimator:
    return MeanShift(
        bandwidth=values["bandwidth"], bin_seeding=bool(values["bin_seeding"]), cluster_all=True
    )


K_MEANS = AlgorithmSpec(
    id="k_means",
    name="k-means",
    task=Task.CLUSTERING,
    estimator=KMeans,
    params=(
        _N_CLUSTERS,
        _N_INIT,
        IntParam(
            name="max_iter",
            label="Steps at most",
            help=(
                "After so many rounds a start is ended even if centres still move. 300 is "
                "hardly ever reached."
            ),
            default=300,
            low=1,
            high=10_000,
        ),
    ),
    seeded=True,
    scaling=True,
    dense=True,
    probabilities=False,
    rows_at_least=("n_clusters",),
    groups="n_clusters",
    assignment=_always(OWN),
    choosing=("sweep",),
    cost=cost.k_means,
    growth="Twice the rows, columns or groups take about twice the time.",
    summary=(
        "Places k centres so that each row is near one of them: rows go to their nearest centre, "
        "centres move to the middle of their rows, until nothing changes."
    ),
    use_when="Groups are round and of similar size, or you want to cut rows into k parts.",
    avoid_when=(
        "Groups are long, nested, or of very different size; it cuts them into round pieces. It "
        "finds k groups in pure noise too, so look at the test for structure first."
    ),
    maths=(
        r"J=\sum_i\lVert x_i-\mu_{c_i}\rVert^2,\quad c_i\leftarrow\arg\min_j\lVert "
        r"x_i-\mu_j\rVert^2,\quad \mu_j\leftarrow\frac{1}{n_j}\sum_{c_i=j}x_i"
    ),
    reference=(
        "S. P. Lloyd (1982). Least squares quantization in PCM. IEEE Transactions on Information "
        "Theory 28(2), 129–137; starts after D. Arthur, S. Vassilvitskii (2007). k-means++: the "
        "advantages of careful seeding. SODA, 1027–1035."
    ),
)

MINI_BATCH_K_MEANS = AlgorithmSpec(
    id="mini_batch_k_means",
    name="Mini-batch k-means",
    task=Task.CLUSTERING,
    estimator=MiniBatchKMeans,
    params=(
        _N_CLUSTERS,
        IntParam(
            name="batch_size",
            label="Rows in a batch",
            help=(
                "How many rows, drawn by lot, move the centres in one step. Larger batches are "
                "steadier and slower. 1,024 is scikit-learn's default."
            ),
            default=1024,
            low=10,
            high=100_000,
        ),
        _N_INIT,
        IntParam(
            name="max_iter",
            label="Passes at most",
            help="How often it may go through all rows. It mostly stops much earlier.",
            default=100,
            low=1,
            high=10_000,
        ),
    ),
    seeded=True,
    scaling=True,
    dense=True,
    probabilities=False,
    rows_at_least=("n_clusters",),
    groups="n_clusters",
    assignment=_always(OWN),
    choosing=("sweep",),
    cost=cost.mini_batch_k_means,
    growth="Grows with rows, columns and groups, several times slower than k-means does.",
    summary="k-means that moves its centres with small batches of rows instead of all rows.",
    use_when="There are so many rows that k-means takes too long.",
    avoid_when="k-means is quick enough: its groups are a little better.",
    maths=(
        r"\text{for } x \text{ in batch: } j=\arg\min_j\lVert x-\mu_j\rVert^2,\quad "
        r"n_j\leftarrow n_j+1,\quad \mu_j\leftarrow\mu_j+\tfrac{1}{n_j}(x-\mu_j)"
    ),
    reference="D. Sculley (2010). Web-scale k-means clustering. WWW, 1177–1178.",
)

DBSCAN_SPEC = AlgorithmSpec(
    id="dbscan",
    name="DBSCAN",
    task=Task.CLUSTERING,
    estimator=DBSCAN,
    params=(
        FloatParam(
            name="eps",
            label="Radius (eps)",
            help=(
                "How near two rows must be to be neighbours, measured after scaling. Too small: "
                "everything is noise; too large: everything is one group. Choose it where the "
                "curve of distances bends, under “Which radius?”."
            ),
            default=0.5,
            basic=True,
            low=1e-3,
            high=1000.0,
            log=True,
        ),
        IntParam(
            name="min_samples",
            label="Neighbours of a core row",
            help=(
                "So many rows (itself included) within the radius make a row a core row. Larger "
                "values ask for denser groups and call more rows noise. Twice the number of "
                "columns is a common rule; 5 is the default."
            ),
            default=5,
            basic=True,
            low=1,
            high=1000,
        ),
    ),
    scaling=True,
    dense=True,
    probabilities=False,
    rows_at_least=("min_samples",),
    from_data=_search,
    assignment=_always(CORE_POINTS),
    needs_density=True,
    any_shape=_in_any_case,
    choosing=("k_distance",),
    cost=cost.dbscan,
    growth=(
        "Between rows and rows squared: quick while neighbourhoods are small, slow and hungry for "
        "memory when the radius holds much of the table."
    ),
    summary=(
        "Joins core rows, those with enough neighbours within a radius, to groups of any shape; "
        "rows near none of them are noise. The number of groups is found, not asked for."
    ),
    use_when="Groups have any shape and about the same density, and some rows belong to none.",
    avoid_when="Groups differ much in density (use HDBSCAN), or there are many columns.",
    maths=(
        r"x \text{ is core} \iff \lvert\{y:\lVert x-y\rVert\le\varepsilon\}\rvert\ge m;\quad "
        r"\text{clusters}=\text{connected components of the core graph}"
    ),
    reference=(
        "M. Ester, H.-P. Kriegel, J. Sander, X. Xu (1996). A density-based algorithm for "
        "discovering clusters in large spatial databases with noise. KDD, 226–231."
    ),
)

HDBSCAN_SPEC = AlgorithmSpec(
    id="hdbscan",
    name="HDBSCAN",
    task=Task.CLUSTERING,
    estimator=HDBSCAN,
    params=(
        IntParam(
            name="min_cluster_size",
            label="Smallest group",
            help=(
                "A group has at least so many rows. Larger values give fewer, larger groups. "
                "Start with the smallest group that would mean something to you."
            ),
            default=10,
            basic=True,
            low=2,
            high=10_000,
        ),
        IntParam(
            name="min_samples",
            label="Caution",
            help=(
                "How many neighbours measure the density around a row. Larger values call more "
                "rows noise. As many as the smallest group, if left empty."
            ),
            default=None,
            none_label="Same as the smallest group",
            low=1,
            high=1000,
        ),
        ChoiceParam(
            name="cluster_selection_method",
            label="Which groups are kept",
            help=(
                "Excess of mass keeps the groups that last longest while the density rises, and "
                "is the default; leaves keep the finest groups."
            ),
            default="eom",
            choices={"eom": "Excess of mass", "leaf": "Leaves"},
        ),
    ),
    # The matrix is prepared for this fit alone, so it may be written to.
    fixed={"copy": False},
    scaling=True,
    dense=True,
    probabilities=False,
    rows_at_least=("min_cluster_size", "min_samples"),
    assignment=_always(NEAREST_NEIGHBORS),
    any_shape=_in_any_case,
    needs_density=True,
    cost=cost.hdbscan,
    growth="Twice the rows take about four times the time.",
    summary=(
        "DBSCAN over all radii at once: keeps the groups that last longest while the density "
        "that is asked for rises. Groups may differ in density; the rest is noise."
    ),
    use_when="You do not know the number of groups or a radius, and some rows belong nowhere.",
    avoid_when="Groups overlap: what lies between them becomes noise.",
    maths=(
        r"d_m(x,y)=\max\{\kappa(x),\kappa(y),\lVert x-y\rVert\},\quad "
        r"S(C)=\sum_{x\in C}\big(\lambda_x-\lambda_{\text{birth}}(C)\big)"
    ),
    reference=(
        "R. J. G. B. Campello, D. Moulavi, J. Sander (2013). Density-based clustering based on "
        "hierarchical density estimates. PAKDD, 160–172."
    ),
)

HIERARCHICAL = AlgorithmSpec(
    id="hierarchical",
    name="Hierarchical",
    task=Task.CLUSTERING,
    estimator=AgglomerativeClustering,
    params=(
        _N_CLUSTERS,
        ChoiceParam(
            name="linkage",
            label="Linkage",
            help=(
                "What the distance of two groups is. Ward: how much the spread inside grows when "
                "they are joined, the default; complete: the two farthest rows; average: all "
                "pairs; single: the two nearest rows, which follows chains."
            ),
            default="ward",
            choices={
                "ward": "Ward",
                "complete": "Complete",
                "average": "Average",
                "single": "Single",
            },
            basic=True,
        ),
        BoolParam(
            name="neighbor_graph",
            label="Join only neighbours",
            help=(
                "Only rows that are near each other can be joined first. Saves time and memory "
                "with many rows, because not all pairs are measured."
            ),
            default=False,
        ),
        IntParam(
            name="n_neighbors",
            label="Neighbours in the graph",
            help="Each row can be joined to so many of its nearest rows. 10 is a common start.",
            default=10,
            low=2,
            high=100,
            only_if=("neighbor_graph", (True,)),
        ),
    ),
    build_with=_hierarchical,
    scaling=True,
    dense=True,
    probabilities=False,
    cells=_hierarchical_cells,
    rows_at_least=("n_clusters",),
    groups="n_clusters",
    assignment=_by_linkage,
    any_shape=_follows_chains,
    choosing=("dendrogram", "sweep"),
    cost=cost.hierarchical,
    growth="Twice the rows take four times the memory and four to eight times the time.",
    summary=(
        "Starts with every row on its own and joins the two nearest groups again and again; the "
        "tree of joins (dendrogram) is cut where k groups are left."
    ),
    use_when="There are some hundreds or thousands of rows and you want to see groups in groups.",
    avoid_when="There are many rows: the distances of all pairs do not fit into memory.",
    maths=(
        r"\text{merge }\arg\min_{A,B} D(A,B),\quad D_{\text{Ward}}=\frac{n_An_B}{n_A+n_B}"
        r"\lVert\mu_A-\mu_B\rVert^2"
    ),
    reference=(
        "J. H. Ward (1963). Hierarchical grouping to optimize an objective function. Journal of "
        "the American Statistical Association 58(301), 236–244."
    ),
)

SPECTRAL = AlgorithmSpec(
    id="spectral",
    name="Spectral",
    task=Task.CLUSTERING,
    estimator=SpectralClustering,
    params=(
        _N_CLUSTERS,
        ChoiceParam(
            name="affinity",
            label="Likeness of two rows",
            help=(
                "Neighbours: rows are joined to their nearest rows, the default, which also works "
                "with many rows. Gaussian: every pair is joined, the nearer the stronger."
            ),
            default="nearest_neighbors",
            choices={"nearest_neighbors": "Neighbours", "rbf": "Gaussian"},
            basic=True,
        ),
        _NEIGHBORS,
        FloatParam(
            name="gamma",
            label="Reach of the Gaussian (gamma)",
            help="Larger values let only very near rows count as alike. 1 is the default.",
            default=1.0,
            low=1e-4,
            high=1000.0,
            log=True,
            only_if=("affinity", ("rbf",)),
        ),
    ),
    fixed={"assign_labels": "cluster_qr"},  # no random starts: the same groups each time
    seeded=True,
    scaling=True,
    dense=True,
    probabilities=False,
    cells=_spectral_cells,
    rows_at_least=("n_clusters",),
    groups="n_clusters",
    assignment=_always(NEAREST_NEIGHBORS),
    any_shape=_in_any_case,
    choosing=("eigengap", "sweep"),
    cost=cost.spectral,
    growth="With neighbours somewhat faster than rows squared; with the Gaussian, rows cubed.",
    summary=(
        "Joins like rows to a graph, lays the graph out by its slowest vibrations (eigenvectors), "
        "and cuts it where it is thinnest."
    ),
    use_when="Groups are connected but not round: rings, bands, moons.",
    avoid_when="There are very many rows, or groups of very different size.",
    maths=(
        r"L=I-D^{-1/2}WD^{-1/2},\quad U=\text{first }k\text{ eigenvectors of }L,\quad "
        r"\text{cut the rows of }U"
    ),
    reference=(
        "A. Ng, M. Jordan, Y. Weiss (2001). On spectral clustering: analysis and an algorithm. "
        "NIPS 14; U. von Luxburg (2007). A tutorial on spectral clustering. Statistics and "
        "Computing 17, 395–416."
    ),
)

GAUSSIAN_MIXTURE = AlgorithmSpec(
    id="gaussian_mixture",
    name="Gaussian mixture",
    task=Task.CLUSTERING,
    estimator=GaussianMixture,
    params=(
        IntParam(
            name="n_components",
            label="Number of groups (k)",
            help=(
                "How many bell-shaped clouds are laid over the rows. Compare several numbers under "
                "“How many groups?”; BIC weighs fit against size."
            ),
            default=3,
            basic=True,
            low=2,
            high=100,
        ),
        ChoiceParam(
            name="covariance_type",
            label="Shape of the clouds",
            help=(
                "Full: each cloud has its own size and direction, the default; tied: all have the "
                "same; diagonal: stretched along the columns only; spherical: round. The freer "
                "the shape, the more rows are needed."
            ),
            default="full",
            choices={
                "full": "Full",
                "tied": "Tied",
                "diag": "Diagonal",
                "spherical": "Spherical",
            },
            basic=True,
        ),
        IntParam(
            name="n_init",
            label="Starts",
            help="How often it starts anew; the likeliest result is kept. More take longer.",
            default=3,
            low=1,
            high=100,
        ),
        FloatParam(
            name="reg_covar",
            label="Least spread",
            help=(
                "Added to the spread of each cloud in each direction, so that none shrinks to a "
                "point. Raise it when the algorithm fails."
            ),
            default=1e-4,
            low=1e-9,
            high=10.0,
            log=True,
        ),
    ),
    seeded=True,
    scaling=True,
    dense=True,
    rows_at_least=("n_components",),
    groups="n_components",
    assignment=_always(OWN),
    choosing=("sweep",),
    cost=cost.gaussian_mixture,
    growth="Twice the rows or groups take twice the time, twice the columns four times.",
    summary=(
        "Describes the rows as a mixture of bell-shaped clouds and tells for each row how likely "
        "each cloud is."
    ),
    use_when="Groups overlap or are stretched, and you want a probability for each row.",
    avoid_when="Groups are bent or nested, or there are fewer rows than columns squared.",
    maths=(
        r"p(x)=\sum_{j=1}^{k}\pi_j\,\mathcal N(x\mid\mu_j,\Sigma_j),\quad "
        r"\mathrm{BIC}=-2\ln\hat L+p\ln n"
    ),
    reference=(
        "A. P. Dempster, N. M. Laird, D. B. Rubin (1977). Maximum likelihood from incomplete data "
        "via the EM algorithm. Journal of the Royal Statistical Society B 39(1), 1–38."
    ),
)

MEAN_SHIFT = AlgorithmSpec(
    id="mean_shift",
    name="Mean shift",
    task=Task.CLUSTERING,
    estimator=MeanShift,
    params=(
        FloatParam(
            name="bandwidth",
            label="Width of the window",
            help=(
                "Rows within this distance pull a centre towards them. Smaller widths find more "
                "groups. Left empty, it is estimated from the distances between rows."
            ),
            default=None,
            none_label="Estimated",
            basic=True,
            low=1e-3,
            high=1000.0,
            log=True,
        ),
        FloatParam(
            name="quantile",
            label="Share of near pairs",
            help=(
                "For the estimate: the width is the mean distance to this share of the other "
                "rows. Smaller shares give more groups. 0.2 is a common start."
            ),
            default=0.2,
            low=0.02,
            high=1.0,
            only_if=("bandwidth", (None,)),
        ),
        BoolParam(
            name="bin_seeding",
            label="Start from a grid",
            help=(
                "Windows start at the places of a grid that hold rows, not at every row. Faster "
                "with many rows, hardly different otherwise."
            ),
            default=True,
        ),
    ),
    build_with=_mean_shift,
    from_data=_bandwidth,
    scaling=True,
    dense=True,
    probabilities=False,
    assignment=_always(OWN),
    cost=cost.mean_shift,
    growth="Twice the rows take about four times the time.",
    summary=(
        "Moves windows uphill to where rows are densest; windows that end in one place are one "
        "group. The number of groups is found, not asked for."
    ),
    use_when="There are few columns and up to some thousand rows, with dense places of any number.",
    avoid_when="There are many rows or columns: it becomes slow and finds one group.",
    maths=(
        r"m(x)=\frac{\sum_{i:\lVert x_i-x\rVert\le h}x_i}{\lvert\{i:\lVert x_i-x\rVert\le h\}"
        r"\rvert},\quad x\leftarrow m(x)"
    ),
    reference=(
        "D. Comaniciu, P. Meer (2002). Mean shift: a robust approach toward feature space "
        "analysis. IEEE Transactions on Pattern Analysis and Machine Intelligence 24(5), 603–619."
    ),
)

BIRCH = AlgorithmSpec(
    id="birch",
    name="BIRCH",
    task=Task.CLUSTERING,
    estimator=Birch,
    params=(
        _N_CLUSTERS,
        FloatParam(
            name="threshold",
            label="Radius of a summary",
            help=(
                "Rows within this radius (after scaling) are summarised as one. Smaller values "
                "keep more detail and take longer. 0.5 is scikit-learn's default."
            ),
            default=0.5,
            basic=True,
            low=1e-3,
            high=100.0,
            log=True,
        ),
        IntParam(
            name="branching_factor",
            label="Summaries in a branch",
            help="How many summaries one branch of the tree holds. It mostly changes the speed.",
            default=50,
            low=2,
            high=1000,
        ),
    ),
    scaling=True,
    dense=True,
    probabilities=False,
    rows_at_least=("n_clusters",),
    groups="n_clusters",
    fit_with=_fit_birch,
    assignment=_always(NEAREST_SUMMARY),
    choosing=("sweep",),
    cost=cost.birch,
    growth="Twice the rows take about twice the time, as long as they have few summaries.",
    summary=(
        "Summarises near rows on one pass through the table, then joins the summaries to groups "
        "as hierarchical clustering does (Ward)."
    ),
    use_when="There are too many rows for hierarchical clustering.",
    avoid_when="There are many columns, where hardly any rows are near each other.",
    maths=(
        r"\text{summary}=(n,\ \textstyle\sum x,\ \sum\lVert x\rVert^2),\quad "
        r"R^2=\tfrac{1}{n}\sum\lVert x\rVert^2-\lVert\tfrac{1}{n}\sum x\rVert^2\le T^2"
    ),
    reference=(
        "T. Zhang, R. Ramakrishnan, M. Livny (1996). BIRCH: an efficient data clustering method "
        "for very large databases. SIGMOD, 103–114."
    ),
)

#: In menu order: what is easiest to understand first.
SPECS: tuple[AlgorithmSpec, ...] = (
    K_MEANS,
    HIERARCHICAL,
    GAUSSIAN_MIXTURE,
    DBSCAN_SPEC,
    HDBSCAN_SPEC,
    SPECTRAL,
    MEAN_SHIFT,
    BIRCH,
    MINI_BATCH_K_MEANS,
)
