"""Reads the members of archives in memory, within bounds: nothing is extracted, nothing nested is opened."""

import struct
import zipfile
import zlib
from collections import Counter, defaultdict
from io import BytesIO
from pathlib import PurePosixPath

from observatory.french import number
from observatory.problems import shown

MAX_BYTES = 100_000_000  # of one member, once unpacked
MAX_RATIO = 100
SMALL = 1_000_000  # a member of this size cannot be a bomb, however well it is packed
MAX_MEMBERS = 20
MAX_PARTS = 10_000  # of a GZIP, which may be several put end to end
PIECE = 1 << 16  # bytes unpacked at a time: what follows a part is copied
MAX_DIRECTORY = 1_000_000  # bytes of the list of members; far more than any workbook has
DATA = (".csv", ".tsv", ".txt")
NESTED = (".zip", ".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz")
WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls")
GZIP = b"\x1f\x8b"
END = struct.Struct("<4s4H2LH")  # end of central directory


class Unreadable(Exception):
    """A file that cannot be read: a code of the catalogue and the words for its braces."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code, self.details = code, details


class Archive:
    """A ZIP in memory, whose members are read within bounds; `code` is the kind of problem of its refusals."""

    def __init__(self, data: bytes, code: str = "archive-refused") -> None:
        self.code = code
        if _directory(data) > MAX_DIRECTORY:
            raise self.refusal("trop de fichiers y sont rangés")
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise self.refusal("le fichier est abîmé ou incomplet") from None
        self.files = [info for info in self._zip.infolist() if not info.is_dir()]
        self.members: dict[str, list[zipfile.ZipInfo]] = defaultdict(list)
        for info in self.files:
            self.members[_plain(info.filename)].append(info)

    def refusal(self, reason: str) -> Unreadable:
        """The refusal of this archive for that reason."""
        return Unreadable(self.code, value=reason)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.members

    def read(self, name: str, limit: int = MAX_BYTES) -> bytes:
        """The content of the only member of that name, whatever its case, within bounds."""
        info, *others = self.members[name.lower()]
        if others:
            raise self.refusal(f"{len(others) + 1} fichiers y portent le nom « {shown(info.filename)} »")
        return self.unpacked(info, limit)

    def unpacked(self, info: zipfile.ZipInfo, limit: int = MAX_BYTES) -> bytes:
        """The content of a member of at most `limit` bytes; Unreadable beyond, or when it is encrypted or damaged."""
        if info.flag_bits & 1:
            raise self.refusal("un mot de passe le protège")
        if info.file_size > limit:
            size, most = number(info.file_size // 10**6), number(limit // 10**6)
            raise self.refusal(f"une fois déplié, il pèserait {size} Mo, pour une limite de {most} Mo")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self.refusal("il est replié par une méthode qui n'est pas lue ici")
        try:
            # Asked for so many bytes, the member unpacks no more than it says it holds; asked for all, it would.
            with self._zip.open(info) as member:
                return member.read(info.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError, ValueError):
            raise self.refusal("le fichier est abîmé ou incomplet") from None


def unzipped(data: bytes, wanted: str = "") -> tuple[str, bytes]:
    """Name and content of the only data file of a ZIP, or of the one named `wanted`; Unreadable when there is none."""
    archive = Archive(data)
    files = [info for info in archive.files if not _is_clutter(info.filename)]
    if len(files) > MAX_MEMBERS:
        raise archive.refusal(f"{number(len(files))} fichiers y sont rangés, pour une limite de {MAX_MEMBERS}")
    found = [info for info in files if info.filename.lower().endswith(DATA)]
    tables = [info for info in found if not info.filename.lower().endswith(".txt")] or found
    _refuse_namesakes(archive, tables)
    named = [info for info in tables if wanted == info.filename]
    named = named or [info for info in tables if wanted == PurePosixPath(info.filename).name]
    if len(tables) > 1 and len(named) != 1:
        raise Unreadable("archive-to-choose", value=_listed([info.filename for info in tables]))
    if not tables:
        raise archive.refusal(_why_empty([info.filename for info in files]))
    info = (named or tables)[0]
    if info.file_size > max(SMALL, MAX_RATIO * info.compress_size):
        raise archive.refusal(f"un fichier y est replié plus de {MAX_RATIO} fois, comme une bombe de décompression")
    return info.filename, archive.unpacked(info)


def _refuse_namesakes(archive: Archive, tables: list[zipfile.ZipInfo]) -> None:
    """Members of one and the same name cannot be chosen from: the second would hide the first."""
    for name, count in Counter(info.filename for info in tables).items():
        if count > 1:
            raise archive.refusal(f"{count} fichiers y portent le nom « {shown(name)} »")


def gunzipped(data: bytes) -> bytes:
    """The content of a GZIP file, within bounds: of all its parts, when several are put end to end."""
    limit = min(MAX_BYTES, max(SMALL, MAX_RATIO * len(data)))
    source, content = BytesIO(data), bytearray()
    rest, parts = source.read(PIECE), 0
    while rest:
        if parts and not GZIP.startswith(rest[: len(GZIP)]):
            raise Unreadable("archive-refused", value="autre chose y suit le contenu replié")
        parts += 1
        if parts > MAX_PARTS:
            most = f"plus de {number(MAX_PARTS)} archives y sont mises bout à bout"
            raise Unreadable("archive-refused", value=most)
        rest = _unpack_part(source, rest, content, limit)
    return bytes(content)


def _unpack_part(source: BytesIO, rest: bytes, content: bytearray, limit: int) -> bytes:
    """Adds to `content` one part of a GZIP, `rest` being its beginning; the beginning of what follows it."""
    unpacker = zlib.decompressobj(31)
    while not unpacker.eof:
        try:
            content += unpacker.decompress(rest, limit + 1 - len(content))
        except zlib.error:
            raise Unreadable("archive-refused", value="le fichier est abîmé ou incomplet") from None
        if len(content) > limit:
            most = f"une fois déplié, il pèserait plus de {number(limit // 10**6)} Mo"
            raise Unreadable("archive-refused", value=most)
        rest = unpacker.unused_data or unpacker.unconsumed_tail or source.read(PIECE)
        if not rest and not unpacker.eof:
            raise Unreadable("archive-refused", value="le fichier est abîmé ou incomplet")
    while rest and not (rest := rest.lstrip(b"\0")):  # the padding of tapes
        rest = source.read(PIECE)
    return rest


def _directory(data: bytes) -> int:
    """Size of the list of members as the archive states it; 0 when it has no end (it will not open)."""
    place = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_600))
    if place < 0 or len(data) < place + END.size:
        return 0
    return int(END.unpack_from(data, place)[5])


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _is_clutter(name: str) -> bool:
    """Whether the member is what systems add by themselves."""
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name.startswith(".") or path.name == "Thumbs.db"


def _why_empty(names: list[str]) -> str:
    if any(name.lower().endswith(WORKBOOKS) for name in names):
        return "un classeur s'y trouve, à donner sans archive"
    if any(name.lower().endswith(NESTED) for name in names):
        return "une autre archive s'y trouve"
    return "aucun fichier CSV ne s'y trouve"


def _listed(names: list[str]) -> str:
    return ", ".join(f"« {shown(name)} »" for name in names)
