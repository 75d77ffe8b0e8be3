"""The numbers that URLs hold."""

from werkzeug.routing import IntegerConverter, Map


class RowNumber(IntegerConverter):
    """A number that fits a column of the index; a URL with a larger one is 404."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**63 - 1)
