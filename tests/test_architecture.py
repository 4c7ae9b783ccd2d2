"""The lines between the parts, held by reading the source."""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import mlcore

ROOT = Path(__file__).parent.parent
CORE = sorted((ROOT / "mlcore").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
PRODUCT = [*CORE, *PAGES, ROOT / "app.py"]

#: Where bytes of ours become objects; the digest is checked just before (threat: a planted file).
MAY_UNPICKLE = ("mlcore/training/runs.py", "mlcore/registry/formats.py")
#: Shipped in a bundle and run by its owner, outside this project.
SHIPPED = "mlcore/registry/bundle_files/"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def cached_functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Functions of a page whose answers are kept for all people who visit it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            wrappers = [ast.unparse(decorator) for decorator in node.decorator_list]
            if any(wrapper.startswith("st.cache") for wrapper in wrappers):
                yield node


def order_of_the_map() -> list[str]:
    """The parts of the project in the order in which they may import, from the core's docstring."""
    found = re.search(r"messages ◂.*?app", mlcore.__doc__ or "", re.DOTALL)
    assert found, "mlcore/__init__.py must say in which order imports run"
    return re.split(r"\s*◂\s*", found.group())


def part_of(module: str) -> str:
    names = module.split(".")
    return names[1] if names[0] == "mlcore" and len(names) > 1 else names[0]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module named by an import, wherever it stands: (line, dotted name)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports relatively"
            module = node.module or ""
            if module == "mlcore":
                yield from ((node.lineno, f"mlcore.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("mlcore", "pages", "app")


def test_the_map_names_every_part() -> None:
    parts = {path.stem for path in (ROOT / "mlcore").iterdir() if not path.name.startswith("__py")}
    assert set(order_of_the_map()) == (parts - {"__init__"}) | {"pages", "app"}


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    order = order_of_the_map()
    own = part_of(module_of(path))
    for line, module in imports(path):
        if not is_ours(module) or module == "mlcore" or module == "mlcore.__version__":
            continue
        other = part_of(module)
        assert order.index(other) <= order.index(own), (
            f"{name_of(path)}:{line} imports {module}, which stands after {own} in the order"
        )


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_knows_neither_streamlit_nor_the_pages(path: Path) -> None:
    named = {module.split(".")[0] for _, module in imports(path)}
    assert not named & {"streamlit", "pages", "app"}


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Every call by its dotted name: (line, ``"joblib.load"``)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    if name_of(path).startswith(SHIPPED):
        return
    unpickles = ("pickle", "cloudpickle", "dill", "marshal", "shelve")
    loaders = ("joblib.load", "skops.io.load", "pd.read_pickle", "sio.load", "numpy.load")
    if name_of(path) not in MAY_UNPICKLE:
        assert not [item for item in imports(path) if item[1].split(".")[0] in unpickles]
        assert not [item for item in calls(path) if item[1] in loaders]
    assert not [item for item in calls(path) if item[1] in ("eval", "exec", "compile")]
    # A table's query evaluates text; a search tree's looks for neighbours.
    asked = [item for item in calls(path) if re.fullmatch(r".*\.(eval|query)", item[1])]
    assert not [item for item in asked if "tree" not in item[1].lower()]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant) and node.value.value is False


@pytest.mark.parametrize("path", [*PAGES, ROOT / "app.py"], ids=name_of)
def test_text_of_users_never_becomes_markup(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.keyword):
            assert node.arg not in ("unsafe_allow_html", "unsafe_allow_javascript"), node.lineno


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_modules_are_named_after_what_they_are_about(path: Path) -> None:
    assert not set(module_of(path).split(".")) & {
        "utils", "util", "helpers", "helper", "common", "manager", "misc"
    }  # fmt: skip


#: What a broad ``except`` may do: it stands at the border of a process and reports.
BORDERS = (
    "mlcore/training/worker.py",
    "mlcore/training/supervisor.py",
    "mlcore/command_line/running.py",
    # One request that fails is answered with its number in the log; the others go on.
    "mlcore/serving/api.py",
    "mlcore/serving/batching.py",
)


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_defects_are_not_swallowed(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = "" if node.type is None else ast.unparse(node.type)
        is_broad = node.type is None or re.search(r"\b(Base)?Exception\b", caught)
        raises_again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        if is_broad and not raises_again:
            assert name_of(path) in BORDERS, f"{name_of(path)}:{node.lineno} catches {caught}"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_files_are_opened_with_their_encoding(path: Path) -> None:
    """The default differs between Windows and the rest."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        named = {keyword.arg for keyword in node.keywords}
        if name in ("read_text", "write_text"):
            assert "encoding" in named, f"{name_of(path)}:{node.lineno}"


def body_lengths() -> list[tuple[int, str]]:
    """The number of lines of code of every function, docstring and signature not counted."""
    found = []
    for path in PRODUCT:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                found.append((lines, f"{name_of(path)}:{node.lineno} {node.name}"))
    return sorted(found, reverse=True)


def test_functions_are_short() -> None:
    lengths = body_lengths()
    counts = [length for length, _ in lengths]
    longest = "\n".join(f"{length:4} {name}" for length, name in lengths[:10])
    assert statistics.median(counts) <= 10, longest
    assert statistics.quantiles(counts, n=10)[-1] <= 30, longest
    assert counts[0] <= 80, longest


def pinned() -> dict[str, str]:
    """Package and the block of requirements.txt it stands in."""
    block, found = "runtime", {}
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# --- Test tools"):
            block = "test"
        if line and not line.startswith("#"):
            requirement, _, reason = line.partition("#")
            name, _, version = requirement.strip().partition("==")
            assert version, f"{name} is not pinned with =="
            assert reason.strip(), f"{name} has no reason beside it"
            found[name] = block
    return found


def third_party(paths: list[Path]) -> set[str]:
    """The packages that some files import, by the name they are installed under."""
    by_module = packages_distributions()
    found = set()
    for path in paths:
        for _, module in imports(path):
            top = module.split(".")[0]
            if top not in sys.stdlib_module_names and top in by_module:
                found.add(by_module[top][0].lower().replace("_", "-"))
    return found - {"ml-workbench"}


def test_what_the_product_imports_is_pinned_and_nothing_else() -> None:
    runtime = {name for name, block in pinned().items() if block == "runtime"}
    shipped = [path for path in PRODUCT if not name_of(path).startswith(SHIPPED)]
    # pandas writes Parquet through pyarrow without our importing it.
    assert third_party(shipped) | {"pyarrow"} == runtime


def test_what_the_tests_import_is_pinned() -> None:
    folders = ("tests", "benchmarks", "docs", "sample_data")
    scripts = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert third_party(scripts) - set(pinned()) == set()


def test_no_index_and_no_path_of_a_machine_is_named() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_what_requires_python_says_is_what_the_tools_check() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == ">=3.11"
    assert project["tool"]["ruff"]["target-version"] == "py311"
    assert project["tool"]["mypy"]["python_version"] == "3.11"


def test_what_pages_keep_is_kept_for_each_user() -> None:
    """Ids are unique in a workspace, and one process may serve several.

    What depends on nothing but a table that is itself part of the key needs no user.
    """
    kept = [(path, node) for path in PAGES for node in cached_functions(path) if node.args.args]
    shared = [
        f"{name_of(path)}: {node.name}"
        for path, node in kept
        if node.args.args[0].arg != "user"
        and ast.unparse(node.args.args[0].annotation or ast.Constant(None)) != "pd.DataFrame"
    ]
    assert kept and not shared
