"""Claim: tables without groups are called so, and groups that the eye sees are found.

Each family is drawn again and again, with 30 to 2,000 rows without groups and 100 to 2,000 with
them, and 1 to 30 columns. The share found is printed by family, and how long a table took.
"""

import argparse
import time
from collections.abc import Sequence

import pandas as pd
from joblib import Parallel, delayed
from structure_tables import (
    MISTAKEN,
    NOISE,
    PLANTED,
    SAMPLES_WITH_GROUPS,
    Family,
    draw,
    sample_table,
    with_categories,
)

from mlcore.evaluation.structure import structure_test

NOISE_ROWS, PLANTED_ROWS = (30, 2000), (100, 2000)


def one_table(
    kind: str, family: Family, number: int, rows: tuple[int, int], categories: bool
) -> dict[str, object]:
    table, discrete = draw(family, number, *rows), None
    if categories:
        table, discrete = with_categories(table, number)
    started = time.process_time()
    structure = structure_test(table, discrete=discrete, seed=number)
    return {
        "kind": kind,
        "family": family.__name__ + (" + categories" if categories else ""),
        "found": structure.found,
        "statistic": structure.statistic,
        "hopkins": structure.hopkins,
        "seconds": time.process_time() - started,
    }


def jobs(tables: int) -> list[tuple[str, Family, int, tuple[int, int], bool]]:
    wanted = [("noise", family, NOISE_ROWS, False) for family in NOISE]
    wanted += [("noise", family, NOISE_ROWS, True) for family in NOISE[:2]]
    wanted += [("mistaken", family, NOISE_ROWS, False) for family in MISTAKEN]
    wanted += [("planted", family, PLANTED_ROWS, False) for family in PLANTED]
    wanted += [("planted", PLANTED[1], PLANTED_ROWS, True)]
    return [
        (kind, family, number, rows, categories)
        for kind, family, rows, categories in wanted
        for number in range(tables)
    ]


def shares(lines: Sequence[dict[str, object]]) -> pd.DataFrame:
    grouped = pd.DataFrame(lines).groupby(["kind", "family"], sort=False)
    return grouped.agg(
        tables=("found", "size"),
        found=("found", "mean"),
        median_statistic=("statistic", "median"),
        median_hopkins=("hopkins", "median"),
        mean_seconds=("seconds", "mean"),
        worst_seconds=("seconds", "max"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=20, help="of each family")
    options = parser.parse_args()
    lines = Parallel(n_jobs=-1)(delayed(one_table)(*job) for job in jobs(options.tables))
    table = shares(lines)
    print(table.round(2).to_string())
    found = pd.DataFrame(lines).groupby("kind")["found"].mean()
    print(f"\nfound without groups {found['noise']:.1%} (aim: at most 5 %)")
    print(f"found with groups    {found['planted']:.1%} (aim: at least 95 %)")
    for name in SAMPLES_WITH_GROUPS:
        structure = structure_test(sample_table(name))
        print(f"{name:<9} found: {structure.found}, statistic {structure.statistic:.1f}")


if __name__ == "__main__":
    main()
