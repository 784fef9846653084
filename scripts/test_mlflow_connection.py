#!/usr/bin/env python3
"""Why does the connection to MLflow fail? The checks of `hokusai doctor`, where there is no Node.

    python3 test_mlflow_connection.py [--tracking-uri URI] [--read-only] [--json] …

Python 3.9 or newer, nothing but its standard library. Names and statuses of the checks, the report as JSON and the exit
codes are those of `hokusai doctor` (docs/troubleshooting/doctor.md). Settings come from the environment, as for MLflow.
"""

from __future__ import annotations

import argparse
import base64
import configparser
import email.utils
import http.client
import importlib.metadata
import ipaddress
import json
import math
import netrc
import os
import queue
import re
import shutil
import socket
import ssl
import sys
import textwrap
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, NamedTuple, Optional
from urllib.parse import quote, unquote, urlsplit

DEFAULT_TRACKING_URI = "https://registry.hokus.ai/mlflow"
EXIT_CODES = {
    "usage": 2,
    "configuration": 3,
    "unauthenticated": 4,
    "forbidden": 5,
    "rate_limited": 9,
    "unavailable": 10,
    "incomplete": 11,
    "cancelled": 130,
}
KEY = re.compile(r"hk_(?:live|test)_[0-9A-Za-z]{50}")
SECRET_PART = re.compile(r"\b(hk_(?:live|test)_[0-9A-Za-z]{12})[0-9A-Za-z]+")
USER_INFO = re.compile(r"(://)[^/\s@]*@")
MAX_BYTES = 64 * 1024
SOON_DAYS = 14
MAX_TIMEOUT_S = 3600
TOLERATED_SKEW_S = 60
BYPASS_TIMEOUT_S = 2.0
CLEAN_UP_TIMEOUT_S = 3.0
EXPERIMENT = "hokusai-doctor"
FILE = "doctor.bin"
SIZE = 4096
SECRET_VARIABLES = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "HOKUSAI_API_KEY")
PAIR = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
CA_VARIABLES = ("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "MLFLOW_TRACKING_SERVER_CERT_PATH")


# Outcomes


class Outcome(NamedTuple):
    status: str
    saw: str
    advice: list[str]
    failure: Optional[str] = None


def ok(saw: str) -> Outcome:
    return Outcome("ok", saw, [])


def warning(saw: str, *advice: str) -> Outcome:
    return Outcome("warning", saw, list(advice))


def failed(failure: str, saw: str, *advice: str) -> Outcome:
    return Outcome("failed", saw, list(advice), failure)


def skipped(saw: str, *advice: str) -> Outcome:
    return Outcome("skipped", saw, list(advice))


# Configuration


class Credentials(NamedTuple):
    """`kind` is basic, bearer or none; `secret` the password or the token."""

    kind: str
    source: str
    username: str = ""
    secret: Optional[str] = None

    def header(self) -> Optional[str]:
        if self.secret is None:
            return None
        if self.kind == "bearer":
            return f"Bearer {self.secret}"
        pair = f"{self.username}:{self.secret}".encode()
        return "Basic " + base64.b64encode(pair).decode()


NOBODY = Credentials("none", "the default")


@dataclass
class Address:
    """An http or https address; `path` begins with a slash or is empty, and does not end with one."""

    scheme: str
    host: str
    port: int
    path: str = ""

    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == default_port(self.scheme) else f"{host}:{self.port}"

    def shown(self) -> str:
        return f"{self.scheme}://{self.authority()}{self.path}"

    def place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def at(self, path: str) -> Address:
        return Address(self.scheme, self.host, self.port, path)

    def by(self, scheme: str) -> Address:
        return Address(scheme, self.host, self.port, self.path)


def default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


class Unusable(Exception):
    """Why a value can't be used: the rest of a sentence that begins with the setting's name."""


def read_address(text: str) -> Address:
    if re.search(r"\bhk_(live|test)_", text):
        raise Unusable("holds an API key, which belongs in MLFLOW_TRACKING_TOKEN")
    try:
        url = urlsplit(text.strip())
        port = url.port
    except ValueError:
        raise Unusable(f"must be an address such as {DEFAULT_TRACKING_URI}") from None
    if url.scheme not in ("http", "https") or not url.hostname or re.search(r"\s", url.netloc):
        raise Unusable(f"must be an address such as {DEFAULT_TRACKING_URI}, with https:// or http://")
    if url.username or url.password:
        raise Unusable(f"holds a user name or password; give them as {PAIR[0]} and {PAIR[1]}")
    if url.query or url.fragment:
        raise Unusable("must end with its path, without ? and #")
    path = quote(url.path, safe="%/:@!$&'()*+,;=~[]|^", errors="replace").rstrip("/")
    return Address(url.scheme, url.hostname, port or default_port(url.scheme), path)


@dataclass
class Situation:
    """The configuration as far as it can be used."""

    env: dict[str, str]
    address: Optional[Address] = None
    given_uri: str = ""
    source: str = "the default"
    credentials: Credentials = NOBODY
    is_mock: bool = False
    problems: list[str] = field(default_factory=list)


def situation_of(env: dict[str, str], argument: Optional[str]) -> Situation:
    it = Situation(env)
    if argument:
        it.given_uri, it.source = argument, "--tracking-uri"
    elif env.get("MLFLOW_TRACKING_URI"):
        it.given_uri, it.source = env["MLFLOW_TRACKING_URI"], "MLFLOW_TRACKING_URI"
    elif env.get("HOKUSAI_API_URL"):
        it.given_uri, it.source = env["HOKUSAI_API_URL"].rstrip("/") + "/mlflow", "HOKUSAI_API_URL"
    try:
        it.address = read_address(it.given_uri or DEFAULT_TRACKING_URI)
    except Unusable as problem:
        it.problems.append(f"{it.source} {problem}")
    it.problems += wrong_numbers(env)
    it.is_mock = read_mock_mode(env, it.problems)
    it.credentials = read_credentials(env, it.problems)
    return it


def read_credentials(env: dict[str, str], problems: list[str]) -> Credentials:
    """The first that there is: the pair, MLFLOW_TRACKING_TOKEN, HOKUSAI_API_KEY."""
    username, password = (env.get(name) for name in PAIR)
    if username and password:
        if ":" in username:
            problems.append(f"{PAIR[0]} holds a colon, which Basic can't carry")
        return Credentials("basic", PAIR[1], username, password)
    if username or password:
        given, missing = PAIR if username else reversed(PAIR)
        problems.append(f"{given} is given without {missing}: give both or neither")
        return NOBODY
    for name in ("MLFLOW_TRACKING_TOKEN", "HOKUSAI_API_KEY"):
        token = env.get(name)
        if token:
            if not re.fullmatch(r"[\x21-\x7e]+", token):
                problems.append(
                    f"{name} holds a space, a line break or another character that no key has: "
                    "copy it again, with nothing before or after it"
                )
            return Credentials("bearer", name, secret=token)
    return NOBODY


def wrong_numbers(env: dict[str, str]) -> list[str]:
    """(variable, least, factor): settings of the SDK that are whole numbers, in its own units."""
    settings = [
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", 1, 1000),
        ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", 0, 1),
        ("HOKUSAI_RETRY_BUDGET_MS", 0, 1),
        ("HOKUSAI_MAX_RETRY_AFTER_MS", 0, 1),
        ("HOKUSAI_METRICS_BUFFER_SIZE", 1, 1),
        ("HOKUSAI_METRICS_FLUSH_MS", 1, 1),
    ]
    problems = []
    for name, least, factor in settings:
        text = env.get(name)
        if not text:
            continue
        value = float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else math.nan
        is_whole = factor > 1 or value == math.floor(value) if not math.isnan(value) else False
        if not (is_whole and least <= round(value * factor) < 2**31):
            problems.append(f"{name} must be a number from {least / factor:g} on")
    return problems


def read_mock_mode(env: dict[str, str], problems: list[str]) -> bool:
    text = env.get("HOKUSAI_MOCK_MODE", "").lower()
    if text not in ("", "true", "1", "yes", "on", "false", "0", "no", "off"):
        problems.append("HOKUSAI_MOCK_MODE must be true or false")
    return text in ("true", "1", "yes", "on")


def key_problem(secret: str) -> Optional[str]:
    """Why what was to be a key can't be one; None for a key, and for what is no key of ours at all."""
    if KEY.fullmatch(secret):
        return None
    if re.search(r"^[\"'`]|[\"'`]$", secret):
        return "it has quotation marks around it"
    if re.match(r"bearer\s", secret, re.IGNORECASE):
        return "it begins with the word Bearer, which programs add by themselves"
    if re.search(r"\s", secret):
        return "it has white space in it"
    if not secret.startswith("hk_"):
        return None
    if not re.match(r"hk_(live|test)_", secret):
        return "it begins with hk_, but not with hk_live_ or hk_test_"
    if len(secret) != 58:
        return f"it has {len(secret)} characters, and a key has 58"
    return "it has characters that no key has: after its beginning there are letters and digits only"


def shown_secret(secret: str) -> str:
    return secret[:20] if KEY.fullmatch(secret) else "not shown, since it is no Hokusai key"


def is_true(value: Optional[str]) -> bool:
    return (value or "").lower() in ("true", "1")


# What MLflow's Python client would send


def client_credentials(uri: str, env: dict[str, str]) -> Credentials:
    """`requests` replaces the header that the client makes, by what it finds elsewhere."""
    return replaced_credentials(uri, env) or made_credentials(env)


def replaced_credentials(uri: str, env: dict[str, str]) -> Optional[Credentials]:
    if is_true(env.get("MLFLOW_TRACKING_AWS_SIGV4")):
        return Credentials("other", "MLFLOW_TRACKING_AWS_SIGV4")
    if env.get("MLFLOW_TRACKING_AUTH"):
        return Credentials("other", "MLFLOW_TRACKING_AUTH")
    try:
        url = urlsplit(uri)
        host = url.hostname
    except ValueError:
        return None
    entry = netrc_entry(host, env) if host else None
    if entry is not None:
        return Credentials("basic", env.get("NETRC") or "~/.netrc", secret=entry)
    if url.username or url.password:
        return Credentials("basic", "the tracking URI", secret=unquote(url.password or ""))
    return None


def netrc_entry(host: str, env: dict[str, str]) -> Optional[str]:
    """The password for a host; None where there is no entry for it."""
    names = [env["NETRC"]] if env.get("NETRC") else ["~/.netrc", "~/_netrc"]
    path = next((path for path in map(os.path.expanduser, names) if os.path.exists(path)), None)
    try:
        found = netrc.netrc(path).authenticators(host) if path else None
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        return None
    return (found[2] or "") if found else None


def made_credentials(env: dict[str, str]) -> Credentials:
    section: Any = {}
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(os.path.expanduser("~/.mlflow/credentials"))
        section = parser["mlflow"] if "mlflow" in parser else {}
    except (configparser.Error, OSError, UnicodeDecodeError):
        pass
    username, password = (env.get(name) or section.get(name.lower()) for name in PAIR)
    if username and password:
        from_file = not all(env.get(name) for name in PAIR)
        source = "~/.mlflow/credentials" if from_file else " and ".join(PAIR)
        return Credentials("basic", source, username, password)
    token = env.get("MLFLOW_TRACKING_TOKEN")
    if token:
        return Credentials("bearer", "MLFLOW_TRACKING_TOKEN", secret=token)
    return Credentials("none", "nowhere")


def proxy_for(address: Address, env: dict[str, str]) -> Optional[tuple[str, str]]:
    names = (f"{address.scheme}_proxy", f"{address.scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    name = next((name for name in names if env.get(name)), None)
    if name is None:
        return None
    exceptions = env.get("no_proxy") or env.get("NO_PROXY") or ""
    if any(covers(entry.strip().lower(), address) for entry in exceptions.split(",")):
        return None
    value = env[name] if "://" in env[name] else f"http://{env[name]}"
    return name, urlsplit(value).netloc.rpartition("@")[2]


def covers(entry: str, address: Address) -> bool:
    if not entry:
        return False
    if entry in ("*", address.host, address.authority()):
        return True
    try:
        host = ipaddress.IPv4Address(address.host)
    except ValueError:
        return address.host.endswith("." + entry.lstrip("."))
    try:
        return "/" in entry and host in ipaddress.IPv4Network(entry, strict=False)
    except ValueError:
        return False


# One question to a server


class Trouble(Exception):
    """An answer that is none, or a refusal: `kind` as in EXIT_CODES, `code` the server's."""

    def __init__(self, kind: str, message: str, advice: list[str], code: str = ""):
        super().__init__(message)
        self.kind, self.advice, self.code = kind, advice, code

    def outcome(self, what: str) -> Outcome:
        return failed(self.kind, f"{what}: {str(self).rstrip('.')}.", *self.advice)


ADVICE = {
    "configuration": [
        "Check MLFLOW_TRACKING_URI, its path included: what answers there is not MLflow.",
        "A web page in place of JSON often is a sign-in page or a proxy that stands before the server.",
    ],
    "unauthenticated": [
        "Check MLFLOW_TRACKING_TOKEN (or HOKUSAI_API_KEY): the whole key, hk_live_… or hk_test_…, with nothing "
        "before or after it.",
        "Check that MLFLOW_TRACKING_URI is the server which made the key.",
    ],
    "forbidden": ["The key is genuine and may not do this: the message says why, and what would help."],
    "rate_limited": ["Wait as long as the server says, or ask for higher limits for the key."],
    "unavailable": [
        "Try again; if it goes on, give the request id to whoever runs the server.",
        "A 502, 503 or 504 of a gateway means that the MLflow server behind it does not answer.",
    ],
    "incomplete": ["The message says what the server does not take."],
}
KIND_BY_STATUS = {401: "unauthenticated", 403: "forbidden", 404: "configuration", 408: "unavailable", 429: "rate_limited"}


class Answer(NamedTuple):
    body: bytes
    headers: http.client.HTTPMessage
    at_s: float

    def text(self) -> str:
        return self.body.decode("utf-8", "replace").strip()


def within(timeout_s: float, work: Callable[[], Any]) -> Any:
    """In a thread, which is left to itself when its time is up: a time-out of a socket is one of silence, and a look-up
    of a name has none."""
    done: queue.SimpleQueue[tuple[Any, Optional[BaseException]]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as error:  # noqa: BLE001
            done.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        value, error = done.get(timeout=timeout_s)
    except queue.Empty:
        raise socket.timeout("timed out") from None
    if error is not None:
        raise error
    return value


class Asking(NamedTuple):
    """Who asks, and how long for."""

    address: Address
    credentials: Credentials
    timeout_s: float
    tls: Optional[ssl.SSLContext]


def ask(
    asking: Asking,
    base: Address,
    path: str,
    credentials: Credentials,
    method: str = "GET",
    body: Optional[bytes] = None,
    content_type: str = "application/json",
) -> Answer:
    headers = {"User-Agent": "hokusai-doctor-python", "Accept": "*/*"}
    authorization = credentials.header()
    if authorization is not None:
        headers["Authorization"] = authorization
    if body is not None:
        headers["Content-Type"] = content_type
    if base.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            base.host, base.port, timeout=asking.timeout_s, context=asking.tls
        )
    else:
        connection = http.client.HTTPConnection(base.host, base.port, timeout=asking.timeout_s)
    sent_s = time.time()

    def answer() -> tuple[http.client.HTTPResponse, float, bytes]:
        connection.request(method, base.path + path, body, headers)
        response = connection.getresponse()
        answer_at_s = (sent_s + time.time()) / 2
        content = response.read(MAX_BYTES)
        if len(content) < MAX_BYTES and response.length:
            raise http.client.IncompleteRead(content, response.length)
        return response, answer_at_s, content

    try:
        response, answer_at_s, content = within(asking.timeout_s, answer)
    except (OSError, http.client.HTTPException) as error:
        name = type(error).__name__
        raise Trouble("unavailable", f"No answer from {base.place()}: {name}", ADVICE["unavailable"]) from error
    finally:
        connection.close()
    if response.status >= 300:
        trouble = trouble_of(response.status, response.headers, content, base)
        trouble.args = (cleaned(str(trouble), credentials),)
        raise trouble
    return Answer(content, response.headers, answer_at_s)


def trouble_of(status: int, headers: http.client.HTTPMessage, content: bytes, base: Address) -> Trouble:
    said = parsed(content)
    said = said if isinstance(said, dict) else {}
    code = str(said.get("error_code", ""))
    if status < 400:
        where = re.sub(r"[?#].*", "", headers.get("Location", "elsewhere"))
        return Trouble("configuration", f"{base.place()} redirects to {where} with {status}", ADVICE["configuration"])
    kind = KIND_BY_STATUS.get(status) or ("unavailable" if status >= 500 else "incomplete")
    message = said.get("message") or said.get("detail") or f"{base.place()} answered {status}"
    return Trouble(kind, str(message)[:2000], ADVICE[kind], code)


def cleaned(text: str, credentials: Credentials = NOBODY) -> str:
    """Without what was sent, which servers may repeat, and without whatever else looks like a key."""
    text = USER_INFO.sub(r"\1…@", SECRET_PART.sub(r"\1…", text))
    if credentials.kind == "basic":
        text = text.replace(f"{credentials.username}:{credentials.secret}", f"{credentials.username}:…")
    for secret in [*(credentials.header() or "").split()[1:2], credentials.secret]:
        if secret:
            text = without_secret(text, secret)
    return text


def without_secret(text: str, secret: str) -> str:
    """Wherever it is, if it is long enough to be nothing else; a shorter one as a word of its own, and one of less than
    four characters only where secrets stand: a password `a` does not take every letter a from a message."""
    if len(secret) >= 8:
        return text.replace(secret, "…")
    text = re.sub(rf"\b((?:Basic|Bearer)\s+){re.escape(secret)}(?![\w=])", r"\1…", text, flags=re.IGNORECASE)
    return text if len(secret) < 4 else re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", text)


def parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def is_json_object(content: bytes) -> dict[str, Any]:
    said = parsed(content)
    if isinstance(said, dict):
        return said
    raise Trouble("configuration", "The answer is not JSON", ADVICE["configuration"])


# The checks


def check_configuration(it: Situation) -> Outcome:
    if it.problems or it.address is None:
        return failed(
            "configuration",
            f"{'. '.join(it.problems)}.",
            "Correct that. Until then all is looked at that needs no credentials.",
        )
    secret = it.credentials.secret
    told = f"The tracking URI is {it.address.shown()} (from {it.source})."
    if secret is None:
        told += " There are no credentials."
    else:
        scheme = "Basic, with the password" if it.credentials.kind == "basic" else "a Bearer token,"
        told += f" Credentials are {scheme} {shown_secret(secret)} (from {it.credentials.source})."
        problem = key_problem(secret)
        is_password = it.credentials.kind == "basic" and not re.search(r"hk_(live|test)_", secret)
        if problem is not None and not is_password:
            return failed(
                "configuration",
                f"{told} The key can't be one: {problem}.",
                f"Copy the key anew into {it.credentials.source}: hk_live_… or hk_test_…, 58 characters, "
                "nothing before or after it.",
            )
    findings = hidden_credentials(it) + clients_own(it) + surroundings(it, it.address)
    if not findings:
        return ok(told)
    return warning(" ".join([told, *(saw for saw, _ in findings)]), *(advice for _, advice in findings))


Findings = list[tuple[str, str]]


def hidden_credentials(it: Situation) -> Findings:
    findings = []
    is_pair = it.credentials.kind == "basic"
    used = f"The pair {' and '.join(PAIR)}" if is_pair else it.credentials.source
    for name in SECRET_VARIABLES:
        if it.env.get(name) and it.env[name] != it.credentials.secret:
            saw = f"{used} goes before {name}, which holds something else and is not used."
            unset = f"Unset {' and '.join(PAIR)} to use {name}, or unset {name}."
            findings.append((saw, unset if is_pair else f"Unset {name}, or give it the same value."))
    return findings


def clients_own(it: Situation) -> Findings:
    sent = client_credentials(it.given_uri or DEFAULT_TRACKING_URI, it.env)
    from_variables = sent.source.startswith("MLFLOW_TRACKING_") and sent.kind != "other"
    is_same = sent.secret is not None and sent.secret == it.credentials.secret
    if sent.kind == "none" or from_variables or is_same or it.address is None:
        return []
    if sent.kind == "other":
        advice = f"Unset {sent.source}: a Hokusai gateway takes keys."
    elif sent.source == "~/.mlflow/credentials":
        advice = f"Remove the [mlflow] section of {sent.source}, or put the key there as the password."
    else:
        advice = (
            f"Remove the entry for {it.address.host} (or the default one) from {sent.source}, "
            "or make the key its password."
        )
    return [(f"MLflow's Python client sends what {sent.source} says in place of these credentials.", advice)]


def surroundings(it: Situation, address: Address) -> Findings:
    findings: Findings = []
    if it.is_mock:
        saw = "HOKUSAI_MOCK_MODE is on: programs of the SDK talk to no server."
        findings.append((saw, "Unset HOKUSAI_MOCK_MODE for programs that are to track on the server."))
    proxy = proxy_for(address, it.env)
    if proxy:
        findings.append(
            (
                f"{proxy[0]} names the proxy {proxy[1]}, which MLflow's Python client uses for {address.host}; "
                "these checks connect directly.",
                f"Add {address.host} to NO_PROXY if it is reached without the proxy.",
            )
        )
    insecure = is_true(it.env.get("MLFLOW_TRACKING_INSECURE_TLS"))
    unchecked = ["MLFLOW_TRACKING_INSECURE_TLS"] if insecure else []
    if it.env.get("NODE_TLS_REJECT_UNAUTHORIZED") == "0":
        unchecked.append("NODE_TLS_REJECT_UNAUTHORIZED")
    for name in unchecked:
        findings.append(
            (
                f"{name} switches off the check of certificates: anybody on the way can pose as the server and "
                "take the key.",
                f"Unset {name}, and name the file of your authority in NODE_EXTRA_CA_CERTS and REQUESTS_CA_BUNDLE.",
            )
        )
    for name in CA_VARIABLES:
        if it.env.get(name) and not os.path.exists(it.env[name]):
            findings.append((f"{name} names a file that is not there.", f"Correct {name}, or unset it."))
    return findings


def check_dns(address: Address, timeout_s: float) -> Outcome:
    if is_ip(address.host):
        return ok(f"{address.host} is an address: there is no name to look up.")
    try:
        found = within(
            timeout_s, lambda: socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError) as error:
        return failed(
            "unavailable",
            f"{address.host} has no address that this machine can find ({error}).",
            "Check the spelling of the host in MLFLOW_TRACKING_URI.",
            "If the host is right, check the DNS, and that the VPN which serves the name is connected.",
        )
    addresses = sorted({str(entry[4][0]) for entry in found})
    return ok(f"{address.host} has {'the address' if len(addresses) == 1 else 'the addresses'} {', '.join(addresses)}.")


def is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_tcp(address: Address, timeout_s: float) -> Outcome:
    def connected() -> str:
        with socket.create_connection((address.host, address.port), timeout_s) as connection:
            return str(connection.getpeername()[0])

    try:
        return ok(f"{address.place()} takes connections (at {within(timeout_s, connected)}).")
    except socket.timeout:
        return failed(
            "unavailable",
            f"{address.place()} did not answer within {timeout_s:g} s.",
            "Check host and port of MLFLOW_TRACKING_URI.",
            "Check that the VPN is connected, and that no firewall stands between: it drops what it does not let through.",
        )
    except OSError as error:
        return failed(
            "unavailable",
            f"{address.place()} takes no connection ({error.strerror or error}).",
            "Check host and port of MLFLOW_TRACKING_URI.",
            "Check that the server is running there, and listens to more than its own machine.",
        )


def tls_context(env: dict[str, str]) -> ssl.SSLContext:
    """Trusts the system's authorities, and those that the environment names for Python."""
    context = ssl.create_default_context()
    for name in ("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = env.get(name)
        if path and os.path.exists(path):
            try:
                context.load_verify_locations(**{"capath" if os.path.isdir(path) else "cafile": path})
            except (OSError, ssl.SSLError):
                continue
            break
    return context


def check_tls(address: Address, context: ssl.SSLContext, timeout_s: float) -> Outcome:
    if address.scheme == "http":
        return plain_http(address.host)

    def shaken() -> tuple[Any, str]:
        with socket.create_connection((address.host, address.port), timeout_s) as connection:
            with context.wrap_socket(connection, server_hostname=address.host) as secure:
                return secure.getpeercert() or {}, secure.version() or "TLS"

    try:
        certificate, protocol = within(timeout_s, shaken)
    except ssl.SSLCertVerificationError as error:
        return failed(
            "unavailable",
            f"The certificate of {address.place()} is not trusted ({error.verify_message}).",
            "If it is from an authority of your own, name the authority's file in NODE_EXTRA_CA_CERTS (programs of "
            "Node.js) and REQUESTS_CA_BUNDLE (Python).",
            "Check that MLFLOW_TRACKING_URI names the host that the certificate is for, and this machine's clock.",
        )
    except (OSError, ssl.SSLError) as error:
        if speaks_http(address, timeout_s):
            return failed(
                "configuration",
                f"{address.place()} speaks plain HTTP, not TLS, and the tracking URI begins with https://.",
                "If the server has another port for HTTPS, name that one in MLFLOW_TRACKING_URI.",
                f"Otherwise set MLFLOW_TRACKING_URI to {address.by('http').shown()}; a gateway takes keys that way from "
                "its own machine only, unless ALLOW_INSECURE_HTTP lets them come.",
            )
        return failed(
            "unavailable",
            f"{address.place()} does not speak TLS ({error}).",
            "Check that the port of MLFLOW_TRACKING_URI is the one for HTTPS.",
            "If the server is behind a proxy or load balancer, check that it passes HTTPS on.",
        )
    valid_to_s = ssl.cert_time_to_seconds(certificate["notAfter"])
    day = datetime.fromtimestamp(valid_to_s, timezone.utc).date().isoformat()
    who, issuer = name_of(certificate.get("subject", ())), name_of(certificate.get("issuer", ()))
    saw = f"{protocol}, the certificate of {who}, issued by {issuer}, valid until {day}."
    if days_until(valid_to_s) >= SOON_DAYS:
        return ok(saw)
    return warning(saw, f"Have the certificate renewed before {day}: then nothing connects any more.")


def speaks_http(address: Address, timeout_s: float) -> bool:
    def first_bytes() -> bytes:
        with socket.create_connection((address.host, address.port), timeout_s) as connection:
            connection.sendall(f"HEAD / HTTP/1.1\r\nHost: {address.host}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(5)

    try:
        return bool(within(timeout_s, first_bytes) == b"HTTP/")
    except OSError:
        return False


def speaks_tls(address: Address, timeout_s: float) -> bool:
    """Whether it answers a handshake, with whatever certificate. Nothing is sent on this connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    def shaken() -> bool:
        with socket.create_connection((address.host, address.port), timeout_s) as connection:
            with context.wrap_socket(connection, server_hostname=address.host):
                return True

    try:
        return bool(within(timeout_s, shaken))
    except OSError:
        return False


def name_of(names: Any) -> str:
    fields = dict(pair for group in names for pair in group)
    return fields.get("commonName") or fields.get("organizationName") or "nobody"


def plain_http(host: str) -> Outcome:
    if re.fullmatch(r"localhost|.+\.localhost|127(\.\d+){3}|::1", host):
        return skipped("Plain HTTP, which does not leave this machine.")
    return warning(
        f"The key travels unencrypted to {host}: anybody on the way can take it.",
        "Use https://. A gateway refuses keys over plain HTTP, unless ALLOW_INSECURE_HTTP lets them come so.",
    )


def days_until(moment_s: float) -> int:
    return math.floor((moment_s - time.time()) / 86400)


def check_gateway(asking: Asking) -> tuple[Outcome, Optional[Address], Optional[Answer]]:
    """The outcome, the gateway's own address, and the last answer."""
    uri = asking.address
    segments = [segment for segment in uri.path.split("/") if segment]
    parents = [segments[: len(segments) - 1 - index] for index in range(len(segments))][:4]
    bases = [uri.at("".join(f"/{segment}" for segment in parent)) for parent in parents]
    try:
        for base in [*bases, uri]:
            found = gateway_at(asking, base)
            if found is None:
                continue
            version, answer = found
            if base is uri:
                saw = f"{uri.shown()} is the address of a Hokusai gateway itself: MLflow is below it."
                return failed("configuration", saw, f"Set MLFLOW_TRACKING_URI to {uri.shown()}/mlflow."), None, None
            return ok(f"A Hokusai gateway {version} answers at {base.shown()}."), base, answer
        answer = mlflow_version(asking, uri)
    except Trouble as trouble:
        if uri.scheme == "http" and speaks_tls(uri, asking.timeout_s):
            saw = f"{uri.place()} speaks TLS, and the tracking URI begins with http://."
            advice_tls = (
                f"Set MLFLOW_TRACKING_URI to {uri.by('https').shown()}.",
                "If that is not the server which is meant, correct the port of MLFLOW_TRACKING_URI.",
            )
            return failed("configuration", saw, *advice_tls), None, None
        if trouble.kind == "unavailable":
            return trouble.outcome("The server does not answer as it should"), None, None
        saw = f"Neither a Hokusai gateway nor MLflow answers at {uri.shown()}: {trouble}."
        advice = (
            "Check MLFLOW_TRACKING_URI, its path included: a gateway serves MLflow below /mlflow.",
            "A web page often is a sign-in page, or a proxy that stands before the server.",
        )
        return failed("configuration", saw, *advice), None, None
    saw = f"MLflow {answer.text()} itself answers at {uri.shown()}: there is no Hokusai gateway before it."
    advice_alone = "If there is a gateway, set MLFLOW_TRACKING_URI to its address with /mlflow at the end."
    return warning(saw, advice_alone), None, answer


def gateway_at(asking: Asking, base: Address) -> Optional[tuple[str, Answer]]:
    try:
        answer = ask(asking, base, "/api/v1/version", NOBODY)
    except Trouble as trouble:
        # Something answers that is no gateway. Whatever does not answer here does not answer elsewhere either.
        if trouble.kind != "unavailable":
            return None
        raise
    said = parsed(answer.body)
    if isinstance(said, dict) and said.get("service") == "hokusai-gateway":
        return str(said.get("version")), answer
    return None


def mlflow_version(asking: Asking, uri: Address) -> Answer:
    answer = ask(asking, uri, "/version", NOBODY)
    if re.fullmatch(r"\d+\.\d+\S*", answer.text()):
        return answer
    raise Trouble("configuration", f"{uri.shown()}/version is no version of MLflow", ADVICE["configuration"])


def check_clock(answer: Optional[Answer]) -> Outcome:
    try:
        server_s = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp() if answer else None
    except (TypeError, ValueError):
        server_s = None
    if answer is None or server_s is None:
        return skipped("The server does not tell its time.")
    skew_s = answer.at_s - server_s
    if abs(skew_s) <= TOLERATED_SKEW_S:
        return ok("This machine's clock and the server's agree.")
    side = "ahead of" if skew_s > 0 else "behind"
    return warning(
        f"This machine's clock is {round(abs(skew_s))} s {side} the server's.",
        "Set the clock by NTP: times of runs and metrics are taken here, and certificates are judged by it.",
    )


NO_GATEWAY = "There is no gateway, so there is no key of one."


def check_key(asking: Asking, root: Optional[Address]) -> tuple[Outcome, Optional[dict[str, Any]]]:
    """The outcome, and what the gateway says of the calling key. The question costs the key nothing."""
    if root is None:
        return skipped(NO_GATEWAY), None
    secret = asking.credentials.secret
    if secret is None:
        outcome = failed(
            "configuration",
            "The gateway takes requests with a key only, and none is configured.",
            "Set MLFLOW_TRACKING_TOKEN to your key. HOKUSAI_API_KEY is taken, too, but not by MLflow's Python client.",
            "Without one, ask for it, or create it with: hokusai auth create-key --name NAME",
        )
        return outcome, None
    if not re.fullmatch(r"[\x21-\x7e]+", secret):
        outcome = failed(
            "unauthenticated",
            "The password is no key, and the gateway takes nothing else.",
            f"Make the key the password, or set MLFLOW_TRACKING_TOKEN to it and unset {' and '.join(PAIR)}.",
        )
        return outcome, None
    try:
        shown_key = Credentials("bearer", "", secret=secret)
        answer = ask(asking, root, "/api/v1/auth/whoami", shown_key)
    except Trouble as trouble:
        return trouble.outcome("The gateway does not take the key"), None
    caller = parsed(answer.body)
    if not is_caller(caller):
        saw = "The gateway says something about the key that can not be understood here."
        return failed("incomplete", saw, "This program may be too old for the gateway: bring it up to date."), None
    who = f"{caller['key_prefix']}, “{caller['name']}” of {caller['user']['display_name']}"
    saw = f"The gateway knows {cleaned(who, shown_key)}."
    left, limit = (answer.headers.get(f"X-RateLimit-{name}", "") for name in ("Remaining", "Limit"))
    if not (left.isdigit() and limit.isdigit()):
        return ok(saw), caller
    if int(left) > 0:
        return ok(f"{saw} It has {left} of {limit} requests of this hour left."), caller
    return (
        warning(
            f"{saw} It has used up its limit of {limit} requests per hour.",
            "Wait, or ask for a higher limit: until then requests are answered 429, and MLflow's Python client waits "
            "silently.",
        ),
        caller,
    )


def is_caller(said: Any) -> bool:
    if not isinstance(said, dict) or not isinstance(said.get("user"), dict):
        return False
    texts = (said.get("key_prefix"), said.get("name"), said["user"].get("display_name"))
    times = (said.get("expires_at"), said.get("secret_valid_until"))
    scopes = said.get("scopes")
    return (
        all(isinstance(text, str) for text in texts)
        and all(moment is None or isinstance(moment, str) for moment in times)
        and isinstance(scopes, list)
        and all(isinstance(scope, str) for scope in scopes)
    )


def check_expiry(caller: Optional[dict[str, Any]]) -> Outcome:
    if caller is None:
        return skipped(NO_GATEWAY)
    end, grace_end = caller.get("expires_at"), caller.get("secret_valid_until")
    if grace_end is not None:
        saw = f"The key was rotated. This old secret of it works until {moment_of(grace_end)}."
        return warning(saw, "Put the new secret in its place before.")
    if end is None:
        return ok("The key does not expire.")
    saw = f"The key expires at {moment_of(end)}."
    at = seconds_of(end)
    if at is not None and days_until(at) >= SOON_DAYS:
        return ok(saw)
    return warning(
        saw, "Ask for its expiry to be extended, or for a new key: hokusai auth update-key ID --expires 90d"
    )


def seconds_of(moment: str) -> Optional[float]:
    try:
        at = datetime.fromisoformat(re.sub(r"Z$", "+00:00", moment))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp()


def moment_of(moment: str) -> str:
    at = seconds_of(moment)
    if at is None:
        return moment
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


MEANING = {
    "mlflow:read": "look at everything, search and download",
    "mlflow:write": "log runs, upload artifacts and register models",
    "mlflow:delete": "delete",
}


def check_scopes(caller: Optional[dict[str, Any]]) -> Outcome:
    if caller is None:
        return skipped(NO_GATEWAY)
    held = caller["scopes"]
    can = [f"{meaning} ({scope})" for scope, meaning in MEANING.items() if scope in held]
    cannot = [f"{meaning} ({scope})" for scope, meaning in MEANING.items() if scope not in held]
    parts = [f"It can {', '.join(can)}."] if can else []
    parts += [f"It can't {', '.join(cannot)}."] if cannot else []
    saw = " ".join(parts)
    if "mlflow:read" not in held:
        return failed("forbidden", saw, ask_for("mlflow:read"), "Without it no client of MLflow gets far.")
    if "mlflow:write" not in held:
        return warning(saw, f"Logging is refused with 403. If this program is to log: {ask_for('mlflow:write')}")
    return ok(saw)


def ask_for(scope: str) -> str:
    return f"Ask for the scope {scope}: an administrator adds it with hokusai auth update-key ID --scope …"


def check_mlflow(asking: Asking) -> Outcome:
    uri = asking.address
    try:
        version = mlflow_version(asking, uri).text()
        if ask(asking, uri, "/health", NOBODY).text() != "OK":
            raise Trouble("configuration", f"{uri.shown()}/health does not say OK", ADVICE["configuration"])
    except Trouble as trouble:
        return trouble.outcome("MLflow does not answer as it should")
    saw = f"MLflow {version} answers at {uri.shown()}, and is healthy."
    if int(version.split(".")[0]) >= 2:
        return ok(saw)
    return warning(saw, "It is older than what this SDK is tested with: MLflow 2 and 3.")


def check_bypass(asking: Asking, root: Optional[Address], direct: Optional[str]) -> Outcome:
    if root is None:
        return skipped("There is no gateway that one could go around.")
    try:
        url = read_address(direct) if direct else Address("http", asking.address.host, 5000)
    except Unusable:
        saw = "The direct address of MLflow can not be used."
        return failed("configuration", saw, "Give it like http://mlflow.internal:5000.")
    if not direct and url.place() == root.place():
        return skipped(f"{url.shown()} is the gateway itself.")
    try:
        brief = asking._replace(timeout_s=min(asking.timeout_s, BYPASS_TIMEOUT_S))
        version = mlflow_version(brief, url).text()
    except Trouble:
        return ok(f"MLflow does not answer past the gateway, at {url.shown()}.")
    return warning(
        f"MLflow {version} answers past the gateway, at {url.shown()}: without a key, a limit or a record.",
        "Let nobody but the gateway reach it: bind it to an address that only the gateway can reach, or close the port.",
    )


class Tracking:
    """MLflow's REST API, as far as the artifact round trip needs it."""

    def __init__(self, asking: Asking):
        self.asking = asking

    def call(self, method: str, path: str, body: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        return is_json_object(self.send(method, f"/api/2.0/mlflow/{path}", content).body)

    def send(self, method: str, path: str, body: Optional[bytes] = None, kind: str = "application/json") -> Answer:
        return ask(self.asking, self.asking.address, path, self.asking.credentials, method, body, kind)

    def experiment_id(self) -> str:
        try:
            found = self.call("GET", f"experiments/get-by-name?experiment_name={EXPERIMENT}")["experiment"]
        except Trouble as trouble:
            if trouble.code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return str(self.call("POST", "experiments/create", {"name": EXPERIMENT})["experiment_id"])
        if found.get("lifecycle_stage") == "deleted":
            self.call("POST", "experiments/restore", {"experiment_id": found["experiment_id"]})
        return str(found["experiment_id"])

    def start_run(self) -> dict[str, Any]:
        body = {
            "experiment_id": self.experiment_id(),
            "run_name": "doctor",
            "start_time": round(time.time() * 1000),
            "tags": [{"key": "mlflow.source.name", "value": "hokusai doctor"}],
        }
        return dict(self.call("POST", "runs/create", body)["run"]["info"])


def check_artifacts(asking: Asking, caller: Optional[dict[str, Any]], is_read_only: bool) -> Outcome:
    def may(scope: str) -> bool:
        return caller is None or scope in caller["scopes"]

    if is_read_only:
        return skipped("Nothing is to be written on the server.")
    if not may("mlflow:write"):
        return skipped("The key lacks the scope mlflow:write, without which nothing can be uploaded.")
    tracking = Tracking(asking)
    try:
        run = tracking.start_run()
    except KeyboardInterrupt:
        print(f"A run of experiment {EXPERIMENT} may stay.", file=sys.stderr)
        raise
    except Trouble as trouble:
        return trouble.outcome("No run can be made")
    found = re.fullmatch(r"mlflow-artifacts:(?://)?/(?!/)(.*)", str(run.get("artifact_uri", "")))
    path = f"/api/2.0/mlflow-artifacts/artifacts/{quote(found[1].rstrip('/'))}/{FILE}" if found else None
    try:
        return round_trip(tracking, str(run["run_id"]), path, may("mlflow:delete"))
    except KeyboardInterrupt:
        print(clean_up(tracking, str(run["run_id"]), path, may("mlflow:delete")), file=sys.stderr)
        raise


def round_trip(tracking: Tracking, run_id: str, path: Optional[str], may_delete: bool) -> Outcome:
    if path:
        outcome = transfer(tracking, path)
    else:
        outcome = skipped(
            "The artifacts of this run are not passed on by the tracking server (mlflow-artifacts:).",
            "Start the MLflow server with --serve-artifacts and --artifacts-destination <the store>, so that it "
            "passes artifacts on.",
        )
    left = clean_up(tracking, run_id, path, may_delete)
    return outcome._replace(saw=f"{outcome.saw} {left}")


def transfer(tracking: Tracking, path: str) -> Outcome:
    sent = os.urandom(SIZE)
    try:
        tracking.send("PUT", path, sent, "application/octet-stream")
    except Trouble as trouble:
        return trouble.outcome("The upload of an artifact failed")
    try:
        came = tracking.send("GET", path).body
    except Trouble as trouble:
        return trouble.outcome("The download of an artifact failed")
    if came == sent:
        return ok(f"An artifact of {SIZE} bytes went to the server and came back the same.")
    return failed(
        "incomplete",
        f"Of an artifact of {SIZE} bytes, {len(came)} came back, and not the same.",
        "Look for a proxy that changes what passes through it, and at the disk of the artifact store.",
    )


def clean_up(tracking: Tracking, run_id: str, path: Optional[str], may_delete: bool) -> str:
    """Says what is left on the server."""
    asking = tracking.asking
    tracking = Tracking(asking._replace(timeout_s=min(asking.timeout_s, CLEAN_UP_TIMEOUT_S)))
    try:
        end = {"run_id": run_id, "status": "FINISHED", "end_time": round(time.time() * 1000)}
        tracking.call("POST", "runs/update", end)
        if not may_delete:
            return f"Run {run_id} of experiment {EXPERIMENT} stays: the key lacks the scope mlflow:delete."
        if path:
            try:
                tracking.send("DELETE", path)
            except Trouble:
                pass  # The upload may have failed.
        tracking.call("POST", "runs/delete", {"run_id": run_id})
    except Trouble:
        return f"Run {run_id} of experiment {EXPERIMENT} could not be deleted again."
    return "The run and its file are deleted again."


def check_python(it: Situation) -> Outcome:
    python = f"{sys.executable} (Python {sys.version.split()[0]})"
    found = distribution("mlflow") or distribution("mlflow-skinny")
    if found is None:
        return skipped(f"{python} has no MLflow.", "Where it is to be used: pip install mlflow")
    name, version = found
    uri = it.env.get("MLFLOW_TRACKING_URI")
    sent = client_credentials(uri or it.given_uri, it.env)
    advice = []
    if not uri:
        target = it.address.shown() if it.address and not it.problems else "the address"
        advice.append(f"Set MLFLOW_TRACKING_URI to {target} for Python: without it MLflow keeps everything in local files.")
    if not it.problems and it.credentials.secret is not None and sent.secret != it.credentials.secret:
        advice.append(
            "Put the key into MLFLOW_TRACKING_TOKEN for Python: its client reads no HOKUSAI_API_KEY."
            if sent.kind == "none"
            else f"Python's client sends what it finds in {sent.source}, and the SDK something else: make them the same."
        )
    if int(version.split(".")[0]) < 2:
        advice.append("Bring MLflow up to date: pip install --upgrade mlflow")
    address = "the address in MLFLOW_TRACKING_URI" if uri else "files of its own"
    saw = f"{python} has {name} {version}. It would use {address}, with {described(sent)}."
    return warning(saw, *advice) if advice else ok(saw)


def distribution(name: str) -> Optional[tuple[str, str]]:
    """Without importing MLflow, which takes seconds."""
    try:
        return name, importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def described(sent: Credentials) -> str:
    if sent.kind == "none":
        return "no credentials"
    if sent.secret is None:
        return f"what {sent.source} makes"
    scheme = "Basic, the password being" if sent.kind == "basic" else "a Bearer token,"
    return f"{scheme} {shown_secret(sent.secret)} (from {sent.source})"


# One after the other

NEEDS = {
    "configuration": [],
    "dns": [],
    "tcp": ["dns"],
    "tls": ["tcp"],
    "gateway": ["tls"],
    "clock": ["gateway"],
    "key": ["configuration", "gateway"],
    "expiry": ["key"],
    "scopes": ["key"],
    "mlflow": ["gateway"],
    "bypass": ["gateway"],
    "artifacts": ["scopes", "mlflow"],
    "python": [],
}


def diagnose(it: Situation, options: argparse.Namespace) -> dict[str, Any]:
    lost: dict[str, str] = {}
    outcomes: dict[str, Outcome] = {}
    steps = steps_of(it, options)
    for name, needs in NEEDS.items():
        culprit = next((lost[need] for need in needs if need in lost), None)
        outcome = skipped(f"Not looked at, since {culprit} failed.") if culprit else made(steps[name])
        if culprit or outcome.status == "failed":
            lost[name] = culprit or name
        outcomes[name] = outcome
    checks = [{"name": name, **without_keys(outcome)._asdict()} for name, outcome in outcomes.items()]
    bad = [check for check in checks if check["status"] == "failed"]
    is_warned = any(check["status"] == "warning" for check in checks)
    target = it.address and (it.address.shown() if it.address.path else f"{it.address.shown()}/")
    return {
        "verdict": "failed" if bad else "warning" if is_warned else "ok",
        "failure": bad[0]["failure"] if bad else None,
        "target": target,
        "checks": checks,
    }


def steps_of(it: Situation, options: argparse.Namespace) -> dict[str, Callable[[], Outcome]]:
    found: dict[str, Any] = {"root": None, "answer": None, "caller": None}
    timeout_s = float(options.timeout)
    context = tls_context(it.env)

    def at(step: Callable[[Asking], Outcome]) -> Callable[[], Outcome]:
        credentials = NOBODY if it.problems else it.credentials

        def taken() -> Outcome:
            if it.address is None:
                return skipped("There is no address to look at.")
            return step(Asking(it.address, credentials, timeout_s, context))

        return taken

    def gateway(asking: Asking) -> Outcome:
        outcome, found["root"], found["answer"] = check_gateway(asking)
        return outcome

    def key(asking: Asking) -> Outcome:
        outcome, found["caller"] = check_key(asking, found["root"])
        return outcome

    return {
        "configuration": lambda: check_configuration(it),
        "dns": at(lambda asking: check_dns(asking.address, timeout_s)),
        "tcp": at(lambda asking: check_tcp(asking.address, timeout_s)),
        "tls": at(lambda asking: check_tls(asking.address, context, timeout_s)),
        "gateway": at(gateway),
        "clock": at(lambda _: check_clock(found["answer"])),
        "key": at(key),
        "expiry": at(lambda _: check_expiry(found["caller"])),
        "scopes": at(lambda _: check_scopes(found["caller"])),
        "mlflow": at(check_mlflow),
        "bypass": at(lambda asking: check_bypass(asking, found["root"], options.direct)),
        "artifacts": at(lambda asking: check_artifacts(asking, found["caller"], options.read_only)),
        "python": lambda: check_python(it),
    }


def made(step: Callable[[], Outcome]) -> Outcome:
    """A defect of a check must not take the others along."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001
        return failed("incomplete", f"This check has a defect: {error!r}", "Report it, with this line.")


def without_keys(outcome: Outcome) -> Outcome:
    return outcome._replace(saw=cleaned(outcome.saw), advice=[cleaned(line) for line in outcome.advice])


# The command


def options_of(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tracking-uri", metavar="URI", help="look at this one, before MLFLOW_TRACKING_URI")
    parser.add_argument(
        "--direct",
        metavar="URL",
        default=os.environ.get("HOKUSAI_DIRECT_MLFLOW_URL") or None,
        help="where MLflow may be reached past the gateway (default: port 5000 of its host)",
    )
    parser.add_argument("--read-only", action="store_true", help="write nothing on the server")
    parser.add_argument("--strict", action="store_true", help="exit with 11 if there are warnings")
    parser.add_argument("--timeout", type=timeout_of, default=5, metavar="SECONDS", help="for each answer (default: 5)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    if any(SECRET_PART.search(argument) for argument in arguments):
        parser.error("a key stands on the command line, where others can read it: put it into MLFLOW_TRACKING_TOKEN")
    return parser.parse_args(arguments)


def timeout_of(text: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,3}", text) and int(text) <= MAX_TIMEOUT_S:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MAX_TIMEOUT_S}")


def view(report: dict[str, Any]) -> str:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    lines = []
    for check in report["checks"]:
        texts = wrapped(check["saw"], width - 24)
        for line in check["advice"]:
            texts += [("- " if index == 0 else "  ") + part for index, part in enumerate(wrapped(line, width - 26))]
        lines.append(f"{check['name']:<13}  {check['status']:<7}  {texts[0]}")
        lines += [" " * 24 + text for text in texts[1:]]
    return "\n".join(lines)


def wrapped(text: str, width: int) -> list[str]:
    printable = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    return textwrap.wrap(printable, max(40, width), break_long_words=False, break_on_hyphens=False) or [""]


def main(arguments: list[str]) -> int:
    options = options_of(arguments)
    report = diagnose(situation_of(dict(os.environ), options.tracking_uri), options)
    print(json.dumps(report, ensure_ascii=False) if options.json else view(report))
    names = {status: [c["name"] for c in report["checks"] if c["status"] == status] for status in ("failed", "warning")}
    if report["verdict"] == "failed":
        print(f"error: Failed: {', '.join(names['failed'])}.", file=sys.stderr)
        return EXIT_CODES[report["failure"]]
    warned = f"It works, with warnings: {', '.join(names['warning'])}."
    print(warned if names["warning"] else "All is well.", file=sys.stderr)
    return EXIT_CODES["incomplete"] if names["warning"] and options.strict else 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:
        # Whoever read the report has gone, and nobody is left to tell; what is still to be written goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(EXIT_CODES["cancelled"])
