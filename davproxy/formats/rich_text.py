"""Rich text in song.ini values (`<color=#FF0000>…</color>`, `<b>`, `<i>` …), taken out."""

import re

NAMES = (
    "align allcaps alpha b br color cspace font font-weight gradient i indent line-height line-indent link lowercase "
    "margin mark mspace nobr noparse page pos rotate s size smallcaps space sprite strikethrough style sub sup u "
    "uppercase voffset width"
)
"""The tags of TextMesh Pro, which the games draw text with."""
_TAG = re.compile(
    r"<\s{0,4}/?\s{0,4}(?:#|(" + "|".join(sorted(NAMES.split(), key=len, reverse=True)) + r")(?![\w-]))[^<>]*>",
    re.IGNORECASE,
)


def strip(text: str) -> str:
    """`text` without tags, fit for the index, search and sorting. What is no tag of the games stays."""
    if "<" not in text:
        return text.strip()
    return " ".join(_TAG.sub(lambda tag: " " if (tag[1] or "").lower() == "br" else "", text).split())
