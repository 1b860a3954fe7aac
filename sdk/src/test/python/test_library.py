"""Registering and libraries, against a server that answers as the supervisor does."""

import contextlib
import io
import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import capataz
from capataz import CapatazError, Context, TaskLibrary, task

SLUG = "4c1647ac-6ee8-4da7-b3bd-aa73749e5840"


@task(name="adder", tags=["sum"])
def add(a: int, b: int, ctx: Context):
    """Adds."""
    return a + b


class FakeSupervisor(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def answer(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append((self.command, self.path, body, self.headers["Authorization"]))
        view = self.server.view
        status, said = 200, view
        if url.path == "/library":
            if self.command == "GET":
                wanted = parse_qs(url.query).get("name", ["adder"])[0]
                said = [view] if wanted == "adder" else []
        elif url.path.endswith("/promote"):
            said = dict(view, promoted=body.get("version", "0.1"), level=body["level"])
        elif url.path.endswith("/source"):
            said = {"source": "def add(): ...\n"}
        elif url.path == "/library/%s/run" % SLUG:
            if body["arguments"].get("a") == "x":
                status = 400
                said = {"status": "failed", "message": "a must be an int.", "error": None}
            else:
                said = {"status": "success", "data": sum(body["arguments"].values()), "dataFormat": "json"}
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = answer


class LibraryTest(unittest.TestCase):
    def setUp(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), FakeSupervisor)
        self.server.asked = []
        parameters = [{"name": name, "type": "int", "required": True} for name in "ab"]
        self.server.view = {
            "id": SLUG,
            "library": "Sums",
            "name": "adder",
            "version": "0.1",
            "level": "U",
            "versions": [{"version": "0.1"}, {"version": "0.2"}],
            "endpoints": [{"name": "run", "parameters": parameters}],
        }
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        capataz.configure(url="http://127.0.0.1:%d" % self.server.server_port, token="JWT t", pool="", host="")

    def printed(self, call, *arguments, **names):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            call(*arguments, **names)
        return out.getvalue()

    def last(self):
        method, path, body, authorization = self.server.asked[-1]
        self.assertEqual(authorization, "Bearer t")
        return method, path, body

    def test_registering_sends_the_task_and_says_which_version_it_is(self):
        line = self.printed(add.register, "Sums", "Adds numbers", "edit", True, True, "UI", pool="python")
        self.assertRegex(
            line,
            r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] \[INFO\] adder has been successfully registered\."
            r" The most recent version available is 0\.1 !!\n$",
        )
        method, path, body = self.last()
        self.assertEqual((method, path), ("POST", "/library"))
        self.assertIn("def add(a: int, b: int, ctx: Context):", body.pop("source"))
        types = [{"name": name, "type": "int", "required": True, "annotation": "int"} for name in "ab"]
        self.assertEqual(
            body,
            {
                "libraryName": "Sums",
                "description": "Adds numbers",
                "sourceControl": "edit",
                "apiAccess": True,
                "deployable": True,
                "taskType": "UI",
                "name": "adder",
                "kind": "function",
                "tags": ["sum"],
                "pool": "python",
                "endpoints": [{"name": "run", "help": "Adds.", "parameters": types}],
            },
        )

    def test_a_library_prints_what_it_does(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            tsk = TaskLibrary()
            adder = tsk.Sums.adder
            adder.promote("O")
            adder.getVersions()
            adder.setVersion(0.2)
            adder.showCode()
            adder.deleteVersion(0.2)
            adder.delete(confirm=False)
            adder.delete(confirm=True)
        self.assertEqual(
            out.getvalue().splitlines(),
            [
                "Tasks loaded  !!",
                "Version 0.1 for the task adder has been successfully promoted to O  !!",
                "Tasks loaded  !!",
                "At this moment U have the following versions: ['0.1', '0.2']",
                "adder version switched to 0.1",
                "def add(): ...",
                "Version 0.2 for the task adder has been successfully deleted  !!",
                "adder has not been deleted  !!",
                "adder has been successfully deleted  !!",
                "Tasks loaded  !!",
            ],
        )
        self.assertEqual((adder.Extras.slug, adder.Extras.version), (SLUG, "0.1"))
        self.assertEqual(
            [asked[:2] for asked in self.server.asked],
            [
                ("GET", "/library?limit=1000"),
                ("PUT", "/library/%s/promote" % SLUG),
                ("GET", "/library?limit=1000"),
                ("GET", "/library/%s" % SLUG),
                ("PUT", "/library/%s/version" % SLUG),
                ("GET", "/library/%s/version/0.1/source" % SLUG),
                ("DELETE", "/library/%s/version/0.2" % SLUG),
                ("DELETE", "/library/%s" % SLUG),
                ("GET", "/library?limit=1000"),
            ],
        )

    def test_a_task_promotes_itself_by_its_name(self):
        self.assertEqual(add.promote("Sums", "O", 0.1), "The task adder has been promoted to O successfully !!")
        self.assertEqual(self.last()[2], {"level": "O", "version": "0.1"})

    def test_a_task_of_a_library_runs_on_a_host(self):
        with contextlib.redirect_stdout(io.StringIO()):
            tsk = TaskLibrary()
        self.assertEqual(tsk.Sums.adder.run(1, b=2), 3)
        self.assertEqual(
            self.last()[2],
            {"version": "0.1", "arguments": {"a": 1, "b": 2}, "endpoint": "run"},
        )
        with self.assertRaisesRegex(CapatazError, "a must be an int"):
            tsk.Sums.adder.run("x", 2)
        with self.assertRaisesRegex(AttributeError, "no library Nothing"):
            tsk.Nothing
        with self.assertRaisesRegex(AttributeError, "no task subtract in the library Sums"):
            tsk.Sums.subtract
        with self.assertRaisesRegex(AttributeError, "no endpoint 'other'"):
            tsk.Sums.adder.other

    def test_without_a_token_or_a_supervisor_it_says_so(self):
        capataz.configure(token="")
        with self.assertRaisesRegex(CapatazError, "There is no token"):
            TaskLibrary()
        capataz.configure(token="t", url="http://127.0.0.1:1")
        with self.assertRaisesRegex(CapatazError, "does not answer"):
            TaskLibrary()
        capataz.configure(url="file:///etc/passwd")
        with self.assertRaisesRegex(CapatazError, "must begin with http"):
            TaskLibrary()


if __name__ == "__main__":
    unittest.main()
