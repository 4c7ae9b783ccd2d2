"""Words of many languages, from which the corpus of odd files makes its tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Language:
    """What an ordinary sales list holds somewhere.

    Parameters
    ----------
    columns : tuple of str
        Names of seven columns: customer, town, goods, price, pieces, date, paid.
    given, family : tuple of str
        Parts of people's names.
    joined : str
        What stands between them; a name with a comma first says the family's name first.
    towns, goods : tuple of str
        Values that repeat.
    yes, no : str
        Words of the last column.
    decimal, thousands : str
        Marks within numbers, as people there write them.
    date : str
        How they write a day: a form of ``strftime``, with ``{d}`` and ``{m}`` for numbers without
        leading zeros.
    notes : tuple of str
        Sentences beside a table, such as its title, its source, and a total.
    """

    columns: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    joined: str = " "
    towns: tuple[str, ...]
    goods: tuple[str, ...]
    yes: str
    no: str
    decimal: str = "."
    thousands: str = ""
    date: str = "%Y-%m-%d"
    notes: tuple[str, str, str]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


LANGUAGES: dict[str, Language] = {
    "english": Language(
        columns=_words("customer town product price pieces ordered paid"),
        given=_words("Alice Bob Carol David Emma Frank Grace Henry Isla Jack"),
        family=_words("Smith Jones O'Brien Taylor Brown Davies Evans Walker"),
        towns=_words("London Leeds Bristol York Cardiff St_Ives"),
        goods=_words("kettle teapot mug garden_chair"),
        yes="yes",
        no="no",
        thousands=",",
        date="%d/%m/%Y",
        notes=("Sales of the spring quarter", "Source: shop till", "Total"),
    ),
    "american": Language(
        columns=_words("Customer City Product UnitPrice Quantity OrderDate Paid"),
        given=_words("James Mary Robert Linda Michael Susan Kevin Nancy Brian Laura"),
        family=_words("Miller Garcia Wilson Anderson Thomas Moore Jackson Martin"),
        towns=_words("Boston Austin Denver Seattle New_York Chicago"),
        goods=_words("stapler printer lamp desk"),
        yes="Y",
        no="N",
        thousands=",",
        date="%m/%d/%Y",
        notes=("Quarterly sales report", "Source: internal ledger", "Grand total"),
    ),
    "german": Language(
        columns=_words("Kunde Ort Ware Preis Stück Datum bezahlt"),
        given=_words("Jürgen Käthe Uwe Björn Änne Günther Sören Heidi Jörg Ulrike"),
        family=_words("Müller Schäfer Köhler Weiß Böhm Krüger Schröder Lang"),
        towns=_words("München Köln Lübeck Düsseldorf Gießen Bad_Tölz"),
        goods=_words("Bügeleisen Gießkanne Tür Fön"),
        yes="ja",
        no="nein",
        decimal=",",
        thousands=".",
        date="%d.%m.%Y",
        notes=("Verkäufe im Frühjahr", "Quelle: eigene Erhebung, geprüft", "Summe"),
    ),
    "french": Language(
        columns=_words("client ville produit prix quantité commandé payé"),
        given=_words("Élodie François Hélène Gérard Zoé Noël Anaïs Loïc Chloé René"),
        family=_words("Lefèvre Dupré Gonçalves Bérard Moréno Côté Girard Leblanc"),
        towns=_words("Orléans Besançon Nîmes Châlons Béziers Évreux"),
        goods=_words("théière crêpière étagère bouée"),
        yes="oui",
        no="non",
        decimal=",",
        thousands="\u00a0",
        date="%d/%m/%Y",
        notes=("Ventes du trimestre écoulé", "Source : caisse du magasin", "Total général"),
    ),
    "spanish": Language(
        columns=_words("cliente ciudad artículo precio unidades año_de_pedido pagado"),
        given=_words("José María Íñigo Begoña Andrés Lucía Ramón Sofía Óscar Inés"),
        family=_words("Núñez Peña García Ibáñez López Muñoz Gómez Ortuño"),
        towns=_words("Málaga Cádiz León Logroño La_Coruña Mérida"),
        goods=_words("sartén paño champú cañón"),
        yes="sí",
        no="no",
        decimal=",",
        thousands=".",
        date="%d/%m/%Y",
        notes=("Ventas del último año", "Fuente: elaboración propia", "Suma"),
    ),
    "portuguese": Language(
        columns=_words("cliente cidade artigo preço quantidade data pago"),
        given=_words("João Conceição Sebastião Inês Luís Mónica Antônio Graça Rúben Lídia"),
        family=_words("Gonçalves Simões Araújo Brandão Conceição Leitão Magalhães Pinhão"),
        towns=_words("São_Paulo Brasília Goiânia Maceió Belém Vitória"),
        goods=_words("lençóis pão café feijão"),
        yes="sim",
        no="não",
        decimal=",",
        thousands=".",
        date="%d/%m/%Y",
        notes=("Vendas do mês de março", "Fonte: apuração própria", "Soma"),
    ),
    "swedish": Language(
        columns=_words("kund ort vara pris antal datum betald"),
        given=_words("Åsa Björn Göran Märta Örjan Åke Lärke Sölve Håkan Pär"),
        family=_words("Åberg Sjöström Lindström Öberg Nyström Bergström Hägg Löf"),
        towns=_words("Malmö Göteborg Västerås Örebro Jönköping Umeå"),
        goods=_words("stövlar tält kök byrå"),
        yes="ja",
        no="nej",
        decimal=",",
        thousands="\u00a0",
        date="%Y-%m-%d",
        notes=("Försäljning under våren", "Källa: egen räkning", "Summa"),
    ),
    "polish": Language(
        columns=_words("klient miasto towar cena sztuk złożono zapłacono"),
        given=_words("Łukasz Małgorzata Paweł Żaneta Michał Bożena Wiesław Grażyna Rafał Zdzisław"),
        family=_words("Wiśniewski Wójcik Kozłowski Zieliński Szymański Dąbrowski Mróz Pająk"),
        towns=_words("Łódź Kraków Gdańsk Wrocław Poznań Częstochowa"),
        goods=_words("łyżka krzesło świeca poduszka"),
        yes="tak",
        no="nie",
        decimal=",",
        thousands="\u00a0",
        date="%d.%m.%Y",
        notes=("Sprzedaż w ciągu kwartału", "Źródło: badanie własne", "Łącznie"),
    ),
    "czech": Language(
        columns=_words("zákazník město zboží cena kusů datum zaplaceno"),
        given=_words("Jiří Božena Tomáš Žofie Ondřej Štěpán Lenka Květa Šárka Luboš"),
        family=_words("Dvořák Černý Růžička Novotný Procházka Šťastný Kučera Říha"),
        towns=_words("Plzeň Brno Děčín Příbram Žďár Ústí_nad_Labem"),
        goods=_words("hrnčíř židle konvička lžíce"),
        yes="ano",
        no="ne",
        decimal=",",
        thousands="\u00a0",
        date="{d}.{m}.%Y",
        notes=("Přehled prodeje za čtvrtletí", "Zdroj: vlastní šetření", "Součet"),
    ),
    "hungarian": Language(
        columns=_words("vevő város áru ár darab dátum fizetve"),
        given=_words("Győző Ágnes Ödön Erzsébet László Zsófia Jenő Ildikó Bence Dömötör"),
        family=_words("Kovács Szőke Tóth Horváth Kőműves Szűcs Németh Fehér"),
        towns=_words("Győr Szeged Pécs Érd Fertőd Dunaújváros"),
        goods=_words("bögre szőnyeg tükör szék"),
        yes="igen",
        no="nem",
        decimal=",",
        thousands="\u00a0",
        date="%Y.%m.%d.",
        notes=("Negyedévi eladások összesítője", "Forrás: saját gyűjtés", "Összesen"),
    ),
    "lithuanian": Language(
        columns=_words("klientas miestas prekė kaina vienetai data apmokėta"),
        given=_words("Šarūnas Žydrūnė Jurgis Rūta Česlovas Ąžuolas Eglė Vytautas Ieva Mėta"),
        family=_words("Kazlauskas Petrauskaitė Žukauskas Šimkutė Jankūnas Būtėnas Čėsna Rimkus"),
        towns=_words("Šiauliai Panevėžys Kėdainiai Mažeikiai Utena Tauragė"),
        goods=_words("šaukštas kėdė žvakė pagalvė"),
        yes="taip",
        no="ne",
        decimal=",",
        date="%Y-%m-%d",
        notes=("Ketvirčio pardavimų ataskaita", "Šaltinis: sava apklausa", "Iš viso"),
    ),
    "russian": Language(
        columns=_words("клиент город товар цена штук дата оплачено"),
        given=_words("Иван Ольга Сергей Наталья Дмитрий Елена Алексей Юлия Пётр Анна"),
        family=_words("Иванченко Петренко Шевчук Бондарь Мельник Гончар Ткач Коваль"),
        towns=_words("Москва Казань Тверь Омск Псков Нижний_Новгород"),
        goods=_words("чайник стул лампа ковёр"),
        yes="да",
        no="нет",
        decimal=",",
        thousands=" ",
        date="%d.%m.%Y",
        notes=("Продажи за квартал", "Источник: собственные данные", "Итого"),
    ),
    "ukrainian": Language(
        columns=_words("клієнт місто товар ціна штук дата сплачено"),
        given=_words("Іван Ольга Сергій Наталія Дмитро Євгенія Олексій Юлія Петро Їра"),
        family=_words("Шевченко Бойко Коваленко Ткачук Кравець Лисенко Поліщук Савчук"),
        towns=_words("Київ Львів Харків Чернігів Вінниця Рівне"),
        goods=_words("чайник стілець лампа килим"),
        yes="так",
        no="ні",
        decimal=",",
        date="%d.%m.%Y",
        notes=("Продажі за чверть року", "Джерело: власні дані", "Разом"),
    ),
    "greek": Language(
        columns=_words("πελάτης πόλη είδος τιμή τεμάχια ημερομηνία πληρώθηκε"),
        given=_words("Γιώργος Ελένη Άννα Δημήτρης Σοφία Νίκος Ιωάννα Κώστας Χρήστος Μαρία"),
        family=_words("Παππάς Βασιλείου Οικονόμου Αλεξίου Ιωάννου Ράπτης Σταύρου Μαυρίδης"),
        towns=_words("Αθήνα Πάτρα Βόλος Χανιά Καβάλα Θεσσαλονίκη"),
        goods=_words("καρέκλα τσαγιέρα λάμπα χαλί"),
        yes="ναι",
        no="όχι",
        decimal=",",
        thousands=".",
        date="{d}/{m}/%Y",
        notes=("Πωλήσεις του τριμήνου", "Πηγή: δικά μας στοιχεία", "Σύνολο"),
    ),
    "turkish": Language(
        columns=_words("müşteri şehir ürün fiyat adet tarih ödendi"),
        given=_words("Ayşe Çağla Gökhan İsmail Işıl Özgür Şule Ömer Tuğba Ümit"),
        family=_words("Yılmaz Öztürk Şahin Çelik Kılıç Aydın Doğan Güneş"),
        towns=_words("İstanbul İzmir Eskişehir Muğla Diyarbakır Çanakkale"),
        goods=_words("çaydanlık sandalye yastık kaşık"),
        yes="evet",
        no="hayır",
        decimal=",",
        thousands=".",
        date="%d.%m.%Y",
        notes=("Üç aylık satış özeti", "Kaynak: kendi sayımımız", "Toplam"),
    ),
    "arabic": Language(
        columns=_words("العميل المدينة السلعة السعر العدد التاريخ مدفوع"),
        given=_words("محمد فاطمة أحمد عائشة خالد مريم يوسف ليلى عمر زينب"),
        family=_words("الحداد النجار المصري الخطيب العطار البنا الشامي الحلبي"),
        towns=_words("القاهرة دمشق بغداد الرباط تونس عمان"),
        goods=_words("كرسي إبريق مصباح سجادة"),
        yes="نعم",
        no="لا",
        date="%d/%m/%Y",
        notes=("مبيعات الربع الأول من السنة", "المصدر: بيانات المتجر", "المجموع"),
    ),
    "hebrew": Language(
        columns=_words("לקוח עיר מוצר מחיר כמות תאריך שולם"),
        given=_words("דוד שרה יוסף רחל משה מרים אברהם לאה יעקב תמר"),
        family=_words("כהן לוי מזרחי פרץ ביטון דהן פרידמן אזולאי"),
        towns=_words("ירושלים חיפה באר_שבע נתניה אשדוד רמת_גן"),
        goods=_words("כיסא קומקום מנורה שטיח"),
        yes="כן",
        no="לא",
        date="%d/%m/%Y",
        notes=("מכירות הרבעון הראשון", "מקור: נתוני החנות", "סך הכול"),
    ),
    "thai": Language(
        columns=_words("ลูกค้า เมือง สินค้า ราคา จำนวน วันที่ ชำระแล้ว"),
        given=_words("สมชาย สมหญิง ประเสริฐ มาลี วิชัย สุดา อนันต์ กานดา ธนา รัตนา"),
        family=_words("ใจดี ศรีสุข ทองดี แสงทอง บุญมา สุขใจ มีชัย พรหมมา"),
        towns=_words("กรุงเทพ เชียงใหม่ ภูเก็ต ขอนแก่น ระยอง อยุธยา"),
        goods=_words("เก้าอี้ กาน้ำชา โคมไฟ พรม"),
        yes="ใช่",
        no="ไม่",
        thousands=",",
        date="%Y-%m-%d",
        notes=("ยอดขายไตรมาสแรก", "ที่มา: ข้อมูลของร้าน", "รวมทั้งหมด"),
    ),
    "chinese": Language(
        columns=_words("客户 城市 商品 单价 数量 日期 已付款"),
        given=_words("伟 芳 娜 秀英 敏 静 丽 强 磊 洋"),
        family=_words("王 李 张 刘 陈 杨 赵 欧阳"),
        joined="",
        towns=_words("北京 上海 广州 成都 西安 哈尔滨"),
        goods=_words("茶壶 椅子 台灯 地毯"),
        yes="是",
        no="否",
        date="%Y-%m-%d",
        notes=("第一季度销售汇总表", "数据来源:门店系统", "合计"),
    ),
    "traditional": Language(
        columns=_words("客戶 城市 商品 單價 數量 日期 已付款"),
        given=_words("家豪 淑芬 志明 雅婷 俊傑 怡君 建宏 美玲 冠宇 佩珊"),
        family=_words("陳 林 黃 張 吳 劉 蔡 歐陽"),
        joined="",
        towns=_words("臺北 高雄 臺中 臺南 基隆 花蓮"),
        goods=_words("茶壺 椅子 檯燈 地毯"),
        yes="是",
        no="否",
        date="%Y/%m/%d",
        notes=("第一季銷售彙總表", "資料來源:門市系統", "合計"),
    ),
    "japanese": Language(
        columns=_words("顧客 都市 商品 単価 数量 日付 支払済"),
        given=_words("太郎 花子 一郎 さくら 健太 美咲 翔太 ゆい 大輔 あかり"),
        family=_words("佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村"),
        joined=" ",
        towns=_words("東京 大阪 名古屋 札幌 福岡 さいたま"),
        goods=_words("テーブル 急須 ランプ じゅうたん"),
        yes="はい",
        no="いいえ",
        date="%Y/%m/%d",
        notes=("第1四半期の売上一覧", "出典:店舗システム", "合計"),
    ),
    "korean": Language(
        columns=_words("고객 도시 상품 단가 수량 날짜 결제"),
        given=_words("민준 서연 지훈 하은 도윤 지우 예준 수아 시우 유진"),
        family=_words("김 이 박 최 정 강 조 남궁"),
        joined="",
        towns=_words("서울 부산 대구 인천 광주 수원"),
        goods=_words("의자 주전자 램프 양탄자"),
        yes="예",
        no="아니오",
        thousands=",",
        date="%Y-%m-%d",
        notes=("일분기 판매 현황", "출처: 매장 자료", "합계"),
    ),
}
