"""Functions that start others, against a server that answers as the supervisor does."""

import json
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import capataz
from capataz import ArgumentError, CapatazError, Context, call, flow, start, task
from capataz.source import script_of

SLUG = "4c1647ac-6ee8-4da7-b3bd-aa73749e5840"


@task
def both(x: int, ctx: Context):
    return start("Sums.adder", x, 1).result() + call("Sums.adder", a=x, b=2) + flow.call("Sums.adder", x, 3)


class FakeSupervisor(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def answer(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        server = self.server
        server.asked.append((self.command, self.path, body, self.headers["Authorization"]))
        status, said = 200, None
        if url.path == "/library":
            known = parse_qs(url.query)["name"] == ["adder"]
            parameters = [{"name": name, "type": "int", "required": True} for name in "ab"]
            said = [{"id": SLUG, "endpoints": [{"name": "run", "parameters": parameters}]}] if known else []
        elif url.path == "/library/%s/run" % SLUG:
            server.jobs.append(body["arguments"])
            said = {"status": "success", "data": {"job": "%024x" % (len(server.jobs) - 1)}}
        elif url.path.startswith("/resource/job/"):
            arguments = server.jobs[int(url.path.rpartition("/")[2], 16)]
            if server.late:
                server.late -= 1
                status, said = 408, {"message": "It continues."}
            elif arguments["a"] < 0:
                status = 422
                said = {"message": "ValueError: no", "error": {"type": "ValueError", "message": "no", "traceback": ""}}
            else:
                said = {"status": "success", "data": sum(arguments.values()), "dataFormat": "json"}
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer


class FlowTest(unittest.TestCase):
    def setUp(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), FakeSupervisor)
        self.server.asked, self.server.jobs, self.server.late = [], [], 0
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        capataz.configure(url="http://127.0.0.1:%d" % self.server.server_port, token="theirs")

    def test_a_function_starts_others_and_gets_what_they_return(self):
        self.assertEqual(both.run(10), 11 + 12 + 13)
        self.assertEqual(self.server.jobs, [{"a": 10, "b": 1}, {"a": 10, "b": 2}, {"a": 10, "b": 3}])
        self.assertEqual({asked[3] for asked in self.server.asked}, {"Bearer theirs"})

    def test_a_run_uses_its_own_token(self):
        with mock.patch.dict(os.environ, {"CAPATAZ_JOB_TOKEN": "ours"}):
            self.assertEqual(call("Sums.adder", 1, 2), 3)
        self.assertEqual({asked[3] for asked in self.server.asked}, {"Bearer ours"})
        self.assertEqual(self.server.asked[1][2]["isDeploy"], True)

    def test_a_result_is_waited_for_and_kept(self):
        started = start("Sums.adder", 1, 2)
        self.server.late = 2
        self.assertEqual(started.result(), 3)
        asked = len(self.server.asked)
        self.assertEqual(started.result(), 3)
        self.assertEqual(len(self.server.asked), asked)
        self.assertIn("Sums.adder", repr(started))

    def test_what_was_raised_is_told(self):
        with self.assertRaises(CapatazError) as raised:
            call("Sums.adder", -1, 2)
        self.assertEqual(raised.exception.error["type"], "ValueError")

    def test_wrong_names_and_arguments_are_refused_here(self):
        for name in ("adder", "Sums.", "Sums.adder.run.x", "Sums.a-b", "../x.y"):
            with self.assertRaises(ArgumentError):
                start(name)
        with self.assertRaises(ArgumentError):
            start("Sums.adder", 1, 2, 3)
        with self.assertRaises(ArgumentError):
            start("Sums.adder", 1, a=2)
        self.assertEqual(self.server.jobs, [])
        with self.assertRaisesRegex(CapatazError, "no task Sums.other"):
            start("Sums.other")

    def test_the_script_takes_its_imports_along(self):
        script = script_of(both)
        self.assertIn("from capataz import Context, call, flow, start, task", script)

    def test_calls_are_a_list(self):
        with self.assertRaises(TypeError):
            both.register("Sums", calls="Sums.adder")


if __name__ == "__main__":
    unittest.main()
