"""The lines between the parts, held by reading the source."""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

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
def nodes(path: Path) -> list[ast.AST]:
    """The whole syntax tree of a file, flat: each file is parsed once for all tests."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def cached_functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Functions of a page whose answers are kept for all people who visit it."""
    for node in nodes(path):
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
    for node in nodes(path):
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


def test_imports_run_one_way() -> None:
    order = order_of_the_map()
    backwards = [
        f"{name_of(path)}:{line} imports {module}, which stands after {part_of(module_of(path))}"
        for path in PRODUCT
        for line, module in imports(path)
        if is_ours(module) and module not in ("mlcore", "mlcore.__version__")
        if order.index(part_of(module)) > order.index(part_of(module_of(path)))
    ]
    assert backwards == [], "\n".join(backwards)


def test_the_core_knows_neither_streamlit_nor_the_pages() -> None:
    known = [
        f"{name_of(path)}:{line} imports {module}"
        for path in CORE
        for line, module in imports(path)
        if module.split(".")[0] in ("streamlit", "pages", "app")
    ]
    assert known == [], "\n".join(known)


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Every call by its dotted name: (line, ``"joblib.load"``)."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


UNPICKLERS = ("pickle", "cloudpickle", "dill", "marshal", "shelve")
LOADERS = ("joblib.load", "skops.io.load", "pd.read_pickle", "sio.load", "numpy.load")


def becomes_objects(path: Path) -> Iterator[tuple[int, str]]:
    """Where bytes may become objects or code: (line, what)."""
    for line, name in calls(path):
        if name in ("eval", "exec", "compile"):
            yield line, name
        # A table's query evaluates text; a search tree's looks for neighbours.
        if re.fullmatch(r".*\.(eval|query)", name) and "tree" not in name.lower():
            yield line, name
        if name in LOADERS and name_of(path) not in MAY_UNPICKLE:
            yield line, name
    for line, module in imports(path):
        if module.split(".")[0] in UNPICKLERS and name_of(path) not in MAY_UNPICKLE:
            yield line, module
    for node in nodes(path):
        is_choice = isinstance(node, ast.keyword) and node.arg == "allow_pickle"
        if is_choice and ast.unparse(node.value) != "False":
            yield node.lineno, "allow_pickle"


def test_nothing_is_unpickled_or_evaluated() -> None:
    own = [path for path in PRODUCT if not name_of(path).startswith(SHIPPED)]
    found = [
        f"{name_of(path)}:{line} {what}" for path in own for line, what in becomes_objects(path)
    ]
    assert found == [], "\n".join(found)


def test_text_of_users_never_becomes_markup() -> None:
    allowed = [
        f"{name_of(path)}:{node.lineno}"
        for path in [*PAGES, ROOT / "app.py"]
        for node in nodes(path)
        if isinstance(node, ast.keyword)
        and node.arg in ("unsafe_allow_html", "unsafe_allow_javascript")
    ]
    assert allowed == [], "\n".join(allowed)


def test_modules_are_named_after_what_they_are_about() -> None:
    empty_names = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    modules = [module_of(path) for path in PRODUCT]
    assert [module for module in modules if empty_names & set(module.split("."))] == []


#: What a broad ``except`` may do: it stands at the border of a process and reports.
BORDERS = (
    "mlcore/training/worker.py",
    "mlcore/training/supervisor.py",
    "mlcore/command_line/running.py",
    # One request that fails is answered with its number in the log; the others go on.
    "mlcore/serving/api.py",
    "mlcore/serving/batching.py",
)


def swallows(handler: ast.ExceptHandler) -> bool:
    caught = "Exception" if handler.type is None else ast.unparse(handler.type)
    raises_again = any(isinstance(inner, ast.Raise) for inner in ast.walk(handler))
    return bool(re.search(r"\b(Base)?Exception\b", caught)) and not raises_again


def test_defects_are_not_swallowed() -> None:
    swallowing = [
        f"{name_of(path)}:{node.lineno}"
        for path in PRODUCT
        if name_of(path) not in BORDERS
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    ]
    assert swallowing == [], "\n".join(swallowing)


def test_files_are_opened_with_their_encoding() -> None:
    """The default differs between Windows and the rest."""
    without = [
        f"{name_of(path)}:{node.lineno}"
        for path in PRODUCT
        for node in nodes(path)
        if isinstance(node, ast.Call) and called(node) in ("read_text", "write_text")
        if "encoding" not in {keyword.arg for keyword in node.keywords}
    ]
    assert without == [], "\n".join(without)


def called(call: ast.Call) -> str:
    """The last name of what is called: ``read_text`` of ``path.read_text()``."""
    name = call.func
    if isinstance(name, ast.Attribute):
        return name.attr
    return name.id if isinstance(name, ast.Name) else ""


def body_lengths() -> list[tuple[int, str]]:
    """The number of lines of code of every function, docstring and signature not counted."""
    found = []
    for path in PRODUCT:
        for node in nodes(path):
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
            name = name.partition("[")[0]  # extras stand in brackets
            assert version, f"{name} is not pinned with =="
            assert reason.strip(), f"{name} has no reason beside it"
            found[name] = block
    return found


@cache
def installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def third_party(paths: list[Path]) -> set[str]:
    """The packages that some files import, by the name they are installed under."""
    by_module = installed()
    found = set()
    for path in paths:
        for _, module in imports(path):
            top = module.split(".")[0]
            if top not in sys.stdlib_module_names and top in by_module:
                found.add(by_module[top][0].lower().replace("_", "-"))
    return found - {"ml-workbench"}


def test_what_the_product_imports_is_pinned_and_nothing_else() -> None:
    runtime = {name for name, block in pinned().items() if block == "runtime"}
    # pandas writes Parquet through pyarrow, and uvicorn reads requests through httptools, without
    # our importing them.
    assert third_party(list(PRODUCT)) | {"pyarrow", "httptools"} == runtime


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
