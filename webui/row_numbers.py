"""The numbers that URLs hold."""

from werkzeug.routing import IntegerConverter

DIGITS = 18
"""Digits of a number at most, so that it fits a column of the index."""


class RowNumber(IntegerConverter):
    """A number of up to DIGITS digits. A URL with a longer one is no route, so it is 404 whatever the method."""

    regex = rf"\d{{1,{DIGITS}}}"
