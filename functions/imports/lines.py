"""The lines of a text file, read in blocks: what encoding it is in, and where each line stands. Pure.

Whatever its size, a file takes no more memory than one block and one line of it.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LINE_BYTES = 4 * 1024 * 1024
"""What is longer without a line break, or within one pair of quotes, is no list of customers."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

MAX_REASON = 500
"""Characters of what is said of a refused file, however many columns it names."""


class RefusedFileError(Exception):
    """The file cannot be imported at all; `message` is for its sender, and may name columns of it."""

    def __init__(self, message: str) -> None:
        super().__init__("file refused")
        self.message = message if len(message) <= MAX_REASON else f"{message[:MAX_REASON]}…"


@dataclass(frozen=True)
class Encoding:
    """How a file's text is written: Python's name of the codec, and how many bytes its mark takes."""

    codec: str
    mark: int

    @classmethod
    def of(cls, beginning: bytes) -> "Encoding":
        """The encoding of a file that begins so: UTF-8, or UTF-16 where its byte order mark says so."""
        if beginning.startswith(codecs.BOM_UTF32_LE):
            raise RefusedFileError("The file is in UTF-32; send it in UTF-8")
        for mark, codec in _BYTE_ORDER_MARKS:
            if beginning.startswith(mark):
                return cls(codec, len(mark))
        return cls("utf-8", 0)


class Lines:
    """The lines of `blocks`, which are a file's bytes from byte `offset` on, each with its line feed.

    `offset` is then where the last line that was given ends; `record` where the record began that is being
    read, which its reader sets. Raises RefusedFileError, naming the byte, for what is not in the encoding,
    and for a record that has no end.
    """

    def __init__(self, blocks: Iterable[bytes], codec: str, offset: int) -> None:
        self._blocks = blocks
        self._codec = codec
        self.offset = offset
        self.record = offset

    def __iter__(self) -> Iterator[str]:
        """Each line once."""
        rest = ""
        for text in self._texts():
            *whole, rest = f"{rest}{text}".split("\n")
            for line in whole:
                yield self._counted(f"{line}\n")
            if len(rest) > MAX_LINE_BYTES:
                raise self._endless()
        if rest:
            yield self._counted(rest)

    def _texts(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._codec)()
        read = self.offset
        for block in self._blocks:
            yield self._decoded(decoder, block, read, final=False)
            read += len(block)
        yield self._decoded(decoder, b"", read, final=True)

    def _decoded(self, decoder: codecs.IncrementalDecoder, block: bytes, read: int, *, final: bool) -> str:
        undecoded = len(decoder.getstate()[0])
        try:
            return decoder.decode(block, final)
        except UnicodeDecodeError as error:
            name = "UTF-8" if self._codec == "utf-8" else "UTF-16"
            place = read - undecoded + error.start
            raise RefusedFileError(
                f"The file is not in {name}: see its byte {place}, counted from 0"
            ) from None

    def _counted(self, line: str) -> str:
        # All ASCII takes one byte a character, or two; that it is all ASCII Python knows.
        if line.isascii():
            self.offset += len(line) if self._codec == "utf-8" else 2 * len(line)
        else:
            self.offset += len(line.encode(self._codec))
        if self.offset - self.record > MAX_LINE_BYTES:
            raise self._endless()
        return line

    def _endless(self) -> RefusedFileError:
        return RefusedFileError(
            f"The row that begins at byte {self.record} does not end within {MAX_LINE_BYTES // 1024**2} MB: "
            "is a quote not closed?"
        )
