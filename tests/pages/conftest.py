"""The pages, driven without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from mlcore.workspace import Workspace

NAVIGATION = Path(__file__).parents[2] / "pages" / "navigation.py"

#: Visits a page of the app; the page's file is given.
Visit = Callable[[str], AppTest]


@pytest.fixture(autouse=True, scope="session")
def _packages_searched_once() -> Iterator[None]:
    """Each AppTest searches every installed package for components, which takes 0.13 s."""
    with pytest.MonkeyPatch.context() as patch:
        search = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        yield


@pytest.fixture(autouse=True)
def _fresh_caches():
    """Caches live as long as the process and would show another test's workspace."""
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def visit(workspace: Workspace) -> Visit:
    """Open a page cold, as a deep link does."""

    def open_page(file: str) -> AppTest:
        app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        if file != "data.py":
            app.switch_page(file)
        return app.run()

    return open_page
