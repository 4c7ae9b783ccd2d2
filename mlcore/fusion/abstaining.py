"""Labels that look like “I do not know”."""

from __future__ import annotations

from collections.abc import Iterable

from mlcore.fusion.spelling import normal_label

#: What people and labelling tools write instead of a label, in the form of ``normal_label``.
#: Numbers such as -1 are not here: they may well be labels.
WORDS = frozenset(
    {
        *("abstain", "abstained", "abstention", "unsure", "not sure", "uncertain", "unclear"),
        *("unknown", "don't know", "don’t know", "do not know", "dont know", "dk", "idk"),
        *("no idea", "no opinion", "cannot say", "can't say", "can't tell", "cannot tell"),
        *("skip", "skipped", "pass", "no answer", "?", "??"),
    }
)


def likely_abstentions(labels: Iterable[str]) -> tuple[str, ...]:
    """Return those labels that look like an abstention, for the user to confirm.

    All labels but two would be too many: there must be something to decide between.

    >>> likely_abstentions(["cat", "dog", "Unsure"])
    ('Unsure',)
    """
    listed = list(labels)
    found = tuple(label for label in listed if normal_label(label) in WORDS)
    return found if len(listed) - len(found) >= 2 else ()
