"""Break exports at random and hold readers to their laws: `python tests/fuzz_readers.py --seconds 600`.

A case that breaks a law is kept as a file, with its seed, and named at the end. The tests run a
few hundred cases from fixed seeds.
"""

import argparse
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "workflow/scripts")]

import export_files  # noqa: E402
from reader_laws import held  # noqa: E402

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
    """Run until the time is over; return 1 where a law was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    known = parser.parse_args()
    pool = seeds()
    begin = time.monotonic()
    end = begin + known.seconds
    number, found, slowest = known.seed, [], (0.0, 0)
    made = {format: write() for format, write in export_files.FILES.items()}
    cuts = [
        (format, place) for format, data in made.items() for place in range(len(data))
    ]
    random.Random(known.seed).shuffle(cuts)
    done = 0
    for format, place in cuts:
        if time.monotonic() > begin + known.seconds / 2:
            break
        check(f"{format}-cut-{place}", made[format][:place], found, known.keep)
        done += 1
    print(f"{done} of {len(cuts)} cuts")
    while time.monotonic() < end:
        choose = random.Random(number)
        begun = time.monotonic()
        check(
            f"seed-{number}", recoded(choose, broken(choose, pool)), found, known.keep
        )
        slowest = max(slowest, (time.monotonic() - begun, number))
        number += 1
    print(
        f"{number - known.seed} cases, the slowest {slowest[0]:.1f} s (seed {slowest[1]}), {len(found)} broke a law"
    )
    for name in found:
        print(f"  {name}")
    return 1 if found else 0


def check(name: str, data: bytes, found: list[str], keep: Path) -> None:
    """Read a file; keep it where that breaks a law."""
    try:
        held(data)
    except Exception as error:  # whatever it is, it is what is looked for
        keep.mkdir(exist_ok=True)
        (keep / name).write_bytes(data)
        found.append(f"{keep / name}: {type(error).__name__}: {error}")


if __name__ == "__main__":
    raise SystemExit(main())
