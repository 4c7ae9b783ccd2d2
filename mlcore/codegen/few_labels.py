"""The script of a run on few labels: the same hidden labels, the same answers, the same scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.algorithms.affinity import finds_nearest_exactly
from mlcore.algorithms.propagation import UNREACHED
from mlcore.algorithms.semi_supervised import build_base
from mlcore.codegen.expression import (
    assignment,
    laid_out,
    listed,
    quoted,
)
from mlcore.codegen.loading import loading_code
from mlcore.codegen.preparing import prepare_code
from mlcore.codegen.request import Request, TaskCode
from mlcore.codegen.scoring import answer_scores_code
from mlcore.codegen.script import Script, Step
from mlcore.codegen.templating import template
from mlcore.pipelines.build import build_pipeline
from mlcore.splitting import FewLabelsConfig
from mlcore.workflow.table import labels_given

#: Rows up to which a script keeps all pairs in memory, which is the shorter program.
MOST_PAIRED = 4000

Places = npt.NDArray[np.intp]


def few_labels_script(request: Request) -> Script:
    """Return the program that repeats a run on few labels.

    Raises
    ------
    UserError
        The file cannot be read by a short call of pandas.
    """
    return _FewLabels(request).script()


class _FewLabels(TaskCode):
    """Writes one program: its parts share what is imported."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        assert isinstance(self.plan.split, FewLabelsConfig)
        self.config, self.split = self.plan.split, self.result.split
        self.given = labels_given(self.dataset, self.plan.label, self.config).labels
        predicted = self.result.frames["rows"]["origin"]
        answers = self.result.evaluation.predictions["predicted"]
        self.has_unreached = bool((answers == UNREACHED).any() or (predicted == "unlabelled").any())
        self.is_graph = "estimator" not in self.values
        self.is_sparse = self.is_graph and len(self.dataset.frame) > MOST_PAIRED

    def script(self) -> Script:
        steps = [
            Step("The same seed gives the same folds.", f"SEED = {self.config.seed}"),
            Step("Load the table; most rows have no label.", self.load()),
            *self.prepare(),
            *self.spread(),
            Step("Split: the labels of each fold are hidden once.", self.folds()),
            *self.score(),
            Step("Complete the column: find every label from those that are known.", self.save()),
        ]
        goal = f"complete “{self.plan.label}” in {self.request.source.file_name}"
        return self.request.script(goal, self.writer, steps)

    def load(self) -> str:
        """Read the file, the labels that count, and leave sealed rows aside."""
        target = self.plan.label
        columns = list(dict.fromkeys([*self.plan.features, target]))
        lines = [loading_code(self.request.source, self.dataset, columns, self.writer)]
        lines.append(assignment("FEATURES", listed(map(quoted, self.plan.features))))
        lines.append(f"label = table[{quoted(target)}]")
        lines += self.changed()
        lines.append("lot = np.random.default_rng(SEED).random(len(table))")
        if len(self.split.test):
            lines.append(assignment("sealed", listed(map(str, self.split.test.tolist()))))
            lines.append("taking = ~table.index.isin(sealed)")
            lines.append("table, label, lot = table[taking], label[taking], lot[taking]")
        lines.append("classes = np.array(sorted(label.dropna().unique()), dtype=object)")
        lines.append("codes = pd.Categorical(label, categories=classes).codes.astype(int)")
        return "\n".join(lines)

    def changed(self) -> list[str]:
        """Return the lines that give labels the spelling that counts, and those typed in."""
        column = self.dataset.frame[self.plan.label]
        lines = []
        if column.dtype.kind == "f":
            column = column.map(lambda value: f"{value:.15g}", na_action="ignore").astype("str")
            lines.append('label = label.map("{:.15g}".format, na_action="ignore").astype("str")')
        differing = np.flatnonzero((column.fillna("") != self.given.fillna("")).to_numpy())
        found = {str(row): self.given.iloc[row] for row in differing.tolist()}
        if found:
            names = {row: "None" if pd.isna(name) else quoted(name) for row, name in found.items()}
            entries = ", ".join(f"{row}: {name}" for row, name in names.items())
            lines.append(f"changed = {{{entries}}}")
            lines.append("label = label.copy()")
            lines.append("label[list(changed)] = list(changed.values())")
        return lines

    def prepare(self) -> list[Step]:
        """Write the preparation, and apply it to labelled and unlabelled rows alike."""
        prepare = build_pipeline(self.plan, self.dataset.schema).named_steps["prepare"]
        return [
            Step(
                "Prepare: rows without a label help here, too.",
                prepare_code(prepare, self.writer),
            ),
            Step(
                "Keep ten digits, so that the order of rows in the file changes nothing.",
                template("without_rounding", self.writer),
            ),
            Step(
                "Numbers for all rows.",
                "matrix = without_rounding(prepare.fit_transform(table[FEATURES]))",
            ),
        ]

    # How labels spread

    def spread(self) -> list[Step]:
        return self.graph() if self.is_graph else [Step("The algorithm.", self.self_training())]

    def self_training(self) -> str:
        base = build_base(str(self.values["estimator"]), self.config.seed)
        trainer = self.spec.build(self.values, self.config.seed).set_params(estimator=base)
        made = laid_out(self.writer.value(trainer), 4, "model = ", ".fit(matrix, codes)")
        return "\n".join(
            [
                "def spread(codes):",
                f"    {made}",
                "    probabilities = np.zeros((len(codes), len(classes)))",
                "    probabilities[:, model.classes_] = model.predict_proba(matrix)",
                "    return probabilities",
            ]
        )

    def graph(self) -> list[Step]:
        """Write the graph, what flows along it, and the function of both."""
        writer, rounds = self.writer, self.values["rounds"]
        is_propagation = self.spec.id == "label_propagation"
        name = ("propagation" if is_propagation else "spreading") + ("_rounds" if rounds else "")
        steps = [Step("Each row divided by its sum.", template("shares", writer))]
        if not rounds:
            words = "Solve what a walk along the graph gives, with no number lost however small."
            solver = "solve_sparse" if self.is_sparse else "solve"
            steps.append(Step(words, template(solver, writer)))
        code = template(name, writer)
        if self.is_sparse:
            # No row is joined to itself.
            code = code.replace("    np.fill_diagonal(joined, 0)\n", "")
        steps.append(Step(f"{self.spec.name} on a graph.", code))
        if self.values.get("class_mass"):
            words = "Make classes as frequent as among the known labels."
            steps.append(Step(words, template("class_mass", writer)))
        steps += self.weights()
        steps.append(Step("The algorithm.", self.flowing(is_propagation)))
        return steps

    def weights(self) -> list[Step]:
        if self.values["affinity"] != "nearest_neighbors":
            kernel = self.writer.name("sklearn.metrics.pairwise", "rbf_kernel")
            code = f"weights = {kernel}(matrix, gamma={self.values['gamma']!r})"
            lines = [code, "node = np.arange(len(matrix))"]
            return [Step("Join every row to every other.", "\n".join(lines))]
        width = self._width()
        search = "nearest_by_pairs" if width > 6 else "nearest_by_tree"
        if not finds_nearest_exactly(len(self.dataset.frame), width):
            search = "nearest_of_many"
        weights = template("neighbor_weights", self.writer)
        if self.is_sparse:
            weights = weights.replace(
                "return joined.maximum(joined.T).toarray()",
                "return csr_array(joined.maximum(joined.T))",
            )
        lines = [
            "places, node = np.unique(matrix + 0.0, axis=0, return_inverse=True)",
            f"weights = neighbor_weights(places, {self.values['n_neighbors']})",
        ]
        return [
            Step("The nearest other rows of each row.", template(search, self.writer)),
            Step("Nearer rows hang together more.", weights),
            Step("Join each row to its nearest rows; equal rows are one.", "\n".join(lines)),
        ]

    def _width(self) -> int:
        features = self.dataset.frame[list(self.plan.features)].iloc[:1]
        return int(self.result.pipeline.named_steps["prepare"].transform(features).shape[1])

    def flowing(self, is_propagation: bool) -> str:
        rounds = self.values["rounds"]
        more = [] if is_propagation else [repr(self.values["alpha"])]
        more += [repr(rounds)] if rounds else []
        arguments = ", ".join(["weights", "shares(labels)", *more])
        lines = [
            "def spread(codes):",
            "    known = np.flatnonzero(codes >= 0)",
            "    labels = np.zeros((weights.shape[0], len(classes)))",
            "    np.add.at(labels, (node[known], codes[known]), 1)",
            f"    probabilities = propagated({arguments})[node]",
        ]
        if is_propagation:
            lines.append("    probabilities[known] = np.eye(len(classes))[codes[known]]")
        mass = self.values.get("class_mass")
        lines.append(
            f"    return {'class_mass(probabilities, codes)' if mass else 'probabilities'}"
        )
        return "\n".join(lines)

    # Hidden labels

    def folds(self) -> str:
        """Deal the labelled rows out, class by class, by lot."""
        n_folds = len(self.split.folds)
        lines = [
            "labelled = np.flatnonzero(codes >= 0)",
            "order = labelled[np.lexsort((lot[labelled], codes[labelled]))]",
            f"folds = [np.sort(order[number::{n_folds}]) for number in range({n_folds})]",
        ]
        judged = [self._places(rows) for _, rows in self.split.folds]
        order = self._order()
        derived = [np.sort(order[number::n_folds]) for number in range(n_folds)]
        same = all(map(np.array_equal, derived, judged))
        if same:
            return "\n".join(lines)
        written = listed(f"np.array({rows.tolist()})" for rows in judged)
        return assignment("folds", written)

    def _nodes(self) -> Places:
        return np.union1d(self.split.development, self.split.unlabelled)

    def _places(self, rows: Places) -> Places:
        return np.searchsorted(self._nodes(), rows)

    def _order(self) -> Places:
        lot = np.random.default_rng(self.config.seed).random(len(self.dataset.frame))
        rows = self.split.development
        codes = pd.factorize(self.given.iloc[rows], sort=True)[0]
        return self._places(rows)[np.lexsort((lot[rows], codes))]

    def score(self) -> list[Step]:
        evaluation = self.result.evaluation
        if not self.split.folds:
            return []
        function = answer_scores_code(
            evaluation.scores, evaluation.predictions, self.writer, self.has_unreached
        )
        loop = [
            "rows = []",
            "for hidden in folds:",
            "    seen = codes.copy()",
            "    seen[hidden] = -1",
            "    rows.append(scores_of(label.iloc[hidden].to_numpy(), spread(seen)[hidden]))",
            "scores = pd.DataFrame(rows)",
            'print(scores.agg(["mean", "std"]).T.to_string(float_format="{:.15g}".format))',
        ]
        return [
            Step("Every score of answers to labels that were hidden.", function),
            Step("Hide, find again and evaluate; print mean and spread.", "\n".join(loop)),
        ]

    def save(self) -> str:
        found = "named(probabilities)"
        return "\n".join(
            [
                "probabilities = spread(codes)",
                f"table = table.assign(found={found}, certainty=probabilities.max(axis=1))",
                f"table.to_csv({self.request.file_name('_rows.csv')}, index=False)",
            ]
        )
