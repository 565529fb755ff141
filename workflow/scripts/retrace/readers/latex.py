"""Turn the LaTeX of BibTeX values into text: accents, symbols, braces.

Only what bibliographies really hold is known; a command that is not known stays as it
stands, for text is better ugly than gone.
"""

import re
import unicodedata

_ACCENTS = dict(
    zip("`'^\"~=.uvHcdbkrt", "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b"
        "\u0327\u0323\u0331\u0328\u030a\u0361", strict=True)
)  # fmt: skip
_SYMBOLS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø",
    "l": "ł", "L": "Ł", "i": "i", "j": "j", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ",
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘",
    "textquotedblleft": "“", "textquotedblright": "”", "textregistered": "®", "texttrademark": "™",
    "textcopyright": "©", "textdegree": "°", "degree": "°", "textmu": "µ", "ldots": "…", "dots": "…",
    "textgreater": ">", "textless": "<", "textbackslash": "\\", "textasciitilde": "~", "textbar": "|",
    "textasciicircum": "^", "textunderscore": "_", "times": "×", "pm": "±", "leq": "≤", "le": "≤",
    "geq": "≥", "ge": "≥", "approx": "≈", "sim": "∼", "infty": "∞", "cdot": "·", "rightarrow": "→",
    "leftarrow": "←", "neq": "≠", "beta": "β", "alpha": "α", "gamma": "γ", "delta": "δ",
    "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_FONTS = (
    "textit", "textbf", "emph", "textsc", "textrm", "textsuperscript", "textsubscript", "texttt",
    "text", "mathrm", "mathit", "mathbf", "ensuremath", "mbox", "url", "href", "it", "bf", "em",
    "sc", "rm", "noopsort", "it", "upshape", "enquote",
)  # fmt: skip
_COMMAND = re.compile(
    r"\\(?:"
    r"(?P<accent>[`'^\"~=.])\s*(?:\{\s*\\?(?P<braced>[A-Za-z]?)\s*\}|\\(?P<dotless>[ij])(?![A-Za-z])|(?P<letter>[A-Za-z]))"
    r"|(?P<named>[uvHcdbkrt])(?:\s*\{\s*\\?(?P<held>[A-Za-z]?)\s*\}|\s+(?P<next>[A-Za-z])(?![A-Za-z]))"
    r"|(?P<word>[A-Za-z]+)(?:\{\}|\s+(?=[A-Za-z{\\]))?"
    r"|(?P<char>[^A-Za-z]))"
)
_MATHS = re.compile(r"\$([^$\0]{0,200})\$")
_SIGNS = "&%$#_{}- "


def texts(joined: str) -> str:
    """Return BibTeX values, joined by NUL, as texts on one line each, joined so.

    All are worked on as one: a record has dozens of short values, and most of the time would go
    into calls.
    """
    if "\\" in joined:
        joined = _COMMAND.sub(_meant, joined)
        if not joined.isascii():
            joined = unicodedata.normalize("NFC", joined)
    joined = joined.replace("{", "").replace("}", "")
    if "$" in joined:
        joined = _MATHS.sub(r"\1", joined)
    if "\ue000" in joined or "\ue001" in joined or "\ue002" in joined:
        joined = joined.translate(_KEPT)
    if "\t" in joined or "\r" in joined:
        joined = joined.replace("\t", " ").replace("\r", " ")
    if "\n" in joined:
        joined = " ".join(map(str.strip, joined.split("\n")))
    while "  " in joined:
        joined = joined.replace("  ", " ")
    return joined


_KEPT = {0xE000: "{", 0xE001: "}", 0xE002: "$"}


_MEANT: dict[str, str] = {}


def _meant(match: re.Match[str]) -> str:
    """Return what a command means; a file has few, so each is read once."""
    command = match.group()
    if command not in _MEANT:
        if len(_MEANT) > 10_000:
            _MEANT.clear()
        _MEANT[command] = _meaning(match)
    return _MEANT[command]


def _meaning(match: re.Match[str]) -> str:
    if accent := match["accent"] or match["named"]:
        letter = (
            match["braced"]
            or match["dotless"]
            or match["letter"]
            or match["held"]
            or match["next"]
            or ""
        )
        return letter + _ACCENTS[accent] if letter else ""
    if word := match["word"]:
        if word in _SYMBOLS:
            return _SYMBOLS[word]
        return "" if word in _FONTS else match.group()
    char = match["char"]
    if char in "{}$":
        return {"{": "\ue000", "}": "\ue001", "$": "\ue002"}[char]
    return char if char in _SIGNS else ("\n" if char == "\\" else match.group())
