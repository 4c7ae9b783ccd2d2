"""A walk through the cells of one sheet of an OpenDocument spreadsheet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from xml.parsers import expat

from mlcore.data.reading.workbook_checks import repeats

_CELLS = ("table:table-cell", "table:covered-table-cell")


class SheetWalk(ABC):
    """Knows in which rows and columns a cell stands; what is taken from it is for subclasses.

    Parameters
    ----------
    sheet : str
        Name of the sheet; those of other names are passed by.
    """

    def __init__(self, sheet: str) -> None:
        self._sheet, self._is_inside = sheet, False
        #: Where the cell stands, from 0; one that is repeated is written once.
        self.rows, self.columns = range(0), range(0)

    def through(self, text: bytes) -> None:
        """Go through a spreadsheet's ``content.xml``.

        Raises
        ------
        xml.parsers.expat.ExpatError
            It is damaged.
        """
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.take
        parser.Parse(text, True)

    @abstractmethod
    def begin(self, attributes: dict[str, str]) -> None:
        """Begin a cell of the sheet."""

    @abstractmethod
    def take(self, text: str) -> None:
        """Take a piece of text; it may stand outside of the sheet's cells."""

    @abstractmethod
    def end(self) -> None:
        """End the cell."""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self._is_inside, self.rows = attributes.get("table:name") == self._sheet, range(0)
        elif tag == "table:table-row":
            self.rows = _next(self.rows, repeats(attributes, "table:number-rows-repeated"))
            self.columns = range(0)
        elif tag in _CELLS and self._is_inside:
            self.columns = _next(self.columns, repeats(attributes, "table:number-columns-repeated"))
            self.begin(attributes)

    def _end(self, tag: str) -> None:
        if tag == "table:table":
            self._is_inside = False
        elif tag in _CELLS and self._is_inside:
            self.end()


def _next(places: range, count: int) -> range:
    return range(places.stop, places.stop + count)
