"""Writing an ONNX graph: nodes, constants, and arithmetic that reads like arithmetic.

Everything is computed in double precision, as scikit-learn does: with single precision a scaled
number lands on the other side of a tree's threshold now and then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, compose, helper
from onnx import numpy_helper as arrays

#: Operator sets the graphs are written in; 5 of "ai.onnx.ml" has trees in double precision.
OPSETS: Mapping[str, int] = {"": 21, "ai.onnx.ml": 5}

#: Version of the file format that goes with them; a newer one would shut out older runtimes.
IR_VERSION = 10

NUMBER = TensorProto.DOUBLE
TEXT = TensorProto.STRING
WHOLE = TensorProto.INT64


@dataclass(eq=False)
class Graph:
    """A graph that is being written.

    Parameters
    ----------
    prefix : str
        In front of every name inside the graph, so that none is the name of an input.
    """

    prefix: str = "_"
    inputs: dict[str, ValueInfoProto] = field(default_factory=dict)
    outputs: list[ValueInfoProto] = field(default_factory=list)
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)
    _count: int = 0

    def _name(self) -> str:
        self._count += 1
        return f"{self.prefix}{self._count}"

    def input(self, name: str, kind: int, columns: int = 1) -> Term:
        """Return an input of shape (n_rows, columns)."""
        if name not in self.inputs:
            self.inputs[name] = helper.make_tensor_value_info(name, kind, [None, columns])
        return Term(self, name)

    def output(self, term: Term, name: str, kind: int, columns: int | None) -> None:
        """Give a term out: of shape (n_rows, columns), or (n_rows,)."""
        self.nodes.append(helper.make_node("Identity", [term.name], [name]))
        shape = [None] if columns is None else [None, columns]
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, array: npt.ArrayLike) -> Term:
        """Return a constant; text is taken as text."""
        values, name = np.asarray(array), self._name()
        if values.dtype.kind in "OU":
            tensor = TensorProto(name=name, data_type=TEXT, dims=values.shape)
            tensor.string_data.extend(str(value).encode() for value in values.ravel())
        else:
            tensor = arrays.from_array(values, name)
        self.constants.append(tensor)
        return Term(self, name)

    def add(self, operator: str, *inputs: Term, domain: str = "", **attributes: Any) -> Term:
        """Add an operator with one output and return that."""
        name = self._name()
        names = [term.name for term in inputs]
        self.nodes.append(helper.make_node(operator, names, [name], domain=domain, **attributes))
        return Term(self, name)

    def join(self, terms: list[Term]) -> Term:
        """Return columns side by side."""
        return terms[0] if len(terms) == 1 else self.add("Concat", *terms, axis=1)

    def join_rows(self, terms: list[Term]) -> Term:
        """Return tensors one below the other."""
        return self.add("Concat", *terms, axis=0)

    def nearest_places(self, nearness: Term, count: int) -> tuple[Term, Term]:
        """Return the largest columns of each row and their numbers, the first of equal ones."""
        values, places = self._name(), self._name()
        inputs = [nearness.name, self.constant(np.array([count])).name]
        self.nodes.append(helper.make_node("TopK", inputs, [values, places], axis=1))
        return Term(self, values), Term(self, places)

    def take_over(self, other: GraphProto, inputs: Mapping[str, Term]) -> dict[str, Term]:
        """Add all nodes of another graph and return its outputs by name.

        Parameters
        ----------
        other : GraphProto
            The graph.
        inputs : mapping
            What goes into each of its inputs.
        """
        mark = f"{self._name()}_"
        copy = compose.add_prefix_graph(other, mark)
        for name, term in inputs.items():
            self.nodes.append(helper.make_node("Identity", [term.name], [mark + name]))
        self.nodes.extend(copy.node)
        self.constants.extend(copy.initializer)
        return {output.name: Term(self, mark + output.name) for output in other.output}

    def model(self, facts: Mapping[str, str]) -> ModelProto:
        """Return the finished model, with these facts beside the graph."""
        graph = helper.make_graph(
            self.nodes, "model", list(self.inputs.values()), self.outputs, self.constants
        )
        sets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(graph, opset_imports=sets, ir_version=IR_VERSION)
        helper.set_model_props(model, dict(facts))
        return model


@dataclass(frozen=True, eq=False)
class Term:
    """A tensor inside a graph; arithmetic on it adds nodes."""

    graph: Graph
    name: str

    def _with(self, operator: str, other: Term | npt.ArrayLike, swapped: bool = False) -> Term:
        right = other if isinstance(other, Term) else self.graph.constant(np.asarray(other, float))
        return self.graph.add(operator, *((right, self) if swapped else (self, right)))

    def __add__(self, other: Term | npt.ArrayLike) -> Term:
        return self._with("Add", other)

    def __sub__(self, other: Term | npt.ArrayLike) -> Term:
        return self._with("Sub", other)

    def __rsub__(self, other: npt.ArrayLike) -> Term:
        return self._with("Sub", other, swapped=True)

    def __mul__(self, other: Term | npt.ArrayLike) -> Term:
        return self._with("Mul", other)

    def __truediv__(self, other: Term | npt.ArrayLike) -> Term:
        return self._with("Div", other)

    def __rtruediv__(self, other: npt.ArrayLike) -> Term:
        return self._with("Div", other, swapped=True)

    def __matmul__(self, other: npt.ArrayLike) -> Term:
        return self._with("MatMul", other)

    def __lt__(self, other: Term | npt.ArrayLike) -> Term:
        return self._with("Less", other)

    def __le__(self, other: Term | npt.ArrayLike) -> Term:
        return self._with("LessOrEqual", other)

    def equals(self, other: Term | npt.ArrayLike) -> Term:
        """Return where both are equal."""
        return self._with("Equal", other)

    def floor(self) -> Term:
        """Return the largest whole number that is not above."""
        return self.graph.add("Floor", self)

    def is_missing(self) -> Term:
        """Return where there is no number."""
        return self.graph.add("IsNaN", self)

    def where(self, yes: Term | npt.ArrayLike, no: Term | npt.ArrayLike) -> Term:
        """Return one or the other, by whether this is true."""
        return self.graph.add("Where", self, *(self._term(value) for value in (yes, no)))

    def number(self) -> Term:
        """Return this as numbers in double precision."""
        return self.graph.add("Cast", self, to=NUMBER)

    def single(self) -> Term:
        """Return this as numbers in single precision."""
        return self.graph.add("Cast", self, to=TensorProto.FLOAT)

    def total(self, axis: int, keep: bool = True) -> Term:
        """Return the sum over an axis; if kept, that of the columns of a table."""
        axes = self.graph.constant(np.array([0 if keep else axis]))
        if not keep:
            return self.graph.add("ReduceSum", self, axes, keepdims=0)
        # Along a row the runtime adds in an order that depends on where the row begins in memory.
        sums = self.graph.add("ReduceSum", self.graph.add("Transpose", self), axes, keepdims=1)
        return self.graph.add("Transpose", sums)

    def shaped(self, *shape: int) -> Term:
        """Return this in another shape; -1 stands for the rows."""
        return self.graph.add("Reshape", self, self.graph.constant(np.array(shape)))

    def entries_of(self, table: npt.ArrayLike) -> Term:
        """Return the rows of a table that this counts from 0."""
        return self.graph.add("Gather", self.graph.constant(table), self, axis=0)

    def largest(self) -> Term:
        """Return the number of the largest column, the first of equal ones."""
        return self.graph.add("ArgMax", self, axis=1, keepdims=0)

    def softmax(self) -> Term:
        """Return shares that sum to 1 over the columns, by the exponential of each."""
        return self.graph.add("Softmax", self, axis=1)

    def logistic(self) -> Term:
        """Return the probability that belongs to log-odds."""
        return 1.0 / (self.graph.add("Exp", 0.0 - self) + 1.0)

    def columns(self) -> Term:
        """Return the number of columns, as a double."""
        return self.graph.add("Shape", self, start=1, end=2).number()

    def _term(self, value: Term | npt.ArrayLike) -> Term:
        return value if isinstance(value, Term) else self.graph.constant(np.asarray(value, float))


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What comes out of a model.

    Parameters
    ----------
    answer : Term
        Labels of shape (n_rows,), or numbers of shape (n_rows, 1).
    probabilities : Term, optional
        Of shape (n_rows, n_classes), in the order of the estimator's classes.
    """

    answer: Term
    probabilities: Term | None = None

    @classmethod
    def by_score(
        cls, scores: Term, classes: npt.ArrayLike, probabilities: Term | None = None
    ) -> Outcome:
        """Answer with the class of the highest score, the first of equal ones."""
        return cls(answer=scores.largest().entries_of(classes), probabilities=probabilities)

    @classmethod
    def by_probability(cls, probabilities: Term, classes: npt.ArrayLike) -> Outcome:
        """Answer with the likeliest class, the first of equal ones."""
        return cls.by_score(probabilities, classes, probabilities)
