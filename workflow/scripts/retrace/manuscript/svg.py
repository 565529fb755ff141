"""Make a drawn figure fit to stand inside a page: no script, no style, no id of another figure.

Matplotlib styles each mark by a style attribute and repeats its ids in every file; a page
whose policy allows one style sheet shows the former as black shapes, and two figures in
one page clip each other by the latter.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from retrace.errors import ManuscriptError, Problem

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

# What a picture may hold; everything else (script, style, foreignObject, metadata) goes.
_DRAWN = (
    "svg g defs clipPath path rect circle ellipse line polyline polygon text tspan use title desc "
    "linearGradient radialGradient stop pattern marker mask symbol image a"
)
_ELEMENTS = set(_DRAWN.split())
# A style attribute's properties that are attributes of their own.
_STYLES = (
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin "
    "stroke-dasharray stroke-dashoffset stroke-miterlimit opacity clip-path clip-rule font-family "
    "font-size font-style font-weight font-variant font-stretch text-anchor dominant-baseline "
    "stop-color stop-opacity display visibility letter-spacing image-rendering transform"
)
_PROPERTIES = set(_STYLES.split())
_FONT = re.compile(
    r"(?:(?P<style>italic|oblique)\s+)?(?:(?P<weight>bold|\d{3})\s+)?(?P<size>[\d.]+(?:px|pt|em)?)"
    r"(?:/[\d.]+)?\s+(?P<family>.+)"
)
ON_SCREEN = 5 / 3
"""Pixels for a point of a figure: one that is as wide as a printed page fills the column of the text."""
_LOCAL = re.compile(r"url\(\s*[\"']?#([^\"')]+)[\"']?\s*\)")


def embedded(
    source: str,
    *,
    name: str,
    alt: str,
    file: str = "",
    marks: Mapping[str, str] | None = None,
) -> str:
    """Return an SVG file as an element of a page, its ids led by the figure's name.

    ``marks`` has what the elements of some ids open in the page.

    Raises:
        ManuscriptError: the file is no SVG, or declares entities.
    """
    body = re.sub(r"<!DOCTYPE[^>\[]*>", "", source, count=1)
    try:
        if "<!DOCTYPE" in body or "<!ENTITY" in body:
            raise ET.ParseError("it declares entities")
        root = ET.fromstring(body)
        if root.tag != f"{{{SVG}}}svg":
            raise ET.ParseError("its root is not svg")
    except ET.ParseError as error:
        raise ManuscriptError(
            Problem(
                file or name, what=f"not an SVG: {error}", expected="a drawn figure"
            )
        ) from None
    _clean(root, f"{name}-", marks or {})
    width, height = root.attrib.pop("width", ""), root.attrib.pop("height", "")
    if "viewBox" not in root.attrib:
        sizes = [re.match(r"[\d.]+", size) for size in (width, height)]
        root.set(
            "viewBox", "0 0 " + " ".join(size[0] if size else "1" for size in sizes)
        )
    # A figure of a journal's column is half as wide on the screen as one of its page.
    root.set("width", f"{float(root.attrib['viewBox'].split()[2]) * ON_SCREEN:.0f}")
    # The style sheet of a matplotlib file says this of all its marks.
    root.attrib |= {
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
        "role": "img",
        "aria-label": alt,
        "class": "drawing",
    }
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element, prefix: str, marks: Mapping[str, str]) -> None:
    for child in list(element):
        if not isinstance(child.tag, str) or _local(child.tag) not in _ELEMENTS:
            element.remove(child)
        else:
            _clean(child, prefix, marks)
    for key, value in list(element.attrib.items()):
        name = _local(key)
        if name == "style":
            del element.attrib[key]
            for prop, given in _styled(value).items():
                element.set(prop, _LOCAL.sub(rf"url(#{prefix}\1)", given))
        elif name == "id":
            element.set(key, prefix + value)
            if value in marks:
                element.set("data-mark", marks[value])
        elif name == "href":
            if _local(element.tag) == "a" and value.startswith("#"):
                continue
            if value.startswith("#"):
                element.set(key, f"#{prefix}{value[1:]}")
            elif not re.match(r"data:image/(png|jpeg);base64,", value):
                del element.attrib[key]
        elif name.lower().startswith("on") or "url(" in _LOCAL.sub("", value):
            del element.attrib[key]
        else:
            element.set(key, _LOCAL.sub(rf"url(#{prefix}\1)", value))


def _styled(style: str) -> dict[str, str]:
    made: dict[str, str] = {}
    for part in style.split(";"):
        name, _, value = (word.strip() for word in part.partition(":"))
        font = _FONT.fullmatch(value) if name == "font" else None
        if font:
            made |= {f"font-{key}": of for key, of in font.groupdict().items() if of}
        elif name in _PROPERTIES:
            made[name] = value
    return made


def _local(name: str) -> str:
    return name.rpartition("}")[2]
