"""``python -m mlcore serve``: registered models over HTTP, without the pages."""

from __future__ import annotations

import argparse

from mlcore.registry.store import Registry
from mlcore.serving.process import is_loopback, serve_alone
from mlcore.serving.tokens import ApiTokens
from mlcore.workspace import Workspace


def serve(options: argparse.Namespace) -> int:
    """Serve until somebody ends it; with ``--new-token`` make a token first and show it once."""
    workspace = Workspace.open()
    if options.new_token is not None:
        token, _ = ApiTokens(workspace).create(options.new_token)
        print(f"Token, shown this once: {token}")
    models = ", ".join(model.name for model in Registry(workspace).all())
    print(f"Models: {models or 'none yet; register a run on the Models page'}")
    if not is_loopback(options.host) and not ApiTokens(workspace).all():
        print("Other machines need a token, and there is none yet: use --new-token NAME.")
    print(f"Listening on http://{options.host}:{options.port}, for people at /docs", flush=True)
    serve_alone(workspace, options.host, options.port, options.workers)
    return 0
