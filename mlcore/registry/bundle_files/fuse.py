"""Make one label of several with the rule in this folder, mostly with nothing but Python.

Check that the rule works here, by fusing the votes on some rows with a known answer::

    python fuse.py

Fuse the votes of a table (CSV with a header line, laid out as the first one was: a column for each
source, or a line for each vote) and write the fused labels::

    python fuse.py votes.csv fused.csv

Nothing is learnt from new votes: weights, confusion matrices and the frequency of the labels are
those of ``rule.json``. Where models of the sources vote, the input is a table with the columns
those models need, and their libraries must be installed; ``--votes`` takes the votes of the
sources themselves instead. Where the first table had steps that changed its votes, new votes go
through the same steps, and the libraries of ``requirements.txt`` must be installed.

Exit status: 0 when all is well; 1 when the folder is damaged or the check fails; 2 when the
input, a library or the command needs mending, with a sentence on standard error.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from mlcore.registry.bundle_files import contract, predict
else:
    # In a bundle the two that read cells, and read and write tables, lie beside this file.
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import contract
    import predict

Refusal = contract.Refusal

RULE = "rule.json"
EXPERIMENT = "experiment.json"
MODELS = "models.json"
GOLDEN_VOTES = "golden_votes.csv"
GOLDEN_FUSED = "golden_fused.csv"
NEEDED = (
    "contract.py",
    "predict.py",
    RULE,
    EXPERIMENT,
    contract.SCHEMA,
    GOLDEN_VOTES,
    GOLDEN_FUSED,
)

#: How a column is read that steps have made: it holds the labels themselves.
_MADE: Mapping[str, Any] = {"kind": "text", "missing_tokens": ()}

#: Scores that differ by less, relative to the largest, are equal.
EQUAL = 1e-9
#: The smallest normal number: the logarithm of a probability of 0 stays finite.
TINY = sys.float_info.min

#: Numbers as text. A leading zero makes it a code ("007"), which stays as it is.
_NUMBER = re.compile(r"([+\-−]?)(0|[1-9]\d*)?(?:\.(\d*))?")


# Labels


def normal_label(shown: str) -> str:
    """Return the form that all spellings of one label share.

    Case and blanks do not matter, nor how a number is written: "1", "1.0" and "1 " are one label;
    nor whether a letter with a mark is one character or two.
    """
    text = composed(shown)
    match = _NUMBER.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return unicodedata.normalize("NFC", text.casefold())
    whole, fraction = match[2] or "0", (match[3] or "").rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return f"-{number}" if match[1] in ("-", "−") and number != "0" else number


def composed(text: str) -> str:
    """Return a text without needless blanks, a letter with a mark as one character."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def number_of(normal: str) -> float | None:
    """Return the number that a label is, nothing where it is a word or a code."""
    match = _NUMBER.fullmatch(normal)
    return float(normal) if match and (match[2] or match[3]) else None


def shown_cell(cell: str, column: Mapping[str, Any]) -> str:
    """Return what a cell holds, as text; empty where it holds nothing that can be read.

    Parameters
    ----------
    cell : str
        As it stands in the file.
    column : mapping
        How the column was read when the rule was made (``input_schema.json``).
    """
    text = " ".join(cell.split())
    if text in column["missing_tokens"]:
        return ""
    if column["kind"] == "number":
        units, thousands = column.get("unit_words", ()), column.get("thousands")
        value = contract.read_number(text, column["decimal"], units, thousands)
        return "" if math.isnan(value) else _number_text(value)
    if column["kind"] == "date or time":
        moment = contract.read_date(text, column["date_form"], column["day_first"])
        return "" if moment is None else str(moment)
    return composed(text)


def _made(value: Any) -> str:
    """Return a value that steps have made as text; empty where there is none."""
    if value is None or value != value:
        return ""
    return _number_text(value) if isinstance(value, float) else str(value)


def _number_text(number: float) -> str:
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# Votes


@dataclass
class Ballot:
    """The votes on one row: for each source that gave one, its label in normal form."""

    name: str
    given: dict[int, str] = field(default_factory=dict)
    abstained: int = 0


class Notices(predict.Notices):
    """What was odd in the votes."""

    WORDS = {
        "label": "{count} labels ({examples}) are none that the rule knows; they do not count.",
        "source": "{count} votes are of sources ({examples}) the rule does not know; "
        "they do not count.",
        "left_out": "{count} rows are such as were left out of the first table.",
        "uncounted": "{count} votes are such as were left out of the first table; they do not "
        "count.",
    }


class Rule:
    """A fitted rule: what it knows, and what it makes of the votes on a row."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self.method: str = plain["method"]
        self.values: Mapping[str, Any] = plain["params"]
        self.sources: list[str] = plain["sources"]
        self.classes: list[str] = plain["classes"]
        self.abstain = set(plain["abstain"])
        self.weights: list[float] = plain["weights"] or [1.0] * len(self.sources)
        self.confusions: list[list[list[float]]] | None = plain["confusions"]
        self.prior: list[float] = plain["prior"] or [1.0] * len(self.classes)
        self.ties: str = plain["ties"]
        self.order: list[str] = plain["order"]
        self.accuracies: list[float | None] = plain["accuracies"] or [None] * len(self.sources)
        self.seed: int = plain["seed"]
        self.code = {normal_label(name): code for code, name in enumerate(self.classes)}
        if self.method not in (*DECIDES, *AVERAGES):
            raise Refusal(f"“{RULE}” names the rule “{self.method}”, which is unknown here.", 1)

    @property
    def averages(self) -> bool:
        """Whether labels are numbers that are averaged."""
        return self.method in AVERAGES

    def knows(self, normal: str) -> bool:
        """Return whether a label counts."""
        return number_of(normal) is not None if self.averages else normal in self.code

    def answer(self, ballot: Ballot) -> dict[str, Any]:
        """Return the cells that stand beside a row."""
        counted = {s: label for s, label in sorted(ballot.given.items()) if self.knows(label)}
        if self.averages:
            numbers = [number_of(label) or 0.0 for label in counted.values()]
            return {"row": ballot.name, **self._number(numbers)}
        votes = {source: self.code[label] for source, label in counted.items()}
        return {"row": ballot.name, **self._class(ballot, votes)}

    def _number(self, numbers: list[float]) -> dict[str, Any]:
        if not numbers:
            return {"label": "", "spread": "", "low": "", "high": "", "n_votes": 0}
        ordered = sorted(numbers)
        return {
            "label": AVERAGES[self.method](self.values, ordered),
            "spread": quantile(ordered, 0.75) - quantile(ordered, 0.25),
            "low": ordered[0],
            "high": ordered[-1],
            "n_votes": len(ordered),
        }

    def _class(self, ballot: Ballot, votes: Mapping[int, int]) -> dict[str, Any]:
        scores = self._scores(votes)
        best = leaders(scores) if votes else []
        decides = DECIDES[self.method](self.values, scores, len(votes))
        tied = decides and len(best) > 1
        label = best[0] if decides and len(best) == 1 else None
        if tied:
            label = self._untied(best, votes, ballot.name)
        against = [] if label is None else [s for s, code in votes.items() if code != label]
        counts = sorted(Counter(votes.values()).items(), key=lambda pair: (-pair[1], pair[0]))
        return {
            "label": "" if label is None else self.classes[label],
            "confidence": max(scores) if label is None else scores[label],
            "n_votes": len(votes),
            "abstained": ballot.abstained,
            "tie": str(tied),
            "dissent": "; ".join(self.sources[source] for source in against),
            "votes": ", ".join(f"{self.classes[code]}: {count}" for code, count in counts),
            **{f"p:{name}": score for name, score in zip(self.classes, scores, strict=True)},
        }

    def _scores(self, votes: Mapping[int, int]) -> list[float]:
        """Return how strongly each class is held; all 0 without votes."""
        if not votes:
            return [0.0] * len(self.classes)
        if self.confusions is not None:
            return _posterior(votes, self.prior, self.confusions)
        return _shares(votes, self.weights, len(self.classes))

    def _untied(self, best: Sequence[int], votes: Mapping[int, int], name: str) -> int | None:
        """Return the class that the rule for ties takes, if it can tell the tied ones apart."""
        if self.ties == "undecided":
            return None
        wanted = {
            "order": self._by_order,
            "prior": lambda code: self.prior[code],
            "most_accurate": lambda code: self._best_accuracy(votes, code),
            "random": lambda code: self._lot(name, code),
        }[self.ties]
        preferences = [
            wanted(code) if code in best else -math.inf for code in range(len(self.classes))
        ]
        first = leaders(preferences) if max(preferences) > -math.inf else []
        return first[0] if len(first) == 1 else None

    def _by_order(self, code: int) -> float:
        stated = [self.code[name] for name in map(normal_label, self.order) if name in self.code]
        ranks = list(dict.fromkeys([*stated, *range(len(self.classes))]))
        return -float(ranks.index(code))

    def _best_accuracy(self, votes: Mapping[int, int], code: int) -> float:
        known = (self.accuracies[source] for source, label in votes.items() if label == code)
        return max((value for value in known if value is not None), default=-math.inf)

    def _lot(self, name: str, code: int) -> float:
        text = f"{self.seed}\0{name}\0{self.classes[code].casefold()}"
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
        return int.from_bytes(digest, "big") / 2**48


def leaders(scores: Sequence[float]) -> list[int]:
    """Return which classes share the lead."""
    top = max(scores)
    least = top - EQUAL * max(1.0, abs(top))
    return [code for code, score in enumerate(scores) if score >= least]


def _shares(votes: Mapping[int, int], weights: Sequence[float], n_classes: int) -> list[float]:
    """Return the share of the votes for each class.

    A negative one is for the other classes of the row; for the only one it is a vote less.
    """
    counted, against = [0.0] * n_classes, [0.0] * n_classes
    for source, code in votes.items():
        counted[code] += max(weights[source], 0.0)
        against[code] += max(-weights[source], 0.0)
    said = set(votes.values())
    for code in said:
        if len(said) > 1:
            counted[code] += sum(against) - against[code]
        else:
            left = counted[code] - against[code]
            counted[code] = left if left > EQUAL * against[code] else 0.0
    total = sum(counted)
    return [one / total for one in counted] if total > 0 else [1 / n_classes] * n_classes


def _posterior(
    votes: Mapping[int, int],
    prior: Sequence[float],
    confusions: Sequence[Sequence[Sequence[float]]],
) -> list[float]:
    """Return the probability of each class, from how each source errs."""
    logs = [
        sum(math.log(max(confusions[source][true][said], TINY)) for source, said in votes.items())
        + math.log(max(frequency, TINY))
        for true, frequency in enumerate(prior)
    ]
    weights = [math.exp(each - max(logs)) for each in logs]
    return [weight / sum(weights) for weight in weights]


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted numbers, linear between neighbours."""
    place = share * (len(ordered) - 1)
    low, high, part = ordered[math.floor(place)], ordered[math.ceil(place)], place % 1
    return low if part == 0 else low * (1 - part) + high * part


def _median(values: Mapping[str, Any], ordered: Sequence[float]) -> float:
    return quantile(ordered, 0.5)


def _trimmed_mean(values: Mapping[str, Any], ordered: Sequence[float]) -> float:
    left_out = math.floor(values["cut"] * len(ordered) + EQUAL)
    kept = ordered[left_out : len(ordered) - left_out]
    return math.fsum(kept) / len(kept)


def _always(values: Mapping[str, Any], scores: Sequence[float], n_votes: int) -> bool:
    return True


def _majority(values: Mapping[str, Any], scores: Sequence[float], n_votes: int) -> bool:
    return max(scores) > values["share"] * (1 + EQUAL) and n_votes >= int(values["quorum"])


def _unanimity(values: Mapping[str, Any], scores: Sequence[float], n_votes: int) -> bool:
    return 1.0 in scores and n_votes >= int(values["quorum"])


#: For each rule whether it decides a row at all, given shares and number of the votes.
DECIDES: dict[str, Callable[[Mapping[str, Any], Sequence[float], int], bool]] = {
    "plurality": _always,
    "majority": _majority,
    "unanimity": _unanimity,
    "weights": _always,
    "log_odds": _always,
    "one_coin": _always,
    "dawid_skene": _always,
}

#: The number that each rule for numbers makes of those of a row, by size.
AVERAGES: dict[str, Callable[[Mapping[str, Any], Sequence[float]], float]] = {
    "median": _median,
    "trimmed_mean": _trimmed_mean,
}


# Tables


class Voting:
    """How votes stand in a table, and what was odd in them."""

    def __init__(self, folder: Path, rule: Rule) -> None:
        self.rule = rule
        self.schema = contract.read_schema(folder)
        self.layout: dict[str, Any] = _plain(folder / EXPERIMENT)["split"]
        self.place = {name: place for place, name in enumerate(rule.sources)}
        self.notices = Notices()

    @property
    def is_long(self) -> bool:
        """Whether each line is one vote."""
        return self.layout["label"] is not None

    @property
    def columns(self) -> dict[str, Mapping[str, Any]]:
        """How each column with votes was read."""
        if self.schema.get("steps"):
            names = (*self.place, *map(self.layout.get, ("row", "source", "label")))
            return {str(name): _MADE for name in names}
        return {column["name"]: column for column in self.schema["features"]}

    def parts(self, table: predict.TableFile) -> Iterator[predict.Part]:
        """Yield rows as they are written, with what was made of their votes."""
        if self.is_long:
            ballots = self.long_ballots(table)
            yield [[] for _ in ballots], self.fused(ballots)
            return
        first = 0
        for rows in table.chunks():
            yield rows, self.fused(self.wide_ballots(self.cells(table, rows), first))
            first += len(rows)

    def cells(
        self, table: predict.TableFile, rows: Sequence[Sequence[str]]
    ) -> Mapping[str, Sequence[str]]:
        """Return the columns with votes of some rows, after the steps of the first table."""
        cells = table.features(rows)
        if not self.schema.get("steps"):
            return cells
        none = [""] * len(rows)
        needed = {one["name"]: cells.get(one["name"], none) for one in self.schema["features"]}
        reading = contract.read_columns(needed, self.schema)
        frame, left_out = contract.rows_after_steps(reading, self.schema)
        what = "uncounted" if self.is_long else "left_out"
        self.notices.add(None, what, [""] * len(left_out))
        out = left_out if self.is_long else frozenset()
        return {
            name: ["" if row in out else _made(v) for row, v in enumerate(frame[name].tolist())]
            for name in self.columns
            if name in frame
        }

    def fused(self, ballots: Sequence[Ballot]) -> dict[str, list[Any]]:
        """Return the columns of answers."""
        for ballot in ballots:
            for source, label in ballot.given.items():
                if not self.rule.knows(label):
                    self.notices.add(self.rule.sources[source], "label", [label])
        answers = [self.rule.answer(ballot) for ballot in ballots]
        names = answers[0] if answers else self.rule.answer(Ballot(""))
        return {name: [answer[name] for answer in answers] for name in names}

    def wide_ballots(self, cells: Mapping[str, Sequence[str]], first: int) -> list[Ballot]:
        """Return the votes of rows with a column for each source; a row is called its number."""
        n_rows = max(map(len, cells.values()), default=0)
        ballots = [Ballot(str(number)) for number in range(first, first + n_rows)]
        for name, column in cells.items():
            for ballot, cell in zip(ballots, column, strict=True):
                self._cast(ballot, self.place.get(name), self._label(cell, name))
        return ballots

    def long_ballots(self, table: predict.TableFile) -> list[Ballot]:
        """Return the votes of a table with a line for each; a source's last on a row counts."""
        said: dict[str, dict[str, str]] = {}
        for rows in table.chunks():
            cells = self.cells(table, rows)
            names, sources = (
                [
                    shown_cell(cell, self.columns[self.layout[what]])
                    for cell in cells[self.layout[what]]
                ]
                for what in ("row", "source")
            )
            for name, source, cell in zip(names, sources, cells[self.layout["label"]], strict=True):
                on_row = said.setdefault(name, {}) if name else {}
                if source and (label := self._label(cell, self.layout["label"])):
                    on_row[source] = label
        return [self._long_ballot(name, on_row) for name, on_row in said.items()]

    def _long_ballot(self, name: str, on_row: Mapping[str, str]) -> Ballot:
        ballot = Ballot(name)
        for source, label in on_row.items():
            if source not in self.place:
                self.notices.add(self.layout["source"], "source", [source])
            self._cast(ballot, self.place.get(source), label)
        return ballot

    def _label(self, cell: str, column: str) -> str:
        """Return a label in normal form; empty where there is none."""
        written = normal_label(cell)
        if written in self.rule.abstain:
            return written
        return normal_label(shown_cell(cell, self.columns[column]))

    def _cast(self, ballot: Ballot, source: int | None, label: str) -> None:
        if source is None or not label:
            return
        if label in self.rule.abstain:
            ballot.abstained += 1
        else:
            ballot.given[source] = label


def _plain(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


# Models of the sources


def ask_models(
    models: Mapping[str, Path], options: argparse.Namespace, voting: Voting
) -> tuple[int, predict.TableFile]:
    """Let each source's model vote on every row, and write what their votes are fused to."""
    schema = contract.read_schema(next(iter(models.values())))
    table = predict.open_table(options, schema)
    votes = {name: said_by_model(folder, options, table) for name, folder in models.items()}

    def parts() -> Iterator[predict.Part]:
        done = 0
        for rows in table.chunks():
            part = {name: labels[done : done + len(rows)] for name, labels in votes.items()}
            yield rows, voting.fused(_model_ballots(part, voting.place, done, len(rows)))
            done += len(rows)

    return _written(options, table, table.header, parts(), schema["decimal"])


def _written(
    options: argparse.Namespace,
    table: predict.TableFile,
    header: Sequence[str],
    parts: Iterable[predict.Part],
    decimal: str,
) -> tuple[int, predict.TableFile]:
    raw = options.raw_cells
    return predict.write_beside(table, header, parts, options.output, decimal, raw), table


def _model_ballots(
    votes: Mapping[str, Sequence[str]], place: Mapping[str, int], first: int, n_rows: int
) -> list[Ballot]:
    return [
        Ballot(
            str(first + number),
            {place[name]: normal_label(labels[number]) for name, labels in votes.items()},
        )
        for number in range(n_rows)
    ]


def said_by_model(folder: Path, options: argparse.Namespace, table: predict.TableFile) -> list[str]:
    """Return the label that a model gives to each row, by running the program in its folder."""
    with tempfile.TemporaryDirectory() as place:
        output = Path(place) / "out.csv"
        named = {"--decimal": options.decimal, "--delimiter": options.delimiter,
                 "--encoding": options.encoding}  # fmt: skip
        given = [text for option, value in named.items() if value for text in (option, value)]
        run_model(folder, [str(options.input.resolve()), str(output), "--raw-cells", *given])
        name = predict.output_names(table.header, ["prediction"])[0]
        needed = {"features": [{"name": name}], "encoding": "utf-8", "quote": '"'}
        return predict.TableFile(output, needed, table.delimiter).whole()[name]


def run_model(folder: Path, arguments: Sequence[str] = ()) -> None:
    """Run the program of a model; what it refuses is refused."""
    done = subprocess.run(
        [sys.executable, "-P", str(folder / "predict.py"), *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise Refusal(f"{folder.name}: {done.stderr.strip()}", done.returncode)
    print(done.stderr, end="", file=sys.stderr)


# The command


def self_test(folder: Path) -> list[str]:
    """Fuse the golden votes and return a sentence for each answer that differs."""
    voting = Voting(folder, Rule(_plain(folder / RULE)))
    table = predict.TableFile(folder / GOLDEN_VOTES, voting.schema)
    answers = [columns for _, columns in voting.parts(table)]
    return predict.differences(folder / GOLDEN_FUSED, answers[0] if answers else {})


def main(arguments: Sequence[str] | None = None, folder: Path | None = None) -> int:
    """Run the command and return its exit status."""
    parser = predict.command_parser("Check the rule in this folder, or fuse a CSV file with it.")
    parser.add_argument(
        "--votes",
        action="store_true",
        help="fuse the votes that stand in the table, also where models of the sources could vote",
    )
    return predict.answer(_run, parser, arguments, folder or Path(__file__).resolve().parent)


def _run(options: argparse.Namespace, folder: Path) -> int:
    manifest = contract.check_files(folder, NEEDED)
    if different := contract.check_libraries(manifest):
        print(*different, contract.INSTALL, sep="\n", file=sys.stderr)
    models: dict[str, str] = _plain(folder / MODELS) if (folder / MODELS).is_file() else {}
    if options.input is None:
        for inner in models.values():
            run_model(folder / inner)
    status = predict.told_check(options, self_test(folder))
    if status is not None:
        return status
    voting = Voting(folder, Rule(_plain(folder / RULE)))
    if models and not options.votes:
        folders = {name: folder / inner for name, inner in models.items()}
        n_rows, table = ask_models(folders, options, voting)
    else:
        n_rows, table = fuse_votes(options, voting)
    predict.report(table, voting.notices, is_copied=not voting.is_long)
    print(f"{n_rows} rows fused, written to {options.output}")
    return 0


def fuse_votes(options: argparse.Namespace, voting: Voting) -> tuple[int, predict.TableFile]:
    """Write what the votes in the table are fused to: beside its rows, or a line for each row."""
    table = predict.open_table(options, voting.schema, some_suffice=not voting.is_long)
    if table.absent:
        names = contract.listing(table.absent)
        print(f"Sources without a column, so without votes: {names}.", file=sys.stderr)
    header = [] if voting.is_long else table.header
    return _written(options, table, header, voting.parts(table), voting.schema["decimal"])


if __name__ == "__main__":
    sys.exit(main())
