"""Draw a workflow as a picture: rules and folders of inputs in, one SVG of linked boxes out.

Laid out here and not by a program of the machine, so that the same graph gives the same bytes;
an edge that follows from others is left out, for the eye (each box lists all its inputs).
"""

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote

BOX, LEVEL, GAP, LETTER, PAD = 34, 78, 22, 7.4, 14
SWEEPS = 12


def drawn(
    edges: Mapping[str, Iterable[str]], *, sources: Iterable[str], says: str
) -> str:
    """Return the graph as SVG; ``edges`` names of each node those that it needs.

    ``sources`` are the nodes that are folders of inputs; every other one is a rule.
    """
    needs = _reduced({node: set(used) for node, used in edges.items()})
    level = _levels(needs, set(sources))
    rows, links = _with_waypoints(needs, level)
    _order(rows, links)
    place = _placed(rows, links)
    width = max(x + _width(node) / 2 for node, (x, _) in place.items()) + PAD
    height = PAD * 2 + BOX + LEVEL * (len(rows) - 1)
    made = [
        f'<svg class="graph" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="group" aria-label="{escape(says)}">'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
    ]
    for upper, lower in links:
        made.append(_line(place[upper], place[lower], upper, lower))
    inputs = set(sources)
    for row in rows:
        for node in row:
            if isinstance(node, str):
                made.append(_box(node, place[node], node in inputs))
    return "".join([*made, "</svg>"])


Node = str | tuple[str, str, int]
"""A rule or folder by its name, or a waypoint of an edge that crosses levels."""


def _reduced(needs: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the graph without the edges that a longer way makes plain."""
    above: dict[str, set[str]] = {}

    def reach(node: str) -> set[str]:
        if node not in above:
            above[node] = set()
            for used in sorted(needs.get(node, ())):
                above[node] |= {used} | reach(used)
        return above[node]

    return {
        node: {
            used
            for used in used_by
            if not any(used in reach(other) for other in used_by if other != used)
        }
        for node, used_by in sorted(needs.items())
    }


def _levels(needs: Mapping[str, set[str]], sources: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}

    def of(node: str) -> int:
        if node not in found:
            found[node] = max((of(used) + 1 for used in needs.get(node, ())), default=0)
        return found[node]

    for node in sorted(needs):
        of(node)
    # A folder stands right above the first rule that reads it.
    for node in sorted(sources):
        readers = [found[rule] for rule, used in needs.items() if node in used]
        found[node] = max(min(readers, default=1) - 1, 0)
    return found


def _with_waypoints(
    needs: Mapping[str, set[str]], level: Mapping[str, int]
) -> tuple[list[list[Node]], list[tuple[Node, Node]]]:
    rows: list[list[Node]] = [[] for _ in range(max(level.values(), default=0) + 1)]
    links: list[tuple[Node, Node]] = []
    for node in sorted(level):
        rows[level[node]].append(node)
    for node in sorted(needs):
        for used in sorted(needs[node]):
            last: Node = used
            for at in range(level[used] + 1, level[node]):
                point = (used, node, at)
                rows[at].append(point)
                links.append((last, point))
                last = point
            links.append((last, node))
    return rows, links


def _order(rows: list[list[Node]], links: list[tuple[Node, Node]]) -> None:
    """Sort each row by the middle of its neighbours, down and up again, so that few edges cross."""
    above, below = _neighbours(links)
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for row in rows if down else reversed(rows):
            place = {node: at for every in rows for at, node in enumerate(every)}
            middle = {
                node: sum(place[other] for other in near[node]) / len(near[node])
                if near.get(node)
                else place[node]
                for node in row
            }
            row.sort(key=lambda node: (middle[node], place[node]))  # noqa: B023
        if (crossed := _crossings(rows, links)) < fewest:
            best, fewest = [list(row) for row in rows], crossed
    rows[:] = best


def _crossings(rows: list[list[Node]], links: list[tuple[Node, Node]]) -> int:
    place = {node: at for row in rows for at, node in enumerate(row)}
    level = {node: at for at, row in enumerate(rows) for node in row}
    found = 0
    for first, (a, b) in enumerate(links):
        for c, d in links[first + 1 :]:
            if level[a] == level[c]:
                found += (place[a] - place[c]) * (place[b] - place[d]) < 0
    return found


def _placed(
    rows: list[list[Node]], links: list[tuple[Node, Node]]
) -> dict[Node, tuple[float, float]]:
    """Return the middle of each box: near its neighbours, in its row's order, apart from the next."""
    above, below = _neighbours(links)
    x: dict[Node, float] = {}
    for row in rows:
        at = 0.0
        for node in row:
            x[node] = at + _width(node) / 2
            at += _width(node) + GAP
    widest = max(sum(_width(node) + GAP for node in row) for row in rows)
    for row in rows:
        shift = (widest - sum(_width(node) + GAP for node in row)) / 2
        for node in row:
            x[node] += shift
    for sweep in range(2 * SWEEPS):
        near = above if sweep % 2 == 0 else below
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = {
                node: sum(x[other] for other in near[node]) / len(near[node])
                if near.get(node)
                else x[node]
                for node in row
            }
            _apart(row, wanted, x)
    left = min(x[node] - _width(node) / 2 for row in rows for node in row) - PAD
    return {
        node: (round(x[node] - left, 1), PAD + BOX / 2 + LEVEL * at)
        for at, row in enumerate(rows)
        for node in row
    }


def _apart(row: list[Node], wanted: Mapping[Node, float], x: dict[Node, float]) -> None:
    """Set a row's places as near to the wanted ones as their widths allow."""
    # Blocks of boxes that touch move together, to the mean of what their boxes want.
    blocks: list[list] = []
    for node in row:
        blocks.append([[node], _width(node) + GAP, wanted[node] - _width(node) / 2, 1])
        while len(blocks) > 1 and blocks[-2][2] + blocks[-2][1] > blocks[-1][2]:
            nodes, width, start, n = blocks.pop()
            other = blocks[-1]
            other[2] = (other[2] * other[3] + (start - other[1]) * n) / (other[3] + n)
            other[0] += nodes
            other[1] += width
            other[3] += n
    for nodes, _, start, _ in blocks:
        for node in nodes:
            x[node] = start + _width(node) / 2
            start += _width(node) + GAP


def _neighbours(
    links: list[tuple[Node, Node]],
) -> tuple[dict[Node, list[Node]], dict[Node, list[Node]]]:
    above: dict[Node, list[Node]] = {}
    below: dict[Node, list[Node]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    return above, below


def _width(node: Node) -> float:
    return len(node) * LETTER + 24 if isinstance(node, str) else 6.0


def _line(
    start: tuple[float, float], end: tuple[float, float], upper: Node, lower: Node
) -> str:
    (x, y), (to, down) = start, end
    y += BOX / 2 if isinstance(upper, str) else 0
    down -= BOX / 2 + 5 if isinstance(lower, str) else 0
    half = (y + down) / 2
    first = upper if isinstance(upper, str) else upper[0]
    last = lower if isinstance(lower, str) else lower[1]
    head = ' marker-end="url(#arrow)"' if isinstance(lower, str) else ""
    return (
        f'<path class="edge" data-from="{escape(first)}" data-to="{escape(last)}" '
        f'd="M{x:g} {y:g}C{x:g} {half:g} {to:g} {half:g} {to:g} {down:g}"{head}/>'
    )


def _box(node: str, middle: tuple[float, float], is_input: bool) -> str:
    x, y = middle
    width = _width(node)
    kind = "folder" if is_input else "rule"
    return (
        f'<a class="node {kind}" href="#{kind}:{quote(node, safe="")}" data-node="{escape(node)}">'
        f'<rect x="{x - width / 2:g}" y="{y - BOX / 2:g}" width="{width:g}" height="{BOX}" '
        f'rx="{BOX / 2 if is_input else 5:g}"/>'
        f'<text x="{x:g}" y="{y + 4.5:g}" text-anchor="middle">{escape(node)}</text></a>'
    )
