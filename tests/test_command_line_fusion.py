"""``python -m mlcore fuse``: one label of several, rules side by side, as documented."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from mlcore.__main__ import main
from mlcore.algorithms.catalogue import CATALOGUE
from mlcore.command_line import running
from mlcore.command_line.experiments import DEFAULT_ALGORITHMS, DEFAULT_NUMBER_RULES
from mlcore.command_line.options import parser
from mlcore.setups import default_fusion_setup
from mlcore.tasks import Task
from mlcore.workflow import run_experiment

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
SOURCES = ["ada", "ben", "cem", "dia"]
PLURALITY = ("--method", "plurality")


def section(heading: str) -> str:
    return DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def no_constant(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


def read(text: str) -> Any:
    return json.loads(text, parse_constant=no_constant)


def simulated() -> pd.DataFrame:
    """Return votes of four sources of known accuracy, with gaps, and some gold labels."""
    random = np.random.default_rng(0)
    names = np.array(["cat", "dog", "owl"])
    true = random.integers(0, 3, 240)
    frame = pd.DataFrame({"x": random.normal(true, 0.6), "z": random.normal(-true, 0.8)}).round(3)
    for name, accuracy in zip(SOURCES, (0.9, 0.8, 0.7, 0.4), strict=True):
        wrong = (true + random.integers(1, 3, 240)) % 3
        vote = pd.Series(names[np.where(random.random(240) < accuracy, true, wrong)], dtype="str")
        frame[name] = vote.where(random.random(240) < 0.8)
    gold = pd.Series(names[true], dtype="str")
    return frame.assign(gold=gold.where(random.random(240) < 0.4))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "wide.csv"
    simulated().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = simulated().reset_index(names="item")
    # Lines without a vote keep their row, as an empty cell does in a wide table.
    lines = frame.melt(["item", "gold"], SOURCES, "worker", "answer").sort_values(
        ["item", "worker"]
    )
    path = tmp_path_factory.mktemp("tables") / "long.csv"
    lines.to_csv(path, index=False)
    return path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        with threadpool_limits(1):
            status = main(["fuse", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def to_file(frame: pd.DataFrame) -> Path:
        path = tmp_path / "table.csv"
        frame.to_csv(path, index=False)
        return path

    return to_file


def plurality(frame: pd.DataFrame) -> pd.Series:
    """Return the most frequent vote of each row; missing where several are."""
    modes = frame[SOURCES].mode(axis=1)
    return modes[0].where(modes.notna().sum(axis=1) == 1)


@pytest.mark.parametrize("numbers", [False, True], ids=["classes", "numbers"])
def test_the_json_object_is_the_documented_one(
    call: Any, wide: Path, write: Any, numbers: bool
) -> None:
    path = write(rated()) if numbers else wide
    extra = ("--sources", "a,b,c", "--gold", "true", "--numbers") if numbers else ()
    status, out, err = call(path, "--json", *extra)
    assert (status, err) == (0, "")
    told = read(out)
    own = section("The JSON object of a fusion")
    documented = set(re.findall(r"`(\w+)`", own))
    fields = set(re.findall(r"^\| `(\w+)` ", own, re.MULTILINE))
    shared = set(re.findall(r"`(\w+)`", section("The JSON object of a training")))
    findings = set(re.findall(r"`(\w+)`", section("The JSON object of few labels")))
    for run in told["runs"]:
        keys = set(told) | set(run)
        assert fields | (shared & keys) == keys
        assert shared & keys <= documented
        parts = (run["scores"], run["interval"] or {}, run["sources"][0])
        assert set().union(*parts) <= documented
        assert set(run["findings"][0]) <= findings
    parts = (told["layout"], told["fusion"], told["votes"], told["agreement"], told["kappa"][0])
    assert set().union(*parts, told["agreement"]["statistics"][0]) <= documented


def test_a_plurality_is_what_anybody_would_count(call: Any, wide: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(wide)
    status, out, _ = call(wide, *PLURALITY, "--json", "--out", tmp_path)
    told = read(out)
    (run,) = told["runs"]
    fused, gold = plurality(frame), frame["gold"]
    known = gold.notna()
    hits = int((fused == gold)[known].sum())
    modes = frame[SOURCES].mode(axis=1)
    tied = modes.notna().sum(axis=1) > 1
    among = modes.eq(gold, axis=0).any(axis=1)
    assert status == 0
    assert run["scores"]["accuracy"] == pytest.approx(hits / known.sum())
    assert run["scores"]["ties_wrong"] == pytest.approx(hits / known.sum())
    assert run["scores"]["ties_right"] == pytest.approx(
        (hits + (tied & among & known).sum()) / known.sum()
    )
    assert run["scores"]["tie_share"] == pytest.approx(tied.mean())
    assert (run["interval"]["hits"], run["interval"]["rows"]) == (hits, known.sum())
    assert run["interval"]["low"] < run["scores"]["accuracy"] < run["interval"]["high"]
    assert run["undecided"] == fused.isna().sum()
    assert told["votes"]["votes"] == frame[SOURCES].notna().sum().sum()
    for source, line in zip(SOURCES, run["sources"], strict=True):
        voted = frame[source].notna()
        assert (line["source"], line["votes"]) == (source, voted.sum())
        assert line["accuracy"] == pytest.approx((frame[source] == gold)[voted & known].mean())
    rows = pd.read_csv(tmp_path / "plurality.csv")
    assert rows["label"].fillna("").tolist() == fused.fillna("").tolist()
    assert (rows["part"] == "undecided").tolist() == fused.isna().tolist()
    assert fused_by_bundle(run["paths"][0], wide, tmp_path) == fused.fillna("").tolist()


def fused_by_bundle(bundle: str, table: Path, folder: Path) -> list[str]:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder / "bundle")
    done = subprocess.run(
        [sys.executable, "-I", "fuse.py", table, "answers.csv"],
        cwd=folder / "bundle",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answers = pd.read_csv(folder / "bundle" / "answers.csv")
    return list(answers["label"].fillna(""))


def test_it_tells_what_the_core_computes(call: Any, wide: Path) -> None:
    told = read(call(wide, "--json")[1])
    dataset = running.read_file(parser().parse_args(["fuse", str(wide)])).dataset
    setup = default_fusion_setup(dataset)
    assert [run["algorithm"] for run in told["runs"]] == list(DEFAULT_ALGORITHMS[Task.FUSION])
    for run in told["runs"]:
        with threadpool_limits(1):
            result = run_experiment(dataset, setup.experiment(dataset, run["algorithm"]))
        scores = result.evaluation.scores.query("fold == 0").set_index("metric")["value"]
        assert run["scores"] == pytest.approx(scores.to_dict())
        expected = result.frames["sources"]["estimated_accuracy"]
        found = [line["estimated_accuracy"] for line in run["sources"]]
        assert found == ([None] * 4 if expected.isna().all() else pytest.approx(list(expected)))


def test_long_and_wide_tables_give_the_same(call: Any, wide: Path, long: Path) -> None:
    columns = ("--row", "item", "--source", "worker", "--label", "answer", "--gold", "gold")
    from_long = read(call(long, *columns, "--json")[1])
    detected = read(call(long, "--json")[1])
    from_wide = read(call(wide, "--json")[1])
    assert (from_long["layout"]["kind"], from_wide["layout"]["kind"]) == ("long", "wide")
    assert from_long["layout"]["detected"] is None
    assert detected["layout"]["detected"].startswith("One line for each vote: “item” names 240")
    for one in (from_long, detected):
        assert one["gold"] == "gold"
        for ours, theirs in zip(one["runs"], from_wide["runs"], strict=True):
            assert ours["scores"] == pytest.approx(theirs["scores"])
            assert ours["sources"] == [pytest.approx(line) for line in theirs["sources"]]
        assert one["agreement"]["statistics"][0]["value"] == pytest.approx(
            from_wide["agreement"]["statistics"][0]["value"]
        )


def test_the_layout_is_detected_and_said(call: Any, wide: Path) -> None:
    status, out, _ = call(wide)
    assert status == 0
    assert (
        "- One column for each source: 5 columns use the same labels, “cat”, “dog”, “owl”." in out
    )
    assert "- “gold” is taken for the true label, because of its name." in out
    assert "Ties: leave the row undecided." in out
    assert "is right where" in out and "Krippendorff’s alpha is" in out
    assert re.search(r"ada +\d+ +\d+% ", out)
    named = call(wide, "--sources", "ada,ben,cem", *PLURALITY)[1]
    assert "One column for each source" not in named
    assert "No true labels are known" in named and "Accuracy" not in named
    assert "no row has a known true label" in call(wide, "--sources", "ada,ben,cem")[1]


def test_what_was_decided_while_reading_is_said_once(call: Any, write: Any) -> None:
    frame = pd.DataFrame(
        {
            "a": ["Yes", "yes ", "no", "1", None, "unsure"] * 5,
            "b": ["yes", "no", "no", "1.0", None, "no"] * 5,
            "c": ["YES", "yes", "no", "1", None, "no"] * 5,
        }
    )
    base = (write(frame), "--sources", "a,b,c", "--method", "plurality", "--method", "one_coin")
    out = call(*base)[1]
    assert out.count("written in several ways and count as one") == 1
    assert out.count("- Rows without any vote: 5 of 30.") == 1
    assert out.count("look like “does not know”, but count as labels: “unsure”.") == 1
    told = read(call(*base, "--abstain", "Unsure", "--json")[1])
    assert told["votes"]["classes"] == ["1", "no", "yes"]
    assert (told["votes"]["abstentions"], told["votes"]["without_votes"]) == (5, 5)
    assert not any("does not know" in note for note in told["votes"]["notes"])
    assert [run["notes"] for run in told["runs"]] == [[], []]


def test_a_mark_can_be_an_abstention(call: Any, write: Any) -> None:
    frame = simulated()
    frame.loc[frame.index % 10 == 0, "ada"] = "?"
    path = write(frame)
    base = (path, *PLURALITY, "--json")
    told = read(call(*base, "--abstain", "?")[1])
    assert told["votes"]["abstentions"] == told["runs"][0]["sources"][0]["abstained"] == 24
    assert told["votes"]["classes"] == ["cat", "dog", "owl"]
    assert told["votes"]["notes"][0].startswith("Cells that hold only ? - -- . are read")
    assert told["dataset"]["reading"]["marks"] is False
    plain = read(call(*base)[1])
    assert plain["votes"]["abstentions"] == 0
    assert plain["runs"][0]["scores"] == pytest.approx(told["runs"][0]["scores"])
    assert not any("are read" in note for note in plain["votes"]["notes"])


def test_abstentions_are_not_lost_among_numbers(call: Any, write: Any) -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame(random.integers(0, 100, (400, 3)).astype(str), columns=list("abc"))
    frame = frame.mask(random.random(frame.shape) < 0.03, "unsure")
    base = (write(frame), "--sources", "a,b,c", "--method", "median", "--json")
    told = read(call(*base, "--abstain", "unsure")[1])
    assert told["votes"]["abstentions"] == int((frame == "unsure").sum().sum()) > 0
    assert any(note.startswith("Read as categories") for note in told["votes"]["notes"])


def rated() -> pd.DataFrame:
    random = np.random.default_rng(4)
    true = random.normal(50, 10, 80)
    votes = {
        name: true + random.normal(0, spread, 80)
        for name, spread in zip("abc", (1, 2, 4), strict=True)
    }
    frame = pd.DataFrame(votes).mask(random.random((80, 3)) < 0.15)
    return frame.round(1).assign(true=true.round(1))


@pytest.mark.parametrize(
    "asked", [("--numbers",), ("--method", "median", "--method", "trimmed_mean")]
)
def test_numbers_are_averaged(
    call: Any, write: Any, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    frame = rated()
    base = (write(frame), "--sources", "a,b,c", "--gold", "true", *asked)
    status, out, _ = call(*base, "--json", "--out", tmp_path)
    told = read(out)
    assert (status, told["fusion"]["numbers"], told["verdict"]) == (0, True, None)
    assert [run["algorithm"] for run in told["runs"]] == list(DEFAULT_NUMBER_RULES)
    expected = frame[["a", "b", "c"]].median(axis=1)
    off = (expected - frame["true"]).abs().mean()
    assert told["runs"][0]["scores"]["mean_absolute_error"] == pytest.approx(off)
    rows = pd.read_csv(tmp_path / "median.csv")
    assert rows["label"].tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    assert len(told["agreement"]["sentences"]) == 2
    out = call(*base)[1]
    assert "Mean absolute error" in out and "Fleiss" not in out
    assert ("because the rules that are named" in out) is (asked[0] == "--method")


def test_many_different_numbers_may_stand_on_a_scale(call: Any, write: Any) -> None:
    path = write(rated().round(0))
    out = call(path, "--sources", "a,b,c", *PLURALITY)[1]
    assert "If they stand on a scale, add --numbers" in out


def test_ties_follow_the_rule_that_was_named(call: Any, write: Any) -> None:
    path = write(pd.DataFrame({"a": ["x", "x", "y"] * 4, "b": ["x", "y", "x"] * 4}))
    base = (path, "--sources", "a,b", *PLURALITY, "--json")
    assert read(call(*base)[1])["runs"][0]["undecided"] == 8
    told = read(call(*base, "--ties", "order", "--order", "y,x")[1])
    assert told["runs"][0]["undecided"] == 0
    assert (told["fusion"]["ties"], told["fusion"]["order"]) == ("order", ["y", "x"])
    assert [line["statistic"] for line in told["agreement"]["statistics"]][-1] == "alpha_ordinal"
    out = call(*base[:-1], "--ties", "order", "--order", "y,x")[1]
    assert "Ties: the first class in a stated order (“y”, “x”)." in out


def test_weights_ask_for_their_rule(call: Any, wide: Path) -> None:
    told = read(call(wide, "--weight", "ada=100", "--json")[1])
    assert told["runs"][-1]["algorithm"] == "weights"
    lines = told["runs"][-1]["sources"]
    assert [line["weight"] for line in lines] == [100, 1, 1, 1]
    assert lines[0]["agreement"] == 1


def test_models_of_the_sources_vote_on_every_row(call: Any, wide: Path) -> None:
    base = (wide, *PLURALITY, "--learner", "naive_bayes")
    told = read(call(*base, "--json")[1])
    assert told["features"] == ["x", "z"]
    assert [line["votes"] for line in told["runs"][0]["sources"]] == [240] * 4
    out = call(*base, "--features", "x", "--prepare", "scaling=none")[1]
    assert "- Models of the sources vote, each on rows that it had not seen" in out


REFUSED: dict[str, tuple[list[str], str]] = {
    "unknown source": (["--sources", "ada,benn"], "Did you mean “ben”?"),
    "one source": (["--sources", "ada"], "At least two sources are needed"),
    "both layouts": (["--sources", "ada,ben", "--row", "x"], "Give one or the other"),
    "half a layout": (["--row", "x"], "Add --source and --label"),
    "same column": (["--row", "x", "--source", "x", "--label", "ada"], "three different columns"),
    "unknown gold": (["--gold", "golt"], "Did you mean “gold”?"),
    "gold as source": (["--sources", "ada,gold", "--gold", "gold"], "only be one of them"),
    "unknown method": (["--method", "pluralty"], "Did you mean “plurality”?"),
    "method of another task": (["--method", "k_means"], "no algorithm “k_means”"),
    "unknown parameter": (["--param", "majority.quora=2"], "Add --method majority"),
    "bad value": (["--method", "majority", "--param", "majority.share=2"], "must lie between"),
    "rules of two kinds": (["--method", "median", *PLURALITY], "cannot be compared: “median”"),
    "rules for classes": (["--numbers", *PLURALITY], "these rules are for classes: “plurality”"),
    "unknown tie rule": (["--ties", "lot"], "must be one of “undecided”"),
    "unknown label": (["--order", "cat,dgo"], "Did you mean “dog”?"),
    "unknown weight": (["--weight", "benn=2"], "Did you mean “ben”?"),
    "bad weight": (["--weight", "ben=-2"], "must be a number of 0 or more, but is “-2”"),
    "no weight": (["--weight", "ben"], "Write it as SOURCE=NUMBER"),
    "weight without its rule": (["--weight", "ben=2", *PLURALITY], "Add --method weights"),
    "unknown learner": (["--learner", "forest"], "Did you mean “random_forest”?"),
    "vote as feature": (["--learner", "naive_bayes", "--features", "ada"], "Take it out"),
    "features of nobody": (["--features", "x"], "Add --learner"),
    "preparation of nobody": (["--prepare", "scaling=none"], "Add --learner"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_input_that_cannot_be_used_is_explained_in_one_sentence(
    call: Any, wide: Path, tmp_path: Path, case: str
) -> None:
    given, words = REFUSED[case]
    status, out, err = call(wide, *given, "--out", tmp_path / "rules")
    assert (status, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "rules").exists()


def test_a_table_without_votes_is_refused(call: Any, write: Any) -> None:
    random = np.random.default_rng(0)
    path = write(pd.DataFrame(random.normal(size=(50, 3)), columns=list("abc")))
    status, out, err = call(path)
    assert (status, out) == (2, "")
    assert "No columns use the same few labels" in err and "after --sources" in err


def test_a_rule_that_fails_does_not_stop_the_others(call: Any, wide: Path) -> None:
    base = (wide, "--sources", "ada,ben,cem", "--method", "log_odds", *PLURALITY)
    status, out, _ = call(*base, "--json")
    failed, done = read(out)["runs"]
    assert (status, failed["error"]["code"], done["error"]) == (1, "fusion.no_gold", None)
    assert (failed["scores"], failed["sources"], failed["paths"]) == ({}, [], [])
    status, out, err = call(*base)
    assert status == 1
    assert err.startswith("Weights from gold rows (log-odds) failed: Weights from gold rows need")
    assert "Most votes (plurality)" in out


def test_a_table_of_words_cannot_be_averaged(call: Any, wide: Path) -> None:
    status, out, err = call(wide, "--numbers", "--json")
    told = read(out)
    assert status == 1
    assert {run["error"]["code"] for run in told["runs"]} == {"fusion.numbers.words"}
    assert (told["agreement"], told["kappa"], told["verdict"]) == (None, [], None)
    assert "failed: Votes must be numbers" in call(wide, "--numbers")[2]


def test_rules_that_need_gold_labels_are_left_out_without_any(call: Any, wide: Path) -> None:
    status, out, _ = call(wide, "--sources", "ada,ben,cem", "--json")
    told = read(out)
    assert (status, told["gold"]) == (0, None)
    rules = [run["algorithm"] for run in told["runs"]]
    assert rules == ["plurality", "one_coin", "dawid_skene"]
    assert [run["interval"] for run in told["runs"]] == [None, None, None]


def test_the_default_rules_exist() -> None:
    known = {spec.id: spec for spec in CATALOGUE if spec.task is Task.FUSION}
    assert not any(known[name].fuses_numbers for name in DEFAULT_ALGORITHMS[Task.FUSION])
    assert {name for name in known if known[name].fuses_numbers} == set(DEFAULT_NUMBER_RULES)


def test_it_runs_as_a_program_of_its_own(long: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "mlcore", "fuse", str(long), *PLURALITY]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "ascii", "WORKBENCH_HOME": str(tmp_path), "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Most votes (plurality)" in done.stdout
    assert list(tmp_path.iterdir()) == [], "nothing is written unless asked for"
