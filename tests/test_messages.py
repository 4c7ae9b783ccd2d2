"""Every code has its sentence, every sentence its use, and each fits the other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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


def speaking_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every ``message(…)``, ``Message(…)`` and ``UserError(…)`` with the place it stands at."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:  # noqa: SIM102
                if node.func.id in ("message", "Message", "UserError"):
                    yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node


def literals() -> set[str]:
    """Every text constant of the product; f-strings with ``*`` where a value comes in."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (p.value if isinstance(p, ast.Constant) else "*" for p in node.values)
                found.add("".join(map(str, parts)))
    return found


CALLS = list(speaking_calls())
BY_CODE = [
    (place, call) for place, call in CALLS
    if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
]  # fmt: skip


def test_the_source_was_found() -> None:
    assert len(BY_CODE) > 20


@pytest.mark.parametrize(("place", "call"), BY_CODE, ids=[place for place, _ in BY_CODE])
def test_a_code_in_the_source_has_a_sentence_that_its_values_fill(
    place: str, call: ast.Call
) -> None:
    code = ast.literal_eval(call.args[0])
    assert code in SENTENCES, f"{place} uses {code}, which has no sentence"
    given = {keyword.arg for keyword in call.keywords}
    if None in given or len(call.args) > 1:  # **values: known only at run time
        return
    assert fields(SENTENCES[code]) <= given, f"{place}: {code} needs more values"


def is_used(code: str, known: set[str], patterns: list[re.Pattern[str]]) -> bool:
    if finding := re.fullmatch(r"finding\.(.+)\.(title|explanation|action)", code):
        return finding[1] in known
    return code in known or any(pattern.fullmatch(code) for pattern in patterns)


def test_every_sentence_is_used() -> None:
    known = literals()
    # A pattern must name an area, or it would excuse every sentence.
    starred = [text for text in known if re.fullmatch(r"[a-z_]+\.[\w.*]*\*[\w.*]*", text)]
    patterns = [re.compile(re.escape(text).replace(r"\*", r"[\w-]+")) for text in starred]
    unused = [code for code in SENTENCES if not is_used(code, known, patterns)]
    assert unused == []


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_reads_well(code: str) -> None:
    text = SENTENCES[code]
    assert text == text.strip(), "no blanks at the ends"
    assert "  " not in text, "no double blanks: two pieces of a string may have been joined"
    assert not re.search(
        r"[a-z][.:;,][A-Za-z]{3}", re.sub(r"\{.*?\}", "", text).replace("..", "")
    ), "a blank is missing between two pieces"
    assert "!" not in text and "Oops" not in text
    assert not re.search(r"\berror\b.*\boccurred\b", text)
    assert '"' not in text, "quotation marks are “ and ”"


AREAS = sorted(
    path.stem for path in (ROOT / "mlcore" / "messages").glob("*.py") if path.stem != "__init__"
)


@pytest.mark.parametrize("area", AREAS)
def test_no_area_overwrites_the_codes_of_another(area: str) -> None:
    import importlib

    own = importlib.import_module(f"mlcore.messages.{area}").SENTENCES
    assert {code: SENTENCES[code] for code in own} == own


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


@pytest.mark.parametrize("code", [code for code in finding_codes() if not code.startswith("DATA")])
def test_the_title_of_a_finding_is_true_whatever_the_outcome(code: str) -> None:
    """The same words stand above a check that passed and above one that found something."""
    title = SENTENCES[f"finding.{code}.title"]
    assert not CLAIMS & set(title.lower().split())
