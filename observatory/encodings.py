"""Guesses the encoding of a text that is not UTF-8, and says what makes the guess.

General detectors fail on short French files (`cœur` in cp1252, any name in Mac Roman): of the encodings that French
software has written, the one kept is that in which accented letters stand where French has them.
"""

import re
from collections.abc import Iterable
from itertools import islice

from observatory.french import number
from observatory.problems import shown
from observatory.sheets import Sheet

# Most likely first: a tie goes to it.
CANDIDATES = {"cp1252": "cp1252", "iso8859-15": "ISO-8859-15", "mac-roman": "Mac Roman", "cp850": "cp850"}
SAMPLE = 5000  # runs of bytes beyond ASCII
LONGEST = 100  # bytes of a run
RUN = re.compile(rb"[\x80-\xff]+")
HIGH = re.compile(r"[^\x00-\x7f]")
LETTERS = {
    **dict.fromkeys("é", 6), **dict.fromkeys("èà", 4), **dict.fromkeys("êç", 3), **dict.fromkeys("ôîûâùœ", 2),
    **dict.fromkeys("ïëüöäÿæñ", 1), **dict.fromkeys("É", 4), **dict.fromkeys("ÀÎ", 3), **dict.fromkeys("ÈÊÇÔŒ", 2),
    **dict.fromkeys("ÂËÏÙÛÜÖÄŸÆÑ", 1),
}  # fmt: skip
UNLIKELY, IMPOSSIBLE = -3, -6
# What a sign is worth between two letters; elsewhere, any of them is as French as can be.
SIGNS = {"’": 4, "\u00a0": 0, "\u202f": 0, "–": -1, "—": -1, **dict.fromkeys("«»“”‘…€°²³•", UNLIKELY)}
WEAK = "‘\u00a0\u202f"
UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
UTF32 = b"\xff\xfe\0\0"
HEAD = 8192


def decoded(data: bytes, sheet: Sheet, declared: str) -> str:
    """The text of the bytes; what is not in the declared encoding is reported with what was guessed and why."""
    if data.startswith(UTF32):
        sheet.report("wrong-encoding", 1, value=f"0x{data[0]:02X}", reading=" : le fichier est en UTF-32")
        return data.decode("utf-32", errors="replace")
    if data[:2] in UTF16:
        sheet.report("wrong-encoding", 1, value=f"0x{data[0]:02X}", reading=" : le fichier est en UTF-16")
        return data.decode(UTF16[data[:2]], errors="replace").removeprefix("\ufeff")
    if guess := _unmarked(data[:HEAD]):
        sheet.report("unmarked-utf", 1, value=guess.upper())
        return data.decode(guess, errors="replace")
    if data.startswith(b"\xef\xbb\xbf"):
        sheet.report("byte-order-mark", 1)
        data = data[3:]
    try:
        return data.decode(declared)
    except UnicodeDecodeError as error:
        return _guessed(data, error.start, sheet)


def _unmarked(head: bytes) -> str:
    """UTF-16 of the endianness that one zero in two bytes betrays, or nothing."""
    pairs = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if pairs < 4 or min(even, odd) > pairs // 20 or max(even, odd) < pairs // 2:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _guessed(data: bytes, start: int, sheet: Sheet) -> str:
    """The text in the likeliest encoding; when some lines are UTF-8 and others not, each line in its own."""
    lines = data.split(b"\n")
    foreign = [place for place, line in enumerate(lines) if not line.isascii() and _first_fault(line) >= 0]
    unicode = sum(not line.isascii() for line in lines) - len(foreign)
    if not foreign:  # the declared encoding is not UTF-8, and these bytes are
        return data.decode("utf-8")
    codec = likeliest(lines[place] for place in foreign)
    first = foreign[0]
    text = lines[first].decode(codec, errors="replace")
    name, word = CANDIDATES[codec], shown(_word_at(text, _first_fault(lines[first])))
    if unicode:
        details = {"unicode": _lines(unicode), "other": _lines(len(foreign)), "value": name, "word": word}
        sheet.report("mixed-encoding", first + 1, **details)
        alien = set(foreign)
        return "\n".join(
            line.decode(codec, errors="replace") if n in alien else line.decode() for n, line in enumerate(lines)
        )
    reading = f" ; lu en {name}, on y trouve « {word} »"
    sheet.report("wrong-encoding", first + 1, value=f"0x{data[start]:02X}", reading=reading)
    return data.decode(codec, errors="replace")


def likeliest(lines: Iterable[bytes]) -> str:
    """Of the candidates, the encoding in which the lines look most like French."""
    runs = (line[max(0, run.start() - 1) : run.end() + 1] for line in lines for run in RUN.finditer(line))
    sample = b" ".join(run[:LONGEST] for run in islice(runs, SAMPLE))
    return max(CANDIDATES, key=lambda codec: _score(sample.decode(codec, errors="replace")))


def _score(text: str) -> int:
    """How much the signs beyond ASCII look French where they stand."""
    padded = f" {text} "
    return sum(_likelihood(padded[n.start() - 1], n[0], padded[n.end()]) for n in HIGH.finditer(padded, 1))


def _likelihood(left: str, sign: str, right: str) -> int:
    if sign == "\ufffd" or "\x80" <= sign <= "\x9f" or "\u2500" <= sign <= "\u259f":
        return IMPOSSIBLE
    between = left.isalpha() and right.isalpha()
    if sign in SIGNS:
        return SIGNS[sign] if between else 1 + (sign not in WEAK)
    if sign not in LETTERS:
        return UNLIKELY
    if sign.isupper() and (left.islower() or left.isupper() and right.islower()):
        return UNLIKELY
    if sign.islower() and left.isupper() and right.isupper() or sign == "à" and right.isalpha():
        return UNLIKELY
    return LETTERS[sign] if left.isalpha() or right.isalpha() or sign in "àÀ" else 0


def _first_fault(line: bytes) -> int:
    """Place of the first byte that is not UTF-8; -1 when there is none."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return error.start
    return -1


def _lines(count: int) -> str:
    return f"{number(count)} ligne" + ("s" if count > 1 else "")


def _word_at(text: str, position: int) -> str:
    before = text[max(0, position - 30) : position].replace('"', " ")
    after = text[position : position + 30].replace('"', " ")
    for sign in ",;\t\r\n":
        before, after = before.replace(sign, " "), after.replace(sign, " ")
    return before.rpartition(" ")[2] + after.partition(" ")[0]
