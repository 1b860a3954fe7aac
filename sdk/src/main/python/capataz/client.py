"""Requests to the supervisor, with the standard library alone."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request

from .errors import CapatazError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

_TIMEOUT = 120
_settings: dict[str, str] = {}


def configure(
    url: Optional[str] = None,
    token: Optional[str] = None,
    pool: Optional[str] = None,
    host: Optional[str] = None,
) -> None:
    """Says where the supervisor is, who asks, and where tasks that are registered run.

    What is not said comes from the environment: CAPATAZ_API_URL, CAPATAZ_TOKEN or CAUTH_TOKEN, CAPATAZ_POOL and
    CAPATAZ_HOST.
    """
    for name, value in (("url", url), ("token", token), ("pool", pool), ("host", host)):
        if value is not None:
            _settings[name] = value


def setting(name: str, *variables: str) -> str:
    """A setting; empty if there is none."""
    if name in _settings:
        return _settings[name]
    return next((os.environ[variable] for variable in variables if os.environ.get(variable)), "")


def request(
    method: str,
    path: str,
    body: Optional[dict[str, Any]] = None,
    *,
    token: Optional[str] = None,
    timeout: int = _TIMEOUT,
) -> Any:
    """Sends a request; returns what the supervisor answers, parsed."""
    return json.loads(raw(method, path, body, token=token, timeout=timeout) or b"null")


def raw(
    method: str,
    path: str,
    body: Optional[dict[str, Any]] = None,
    *,
    token: Optional[str] = None,
    timeout: int = _TIMEOUT,
) -> bytes:
    """Sends a request, with the token of the settings if no other is given; returns the bytes of the response."""
    url = setting("url", "CAPATAZ_API_URL") or "http://127.0.0.1:8080"
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise CapatazError("The address of the supervisor must begin with http:// or https://, not %s." % url)
    headers = {"Accept": "application/json, */*"}
    token = token or _bare(setting("token", "CAPATAZ_TOKEN", "CAPATAZ_JOB_TOKEN", "CAUTH_TOKEN"))
    if not token:
        raise CapatazError("There is no token. Set CAPATAZ_TOKEN, or call capataz.configure(token=...).")
    headers["Authorization"] = "Bearer " + token
    data = None
    if body is not None:
        data = json.dumps(body, allow_nan=False).encode()
        headers["Content-Type"] = "application/json"
    sent = urllib.request.Request(url.rstrip("/") + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(sent, timeout=timeout) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as refused:
        raise _refusal(refused.code, refused.read()) from None
    except urllib.error.URLError as away:
        raise CapatazError("The supervisor at %s does not answer: %s" % (url, away.reason)) from None


def _bare(token: str) -> str:
    """The token without the word that other systems put before theirs."""
    token = token.strip()
    return token[4:].strip() if token.startswith("JWT ") else token


def _refusal(status: int, body: bytes) -> CapatazError:
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    message = said.get("message") or "The supervisor answered %d." % status
    return CapatazError(str(message), status, said.get("error"))
