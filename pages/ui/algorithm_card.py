"""What an algorithm is, in a few lines or in full."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.gridworld.spec import MethodSpec
from pages.ui import show


def short(spec: AlgorithmSpec | MethodSpec) -> None:
    """Say what it does, when it fits and when it does not."""
    st.markdown(
        f"{spec.summary}\n\n"
        f":green[:material/thumb_up:] **When to use it.** {spec.use_when}\n\n"
        f":orange[:material/thumb_down:] **When not.** {spec.avoid_when}"
    )


def full(spec: AlgorithmSpec | MethodSpec) -> None:
    """Add its mathematics, its cost, its parameters and where it comes from."""
    short(spec)
    st.markdown("**How it works**")
    st.latex(spec.maths)
    if isinstance(spec, AlgorithmSpec):
        st.caption(f"Time: {spec.growth}")
    if spec.params:
        show.table(
            _parameters(spec),
            alt=f"Parameters of {spec.name}",
            column_config={"what it does": {"width": "large"}},
        )
    st.caption(f"Reference: {spec.reference}")


def _parameters(spec: AlgorithmSpec | MethodSpec) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "parameter": [param.name for param in spec.params],
            "name on the screen": [param.label for param in spec.params],
            "default": [str(param.default) for param in spec.params],
            "what it does": [param.help for param in spec.params],
        }
    )
