"""The script of a run that fuses votes: the rule written out, and its scores on gold rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlcore.codegen.expression import Writer, assignment, call, listed, mapped, quoted
from mlcore.codegen.loading import loading_code
from mlcore.codegen.request import Request
from mlcore.codegen.script import Script, Step
from mlcore.codegen.templating import template
from mlcore.errors import UserError
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.votes import Votes
from mlcore.tasks import Task
from mlcore.workflow import label_of
from mlcore.workflow.fusion import read_gold, read_votes

#: Ties that a script can decide: by a number for each class.
_TIES = ("undecided", "order", "prior")

_PRINT = 'print(scores.dropna().to_string(float_format="{:.15g}".format))'


def fusion_script(request: Request) -> Script:
    """Return the program that repeats a run which fuses votes.

    Raises
    ------
    UserError
        The file cannot be read by a short call of pandas, or the votes are not simply what stands
        in some columns (one vote a line, votes changed by hand, models that vote), or ties are
        decided by lot or by the most accurate source.
    """
    config = request.result.experiment.split
    assert isinstance(config, FusionConfig)
    if config.is_long or config.edits or config.learner or config.ties not in _TIES:
        raise UserError("registry.script.fusion")
    return _Fusion(request, config).script()


class _Fusion:
    """Writes one program: its parts share what is imported."""

    def __init__(self, request: Request, config: FusionConfig) -> None:
        self.request, self.config = request, config
        self.dataset, self.result = request.dataset, request.result
        self.plan = self.result.experiment
        self.spec = self.plan.spec
        self.values = self.spec.check(self.plan.params)
        self.votes: Votes = read_votes(self.dataset, self.plan)
        self.gold = read_gold(self.dataset, self.plan, self.votes)
        self.writer = Writer(seed=config.seed)
        self.writer.module("numpy")
        self.writer.module("pandas")

    def script(self) -> Script:
        body = self.numbers() if self.spec.fuses_numbers else self.classes()
        steps = [Step("Load the table; some columns are votes.", self.load()), *body]
        if self.writer.uses_seed:
            seed = Step("The same seed gives the same numbers.", f"SEED = {self.config.seed}")
            steps.insert(0, seed)
        goal = f"one label of several in {self.request.source.file_name}"
        return self.request.script(goal, self.writer, steps)

    @property
    def target(self) -> str | None:
        """The column with known labels."""
        return self.plan.target

    def load(self) -> str:
        """Read the file, and name the columns that hold votes."""
        columns = [*self.config.sources, *([self.target] if self.target else [])]
        used = list(dict.fromkeys(columns))
        lines = [loading_code(self.request.source, self.dataset, used, self.writer)]
        lines.append(assignment("SOURCES", listed(map(quoted, self.config.sources))))
        return "\n".join(lines)

    # Classes

    def classes(self) -> list[Step]:
        steps = [Step("Votes as numbers of classes; -1 is no vote.", self.codes()), *self.rule()]
        if self.target is None:
            words = "Fuse, and see how much is decided."
            return [*steps, Step(words, self.fused("")), self.saved()]
        steps.append(
            Step(
                "Scores: how much is decided, and how much of it is right.",
                template("fusion_scores", self.writer),
            )
        )
        return [*steps, *self.judged(), self.saved()]

    def codes(self) -> str:
        """Return the lines that turn spellings into classes."""
        spelled = self.spellings()
        lines = [assignment("CLASSES", listed(map(quoted, self.votes.classes)))]
        if spelled:
            spellings = mapped({spelling: quoted(name) for spelling, name in spelled.items()})
            lines.append(assignment("SPELLINGS", spellings))
        lines.append("numbers = {name: number for number, name in enumerate(CLASSES)}")
        if spelled:
            lines.append(
                "numbers |= {spelling: numbers[name] for spelling, name in SPELLINGS.items()}"
            )
        lines.append(f"cast = [{self.numbered('table[name]')} for name in SOURCES]")
        lines.append("codes = np.column_stack(cast)")
        lines.append("ballots = (codes[:, :, None] == np.arange(len(CLASSES))).astype(float)")
        lines.append("voted = (codes >= 0).any(axis=1)")
        if self.target is not None:
            lines.append(f"truth = {self.numbered(f'table[{quoted(self.target)}]')}.to_numpy()")
        return "\n".join(lines)

    def numbered(self, column: str) -> str:
        return f"{column}{self.as_text()}.map(numbers).fillna(-1).astype(int)"

    def as_text(self) -> str:
        """Return what makes text of columns of numbers, if the votes are such."""
        kinds = {self.dataset.frame[name].dtype.kind for name in self.config.sources}
        return '.map("{:.15g}".format, na_action="ignore")' if kinds == {"f"} else ""

    def spellings(self) -> dict[str, str]:
        """Return how labels are written otherwise than they are shown."""
        columns = [*self.config.sources, *([self.target] if self.target else [])]
        found: dict[str, str] = {}
        for name in columns:
            texts = label_of(self.dataset, name, Task.CLASSIFICATION).dropna().unique()
            for text, code in zip(texts, self.votes.codes_of(list(texts)), strict=True):
                if code >= 0 and str(text) != self.votes.classes[code]:
                    found[str(text)] = self.votes.classes[code]
        return dict(sorted(found.items()))

    def rule(self) -> list[Step]:
        """Write the rule as ``fuse(truth)`` or ``fuse()``."""
        weighs = self.spec.id in ("weights", "log_odds")
        shares = "weighted_shares" if weighs else "shares_of_votes"
        steps = [Step("How strongly each class is held.", template(shares, self.writer))]
        if self.spec.id in ("dawid_skene", "one_coin"):
            steps.append(
                Step(
                    "What the votes say of the sources.",
                    template(f"sources_{self.spec.id}", self.writer),
                )
            )
            steps.append(
                Step(
                    "Labels and errors of the sources, each from the other (EM).",
                    template("em", self.writer),
                )
            )
        if self.spec.id == "log_odds":
            steps.append(
                Step(
                    "What a vote of each source counts, by how often it is right.",
                    template("log_odds", self.writer),
                )
            )
        steps.append(
            Step(
                "The class that leads alone; -1 where none does.", template("decided", self.writer)
            )
        )
        if self.config.ties != "undecided":
            steps.append(Step("Ties are decided by preference.", template("ties_by", self.writer)))
        return [*steps, Step("The rule.", self.fuse())]

    def fuse(self) -> str:
        takes = "truth" if self.spec.id == "log_odds" else ""
        lines = [f"def fuse({takes}):", *self.strength()]
        lines.append("    label, tied, best = decided(strength, voted)")
        lines += self.limits()
        if self.config.ties != "undecided":
            lines.append(f"    label = ties_by({self.preference()}, label, tied, best)")
        return "\n".join([*lines, "    return label, tied, best"])

    def strength(self) -> list[str]:
        if self.spec.id in ("dawid_skene", "one_coin"):
            knobs = ("starts", "smoothing", "most_rounds")
            more = ", ".join(f"{name}={self.values[name]!r}" for name in knobs)
            return [
                "    strength = np.zeros((len(ballots), len(CLASSES)))",
                f"    strength[voted], prior = fitted(ballots[voted], {more}, seed="
                f"{self.writer.seed_name()})",
            ]
        if self.spec.id == "log_odds":
            return [
                "    weights = log_odds(codes, truth, len(CLASSES))",
                "    strength = weighted_shares(ballots, weights)",
            ]
        if self.spec.id == "weights":
            given = dict(self.config.weights)
            weights = [float(given.get(name, 1.0)) for name in self.votes.sources]
            return [f"    strength = weighted_shares(ballots, np.array({weights!r}))"]
        return ["    strength = shares_of(ballots)"]

    def limits(self) -> list[str]:
        """Return the lines that leave rows undecided for want of votes or agreement."""
        quorum = self.values.get("quorum")
        checks = []
        if self.spec.id == "majority":
            share = float(str(self.values["share"]))
            checks.append(f"(strength.max(axis=1) > {share!r} * (1 + 1e-9))")
        if self.spec.id == "unanimity":
            checks.append("(strength == 1).any(axis=1)")
        if quorum is not None and quorum != 1:
            checks.append(f"(ballots.sum(axis=(1, 2)) >= {quorum!r})")
        if not checks:
            return []
        return [
            f"    decides = {' & '.join(checks)}",
            "    label, tied = np.where(decides, label, -1), tied & decides",
        ]

    def preference(self) -> str:
        if self.config.ties == "prior":
            models = self.spec.id in ("dawid_skene", "one_coin")
            return "prior" if models else "ballots.sum(axis=(0, 1)) / ballots.sum()"
        stated = [int(code) for code in self.votes.codes_of(list(self.config.order)) if code >= 0]
        places = [*dict.fromkeys([*stated, *range(self.votes.n_classes)])]
        ranks = np.empty(self.votes.n_classes, dtype=int)
        ranks[places] = np.arange(len(places))
        return f"-np.array({ranks.tolist()})"

    def judged(self) -> list[Step]:
        """Fuse and score; where gold labels teach, they judge in turn."""
        if self.spec.id != "log_odds":
            return [
                Step("Fuse, and evaluate on the rows whose label is known.", self.fused("truth"))
            ]
        name = self.writer.name("sklearn.model_selection", "KFold")
        parts = int(self.result.evaluation.predictions["fold"].max())
        seed = self.writer.seed_name()
        lines = [
            "label, tied, best = fuse(truth)",
            "judged = label.copy(), tied.copy(), best.copy()",
            "teaching = np.flatnonzero((truth >= 0) & voted)",
            f"folds = {name}({parts}, shuffle=True, random_state={seed})",
            "for _, places in folds.split(teaching):",
            "    hidden = teaching[places]",
            "    seen = truth.copy()",
            "    seen[hidden] = -1",
            "    for part, found in zip(judged, fuse(seen)):",
            "        part[hidden] = found[hidden]",
            "scores = pd.Series(scores_of(*judged, truth))",
            _PRINT,
        ]
        words = "Fuse; judge known labels by weights that the others taught."
        return [Step(words, "\n".join(lines))]

    def fused(self, truth: str) -> str:
        lines = ["label, tied, best = fuse()"]
        if truth:
            lines.append("scores = pd.Series(scores_of(label, tied, best, truth))")
        else:
            entries = {"decided_share": "np.mean(label >= 0)", "tie_share": "np.mean(tied)"}
            lines.append(assignment("scores", call("pd.Series", mapped(dict(entries)))))
        return "\n".join([*lines, _PRINT])

    def saved(self) -> Step:
        name = self.request.model_file.rpartition(".")[0] + "_rows.csv"
        code = [
            "fused = pd.Series(label).map(dict(enumerate(CLASSES)))",
            f"table.assign(fused=fused).to_csv({quoted(name)}, index=False)",
        ]
        return Step("Save the table with its fused label.", "\n".join(code))

    # Numbers

    def numbers(self) -> list[Step]:
        """Write a rule that averages, and how far it is off."""
        lines = ["votes = np.sort(table[SOURCES].to_numpy(), axis=1)"]
        if self.spec.id == "median":
            lines = ["fused = table[SOURCES].median(axis=1)"]
        else:
            cut = float(str(self.values["cut"]))
            lines += [
                "count = np.sum(~np.isnan(votes), axis=1, keepdims=True)",
                f"left_out = np.floor({cut!r} * count + 1e-9)",
                "place = np.arange(votes.shape[1])",
                "kept = (place >= left_out) & (place < count - left_out)",
            ]
            lines.append("fused = pd.DataFrame(votes).where(kept).mean(axis=1)")
        entries: dict[str, Any] = {"decided_share": "fused.notna().mean()"}
        if self.target is not None:
            lines.append(f"off = (fused - table[{quoted(self.target)}]).abs()")
            entries["mean_absolute_error"] = "off.mean()"
            known = f"table[{quoted(self.target)}]"
            exact = f"np.isclose(fused, {known}, rtol=1e-9, atol=1e-12)[{known}.notna()].mean()"
            entries["exactly_right"] = exact
        score = [assignment("scores", call("pd.Series", mapped(entries))), _PRINT]
        name = self.request.model_file.rpartition(".")[0] + "_rows.csv"
        save = f"table.assign(fused=fused).to_csv({quoted(name)}, index=False)"
        return [
            Step("The rule: one number for each row.", "\n".join(lines)),
            Step("Evaluate.", "\n".join(score)),
            Step("Save the table with its fused number.", save),
        ]
