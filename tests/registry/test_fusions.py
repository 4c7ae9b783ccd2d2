"""A fusion leaves with a program that fuses new votes as the workbench does, without a library."""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from registry_runs import (
    FEATURES,
    PROGRAMS,
    RULES,
    VOTERS,
    Train,
    facts_of,
    find,
    fusion_setup,
    name_of,
    resign,
    unpacked,
)
from tables import make_dataset

from mlcore.algorithms.fitted_rule import FittedRule, fusion_pipeline, model_of
from mlcore.algorithms.label_fusion import SPECS
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.kinds import type_table
from mlcore.data.reading import read_table
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.fusion.config import FUSION_PARAMS, FusionConfig
from mlcore.fusion.rules import vote_shares
from mlcore.fusion.spelling import normal_label, number_of
from mlcore.fusion.votes import Votes, long_votes, wide_votes
from mlcore.registry.bundle import verify_bundle, write_bundle
from mlcore.registry.bundle_files import fuse
from mlcore.registry.card import model_card
from mlcore.registry.formats import find_format
from mlcore.registry.fusion_files import fused_answers, golden_ballots
from mlcore.setups import FusionSetup
from mlcore.tasks import Task
from mlcore.workflow import RunResult, features_of, run_experiment
from mlcore.workflow.fusion import read_votes

TIES = tuple(getattr(FUSION_PARAMS[0], "choices", {}))
LAYOUTS = ("wide", "long")

#: Runs the program of each folder named on the command line, in one process without this project.
LOOP = """
import importlib.util, pathlib, sys
for folder in map(pathlib.Path, sys.argv[1:]):
    spec = importlib.util.spec_from_file_location("fuse", folder / "fuse.py")
    program = importlib.util.module_from_spec(spec)
    sys.modules["fuse"] = program
    spec.loader.exec_module(program)
    print("status", program.main([str(folder / "in.csv"), str(folder / "out.csv")], folder))
absent = ("mlcore", "numpy", "pandas", "sklearn", "skops")
assert not [name for name in sys.modules if name.split(".")[0] in absent]
"""


def find_rule(identifier: str) -> AlgorithmSpec:
    return find(identifier, Task.FUSION)


def rule_of(result: RunResult) -> FittedRule:
    return model_of(result.pipeline).rule


def bundle_of(dataset: Dataset, result: RunResult, folder: Path, **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_bundle(folder / "b.zip", dataset=dataset, result=result, name="Votes", **more)
    return unpacked(folder / "b.zip", folder / "bundle")


def read_csv(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def assert_same_answers(got: list[dict[str, str]], expected: dict[str, list[Any]]) -> None:
    """Compare an output with what the workbench says: texts exactly, numbers to twelve digits."""
    assert got
    for name, column in expected.items():
        texts = [line[name] for line in got]
        if any(isinstance(value, float) for value in column):
            blank = [i for i, value in enumerate(column) if value == ""]
            assert [i for i, text in enumerate(texts) if text == ""] == blank, name
            numbers = [float(text or 0) for text in texts]
            assert numbers == pytest.approx([value or 0 for value in column], rel=1e-12, abs=1e-15)
        else:
            assert texts == [str(value) for value in column], name


# Every rule, every rule for ties, both layouts


def long_table(dataset: Dataset, spec: AlgorithmSpec) -> Dataset:
    """The votes of a rule with a line for each, under the names item, who and said."""
    setup = fusion_setup(spec)
    wide = dataset.frame[list(setup.split.sources)]
    frame = wide.stack().rename_axis(["item", "who"]).rename("said").reset_index()
    frame["item"] = "i" + frame["item"].astype("str")
    frame["gold"] = dataset.frame["gold"].iloc[frame["item"].str[1:].astype(int)].to_numpy()
    kinds = {"item": ColumnKind.CATEGORY, "who": ColumnKind.CATEGORY, "gold": ColumnKind.CATEGORY}
    said = ColumnKind.NUMBER if spec.fuses_numbers else ColumnKind.CATEGORY
    return make_dataset(frame, {**kinds, "said": said})


def long_setup(spec: AlgorithmSpec) -> FusionSetup:
    setup = fusion_setup(spec)
    split = replace(setup.split, sources=(), row="item", source="who", label="said")
    return replace(setup, split=split)


def new_cells(spec: AlgorithmSpec) -> pd.DataFrame:
    """Votes on 40 new rows, one column a source: gaps, abstentions, other spellings, news."""
    rng = np.random.default_rng(5)
    sources = fusion_setup(spec).split.sources
    cells = ["ant", " BEE", "bee ", "cat", "Cat", "unsure", "UNSURE", "", "zebra", "12"]
    if spec.fuses_numbers:
        cells = ["1", "1.50", "-2", "7.25", "1000", "", "0.125"]
    chosen = rng.choice(cells, (40, len(sources) + 1))
    chosen[3] = ""
    return pd.DataFrame(chosen, columns=[*sources, "stranger"])


@dataclass(frozen=True)
class Case:
    """A folder with a bundle and new votes, and what the workbench makes of these."""

    folder: Path
    expected: dict[str, list[Any]]
    rule: FittedRule


def make_wide(dataset: Dataset, spec: AlgorithmSpec) -> tuple[Dataset, RunResult, pd.DataFrame]:
    result = run_experiment(dataset, fusion_setup(spec).experiment(dataset, spec.id))
    return dataset, result, new_cells(spec)


def make_long(dataset: Dataset, spec: AlgorithmSpec) -> tuple[Dataset, RunResult, pd.DataFrame]:
    table = long_table(dataset, spec)
    result = run_experiment(table, long_setup(spec).experiment(table, spec.id))
    lines = new_cells(spec).stack().rename_axis(["item", "who"]).rename("said").reset_index()
    lines["item"] = "n" + lines["item"].astype("str")
    # Some sources vote twice, and some lines name nobody.
    twice = lines.sample(30, random_state=1)
    twice["said"] = twice["said"].to_numpy()[::-1]
    again = pd.concat([lines, twice], ignore_index=True)
    again.loc[::23, "who"] = ""
    again.loc[::31, "item"] = ""
    return table, result, again


def votes_in(path: Path, spec: AlgorithmSpec, layout: str, rule: FittedRule) -> Votes:
    """Read a file as the workbench does; a column with sources it does not know is a source too."""
    said = ColumnKind.NUMBER if spec.fuses_numbers else ColumnKind.CATEGORY
    text = read_table(path).frame
    names = list(text) if layout == "wide" else ["said"]
    kinds = dict.fromkeys(text, ColumnKind.CATEGORY) | dict.fromkeys(names, said)
    _, frame = type_table(text, ".", kinds)
    if layout == "wide":
        return wide_votes(frame, list(frame), rule.abstain)
    return long_votes(frame, "item", "who", "said", rule.abstain)


@pytest.fixture(scope="module")
def cases(
    mixed_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str, str], Case]:
    """A bundle for each rule, rule for ties and layout, run in one process of its own."""
    home = tmp_path_factory.mktemp("fusions")
    made = {}
    for spec in RULES:
        for layout, make in zip(LAYOUTS, (make_wide, make_long), strict=True):
            dataset, result, new = make(mixed_dataset, spec)
            for ties in TIES:
                rule = replace(rule_of(result), ties=ties, order=("cat", "ant"))
                kept = replace(result, pipeline=fusion_pipeline(rule, {}))
                folder = bundle_of(dataset, kept, home / f"{spec.id}-{layout}-{ties}")
                new.to_csv(folder / "in.csv", index=False)
                votes = votes_in(folder / "in.csv", spec, layout, rule)
                made[spec.id, layout, ties] = Case(folder, fused_answers(rule, votes), rule)
    folders = [str(case.folder) for case in made.values()]
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOOP, *folders],
        cwd=home,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    statuses = [line for line in done.stdout.splitlines() if line.startswith("status")]
    assert statuses == ["status 0"] * len(made), done.stderr
    return made


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("spec", RULES, ids=name_of)
def test_the_program_fuses_new_votes_as_the_workbench_does(
    spec: AlgorithmSpec, layout: str, ties: str, cases: dict[tuple[str, str, str], Case]
) -> None:
    case = cases[spec.id, layout, ties]
    assert_same_answers(read_csv(case.folder / "out.csv"), case.expected)


def test_the_cases_have_ties_that_the_rules_decide_otherwise(
    cases: dict[tuple[str, str, str], Case],
) -> None:
    said = {ties: cases["plurality", "wide", ties].expected for ties in TIES}
    tied = [place for place, tie in enumerate(said["undecided"]["tie"]) if tie == "True"]
    assert len(tied) >= 5
    assert {said["undecided"]["label"][place] for place in tied} == {""}
    answers = {tuple(said[ties]["label"]) for ties in TIES}
    assert len(answers) >= 4
    assert "" in said["order"]["label"]  # rows without votes
    assert max(said["order"]["abstained"]) >= 2


def test_every_rule_is_in_the_program() -> None:
    assert {*fuse.DECIDES, *fuse.AVERAGES} == {spec.id for spec in SPECS}
    assert set(fuse.AVERAGES) == {spec.id for spec in SPECS if spec.fuses_numbers}


def test_a_rule_the_program_does_not_know_is_refused(train: Train) -> None:
    plain = rule_of(train(find_rule("plurality"))).to_json()
    with pytest.raises(fuse.Refusal, match="“oracle”, which is unknown"):
        fuse.Rule({**plain, "method": "oracle"})


def test_the_program_needs_nothing_but_python() -> None:
    tree = ast.parse(Path(str(fuse.__file__)).read_text("utf-8"))
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    # The two others lie beside it; the workbench has them elsewhere.
    assert names - set(sys.stdlib_module_names) == {"contract", "predict", "mlcore"}


@given(
    st.one_of(
        st.text(max_size=8), st.from_regex(r"[ +\-−]?0?[0-9]{0,3}\.?[0-9]{0,3} ?", fullmatch=True)
    )
)
@example("e\u0301")
def test_spellings_of_a_label_are_the_same_ones(text: str) -> None:
    assert (fuse.normal_label(text) or None) == normal_label(text)
    normal = normal_label(text)
    if normal is not None:
        assert fuse.number_of(normal) == number_of(normal)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.sampled_from([0, 1, 2])),
            st.sampled_from([-2.0, -0.3, 0.0, 0.1, 0.2, 1.0]),
        ),
        min_size=1,
        max_size=5,
    )
)
@example([(0, -0.3), (0, 0.1), (0, 0.2)])
def test_shares_are_the_same_whatever_the_weights(cells: list[tuple[int | None, float]]) -> None:
    codes, weights = [code for code, _ in cells], [weight for _, weight in cells]
    frame = pd.DataFrame([[None if code is None else "abc"[code] for code in codes]], dtype="str")
    frame.columns = [f"s{number}" for number in range(len(cells))]
    if not any(code is not None for code in codes):
        return
    votes = wide_votes(frame, list(frame), classes="abc")
    said = {source: code for source, code in enumerate(codes) if code is not None}
    told = vote_shares(votes, np.array(weights))[0].tolist()
    assert fuse._shares(said, weights, 3) == pytest.approx(told, rel=1e-9, abs=1e-12)


# The bundle


@pytest.fixture(scope="module")
def voted(train: Train) -> RunResult:
    """A fusion by the sources' errors, which it estimated."""
    return train(find_rule("dawid_skene"))


@pytest.fixture
def folder(voted: RunResult, mixed_dataset: Dataset, tmp_path: Path) -> Path:
    """The unpacked bundle of it."""
    return bundle_of(mixed_dataset, voted, tmp_path)


def test_what_is_in_a_bundle_of_a_fusion(folder: Path, voted: RunResult) -> None:
    names = {entry.name for entry in folder.iterdir()}
    assert names == {
        *("README.txt", "report.md", "fused.csv", "sources.csv", "agreement.csv", "scores.csv"),
        *("rule.json", "experiment.json", "input_schema.json", "manifest.json"),
        *("golden_votes.csv", "golden_fused.csv", "fuse.py", *PROGRAMS),
    }
    told = (folder / "README.txt").read_text("utf-8")
    assert [name for name in names - {"README.txt"} if name not in told] == []
    assert [line["row"] for line in read_csv(folder / "fused.csv")] == list(map(str, range(120)))
    assert [line["source"] for line in read_csv(folder / "sources.csv")] == list(VOTERS)
    assert json.loads((folder / "rule.json").read_text("utf-8")) == rule_of(voted).to_json()
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["libraries"] == {}


@pytest.mark.parametrize("spec", RULES, ids=name_of)
def test_every_rule_passes_its_own_check(
    spec: AlgorithmSpec, train: Train, mixed_dataset: Dataset, tmp_path: Path
) -> None:
    write_bundle(tmp_path / "b.zip", dataset=mixed_dataset, result=train(spec), name=spec.name)
    verify_bundle(tmp_path / "b.zip")


def test_golden_votes_show_ties_and_abstentions(mixed_dataset: Dataset, train: Train) -> None:
    result = train(find_rule("plurality"))
    votes = read_votes(mixed_dataset, result.experiment)
    chosen = golden_ballots(rule_of(result), votes)
    fused = rule_of(result).apply(votes)
    assert len(chosen) == 10
    assert fused.tied[chosen].sum() >= 2
    assert len(set(chosen) & set(votes.abstained_row)) >= 2
    assert votes.per_row()[chosen].min() > 0


def test_the_same_fusion_gives_the_same_bytes(
    voted: RunResult, mixed_dataset: Dataset, tmp_path: Path
) -> None:
    for name in "ab":
        write_bundle(tmp_path / name, dataset=mixed_dataset, result=voted, name="Votes")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("name", ["rule.json", "predict.py", "golden_fused.csv", "fused.csv"])
def test_a_changed_file_is_refused(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert fuse.main([], folder) == 1
    assert f"“{name}” has changed" in capsys.readouterr().err


def test_another_answer_fails_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "golden_fused.csv"
    path.write_text(path.read_text("utf-8").replace("\n0,", "\n0,not "), "utf-8")
    resign(folder)
    assert fuse.main([], folder) == 1
    said = capsys.readouterr()
    assert said.out.startswith("FAILED")
    assert "Golden row 1, label: expected not " in said.err


# Input


def fused_lines(folder: Path, text: str, *options: str, status: int = 0) -> list[dict[str, str]]:
    (folder / "in.csv").write_text(text, encoding="utf-8")
    files = [str(folder / name) for name in ("in.csv", "out.csv")]
    assert fuse.main([*files, *options], folder) == status
    return read_csv(folder / "out.csv") if status == 0 else []


def test_what_does_not_count_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = fused_lines(folder, "note,ann,bob\n=1+1,Ant,zebra\nx,ant,\n")
    assert [line["label"] for line in lines] == ["ant", "ant"]
    assert [line["n_votes"] for line in lines] == ["1", "1"]
    assert [line["note"] for line in lines] == ["'=1+1", "x"]
    said = capsys.readouterr().err
    assert "Sources without a column, so without votes: “eve”." in said
    assert "Column “bob”: 1 labels (“zebra”) are none that the rule knows" in said
    assert "only copied: “note”" in said


def test_a_label_that_a_spreadsheet_would_run_is_neutralised(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["=1+1", "b"] * 6, "c": ["=1+1", "b"] * 6}, dtype="str")
    table = make_dataset(frame, dict.fromkeys("ac", ColumnKind.CATEGORY))
    setup = FusionSetup(split=FusionConfig(sources=("a", "c")))
    folder = bundle_of(table, run_experiment(table, setup.experiment(table, "plurality")), tmp_path)
    rows = "a,c\n=1+1,=1+1\n"
    assert fused_lines(folder, rows)[0]["label"] == "'=1+1"
    assert fused_lines(folder, rows, "--raw-cells")[0]["label"] == "=1+1"


def test_lots_do_not_depend_on_large_letters(tmp_path: Path) -> None:
    """The same class may be shown in another spelling in another table."""
    frame = pd.DataFrame({"a": ["Yes"] * 30, "b": ["No"] * 30}, dtype="str")
    table = make_dataset(frame, dict.fromkeys("ab", ColumnKind.CATEGORY))
    setup = FusionSetup(split=FusionConfig(sources=("a", "b"), ties="random"))
    result = run_experiment(table, setup.experiment(table, "plurality"))
    lines = fused_lines(bundle_of(table, result, tmp_path), frame.to_csv(index=False))
    assert [line["label"] for line in lines] == result.frames["rows"]["predicted"].tolist()
    assert {line["label"] for line in lines} == {"Yes", "No"}


def test_a_word_for_not_knowing_is_no_missing_value(tmp_path: Path) -> None:
    """Also in a column of numbers, and where no source of the first table used it."""
    frame = pd.DataFrame({"a": ["1", "2"] * 9, "b": ["1", "?"] * 9})
    frame = frame.assign(a=frame["a"].astype(float), b=frame["b"].astype("str"))
    table = make_dataset(frame, {"b": ColumnKind.CATEGORY})
    setup = FusionSetup(split=FusionConfig(sources=("a", "b"), abstain=("?",)))
    result = run_experiment(table, setup.experiment(table, "plurality"))
    folder = bundle_of(table, result, tmp_path)
    lines = fused_lines(folder, "a,b\n?,1.0\n 2 ,?\n?,\n")
    assert [line["label"] for line in lines] == ["1", "2", ""]
    assert [line["abstained"] for line in lines] == ["1", "1", "1"]


def test_numbers_with_a_decimal_comma_are_fused(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    rows = [f"{n},5;{n + 1},25;{n + 2}" for n in range(20)]
    path.write_text("\n".join(["a;b;c", *rows]), encoding="utf-8")
    table = read_table(path)
    schema, frame = type_table(table.frame, ",", {})
    dataset = make_dataset(frame, {column.name: column.kind for column in schema.columns})
    setup = FusionSetup(split=FusionConfig(sources=("a", "b", "c"), numbers=True))
    result = run_experiment(dataset, setup.experiment(dataset, "median"))
    folder = bundle_of(dataset, result, tmp_path, decimal=",", text=table.frame)
    (folder / "in.csv").write_text("a;b;c\n1,5;100;1,75\n;;\n-;3;x\n", encoding="utf-8")
    assert fuse.main([str(folder / "in.csv"), str(folder / "out.csv")], folder) == 0
    lines = read_csv(folder / "out.csv", ";")
    assert [line["label"] for line in lines] == ["1,75", "", "3,0"]
    assert [line["n_votes"] for line in lines] == ["3", "0", "1"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["no_such.csv", "out.csv"], "cannot be read"),
        (["scores.csv", "out.csv"], "has no column “ann”, “bob”, “eve”"),
        (["golden_votes.csv"], "Name two files"),
        (["golden_votes.csv", "golden_votes.csv"], "Name two files"),
        (["golden_votes.csv", "no/such/out.csv"], "cannot be written"),
    ],
)
def test_input_that_cannot_be_used_gets_a_sentence(
    folder: Path,
    arguments: list[str],
    part: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    assert fuse.main(arguments, folder) == 2
    assert part in capsys.readouterr().err
    assert not (folder / "out.csv").exists()


# Models of the sources


@pytest.fixture(scope="module")
def modelled(mixed_dataset: Dataset) -> tuple[RunResult, Dataset]:
    """A fusion of what a tree for each source says; one source knows one label only."""
    frame = mixed_dataset.frame.assign(eve=mixed_dataset.frame["eve"].where(lambda s: s == "cat"))
    kinds = {column.name: column.kind for column in mixed_dataset.schema.columns}
    table = make_dataset(frame, kinds)
    setup = fusion_setup(find_rule("weights"), learner="decision_tree", ties="order")
    setup = replace(setup, features=FEATURES)
    return run_experiment(table, setup.experiment(table, "weights")), table


@pytest.fixture(scope="module")
def model_bundle(
    modelled: tuple[RunResult, Dataset], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The unpacked bundle of it, with new rows."""
    result, table = modelled
    folder = bundle_of(table, result, tmp_path_factory.mktemp("models"))
    rows = table.frame[[*FEATURES, "price"]].sample(30, random_state=2)
    rows.assign(prediction="mine").to_csv(folder / "in.csv", index=False)
    return folder


def test_models_of_the_sources_vote_in_a_process_of_their_own(
    modelled: tuple[RunResult, Dataset], model_bundle: Path
) -> None:
    result, table = modelled
    done = subprocess.run(
        [sys.executable, "-I", "fuse.py", "in.csv", "out.csv"],
        cwd=model_bundle,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    rows = features_of(table, FEATURES).loc[
        table.frame[[*FEATURES]].sample(30, random_state=2).index
    ]
    model = model_of(result.pipeline)
    said = {name: each.predict(rows) for name, each in model.models.items()}
    votes = wide_votes(pd.DataFrame(said).reset_index(drop=True), list(said))
    lines = read_csv(model_bundle / "out.csv")
    assert_same_answers(lines, fused_answers(model.rule, votes))
    assert {line["prediction"] for line in lines} == {"mine"}
    assert set(said) == set(VOTERS)


def test_each_model_has_a_folder_that_works_alone(model_bundle: Path) -> None:
    folders = json.loads((model_bundle / "models.json").read_text("utf-8"))
    assert folders == {"ann": "model_1", "bob": "model_2", "eve": "model_3"}
    names = {entry.name for entry in (model_bundle / "model_2").iterdir()}
    assert names == {
        *("model.skops", "input_schema.json", "golden_rows.csv", "golden_predictions.csv"),
        *("requirements.txt", "manifest.json", *PROGRAMS),
    }
    schema = json.loads((model_bundle / "model_2/input_schema.json").read_text("utf-8"))
    assert (schema["target"], schema["classes"]) == ("bob", ["ant", "bee", "cat"])
    assert fuse.predict.main([], model_bundle / "model_2") == 0


def test_votes_of_the_sources_themselves_can_be_fused_too(
    model_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("ann,bob,eve\nant,bee,\n", encoding="utf-8")
    files = [str(tmp_path / name) for name in ("in.csv", "out.csv")]
    assert fuse.main([*files, "--votes"], model_bundle) == 0
    assert read_csv(tmp_path / "out.csv")[0]["label"] == "ant"


def test_the_check_asks_the_models_too(
    model_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(model_bundle, tmp_path / "bundle")
    golden = folder / "model_2/golden_predictions.csv"
    golden.write_text(golden.read_text("utf-8").replace("\nant,", "\nbee,"), "utf-8")
    assert fuse.main([], folder) == 1
    assert "“model_2/golden_predictions.csv” has changed" in capsys.readouterr().err
    resign(folder / "model_2")
    resign(folder)
    assert fuse.main([], folder) == 1
    assert "model_2: Golden row" in capsys.readouterr().err


def test_no_file_of_a_bundle_lies_outside_it() -> None:
    for name in ("../x", "a/../x", "..", "/x", "a//x", "", "/", "."):
        assert not fuse.contract.is_inside(name), name
    assert fuse.contract.is_inside("model_1/model.skops")


# The report


@pytest.mark.parametrize("spec", RULES, ids=name_of)
def test_the_report_states_the_method(
    spec: AlgorithmSpec, train: Train, mixed_dataset: Dataset
) -> None:
    report = model_card(facts_of(mixed_dataset, train(spec)))
    for part in (spec.name, spec.reference, "Rows without a label in the end", "## The sources"):
        assert part in report, part
    for param in spec.params:
        assert f"| `{param.name}` |" in report
    assert "nan" not in report.split()
    assert "Krippendorff" in report


def test_the_report_tells_ties_gold_and_folds(mixed_dataset: Dataset, train: Train) -> None:
    result = train(find_rule("log_odds"))
    report = model_card(facts_of(mixed_dataset, result))
    n_votes = int(result.frames["sources"]["votes"].sum())
    for part in (
        f"One label for each of 120 rows, from {n_votes} votes of 3 sources.",
        "The labels are “ant”, “bee”, “cat”.",
        "Words that mean “does not know”: “unsure”.",
        "Rule: Leave the row undecided.",
        "Judged on the 40 rows whose true label is known.",
        "accuracy in 5 folds ",
        "Share of all rows that got a label",
        "| Column of true labels | gold |",
        "| Seed | 3 |",
    ):
        assert part in report, part
    line = next(line for line in report.splitlines() if line.startswith("| Accuracy |"))
    assert " – " in line


def test_a_report_without_gold_says_so(mixed_dataset: Dataset, train: Train) -> None:
    report = model_card(facts_of(mixed_dataset, train(find_rule("median"))))
    assert "No true label is known" in report
    assert "got a number" in report


def test_the_report_points_out_what_to_look_at(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice(["a", "b"], 80)
    other = np.where(truth == "a", "b", "a")
    frame = pd.DataFrame({"x": truth, "y": truth, "z": truth, "liar": other, "gold": truth})
    table = make_dataset(frame.astype("str"), dict.fromkeys(frame, ColumnKind.CATEGORY))
    config = FusionConfig(sources=("x", "y", "z", "liar"), edits=(("3", "x", None),))
    setup = FusionSetup(target="gold", split=config)
    result = run_experiment(table, setup.experiment(table, "plurality"))
    report = model_card(facts_of(table, result))
    assert "Sources against guessing" in report
    assert "liar" in report
    assert "1 vote was changed by hand" in report


def test_the_report_of_models_says_who_voted(modelled: tuple[RunResult, Dataset]) -> None:
    result, table = modelled
    report = model_card(facts_of(table, result))
    assert "Not the sources voted but a model of each (Decision tree)" in report
    assert "## Preparation of the columns" in report
    assert "the votes of each source on up to ten rows" in report


def test_what_a_user_typed_is_not_run_in_the_report() -> None:
    name, label = "<script>alert(1)</script>", "![x](http://127.0.0.1)"
    frame = pd.DataFrame({name: [label, "b"] * 9, "c": [label, "b"] * 9}, dtype="str")
    table = make_dataset(frame, dict.fromkeys(frame, ColumnKind.CATEGORY))
    setup = FusionSetup(split=FusionConfig(sources=(name, "c"), abstain=("<b>",)))
    report = model_card(facts_of(table, run_experiment(table, setup.experiment(table, "majority"))))
    assert "script" in report
    assert re.search(r"(?<!\\)[<!]", report) is None


def test_a_fusion_has_no_model_alone(mixed_dataset: Dataset, train: Train) -> None:
    with pytest.raises(UserError, match="no download called “skops”"):
        find_format("skops", Task.FUSION)
