"""Which encoding a file has, from short texts in many languages."""

from __future__ import annotations

import codecs

import pytest

from mlcore.data.encoding import ENCODINGS, Decoded, decode
from mlcore.errors import UserError

TEXTS = {
    "German": "Jürgen Müller;Köln\nKäthe Weiß;Düsseldorf\nSören Böhm;Gießen\nÄnne Schäfer;Lübeck\n",
    "French": "Hélène Côté;Orléans\nFrançois Lefèvre;Nîmes\nAgnès Bérard;Besançon\nZoé;Évreux\n",
    "Polish": "Łukasz Wójcik;Łódź\nZofia Dąbrowska;Gdańsk\nMałgorzata Zięba;Częstochowa\n",
    "Czech": "Jiří Dvořák;Plzeň\nKateřina Černá;Děčín\nOndřej Šťastný;České Budějovice\n",
    "Lithuanian": "Jūratė Šimkutė;Šiauliai\nŽygimantas Čepas;Klaipėda\nRūta Kęstienė;Panevėžys\n",
    "Turkish": "Şükrü Yıldız;İzmir\nÇağla Öztürk;Muğla\nIşıl Doğan;Eskişehir\nGökçe;Ağrı\n",
    "Russian": "Иван Кузнецов;Москва\nПётр Соловьёв;Казань\nМария Попова;Новосибирск\n",
    "Ukrainian": "Євген Їжак;Київ\nІрина Щербак;Чернігів\nОлексій Ґудзь;Запоріжжя\n",
    "Greek": "Γιώργος Παπαδόπουλος;Αθήνα\nΕλένη Νικολάου;Θεσσαλονίκη\nΔημήτρης;Πάτρα\n",
    "Hebrew": "משה כהן;ירושלים\nרחל לוי;תל אביב\nיעקב מזרחי;חיפה\n",
    "Arabic": "محمد الأحمد;القاهرة\nفاطمة حسن;الإسكندرية\nخالد العلي;بغداد\n",
    "Thai": "สมชาย ใจดี;กรุงเทพ\nมาลี ศรีสุข;เชียงใหม่\nประเสริฐ;ภูเก็ต\n",
    "Chinese": "张伟;北京\n王芳;上海\n李娜;广州\n刘洋;成都\n陈静;重庆\n",
    "traditional": "陳美玲;臺北\n林志明;高雄\n黃淑芬;臺中\n張家豪;新竹\n",
    "Japanese": "佐藤健太;東京\nスズキ さくら;大阪\n高橋みなみ;名古屋\n",
    "Korean": "김민수;서울\n이영희;부산\n박지훈;대구\n최수진;인천\n",
}
WRITTEN = {
    "German": "cp1252 iso8859-15 mac_roman cp850",
    "French": "cp1252 mac_roman cp850",
    "Polish": "cp1250 iso8859-2 cp852",
    "Czech": "cp1250 iso8859-2 cp852",
    "Lithuanian": "cp1257 iso8859-13",
    "Turkish": "cp1254 iso8859-9",
    "Russian": "cp1251 koi8_r iso8859-5 cp866 mac_cyrillic",
    "Ukrainian": "cp1251 koi8_u",
    "Greek": "cp1253 iso8859-7",
    "Hebrew": "cp1255 iso8859-8",
    "Arabic": "cp1256 iso8859-6",
    "Thai": "cp874",
    "Chinese": "gb18030 gb2312",
    "traditional": "big5",
    "Japanese": "shift_jis euc_jp iso2022_jp",
    "Korean": "euc_kr cp949",
}


def codes(decoded: Decoded) -> set[str]:
    return {one.code.rsplit(".", 1)[1] for one in (*decoded.decisions, *decoded.cautions)}


@pytest.mark.parametrize("language", TEXTS)
def test_a_short_text_is_read_right_whatever_its_encoding(language: str) -> None:
    text = "id;n\n" + TEXTS[language]
    unicode = "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be"
    for encoding in f"{unicode} {WRITTEN[language]}".split():
        assert decode(text.encode(encoding)).content.decode() == text, encoding


def test_weak_evidence_is_said_with_the_other_reading() -> None:
    decoded = decode("name,n\nZoë,1\nAnn,2\n".encode("cp1252"))
    (caution,) = decoded.cautions
    assert caution.code == "data.caution.encoding_unsure"
    assert caution.parameters["word"] == "Zoë" and caution.parameters["other_word"] != "Zoë"
    assert decode(TEXTS["Russian"].encode("cp1251")).cautions == ()


@pytest.mark.parametrize(
    ("row", "encoding"),
    [
        *((f"Koeln;%d,5{space}€", "cp1252") for space in ("", " ", "\u00a0")),
        *((f"{sign}%d.50", "cp1252") for sign in "£¥€§±"),
        *((f"x;%d{sign}", "cp1252") for sign in ("°", "½", " µg/m³", " m²", "º", " °C")),
        *(("Tea – %d", "cp1252"), ("Joe’s %d", "cp1252"), ("¿Que %d?", "cp1252")),
        *(("ø%d mm", "cp1252"), ("%d ¢", "cp1252"), ("%d÷2", "cp1252"), ("%d年", "cp932")),
        *(("%d €;Łódź", "cp1250"), ("%d Kč", "cp1250"), ("%d zł", "cp1250")),
        *(("%d €;Köln", "iso8859-15"), ("%d руб", "cp1251"), ("№ %d", "cp1251")),
        *(("表%d", "cp932"), ("田中%d", "cp932"), ("%d円", "cp932"), ("田中%d;東京", "euc_jp")),
        *(("茶%d;%d元", "gb18030"), ("%d원", "cp949"), ("Muğla;%d Şişli", "cp1254")),
    ],
)
def test_a_sign_beside_each_number_is_not_taken_for_a_letter(row: str, encoding: str) -> None:
    text = "id;n\r\n" + "".join(f"{row}\r\n".replace("%d", str(7 * n)) for n in range(1, 30))
    decoded = decode(text.encode(encoding))
    assert decoded.content.decode() == text


def test_a_chinese_sign_that_is_valid_utf8_by_chance_is_read_with_a_caution() -> None:
    text = "id,price\n" + "".join(f"{n},{n * 7}元\n" for n in range(30))
    decoded = decode(text.encode("gb18030"))
    assert decoded.content.decode() == text
    assert decoded.cautions[0].parameters["other"] == ENCODINGS["utf-8"]
    armenian = "id,n\nԱրամ,1\nԱնի,2\n".encode()
    assert decode(armenian).content == armenian


def test_an_umlaut_and_the_euro_sign_leave_no_doubt() -> None:
    text = "Größe;Gehalt\r\n" + "".join(f"Köln;{n},5 €\r\n" for n in range(30))
    decoded = decode(text.encode("cp1252"))
    assert decoded.content.decode() == text and not decoded.cautions


def test_lines_in_another_encoding_are_read_in_that_and_named() -> None:
    usual = "Jürgen;Köln\nKäthe;Gießen\n" * 9
    decoded = decode(usual.encode() + "Änne;Lübeck\nUwe;Ulm\n".encode("cp1252"))
    assert decoded.content.decode() == usual + "Änne;Lübeck\nUwe;Ulm\n"
    assert [(one.line, one.text) for one in decoded.foreign] == [(19, "Änne;Lübeck")]
    assert "two_encodings" in codes(decoded)


@pytest.mark.parametrize("share", [1, 2])
def test_a_file_half_in_another_encoding_is_read_line_by_line(share: int) -> None:
    lines = [f"{name};Köln {n}\n" for n in range(6) for name in ("Jürgen", "Käthe", "Änne")]
    content = b"".join(
        line.encode("cp1252" if n % 3 < share else "utf-8") for n, line in enumerate(lines)
    )
    decoded = decode(content)
    assert decoded.content.decode() == "".join(lines)
    assert len(decoded.foreign) == 6 * share and "two_encodings" in codes(decoded)


def test_text_that_was_encoded_twice_is_pointed_out() -> None:
    text = "name;ort\nJürgen;München\nZoë;“Café”\nАнна;Москва\n"
    twice = text.encode().decode("latin-1").encode()
    assert "encoded_twice" not in codes(decode(text.encode()))
    (caution,) = decode(twice).cautions
    assert caution.code == "data.caution.encoded_twice"
    assert caution.parameters["meant"] == "Jürgen"
    assert decode(twice).content == twice


def test_a_broken_letter_is_replaced_and_counted() -> None:
    decoded = decode("Jürgen;Köln\n".encode() * 9 + b"Andr\xe9;" + "Köln\n".encode())
    assert decoded.content.decode().endswith("Andr\ufffd;Köln\n")
    (caution,) = decoded.cautions
    assert caution.code == "data.caution.replaced" and caution.parameters["line"] == 10


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_of_the_menu_reads_what_it_writes(encoding: str) -> None:
    assert decode("a,b\n1,2\n".encode(encoding), encoding).content == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("name", "mark"),
    [("utf-16", codecs.BOM_UTF16_BE), ("utf-16-le", codecs.BOM_UTF16_BE), ("utf-8", b"")],
)
def test_a_mark_says_the_order_of_bytes_better_than_a_user(name: str, mark: bytes) -> None:
    raw = mark + "é,1\n".encode("utf-16-be" if mark else "utf-8")
    assert decode(raw, name).content.decode() == "é,1\n"


def test_names_of_older_choices_are_still_known() -> None:
    for name in ("shift_jis", "big5", "euc_kr", "utf-32", "gbk", "latin-1"):
        assert decode("a,b\n".encode(name), name).encoding in ENCODINGS


def test_bytes_that_windows_1252_lacks_are_still_read() -> None:
    assert decode(b"a\x81,\xe9\n", "cp1252").content == "a\x81,é\n".encode()


def test_nul_characters_are_removed_with_the_line_of_the_first() -> None:
    decoded = decode(b"a,b\n" * 50 + b"x\0y,3\n")
    assert decoded.content.endswith(b"xy,3\n")
    assert decoded.cautions[0].parameters == {"count": 1, "line": 51}


@pytest.mark.parametrize("content", [bytes(range(256)) * 40, bytes(1000), b"a\0\0\0\0b" * 9])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(UserError, match="not text"):
        decode(content)
