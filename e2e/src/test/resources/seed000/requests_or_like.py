"""As much of requests as the notebook needs, where the machine does not have it."""

import json
import sys
import types
import urllib.error
import urllib.parse
import urllib.request


def install():
    try:
        import requests  # noqa: F401
    except ImportError:
        stand_in = types.ModuleType("requests")
        stand_in.post = post
        sys.modules["requests"] = stand_in


class Response:
    def __init__(self, status_code, content, headers):
        self.status_code = status_code
        self.content = content
        self.headers = headers

    def json(self):
        return json.loads(self.content)


def post(url, json=None, headers=None):
    import json as encoder

    sent = urllib.request.Request(
        urllib.parse.quote(url, safe=":/?=&%"),
        data=encoder.dumps(json).encode(),
        headers=dict(headers or {}, **{"Content-Type": "application/json"}),
        method="POST",
    )
    try:
        with urllib.request.urlopen(sent) as answer:
            return Response(answer.status, answer.read(), answer.headers)
    except urllib.error.HTTPError as refused:
        return Response(refused.code, refused.read(), refused.headers)
