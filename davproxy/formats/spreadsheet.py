"""Text for the cells of a spreadsheet."""


def no_formula(text: str) -> str:
    """`text` so that no spreadsheet runs it as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
