"""Registers tasks and calls them in ways that the notebook does not; prints a line of JSON for each call."""

import contextlib
import io
import json
import os
import sys

import requests_or_like
from capataz import Context, TaskLibrary, task
from capataz.arrow import write_stream

requests_or_like.install()
import requests  # noqa: E402

address, user = sys.argv[1:]
author = os.environ["CAUTH_TOKEN"]


@task
def divide(a: int, b: int, ctx: Context):
    """Divides."""
    ctx.log.info("dividing")
    ctx.update(progress=50, status="halfway")
    if b < 0:
        return ValueError("negative")
    return a / b


@task
def table(rows: int):
    print("not in the table")
    return [{"n": n, "text": None if n % 3 == 0 else "row %d" % n, "half": n / 2} for n in range(rows)]


def say(name, answer):
    try:
        body = answer.json()
    except ValueError:
        body = None
    print(json.dumps({"call": name, "status": answer.status_code, "body": body}))


def call(token=author, **fields):
    return requests.post(url="%s/resource?token=%s" % (address, token), json=fields)


with contextlib.redirect_stdout(io.StringIO()):
    divide.register("Calls", "divides", "edit", True, False)
    tsk = TaskLibrary()
    slug = tsk.Calls.divide.Extras.slug

say("value", call(id=slug, arguments={"a": 1, "b": 4}))
say("raised", call(id=slug, arguments={"a": 1, "b": 0}))
say("returned exception", call(id=slug, arguments={"a": 1, "b": -1}))
say("wrong type", call(id=slug, arguments={"a": "one", "b": 1}))
say("missing argument", call(id=slug, arguments={"a": 1}))
say("unknown endpoint", call(id=slug, arguments={"a": 1, "b": 1}, endpoint="multiply"))
say("unknown version", call(id=slug, arguments={"a": 1, "b": 1}, version=0.7))
say("not promoted", call(token=user, id=slug, arguments={"a": 1, "b": 1}))
say("not deployable", call(id=slug, arguments={"a": 1, "b": 1}, isDeploy=True))
with contextlib.redirect_stdout(io.StringIO()):
    tsk.Calls.divide.promote("O")
    divide.register("Calls", "divides", "noAccess", False, True)
    tsk.reload()
say("promoted", call(token=user, id=slug, arguments={"a": 1, "b": 1}))
say("not opened", call(id=slug, arguments={"a": 1, "b": 1}, version="0.2"))
print(json.dumps({"call": "by the library", "body": tsk.Calls.divide.run(9, b=2)}))

with contextlib.redirect_stdout(io.StringIO()):
    table.register("Calls", "a table", "edit", True, True)
    tsk.reload()
slug = tsk.Calls.table.Extras.slug
sent = call(id=slug, arguments={"rows": 1000}, outputFormat="arrow")
here = io.BytesIO()
with contextlib.redirect_stdout(io.StringIO()):
    write_stream(table.target(1000), here)
same = sent.content == here.getvalue()
kind = sent.headers["Content-Type"]
print(json.dumps({"call": "arrow", "status": sent.status_code, "body": {"same": same, "type": kind}}))
say("deployed", call(id=slug, arguments={"rows": 1}, isDeploy=True))
