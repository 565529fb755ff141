"""Break exports at random and hold readers to their laws: `python tests/fuzz_readers.py --seconds 600`.

A file of each format is cut at every byte first, whatever the time. A case that breaks a law is kept as a file, with
its seed, and named at the end. The tests run a few hundred cases from fixed seeds.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "workflow/scripts")]

import export_files  # noqa: E402
from reader_laws import cut, held  # noqa: E402

PIECES = [
    b"\n", b"\r", b"\r\n", b"\0", b'"', b"{", b"}", b"(", b"@article{", b"@comment{", b"TY  - JOUR\n", b"ER  - \n",
    b"PMID- 1\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"<record>", b"</record>", b"<!--", b"-->", b"]]>",
    b"<![CDATA[", b"&x;", b"%0 ", b"PT J\n", b"ER\n", b",", b";", b"\t", b"\x1a", b"\n\n", b"=", b"#", b"\x80",
    b"Record #1 of 2\n", b"\xed\xa0\x80", b"\\", b"$", b"'", b"<PubmedArticle>", b"title,year\n", b"\x85", b"\x0b",
    b"\xd8\x00", b"\xf0\x9f\x98\x80", "\u202e".encode(), "e\u0301".encode(), "\u00a0".encode(), b"  - ", b"- ",
]  # fmt: skip


def seeds() -> list[bytes]:
    """Return the files that are broken: one of each format, and those of the vendors."""
    made = [write() for write in export_files.FILES.values()]
    kept = [
        path.read_bytes()
        for path in sorted((HERE / "data").iterdir())
        if path.is_file()
    ]
    return [*made, *kept]


def broken(choose: random.Random, pool: list[bytes]) -> bytes:
    """Return one of some files, with bits flipped, and pieces put in, cut out, moved and spliced."""
    data = bytearray(choose.choice(pool))
    for _ in range(choose.choice([1, 1, 1, 2, 3, 8, 20])):
        place = choose.randrange(len(data) + 1)
        kind = choose.randrange(7)
        if kind == 0 and data:
            data[place - 1] ^= 1 << choose.randrange(8)
        elif kind == 1:
            data[place:place] = choose.choice(PIECES) * choose.choice([1, 1, 1, 2, 50])
        elif kind == 2:
            del data[place : place + choose.choice([1, 2, 10, 200])]
        elif kind == 3:
            other = choose.choice(pool)
            start = choose.randrange(len(other))
            data[place:place] = other[start : start + choose.choice([5, 100, 3000])]
        elif kind == 4:
            end = choose.randrange(len(data) + 1)
            data[place:place] = data[min(place, end) : max(place, end)][:2000]
        elif kind == 5:
            data[place : place + 3] = choose.randbytes(3)
        else:
            del data[place:]
    return bytes(data)


def recoded(choose: random.Random, data: bytes) -> bytes:
    """Return a file in another encoding, one time in eight."""
    codec = choose.choice(
        ["utf-16", "utf-16-be", "cp1252", "gb18030", "utf-8-sig", *["utf-8"] * 35]
    )
    return (
        data.decode("utf-8", "replace").encode(codec, "replace")
        if codec != "utf-8"
        else data
    )


def main() -> int:
    """Cut at every byte, then break until the time is over; return 1 where a law was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    known = parser.parse_args()
    pool = seeds()
    number, found, slowest = known.seed, [], (0.0, 0)
    for format, write in export_files.FILES.items():
        data = write()
        whole = held(data)
        for place in range(len(data)):
            name = f"{format}-cut-{place}"
            check(
                name, data[:place], found, known.keep, partial(cut, data, place, whole)
            )
    print(f"every cut of {len(export_files.FILES)} files, {len(found)} broke a law")
    end = time.monotonic() + known.seconds
    while time.monotonic() < end:
        choose = random.Random(number)
        begun = time.monotonic()
        data = recoded(choose, broken(choose, pool))
        check(f"seed-{number}", data, found, known.keep, partial(held, data))
        slowest = max(slowest, (time.monotonic() - begun, number))
        number += 1
    print(
        f"{number - known.seed} cases, the slowest {slowest[0]:.1f} s (seed {slowest[1]}), {len(found)} broke a law"
    )
    for name in found:
        print(f"  {name}")
    return 1 if found else 0


def check(name: str, data: bytes, found: list[str], keep: Path, law: Callable) -> None:
    """Read a file as a law does; keep it where that breaks it."""
    try:
        law()
    except Exception as error:  # whatever it is, it is what is looked for
        keep.mkdir(exist_ok=True)
        (keep / name).write_bytes(data)
        found.append(f"{keep / name}: {type(error).__name__}: {error}")


if __name__ == "__main__":
    raise SystemExit(main())
