"""Checks a draft, or tries it; runs as a job on a host, never on a supervisor.

`check` reads the text and runs nothing of it. `trial` runs the tests of the draft in a process of its own, which first
gives up network, other processes and files by means of the kernel: seccomp and Landlock. Where the kernel cannot do
that, nothing is run.
"""

import ast
import base64
import ctypes
import hashlib
import json
import os
import platform
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time

DRAFT = "@DRAFT@"

MOST_FINDINGS = 50
LONGEST_DETAIL = 500
TRIAL_SECONDS = 60
CPU_SECONDS = 30
MEMORY = 2 << 30
LARGEST_FILE = 16 << 20
MOST_OUTPUT = 64 << 10

# Modules of Python that only compute.
HARMLESS = set(
    """__future__ abc array base64 binascii bisect calendar cmath collections colorsys contextlib copy csv dataclasses datetime
    decimal difflib enum fractions functools graphlib hashlib heapq hmac html io itertools json keyword locale math numbers
    operator pprint random re reprlib secrets statistics string struct textwrap time token tokenize typing unicodedata uuid
    warnings zlib zoneinfo""".split()
)
NETWORK = set(
    """asyncio email ftplib http imaplib ipaddress nntplib poplib select selectors smtplib socket socketserver ssl telnetlib
    urllib webbrowser xmlrpc aiohttp boto3 botocore ftputil google grpc httplib2 httpx kafka ldap3 openai paramiko psycopg
    psycopg2 pymongo pymysql redis requests smbclient tornado urllib3 websocket websockets""".split()
)
FILES = set(
    """bz2 configparser dbm fileinput filecmp fnmatch glob gzip linecache lzma mimetypes os pathlib shelve shutil sqlite3 stat
    tarfile tempfile tomllib zipfile""".split()
)
PROCESSES = set("concurrent getpass multiprocessing os platform sched shlex signal subprocess sys threading".split())
NEEDED_BY = (("network", NETWORK), ("files", FILES), ("processes", PROCESSES))

# Functions that reach for more than their arguments, whatever they belong to.
READING = set(
    """open read_clipboard read_csv read_excel read_feather read_fwf read_gbq read_hdf read_html read_json read_orc
    read_parquet read_pickle read_sas read_spss read_sql read_sql_query read_sql_table read_stata read_table read_xml
    to_csv to_excel to_feather to_hdf to_orc to_parquet to_pickle to_sql to_stata to_xml fromfile genfromtxt loadtxt memmap
    save savetxt savez savez_compressed tofile""".split()
)
REFUSED = set(
    """__import__ breakpoint compile delattr eval exec exit getattr globals help input locals memoryview quit setattr vars
    """.split()
)
REFUSED_ATTRIBUTES = set(
    """ag_code ag_frame co_code cr_code cr_frame ctypeslib f_back f_builtins f_code f_globals f_locals func_globals gi_code
    gi_frame modules tb_frame tb_next sys os subprocess system popen""".split()
)
ALLOWED_DUNDERS = set("__name__ __init__ __doc__ __len__ __iter__ __next__ __eq__ __hash__ __repr__ __str__ __lt__".split())


def draft():
    files = {file["name"]: file["content"] for file in json.loads(base64.b64decode(DRAFT))}
    lines = "".join(
        "%s  %s\n" % (hashlib.sha256(files[name].encode()).hexdigest(), name) for name in sorted(files)
    )
    return files, "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


class Checker:
    def __init__(self, files):
        self.files = files
        self.findings = []
        self.facts = json.loads(files["draft.json"])
        metadata = json.loads(files["metadata.json"])
        self.inputs = list(metadata["user_inputs"])
        self.packages = set(metadata["packages_used"])
        self.grants = set(self.facts["grants"])

    def found(self, file, node, rule, detail):
        self.findings.append(
            {"file": file, "line": getattr(node, "lineno", None), "rule": rule, "detail": detail[:LONGEST_DETAIL]}
        )

    def run(self):
        for file, more in (("function.py", set()), ("test_function.py", {"function"})):
            tree = self.parsed(file)
            if tree is not None:
                self.top(file, tree)
                self.text(file, tree, more)
                if file == "function.py":
                    self.signature(file, tree)
                elif not any(isinstance(n, ast.FunctionDef) and n.name.startswith("test_") for n in tree.body):
                    self.found(file, tree, "no_tests", "There is no function test_… at the top level.")
        return self.findings

    def parsed(self, file):
        try:
            return ast.parse(self.files[file], file)
        except SyntaxError as wrong:
            self.found(file, wrong, "syntax", "Python does not read it: %s." % wrong.msg)
        except (ValueError, RecursionError, MemoryError) as wrong:
            self.found(file, None, "syntax", "Python does not read it: %s." % type(wrong).__name__)
        return None

    def top(self, file, tree):
        for node in tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
                continue
            if isinstance(node, ast.ClassDef) and not node.decorator_list and not node.keywords:
                continue
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and is_constant(node.value):
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            self.found(
                file, node, "top_level", "Only imports, functions, classes and constants may stand at the top level."
            )

    def signature(self, file, tree):
        mains = [n for n in tree.body if getattr(n, "name", None) == "main_function"]
        if len(mains) != 1 or not isinstance(mains[0], ast.FunctionDef):
            self.found(file, mains[-1] if mains else tree, "main_function", "There must be one function main_function.")
            return
        main = mains[0]
        arguments = main.args
        names = [a.arg for a in arguments.args]
        wanted = self.inputs + ([] if self.facts["task_type"] == "input" else ["input1"])
        if names != wanted or arguments.posonlyargs or arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
            self.found(
                file,
                main,
                "parameters",
                "main_function must have the parameters (%s), not (%s)." % (", ".join(wanted), ast.unparse(arguments)),
            )
        if main.decorator_list:
            self.found(file, main, "decorator", "main_function must have no decorator.")

    def text(self, file, tree, more):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.module(file, node, alias.name, more)
            elif isinstance(node, ast.ImportFrom):
                if node.level:
                    self.found(file, node, "import", "Relative imports are refused.")
                self.module(file, node, node.module or "", more)
                if any(alias.name == "*" for alias in node.names):
                    self.found(file, node, "import", "Import names, not *.")
                for alias in node.names:
                    self.name(file, node, alias.name)
                    if alias.name in REFUSED_ATTRIBUTES:
                        self.found(file, node, "attribute", "`%s` is refused." % alias.name)
            elif isinstance(node, ast.Name):
                self.name(file, node, node.id)
            elif isinstance(node, ast.Attribute):
                self.attribute(file, node)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.name(file, node, node.name)
            elif isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.Global)):
                self.found(file, node, "syntax", "async, await and global are refused.")

    def module(self, file, node, name, more):
        root = name.partition(".")[0]
        if root in HARMLESS or root in more:
            return
        if name in ("collections.abc", "urllib.parse", "os.path") and name != "os.path":
            return
        needed = [grant for grant, modules in NEEDED_BY if root in modules]
        if needed:
            if not self.grants.intersection(needed):
                self.found(
                    file, node, "not_granted", "`%s` needs the grant %s." % (name, " or ".join(needed))
                )
            if root in self.packages or root in STANDARD:
                return
        elif root in STANDARD:
            self.found(file, node, "import", "`%s` is no module that a draft may use." % name)
            return
        if root not in self.packages:
            self.found(file, node, "undeclared", "`%s` is imported, but is not among packages_used." % root)

    def name(self, file, node, name):
        dunder = name.startswith("__") and name not in ALLOWED_DUNDERS
        if name in REFUSED or dunder or name.startswith("_capataz"):
            self.found(file, node, "refused", "`%s` is refused." % name)
        elif name in READING and "files" not in self.grants:
            self.found(file, node, "not_granted", "`%s` needs the grant files." % name)

    def attribute(self, file, node):
        name = node.attr
        if (name.startswith("__") and name not in ALLOWED_DUNDERS) or name in REFUSED_ATTRIBUTES:
            if name in ("os", "system", "popen", "subprocess", "sys") and "processes" in self.grants:
                return
            self.found(file, node, "attribute", "`.%s` is refused." % name)
        elif name in READING and not self.grants.intersection(("files", "network")):
            self.found(file, node, "not_granted", "`.%s` needs the grant files." % name)


STANDARD = set(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names) | FILES | PROCESSES
STANDARD |= set("ctypes importlib inspect gc atexit types traceback pickle marshal codecs runpy code ast dis weakref".split())
STANDARD |= set("asyncio email ftplib http imaplib ipaddress poplib select selectors smtplib socket socketserver ssl urllib".split())


def is_constant(node):
    if node is None or isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(is_constant(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(key is not None and is_constant(key) for key in node.keys) and all(map(is_constant, node.values))
    return False


# The containment of a trial.

SYSCALLS = {
    "x86_64": (
        0xC000003E,
        dict(
            socket=41, socketpair=53, connect=42, bind=49, listen=50, accept=43, accept4=288, sendto=44, sendmsg=46,
            sendmmsg=307, fork=57, vfork=58, execve=59, execveat=322, kill=62, tkill=200, rt_sigqueueinfo=129,
            rt_tgsigqueueinfo=297, pidfd_open=434, pidfd_send_signal=424, pidfd_getfd=438, ptrace=101,
            process_vm_readv=310, process_vm_writev=311, mount=165, umount2=166, pivot_root=155, chroot=161,
            unshare=272, setns=308, bpf=321, perf_event_open=298, userfaultfd=323, keyctl=250, add_key=248,
            request_key=249, io_uring_setup=425, io_uring_enter=426, io_uring_register=427, open_by_handle_at=304,
            name_to_handle_at=303, init_module=175, finit_module=313, delete_module=176, kexec_load=246, reboot=169,
            setuid=105, setgid=106, setreuid=113, setregid=114, setresuid=117, setresgid=119, setgroups=116,
            personality=135, msgget=68, semget=64, shmget=29, shmat=30, mq_open=240, prlimit64=302, setrlimit=160,
            setpriority=141, sched_setaffinity=203, setpgid=109, setsid=112, quotactl=179, swapon=167, acct=163,
            syslog=103, settimeofday=164, clock_settime=227, adjtimex=159, fsopen=430, fsmount=432, move_mount=429,
            open_tree=428, mount_setattr=442, landlock_create_ruleset=444,
        ),
        56, 435, 234,
    ),
    "aarch64": (
        0xC00000B7,
        dict(
            socket=198, socketpair=199, connect=203, bind=200, listen=201, accept=202, accept4=242, sendto=206,
            sendmsg=211, sendmmsg=269, execve=221, execveat=281, kill=129, tkill=130, rt_sigqueueinfo=138,
            rt_tgsigqueueinfo=240, pidfd_open=434, pidfd_send_signal=424, pidfd_getfd=438, ptrace=117,
            process_vm_readv=270, process_vm_writev=271, mount=40, umount2=39, pivot_root=41, chroot=51, unshare=97,
            setns=268, bpf=280, perf_event_open=241, userfaultfd=282, keyctl=219, add_key=217, request_key=218,
            io_uring_setup=425, io_uring_enter=426, io_uring_register=427, open_by_handle_at=265,
            name_to_handle_at=264, init_module=105, finit_module=273, delete_module=106, kexec_load=104, reboot=142,
            setuid=146, setgid=144, setreuid=145, setregid=143, setresuid=147, setresgid=149, setgroups=159,
            personality=92, msgget=186, semget=190, shmget=194, shmat=196, mq_open=180, prlimit64=261, setrlimit=164,
            setpriority=140, sched_setaffinity=122, setpgid=154, setsid=157, quotactl=60, swapon=224, acct=89,
            syslog=116, settimeofday=170, clock_settime=112, adjtimex=171, fsopen=430, fsmount=432, move_mount=429,
            open_tree=428, mount_setattr=442, landlock_create_ruleset=444,
        ),
        220, 435, 131,
    ),
}
CLONE_THREAD = 0x00010000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_DUMPABLE, SECCOMP_MODE_FILTER = 38, 22, 4, 2
ALLOW, REFUSE, NO_SUCH_CALL, KILL = 0x7FFF0000, 0x00050001, 0x00050000 | 38, 0x80000000


class NotContained(Exception):
    pass


def called(result, what):
    if result < 0:
        raise NotContained("%s is not possible here: %s." % (what, os.strerror(ctypes.get_errno())))
    return result


def contain(libc, folder):
    """Gives up what a trial must not have; what is left is named."""
    if platform.system() != "Linux" or platform.machine() not in SYSCALLS or sys.maxsize < 1 << 32:
        raise NotContained("Trials run on Linux with x86_64 or aarch64 only.")
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, 256),
    ):
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    called(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    landlock(libc, folder)
    seccomp(libc)


def landlock(libc, folder):
    libc.syscall.restype = ctypes.c_long
    version = libc.syscall(444, None, ctypes.c_size_t(0), 1)
    called(version, "Landlock, which keeps a trial from the files of its host,")
    every = (1 << 13) - 1
    every |= (1 << 13 if version >= 2 else 0) | (1 << 14 if version >= 3 else 0) | (1 << 15 if version >= 5 else 0)
    attributes = struct.pack("QQQ", every, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    attributes = attributes[: 24 if version >= 6 else 16 if version >= 4 else 8]
    rules = called(libc.syscall(444, attributes, ctypes.c_size_t(len(attributes)), 0), "Landlock")
    read = 1 << 2 | 1 << 3
    places = [(path, read) for path in {sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path, "/usr", "/lib", "/lib64"}]
    places += [(path, 1 << 2) for path in ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/dev/zero")]
    places.append((folder, read | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | (1 << 14 if version >= 3 else 0)))
    for path, access in places:
        # The root of all files, or none: such a path would open everything.
        if not path or os.path.realpath(path) == "/":
            continue
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        if not os.path.isdir(path):
            access &= 1 << 2 | 1 << 1
        rule = struct.pack("=Qi", access & every, descriptor)
        called(libc.syscall(445, rules, 1, rule, 0), "A rule of Landlock")
        os.close(descriptor)
    called(libc.syscall(446, rules, 0), "Landlock")
    os.close(rules)


def seccomp(libc):
    architecture, calls, clone, clone3, tgkill = SYSCALLS[platform.machine()]
    program = []

    def load(offset):
        program.append((0x20, 0, 0, offset))

    def give(value):
        program.append((0x06, 0, 0, value))

    load(4)
    program.append((0x15, 1, 0, architecture))
    give(KILL)
    load(0)
    # The second set of numbers on x86_64.
    program.append((0x35, 0, 1, 0x40000000))
    give(KILL)
    program.append((0x15, 0, 1, clone3))
    give(NO_SUCH_CALL)
    program.append((0x15, 0, 4, clone))
    load(16)
    program.append((0x45, 1, 0, CLONE_THREAD))
    give(REFUSE)
    give(ALLOW)
    program.append((0x15, 0, 4, tgkill))
    load(16)
    program.append((0x15, 1, 0, os.getpid()))
    give(REFUSE)
    give(ALLOW)
    for number in sorted(calls.values()):
        program.append((0x15, 0, 1, number))
        give(REFUSE)
    give(ALLOW)
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    filter = Program(len(program), ctypes.cast(buffer, ctypes.c_void_p))
    called(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter), 0, 0), "seccomp")


CONTAINMENT = {
    "network": "seccomp: no sockets",
    "processes": "seccomp: no other programs, no signals to others",
    "files": "landlock: its own folder, and Python to read",
}


def tests(folder, out):
    """In the process of the trial: contains itself, then runs the tests and writes what came of them."""
    report = []
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        contain(libc, folder)
    except NotContained as reason:
        os.write(out, json.dumps({"contained": False, "reason": str(reason)}).encode())
        return
    # From here on nothing of this process is trusted.
    sys.path.insert(0, folder)
    os.chdir(folder)
    try:
        import test_function
    except BaseException as raised:
        report.append({"test": None, "error": told(raised)})
    else:
        for name, test in sorted(vars(test_function).items()):
            if name.startswith("test_") and callable(test):
                try:
                    test()
                    report.append({"test": name, "error": None})
                except BaseException as raised:
                    report.append({"test": name, "error": told(raised)})
    os.write(out, json.dumps({"contained": True, "tests": report[:MOST_FINDINGS]}).encode()[:MOST_OUTPUT])


def told(raised):
    line = None
    trace = raised.__traceback__
    while trace is not None:
        if os.path.basename(trace.tb_frame.f_code.co_filename) in ("function.py", "test_function.py"):
            line = (os.path.basename(trace.tb_frame.f_code.co_filename), trace.tb_lineno)
        trace = trace.tb_next
    return [line, ("%s: %s" % (type(raised).__name__, raised))[:LONGEST_DETAIL]]


def trial(files):
    with tempfile.TemporaryDirectory() as folder:
        for name in ("function.py", "test_function.py", "metadata.json"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(files[name])
        into, out = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", os.path.abspath(__file__), "inside", folder, str(out)],
            stdin=subprocess.DEVNULL,
            stdout=2,
            stderr=2,
            pass_fds=[out],
            start_new_session=True,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": folder, "HOME": folder},
        )
        os.close(out)
        said, late = read(into, time.monotonic() + TRIAL_SECONDS)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        os.close(into)
    return said, late, process.returncode


def read(into, until):
    """What the process writes, until it ends or its time is over."""
    said = b""
    while len(said) <= MOST_OUTPUT:
        left = until - time.monotonic()
        if left <= 0 or not select.select([into], [], [], left)[0]:
            return said, True
        piece = os.read(into, MOST_OUTPUT)
        if not piece:
            return said, False
        said += piece
    return said, False


def judged(said, late, code):
    """The findings of a trial. What its process has written may be anything."""
    if late:
        return [finding(None, None, "too_slow", "The tests did not end within %d seconds." % TRIAL_SECONDS)], {}
    try:
        report = json.loads(said)
        if report["contained"] is not True:
            return [finding(None, None, "not_contained", "Nothing was run. %s" % report["reason"])], {}
        findings = []
        for test in report["tests"]:
            if test["error"] is not None:
                place, detail = test["error"]
                file, line = place or (None, None)
                findings.append(
                    finding(str(file) if file else None, int(line) if line else None, "test_failed",
                            "%s: %s" % (test["test"] or "The tests cannot be imported", detail))
                )
        if not report["tests"]:
            findings.append(finding(None, None, "no_tests", "No test was run."))
        return findings, CONTAINMENT
    except (ValueError, KeyError, TypeError):
        return [finding(None, None, "ended", "The process of the tests ended with %s." % code)], CONTAINMENT


def finding(file, line, rule, detail):
    return {"file": file, "line": line, "rule": rule, "detail": str(detail)[:LONGEST_DETAIL]}


def main(step):
    files, digest = draft()
    containment = {}
    findings = Checker(files).run()
    # What does not pass the checks is not run, whoever has asked for it.
    if step == "trial" and not findings:
        findings, containment = judged(*trial(files))
    report = {
        "step": step,
        "digest": digest,
        "passed": not findings,
        "findings": findings[:MOST_FINDINGS],
        "containment": containment,
    }
    for found in report["findings"]:
        print("%(file)s:%(line)s %(rule)s: %(detail)s" % found, file=sys.stderr)
    with open(os.environ["CAPATAZ_OUTPUT"], "w", encoding="utf-8") as out:
        json.dump({"state": "success", "data": report}, out)


if __name__ == "__main__":
    if sys.argv[1] == "inside":
        tests(sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1])
