"""ONNX files that are allowed, and take more than they may for some rows."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper


def greedy() -> bytes:
    """A graph of ordinary operators that squares a matrix with as many rows as its input says."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in "xy"]
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["most"], keepdims=0),
        helper.make_node("Cast", ["most"], ["n"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["n", "one"], ["rows"]),
        helper.make_node("Concat", ["rows", "rows"], ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], ["matrix"]),
        helper.make_node("MatMul", ["matrix", "matrix"], ["square"]),
        helper.make_node("ReduceSum", ["square"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "greedy",
        ends[:1],
        ends[1:],
        initializer=[helper.make_tensor("one", TensorProto.INT64, [1], [1])],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(made)
    content: bytes = made.SerializeToString()
    return content


#: So many rows of numbers need 40 GB, and these take many seconds.
TOO_LARGE, TOO_LONG = 100_000, 7_000
