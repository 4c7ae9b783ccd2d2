"""What the documents say is what the code does."""

from __future__ import annotations

import argparse
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import mlcore
from mlcore import settings
from mlcore.command_line.options import parser
from mlcore.data.recipe.catalogue import STEPS
from mlcore.data.recipe.formula import FUNCTIONS
from mlcore.pipelines.preparation import PREPARATION_PARAMS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_LINE = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
DOCUMENTS = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]


def settings_table() -> dict[str, tuple[str, str]]:
    rows = re.findall(r"^\| `(WORKBENCH_\w+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    return {name: (default, words) for name, default, words in rows}


def test_the_table_of_settings_is_the_declared_one() -> None:
    expected = {settings.HOME: ("the user's data folder", settings.HOME_HELP)}
    for setting in settings.NUMBERS:
        default = "processor cores" if setting is settings.MAX_JOBS else str(setting.default)
        expected[setting.name] = (default, setting.help)
    assert settings_table() == expected


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("\\_", "_")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name} names {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_are_those_of_the_makefile(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = re.findall(r"(?:^ {4}|`)make ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= targets


def commands_of(whole: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command."""
    return next(dict(action.choices) for action in whole._actions if action.choices)


@pytest.mark.parametrize(
    ("command", "heading"),
    [
        ("train", "Train"),
        ("cluster", "Find groups"),
        ("propagate", "Learn from few labels"),
        ("fuse", "Make one label of several"),
    ],
)
def test_every_option_is_documented_and_every_documented_option_exists(
    command: str, heading: str
) -> None:
    actions = commands_of(parser())[command]._actions
    options = {flag for action in actions for flag in action.option_strings} - {"-h", "--help"}
    section = COMMAND_LINE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(--[a-z-]+)", section)) == options


def test_every_option_of_the_grid_worlds_is_documented_and_exists() -> None:
    inner = commands_of(commands_of(parser())["gridworld"])
    flags = {
        flag for each in inner.values() for act in each._actions for flag in act.option_strings
    }
    section = COMMAND_LINE.split("\n## Grid worlds\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(--[a-z-]+)", section)) == flags - {"-h", "--help"}
    assert set(re.findall(r"mlcore gridworld (\w+)", section)) == set(inner)


def test_every_setting_of_the_preparation_is_documented() -> None:
    assert [p.name for p in PREPARATION_PARAMS if f"`{p.name}`" not in COMMAND_LINE] == []


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {mlcore.__version__}, " in changelog


def test_private_by_default() -> None:
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["server"]["enableXsrfProtection"] and CONFIG["server"]["enableCORS"]
    assert not CONFIG["server"]["enableAgentApi"]
    assert "://" not in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")


def test_the_page_takes_as_much_as_the_reader() -> None:
    assert CONFIG["server"]["maxUploadSize"] == settings.UPLOAD_MB.default


def test_every_option_of_the_configuration_exists() -> None:
    from streamlit import config

    config.get_config_options()
    known = set(config._config_options_template or {})
    for section, options in CONFIG.items():
        for name, value in options.items():
            names = [f"{name}.{inner}" for inner in value] if isinstance(value, dict) else [name]
            for full in names:
                option = f"{section}.{full}"
                if isinstance(value, dict) and isinstance(value[full.split(".")[1]], dict):
                    assert all(f"{option}.{inner}" in known for inner in value[full.split(".")[1]])
                else:
                    assert option in known, option


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read(mode: str) -> None:
    theme = CONFIG["theme"][mode]
    surfaces = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]
    surfaces += [theme["sidebar"]["backgroundColor"], theme["sidebar"]["secondaryBackgroundColor"]]
    for surface in surfaces:
        assert contrast(theme["textColor"], surface) >= 7
        assert contrast(theme["linkColor"], surface) >= 4.5
        # Lines and marks in the primary colour, after WCAG 1.4.11.
        assert contrast(theme["primaryColor"], surface) >= 3
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 4.5
    for colour in CONFIG["theme"]["chartCategoricalColors"]:
        assert contrast(colour, theme["backgroundColor"]) >= 2


def test_nothing_in_the_repository_names_a_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".txt", "") and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"index[-]url|/(root|home/\w+|Users/\w+)/", text), name


def test_steps_and_functions_of_formulas_are_the_declared_ones() -> None:
    text = (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z][^|]+?) \| ", text, re.MULTILINE)
    assert rows[1:] == [spec.name for spec in STEPS.values()]
    assert all(f"`{name}`" in text for name in FUNCTIONS)
