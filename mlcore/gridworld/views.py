"""Tables of runs as they are looked at: learning curves with bands, agents side by side, maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from mlcore.gridworld.world import GridWorld, Numbers

#: Of every band and interval.
LEVEL = 0.95
#: Episodes of a curve that are kept at most; more cannot be told apart on a screen.
MOST_POINTS = 400
#: The share of episodes that counts as "the last ones".
LAST = 0.1
#: An error is not drawn smaller than this; powers of ten know no zero.
_LEAST = 1e-12
#: Sides of a map that is drawn at most; larger worlds are drawn coarser.
MOST_SIDE = 200


class Verdict(StrEnum):
    """What setting an agent beside the best one says."""

    BEST = "best"
    WORSE = "worse"
    NO_CLEAR_DIFFERENCE = "no_clear_difference"
    TOO_FEW = "too_few"


@dataclass(frozen=True, eq=False, kw_only=True)
class Learnt:
    """What the comparison knows about the run of an agent.

    Parameters
    ----------
    id, name : str
        Of the run.
    episodes : int
        How many episodes each agent had.
    late : Series
        What each agent got in the last ones, by ``seed``: of :func:`last_returns`.
    luck : int
        The seed of the run: agents of two runs with the same one had the same luck, and are
        compared pair by pair.
    """

    id: str
    name: str
    episodes: int
    late: pd.Series
    luck: int


def window_for(episodes: int) -> int:
    """Return over how many episodes a curve is smoothed: about a fiftieth of them.

    >>> window_for(20), window_for(500), window_for(100_000)
    (1, 10, 200)
    """
    return int(min(max(episodes // 50, 1), 200))


def learning_curve(
    episodes: pd.DataFrame, measure: str = "discounted_return", window: int | None = None
) -> pd.DataFrame:
    """Return the mean over the agents and its 95 % band, episode by episode.

    Parameters
    ----------
    episodes : DataFrame
        ``seed``, ``episode`` (from 1), and the measure.
    measure : str, default "discounted_return"
        ``"return"``, ``"discounted_return"`` or ``"length"``.
    window : int, optional
        Each agent's line is the mean over so many last episodes; :func:`window_for` by default.

    Returns
    -------
    DataFrame
        ``episode``, ``mean``, ``low``, ``high`` (NaN for a single agent), ``seeds``, ``window``;
        at most :data:`MOST_POINTS` rows, the first and the last among them.
    """
    table = episodes.pivot(index="episode", columns="seed", values=measure)
    width = window_for(len(table)) if window is None else window
    smooth = table.rolling(width, min_periods=1).mean()
    curve = _banded(smooth).assign(window=width)
    return _thinned(curve)


def error_curve(errors: pd.DataFrame) -> pd.DataFrame:
    """Return the error of the agents against the exact values, episode by episode.

    It is meant for an axis of powers of ten, on which a mean would show the worst agents alone, and
    a mean of logarithms the best; so it is the agent in the middle, and the middle half.

    Parameters
    ----------
    errors : DataFrame
        ``seed``, ``episode``, ``rms``.

    Returns
    -------
    DataFrame
        ``episode``, ``mean`` (the median), ``low``, ``high`` (the quartiles), ``seeds``.
    """
    table = errors.pivot(index="episode", columns="seed", values="rms").clip(lower=_LEAST)
    low, middle, high = (table.quantile(share, axis=1) for share in (0.25, 0.5, 0.75))
    seeds = table.notna().sum(axis=1)
    found = pd.DataFrame({"mean": middle, "low": low, "high": high, "seeds": seeds})
    return _thinned(found.reset_index())


def updates_curve(updates: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the mean over the agents of what one column says, update by update.

    Losses, which fall by powers of ten, get the geometric mean.

    Parameters
    ----------
    updates : DataFrame
        ``seed``, ``update`` (from 1), and the measure.
    measure : str
        A column, such as ``"return"``, ``"spread"`` or ``"entropy"``.

    Returns
    -------
    DataFrame
        ``episode`` (the update), ``mean``, ``low``, ``high``, ``seeds``.
    """
    table = updates.pivot(index="update", columns="seed", values=measure)
    named = table.astype(float).rename_axis(index="episode")
    return _geometric(named) if measure == "value_loss" else _thinned(_banded(named))


def _geometric(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean and band of the logarithms, as numbers again."""
    curve = _banded(table.clip(lower=_LEAST).map(math.log10))
    columns = ["mean", "low", "high"]
    curve[columns] = 10 ** curve[columns]
    return _thinned(curve)


def _banded(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean and Student's t band over the columns of each row."""
    seeds = table.notna().sum(axis=1)
    mean = table.mean(axis=1)
    # Without a second agent there is no spread, and stdtrit(0, ...) is NaN.
    factor = stdtrit(seeds - 1, (1 + LEVEL) / 2) / np.sqrt(seeds)
    reach = table.std(axis=1, ddof=1) * factor
    curve = pd.DataFrame({"mean": mean, "low": mean - reach, "high": mean + reach, "seeds": seeds})
    return curve.reset_index()


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    if len(curve) <= MOST_POINTS:
        return curve
    kept = np.unique(np.linspace(0, len(curve) - 1, MOST_POINTS).round().astype(int))
    return curve.iloc[kept].reset_index(drop=True)


def last_returns(episodes: pd.DataFrame, measure: str = "discounted_return") -> pd.Series:
    """Return each agent's mean over the last tenth of its episodes, by ``seed``."""
    total = int(episodes["episode"].max())
    late = episodes[episodes["episode"] > total - max(1, math.floor(LAST * total))]
    return late.groupby("seed")[measure].mean()


def agents_board(runs: Sequence[Learnt]) -> pd.DataFrame:
    """Return the runs of agents side by side, the best first.

    Every run is compared with the best one. Where both had the same luck, that is agent by agent;
    the differences then vary less than the agents do. Which run is best is seen in the same
    numbers, so each of the m (m - 1) / 2 pairs might have been looked at: all intervals are taken
    at level ``1 - 0.05 / (m (m - 1) / 2)`` (Bonferroni) and hold together.

    Parameters
    ----------
    runs : sequence of Learnt
        In the same world, all by the same measure.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``episodes``, ``seeds``, ``mean``, ``low``, ``high`` (95 % interval over
        the agents), ``behind``, ``behind_low``, ``behind_high`` (how far behind the best one, with
        interval; NaN for the best), ``paired``, ``verdict`` (a :class:`Verdict`).
    """
    ordered = sorted(runs, key=lambda run: -float(run.late.mean()))
    level = 1 - (1 - LEVEL) / max(1, math.comb(len(ordered), 2))
    return pd.DataFrame([_board_row(run, ordered[0], level) for run in ordered])


def _board_row(run: Learnt, best: Learnt, level: float) -> dict[str, object]:
    mean, low, high = _interval(run.late.to_numpy(), LEVEL)
    paired = run.luck == best.luck
    behind = (np.nan,) * 3 if run is best else _behind(best.late, run.late, level, paired)
    return {
        "id": run.id,
        "name": run.name,
        "episodes": run.episodes,
        "seeds": len(run.late),
        "mean": mean,
        "low": low,
        "high": high,
        "behind": behind[0],
        "behind_low": behind[1],
        "behind_high": behind[2],
        "paired": paired,
        "verdict": (Verdict.BEST if run is best else _verdict(behind)).value,
    }


def _behind(
    best: pd.Series, other: pd.Series, level: float, paired: bool
) -> tuple[float, float, float]:
    if paired:
        return _interval((best - other).dropna().to_numpy(), level)
    return _welch(best.to_numpy(), other.to_numpy(), level)


def _interval(values: Numbers, level: float) -> tuple[float, float, float]:
    """Return a mean with its interval of Student's t."""
    n = len(values)
    mean = float(values.mean()) if n else np.nan
    if n < 2:
        return mean, np.nan, np.nan
    reach = float(stdtrit(n - 1, (1 + level) / 2) * values.std(ddof=1) / np.sqrt(n))
    return mean, mean - reach, mean + reach


def _welch(first: Numbers, second: Numbers, level: float) -> tuple[float, float, float]:
    """Return a difference of means with its interval (Welch: spreads may differ)."""
    difference = float(first.mean() - second.mean())
    if min(len(first), len(second)) < 2:
        return difference, np.nan, np.nan
    parts = np.array([sample.var(ddof=1) / len(sample) for sample in (first, second)])
    if parts.sum() == 0:
        return difference, difference, difference
    freedom = parts.sum() ** 2 / (parts**2 / [len(first) - 1, len(second) - 1]).sum()
    reach = float(stdtrit(freedom, (1 + level) / 2) * np.sqrt(parts.sum()))
    return difference, difference - reach, difference + reach


def _verdict(behind: tuple[float, float, float]) -> Verdict:
    if np.isnan(behind[1]):
        return Verdict.TOO_FEW
    return Verdict.WORSE if behind[1] > 0 else Verdict.NO_CLEAR_DIFFERENCE


def tile_side(rows: int, columns: int) -> int:
    """Return how many cells wide and high a tile of the map of a world is.

    >>> tile_side(5, 200), tile_side(1000, 300)
    (1, 5)
    """
    return max(1, -(-max(rows, columns) // MOST_SIDE))


def cells_frame(policy: pd.DataFrame, column: str, rows: int, columns: int) -> pd.DataFrame:
    """Return what the cells of a map show, coarser where the world is large.

    Parameters
    ----------
    policy : DataFrame
        ``row``, ``column``, and the column that is shown; several states of a cell are added up
        for ``"visits"``, and the mean is taken of anything else.
    column : str
        ``"value"`` or ``"visits"``.
    rows, columns : int
        Of the world.

    Returns
    -------
    DataFrame
        One row a tile, ``row``, ``column`` (its middle), ``shown``; tiles in which there is
        nothing but walls are left out.
    """
    tile = tile_side(rows, columns)
    middle = (tile - 1) / 2
    places = {
        "row": policy["row"] // tile * tile + middle,
        "column": policy["column"] // tile * tile + middle,
    }
    how = "sum" if column == "visits" else "mean"
    tiles = pd.DataFrame({**places, "shown": policy[column]})
    return tiles.groupby(["row", "column"], as_index=False).agg(shown=("shown", how))


def picture_frame(world: GridWorld) -> pd.DataFrame:
    """Return a large world as it is drawn: the share of walls in each tile.

    Returns
    -------
    DataFrame
        One row a tile, ``row``, ``column`` (its middle), ``shown`` (share of walls, 0 to 1).
    """
    row, column = np.indices(world.walls.shape).reshape(2, -1)
    cells = pd.DataFrame({"row": row, "column": column, "walls": world.walls.ravel().astype(float)})
    return cells_frame(cells, "walls", world.rows, world.columns)


def places_frame(world: GridWorld, most: int = 500) -> pd.DataFrame:
    """Return where a world has starts, terminals and teleports: ``row``, ``column``, ``kind``.

    Parameters
    ----------
    world : GridWorld
        The world.
    most : int, default 500
        So many of each kind at most.
    """
    found = {
        "start": np.argwhere(world.starts),
        "terminal": np.argwhere(world.terminals),
        "teleport": np.array([*world.teleports], dtype=int).reshape(-1, 2),
    }
    return pd.DataFrame(
        [(int(r), int(c), kind) for kind, cells in found.items() for r, c in cells[:most]],
        columns=["row", "column", "kind"],
    )
