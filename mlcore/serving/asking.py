"""Ask the server beside the pages how a model is doing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pandas as pd

from mlcore.errors import UserError
from mlcore.messages import SENTENCES

#: Seconds that are waited; the server is on this machine, and a page should not stand still.
_PATIENCE = 1.0

#: Bytes of an answer that are read at most.
_MOST = 10 * 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class TrafficReport:
    """What came to a version since the server started.

    Parameters
    ----------
    requests, errors, rows : int
        How many requests came, how many of them were refused or failed, and how many rows were
        predicted.
    p50_ms, p95_ms : float, optional
        Milliseconds within which half of the newest requests, and 95 % of them, were answered.
    odd : DataFrame
        ``column`` (empty for what concerns a whole row), ``code`` and ``words`` of what was odd
        compared with training, and ``count`` (cells), the most frequent first.
    """

    requests: int
    errors: int
    rows: int
    p50_ms: float | None
    p95_ms: float | None
    odd: pd.DataFrame


def read_traffic(address: str, name: str, number: int) -> TrafficReport:
    """Return what came to a version.

    Parameters
    ----------
    address : str
        Of the server.
    name : str
        Of the model.
    number : int
        Of the version.

    Raises
    ------
    UserError
        ``serving.silent``: the server does not answer; ``serving.told``: it answers otherwise.
    """
    query = urlencode({"version": number})
    plain = _get(address, f"/models/{quote(name, safe='')}/traffic?{query}")
    odd = pd.DataFrame(plain["odd"], columns=["column", "code", "count"])
    odd["words"] = [SENTENCES.get(f"serving.odd.{code}", code) for code in odd["code"]]
    return TrafficReport(
        requests=plain["requests"],
        errors=plain["errors"],
        rows=plain["rows"],
        p50_ms=plain["p50_ms"],
        p95_ms=plain["p95_ms"],
        odd=odd.sort_values("count", ascending=False, kind="stable").reset_index(drop=True),
    )


def _get(address: str, path: str) -> Mapping[str, Any]:
    """Return the JSON object at an address, past whatever proxy the environment names."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        plain: Mapping[str, Any] = json.loads(reply.read(_MOST))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UserError("serving.silent", address=address) from error
    finally:
        connection.close()
    if reply.status != 200:
        raise UserError("serving.told", reason=str(plain.get("detail", reply.reason)))
    return plain
