"""Ready-made programs that ask the prediction server for an answer, to be copied."""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from mlcore.serving.describing import example_value

#: Stands where the token belongs.
TOKEN = "YOUR_TOKEN"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One program.

    Parameters
    ----------
    language : str
        In which it is written, as highlighters call it.
    label : str
        The same for people.
    code : str
        The program.
    """

    language: str
    label: str
    code: str


def predict_address(address: str, name: str, which: str | None = None) -> str:
    """Return where a model is asked.

    Parameters
    ----------
    address : str
        Of the server.
    name : str
        Of the model.
    which : str, optional
        A version's number, or an alias; the champion when not given.

    >>> predict_address("http://127.0.0.1:8602", "ants", "2")
    'http://127.0.0.1:8602/models/ants/predict?version=2'
    """
    asked = f"?{urlencode({'version': which})}" if which else ""
    return f"{address}/models/{quote(name, safe='')}/predict{asked}"


def example_row(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it could come: for each column a value that training saw.

    Where that is not known, as of a model from elsewhere, 0 or “…” stands in.
    """
    return {feature["name"]: _example(feature) for feature in schema["features"]}


def _example(feature: Mapping[str, Any]) -> Any:
    known = example_value(feature)
    if known is not None:
        return known
    return 0.0 if feature["kind"] == "number" else "…"


def calls(address: str, row: Mapping[str, Any], with_token: bool = False) -> tuple[Call, ...]:
    """Return the same request as a command, and in Python and JavaScript.

    Parameters
    ----------
    address : str
        What :func:`predict_address` returned.
    row : mapping
        The row that is asked about.
    with_token : bool, default False
        Whether a token goes along; :data:`TOKEN` stands in its place.
    """
    headers = {"Content-Type": "application/json"}
    if with_token:
        headers["Authorization"] = f"Bearer {TOKEN}"
    body = {"rows": [dict(row)]}
    return (
        Call(language="bash", label="curl", code=_curl(address, headers, body)),
        Call(language="python", label="Python", code=_python(address, headers, body)),
        Call(language="javascript", label="JavaScript", code=_javascript(address, headers, body)),
    )


def _curl(address: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> str:
    lines = [
        f"curl {shlex.quote(address)}",
        *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()),
        f"-d {shlex.quote(_json(body))}",
    ]
    return " \\\n  ".join(lines)


def _python(address: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> str:
    rows = pprint.pformat(body["rows"], sort_dicts=False, width=88)
    return "\n".join(
        (
            "import json",
            "import urllib.request",
            "",
            f"rows = {rows}",
            "request = urllib.request.Request(",
            f"    {address!r},",
            '    data=json.dumps({"rows": rows}).encode(),',
            f"    headers={dict(headers)!r},",
            ")",
            "with urllib.request.urlopen(request) as reply:",
            '    for answer in json.load(reply)["answers"]:',
            '        print(answer["prediction"], answer["warnings"])',
        )
    )


def _javascript(address: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> str:
    return "\n".join(
        (
            f"const rows = {_json(body['rows'])}",
            f"const reply = await fetch({json.dumps(address)}, {{",
            '  method: "POST",',
            f"  headers: {json.dumps(dict(headers))},",
            "  body: JSON.stringify({ rows }),",
            "})",
            "for (const answer of (await reply.json()).answers) {",
            "  console.log(answer.prediction, answer.warnings)",
            "}",
        )
    )


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, indent=2)
