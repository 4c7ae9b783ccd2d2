"""Every code has its sentence, every sentence its use, and each fits the other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from mlcore.errors import UserError, did_you_mean
from mlcore.findings import Finding, Severity
from mlcore.messages import SENTENCES, Message, listing, message

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for path in [*(ROOT / "mlcore").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    if (ROOT / "mlcore" / "messages") not in path.parents and path.exists()
]


def fields(template: str) -> set[str]:
    """The names in a template's braces."""
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(template) if name}


def pieces() -> Iterator[tuple[str, ast.AST]]:
    """Every piece of the product's syntax, with the file it stands in."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path.relative_to(ROOT).as_posix(), node


def speaks(node: ast.AST) -> bool:
    """Whether this is ``message("…")``, ``Message("…")`` or ``UserError("…")``."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
        return False
    first = node.args[0]
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return is_text and node.func.id in ("message", "Message", "UserError")


@cache
def speech() -> tuple[list[tuple[str, ast.Call]], set[str]]:
    """The calls that speak with the places they stand at, and every text constant.

    In the text of an f-string, ``*`` stands where a value comes in.
    """
    said, texts = [], set()
    for file, node in pieces():
        if speaks(node):
            said.append((f"{file}:{node.lineno}", node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "*" for p in node.values)
            texts.add("".join(map(str, parts)))
    return said, texts


def test_the_source_was_found() -> None:
    assert len(speech()[0]) > 20


def lacking(call: ast.Call) -> str:
    """What a call does not give to its sentence; empty if nothing."""
    code = ast.literal_eval(call.args[0])
    if code not in SENTENCES:
        return f"{code} has no sentence"
    given = {keyword.arg for keyword in call.keywords}
    if None in given or len(call.args) > 1:  # **values: known only at run time
        return ""
    missing = sorted(fields(SENTENCES[code]) - given)
    return f"{code} needs {missing}" if missing else ""


def test_a_code_in_the_source_has_a_sentence_that_its_values_fill() -> None:
    wrong = [(place, lacking(call)) for place, call in speech()[0] if lacking(call)]
    assert wrong == [], "\n".join(map(str, wrong))


def is_used(code: str, known: set[str], patterns: list[re.Pattern[str]]) -> bool:
    if finding := re.fullmatch(r"finding\.(.+)\.(title|explanation|action)", code):
        return finding[1] in known
    return code in known or any(pattern.fullmatch(code) for pattern in patterns)


def test_every_sentence_is_used() -> None:
    _, known = speech()
    # A pattern must name an area, or it would excuse every sentence.
    starred = [text for text in known if re.fullmatch(r"[a-z_]+\.[\w.*]*\*[\w.*]*", text)]
    patterns = [re.compile(re.escape(text).replace(r"\*", r"[\w-]+")) for text in starred]
    unused = [code for code in SENTENCES if not is_used(code, known, patterns)]
    assert unused == [], "\n".join(unused)


def blunders(text: str) -> list[str]:
    """What reads badly in a sentence."""
    without_values = re.sub(r"\{.*?\}", "", text).replace("..", "")
    found = {
        "blanks at the ends": text != text.strip(),
        "double blanks: two pieces of a string may have been joined": "  " in text,
        "a blank is missing between two pieces": re.search(
            r"[a-z][.:;,][A-Za-z]{3}", without_values
        ),
        "shouts": "!" in text or "Oops" in text,
        "“an error occurred” says nothing": re.search(r"\berror\b.*\boccurred\b", text),
        "quotation marks are “ and ”": '"' in text,
    }
    return [blunder for blunder, is_made in found.items() if is_made]


def test_each_sentence_reads_well() -> None:
    bad = [(code, blunders(text)) for code, text in SENTENCES.items() if blunders(text)]
    assert bad == [], "\n".join(map(str, bad))


@pytest.mark.parametrize(
    "text",
    [" Blank.", "Two  blanks.", "One end.Another", "Hurray!", "An error has occurred.", 'A "name"'],
)
def test_a_blunder_is_found(text: str) -> None:
    assert len(blunders(text)) == 1


def test_no_area_overwrites_the_codes_of_another() -> None:
    for path in sorted((ROOT / "mlcore" / "messages").glob("*.py")):
        if path.stem != "__init__":
            own = import_module(f"mlcore.messages.{path.stem}").SENTENCES
            assert {code: SENTENCES[code] for code in own} == own, path.stem


def test_an_unknown_code_fails_where_it_is_made() -> None:
    with pytest.raises(KeyError):
        message("no.such.code")
    with pytest.raises(KeyError):
        message("setup.target_is_feature")


def test_a_message_survives_json() -> None:
    made = message("setup.target_is_feature", name="price")
    assert Message.from_json(made.to_json()) == made
    assert str(made).startswith("“price” is the label")


def test_an_error_survives_the_way_between_processes() -> None:
    import pickle

    error = UserError("setup.target_is_feature", name="price")
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, str(again)) == (error.code, str(error))


def test_values_with_braces_are_shown_as_they_are() -> None:
    assert "“{name}”" in str(message("setup.target_is_feature", name="{name}"))


def test_listings_are_cut() -> None:
    assert listing("abc") == "“a”, “b”, “c”"
    assert listing("abcdefg", most=2) == "“a”, “b” and 5 more"
    assert listing([]) == ""


def test_the_nearest_name_is_offered() -> None:
    assert did_you_mean("speces", ["species", "island"]) == "Did you mean “species”?"
    assert did_you_mean("zzz", ["species", "island"]) == ""


def test_findings_survive_json() -> None:
    outcome = message("setup.no_features")
    for finding in (
        Finding("DATA001", Severity.WARNING, ("a", "b"), {"rows": 3}),
        Finding("DATA001", Severity.NOT_APPLICABLE, outcome=outcome),
    ):
        assert Finding.from_json(finding.to_json()) == finding


def test_a_check_that_passed_says_so_and_asks_for_nothing() -> None:
    outcome = message("setup.no_features")
    finding = Finding("DATA001", Severity.PASSED, outcome=outcome)
    assert finding.explanation == str(outcome)
    assert finding.action == ""


def finding_codes() -> list[str]:
    found = (re.fullmatch(r"finding\.([A-Z]+\d+)\..*", code) for code in SENTENCES)
    return sorted({match[1] for match in found if match})


def test_a_finding_has_title_explanation_and_action() -> None:
    for code in finding_codes():
        for part in ("title", "explanation", "action"):
            assert f"finding.{code}.{part}" in SENTENCES
        assert not fields(SENTENCES[f"finding.{code}.title"])


#: Words that make a claim of a title.
CLAIMS = {
    "is", "are", "has", "have", "does", "mean", "agree", "came", "come", "better", "no", "not",
}  # fmt: skip


def test_the_title_of_a_finding_is_true_whatever_the_outcome() -> None:
    """The same words stand above a check that passed and above one that found something."""
    titles = {
        code: SENTENCES[f"finding.{code}.title"]
        for code in finding_codes()
        if not code.startswith("DATA")
    }
    assert titles
    claiming = {
        code: title for code, title in titles.items() if CLAIMS & set(title.lower().split())
    }
    assert claiming == {}
