"""Tables without groups and tables with planted ones, drawn by lot family by family."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs, make_circles, make_moons
from sklearn.preprocessing import StandardScaler

from mlcore.data.samples import find_sample
from mlcore.workflow import clustering


@dataclass(frozen=True)
class Lot:
    """What a family draws with: its random numbers, the range of its rows, the most columns."""

    random: np.random.Generator
    fewest: int
    most: int
    widest: int

    def rows(self, at_least: int = 0) -> int:
        return int(self._log_uniform(max(self.fewest, at_least), max(self.most, at_least)))

    def columns(self, fewest: int = 1, most: int = 30) -> int:
        return int(round(self._log_uniform(fewest, min(most, self.widest))))

    def _log_uniform(self, low: float, high: float) -> float:
        return float(np.exp(self.random.uniform(np.log(low), np.log(high))))

    def seed(self) -> int:
        return int(self.random.integers(1_000_000))


Family = Callable[[Lot], np.ndarray]


@contextmanager
def few_shuffles() -> Iterator[None]:
    """Compare clusters with those in fewer shuffled tables, where the comparison is not looked at.

    Otherwise it takes half the time of a run on a small table.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clustering, "N_SHUFFLES", 2)
        yield


def _bent(lot: Lot, rows: int) -> np.ndarray:
    """One Gaussian blob with correlated columns."""
    columns = lot.columns(2)
    mixing = lot.random.normal(size=(max(1, columns // 2), columns))
    own = lot.random.normal(size=(rows, columns)) * lot.random.uniform(0.2, 1)
    return lot.random.normal(size=(rows, len(mixing))) @ mixing + own


def uniform_box(lot: Lot) -> np.ndarray:
    return lot.random.uniform(size=(lot.rows(), lot.columns()))


def gaussian(lot: Lot) -> np.ndarray:
    return lot.random.normal(size=(lot.rows(), lot.columns()))


def correlated_gaussian(lot: Lot) -> np.ndarray:
    return _bent(lot, lot.rows())


def heavy_tails(lot: Lot) -> np.ndarray:
    freedom = lot.random.choice([2, 3, 5])
    return lot.random.standard_t(freedom, size=(lot.rows(), lot.columns()))


def heavy_tails_together(lot: Lot) -> np.ndarray:
    blob = _bent(lot, lot.rows())
    freedom = lot.random.choice([3, 5])
    return blob / np.sqrt(lot.random.chisquare(freedom, size=(len(blob), 1)) / freedom)


def lognormal(lot: Lot) -> np.ndarray:
    return np.exp(lot.random.uniform(0.4, 1) * gaussian(lot))


def lognormal_correlated(lot: Lot) -> np.ndarray:
    blob = _bent(lot, lot.rows())
    return np.exp(lot.random.uniform(0.4, 1) * blob / blob.std(axis=0))


def gamma(lot: Lot) -> np.ndarray:
    return lot.random.gamma(lot.random.choice([1, 2, 4]), size=(lot.rows(), lot.columns()))


def ball(lot: Lot) -> np.ndarray:
    blob = gaussian(lot)
    radius = lot.random.random((len(blob), 1)) ** (1 / blob.shape[1])
    return blob / np.linalg.norm(blob, axis=1, keepdims=True) * radius


def copies(lot: Lot) -> np.ndarray:
    rows = lot.rows(60)
    blob = lot.random.normal(size=(rows // lot.random.integers(2, 5) + 5, lot.columns(2)))
    return blob[lot.random.integers(0, len(blob), rows)]


def rounded(lot: Lot) -> np.ndarray:
    table = gaussian(lot) if lot.random.random() < 0.5 else 4 * uniform_box(lot)
    return np.round(table * lot.random.choice([1, 2, 5, 10]))


def mixed_columns(lot: Lot) -> np.ndarray:
    rows, random = lot.rows(), lot.random
    kinds = (
        lambda: random.normal(size=rows),
        lambda: random.uniform(size=rows),
        lambda: np.exp(0.7 * random.normal(size=rows)),
        lambda: random.standard_t(3, size=rows),
        lambda: random.poisson(3, size=rows),
        lambda: random.integers(0, 2, rows),
        lambda: random.beta(2, 5, size=rows),
    )
    return np.column_stack([kinds[random.integers(len(kinds))]() for _ in range(lot.columns(2))])


def many_zeros(lot: Lot) -> np.ndarray:
    size = (lot.rows(), lot.columns(2, 20))
    is_zero = lot.random.random(size) < lot.random.uniform(0.3, 0.8)
    return np.where(is_zero, 0, lot.random.exponential(size=size))


def outliers(lot: Lot) -> np.ndarray:
    blob = gaussian(lot)
    blob[: max(1, len(blob) // 50)] *= lot.random.uniform(3, 10)
    return blob


def banana(lot: Lot) -> np.ndarray:
    blob = lot.random.normal(size=(lot.rows(), lot.columns(2, 8)))
    blob[:, 1] = 0.5 * blob[:, 0] ** 2 + lot.random.uniform(0.3, 1) * blob[:, 1]
    return blob


def funnel(lot: Lot) -> np.ndarray:
    wide = lot.random.uniform(0.1, 3, lot.rows())
    return np.column_stack([wide, 2 * wide + wide * lot.random.normal(size=len(wide))])


def ratings(lot: Lot) -> np.ndarray:
    """Answers on a sliding scale that ends where many would have gone on."""
    table = lot.random.normal(0.5, lot.random.uniform(0.2, 0.4), (lot.rows(), lot.columns(1, 10)))
    return np.clip(table, 0, 1)


def clipped(lot: Lot) -> np.ndarray:
    """One blob of which some columns have a floor, a ceiling or both."""
    family = gaussian if lot.random.random() < 0.5 else correlated_gaussian
    blob = StandardScaler().fit_transform(family(lot))
    ends = lot.random.uniform(0.5, 2, (2, blob.shape[1]))
    ends[lot.random.random(ends.shape) < 0.3] = np.inf
    return np.clip(blob, -ends[0], ends[1])


def scores(lot: Lot) -> np.ndarray:
    """Whole marks from 0 to 10 that go together, easy or hard, with floors and ceilings."""
    blob = StandardScaler().fit_transform(correlated_gaussian(lot))
    marks = lot.random.uniform(3, 7, blob.shape[1]) + lot.random.uniform(1.5, 4) * blob
    return np.clip(np.round(marks), 0, 10)


def ring(lot: Lot) -> np.ndarray:
    angle = lot.random.uniform(0, 2 * np.pi, lot.rows(60))
    edge = np.column_stack([np.cos(angle), np.sin(angle)])
    return edge + lot.random.uniform(0.05, 0.3) * lot.random.normal(size=edge.shape)


def wave(lot: Lot) -> np.ndarray:
    along = lot.random.uniform(0, 1, lot.rows())
    up = np.sin(2 * np.pi * lot.random.uniform(1, 3) * along)
    return np.column_stack(
        [along, up + lot.random.uniform(0.1, 0.3) * lot.random.normal(size=len(along))]
    )


def walk(lot: Lot) -> np.ndarray:
    return np.cumsum(lot.random.normal(size=(lot.rows(), lot.columns(1, 5))), axis=0)


def cross(lot: Lot) -> np.ndarray:
    """Two stretched blobs with one centre."""
    blob = lot.random.normal(size=(lot.rows(), 2)) * [1, 0.2]
    turned = lot.random.random((len(blob), 1)) < 0.5
    return np.where(turned, blob[:, ::-1], blob)


def _blobs(
    lot: Lot, clusters: int, columns: int, gap: float, sizes=None, widths=None
) -> np.ndarray:
    """Round blobs whose two nearest centres are ``gap`` standard deviations apart."""
    centers = lot.random.normal(size=(clusters, columns))
    apart = np.linalg.norm(centers[:, None] - centers[None], axis=2)
    centers *= gap / apart[~np.eye(clusters, dtype=bool)].min()
    which = lot.random.choice(clusters, p=sizes, size=lot.rows(20 * clusters))
    noise = lot.random.normal(size=(len(which), columns))
    return centers[which] + noise * (1 if widths is None else widths[which, None])


def two_blobs(lot: Lot) -> np.ndarray:
    return _blobs(lot, 2, lot.columns(2), lot.random.uniform(4.5, 8))


def few_blobs(lot: Lot) -> np.ndarray:
    return _blobs(lot, lot.random.integers(3, 6), lot.columns(2), lot.random.uniform(5, 8))


def many_blobs(lot: Lot) -> np.ndarray:
    return _blobs(lot, lot.random.integers(6, 11), lot.columns(2), lot.random.uniform(5, 8))


def scikit_learn_blobs(lot: Lot) -> np.ndarray:
    clusters, columns = int(lot.random.integers(2, 11)), lot.columns(2)
    crowded = clusters > 5 and columns == 2
    return make_blobs(
        n_samples=lot.rows(20 * clusters),
        centers=clusters,
        n_features=columns,
        cluster_std=0.6 if crowded else 1.0,
        random_state=lot.seed(),
    )[0]


def unequal_blobs(lot: Lot) -> np.ndarray:
    clusters = lot.random.integers(2, 5)
    sizes = np.maximum(lot.random.dirichlet(np.full(clusters, 3.0)), 0.1)
    widths = lot.random.uniform(0.4, 1.3, clusters)
    gap = lot.random.uniform(6, 9)
    return _blobs(lot, clusters, lot.columns(2, 15), gap, sizes / sizes.sum(), widths)


def stretched_blobs(lot: Lot) -> np.ndarray:
    return _blobs(lot, lot.random.integers(2, 5), 2, 7) @ np.array([[0.6, -0.6], [-0.4, 0.85]])


def moons(lot: Lot) -> np.ndarray:
    noise = lot.random.uniform(0.03, 0.08)
    return make_moons(lot.rows(150), noise=noise, random_state=lot.seed())[0]


def circles(lot: Lot) -> np.ndarray:
    factor, noise = lot.random.uniform(0.3, 0.5), lot.random.uniform(0.02, 0.06)
    return make_circles(lot.rows(200), noise=noise, factor=factor, random_state=lot.seed())[0]


def clipped_blobs(lot: Lot) -> np.ndarray:
    """Blobs of which some lie partly beyond the ends of the columns."""
    table = _blobs(lot, lot.random.integers(2, 5), lot.columns(2, 10), lot.random.uniform(6, 8))
    low, high = np.quantile(table, [lot.random.uniform(0, 0.1), lot.random.uniform(0.9, 1)], axis=0)
    return np.clip(table, low, high)


def marked_groups(lot: Lot) -> np.ndarray:
    """Whole marks from 0 to 10 of two groups, one of them good where the other is not."""
    columns = lot.columns(2, 10)
    in_second = lot.random.random((lot.rows(), 1)) < lot.random.uniform(0.3, 0.7)
    is_good = in_second ^ (lot.random.random(columns) < 0.5)
    marks = np.where(is_good, lot.random.uniform(7, 9, columns), lot.random.uniform(1, 3, columns))
    return np.clip(np.round(marks + 1.2 * lot.random.normal(size=is_good.shape)), 0, 10)


def one_column_of_many(lot: Lot) -> np.ndarray:
    blob = lot.random.normal(size=(lot.rows(), lot.columns(2)))
    in_second = lot.random.random(len(blob)) < lot.random.uniform(0.3, 0.7)
    blob[:, 0] += in_second * lot.random.uniform(5, 8)
    return blob


def small_group(lot: Lot) -> np.ndarray:
    blob = lot.random.normal(size=(lot.rows(), lot.columns(2, 12)))
    members = max(15, int(len(blob) * lot.random.uniform(0.05, 0.1)))
    way = lot.random.normal(size=blob.shape[1])
    blob[:members] *= 0.5
    blob[:members] += way / np.linalg.norm(way) * lot.random.uniform(6, 9)
    return blob


NOISE: tuple[Family, ...] = (
    uniform_box, gaussian, correlated_gaussian, heavy_tails, heavy_tails_together, lognormal,
    lognormal_correlated, gamma, ball, copies, rounded, mixed_columns, many_zeros, outliers,
    banana, funnel, ratings, clipped, scores,
)  # fmt: skip

#: One group each, but hollow, bent or trending: the test's known false alarms.
MISTAKEN: tuple[Family, ...] = (ring, wave, walk, cross)

PLANTED: tuple[Family, ...] = (
    two_blobs, few_blobs, many_blobs, scikit_learn_blobs, unequal_blobs, stretched_blobs, moons,
    circles, clipped_blobs, marked_groups, one_column_of_many, small_group,
)  # fmt: skip


def draw(family: Family, number: int, fewest: int, most: int, widest: int = 30) -> np.ndarray:
    """Return a family's table of this number, prepared as the workbench does by default."""
    lot = Lot(np.random.default_rng([number, *family.__name__.encode()]), fewest, most, widest)
    return StandardScaler().fit_transform(np.asarray(family(lot), dtype=np.float64))


def with_categories(table: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the table beside one to three columns of independent categories, and their mask."""
    random = np.random.default_rng(number)
    parts, discrete = [table], [False] * table.shape[1]
    for _ in range(random.integers(1, 4)):
        levels = int(random.integers(2, 6))
        shares = random.dirichlet(np.full(levels, 2.0))
        parts.append(np.eye(levels)[random.choice(levels, size=len(table), p=shares)])
        discrete += [True] * levels
    return np.hstack(parts), np.array(discrete)


#: Samples whose classes are groups that the eye sees.
SAMPLES_WITH_GROUPS = ("iris", "wine", "penguins", "digits")


def sample_table(identifier: str) -> np.ndarray:
    """Return a sample's measurements without its label, complete rows only, on one scale."""
    sample = find_sample(identifier)
    frame = pd.read_csv(sample.path).drop(columns=[sample.target, "year"], errors="ignore")
    return StandardScaler().fit_transform(frame.select_dtypes("number").dropna())
