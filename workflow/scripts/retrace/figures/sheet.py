"""A sheet of millimetres to draw on: x from the left, y from the top, height as the data need.

Every text is measured before it is placed, and wrapped or shortened to its room: a figure of
five hundred rows or of labels of two hundred letters grows or shortens, and nothing overlaps.
Axes that scale themselves cannot promise that, so none are used.
"""

import functools
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from retrace.figures import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINT = 25.4 / 72
SIZE = 8.0
SMALL = 7.0
LEADING = 1.3
TWO_COLUMNS_FROM = 120.0
"""From how many millimetres on a figure may stand in two columns."""
INK = "#1A1A1A"
QUIET = "#595959"
RULE = "#BFBFBF"
BAND = "#F4F4F4"

# Okabe and Ito, Color Universal Design (2008): told apart with every kind of colour blindness.
BLUE, VERMILION, ORANGE, SKY = "#0072B2", "#D55E00", "#E69F00", "#56B4E9"
GREEN, PURPLE, YELLOW = "#009E73", "#CC79A7", "#F0E442"
GREY, PALE = "#8C8C8C", "#D0D0D0"


def styled(draw: Callable[..., "Figure"]) -> Callable[..., "Figure"]:
    """Draw under the review's style sheet, whatever the settings of the person who builds."""

    @functools.wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> "Figure":
        import matplotlib

        with matplotlib.rc_context():
            matplotlib.rc_file(STYLE)
            return draw(*args, **kwargs)

    return drawn


@functools.lru_cache(maxsize=100_000)
def width_of(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Return the printed width of a line in millimetres."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    if not text:
        return 0.0
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return width * POINT


def line_height(size: float = SIZE) -> float:
    """Return the distance between two lines in millimetres."""
    return size * LEADING * POINT


def one_line(text: object) -> str:
    """Return a text as one line: no line break, tab or control character survives."""
    letters = (
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in str(text)
    )
    # Only plain blanks are folded: a non-breaking one holds a count together.
    return " ".join(part for part in "".join(letters).split(" ") if part)


def wrapped(
    text: object,
    room: float,
    size: float = SIZE,
    weight: str = "normal",
    most: int = 3,
) -> list[str]:
    """Return a text as lines that fit into ``room`` millimetres, the last shortened by "…".

    A word wider than the room is cut; a combining mark is never parted from its letter.
    """
    lines: list[str] = []
    line = ""
    for word in one_line(text).split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer, size, weight) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width_of(line, size, weight) > room and len(lines) <= most:
            cut = _cut(line, room, size, weight)
            lines.append(line[:cut])
            line = line[cut:]
        if len(lines) > most:
            break
    lines.append(line)
    if len(lines) <= most:
        return lines
    return [
        *lines[: most - 1],
        shortened(" ".join(lines[most - 1 :]), room, size, weight),
    ]


def shortened(
    text: str, room: float, size: float = SIZE, weight: str = "normal"
) -> str:
    """Return a line cut to its room with "…" at the end, or whole where it fits."""
    if width_of(text, size, weight) <= room:
        return text
    left = room - width_of("…", size, weight)
    return text[: _cut(text, left, size, weight)].rstrip() + "…"


def _cut(text: str, room: float, size: float, weight: str) -> int:
    """Return how many letters of a text fit, at least one, found by halving."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle], size, weight) <= room:
            low = middle
        else:
            high = middle - 1
    while low < len(text) and low > 1 and unicodedata.combining(text[low]):
        low -= 1
    return low


class Sheet:
    """A figure that is drawn on in millimetres and gets its height at the end."""

    def __init__(self, width: float):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width = width
        self.figure = Figure(figsize=(width / 25.4, width / 25.4))
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)

    def text(
        self,
        x: float,
        y: float,
        lines: str | Sequence[str],
        *,
        size: float = SIZE,
        weight: str = "normal",
        color: str = INK,
        align: str = "left",
    ) -> float:
        """Print lines with their top at y; return the y below the last line."""
        for number, line in enumerate([lines] if isinstance(lines, str) else lines):
            # The baseline: a line's ink stands within its own line height, also where it is tall.
            base = y + (number + 0.76) * line_height(size)
            if line:
                self.axes.text(
                    x,
                    base,
                    line,
                    size=size,
                    weight=weight,
                    color=color,
                    ha=align,
                    va="baseline",
                )
        count = 1 if isinstance(lines, str) else len(lines)
        return y + count * line_height(size)

    def remark(self, y: float, text: str, *, most: int = 8) -> float:
        """Print a sentence in quiet letters over the whole width, a little below y; return where it ends."""
        lines = wrapped(text, self.width, SMALL, most=most)
        return self.text(0, y + 0.6, lines, size=SMALL, color=QUIET)

    def segment(
        self, x: float, middle: float, long: float, thick: float, text: str, *, fill: str, gid: str
    ) -> bool:  # fmt: skip
        """Draw a part of a lying bar, with its text where that fits; return whether there is none left unprinted."""
        self.box(x, middle - thick / 2, long, thick, fill=fill, edge="#FFFFFF", line=0.5, gid=gid)  # fmt: skip
        is_room = width_of(text, SMALL) + 0.3 < long
        if text and is_room:
            self.text(
                x + long / 2, middle - line_height(SMALL) / 2, text,
                size=SMALL, color=ink_on(fill), align="center",
            )  # fmt: skip
        return is_room or not text

    def upright(
        self, x: float, y: float, text: str, *, size: float = SMALL, **style: Any
    ) -> None:
        """Print a line turned by a quarter, its middle on x, from y upwards."""
        style = {"ha": "center", "va": "bottom", "color": INK, **style}
        self.axes.text(
            x, y, text, size=size, rotation=90, rotation_mode="default", **style
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        edge: str = "none",
        line: float = 0.6,
        dashed: bool = False,
        gid: str = "",
        behind: bool = False,
    ) -> None:
        """Draw a rectangle with its upper left corner at x, y."""
        from matplotlib.patches import Rectangle

        patch = Rectangle(
            (x, y),
            width,
            height,
            facecolor=fill,
            edgecolor=edge,
            linewidth=line if edge != "none" else 0,
            linestyle=(0, (4, 2.5)) if dashed else "solid",
            zorder=0 if behind else 1,
        )
        if gid:
            patch.set_gid(gid)
        self.axes.add_patch(patch)

    def path(
        self,
        *points: tuple[float, float],
        color: str = INK,
        line: float = 0.6,
        arrow: bool = False,
    ) -> None:
        """Draw a line through points, with an arrow head at the last where asked."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Polygon

        points_list = list(points)
        if arrow:
            (x0, y0), (x1, y1) = points_list[-2:]
            long = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1.0
            dx, dy = (x1 - x0) / long, (y1 - y0) / long
            foot = (x1 - 1.9 * dx, y1 - 1.9 * dy)
            self.axes.add_patch(
                Polygon(
                    [
                        (x1, y1),
                        (foot[0] - 0.85 * dy, foot[1] + 0.85 * dx),
                        (foot[0] + 0.85 * dy, foot[1] - 0.85 * dx),
                    ],
                    closed=True,
                    facecolor=color,
                    edgecolor="none",
                    zorder=2,
                )
            )
            points_list[-1] = foot
        self.axes.add_line(
            Line2D(
                [x for x, _ in points_list],
                [y for _, y in points_list],
                color=color,
                linewidth=line,
                solid_capstyle="butt",
                solid_joinstyle="miter",
                zorder=1,
            )
        )

    def dot(
        self,
        x: float,
        y: float,
        across: float,
        *,
        fill: str,
        shape: str = "o",
        gid: str = "",
    ) -> None:
        """Draw a marker with its middle at x, y, ``across`` millimetres wide."""
        from matplotlib.lines import Line2D

        marker = Line2D(
            [x],
            [y],
            marker=shape,
            markersize=across / POINT,
            color=fill,
            markeredgewidth=0,
            linestyle="none",
            zorder=2,
        )
        if gid:
            marker.set_gid(gid)
        self.axes.add_line(marker)

    def finish(self, height: float) -> "Figure":
        """Return the figure, as high as its content."""
        height = max(height, 8.0)
        self.figure.set_size_inches(self.width / 25.4, height / 25.4)
        self.axes.set_ylim(height, 0)
        return self.figure


def key(
    sheet: Sheet,
    x: float,
    y: float,
    room: float,
    entries: Sequence[tuple[str, dict[str, Any]]],
) -> float:
    """Draw a legend of patches or markers with words, as many lines as it needs; return y below."""
    left, step = x, line_height(SMALL)
    for words, look in entries:
        lines = wrapped(words, room - 5, SMALL)
        need = 5 + max(width_of(line, SMALL) for line in lines)
        if left > x and left + need > x + room:
            left, y = x, y + step
        if "shape" in look:
            sheet.dot(left + 1.6, y + step / 2, 2.2, **look)
        else:
            sheet.box(left, y + step / 2 - 1.1, 3.2, 2.2, **look)
        end = sheet.text(left + 4.4, y, lines, size=SMALL)
        y = max(y, end - step)
        left += need + 4
    return y + step


def unprinted(most: int, unit: Sequence[str]) -> list[str]:
    """Return the sentence that says how much a segment too short for its digits stands for."""
    if not most:
        return []
    if most == 1:
        return [f"Segments without a digit stand for 1 {unit[0]} each."]
    return [f"Segments without a digit stand for at most {most:,} {unit[1]} each."]


def ink_on(fill: str) -> str:
    """Return the colour of letters that can be read on a fill: white or near black.

    Relative luminance as in WCAG 2.2; whichever has the higher contrast.
    """
    parts = [int(fill[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#FFFFFF" if 1.05 / (light + 0.05) > (light + 0.05) / 0.06 else INK


def side_by_side(heights: Sequence[float], starts: Sequence[bool]) -> int:
    """Return where to break rows into two columns so that the higher one is lowest.

    ``starts`` says at which rows a column may begin.
    """
    best, at = float("inf"), len(heights)
    above, total = 0.0, sum(heights)
    for place, (height, may) in enumerate(zip(heights, starts, strict=True)):
        if place and may and max(above, total - above) < best:
            best, at = max(above, total - above), place
        above += height
    return at
