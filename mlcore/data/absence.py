"""Words for "no value" that count only where the other values of a column speak for it.

Beside numbers or dates, 无 means that there is none; as a category it may be an answer. What means
"no value" in any column is in :mod:`mlcore.data.reading.missing`.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from mlcore.data.levels import Levels
from mlcore.data.units import is_currency

#: In small letters, without points and spaces.
WORDS: frozenset[str] = frozenset(
    (
        *("na", "none", "null", "nil", "nan", "nd", "n/d", "s/d", "missing", "unknown", "unk"),
        *("notavailable", "notapplicable", "nodata", "novalue", "notknown", "blank", "empty"),
        *("tbd", "tba", "pending", "undefined", "x", "xx", "xxx", "…"),
        *("inf", "-inf", "+inf", "infinity", "-infinity", "∞", "#infinity", "1#inf", "-1#inf"),
        *("ka", "kangabe", "keineangabe", "keineangaben", "unbekannt", "fehlt", "fehlend", "leer"),
        *("keinwert", "keine", "kein", "nichtverfügbar", "nv", "entfällt"),
        *("manquant", "manquante", "inconnu", "inconnue", "nondisponible", "nonrenseigné", "nr"),
        *("nc", "aucun", "aucune", "vide", "absent"),
        *("sindato", "sindatos", "nodisponible", "desconocido", "ninguno", "faltante", "nodata"),
        *("nãodisponível", "desconhecido", "semdados", "semdado", "ausente", "nenhum"),
        *("mancante", "sconosciuto", "nessundato", "nonpervenuto", "np", "nessuno", "vuoto"),
        *("nvt", "onbekend", "geen", "ontbreekt", "saknas", "okänd", "uppgiftsaknas", "mangler"),
        *("ukjent", "ukendt", "puuttuu", "eitietoa", "brak", "brakdanych", "bd", "nieznany"),
        *("neuvedeno", "chybí", "hiányzik", "nincsadat", "lipsă", "yok", "bilinmiyor"),
        *("н/д", "нд", "нетданных", "нет", "неизвестно", "неуказано", "б/д", "немаєданих"),
        *(
            "缺失",
            "缺失值",
            "缺",
            "无",
            "無",
            "空",
            "未知",
            "不详",
            "不詳",
            "暂无",
            "无数据",
            "無資料",
        ),
        *("なし", "無し", "不明", "欠損", "欠測", "未記入", "データなし", "該当なし", "－", "ー"),
        *("없음", "결측", "결측치", "모름", "미상", "해당없음", "자료없음"),
        *("0000-00-00", "00/00/0000", "0000-00-0000:00:00", "δ/υ", "לאידוע", "غيرمتوفر"),
    )
)

#: Signs alone, such as .. in the tables of the World Bank, : in those of Eurostat, or ####### where
#: a spreadsheet found no room for a number.
_SIGNS = re.compile(r"[.:*#?_/\-–—\s]+")

#: A dash beside a currency.
_NO_AMOUNT = re.compile(r"([^\d\-–—]*)[-–—]([^\d\-–—]*)")

_LOOSE = re.compile(r"[\s.()\[\]<>「」“”'\"]+")

#: A longer value is no such word.
_LONGEST = 24

#: With more different words, a column holds words rather than numbers.
_MOST_DIFFERENT = 1000


def words_for_nothing(levels: Levels) -> npt.NDArray[np.bool_]:
    """Return for each value of a column whether it is such a word."""
    found = np.zeros(len(levels.values), dtype=np.bool_)
    places = np.flatnonzero(levels.matching(rf"[^\d]{{1,{_LONGEST}}}|00[-/ 0:]+|-?1\.#INF"))
    if len(places) <= _MOST_DIFFERENT:
        for place in places.tolist():
            found[place] = _means_nothing(str(levels.values[place].as_py()))
    return found


def _means_nothing(word: str) -> bool:
    if _SIGNS.fullmatch(word) or is_dash_of_accounts(word):
        return True
    return _LOOSE.sub("", word.lower()) in WORDS


def is_dash_of_accounts(word: str) -> bool:
    """Return whether a word is a dash beside a currency, as spreadsheets show the amount 0.

    >>> is_dash_of_accounts("$ -"), is_dash_of_accounts("-")
    (True, False)
    """
    found = _NO_AMOUNT.fullmatch(word)
    return found is not None and is_currency(found[1].strip() + found[2].strip())
