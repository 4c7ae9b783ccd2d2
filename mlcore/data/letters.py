"""How plausible a text is as writing in some language: what tells one code page from another.

Bytes above 127 mean other letters in every code page, and nothing in a file says which is meant.
But read with the wrong one they give letters that no language uses together: capital letters
inside words, signs between letters, rare characters one after the other. So each candidate is
judged by the text it gives: :func:`plausibility` is a rough logarithm of how likely a language
would have made it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

#: Letters beyond A to Z of languages that are written in Latin letters, the frequent ones first.
_LATIN: dict[str, str] = {
    "German": "üäößé",
    "French": "éèàêçôûîâùïëœæüÿ",
    "Spanish": "óíáéñúü",
    "Portuguese": "ãçáéíóêõâúàôü",
    "Italian": "àèùòìé",
    "Dutch": "ëéïöüèê",
    "Scandinavian": "åäöøæé",
    "Icelandic": "áíöðéþúæóý",
    "Polish": "łążęóśćńź",
    "Czech": "íáéěřýšžčůúťňóď",
    "Slovak": "áíéčšžýťúľôňóďäĺŕ",
    "Hungarian": "éáöóőüíúű",
    "Romanian": "ăîâșțşţ",
    "South Slavic": "čšžćđ",
    "Lithuanian": "ėšįžųūąčę",
    "Latvian": "āīēšūņļžčģķ",
    "Estonian": "äõöüšž",
    "Turkish": "ıişüçğöâî",
    "Vietnamese": "đạảấàáâăêôơưộếọịốủềớờợứừ\u0300\u0301\u0303\u0309\u0323",
}

#: All letters of other alphabets, the frequent ones first.
_ALPHABETS: dict[str, str] = {
    "Russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "Ukrainian": "оанивіетрсклмдупязьбгчйхшжцюєїщфґё",
    "Bulgarian": "аоиентрсвлкдпмзябгучъщжцйхшфюь",
    "Serbian": "аоиенртсуједлквмпзгбчљшцњжхћђфџ",
    "Greek": "αοιετσνηρπκμυλςωγδθχάίόέφήύώβξζψϊ",
    "Hebrew": "יוהלאמרבתשנדחקעםכפטגזסןצךץף",
    "Arabic": "الينمرتبهوعدسفكحقأةجشطصىخإذزءضغآثئظؤ",
    "Thai": "านรกองเมยลวดทสตะปบคหแจพชขใไโณผซถธศภฉฝฟญษ่้ิีัุู์็ื",
}

#: The commonest characters of scripts that have thousands of them.
_CHINESE = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现"
    "当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并"
    "物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认"
    "条平系气题活别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基书非则听白却界达"
    "光放强即难且权思王完设式色路记南品住告类求据程北边张该交规万取格术领共确传师观清今切院让识候带导运李陈刘杨赵黄周吴州江省县价格号码客户城市日期"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現"
    "當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並"
    "物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認"
    "條平系氣題活別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指客戶城縣臺灣北林陳黃張李王吳劉蔡楊號碼價格商店單"
)
_KANJI = (
    "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母"
    "火右読友左休父雨会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不作用度強公持野以思家世多正安院心界教文元重近考画海売知道集別物"
    "使品計死特私始朝運終台広住無真有口少町料工建空急止送切転研足究楽起着店病質待試族銀早映親験英医仕去味写字答夜音注帰古歌買悪図週室歩風紙黒花春赤"
    "青館屋色走秋夏習駅洋旅服夕借曜飲肉貸堂鳥飯勉冬昼茶弟牛魚兄犬妹姉漢村井佐藤鈴高橋渡辺伊加吉松原内阪都府県市区価格数量客注文商番号性齢"
    "値段額税込単個件計合予約表示備考担当支払請求製型状態登録更住所電話郵便氏職業曜売上仕"
)
_HANGUL = (
    "이다는을에의가고하지로기사한도리나어은인스시를아대서자그해수전정라부들일여만있것원제보주상안성장경공과구동마면모무문미민바백분비선소신실아야연영오용우"
    "울위유음임입있작재저적조중진차천체최크터트파판평포품프하학할함해행현형호화회후김이박최정강조윤장임한오서신권황안송류홍서울부산대구인천광주대전시구동명"
    "자름날짜제품가격수량고객도시번호예아니오없음"
)
_KANA = "".join(map(chr, (*range(0x3041, 0x3094), *range(0x30A1, 0x30F7)))) + "ー"

#: Signs that people write in any language.
_SIGNS = "’‘“”„–—…€£¥°·«»§©®™²³½¼¾×÷±№µºª¢¿¡\u00a0、。「」，：；（）％－・！？～"
#: Those that stand beside numbers, and words that are worth more than their letters.
_OF_NUMBERS = "€£¥¢°±§²³½¼¾×÷№µºª"
_KNOWN_WORDS = re.compile(
    r"(?<![^\W\d])(?:[ckm]?m[²³]|[Nn][º°]|[DLdl]’(?=\w))|(?<=\w)’s\b"
    r"|(?<=\d )(?:Kč|zł|руб)(?!\w)|(?<=\d)[円元원年년]|(?<!\w)[Øø](?= ?\d)"
    r"|¿(?=[^?\n]{1,200}\?)|¡(?=[^!\n]{1,200}!)"
)
#: Signs of Western text that stand one after the other where other writing was meant.
_SIGNS_TOGETHER = re.compile(r"(?=[’‘“”„–—…£¥°·«»§©®²³½¼¾×±ºª¿¡]{2})")
#: Letters beyond ASCII that are words in languages of Latin letters.
_ONE_LETTER_WORDS = "àáâãäåæèéêíîòóôöùü"
#: A language of few people, whose letters lie where those of Turkish do.
_RARITY = {"Icelandic": -5.0}
_INSIDE_WORDS = "’–—·•…\u00a0\u00b7\u2011\u200c\u200d'"

# Rough logarithms; what matters is what is how much worse than what.
_ASCII = -2.5
_SIGN, _ODD_SIGN, _ODD_LETTER, _IMPOSSIBLE = -4.0, -9.0, -7.5, -15.0
_BROKEN = -30.0
_UPPER = -0.4
_LOW_UP, _SIGN_IN_WORD, _SCRIPTS_MIXED, _CROWDED = -4.0, -4.5, -4.0, -2.0
_CUT_OFF, _IN_NUMBER = -3.0, -3.0
_LONE, _AT_NUMBER, _FITTING, _TOGETHER = -3.0, -4.0, 2.5, -2.5


@dataclass(frozen=True)
class Script:
    """What a language or a group of them writes with.

    Parameters
    ----------
    name : str
        Of the language.
    costs : mapping of str to float
        Logarithm of how likely a character is among those beyond ASCII, small letters only.
    rest : callable
        The same for a character that is not listed.
    latin : bool
        Whether words are made of ASCII letters and a few others.
    """

    name: str
    costs: Mapping[str, float]
    rest: Callable[[str], float]
    latin: bool = False


def _falling(letters: str, share: float = 0.95) -> dict[str, float]:
    """Return logarithms of shares that fall to about a tenth from the first letter to the last."""
    weights = [math.exp(-2.3 * place / len(letters)) for place in range(len(letters))]
    total = sum(weights)
    return {
        letter: math.log(share * weight / total)
        for letter, weight in zip(letters, weights, strict=True)
    }


def _flat(letters: str, share: float) -> dict[str, float]:
    distinct = set(letters)
    return dict.fromkeys(distinct, math.log(share / len(distinct)))


def _rare(character: str) -> float:
    """Return the cost of a character that a language is not known to use."""
    if character in _SIGNS:
        return _SIGN
    if character == "\ufffd":
        return _BROKEN
    category = unicodedata.category(character)
    if category[0] == "C":
        return _IMPOSSIBLE
    return _ODD_LETTER if category[0] in "LM" else _ODD_SIGN


def _rare_han(codec: str, first: int, last: int) -> Callable[[str], float]:
    """Return the cost of characters that are not among the commonest.

    A national standard puts the few thousand common ones first: their first byte lies between
    two values.
    """
    common, uncommon = math.log(0.3 / 3500), -14.0

    @cache
    def cost(character: str) -> float:
        if not "\u2e80" <= character <= "\ufaff" and not "\uac00" <= character <= "\ud7ff":
            return _rare(character)
        try:
            code = character.encode(codec)
        except UnicodeEncodeError:
            return uncommon - 3
        return common if len(code) == 2 and first <= code[0] <= last else uncommon

    return cost


def _script(letters: str, codec: str, first: int, last: int, more: dict[str, float]) -> Script:
    costs = {**_flat(letters, 0.5), **more}
    return Script("", costs, _rare_han(codec, first, last))


#: The scripts by the name under which a candidate asks for them.
@cache
def scripts() -> dict[str, Script]:
    """Return what the languages write with."""
    made = {name: Script(name, _falling(text), _rare, True) for name, text in _LATIN.items()}
    made |= {name: Script(name, _falling(text, 0.98), _rare) for name, text in _ALPHABETS.items()}
    kana = _flat(_KANA, 0.4)
    made["Chinese"] = _script(_CHINESE, "gb2312", 0xB0, 0xD7, {})
    made["traditional Chinese"] = _script(_TRADITIONAL, "big5", 0xA4, 0xC6, {})
    made["Japanese"] = _script(_KANJI, "euc_jp", 0xB0, 0xCF, kana)
    made["Korean"] = _script(_HANGUL, "euc_kr", 0xB0, 0xC8, {})
    return made


@cache
def _known() -> frozenset[str]:
    made = scripts().values()
    return frozenset(_SIGNS).union(*(one.costs for one in made))


def is_known(character: str) -> bool:
    """Return whether any of the languages uses a character beyond ASCII often."""
    return character.lower()[0] in _known()


def plausibility(text: str, languages: tuple[str, ...]) -> float:
    """Return a rough logarithm of how likely one of some languages gives a text.

    Parameters
    ----------
    text : str
        Some lines; ASCII alone says nothing.
    languages : tuple of str
        Keys of :func:`scripts`; the best one counts.
    """
    counts = Counter(text)
    plain = sum(count for character, count in counts.items() if character < "\x80")
    other = {character: count for character, count in counts.items() if character >= "\x80"}
    shapes = _shapes(text, other)
    base = plain * _ASCII + shapes.cost
    return base + max(_cost(other, scripts()[name], shapes) for name in languages)


def _cost(other: Mapping[str, int], script: Script, shapes: _Shapes) -> float:
    total = _RARITY.get(script.name, 0.0)
    for character, count in other.items():
        # The small form of the Turkish İ is an i and a point.
        small = character.lower()[0]
        known = script.costs.get(small)
        each = script.rest(character) if known is None else known
        total += count * (each + (_UPPER if small != character else 0.0))
    if script.latin:
        return total + _CROWDED * shapes.crowded + _LONE * shapes.lone
    return total + _SCRIPTS_MIXED * shapes.mixed


@dataclass(frozen=True)
class _Shapes:
    """What is odd about a text whatever the language: see the names."""

    cost: float
    crowded: int
    mixed: int
    lone: int


_LOW_UP_PATTERN = re.compile(r"(?=aL|lL|lA)")
_SIGN_PATTERN = re.compile(r"(?=[aAlLo][sn][aAlLo])")
_CROWDED_PATTERN = re.compile(r"(?=[lLo]{3})")
_IN_NUMBER_PATTERN = re.compile(r"(?<=\d)[lL](?=\d)")
#: Capital letters with an accent lie where other code pages of the same script have an apostrophe.
_CUT_OFF_PATTERN = re.compile(r"(?<![aAlLo.])(?=\.[al])")
_LONE_PATTERN = re.compile(r"(?<![aAlLo.])[lL]+(?![aAlLo.])")
_AT_NUMBER_PATTERN = re.compile(r"\d ?[lL](?![aAlLo.])|(?<![aAlLo.])[lL](?=[ +-]?\d)")
_FITTING_PATTERN = re.compile(r"\d[ .]?n|n(?=[ .+-]?\d)|(?<![aAlLo])n(?![aAlLo])")
_MIXED_PATTERN = re.compile(r"(?=[aA][lLo]|[lLo][aA])")


def _shapes(text: str, other: Mapping[str, int]) -> _Shapes:
    table = {ord(character): _shape(character) for character in other}
    table |= dict.fromkeys(range(ord("a"), ord("z") + 1), "a")
    table |= dict.fromkeys(range(ord("A"), ord("Z") + 1), "A")
    shape = text.translate(table)

    def count(pattern: re.Pattern[str]) -> int:
        return sum(1 for _ in pattern.finditer(shape))

    cost = _LOW_UP * count(_LOW_UP_PATTERN) + _SIGN_IN_WORD * count(_SIGN_PATTERN)
    cost += _CUT_OFF * count(_CUT_OFF_PATTERN) + _IN_NUMBER * count(_IN_NUMBER_PATTERN)
    cost += _AT_NUMBER * count(_AT_NUMBER_PATTERN) + _FITTING * count(_FITTING_PATTERN)
    cost += _FITTING * len(_KNOWN_WORDS.findall(text))
    cost += _TOGETHER * len(_SIGNS_TOGETHER.findall(text))
    lone = sum(
        len(place[0]) > 1 or text[place.start()].lower() not in _ONE_LETTER_WORDS
        for place in _LONE_PATTERN.finditer(shape)
    )
    return _Shapes(cost, count(_CROWDED_PATTERN), count(_MIXED_PATTERN), lone)


def _shape(character: str) -> str:
    if character in _INSIDE_WORDS:
        return "."
    if character in _OF_NUMBERS:
        return "n"
    category = unicodedata.category(character)
    if category[0] == "L":
        # Letters without small and capital forms are small ones; characters of thousands are not.
        return "L" if category == "Lu" else "l" if character < "\u2e80" else "o"
    return "o" if category[0] == "M" else "s"
