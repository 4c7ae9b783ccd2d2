"""The script of a run that learns a label: the same rows, the same pipeline, the same scores."""

from __future__ import annotations

from sklearn.pipeline import Pipeline

from mlcore.algorithms.weights import weight_argument
from mlcore.codegen.expression import Writer, assignment, listed, quoted
from mlcore.codegen.loading import loading_code
from mlcore.codegen.preparing import pipeline_steps
from mlcore.codegen.request import Request
from mlcore.codegen.scoring import scores_code
from mlcore.codegen.script import Script, Step
from mlcore.data.schema import ColumnKind
from mlcore.pipelines.build import build_pipeline
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task
from mlcore.workflow import weights_of

#: The splitters of scikit-learn that hold out a part and that make folds, by method.
_HOLD_OUT = {
    "random": "ShuffleSplit",
    "stratified": "StratifiedShuffleSplit",
    "group": "GroupShuffleSplit",
}
_FOLDS = {"random": "KFold", "stratified": "StratifiedKFold", "group": "GroupKFold"}


def supervised_script(request: Request) -> Script:
    """Return the program that repeats a run which predicts a label.

    Raises
    ------
    UserError
        The file cannot be read by a short call of pandas.
    """
    return _Supervised(request).script()


class _Supervised:
    """Writes one program: its parts share what is imported."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.dataset, self.result = request.dataset, request.result
        self.test_scores = request.test_scores
        self.plan = self.result.experiment
        assert isinstance(self.plan.split, SplitConfig)
        self.config = self.plan.split
        self.writer = Writer(seed=self.config.seed)
        self.target = self.plan.label
        self.pipeline: Pipeline = build_pipeline(self.plan, self.dataset.schema)
        regression = self.plan.task is Task.REGRESSION
        stratified = self.config.method == "stratified"
        self.method = "random" if stratified and regression else self.config.method
        self.carried = self._carried()

    def _carried(self) -> list[str]:
        """Return the names in the script that hold one entry a row, and are split together."""
        weights = ["weight"] if self.plan.weight else []
        groups = {"group": ["groups"], "time": ["time"]}.get(self.method, [])
        return ["X", "y", *weights, *groups]

    def script(self) -> Script:
        steps = [
            Step("Load the table.", self.load()),
            *self.split(),
            *pipeline_steps(self.pipeline, self.writer),
            *self.train(),
            *self.test(),
            Step("Save the model, fitted on all development rows.", self.save()),
        ]
        if self.writer.uses_seed:
            seed = Step("The same seed gives the same numbers.", f"SEED = {self.config.seed}")
            steps.insert(0, seed)
        goal = f"predict “{self.target}” from {self.request.source.file_name}"
        return self.request.script(goal, self.writer, steps)

    def load(self) -> str:
        """Read the file, and name features, label and whatever else a row carries."""
        extra = {"group": self.config.group, "time": self.config.time}.get(self.method)
        columns = [*self.plan.features, self.target, self.plan.weight, extra]
        used = list(dict.fromkeys(name for name in columns if name is not None))
        lines = [loading_code(self.request.source, self.dataset, used, self.writer)]
        target = quoted(self.target)
        if self.dataset.frame[self.target].isna().any():
            lines.append(f"table = table.dropna(subset=[{target}])")
        lines.append(assignment("FEATURES", listed(map(quoted, self.plan.features))))
        lines.append("X = table[FEATURES]")
        lines.append(f"y = table[{target}]{self._as_class()}")
        if self.plan.weight is not None:
            gaps = self.dataset.frame[self.plan.weight].isna().any()
            lines.append(
                f"weight = table[{quoted(self.plan.weight)}]{'.fillna(0)' if gaps else ''}"
            )
        if extra is not None:
            lines.append(self._carried_column(extra))
        return "\n".join(lines)

    def _as_class(self) -> str:
        """Return what makes names of classes of numbers."""
        kind = self.dataset.schema[self.target].kind
        if self.plan.task is Task.REGRESSION or kind is not ColumnKind.NUMBER:
            return ""
        return '.map("{:.15g}".format)'

    def _carried_column(self, column: str) -> str:
        if self.method == "time":
            return f"time = table[{quoted(column)}]"
        labelled = self.dataset.frame[self.target].notna()
        if not self.dataset.frame.loc[labelled, column].isna().any():
            return f"groups = table[{quoted(column)}]"
        pandas = self.writer.module("pandas")
        # Rows without a group are one group together.
        numbered = f"{pandas}.factorize(table[{quoted(column)}], sort=True, use_na_sentinel=False)"
        return f"groups = {pandas}.Series({numbered}[0], table.index)"

    # Which rows do what

    def split(self) -> list[Step]:
        """Set the test rows aside, and divide the others into folds or once."""
        steps = []
        if self.config.test_share:
            steps.append(Step(_TEST_WORDS[self.method], self._hold_out_test()))
        words = "folds" if self.config.validation == "folds" else "holdout"
        comment = _COMPARE_WORDS[words].format(folds=self.config.folds)
        return [*steps, Step(comment, self._folds())]

    def _hold_out_test(self) -> str:
        lines = [self._held_out("development", "test", self.config.test_share)]
        if self.test_scores is not None:
            lines.append("X_test, y_test = X.iloc[test], y.iloc[test]")
        if self.carried == ["X", "y"]:
            return "\n".join([*lines, "X, y = X.iloc[development], y.iloc[development]"])
        return "\n".join([*lines, *(f"{name} = {name}.iloc[development]" for name in self.carried)])

    def _held_out(self, kept: str, held_out: str, share: float) -> str:
        numpy = self.writer.module("numpy")
        if self.method == "time":
            ceil = self.writer.name("math", "ceil")
            return "\n".join(
                [
                    'order = time.argsort(kind="stable").to_numpy()',
                    f"{held_out}_rows = {ceil}(len(order) * {share!r})",
                    f"{kept} = {numpy}.sort(order[:-{held_out}_rows])",
                    f"{held_out} = {numpy}.sort(order[-{held_out}_rows:])",
                ]
            )
        name = self.writer.name("sklearn.model_selection", _HOLD_OUT[self.method])
        splitter = f"{name}(1, test_size={share!r}, random_state={self.writer.seed_name()})"
        return "\n".join(
            [
                f"splitter = {splitter}",
                f"{kept}, {held_out} = map({numpy}.sort, next(splitter.split({self._divided()})))",
            ]
        )

    def _divided(self) -> str:
        return {"random": "X", "stratified": "X, y", "group": "X, groups=groups"}[self.method]

    def _folds(self) -> str:
        if self.config.validation != "folds":
            return self._held_out("train", "validation", self.config.validation_share)
        if self.method == "time":
            numpy = self.writer.module("numpy")
            name = self.writer.name("sklearn.model_selection", "TimeSeriesSplit")
            return "\n".join(
                [
                    'order = time.argsort(kind="stable").to_numpy()',
                    "folds = [",
                    f"    ({numpy}.sort(order[train]), {numpy}.sort(order[validation]))",
                    f"    for train, validation in {name}({self.config.folds}).split(order)",
                    "]",
                ]
            )
        name = self.writer.name("sklearn.model_selection", _FOLDS[self.method])
        seed = self.writer.seed_name()
        made = f"{name}({self.config.folds}, shuffle=True, random_state={seed})"
        return f"folds = {made}.split({self._divided()})"

    # The pipeline

    def train(self) -> list[Step]:
        """Fit and score every fold, or once."""
        pandas = self.writer.module("pandas")
        evaluation = self.result.evaluation
        function = scores_code(
            evaluation.scores, evaluation.predictions, self.writer, test=self.test_scores
        )
        steps = [Step("Every score of a model on rows that it has not seen.", function)]
        if self.config.validation == "folds":
            clone = self.writer.name("sklearn.base", "clone")
            loop = [
                "rows = []",
                "for train, validation in folds:",
                *self._fit(f"{clone}(pipeline)", "    "),
                "    rows.append(scores_of(model, X.iloc[validation], y.iloc[validation]))",
                f"scores = {pandas}.DataFrame(rows)",
                'print(scores.agg(["mean", "std"]).T.to_string(float_format="{:.15g}".format))',
            ]
            words = "Train and evaluate in each fold; print mean and spread of the scores."
            return [*steps, Step(words, "\n".join(loop))]
        once = [
            *self._fit("pipeline", ""),
            f"scores = {pandas}.Series(scores_of(model, X.iloc[validation], y.iloc[validation]))",
            'print(scores.to_string(float_format="{:.15g}".format))',
        ]
        return [*steps, Step("Train, and evaluate on the validation rows.", "\n".join(once))]

    def _fit(self, pipeline: str, indent: str) -> list[str]:
        return [f"{indent}{line}" for line in self._counted("train")] + [
            f"{indent}model = {pipeline}.fit(X.iloc[train], y.iloc[train]{self._weights('train')})"
        ]

    def _counted(self, rows: str) -> list[str]:
        """Return the line that leaves out rows which count 0, if there are any."""
        weights = weights_of(self.dataset, self.plan.weight)
        if weights is None or (weights[self.result.split.development] > 0).all():
            return []
        return [f"{rows} = {rows}[weight.iloc[{rows}] > 0]"]

    def _weights(self, rows: str | None) -> str:
        name = weight_argument(self.pipeline)
        if self.plan.weight is None or name is None:
            return ""
        return f", {name}=weight" + (f".iloc[{rows}]" if rows else "")

    def test(self) -> list[Step]:
        """Score the test rows, if they were opened."""
        if self.test_scores is None:
            return []
        pandas = self.writer.module("pandas")
        code = [
            *self._final_fit(),
            f"test_scores = {pandas}.Series(scores_of(model, X_test, y_test))",
            'print(test_scores.to_string(float_format="{:.15g}".format))',
        ]
        words = "Train on all development rows, and open the test rows: once, for the chosen model."
        return [Step(words, "\n".join(code))]

    def _final_fit(self) -> list[str]:
        if self._counted("train"):
            counts = "counts = weight > 0"
            weights = self._weights(None).replace("=weight", "=weight[counts]")
            return [counts, f"model = pipeline.fit(X[counts], y[counts]{weights})"]
        return [f"model = pipeline.fit(X, y{self._weights(None)})"]

    def save(self) -> str:
        """Fit on everything but the test rows, unless that was done, and write the model."""
        joblib = self.writer.module("joblib")
        fit = self._final_fit() if self.test_scores is None else []
        return "\n".join([*fit, f"{joblib}.dump(model, {quoted(self.request.model_file)})"])


_TEST_WORDS = {
    "random": "Split: set test rows aside by lot; they stay sealed until a model is chosen.",
    "stratified": (
        "Split: set test rows aside by lot, keeping the share of each class; they stay sealed "
        "until a model is chosen."
    ),
    "group": (
        "Split: set whole groups aside for the test; they stay sealed until a model is chosen."
    ),
    "time": "Split: the latest rows are the test; they stay sealed until a model is chosen.",
}
_COMPARE_WORDS = {
    "folds": "Divide the other rows into {folds} folds: each judges a model that the rest taught.",
    "holdout": "Divide the other rows: most teach, the rest judges.",
}
