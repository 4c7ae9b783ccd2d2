"""Forms drawn from declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from mlcore.params import (
    BoolParam,
    ChoiceParam,
    FloatParam,
    IntParam,
    LayersParam,
    Param,
    ParamValue,
    SeveralParam,
    shown_params,
)

#: So many choices are still shown side by side.
_MOST_SEGMENTS = 4


def param_form(
    params: Sequence[Param], values: Mapping[str, ParamValue], prefix: str
) -> dict[str, Any]:
    """Draw one control for each knob and return what they show.

    Parameters
    ----------
    params : sequence of Param
        Basic ones are drawn first; the rest stands under "Advanced".
    values : mapping
        What the controls start with.
    prefix : str
        Keys are ``<prefix>_<name>``.

    Returns
    -------
    dict
        Values by name, unchecked: ``Param.check`` says what is wrong with them.
    """
    shown: dict[str, Any] = dict(values)
    _draw(params, shown, prefix, basic=True)
    if any(not param.basic for param in shown_params(params, shown)):
        with st.expander("Advanced", icon=":material/tune:"):
            _draw(params, shown, prefix, basic=False)
    return shown


def _draw(params: Sequence[Param], shown: dict[str, Any], prefix: str, basic: bool) -> None:
    for param in params:
        # Asked anew for each: a control just drawn may hide the next one.
        if param.basic is basic and param in shown_params(params, shown):
            shown[param.name] = _CONTROLS[type(param)](
                param, shown[param.name], f"{prefix}_{param.name}"
            )


def _integer(param: IntParam, value: Any, key: str) -> Any:
    _start(key, value)
    return st.number_input(
        param.label,
        min_value=param.low,
        max_value=param.high,
        value=None,
        step=1,
        key=key,
        help=param.help,
        placeholder=param.none_label or f"{param.low} to {param.high}",
    )


def _number(param: FloatParam, value: Any, key: str) -> Any:
    _start(key, value)
    if not param.log and param.low >= 0 and param.high <= 1 and param.none_label is None:
        return st.slider(param.label, param.low, param.high, step=0.01, key=key, help=param.help)
    return st.number_input(
        param.label,
        min_value=param.low,
        max_value=param.high,
        value=None,
        step=None,
        format="%g",
        key=key,
        help=param.help,
        placeholder=param.none_label or f"{param.low:g} to {param.high:g}",
    )


def _switch(param: BoolParam, value: Any, key: str) -> Any:
    _start(key, value)
    return st.toggle(param.label, key=key, help=param.help)


def _choice(param: ChoiceParam, value: Any, key: str) -> Any:
    _start(key, value)
    words: dict[str | None, str] = {} if param.none_label is None else {None: param.none_label}
    words.update(param.choices)
    if param.none_label is None and len(words) <= _MOST_SEGMENTS:
        return st.segmented_control(
            param.label,
            list(words),
            format_func=lambda choice: str(words[choice]),
            required=True,
            wrap=True,
            key=key,
            help=param.help,
        )
    return st.selectbox(
        param.label,
        list(words),
        format_func=lambda choice: str(words[choice]),
        key=key,
        help=param.help,
    )


def _several(param: SeveralParam, value: Any, key: str) -> Any:
    _start(key, list(value))
    return tuple(
        st.pills(
            param.label,
            list(param.choices),
            selection_mode="multi",
            format_func=lambda choice: param.choices[choice],
            key=key,
            help=param.help,
        )
    )


def _layers(param: LayersParam, value: Any, key: str) -> Any:
    _start(key, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
    return st.text_input(param.label, key=key, help=param.help)


def _start(key: str, value: Any) -> None:
    """Give a control its first value, or the one it has.

    Written in every run: where somebody is quick, a run ends between giving a control its value and
    telling the browser of it. The browser would show an empty control and hand that in next.
    """
    st.session_state[key] = st.session_state.get(key, value)


_CONTROLS: dict[type[Param], Callable[[Any, Any, str], Any]] = {
    IntParam: _integer,
    FloatParam: _number,
    BoolParam: _switch,
    ChoiceParam: _choice,
    SeveralParam: _several,
    LayersParam: _layers,
}
