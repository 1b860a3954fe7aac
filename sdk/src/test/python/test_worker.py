"""Scripts of registered tasks, run by a Python of their own as an agent does."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from datetime import date
from functools import reduce as fold
from typing import Optional
import math as m

import capataz
from capataz import Context, task
from capataz.source import script_of

OUTSIDE = 3


@task(name="everything")
def everything(a: int, b: float, c: bool, d: str, e: date, f: dict, ctx: Context, g: str = "g", h: Optional[int] = None):
    print("printed")
    return [a, b, c, d, e, f, g, h, m.floor(b), fold(lambda x, y: x + y, [1, 2])]


@task
def raises(kind: str):
    def inner():
        if kind == "exit":
            raise SystemExit(4)
        raise KeyError("nothing")

    if kind == "return":
        return ValueError("as a value")
    if kind == "nan":
        return float("nan")
    if kind == "object":
        return object()
    return inner()


@task
def uses_outside():
    return OUTSIDE


@task
class Account:
    def __init__(self):
        self.rate = 2

    async def run(self, amount: int, ctx: Context):
        return await self.twice(amount, ctx)

    async def twice(self, amount: int, ctx: Context):
        return amount * self.rate


@task
def table(rows: int):
    print("this is no part of the stream")
    os.system("echo neither is this")
    return [{"n": n, "text": str(n)} for n in range(rows)]


class ScriptTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def run_script(self, of, *arguments):
        script = os.path.join(self.folder.name, of.name + ".py")
        with open(script, "w") as out:
            out.write(script_of(of))
        result = os.path.join(self.folder.name, "result")
        environment = dict(os.environ, CAPATAZ_OUTPUT=result, PYTHONPATH=os.path.dirname(os.path.dirname(capataz.__file__)))
        ended = subprocess.run([sys.executable, script, *arguments], env=environment, capture_output=True)
        with open(result) as file:
            return ended, json.load(file)

    def test_arguments_have_their_types(self):
        texts = ("1", "2.5", "true", "7", "2020-02-29", '{"x": [1]}', "", "")
        ended, result = self.run_script(everything, *texts)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(ended.stdout, b"printed\n")
        expected = [1, 2.5, True, "7", "2020-02-29", {"x": [1]}, "", None, 2, 3]
        self.assertEqual(result, {"state": "success", "data": expected})
        self.assertEqual(self.run_script(everything, *texts[:6])[1]["data"][6], "g")

    def test_a_wrong_type_is_named(self):
        for text, place in (("1.5", 0), ("x", 0), ("true", 0), ("1", 2), ("2020-02-30", 4), ("{", 5)):
            texts = ["1", "2.5", "true", "7", "2020-02-29", "{}"]
            texts[place] = text
            ended, result = self.run_script(everything, *texts)
            self.assertEqual(ended.returncode, 1)
            self.assertEqual(result["data"]["type"], "ArgumentError")
            self.assertIn("'%s' must be of type" % "abcdef"[place], result["data"]["message"])

    def test_what_is_raised_is_an_error_with_the_lines_of_the_task_only(self):
        ended, result = self.run_script(raises, "raise")
        self.assertEqual((ended.returncode, result["state"]), (1, "failure"))
        error = result["data"]
        self.assertEqual((error["type"], error["message"]), ("KeyError", "'nothing'"))
        self.assertIn('File "raises.py"', error["traceback"])
        self.assertIn("in inner", error["traceback"])
        self.assertIn('raise KeyError("nothing")', error["traceback"])
        self.assertNotIn("worker.py", error["traceback"])
        self.assertNotIn(self.folder.name, error["traceback"])
        self.assertEqual(self.run_script(raises, "exit")[1]["data"]["type"], "SystemExit")

    def test_what_is_returned_is_a_value_even_if_it_is_an_exception(self):
        ended, result = self.run_script(raises, "return")
        self.assertEqual((ended.returncode, result), (0, {"state": "success", "data": "as a value"}))

    def test_what_is_not_json_is_an_error_that_says_so(self):
        self.assertIn("NaN", self.run_script(raises, "nan")[1]["data"]["message"])
        self.assertIn("returned a object, which is not JSON", self.run_script(raises, "object")[1]["data"]["message"])

    def test_a_class_has_endpoints(self):
        self.assertEqual(self.run_script(Account, "", '{"amount": 4}')[1]["data"], 8)
        self.assertEqual(self.run_script(Account, "twice", '{"amount": 5}', "json")[1]["data"], 10)
        self.assertIn("no endpoint 'thrice'", self.run_script(Account, "thrice", "{}")[1]["data"]["message"])
        self.assertIn("must be of type int", self.run_script(Account, "run", '{"amount": "4"}')[1]["data"]["message"])

    def test_a_table_is_all_of_standard_output(self):
        ended, result = self.run_script(table, "3", "arrow")
        self.assertEqual(result, {"state": "success", "data": {"rows": 3, "bytes": len(ended.stdout)}})
        self.assertEqual(ended.stdout[:4], b"\xff\xff\xff\xff")
        self.assertEqual(ended.stdout[-8:], b"\xff\xff\xff\xff\0\0\0\0")
        self.assertEqual(ended.stderr, b"this is no part of the stream\nneither is this\n")

    def test_a_file_without_the_last_line_runs_too(self):
        script = os.path.join(self.folder.name, "plain.py")
        with open(script, "w") as out:
            out.write(script_of(table).partition("if __name__")[0])
        environment = dict(os.environ, PYTHONPATH=os.path.dirname(os.path.dirname(capataz.__file__)))
        environment.pop("CAPATAZ_OUTPUT", None)
        command = [sys.executable, "-m", "capataz.worker", script, "1"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        self.assertIn('{"state":"success","data":[{"n": 0, "text": "0"}]}', ended.stdout)


class SourceTest(unittest.TestCase):
    def test_imports_are_taken_along(self):
        script = script_of(everything)
        for line in ("import math as m\n", "from datetime import date\n", "from capataz import Context, task\n"):
            self.assertIn(line, script)
        self.assertIn("from functools import reduce as fold\n", script.replace("from _functools", "from functools"))
        self.assertTrue(script.endswith("    main(everything)\n"))

    def test_what_a_host_does_not_have_is_named(self):
        with self.assertRaisesRegex(TypeError, "uses `OUTSIDE`, defined outside of it"):
            script_of(uses_outside)

    def test_a_function_without_source_says_so(self):
        there = {}
        exec("def f(): return 1", there)
        with self.assertRaisesRegex(TypeError, "source of f is not known"):
            script_of(task(there["f"]))


if __name__ == "__main__":
    unittest.main()
