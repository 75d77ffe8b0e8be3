"""Rich text in song.ini values (`<color=#FF0000>…</color>`, `<b>`, `<i>` …): taken out, or turned into safe spans."""

import re
from dataclasses import dataclass

_NAMES = (
    "align allcaps alpha b br color cspace font font-weight gradient i indent line-height line-indent link lowercase "
    "margin mark mspace nobr noparse page pos rotate s size smallcaps space sprite strikethrough style sub sup u "
    "uppercase voffset width"
)  # the tags of TextMesh Pro, which the games draw text with
_TAG = re.compile(
    r"<\s{0,4}(/?)\s{0,4}(?:(#)|(" + "|".join(sorted(_NAMES.split(), key=len, reverse=True)) + r")(?![\w-]))([^<>]*)>",
    re.IGNORECASE,
)
_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_COLOURS = {
    "aqua": "#00ffff", "black": "#000000", "blue": "#0000ff", "brown": "#a52a2a", "cyan": "#00ffff",
    "darkblue": "#0000a0", "fuchsia": "#ff00ff", "green": "#008000", "grey": "#808080", "lightblue": "#add8e6",
    "lime": "#00ff00", "magenta": "#ff00ff", "maroon": "#800000", "navy": "#000080", "olive": "#808000",
    "orange": "#ffa500", "purple": "#800080", "red": "#ff0000", "silver": "#c0c0c0", "teal": "#008080",
    "white": "#ffffff", "yellow": "#ffff00",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Text in one style. `colour` is `#rrggbb` in lower case, or None for the colour around it."""

    text: str
    colour: str | None = None
    bold: bool = False
    italic: bool = False


def strip(text: str) -> str:
    """`text` without tags, fit for the index, search and sorting. What is no tag of the games stays."""
    if "<" not in text:
        return text.strip()
    return " ".join(_TAG.sub(lambda tag: " " if (tag[3] or "").lower() == "br" else "", text).split())


def spans(text: str) -> tuple[Span, ...]:
    """`text` as spans. Colour, bold and italic are kept, every other tag is dropped; a span's text is never markup."""
    found: list[Span] = []
    colours: list[str | None] = []
    bold = italic = place = 0
    for tag in _TAG.finditer(text):
        _add(found, text[place : tag.start()], colours, bold, italic)
        place = tag.end()
        closes, name = bool(tag[1]), (tag[3] or "color").lower()
        match name:
            case "b":
                bold = max(bold + (-1 if closes else 1), 0)
            case "i":
                italic = max(italic + (-1 if closes else 1), 0)
            case "color" if closes:
                del colours[-1:]
            case "color":
                colours.append(_colour((tag[2] or "") + tag[4]))
            case "br":
                _add(found, " ", colours, bold, italic)
    _add(found, text[place:], colours, bold, italic)
    return tuple(found)


def _add(found: list[Span], text: str, colours: list[str | None], bold: int, italic: int) -> None:
    if text:
        span = Span(text, colours[-1] if colours else None, bold > 0, italic > 0)
        last = found[-1] if found else None
        if last and (last.colour, last.bold, last.italic) == (span.colour, span.bold, span.italic):
            span = Span(found.pop().text + text, span.colour, span.bold, span.italic)
        found.append(span)


def _colour(value: str) -> str | None:
    """`=#F00`, `#ff0000cc`, `="red"` as `#rrggbb`; None for what is no colour."""
    word = value.strip().removeprefix("=").strip().strip("\"'").lower()
    if word in _COLOURS:
        return _COLOURS[word]
    found = _HEX.fullmatch(word)
    if not found:
        return None
    digits = found[1]
    return "#" + ("".join(digit * 2 for digit in digits[:3]) if len(digits) < 6 else digits[:6])
