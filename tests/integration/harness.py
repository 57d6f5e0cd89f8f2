"""harness.py - what every integration test needs: a scratch folder, the program, a verdict.

A test is a file with `with Test("what it proves") as t:` and calls of t.check(). It prints one line per
check and closes with "N passed, N failed". The program under test is $DMARCD (build/dmarcd).
Everything that is started is stopped by its own pid, every wait has an end.
"""
import http.client
import json
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SUPPORT = os.path.join(HERE, "..", "support")
PROGRAM = os.path.abspath(os.environ.get("DMARCD", "build/dmarcd"))
# Slow builds (sanitizers, valgrind) may take this much longer than the normal one.
PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))
NOBODY = pwd.getpwnam("nobody")

# <sysexits.h>
EX_OK, EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_SOFTWARE = 0, 64, 65, 66, 70
EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = 73, 74, 75, 77, 78


def mails_wanted(default, soak=None):
    """TEST_MAILS makes a run shorter, never longer; `make soak` (TEST_SOAK) takes the larger number where there is one."""
    if soak and os.environ.get("TEST_SOAK"):
        return soak
    return min(default, int(os.environ.get("TEST_MAILS", default)))


def drop_privileges():
    """In the child: an ordinary user, where the test runs as root."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY.pw_gid)
        os.setuid(NOBODY.pw_uid)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, seconds, pause=0.05):
    """Ask until the answer is true; gives the last answer."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        answer = condition()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(pause)


def read_mails(folder):
    """The mails of a set of mkreports.py made with --format eml, in order."""
    mails = []
    for name in sorted(os.listdir(os.path.join(folder, "eml"))):
        with open(os.path.join(folder, "eml", name), "rb") as f:
            mails.append(f.read())
    return mails


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return "exit %s, out %r, err %r" % (self.code, self.out[-300:], self.err[-500:])


class Server:
    """dmarcd serve on a free port. Killed at the end of the test if it still runs."""

    def __init__(self, test, *arguments, environment=None, before_exec=None, program=None, fds=()):
        self.port = free_port()
        self.log = open(test.path("serve-%d.log" % self.port), "w+b")
        self.process = subprocess.Popen(
            [program or PROGRAM, "serve", "--listen", "127.0.0.1:%d" % self.port, *arguments],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, cwd=test.folder,
            env=environment, preexec_fn=before_exec, restore_signals=before_exec is None, pass_fds=fds)
        test.servers.append(self)

    def said(self):
        self.log.flush()
        with open(self.log.name, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def is_up(self):
        """Wait for the line that says where the dashboard is."""
        return wait_for(lambda: "dmarcd: web on " in self.said() or self.process.poll() is not None, 20) \
            and self.process.poll() is None

    def login_link(self):
        wait_for(lambda: "token=" in self.said(), 5)
        found = re.search(r"http://[^ ]*?(/login\?token=[^ \n]+)", self.said())
        return found.group(1) if found else None

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(30 * PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        return self.process.returncode


class Browser:
    """As much of a browser as the pages need without JavaScript: cookies, forms, redirects seen."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def ask(self, method, path, body=None, headers=None):
        """-> status, headers (lower case), body bytes"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30 * PATIENCE)
        send = dict(headers or {})
        if self.cookies:
            send["Cookie"] = "; ".join("%s=%s" % x for x in self.cookies.items())
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            send["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, send)
        answer = connection.getresponse()
        data = answer.read()
        got = {}
        for name, value in answer.getheaders():
            got[name.lower()] = value
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key.strip()] = rest.split(";")[0]
        connection.close()
        return answer.status, got, data

    def get(self, path, **headers):
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def get_json(self, path):
        status, _, data = self.get(path)
        return json.loads(data) if status == 200 else None

    def log_in(self, link):
        """Follow a one-time link as a person would, through whatever form it shows."""
        status, headers, data = self.get(link)
        form = re.search(rb'<form[^>]*method="post"[^>]*>(.*?)</form>', data, re.S | re.I)
        if status == 200 and form:
            fields = dict((a.decode(), b.decode()) for a, b in re.findall(
                rb'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form.group(1)))
            action = re.search(rb'<form[^>]*action="([^"]*)"', data)
            status, headers, data = self.ask("POST", action.group(1).decode() if action else link, fields)
        return status in (302, 303) and bool(self.cookies)


class Test:
    def __init__(self, title):
        self.title, self.passed, self.failed, self.skipped, self.servers = title, 0, 0, 0, []
        self.folder = tempfile.mkdtemp(prefix="dmarcd-test-")
        os.chmod(self.folder, 0o755)

    def __enter__(self):
        print("# " + self.title, flush=True)
        if not os.access(PROGRAM, os.X_OK):
            sys.exit("%s is not there; run make first" % PROGRAM)
        return self

    def __exit__(self, kind, value, trace):
        for server in self.servers:
            server.stop(signal.SIGKILL)
        if kind is not None and kind is not SystemExit:
            import traceback
            traceback.print_exception(kind, value, trace, file=sys.stdout)
            self.failed += 1
        if os.environ.get("TEST_KEEP"):
            print("# kept " + self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        more = ", %d skipped" % self.skipped if self.skipped else ""
        print("%d passed, %d failed%s" % (self.passed, self.failed, more), flush=True)
        sys.exit(1 if self.failed else 0)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def store(self, name="dmarcd.db"):
        return "sqlite:" + self.path(name)

    def check(self, what, is_good, detail=""):
        if is_good:
            self.passed += 1
            print("ok   " + what, flush=True)
        else:
            self.failed += 1
            print("FAIL %s%s" % (what, ": %s" % (detail,) if detail != "" else ""), flush=True)
        return bool(is_good)

    def equal(self, what, want, got):
        return self.check(what, want == got, "want %r, got %r" % (want, got))

    def skip(self, what, why):
        self.skipped += 1
        print("SKIP %s: %s" % (what, why), flush=True)

    def run(self, *arguments, timeout=120, stdin=None, environment=None, before_exec=None, program=None):
        """Run dmarcd to its end."""
        try:
            done = subprocess.run(
                [program or PROGRAM, *arguments], input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout * PATIENCE, cwd=self.folder,
                env=environment, preexec_fn=before_exec, restore_signals=before_exec is None)
        except subprocess.TimeoutExpired:
            return Result("timeout", "", "still running after %d s" % timeout)
        return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def serve(self, *arguments, **more):
        return Server(self, *arguments, **more)

    def make_reports(self, name, *options):
        """mkreports.py into a folder; gives its path and the truth."""
        out = self.path(name)
        subprocess.run([sys.executable, os.path.join(SUPPORT, "mkreports.py"), "--out", out, *options],
                       stdout=subprocess.DEVNULL, check=True)
        with open(os.path.join(out, "truth.json"), encoding="utf-8") as f:
            return out, json.load(f)

    def stats(self, store):
        done = self.run("stats", "--json", "--store", store)
        return json.loads(done.out) if done.code == 0 else {}

    def check_truth(self, what, store, truth_file, *options):
        """Every total of the store against what mkreports.py says it wrote; sources follow when the writer is idle."""
        with open(truth_file, encoding="utf-8") as f:
            n_sources = len(json.load(f)["sources"])
        wait_for(lambda: self.run("export", "sources", "--json", "--store", store).out.count("\n") == n_sources, 60, 0.5)
        done = subprocess.run([sys.executable, os.path.join(SUPPORT, "check_truth.py"), "--dmarcd", PROGRAM,
                               "--store", store, *options, truth_file], stdout=subprocess.PIPE, check=False)
        said = done.stdout.decode()
        return self.check("%s: %s" % (what, said.strip().splitlines()[-1] if said.strip() else "no answer"),
                          done.returncode == 0, said[-1500:])

    def program_for_all(self):
        """A copy of the program that an ordinary user can run, wherever the repository lies."""
        copy = self.path("dmarcd-copy")
        if not os.path.exists(copy):
            shutil.copy(PROGRAM, copy)
            os.chmod(copy, 0o755)
        return copy


def limit_file_size(n_bytes):
    """In the child: no file may grow beyond this; writing more gives EFBIG instead of a signal."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        # The soft limit alone, so that a test can lift it again while the program runs.
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))
    return limit
