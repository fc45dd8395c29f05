"""Streams the XML of contributed workbooks through expat: no tree, no document type, no entity, bounded depth.

Entities (a billion laughs) and files cited from a document need a document type, which no workbook has: the first
sign of one ends the reading, before anything is expanded or fetched.
"""

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from observatory.archives import Unreadable
from observatory.french import number

MAX_TOKEN = 200_000  # bytes without a tag: a cell holds at most 32,767 characters
MAX_DEPTH = 100
MAX_TAGS = 3_000_000
MAX_STYLES = 65_000  # of a workbook, in either format
Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]


class Enough(Exception):
    """What was sought is found; the rest need not be read."""


class Stream:
    """The events of an XML document with local names, sent to `start` and `end`; `text` gathers what is captured."""

    def __init__(self, start: dict[str, Callable[[Attributes], None]], end: dict[str, Callable[[], None]]) -> None:
        self._starts, self._ends = start, end
        self._depth = self._tags = 0
        self._parser: Any = None
        self._pieces: list[str] = []

    def capture(self) -> None:
        """Gathers text from here on, afresh."""
        self._pieces = []
        self._parser.CharacterDataHandler = self._pieces.append

    def captured(self) -> str:
        """The text since `capture`, which ends."""
        self._parser.CharacterDataHandler = None
        return "".join(self._pieces)

    def add(self, text: str) -> None:
        """Adds to the captured text what a tag stands for."""
        self._pieces.append(text)

    def read(self, data: bytes) -> None:
        """Sends the events of the document; Unreadable when it is no plain XML."""
        _refuse_long_tokens(data)
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_doctype
        try:
            parser.Parse(data, True)
        except expat.ExpatError:
            raise Unreadable("workbook-refused", value="il est abîmé (XML mal formé)") from None
        except Enough:
            return

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        self._tags += 1
        if self._tags > MAX_TAGS:
            raise Unreadable("sheet-too-large", value=f"plus de {number(MAX_TAGS)} balises")
        if self._depth > MAX_DEPTH:
            raise Unreadable("workbook-refused", value="ses balises sont imbriquées sans fin")
        handler = self._starts.get(name.rpartition(":")[2])
        if handler:
            handler(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        handler = self._ends.get(name.rpartition(":")[2])
        if handler:
            handler()


def local(attributes: Attributes, name: str) -> str:
    """The attribute of that name, whatever its prefix; "" when absent."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


def _refuse_doctype(*_: object) -> None:
    reason = "il déclare des entités XML, par lesquelles un fichier piégé épuise la mémoire ou lit d'autres fichiers"
    raise Unreadable("workbook-refused", value=reason)


def _refuse_long_tokens(data: bytes) -> None:
    place = 0
    while place + MAX_TOKEN < len(data):
        found = data.rfind(b"<", place + 1, place + MAX_TOKEN)
        if found < 0:
            reason = "une de ses cellules compte plus de 100 000 caractères"
            raise Unreadable("workbook-refused", value=reason)
        place = found
