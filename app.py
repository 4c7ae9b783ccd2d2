"""The workbench as one server: ``streamlit run app.py`` or ``python app.py``.

Starts the pages, the download route and, beside them, the supervisor that runs the jobs and the
server that answers for registered models.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.middleware import Middleware

from mlcore.messages import message
from mlcore.serving.beside import PREDICTION
from mlcore.serving.downloads import download_route
from mlcore.serving.headers import SecurityHeaders
from mlcore.training.defects import record_defect
from mlcore.training.service import SUPERVISOR, accompanied
from mlcore.workspace import Workspace

workspace = Workspace.open()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    # What the pages need takes seconds to load; nobody should wait for it on the first page.
    Thread(target=import_module, args=("pages.ui.stored",), daemon=True).start()
    with accompanied(workspace, (SUPERVISOR, PREDICTION)):
        yield


def say_that_it_broke(error: Exception) -> bool:
    number = record_defect(workspace, error)
    st.error(str(message("page.defect", number=number)), icon=":material/error:")
    return True


app = st.App(
    Path(__file__).resolve().parent / "pages" / "navigation.py",
    lifespan=lifespan,
    routes=[download_route(workspace)],
    middleware=[
        Middleware(SecurityHeaders, index=Path(st.__file__).parent / "static" / "index.html")
    ],
    on_script_error=say_that_it_broke,
)

if __name__ == "__main__":
    app.run()
