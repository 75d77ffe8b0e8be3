"""Texts of tags that do not say how they are encoded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.output.encodings import decode_tags

NAMES = {
    "cp1251": """Кино/Группа крови  ДДТ/Осень  Земфира/Искала  Ария/Беспечный ангел  Би-2/Полковнику никто не пишет
        Король и Шут/Лесник  Сплин/Выхода нет  Океан Ельзи/Обійми  Алла Пугачёва/Миллион алых роз  DJ Грув/Счастье есть
        КИНО/ЗВЕЗДА ПО ИМЕНИ СОЛНЦЕ  Molchat Doma/Судно  Слот/2 Войны  Щука/Рок  Мумий Тролль/Владивосток 2000""",
    "koi8-r": "Кино/Группа крови  Алиса/Трасса Е-95  Аквариум/Город золотой",
    "cp1253": "Γιώργος Νταλάρας/Μη μου θυμώνεις  Ελευθερία Αρβανιτάκη/Δυνατά  Άννα Βίσση/Δώδεκα",
    "shift_jis": """初音ミク/千本桜  宇多田ヒカル/First Love  米津玄師/Lemon  YOASOBI/夜に駆ける  東京事変/群青日和
        X JAPAN/紅  椎名林檎/丸ノ内サディスティック  Perfume/チョコレイト・ディスコ  B'z/愛のバクダン
        BABYMETAL/ギミチョコ！！  サザンオールスターズ/いとしのエリー  中島みゆき/糸  スピッツ/ロビンソン
        Aimer/残響散歌  凛として時雨/unravel""",
    "euc-jp": "初音ミク/千本桜  中島みゆき/地上の星  スピッツ/ロビンソン",
    "gbk": """周杰伦/青花瓷  邓丽君/月亮代表我的心  王菲/红豆  Beyond/海阔天空  崔健/一无所有  唐朝乐队/梦回唐朝
        五月天/倔强  陈奕迅/十年  窦唯/高级动物  许巍/蓝莲花  林俊杰/江南  痛仰乐队/公路之歌  张学友/吻别
        刘德华/忘情水""",
    "big5": """周杰倫/青花瓷  鄧麗君/月亮代表我的心  王菲/紅豆  五月天/倔強  張學友/吻別  陳奕迅/十年
        閃靈/暮沉武德殿  蘇打綠/小情歌  林俊傑/江南  伍佰/挪威的森林  劉德華/忘情水  張惠妹/聽海""",
    "euc-kr": """방탄소년단/봄날  아이유/좋은 날  소녀시대/다시 만난 세계  빅뱅/거짓말  서태지와 아이들/난 알아요
        BTS/피 땀 눈물  IU/밤편지  싸이/강남스타일  윤도현/나는 나비  크라잉넛/말 달리자  볼빨간사춘기/여행
        김광석/서른 즈음에""",
    "utf-8": """Motörhead/Ace of Spades  Кино/Группа крови  初音ミク/千本桜  周杰倫/青花瓷  아이유/좋은 날  Beyoncé/Halo
        Sigur Rós/Sæglópur  Rock’n’Roll/“Live”  Ψ/x""",
}
WESTERN = """Motörhead/Ace of Spades  Beyoncé/Déjà Vu  Sigur Rós/Ágætis byrjun  Sigur Rós/Þú og ég  Tool/Ænima
    Mötley Crüe/Kickstart My Heart  Blue Öyster Cult/(Don’t Fear) The Reaper  Queensrÿche/Silent Lucidity  Björk/Jóga
    Björk Guðmundsdóttir/Þýðing  Rotten/ÆØÅ  Öö/Öö  Jäääär/Öö  Die Ärzte/Männer sind Schweine  Größe/Füße  À/É  Ø/Å
    Mø/Ø  Édith Piaf/Non, je ne regrette rien  Noir Désir/À l'envers, à l'endroit  Manu Chao/¿Qué Horas Son?  Café/Ré
    João Gilberto/Corações Partidos  Sepultura/Itsári  Värttinä/Äijö  Mägo de Oz/Fiesta Pagana  Häävyö/Jäästä syntynyt
    Týr/Regin smiður  Røyksopp/Så lett å være  Øl/På  Céline Dion/Où est passée l'été créée  Leæther Strip/Øde Ø
    L’Âme Immortelle/5 Jahre  «Noir»/Été  AC/T.N.T.®  Mew/½ Way at 90°  Å i åa ä e ö/Ä  É/Í ó ú á  ×/÷  M¥SS KETA/£ove
    HÖRÐUR TORFASON/ÞÚ ERT ÞÝÐ  MÁNESKIN/ÉCHALE  DÉJÀ VU/ÇA IRA  À bout/À çà  ÄÖÜ/äöü  ÅÄÖ/åäö  “Heroes”/Don’t “Stop”"""


def pairs(names: str) -> list[tuple[str, str]]:
    """Artist and title of each name."""
    return [
        (artist, title)
        for name in names.replace("\n", "  ").split("  ")
        for artist, _, title in [name.strip().partition("/")]
        if name.strip()
    ]


def as_latin_1(texts: dict[str, str], encoding: str) -> dict[str, str]:
    """What a reader sees that takes everything for Latin-1."""
    return {key: text.encode(encoding).decode("latin-1") for key, text in texts.items()}


@pytest.mark.parametrize(
    ("encoding", "artist", "title"),
    [(encoding, *pair) for encoding, names in NAMES.items() for pair in pairs(names)],
)
def test_names_are_read_as_they_were_meant(encoding: str, artist: str, title: str) -> None:
    texts = {"artist": artist, "title": title}
    assert decode_tags(as_latin_1(texts, encoding)) == texts


@pytest.mark.parametrize(("artist", "title"), pairs(WESTERN))
def test_western_names_stay(artist: str, title: str) -> None:
    texts = {"artist": artist, "title": title}
    assert decode_tags(as_latin_1(texts, "cp1252")) == texts
    assert decode_tags(texts) == texts


SYLLABLES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=4)
ACCENTED = st.sampled_from("àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþßÿ")
WORDS = st.builds("{}{}{}".format, SYLLABLES, ACCENTED | st.just(""), SYLLABLES).flatmap(
    lambda word: st.sampled_from([word, word.capitalize(), word.upper()])
)
INITIAL = st.builds(lambda letter, rest: letter + rest, ACCENTED.filter(lambda c: c != "ß").map(str.upper), SYLLABLES)
FINAL = st.builds(lambda rest, letter: rest + letter, SYLLABLES, ACCENTED)
NAME = st.lists(WORDS | INITIAL | FINAL, min_size=1, max_size=4).map(" ".join).filter(lambda name: max(name) <= "\xff")


@given(st.fixed_dictionaries({"artist": NAME, "title": NAME}, optional={"album": NAME}))
def test_words_of_latin_letters_stay(texts: dict[str, str]) -> None:
    assert decode_tags(texts) == texts


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=40), max_size=3))
def test_any_texts_are_read(texts: dict[str, str]) -> None:
    read = decode_tags(texts)
    assert read.keys() == texts.keys()
    assert all(read[key] == text for key, text in texts.items() if text.isascii() or max(text) > "\xff")


def test_a_letter_that_a_short_field_cuts_is_left_out() -> None:
    title = "月亮代表我的心月亮代表我的心月亮".encode("big5")
    artist = "一" + "周杰倫"
    cut = ("a" + title.decode("big5")).encode("big5")[:30].decode("latin-1")
    assert decode_tags({"title": cut, **as_latin_1({"artist": artist}, "big5")}) == {
        "title": "a月亮代表我的心月亮代表我的心",
        "artist": artist,
    }
