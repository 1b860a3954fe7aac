"""Tasks as they run here: binding of arguments, the context, classes."""

import asyncio
import datetime
import os
import tempfile
import unittest
from typing import Optional
from unittest import mock

from capataz import ArgumentError, Context, task


@task(name="adder", tags=["sum"])
def add(a: int, ctx: Context, b: int = 2, *, c: int = 0):
    """Adds numbers.

    Nobody needs this paragraph.
    """
    assert isinstance(ctx, Context)
    return a + b + c


class FunctionTest(unittest.TestCase):
    def test_the_context_is_injected_wherever_it_stands(self):
        @task
        def first(ctx: Context, a: int):
            return ctx.session.job_id + str(a)

        @task
        def last(a: int, ctx):
            return isinstance(ctx, Context), a

        @task
        def late(a: int, here: "Context"):
            return isinstance(here, Context), a

        self.assertEqual(add.run(1), 3)
        self.assertEqual(add.run(1, 5, c=1), 7)
        self.assertEqual(add(a=1), 3)
        self.assertEqual(first.run(1), "1")
        self.assertEqual(last.run(2), (True, 2))
        self.assertEqual(late.run(3), (True, 3))

    def test_arguments_that_do_not_match_are_named(self):
        for arguments, names, message in (
            ((), {}, "is missing 'a'"),
            ((1, 2, 3, 4), {}, "takes 3 arguments, not 4"),
            ((1,), {"a": 2}, "two values for 'a'"),
            ((1,), {"d": 2}, "no parameter 'd'; it has 'a', 'b', 'c'"),
            ((1,), {"ctx": 2}, "'ctx' is the context"),
        ):
            with self.assertRaisesRegex(ArgumentError, message):
                add.run(*arguments, **names)

    def test_parameters_are_described_by_their_annotations(self):
        @task
        def many(
            a: int,
            b: float,
            c: bool,
            d: str,
            e: datetime.date,
            f: datetime.datetime,
            g: dict,
            h,
            ctx: Context,
            i: str = "x",
            j: Optional[str] = None,
            k: float = float("inf"),
        ):
            pass

        described = {p.name: p.described() for p in many.parameters.all}
        types = {name: description["type"] for name, description in described.items()}
        self.assertEqual(
            types,
            dict(a="int", b="float", c="bool", d="str", e="date", f="datetime", g="json", h="json", i="str", j="json")
            | {"k": "float"},
        )
        self.assertEqual([n for n, d in described.items() if not d["required"]], ["i", "j", "k"])
        self.assertEqual(described["i"]["default"], "x")
        self.assertNotIn("default", described["j"])
        self.assertNotIn("default", described["k"])
        self.assertEqual(add.help_of("run"), "Adds numbers.")
        self.assertEqual((add.name, add.tags), ("adder", ["sum"]))

    def test_what_cannot_be_a_task_says_so(self):
        with self.assertRaisesRegex(TypeError, r"\*args"):
            task(lambda *a: a, name="x")
        with self.assertRaisesRegex(ValueError, "a Python name"):
            task(name="two words")(lambda: 1)
        with self.assertRaisesRegex(TypeError, "for functions and classes"):
            task(3)
        with self.assertRaisesRegex(TypeError, "list of texts"):
            task(name="x", tags="abc")(lambda: 1)

    def test_an_async_function_is_awaited_by_its_caller(self):
        @task
        async def later(a: int):
            return a

        self.assertEqual(asyncio.run(later.run(4)), 4)
        self.assertEqual(later.call("run", {"a": 5}, Context()), 5)


@task
class Greeter:
    """Greets."""

    def __init__(self):
        self.word = "Hello"

    async def run(self, name: str, ctx: Context) -> str:
        """Greets somebody."""
        return await self.greet(self.word, name, ctx)

    async def greet(self, word: str, name: str, ctx: Context):
        return "%s %s" % (word, name)


class ClassTest(unittest.TestCase):
    def test_each_method_is_an_endpoint(self):
        self.assertEqual(asyncio.run(Greeter.run(name="Ann")), "Hello Ann")
        self.assertEqual(asyncio.run(Greeter.greet(word="Bye", name="Ann")), "Bye Ann")
        self.assertEqual(list(Greeter.endpoints()), ["run", "greet"])
        self.assertEqual(Greeter.help_of("run"), "Greets somebody.")
        with self.assertRaisesRegex(AttributeError, "no endpoint 'shout'"):
            Greeter.shout
        with self.assertRaisesRegex(ArgumentError, "no endpoint 'shout'; it has run, greet"):
            Greeter.call("shout", {}, Context())
        with self.assertRaisesRegex(ArgumentError, "by name only"):
            Greeter.run("Ann")

    def test_methods_must_be_async_and_one_is_run(self):
        with self.assertRaisesRegex(TypeError, "must be async"):

            @task
            class Plain:
                def run(self):
                    pass

        with self.assertRaisesRegex(TypeError, "needs an async method run"):

            @task
            class Nothing:
                async def go(self):
                    pass


class ContextTest(unittest.TestCase):
    def test_a_job_tells_who_started_it(self):
        variables = {"CAPATAZ_JOB_ID": "j", "CAPATAZ_USER_NAME": "Ann", "CAPATAZ_USER_EMAIL": "ann@example.org"}
        with mock.patch.dict(os.environ, variables):
            session = Context().session
        self.assertEqual((session.display_name, session.email, session.job_id), ("Ann", "ann@example.org", "j"))

    def test_values_and_progress(self):
        ctx = Context()
        ctx.set("a", 1)
        self.assertEqual((ctx.get("a"), ctx.get("b"), ctx.get("b", 2)), (1, None, 2))
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "progress")
            with mock.patch.dict(os.environ, {"CAPATAZ_PROGRESS": file}):
                ctx.update(progress=12.7, status="copying")
                ctx.update(progress=100)
                ctx.update()
            with open(file) as lines:
                self.assertEqual(lines.read(), '{"percent": 12, "message": "copying"}\n{"percent": 100}\n')
        with self.assertRaises(ValueError):
            ctx.update(progress=101)


if __name__ == "__main__":
    unittest.main()
