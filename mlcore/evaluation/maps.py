"""Rows as points in two dimensions."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from mlcore.algorithms.labels import Matrix
from mlcore.errors import UserError, did_you_mean
from mlcore.messages import Message, message
from mlcore.splitting import Rows

#: Fewer rows than this are laid out by principal components whatever was asked for: the other
#: methods look at a row's neighbours, and there are none worth the name.
FEWEST_ROWS = 5
#: Neighbours that UMAP looks at, and (as perplexity) t-SNE; their authors' defaults.
NEIGHBOURS = 15
PERPLEXITY = 30.0

_WARNING = (
    "Near points are similar rows. How far groups lie from each other, how wide they are and how "
    "dense they look means little here, and gaps can appear in data without groups. Do not count "
    "clusters on this map; look whether the found ones hold together."
)


@dataclass(frozen=True, kw_only=True)
class MapMethod:
    """The declaration of one way to draw rows in two dimensions.

    Parameters
    ----------
    id : str
        Stable name.
    label : str
        What people call it.
    help : str
        What it does, in plain words.
    warning : str
        What must not be read from it; empty where distances mean what they seem to.
    needs : str
        The extra of this project that it belongs to; empty where nothing is needed.
    package, module : str
        What pip calls the package of that extra, and the module that must then be there.
    most_rows : int
        Rows on the map at most, for the time that the layout takes and for the browser.
    layout : callable
        ``(matrix, seed) -> array of shape (n_rows, 2)``.
    fits_all : bool
        Whether all rows decide the layout, not only those that are drawn.
    reference : str
        The paper of the method.
    """

    id: str
    label: str
    help: str
    warning: str = ""
    needs: str = ""
    package: str = ""
    module: str = ""
    most_rows: int
    layout: Callable[[Matrix, int], Matrix]
    fits_all: bool = False
    reference: str

    @property
    def is_installed(self) -> bool:
        """Whether everything that it needs is there."""
        return not self.module or find_spec(self.module) is not None


def _varies(matrix: Matrix) -> bool:
    return len(matrix) > 1 and bool((matrix != matrix[0]).any())


def _principal(matrix: Matrix, seed: int) -> PCA:
    """Return the fitted first two components (one where there is one column)."""
    return PCA(n_components=min(2, *matrix.shape), random_state=seed).fit(matrix)


def _by_components(matrix: Matrix, seed: int) -> Matrix:
    placed = np.zeros((len(matrix), 2))
    found = _principal(matrix, seed).transform(matrix)
    placed[:, : found.shape[1]] = found
    return placed


def _by_tsne(matrix: Matrix, seed: int) -> Matrix:
    perplexity = min(PERPLEXITY, (len(matrix) - 1) / 3)
    model = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    # With several threads sums are added up in another order each time, and the map changes.
    with threadpool_limits(1):
        return np.asarray(model.fit_transform(matrix), dtype=np.float64)


def missing_package(method: MapMethod) -> UserError:
    """Return what is said where the package of a method is not installed."""
    return UserError(
        "map.missing_package", method=method.label, needs=method.needs, package=method.package
    )


def _by_umap(matrix: Matrix, seed: int) -> Matrix:
    method = find_map("umap")
    with warnings.catch_warnings():
        # It warns about packages that it could also use, and about groups that are far apart,
        # which is what the map is to show.
        warnings.simplefilter("ignore")
        try:
            umap = importlib.import_module(method.module)
        except ImportError as error:
            raise missing_package(method) from error
        neighbours = min(NEIGHBOURS, len(matrix) - 1)
        # A seed makes it use one thread anyway; saying so spares the warning.
        model = umap.UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1)
        return np.asarray(model.fit_transform(matrix), dtype=np.float64)


MAP_METHODS: tuple[MapMethod, ...] = (
    MapMethod(
        id="pca",
        label="Principal components (PCA)",
        help=(
            "Looks at the rows from the side from which they are spread most. Distances are those "
            "of the data as far as two dimensions can show them; the axes say how far. Groups that "
            "differ in other directions lie on top of each other."
        ),
        most_rows=5000,
        layout=_by_components,
        fits_all=True,
        reference=(
            "Pearson (1901), “On lines and planes of closest fit to systems of points in space”, "
            "Philosophical Magazine 2, 559-572."
        ),
    ),
    MapMethod(
        id="tsne",
        label="t-SNE",
        help=(
            "Puts rows that are neighbours in the data near each other. It takes up to a minute "
            "for 3,000 rows."
        ),
        warning=_WARNING,
        most_rows=3000,
        layout=_by_tsne,
        reference=(
            "van der Maaten & Hinton (2008), “Visualizing data using t-SNE”, Journal of Machine "
            "Learning Research 9, 2579-2605."
        ),
    ),
    MapMethod(
        id="umap",
        label="UMAP",
        help=(
            "Puts rows that are neighbours in the data near each other, like t-SNE, and keeps a "
            "little more of the large picture. It takes 10 seconds to start, and up to a minute "
            "for 5,000 rows."
        ),
        warning=_WARNING,
        needs="ml-workbench[umap]",
        package="umap-learn",
        module="umap",
        most_rows=5000,
        layout=_by_umap,
        reference=(
            "McInnes, Healy & Melville (2018), “UMAP: Uniform Manifold Approximation and "
            "Projection for dimension reduction”, arXiv:1802.03426."
        ),
    ),
)


def find_map(method: str) -> MapMethod:
    """Return a declaration by its id.

    Raises
    ------
    UserError
        There is no such map.
    """
    for spec in MAP_METHODS:
        if spec.id == method:
            return spec
    known = [spec.id for spec in MAP_METHODS]
    raise UserError("map.unknown", name=method, suggestion=did_you_mean(method, known))


def map_frame(
    matrix: Matrix,
    method: str,
    rows: Rows,
    *,
    shown: Rows | None = None,
    seed: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return a place in two dimensions for each row, the same for the same seed.

    Of more than ``most_rows`` of the method, rows are drawn by lot; a smaller map holds a part of
    the rows of a larger one. Principal components are found from all rows, the other layouts from
    the drawn ones. With a single column, every method gives that column across and a small shift
    by lot up and down, which means nothing; with equal rows, one place.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        What the clustering was given.
    method : str
        Id of a :class:`MapMethod`.
    rows : array of shape (n_rows,)
        Their numbers in the table.
    shown : array of int, optional
        Positions in ``matrix`` of the rows that get a place, instead of rows drawn by lot.
    seed : int, default 0
        Of the lot and of the layout.
    report : callable, optional
        Told ``(0, 1)`` before the layout and ``(1, 1)`` after it.

    Returns
    -------
    DataFrame
        ``row`` (number in the table, rising), ``x``, ``y``. :func:`map_notes` says what was done.

    Raises
    ------
    UserError
        There is no such method, or the package that it needs is missing.
    """
    spec = find_map(method)
    random = np.random.default_rng(seed)
    lot = random.permutation(len(matrix))[: spec.most_rows]
    drawn = np.sort(lot if shown is None else shown)
    _tell(report, 0)
    places = _placed(matrix, spec, drawn, seed)
    if matrix.shape[1] == 1:
        places[:, 1] = random.uniform(-0.5, 0.5, len(drawn))
    _tell(report, 1)
    table = pd.DataFrame({"row": rows[drawn], "x": places[:, 0], "y": places[:, 1]})
    return table.sort_values("row", ignore_index=True)


def _tell(report: Callable[[int, int], None] | None, done: int) -> None:
    if report is not None:
        report(done, 1)


def _placed(matrix: Matrix, spec: MapMethod, drawn: Rows, seed: int) -> Matrix:
    """Return the places of the drawn rows, of shape (n_drawn, 2)."""
    part = matrix[drawn]
    if matrix.shape[1] == 1:
        # Kept as it is, so that the axis can be read; principal components might turn it around.
        return np.column_stack([part, np.zeros(len(part))])
    if not _varies(part):
        return np.zeros((len(part), 2))
    if spec.fits_all:
        return spec.layout(matrix, seed)[drawn]
    if len(part) < FEWEST_ROWS:
        return _by_components(part, seed)
    return spec.layout(part, seed)


def map_notes(method: str, matrix: Matrix) -> tuple[Message, ...]:
    """Return what has to be said beside a map besides the warning of its method.

    Parameters
    ----------
    method : str
        Id of a :class:`MapMethod`.
    matrix : array of shape (n_rows, n_inputs)
        What :func:`map_frame` was given.
    """
    spec = find_map(method)
    notes = []
    if len(matrix) > spec.most_rows:
        notes.append(message("map.drawn", drawn=spec.most_rows, total=len(matrix)))
    if matrix.shape[1] == 1:
        notes.append(message("map.one_column"))
    elif not _varies(matrix):
        notes.append(message("map.one_place"))
    elif len(matrix) < FEWEST_ROWS and not spec.fits_all:
        notes.append(message("map.few_rows", rows=FEWEST_ROWS))
    return tuple(notes)


def explained(matrix: Matrix) -> tuple[float, float]:
    """Return which shares of the spread the first two principal components show.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        What :func:`map_frame` was given.

    Returns
    -------
    tuple of float
        Shares of the total variance; ``(1, 0)`` for one column, ``(0, 0)`` when all rows are
        equal.
    """
    if not _varies(matrix):
        return 0.0, 0.0
    shares = [*_principal(matrix, 0).explained_variance_ratio_, 0.0]
    return float(shares[0]), float(shares[1])


def principal_axes(matrix: Matrix) -> Matrix:
    """Return how much each input adds to the first two principal components.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        What :func:`map_frame` was given.

    Returns
    -------
    array of shape (n_axes, n_inputs)
        A line of length 1 for each component; none when all rows are equal.
    """
    if not _varies(matrix):
        return np.zeros((0, matrix.shape[1]))
    return np.asarray(_principal(matrix, 0).components_, dtype=np.float64)
