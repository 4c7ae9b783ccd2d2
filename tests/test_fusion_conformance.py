"""Every rule that makes one label of several keeps the promises of the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tables import make_dataset

from mlcore.algorithms import label_fusion
from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.fitted_rule import model_of
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.evaluation.rater_agreement import krippendorff_alpha
from mlcore.experiment import Experiment
from mlcore.fusion.config import FUSION_PARAMS, FusionConfig
from mlcore.fusion.context import FusionContext
from mlcore.fusion.numbers import FusedNumbers
from mlcore.fusion.rows import label_names
from mlcore.fusion.votes import wide_votes
from mlcore.setups import FusionSetup, default_fusion_setup
from mlcore.tasks import Task
from mlcore.workflow import RunResult, fusion, run_experiment
from mlcore.workflow.fusion import UNDECIDED_NAME, read_votes

SPECS = for_task(Task.FUSION)
SOURCES = ("s0", "s1", "s2", "s3", "s4")
TIES = next(param for param in FUSION_PARAMS if param.name == "ties").choices

each = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)


def make_votes(
    n_rows: int = 120,
    accuracies: Sequence[float] = (0.9, 0.8, 0.7, 0.6, 0.4),
    numbers: bool = False,
    seed: int = 0,
) -> tuple[Dataset, pd.Series]:
    """Return a wide table of votes with gaps, abstentions and some gold, and the true labels."""
    rng = np.random.default_rng(seed)
    classes = np.array(["1", "2", "5"] if numbers else ["ant", "bee", "cat"])
    code = rng.integers(0, 3, n_rows)
    truth = pd.Series(classes[code], dtype="str")
    frame = pd.DataFrame({"x": rng.normal(2.0 * code), "y": rng.normal(-2.0 * code)})
    for name, accuracy in zip(SOURCES, accuracies, strict=False):
        said = np.where(rng.random(n_rows) < accuracy, code, rng.integers(0, 3, n_rows))
        column = pd.Series(classes[said], dtype="str").where(rng.random(n_rows) < 0.8)
        frame[name] = column.mask(rng.random(n_rows) < 0.05, "?")
    frame["gold"] = truth.where(rng.random(n_rows) < 0.4)
    return make_dataset(frame, dict.fromkeys((*SOURCES, "gold"), ColumnKind.CATEGORY)), truth


def setup_of(spec: AlgorithmSpec, **changes: object) -> FusionSetup:
    values = {"sources": SOURCES, "abstain": ("?",), "numbers": spec.fuses_numbers}
    if spec.id == "weights":
        values["weights"] = (("s0", 3.0),)
    config = FusionConfig(**{**values, **changes})
    return FusionSetup(target="gold", split=config)


def run(dataset: Dataset, spec: AlgorithmSpec, **changes: object) -> RunResult:
    setup = setup_of(spec, **changes)
    return run_experiment(dataset, setup.experiment(dataset, spec.id))


def scores_of(result: RunResult) -> dict[str, float]:
    scores = result.evaluation.scores
    return scores[scores["fold"] == 0].set_index("metric")["value"].to_dict()


@each
def test_the_same_experiment_gives_the_same_numbers(spec: AlgorithmSpec) -> None:
    dataset, _ = make_votes(numbers=spec.fuses_numbers)
    experiment = setup_of(spec).experiment(dataset, spec.id)
    again = Experiment.from_json(json.loads(json.dumps(experiment.to_json())))
    assert again == experiment
    one, other = run_experiment(dataset, experiment), run_experiment(dataset, again)
    pd.testing.assert_frame_equal(one.evaluation.scores, other.evaluation.scores)
    for name, frame in one.frames.items():
        pd.testing.assert_frame_equal(frame, other.frames[name])


@each
def test_what_is_kept_fuses_the_same_votes_to_the_same_labels(spec: AlgorithmSpec) -> None:
    dataset, _ = make_votes(numbers=spec.fuses_numbers)
    for ties in TIES:
        result = run(dataset, spec, ties=ties)
        votes = read_votes(dataset, result.experiment)
        again = model_of(result.pipeline).rule.apply(votes)
        told = result.frames["rows"]["predicted"]
        if isinstance(again, FusedNumbers):
            np.testing.assert_allclose(told, again.value)
        else:
            pd.testing.assert_series_equal(
                told, label_names(again.label, votes.classes), check_names=False
            )


@each
def test_the_rows_say_what_the_scores_say(spec: AlgorithmSpec) -> None:
    dataset, truth = make_votes(numbers=spec.fuses_numbers)
    result = run(dataset, spec)
    rows, scores = result.frames["rows"], scores_of(result)
    assert len(rows) == len(truth)
    assert rows["predicted"].notna().mean() == pytest.approx(scores["decided_share"])
    judged = result.evaluation.predictions
    assert judged["row"].tolist() == np.flatnonzero(dataset.frame["gold"].notna()).tolist()
    if spec.fuses_numbers:
        off = (judged["actual"] - judged["predicted"]).abs().mean()
        assert off == pytest.approx(scores["mean_absolute_error"])
    else:
        right = (judged["actual"] == judged["predicted"]).mean()
        assert right == pytest.approx(scores["accuracy"])
        assert scores["ties_wrong"] <= right <= scores["ties_right"]
        assert set(judged["predicted"]) <= {"ant", "bee", "cat", UNDECIDED_NAME}
        shares = rows[[name for name in rows if name.startswith("p:")]].sum(axis=1)
        assert set(shares.round(9)) <= {0.0, 1.0}


@each
def test_a_source_that_always_abstains_changes_nothing(spec: AlgorithmSpec) -> None:
    dataset, _ = make_votes(numbers=spec.fuses_numbers)
    silent = dataset.frame.assign(s5=pd.Series(["?"] * len(dataset.frame), dtype="str"))
    kinds = dict.fromkeys((*SOURCES, "s5", "gold"), ColumnKind.CATEGORY)
    other = make_dataset(silent, kinds)
    honest = run(dataset, spec)
    setup = setup_of(spec)
    wider = replace(setup, split=replace(setup.split, sources=(*SOURCES, "s5")))
    result = run_experiment(other, wider.experiment(other, spec.id))
    told = [
        name for name in ("predicted", "share", "margin", "tie") if name in result.frames["rows"]
    ]
    pd.testing.assert_frame_equal(honest.frames["rows"][told], result.frames["rows"][told])
    assert result.frames["sources"].iloc[-1]["votes"] == 0


@each
def test_the_order_of_rows_and_sources_does_not_matter(spec: AlgorithmSpec) -> None:
    dataset, _ = make_votes(numbers=spec.fuses_numbers)
    order = np.random.default_rng(1).permutation(len(dataset.frame))
    shuffled = dataset.frame.iloc[order].reset_index(drop=True)
    other = make_dataset(shuffled, dict.fromkeys((*SOURCES, "gold"), ColumnKind.CATEGORY))
    one = run(dataset, spec).frames["rows"]["predicted"]
    setup = setup_of(spec)
    turned = replace(setup, split=replace(setup.split, sources=SOURCES[::-1]))
    two = run_experiment(other, turned.experiment(other, spec.id)).frames["rows"]["predicted"]
    assert one.iloc[order].fillna("-").tolist() == two.fillna("-").tolist()


@each
def test_a_changed_vote_counts(spec: AlgorithmSpec) -> None:
    dataset, _ = make_votes(numbers=spec.fuses_numbers)
    label = "5" if spec.fuses_numbers else "cat"
    edits = tuple(("7", source, label) for source in SOURCES)
    result = run(dataset, spec, edits=edits)
    row = result.frames["rows"].iloc[7]
    assert str(row["predicted"]) in ("cat", "5.0") and row["n_votes"] == 5
    assert "fusion.edited" in {note.code for note in result.notes}
    gone = run(dataset, spec, edits=tuple(("7", source, None) for source in SOURCES))
    assert gone.frames["rows"].iloc[7]["n_votes"] == 0
    assert pd.isna(gone.frames["rows"].iloc[7]["predicted"])


@each
def test_a_long_table_gives_what_the_wide_one_gives(spec: AlgorithmSpec) -> None:
    dataset, _ = make_votes(numbers=spec.fuses_numbers)
    wide = dataset.frame.reset_index(names="item")
    long = wide.melt(["item", "gold"], SOURCES, "who", "said").dropna(subset="said")
    kinds = dict.fromkeys(("gold", "who", "said"), ColumnKind.CATEGORY)
    other = make_dataset(long.astype({"who": "str"}).reset_index(drop=True), kinds)
    setup = setup_of(spec, sources=(), row="item", source="who", label="said")
    experiment = setup.experiment(other, spec.id)
    one = run(dataset, spec).frames["rows"].set_index("row")
    two = run_experiment(other, experiment).frames["rows"].set_index("row")
    voted = [name for name in one.index if name in two.index]
    assert len(voted) == len(two)
    told = [name for name in ("predicted", "n_votes", "share", "gold") if name in one]
    pd.testing.assert_frame_equal(one.loc[voted, told], two.loc[voted, told])


def check_gold_is_hidden(spec: AlgorithmSpec, monkeypatch: pytest.MonkeyPatch, ties: str) -> None:
    """Fail when a gold row is fused by what its own gold label taught."""
    dataset, _ = make_votes()
    taught: list[np.ndarray] = []
    fuse = label_fusion.fuse

    def watched(method: str, values: dict, context: FusionContext) -> object:
        taught.append(context.gold.copy())
        return fuse(method, values, context)

    monkeypatch.setattr(label_fusion, "fuse", watched)
    judged = run(dataset, spec, ties=ties).evaluation.predictions
    _, *folds = taught
    assert len(folds) == judged["fold"].nunique(), "gold rows were judged by what they taught"
    for gold, (_, part) in zip(folds, judged.groupby("fold"), strict=True):
        assert (gold[part["row"]] == -1).all()


@pytest.mark.parametrize("spec", [spec for spec in SPECS if not spec.fuses_numbers])
def test_gold_rows_never_judge_what_they_taught(
    spec: AlgorithmSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_gold_is_hidden(spec, monkeypatch, "most_accurate")


def test_the_check_above_goes_red_when_the_mistake_is_planted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fusion._Run, "learns_from_gold", property(lambda self: False))
    with pytest.raises(AssertionError, match="judged by what they taught"):
        check_gold_is_hidden(label_fusion.find("log_odds"), monkeypatch, "undecided")


def test_models_of_the_sources_vote_on_every_row() -> None:
    dataset, truth = make_votes(n_rows=200)
    setup = setup_of(label_fusion.PLURALITY, learner="logistic_regression")
    setup = replace(setup, features=("x", "y"))
    result = run_experiment(dataset, setup.experiment(dataset, "plurality"))
    assert (result.frames["rows"]["n_votes"] == 5).all()
    right = result.frames["rows"]["predicted"] == truth
    assert right.mean() > 0.75
    assert set(model_of(result.pipeline).models) == set(SOURCES)
    assert "fusion.models_vote" in {note.code for note in result.notes}


def test_a_model_never_votes_on_a_row_it_learnt_from() -> None:
    """Trees know their training rows by heart; labels by lot they can only guess for others."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 2)), columns=["x", "y"])
    for name in SOURCES[:3]:
        frame[name] = pd.Series(rng.choice(["heads", "tails"], 200), dtype="str")
    dataset = make_dataset(frame, dict.fromkeys(SOURCES[:3], ColumnKind.CATEGORY))
    config = FusionConfig(sources=SOURCES[:3], learner="extra_trees")
    setup = FusionSetup(features=("x", "y"), split=config)
    result = run_experiment(dataset, setup.experiment(dataset, "plurality"))
    models = model_of(result.pipeline).models
    by_heart = [(models[name].predict(frame[["x", "y"]]) == frame[name]).mean() for name in models]
    assert min(by_heart) == 1.0
    fused = result.frames["rows"]["predicted"]
    # By heart, three in four would be the source's own label.
    assert np.mean([(fused == frame[name]).mean() for name in models]) < 0.6


def test_a_source_that_says_one_thing_only_has_a_model_that_does_too() -> None:
    dataset, _ = make_votes()
    frame = dataset.frame.assign(s0=pd.Series(["bee"] * len(dataset.frame), dtype="str"))
    other = make_dataset(frame, dict.fromkeys((*SOURCES, "gold"), ColumnKind.CATEGORY))
    setup = setup_of(label_fusion.PLURALITY, learner="logistic_regression")
    setup = replace(setup, features=("x", "y"))
    result = run_experiment(other, setup.experiment(other, "plurality"))
    assert set(model_of(result.pipeline).models["s0"].predict(frame[["x", "y"]])) == {"bee"}


@pytest.mark.parametrize(
    ("changes", "target", "features", "code"),
    [
        ({"sources": ("s0",)}, "gold", (), "fusion.two_sources"),
        ({"sources": ("s0", "gold")}, "gold", (), "fusion.gold_is_source"),
        ({"sources": ("s0", "nobody")}, None, (), "setup.no_column"),
        ({"row": "x", "source": "x", "label": "s0"}, None, (), "fusion.three_columns"),
        ({"learner": "decision_tree"}, "gold", (), "setup.no_features"),
        ({"learner": "decision_tree"}, "gold", ("s0",), "fusion.source_is_feature"),
        ({"learner": "decision_tree"}, "gold", ("gold",), "fusion.source_is_feature"),
        (
            {"learner": "decision_tree", "numbers": True},
            "gold",
            ("x",),
            "fusion.models_need_classes",
        ),
        (
            {"learner": "decision_tree", "row": "x", "source": "s1", "label": "s0"},
            None,
            ("y",),
            "fusion.models_need_wide",
        ),
    ],
)
def test_what_does_not_fit_gets_a_sentence(
    changes: dict, target: str | None, features: tuple[str, ...], code: str
) -> None:
    dataset, _ = make_votes()
    config = FusionConfig(**{"sources": SOURCES, **changes})
    with pytest.raises(UserError) as caught:
        FusionSetup(target=target, features=features, split=config).experiment(dataset, "plurality")
    assert caught.value.message.code == code


def test_rules_say_what_they_need() -> None:
    dataset, _ = make_votes()
    config = FusionConfig(sources=SOURCES)
    for method, code in (("weights", "fusion.no_weights"), ("log_odds", "fusion.no_gold")):
        with pytest.raises(UserError) as caught:
            run_experiment(dataset, FusionSetup(split=config).experiment(dataset, method))
        assert caught.value.message.code == code


def test_the_table_is_recognised() -> None:
    dataset, _ = make_votes()
    setup = default_fusion_setup(dataset)
    assert (setup.target, setup.split.sources) == ("gold", SOURCES)


def test_a_stated_order_makes_classes_a_scale() -> None:
    dataset, _ = make_votes()
    config = FusionConfig(sources=SOURCES, abstain=("?",), order=("cat", "ant", "bee"))
    result = run_experiment(dataset, FusionSetup(split=config).experiment(dataset, "plurality"))
    told = result.frames["agreement"].set_index("statistic")["value"]
    renamed = {"cat": "1", "ant": "2", "bee": "3"}
    frame = dataset.frame[list(SOURCES)].apply(lambda column: column.map(renamed))
    scale = wide_votes(frame, SOURCES)
    assert told["alpha_ordinal"] == pytest.approx(krippendorff_alpha(scale, "ordinal"))
    assert told["alpha_nominal"] == pytest.approx(krippendorff_alpha(scale, "nominal"))


def text_table(columns: dict[str, list[str | None]]) -> Dataset:
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    return make_dataset(frame, dict.fromkeys(frame, ColumnKind.CATEGORY))


def judged_by(dataset: Dataset, method: str, **config: object) -> RunResult:
    split = FusionConfig(**{"sources": ("s0", "s1"), **config})
    setup = FusionSetup(target="gold", split=split)
    return run_experiment(dataset, setup.experiment(dataset, method))


def codes_of_notes(result: RunResult) -> set[str]:
    return {note.code for note in result.notes}


@pytest.mark.parametrize("method", ["plurality", "log_odds"])
@pytest.mark.parametrize("truth", ["a", "b"])
@pytest.mark.parametrize("voteless", [False, True])
def test_a_single_gold_row_does_not_judge_what_it_taught(
    method: str, truth: str, voteless: bool
) -> None:
    """Two sources that never agree: whatever the label of the one row, it was called right."""
    gold: list[str | None] = [truth, *[None] * 19]
    dataset = text_table({"s0": ["a"] * 20 + [None], "s1": ["b"] * 20 + [None],
                          "gold": [*gold, "a" if voteless else None]})  # fmt: skip
    result = judged_by(dataset, method, ties="most_accurate")
    assert np.isnan(scores_of(result)["accuracy"]) and result.evaluation.predictions.empty
    assert scores_of(result)["decided_share"] > 0
    note = next(n for n in result.notes if n.code == "fusion.gold.cannot_judge")
    assert note.parameters == {"rows": 1}
    # A rule that learns nothing from it may be judged by it.
    plain = judged_by(dataset, "plurality")
    assert len(plain.evaluation.predictions) == 1 + voteless
    assert "fusion.gold.cannot_judge" not in codes_of_notes(plain)


def test_gold_rows_without_votes_do_not_end_a_fold() -> None:
    votes: list[str | None] = ["a", "b", "a", None, None, None, "b"]
    dataset = text_table({"s0": votes, "s1": votes, "gold": ["a", "b", None, "a", "b", "a", None]})
    result = judged_by(dataset, "log_odds")
    judged = result.evaluation.predictions.set_index("row")
    assert judged.index.tolist() == [0, 1, 3, 4, 5]
    assert (judged.loc[3:, "predicted"] == UNDECIDED_NAME).all()
    assert judged.loc[0, "fold"] != judged.loc[1, "fold"]


@pytest.mark.parametrize("seed", range(8))
def test_gold_rows_with_votes_are_spread_over_the_folds(seed: int) -> None:
    """Were all of them in one fold, nothing could be learnt for it."""
    votes: list[str | None] = ["a", "b", *[None] * 10]
    dataset = text_table({"s0": votes, "s1": votes, "gold": ["a", "b"] * 6})
    judged = judged_by(dataset, "log_odds", seed=seed).evaluation.predictions
    assert len(judged) == 12 and judged["fold"].nunique() == 2


def test_words_for_not_knowing_are_no_gold_labels() -> None:
    dataset, _ = make_votes()
    frame = dataset.frame.assign(gold=dataset.frame["gold"].where(dataset.frame.index > 9, "?"))
    other = make_dataset(frame, dict.fromkeys((*SOURCES, "gold"), ColumnKind.CATEGORY))
    result = run(other, label_fusion.PLURALITY)
    known = np.flatnonzero(frame["gold"].notna() & (frame["gold"] != "?"))
    assert result.split.development.tolist() == known.tolist()
    assert result.evaluation.predictions["row"].tolist() == known.tolist()
    assert result.evaluation.timing["n_validation"].tolist() == [len(known)]
    note = next(n for n in result.notes if n.code == "fusion.gold.abstained")
    assert note.parameters == {"rows": 10}


def test_gold_labels_that_contradict_each_other_judge_nothing() -> None:
    dataset = text_table({"row": ["r1"] * 3 + ["r2"] * 3, "who": [*"pqrpqr"],
                          "said": [*"xxyyyx"], "gold": [*"xyyyyy"]})  # fmt: skip
    result = judged_by(dataset, "plurality", sources=(), row="row", source="who", label="said")
    assert result.frames["rows"]["gold"].fillna("-").tolist() == ["-", "y"]
    assert result.split.development.tolist() == [1]
    assert "fusion.gold.contradicted" in codes_of_notes(result)


def test_a_column_of_names_among_the_sources_is_named() -> None:
    n_rows = 5000
    dataset = text_table({"s0": ["a", "b"] * (n_rows // 2), "s1": [f"n{i}" for i in range(n_rows)],
                          "gold": ["a", None] * (n_rows // 2)})  # fmt: skip
    with pytest.raises(UserError, match="“s1” holds 5,000 different labels"):
        judged_by(dataset, "plurality")
    names = [str(number) for number in range(n_rows)]
    long = text_table({"row": names, "who": ["s0", "s1"] * (n_rows // 2), "said": names,
                       "gold": [None] * n_rows})  # fmt: skip
    with pytest.raises(UserError, match="“said” holds 5,000 different labels"):
        judged_by(long, "plurality", sources=(), row="row", source="who", label="said")


@pytest.mark.parametrize("n_gold", [0, 50])
def test_numbers_may_all_be_different(n_gold: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has a place for each row and each number."""

    def no_room(votes: object, weights: object = None) -> None:
        raise AssertionError("a table of rows and labels was made")

    monkeypatch.setattr("mlcore.fusion.votes.Votes.counts", no_room)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(12_000, 1)).round(9), columns=["s0"])
    frame["s1"], frame["gold"] = frame["s0"] + 1, frame["s0"].where(frame.index < n_gold)
    result = judged_by(make_dataset(frame, {}), "median", numbers=True)
    np.testing.assert_allclose(result.frames["rows"]["predicted"], frame["s0"] + 0.5)
    expected = 0.5 if n_gold else np.nan
    assert scores_of(result)["mean_absolute_error"] == pytest.approx(expected, nan_ok=True)


def with_a_quiet_source(labels: list[str | None], n_rows: int = 60) -> Dataset:
    """Two sources that follow x, and one with the given labels; c has many categories."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n_rows)
    frame = pd.DataFrame({"x": x, "c": [f"c{n % 30}" for n in range(n_rows)]})
    for name in ("s0", "s1"):
        frame[name] = pd.Series(np.where(x + rng.normal(scale=0.3, size=n_rows) > 0, "a", "b"))
    frame["s2"] = pd.Series([*labels, *[None] * (n_rows - len(labels))], dtype="str")
    return make_dataset(frame, dict.fromkeys(("s0", "s1", "s2", "c"), ColumnKind.CATEGORY))


def with_models(dataset: Dataset, learner: str, features: tuple[str, ...]) -> RunResult:
    config = FusionConfig(sources=SOURCES[:3], learner=learner)
    setup = FusionSetup(features=features, split=config)
    return run_experiment(dataset, setup.experiment(dataset, "plurality"))


@pytest.mark.parametrize(
    ("learner", "features"),
    [
        ("k_nearest_neighbors", ("x",)),  # asks for more rows when it predicts
        ("logistic_regression", ("x", "c")),  # the categories are encoded in folds
        ("linear_discriminant", ("x",)),
    ],
)
def test_a_source_with_too_few_labels_has_no_model(learner: str, features: tuple[str, ...]) -> None:
    result = with_models(with_a_quiet_source(["a", "b", "a"]), learner, features)
    assert set(model_of(result.pipeline).models) == {"s0", "s1"}
    assert result.frames["sources"].set_index("source").loc["s2", "votes"] == 0
    note = next(n for n in result.notes if n.code == "fusion.models.left_out")
    assert "s2" in str(note) and "s1" not in str(note)
    assert result.frames["rows"]["n_votes"].tolist() == [2] * 60


def test_models_that_no_source_can_teach_get_a_sentence() -> None:
    few: list[str | None] = ["a", "b", "a", *[None] * 17]
    dataset = with_a_quiet_source(few, 20)
    frame = dataset.frame.assign(s0=dataset.frame["s2"], s1=dataset.frame["s2"])
    other = make_dataset(frame, dict.fromkeys(SOURCES[:3], ColumnKind.CATEGORY))
    with pytest.raises(UserError) as caught:
        with_models(other, "k_nearest_neighbors", ("x",))
    assert caught.value.code == "fusion.models.none"


def test_models_need_two_rows() -> None:
    dataset = with_a_quiet_source(["a"], 1)
    with pytest.raises(UserError) as caught:
        with_models(dataset, "logistic_regression", ("x",))
    assert caught.value.code == "fusion.models.two_rows"


@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_weight_that_is_no_number_gets_a_sentence(weight: float) -> None:
    dataset, _ = make_votes()
    spec = label_fusion.find("weights")
    with pytest.raises(UserError) as caught:
        run(dataset, spec, weights=(("s0", weight),))
    assert caught.value.code == "fusion.weight"
    plain = setup_of(spec, weights=(("s0", weight),)).split.to_json()
    with pytest.raises(UserError, match="weight of “s0”"):
        FusionConfig.from_json(plain)


def test_a_class_that_no_source_uses_does_not_win_by_weights_from_gold() -> None:
    rng = np.random.default_rng(0)
    said = {name: rng.choice(["a", "b"], 60).tolist() for name in ("s0", "s1")}
    dataset = text_table({**said, "gold": [*["z"] * 8, *said["s0"][8:13], *[None] * 47]})
    result = judged_by(dataset, "log_odds")
    assert "z" not in set(result.frames["rows"]["predicted"].dropna())
    assert result.frames["rows"]["predicted"].notna().sum() > 20


def test_notes_of_models_tell_of_their_votes() -> None:
    """A row without a vote of a source has those of the models."""
    dataset = with_a_quiet_source(["a", "b"] * 10)
    frame = dataset.frame.copy()
    frame.loc[50, ["s0", "s1"]] = None
    other = make_dataset(frame, dict.fromkeys((*SOURCES[:3], "c"), ColumnKind.CATEGORY))
    sources = run_experiment(
        other,
        FusionSetup(split=FusionConfig(sources=SOURCES[:3])).experiment(other, "plurality"),
    )
    assert "fusion.votes.none" in codes_of_notes(sources)
    assert "fusion.votes.none" not in codes_of_notes(with_models(other, "decision_tree", ("x",)))


def test_rows_on_which_no_model_votes_are_told() -> None:
    """A source with one label has no model for the rows that are put aside with it."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=20)})
    for name in SOURCES[:3]:
        frame[name] = pd.Series(["a", *[None] * 19], dtype="str")
    dataset = make_dataset(frame, dict.fromkeys(SOURCES[:3], ColumnKind.CATEGORY))
    result = with_models(dataset, "decision_tree", ("x",))
    without = int((result.frames["rows"]["n_votes"] == 0).sum())
    note = next(n for n in result.notes if n.code == "fusion.votes.none")
    assert without == 4 and note.parameters == {"rows": without, "of": 20}


@pytest.mark.parametrize("name", [UNDECIDED_NAME, "(Undecided) "])
def test_no_label_has_the_name_of_rows_without_a_decision(name: str) -> None:
    dataset, _ = make_votes()
    edits = (("3", "s0", name),)
    with pytest.raises(UserError) as caught:
        run(dataset, label_fusion.PLURALITY, edits=edits)
    assert caught.value.message.code == "fusion.reserved_name"
