"""Rich text in values of song.ini (`<color=#FF0000>…</color>`, `<b>`, `<i>` …), and its removal.

The tags are those of TextMesh Pro, with which the games draw text
(https://docs.unity3d.com/Packages/com.unity.textmeshpro@4.0/manual/RichTextSupportedTags.html).
"""

import re

NAMES = (
    "align allcaps alpha b br color cspace font font-weight gradient i indent line-height line-indent link lowercase "
    "margin mark mspace nobr noparse page pos rotate s size smallcaps space sprite strikethrough style sub sup u "
    "uppercase voffset width"
)
"""The names of the tags."""
_TAG = re.compile(
    r"<\s{0,4}/?\s{0,4}(?:#|(" + "|".join(sorted(NAMES.split(), key=len, reverse=True)) + r")(?![\w-]))[^<>]*>",
    re.IGNORECASE,
)


def strip(text: str) -> str:
    """`text` without tags, for the index, search and sorting. Any other text in angle brackets stays."""
    if "<" not in text:
        return text.strip()
    return " ".join(_TAG.sub(lambda tag: " " if (tag[1] or "").lower() == "br" else "", text).split())
