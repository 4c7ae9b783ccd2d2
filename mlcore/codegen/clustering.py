"""The script of a run that finds groups: the same groups, the same scores, the same repetitions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mlcore.algorithms.cost import DENSE_SHARE, MOST_DRAWN
from mlcore.algorithms.labels import NOISE
from mlcore.algorithms.neighbor_graph import connected_graph
from mlcore.codegen.expression import (
    Call,
    assignment,
    call,
    laid_out,
    listed,
    mapped,
    quoted,
)
from mlcore.codegen.loading import loading_code
from mlcore.codegen.preparing import prepare_code
from mlcore.codegen.request import Request, TaskCode
from mlcore.codegen.script import Script, Step
from mlcore.codegen.templating import template
from mlcore.evaluation.clusters import MOST_ROWS
from mlcore.pipelines.build import build_pipeline
from mlcore.splitting import SampleConfig
from mlcore.workflow import features_of

#: How each score is written, by metric.
_FORMULAS = {
    "calinski_harabasz": ("calinski_harabasz_score", "calinski_harabasz_score(inner, clusters)"),
    "davies_bouldin": ("davies_bouldin_score", "davies_bouldin_score(inner, clusters)"),
    "n_clusters": ("", "len(np.unique(clusters))"),
    "noise_share": ("", "np.mean(labels == -1)"),
    "largest_share": ("", "np.mean(labels == 0)"),
}


def clustering_script(request: Request) -> Script:
    """Return the program that repeats a run which finds groups.

    Raises
    ------
    UserError
        The file cannot be read by a short call of pandas.
    """
    return _Clustering(request).script()


class _Clustering(TaskCode):
    """Writes one program: its parts share what is imported."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        assert isinstance(self.plan.split, SampleConfig)
        self.config = self.plan.split
        self.rows = self.result.split.development
        self.scores = self.result.evaluation.scores

    def script(self) -> Script:
        steps = [
            Step("The same seed gives the same groups.", f"SEED = {self.config.seed}"),
            Step("Load the table.", self.load()),
            Step("Prepare: numbers, on one scale, for all columns.", self.prepare()),
            *self.groups(),
            *self.score(),
            *self.stability(),
            Step("Save the rows with their cluster; -1 is noise.", self.save()),
        ]
        goal = f"find groups in {self.request.source.file_name}"
        return self.request.script(goal, self.writer, steps)

    def load(self) -> str:
        """Read the file, and draw the rows to learn from where not all are."""
        columns = self.plan.features
        lines = [loading_code(self.request.source, self.dataset, columns, self.writer)]
        lines.append(assignment("FEATURES", listed(map(quoted, columns))))
        if len(self.rows) < len(self.dataset.frame):
            lines.append("order = np.random.default_rng(SEED).permutation(len(table))")
            lines.append(f"table = table.iloc[np.sort(order[:{len(self.rows)}])]")
        lines.append("X = table[FEATURES]")
        return "\n".join(lines)

    def prepare(self) -> str:
        """Write the preparation, and apply it."""
        self.prepared = build_pipeline(self.plan, self.dataset.schema).named_steps["prepare"]
        return "\n".join(
            [prepare_code(self.prepared, self.writer), "matrix = prepare.fit_transform(X)"]
        )

    # The groups

    def groups(self) -> list[Step]:
        """Write the algorithm as a function, which the repetitions call again."""
        steps = []
        lines = ["def find_groups(matrix, seed):"]
        if self.from_data().get("bandwidth"):
            lines.append("    " + self.bandwidth())
        estimator = self.estimator()
        graph = getattr(estimator, "connectivity", None)
        if isinstance(graph, partial) and graph.func is connected_graph:
            code = template("connected_graph", self.writer)
            steps.append(Step("A graph of near rows that hangs together.", code))
        lines.append("    " + self.fit(estimator))
        steps.append(Step("The algorithm.", "\n".join(lines)))
        words = "Number the groups by size: 0 is the largest, -1 is noise."
        steps.append(Step(words, template("by_size", self.writer)))
        return [*steps, Step("Find the groups.", "labels = by_size(find_groups(matrix, SEED))")]

    def from_data(self) -> dict[str, Any]:
        """Return the parameters that follow from the prepared rows."""
        if self.spec.from_data is None:
            return {}
        rows = features_of(self.dataset, self.plan.features).iloc[self.rows]
        matrix = np.asarray(self.result.pipeline.named_steps["prepare"].transform(rows))
        return self.spec.from_data(self.values, matrix, self.config.seed)

    def bandwidth(self) -> str:
        """Return the line that estimates the width of the window, which each repetition does."""
        name = self.writer.name("sklearn.cluster", "estimate_bandwidth")
        rows = "min(500, len(matrix))"
        quantile = f"quantile={self.values['quantile']!r}"
        call = f"{name}(matrix, {quantile}, n_samples={rows}, random_state=seed)"
        return f"bandwidth = max({call}, 1e-4)"

    def estimator(self) -> BaseEstimator:
        estimator = self.spec.build(self.values, self.config.seed)
        found = {key: value for key, value in self.from_data().items() if key != "bandwidth"}
        return estimator.set_params(**found)

    def fit(self, estimator: BaseEstimator) -> str:
        """Return the statement that fits and returns labels."""
        writer = self.writer
        graph = getattr(estimator, "connectivity", None)
        if isinstance(graph, partial):
            estimator.set_params(connectivity=None)
        made = writer.estimator(estimator)
        arguments = [
            (name, "seed" if name == "random_state" else value) for name, value in made.arguments
        ]
        if isinstance(graph, partial):
            near = graph.keywords["n_neighbors"]
            arguments.append(("connectivity", f"connected_graph(matrix, {near})"))
        if self.from_data().get("bandwidth"):
            arguments.insert(0, ("bandwidth", "bandwidth"))
        copied = ".copy()" if getattr(estimator, "copy", True) is False else ""
        groups = Call(made.function, tuple(arguments))
        line = laid_out(groups, 4, "groups = ")
        return f"{line}\n    return groups.fit_predict(matrix{copied})"

    # The scores

    def score(self) -> list[Step]:
        """Write the scores that have a value."""
        own = self.scores[self.scores["fold"] == 0].dropna(subset=["value"])
        metrics = list(own["metric"])
        steps, entries = [], {}
        n_measured = int(own.set_index("metric")["rows"].get("calinski_harabasz", 0))
        if "silhouette" in metrics:
            if n_measured > MOST_ROWS:
                code = template("silhouette_of_many", self.writer)
                words = "The silhouette of many rows, measured on some that stand for all."
                steps.append(Step(words, code))
                entries["silhouette"] = f"silhouette_of_many(inner, clusters, {MOST_ROWS}, SEED)"
            else:
                self.writer.name("sklearn.metrics", "silhouette_score")
                entries["silhouette"] = "silhouette_score(inner, clusters)"
        for metric in metrics:
            if metric in _FORMULAS:
                function, code = _FORMULAS[metric]
                if function:
                    self.writer.name("sklearn.metrics", function)
                entries[metric] = code
        return [*steps, Step(self.words(), "\n".join(self.measured(entries)))]

    def words(self) -> str:
        if (self._labels() == NOISE).any():
            return "Evaluate: distances leave noise out, and are more exact near the origin."
        return "Evaluate: distances are more exact near the origin."

    def measured(self, entries: dict[str, Any]) -> list[str]:
        lines = ["clusters = labels[labels != -1]"]
        if any("inner" in code for code in entries.values()):
            lines.append("inner = matrix[labels != -1]")
            lines.append("inner = inner - inner.mean(axis=0)")
        return [
            *lines,
            assignment("scores", call("pd.Series", mapped(entries))),
            'print(scores.to_string(float_format="{:.15g}".format))',
        ]

    def _labels(self) -> Any:
        """Return cluster names as numbers, enough to know whether some rows are noise."""
        names = self.result.evaluation.predictions["predicted"]
        return np.where(names == "noise", NOISE, 0)

    # The repetitions

    def stability(self) -> list[Step]:
        """Find groups anew in rows drawn by lot, and see how far they agree."""
        repeated = self.scores[self.scores["metric"] == "stability"]
        if repeated.empty or repeated["value"].isna().any():
            return []
        for module, name in (
            ("sklearn.base", "clone"),
            ("sklearn.metrics", "adjusted_rand_score"),
        ):
            self.writer.name(module, name)
        n_rows = len(self.rows)
        size, replaced = self._drawn(n_rows)
        draw = f"random.choice(len(X), {size}{'' if replaced else ', replace=False'})"
        lines = [
            "random = np.random.default_rng(SEED)",
            "agreement = []",
            f"for _ in range({len(repeated)}):",
            f"    drawn = np.sort({draw})",
            "    again = clone(prepare).fit_transform(X.iloc[drawn])",
            "    found = by_size(find_groups(again, int(random.integers(2**31))))",
            "    rows, first = np.unique(drawn, return_index=True)",
            "    agreement.append(adjusted_rand_score(labels[rows], found[first]))",
            'print(f"stability {np.mean(agreement):.15g}")',
        ]
        words = "How stable are the groups? Find them anew in rows drawn by lot, and compare."
        return [Step(words, "\n".join(lines))]

    def _drawn(self, n_rows: int) -> tuple[str, bool]:
        """Return how many rows a repetition has, and whether one can be drawn twice."""
        if self.spec.needs_density:
            return f"int({DENSE_SHARE} * len(X))", False
        return ("len(X)", True) if n_rows <= 2 * MOST_DRAWN else (str(MOST_DRAWN), False)

    def save(self) -> str:
        name = self.request.file_name("_clusters.csv")
        return f"table.assign(cluster=labels).to_csv({name}, index=False)"
