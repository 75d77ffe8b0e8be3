"""Numbers in addresses."""

from werkzeug.routing import IntegerConverter, Map


class RowNumber(IntegerConverter):
    """A number that the index can hold; anything else is no address of ours."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**63 - 1)
