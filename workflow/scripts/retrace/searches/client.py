"""Ask a service over HTTPS: politely, with patience that has an end, and without telling secrets.

Secrets come from the environment and are kept apart from what is recorded: a `Request` never
holds one, messages are made of requests and of what `_tell` lets through, and an answer that
repeats a key is refused, since answers are written to disk byte for byte.
"""

import contextlib
import email.utils
import logging
import os
import re
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode, urlsplit

import urllib3

from retrace import __version__
from retrace.errors import Problem, SearchError
from retrace.searches.asking import Expired, Page, Request, Service, Unfit, words
from retrace.searches.pace import Clock, Pace, Rate

TOOL = "retrace"
EMAIL = "RETRACE_EMAIL"
"""The variable with the address that services may write to."""
TRIES = 6
"""How often one request is sent before the search stops."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before the second try, and the most that doubling it comes to."""
PATIENCE = 300.0
"""The most seconds that a service may ask to wait; longer is for a person to decide."""
LONGEST = 600.0
"""The most seconds that one answer may take to come in."""
CONNECT, SILENCE = 20.0, 90.0
"""Seconds to wait for a connection, and between two pieces of an answer."""
MOST_BYTES = 1 << 28
"""The most bytes of one answer."""
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which asking again may help (RFC 9110 15.5, 15.6; RFC 6585 4)."""
EXPIRED = frozenset({400, 404, 410})
"""Statuses with which services refuse a cursor that is too old."""
CHUNK = 1 << 16
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SHORT = 6
"""Keys shorter than this are no keys; to look for them in answers would find them everywhere."""


@dataclass(frozen=True)
class Answer:
    """A body as it came, what was read from it, and when it was whole (seconds since 1970)."""

    body: bytes
    page: Page
    at: float


class _Again(Exception):
    """Something that may be over when asked again; ``wait`` is what the service asked for."""

    def __init__(self, what: str, wait: float | None = None):
        super().__init__(what)
        self.what, self.wait = what, wait


class Client:
    """One service, asked one request at a time.

    ``base`` replaces the service's address; only an address given so may be plain http.

    Raises:
        SearchError: a key that the service needs is not set, or the address is not https.
    """

    def __init__(
        self, service: Service, *, base: str = "", environment: Mapping[str, str] = os.environ,
        clock: Clock | None = None, pace: Path | None = None, silence: float = SILENCE,
    ):  # fmt: skip
        self.service = service
        self.base = (base or service.base).rstrip("/")
        self.clock = clock or Clock()
        allowed = ("https", "http") if base else ("https",)
        parts = urlsplit(self.base)
        if parts.scheme not in allowed or not parts.hostname or parts.username:
            raise SearchError(
                Problem(service.name, what=f"the address {_bare(self.base)}", expected="an https address without a user")
            )  # fmt: skip
        values = {
            key: environment.get(key.variable, "").strip() for key in service.keys
        }
        missing = [
            key.variable for key, value in values.items() if key.required and not value
        ]
        wrong = [
            key.variable
            for key, value in values.items()
            if re.search(r"[\s\x00-\x1f\x7f]|[^\x00-\x7f]", value)
        ]
        if missing or wrong:
            raise SearchError([
                Problem(service.name, what=f"{variable} is {'not set' if variable in missing else 'no key: blanks or foreign letters stand in it'}",
                        expected="the key in the environment", remedy=f"export {variable}=... (no file of a review holds keys)")
                for variable in [*missing, *wrong]
            ])  # fmt: skip
        self._parameters = {
            key.parameter: value
            for key, value in values.items()
            if value and key.parameter
        }
        self._headers = {
            key.header: value for key, value in values.items() if value and key.header
        }
        self._secrets = [
            value for key, value in values.items() if key.secret and len(value) >= SHORT
        ]
        address = environment.get(EMAIL, "").strip()
        # The longest first, since a shorter one may stand within it.
        self._private = sorted(
            {address, *values.values()} - {""}, key=len, reverse=True
        )
        contact = (
            f" (mailto:{address})"
            if re.fullmatch(r"[\x21-\x7e]+@[\x21-\x7e]+", address)
            else ""
        )
        self._headers["User-Agent"] = f"{TOOL}/{__version__}{contact}"
        self._headers["Accept-Encoding"] = "identity"
        given = {key.variable for key, value in values.items() if value} | (
            {EMAIL} if contact else set()
        )
        raising = next(
            (variable for variable in service.rates if variable in given), ""
        )
        self.rate: Rate = service.rates[raising].value
        self._pace = Pace(
            f"{service.name}-{parts.hostname}-{parts.port or ''}",
            self.rate,
            self.clock,
            pace,
        )
        self._pool = _pool(parts.scheme, parts.hostname, silence)
        # It writes whole addresses into the log, and ours carry keys.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    def ask(self, request: Request) -> Answer:
        """Send a request until it is answered well.

        Raises:
            SearchError: the service refuses, or does not answer well in `TRIES` tries, or
                asks to wait longer than `PATIENCE`.
            Expired: the cursor is too old.
        """
        wait = FIRST_WAIT
        for attempt in range(1, TRIES + 1):
            self._pace.wait()
            try:
                body = self._send(request)
                return Answer(body, request.read(body), self.clock.now())
            except Unfit as error:
                failed = _Again(self._tell(f"status 200, but {error}"))
            except _Again as error:
                failed = error
            if attempt == TRIES:
                break
            if (failed.wait or 0) > PATIENCE:
                raise self._stop(
                    request, f"{failed.what}; it asks to wait {failed.wait:,.0f} seconds",
                    f"at most {PATIENCE:.0f} seconds", "give the same command again after that time; nothing is fetched twice",
                )  # fmt: skip
            # Full jitter (Brooker 2015, Exponential Backoff And Jitter) above the service's own wish.
            spread = wait * (0.5 + 0.5 * self.clock.random())
            pause = max(failed.wait or 0, spread)
            if failed.wait:
                self._pace.pause(failed.wait)
            self.clock.sleep(pause)
            wait = min(2 * wait, LONGEST_WAIT)
        raise self._stop(
            request, f"no good answer in {TRIES} tries; the last: {failed.what}", "",
            "give the same command again later; nothing is fetched twice",
        )  # fmt: skip

    def _send(self, request: Request) -> bytes:
        everything = {**request.parameters, **self._parameters}
        address = f"{self.base}/{request.path}"
        headers = {**self.service.headers, **self._headers}
        body = None
        if request.method == "POST":
            body = urlencode(everything).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        else:
            address += f"?{urlencode(everything)}"
        started = self.clock.now()
        with self._told():
            response = self._pool.request(
                request.method, address, body=body, headers=headers, redirect=False, preload_content=False
            )  # fmt: skip
            try:
                content = self._read(response, started)
            except BaseException:
                # A connection with the rest of an answer in it must not be used again.
                response.close()
                raise
            response.release_conn()
        self._judge(request, response.status, response.headers, content)
        return content

    def _read(self, response: urllib3.BaseHTTPResponse, started: float) -> bytes:
        pieces, size = [], 0
        for piece in response.stream(CHUNK, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise SearchError(
                    Problem(
                        self._place(),
                        what=f"an answer of more than {MOST_BYTES:,} bytes",
                    )
                )
            if self.clock.now() - started > LONGEST:
                raise _Again(f"the answer was not whole after {LONGEST:.0f} seconds")
        return b"".join(pieces)

    @contextlib.contextmanager
    def _told(self):
        """Turn the library's errors, which repeat addresses with keys in them, into words of ours."""
        try:
            yield
        except urllib3.exceptions.SSLError:
            raise SearchError(
                Problem(self._place(), what="the connection is not secure: its certificate does not hold",
                        remedy="see whether a proxy or the clock of this machine is in the way")
            ) from None  # fmt: skip
        except urllib3.exceptions.NewConnectionError:
            raise _Again("no connection") from None
        except urllib3.exceptions.TimeoutError:
            raise _Again("no answer in time") from None
        except urllib3.exceptions.DecodeError:
            raise _Again("an answer that cannot be unpacked") from None
        except urllib3.exceptions.ProtocolError as error:
            cut = isinstance(error, urllib3.exceptions.IncompleteRead) or "ncomplete" in type(error.args[-1] if error.args else error).__name__  # fmt: skip
            raise _Again(
                "an answer that was cut short" if cut else "the connection broke off"
            ) from None
        except urllib3.exceptions.HTTPError:
            raise _Again("no connection, or no answer that is HTTP") from None

    def _judge(
        self, request: Request, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        if status in request.statuses:
            self._refuse_keys(request, body)
            return
        said = self._tell(words(body)) if body else "no words"
        if 300 <= status < 400:
            raise self._stop(
                request, f"status {status}: it sends us to {self._tell(_bare(headers.get('Location', 'nowhere')))}",
                "an answer from the address that was asked", "nothing is followed; see whether the service has moved",
            )  # fmt: skip
        if status == 429 and "QUOTA" in headers.get("X-ELS-Status", "").upper():
            raise self._stop(
                request, f"the key's quota is used up{self._reset(headers)}", "",
                "give the same command again once it is renewed; nothing is fetched twice",
            )  # fmt: skip
        if status in AGAIN | self.service.again:
            raise _Again(f"status {status}: {said}", self._asked_for(headers))
        if status in EXPIRED and request.is_later_page:
            raise Expired
        if status in (401, 403):
            variables = ", ".join(
                key.variable for key in self.service.keys if key.secret
            )
            raise self._stop(
                request, f"status {status}: {said}", "a key that this request is allowed with",
                f"see {variables or 'whether this address may ask'}, and what the key is entitled to",
            )  # fmt: skip
        if status in (413, 414):
            raise self._stop(request, f"status {status}: the query is too long for this service", "", "shorten it, or search in parts under several sources")  # fmt: skip
        raise self._stop(
            request, f"status {status}: {said}", "status 200", "correct the query in config.yaml, if that is what it speaks of"
        )  # fmt: skip

    def _refuse_keys(self, request: Request, body: bytes) -> None:
        if any(form in body for secret in self._secrets for form in _forms(secret)):
            raise self._stop(
                request, "the answer repeats a key of yours, so it is not kept", "", "tell the service; nothing was written"
            )  # fmt: skip

    def _asked_for(self, headers: Mapping[str, str]) -> float | None:
        """Return the seconds of Retry-After, a number or a date (RFC 9110 10.2.3); None where there is none."""
        said = headers.get("Retry-After", "").strip()
        with contextlib.suppress(ValueError, OverflowError):
            return max(0.0, min(float(said), 1e12)) if said.lower() != "nan" else None
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            return max(
                0.0,
                email.utils.parsedate_to_datetime(said).timestamp() - self.clock.now(),
            )
        return None

    def _reset(self, headers: Mapping[str, str]) -> str:
        with contextlib.suppress(ValueError, OverflowError):
            left = float(headers.get("X-RateLimit-Reset", "")) - self.clock.now()
            return f"; it is renewed in {left / 3600:,.1f} hours" if left > 0 else ""
        return ""

    def _place(self) -> str:
        return self._tell(f"{self.service.name} at {self.base}")

    def _stop(
        self, request: Request, what: str, expected: str = "", remedy: str = ""
    ) -> SearchError:
        return SearchError(Problem(f"{self._place()}/{request.path}", what=what, expected=expected, remedy=remedy))  # fmt: skip

    def _tell(self, text: str) -> str:
        """Return a text of the service's with the user's keys and address taken out."""
        for private in self._private:
            for form in _forms(private):
                text = text.replace(form.decode(), "***")
        return text


def _pool(scheme: str, host: str, silence: float) -> urllib3.PoolManager:
    """Return what holds the connections: through the proxy of the environment, where it has one."""
    timeout = urllib3.Timeout(connect=min(CONNECT, silence), read=silence)
    proxy = urllib.request.getproxies().get(scheme)
    if proxy and host not in LOOPBACK and not urllib.request.proxy_bypass(host):
        return urllib3.ProxyManager(proxy, retries=False, timeout=timeout)
    return urllib3.PoolManager(retries=False, timeout=timeout)


def _forms(secret: str) -> list[bytes]:
    """Return a secret as it may stand in an answer: plain, and as addresses write it."""
    return [form.encode() for form in dict.fromkeys([secret, quote(secret, safe=""), quote_plus(secret)])]  # fmt: skip


def _bare(address: str) -> str:
    """Return scheme and host of an address: the rest may hold what nobody should read."""
    parts = urlsplit(address)
    return (
        f"{parts.scheme}://{parts.hostname or ''}"
        if parts.scheme
        else address[:40].split("?")[0]
    )
