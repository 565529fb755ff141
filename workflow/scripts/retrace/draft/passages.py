"""Read an author's draft, Markdown or Word, into the passages that a reader reads.

Both go through pandoc into one tree, so that a text says the same in either; what is no prose
(headings, code, raw HTML) is left out, and what is a citation in it keeps its place and is marked.
"""

import json
import re
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrace.errors import Problem, ReviewError, unreadable
from retrace.manuscript import pandoc

CITATION, CODE, RAISED = "citation", "code", "raised"
"""Kinds of marks in a passage: what cites a work, what a program reads, what is set higher."""

LISTS_WORKS = re.compile(
    r"(?:\d+\.?\s*)?(?:references|bibliography|works cited|literature(?: cited)?|reference list)\.?",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[^a-z\s])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:et al|e\.g|i\.e|vs|figs?|tab|eqs?|refs?|approx|ca|cf|resp|no|nos|dr|st|spp?|pp?|vol)"
    r"|(?<![^\W\d_])[A-Z])\.$",
    re.IGNORECASE,
)
_NO_DRAFTS = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"{\\rtf": "a rich text document",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_EXPECTED = ("Markdown in UTF-8, or DOCX", "save the draft as one of these")
SECONDS = 120
"""How long pandoc may read: a draft takes it a second or two."""


@dataclass
class Passage:
    """A paragraph, a row of a table, a caption or a note: its text and where it stands."""

    text: str
    section: str
    place: int
    kind: str = "paragraph"
    marks: list[tuple[int, int, str]] = field(default_factory=list)
    lists_works: bool = False
    lines: list[int] = field(default_factory=list)

    @property
    def sentences(self) -> list[tuple[int, int]]:
        """Return where each sentence begins and ends."""
        cuts = [0]
        for found in _SENTENCE.finditer(self.text):
            upto = self.text[cuts[-1] : found.start() + 1]
            if not (found[0][0] == "." and _ABBREVIATION.search(upto)):
                cuts.append(found.end())
        return list(zip(cuts, [*cuts[1:], len(self.text)], strict=True))


def read(path: str | Path) -> list[Passage]:
    """Return the passages of a draft in its order; of Markdown also the line of each sentence.

    Raises:
        ReviewError: there is no such file, it is neither Markdown nor DOCX, or it has no text.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ReviewError(unreadable(path, error)) from None
    is_word = data.startswith(b"PK\x03\x04")
    _refuse(path, data, is_word)
    tree = _parsed(path, data, "docx+citations" if is_word else "markdown")
    try:
        found = list(_Reader().passages(tree))
    except RecursionError:
        raise ReviewError(
            Problem(str(path), what="its parts stand in each other too deep to be read")
        ) from None
    if not any(one.text.strip() for one in found):
        raise ReviewError(
            Problem(str(path), what="no text stands here", expected="a draft's prose")
        )
    if not is_word:
        _find_lines(found, data.decode("utf-8-sig"))
    return found


def _refuse(path: str | Path, data: bytes, is_word: bool) -> None:
    kind = next((is_a for start, is_a in _NO_DRAFTS.items() if data.startswith(start)), "")  # fmt: skip
    if is_word:
        try:
            with zipfile.ZipFile(path) as parts:
                kind = "" if "word/document.xml" in parts.namelist() else "a zip archive, but no Word document"  # fmt: skip
        except (zipfile.BadZipFile, OSError):
            kind = "a damaged Word document"
    elif str(path).endswith(".j2"):
        kind = "a template, whose numbers nobody has filled in"
    if kind:
        raise ReviewError(Problem(str(path), 0, "", f"this is {kind}", *_EXPECTED))
    if is_word:
        return
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        what = f"byte {data[error.start]:#04x} is not UTF-8"
        raise ReviewError(Problem(str(path), row, "", what, *_EXPECTED)) from None


def _parsed(path: str | Path, data: bytes, reader: str) -> Any:
    command = [pandoc.program(), f"--from={reader}", "--to=json", "--sandbox", "-"]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=SECONDS,
            env=pandoc.environment(None),
        )  # fmt: skip
        if done.returncode == 0:
            return json.loads(done.stdout)
        says = " ".join(done.stderr.decode(errors="replace").split())
    except subprocess.TimeoutExpired:
        says = f"it was not done after {SECONDS} seconds"
    except RecursionError:
        says = "its parts stand in each other too deep"
    raise ReviewError(Problem(str(path), 0, "", f"pandoc cannot read it: {says}", *_EXPECTED))  # fmt: skip


class _Reader:
    """One pass over pandoc's tree, in the order of reading."""

    def __init__(self) -> None:
        self._section, self._place = "", 0
        self._works_from = 0

    def passages(self, tree: Any) -> Iterator[Passage]:
        abstract = tree["meta"].get("abstract")
        if abstract:
            self._section = "Abstract"
            is_blocks = abstract["t"] == "MetaBlocks"
            yield from self._blocks(abstract["c"] if is_blocks else [{"t": "Para", "c": abstract["c"]}] if abstract["t"] == "MetaInlines" else [])  # fmt: skip
            self._section, self._place = "", 0
        yield from self._blocks(tree["blocks"])

    def _blocks(self, blocks: Sequence[Any]) -> Iterator[Passage]:
        for block in blocks:
            yield from self._block(block["t"], block.get("c"))

    def _block(self, kind: str, content: Any) -> Iterator[Passage]:
        if kind == "Header":
            level, _, inlines = content
            self._section, self._place = _Line(inlines).text.strip(), 0
            if not self._works_from or level <= self._works_from:
                self._works_from = level if LISTS_WORKS.fullmatch(self._section) else 0
        elif kind in ("Para", "Plain"):
            yield from self._passage(content)
        elif kind == "LineBlock":
            for line in content:
                yield from self._passage(line)
        elif kind == "BlockQuote":
            yield from self._blocks(content)
        elif kind == "Div":
            (name, classes, _), blocks = content
            is_list = name == "refs" or "references" in classes
            before, self._works_from = self._works_from, 1 if is_list else self._works_from  # fmt: skip
            yield from self._blocks(blocks)
            self._works_from = before if is_list else self._works_from
        elif kind in ("BulletList", "OrderedList"):
            for item in content if kind == "BulletList" else content[1]:
                yield from self._blocks(item)
        elif kind == "DefinitionList":
            for term, items in content:
                yield from self._passage(term)
                for item in items:
                    yield from self._blocks(item)
        elif kind == "Figure":
            yield from self._captioned(content[1])
            yield from self._blocks(content[2])
        elif kind == "Table":
            yield from self._captioned(content[1])
            _, _, _, head, bodies, foot = content
            rows = [*head[1], *(row for body in bodies for row in [*body[2], *body[3]]), *foot[1]]  # fmt: skip
            for row in rows:
                yield from self._row(row)

    def _captioned(self, caption: Any) -> Iterator[Passage]:
        for block in caption[1]:
            if block["t"] in ("Para", "Plain"):
                yield from self._passage(block["c"], "caption")

    def _row(self, row: Any) -> Iterator[Passage]:
        """Yield a table's row as one passage, its cells apart."""
        line = _Line([])
        for at, cell in enumerate(row[1]):
            if at:
                line.add(" | ")
            for inner in _Reader()._blocks(cell[4]):
                base = len(line.text)
                line.marks += [(a + base, b + base, kind) for a, b, kind in inner.marks]
                line.add(inner.text + " ")
        yield from self._made(line, "row")

    def _passage(
        self, inlines: Sequence[Any], kind: str = "paragraph"
    ) -> Iterator[Passage]:
        line = _Line(inlines)
        yield from self._made(line, kind)
        for note in line.notes:
            for block in note:
                if block["t"] in ("Para", "Plain"):
                    yield from self._passage(block["c"], "note")
                else:
                    yield from self._block(block["t"], block.get("c"))

    def _made(self, line: "_Line", kind: str) -> Iterator[Passage]:
        if line.text.strip():
            self._place += 1
            yield Passage(
                line.text.rstrip(), self._section, self._place, kind, line.marks, bool(self._works_from)
            )  # fmt: skip


class _Line:
    """The text of a run of inlines, its marks, and the notes that hang on it."""

    def __init__(self, inlines: Sequence[Any]):
        self.text = ""
        self.marks: list[tuple[int, int, str]] = []
        self.notes: list[Any] = []
        self._run(inlines)

    def add(self, text: str) -> None:
        """Add text, as one line; a blank that holds two words together is a blank."""
        self.text += re.sub(r"[\r\n\t]|(?<!\d)\u00a0|\u00a0(?!\d)", " ", text)

    def _run(self, inlines: Sequence[Any]) -> None:
        for inline in inlines:
            self._inline(inline["t"], inline.get("c"))

    def _inline(self, kind: str, content: Any) -> None:
        if kind == "Str":
            self.add(content)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            self.add(" ")
        elif kind in ("Emph", "Strong", "Underline", "Strikeout", "SmallCaps", "Subscript"):  # fmt: skip
            self._run(content)
        elif kind == "Superscript":
            self.add("^")
            self._marked(content, RAISED)
        elif kind == "Quoted":
            marks = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
            self.add(marks[0])
            self._run(content[1])
            self.add(marks[1])
        elif kind == "Cite":
            self._marked(content[1], CITATION)
        elif kind == "Code":
            start = len(self.text)
            self.add(content[1])
            self.marks.append((start, len(self.text), CODE))
        elif kind == "Math":
            self.add(content[1])
        elif kind == "Span":
            self._run(content[1])
        elif kind == "Link":
            if content[2][0].startswith("#ref-"):
                self._marked(content[1], CITATION)
            else:
                self._run(content[1])
        elif kind == "Note":
            self.notes.append(content)

    def _marked(self, content: Sequence[Any], kind: str) -> None:
        start = len(self.text)
        self._run(content)
        self.marks.append((start, len(self.text), kind))


def _find_lines(passages: Sequence[Passage], source: str) -> None:
    """Give each sentence the line on which its first words stand in the Markdown; 0: not found."""
    words, lines = [], []
    for line, text in enumerate(source.split("\n"), start=1):
        for word in _words(text):
            words.append(word)
            lines.append(line)
    places: dict[str, list[int]] = {}
    for at, word in enumerate(words):
        places.setdefault(word, []).append(at)
    cursor = 0
    for passage in passages:
        for start, end in passage.sentences:
            said = _words(passage.text[start:end])
            best, score = -1, 0
            for at in places.get(said[0], []) if said else []:
                alike = _alike(said[:12], words[at : at + 12])
                if alike > score or (alike == score and best < cursor <= at):
                    best, score = at, alike
            passage.lines.append(lines[best] if best >= 0 else 0)
            cursor = best + 1 if best >= 0 else cursor


def _alike(some: Sequence[str], others: Sequence[str]) -> int:
    pairs = zip(some, others, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(some), len(others)))  # fmt: skip


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
