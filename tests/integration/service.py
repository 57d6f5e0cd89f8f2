"""What a service manager sees: readiness, reload, stop, signs of life, a passed socket, and a log that programs can read."""
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time

from harness import HERE, PATIENCE, Test, drop_privileges, free_port, mails_wanted, read_mails, wait_for
from lmtp_client import Client, deliver_all
from maildir import deliver, make_maildir

LMTP = 'intake "push" { type = lmtp  listen = "%s"  recipients = {"%s"} }\n'


class Manager:
    """The socket that $NOTIFY_SOCKET names, and what was said there."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + path[1:] if path.startswith("@") else path)
        self.socket.setblocking(False)
        self.path, self.heard = path, []

    def listen(self):
        while True:
            try:
                self.heard.append(self.socket.recv(4096).decode("utf-8", "replace").strip())
            except BlockingIOError:
                return self.heard

    def hears(self, text, n=1, seconds=10):
        return wait_for(lambda: len([x for x in self.listen() if x.startswith(text)]) >= n, seconds)

    def environment(self, **more):
        return {**os.environ, "NOTIFY_SOCKET": self.path, **more}


def write(test, text, name="dmarcd.conf"):
    with open(test.path(name), "w", encoding="utf-8") as f:
        f.write("allow_documentation_addresses = yes\n" + text)
    return test.path(name)


def write_program(test, name, lines):
    """The program, started through a few lines of shell."""
    path = test.path(name)
    with open(path, "w", encoding="utf-8") as f:
        f.write("#!/bin/bash\n%s\nexec \"%s\" \"$@\"\n" % (lines, test.program_for_all()))
    os.chmod(path, 0o755)
    return path


def check_notify(test):
    manager = Manager(test.path("notify"))
    config = write(test, "", "notify.conf")
    watch = write_program(test, "watched", "export WATCHDOG_PID=$$ WATCHDOG_USEC=400000")
    server = test.serve("-c", config, "--store", test.store("notify.db"), environment=manager.environment(), program=watch)
    test.check("it says that it is ready", manager.hears("READY=1"), server.said())
    test.check("when the dashboard is there", "dmarcd: web on " in server.said(), server.said())
    test.check("it says that it turns", manager.hears("WATCHDOG=1", 3), manager.heard)
    server.process.send_signal(signal.SIGHUP)
    test.check("it says that it reloads, and that it is ready again",
               manager.hears("RELOADING=1\nMONOTONIC_USEC=") and manager.hears("READY=1", 2), manager.heard)
    write(test, "no_such_option = 1\n", "notify.conf")
    server.process.send_signal(signal.SIGHUP)
    test.check("also when the configuration is refused", manager.hears("READY=1", 3), manager.heard)
    server.process.send_signal(signal.SIGTERM)
    test.check("it says that it stops", manager.hears("STOPPING=1"), manager.heard)
    # Not stop(): a second SIGTERM would end it at once.
    test.equal("and ends well", 0, server.process.wait(30))
    order = [x.split("\n")[0] for x in manager.listen() if not x.startswith("WATCHDOG")]
    test.equal("in this order", ["READY=1", "RELOADING=1", "READY=1", "RELOADING=1", "READY=1", "STOPPING=1"], order)


def check_quiet(test):
    manager = Manager("@dmarcd-test-%d" % os.getpid())
    server = test.serve("--store", test.store("quiet.db"),
                        environment=manager.environment(WATCHDOG_USEC="100000", WATCHDOG_PID="1"))
    test.check("a socket without a file will do", manager.hears("READY=1"), server.said())
    time.sleep(0.5)
    test.equal("a watchdog of somebody else hears nothing", ["READY=1"], manager.listen())
    test.equal("it stops", 0, server.stop())
    manager.heard.clear()
    blocked = test.serve("-c", write(test, LMTP % ("nonsense", "*"), "bad.conf"), "--store", test.store("quiet.db"),
                         environment=manager.environment())
    blocked.process.wait(20 * PATIENCE)
    test.check("what cannot start is never ready", "READY=1" not in manager.listen(), manager.heard)


class Sender(threading.Thread):
    """Delivers mails in one session; keeps the answers, the last of which may be missing."""

    def __init__(self, port, mails):
        super().__init__()
        self.port, self.mails, self.answers = port, mails, []
        self.start()

    def run(self):
        try:
            deliver_all(("127.0.0.1", self.port), self.mails, self.answers)
        except OSError:
            pass

    def taken(self):
        """How many of the mails are off the sender's hands."""
        self.join(60)
        return len([a for a in self.answers if a.startswith("250")])


def send_again(test, port, mails, senders):
    """As an MTA does with what was not taken."""
    for i, sender in enumerate(senders):
        answers = []
        deliver_all(("127.0.0.1", port), mails[i::len(senders)][sender.taken():], answers)


def check_stop_under_load(test, folder, mails):
    port, box = free_port(), make_maildir(test.path("box"))
    half = len(mails) // 2
    for i, mail in enumerate(mails[:half]):
        deliver(box, "%d.M1P1.host" % i, mail)
    config = write(test, LMTP % ("127.0.0.1:%d" % port, "*") + 'intake "box" { type = maildir  path = "%s" }\n' % box)
    store = test.store()
    server = test.serve("-c", config, "--store", store)
    server.is_up()
    senders = [Sender(port, mails[half:][i::4]) for i in range(4)]
    wait_for(lambda: sum(len(s.answers) for s in senders) > 20, 20, 0.005)
    test.equal("it ends well while mail comes in", 0, server.stop())
    taken = sum(s.taken() for s in senders)
    test.check("before all of it came", taken < len(mails) - half, taken)
    server = test.serve("-c", config, "--store", store)
    server.is_up()
    send_again(test, port, mails[half:], senders)
    wait_for(lambda: not os.listdir(os.path.join(box, "new")), 60, 0.2)
    test.check_truth("%d mails, each stored or still there" % len(mails), store, os.path.join(folder, "truth.json"),
                     "--totals-only")
    test.equal("it stops", 0, server.stop())


def locked(test, name):
    lock = sqlite3.connect(test.path(name), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    return lock


def check_drain(test, mail):
    """A mail is on its way, and the store is busy, when it is told to stop."""
    port = free_port()
    config = write(test, LMTP % ("127.0.0.1:%d" % port, "*"), "drain.conf")
    store = test.store("drain.db")

    def start():
        server = test.serve("-c", config, "--store", store)
        server.is_up()
        return server, locked(test, "drain.db")

    server, lock = start()
    sender = Sender(port, [mail])
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    test.check("told to stop it finishes what it has", server.process.poll() is None and not sender.answers, sender.answers)
    lock.execute("ROLLBACK")
    test.equal("and ends well when that is stored", 0, server.process.wait(30 * PATIENCE))
    test.equal("its sender knows", 1, sender.taken())
    server, lock = start()
    sender = Sender(port, [mail])
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    test.check("with the store busy it does not end yet", server.process.poll() is None)
    begin = time.monotonic()
    test.equal("a second SIGTERM ends it at once", -signal.SIGTERM, server.stop())
    test.check("in less than 2 s", time.monotonic() - begin < 2 * PATIENCE)
    test.equal("its mail was not taken", 0, sender.taken())
    lock.close()
    server = test.serve("-c", config, "--store", store)
    server.is_up()
    sender = Sender(port, [mail])
    test.equal("and is when it comes again", 1, sender.taken())
    test.equal("once", 1, test.stats(store).get("reports"))
    server.stop()


def check_passed_socket(test, mail):
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    port = listener.getsockname()[1]
    program = write_program(test, "passed", "exec 3<&%d; export LISTEN_PID=$$ LISTEN_FDS=1" % listener.fileno())
    config = write(test, LMTP % ("systemd", "dmarc@*"), "passed.conf")
    store = test.store("passed.db")
    server = test.serve("-c", config, "--store", store, program=program, fds=(listener.fileno(),))
    test.check("a passed socket is taken", server.is_up(), server.said())
    test.equal("and read", 1, Sender(port, [mail]).taken())
    write(test, LMTP % ("systemd", "*@collector.example"), "passed.conf")
    server.process.send_signal(signal.SIGHUP)
    test.check("it is taken again after a reload", wait_for(lambda: "configuration was read anew" in server.said(), 10),
               server.said())
    client = Client(("127.0.0.1", port))
    test.check("with the new settings", client.hello(b"other@collector.example")[-1].startswith("250"))
    client.close()
    test.equal("it stops", 0, server.stop())
    waiting = Client(("127.0.0.1", port))
    server = test.serve("-c", config, "--store", store, program=program, fds=(listener.fileno(),))
    test.check("who comes while it restarts waits", waiting.answer().startswith("220"))
    waiting.close()
    server.is_up()
    wait_for(lambda: "log in once" in server.said(), 5)
    test.equal("it stops again", 0, server.stop())
    listener.close()
    test.check("without a socket it says so",
               "no socket was passed" in test.run("serve", "--listen", "127.0.0.1:0", "-c", config, "--store", store).err)


def make_unreadable(test, name):
    """A Maildir with a mail whose name wants to be more than a name, and that nobody may read."""
    box = make_maildir(test.path(name))
    path = os.path.join(box.encode(), b"new", b'1.M1\n{"level":"debug"}\n"\xff\x1b[2J')
    with open(path, "wb") as f:
        f.write(b"x")
    os.chmod(path, 0)
    for folder in ("", "new", "cur", "tmp"):
        os.chmod(os.path.join(box, folder), 0o777)
    return box


def check_log(test):
    box = make_unreadable(test, "hostile")
    state = test.path("log")
    os.mkdir(state)
    os.chmod(state, 0o777)
    arguments = ("--maildir", box, "--store", "sqlite:%s/dmarcd.db" % state)
    server = test.serve("-c", write(test, "log { format = json }\n", "json.conf"), *arguments, before_exec=drop_privileges,
                        program=test.program_for_all())
    if os.getuid() != 0:
        test.skip("hostile names in the log", "this is not root")
        return
    wait_for(lambda: "cannot read mail" in server.said(), 10)
    server.stop()
    lines = [x for x in server.said().splitlines() if not x.startswith("dmarcd: ")]
    events = [json.loads(x) for x in lines]
    odd = [x for x in events if x["event"] == "cannot read mail"]
    test.check("a line of the log is an object, whatever a mail is called",
               odd and odd[0]["level"] == "warning" and "[2J" in odd[0]["error"], lines[-3:])
    test.check("with the time", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", odd[0]["time"]), odd[0])
    write(test, "log { format = journal  level = error }\n", "json.conf")
    server = test.serve("-c", test.path("json.conf"), *arguments, before_exec=drop_privileges, program=test.program_for_all())
    server.is_up()
    time.sleep(0.5)
    server.stop()
    test.check("level leaves out what is not as bad", "cannot read mail" not in server.said(), server.said())


def check_journal(test):
    """In a mount namespace of its own, where /run/systemd/journal is ours."""
    box = make_unreadable(test, "journal-box")
    folder = test.path("journal")
    os.mkdir(folder)
    journal = Manager(os.path.join(folder, "socket"))
    script = test.path("in-namespace")
    with open(script, "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\nmount -t tmpfs none /run && mkdir -p /run/systemd/journal && "
                "mount --bind '%s' /run/systemd/journal || exit 99\n"
                "JOURNAL_STREAM=$(stat -L -c %%d:%%i /proc/self/fd/2) exec setpriv --reuid nobody --regid nogroup "
                "--clear-groups '%s' \"$@\"\n" % (folder, test.program_for_all()))
    os.chmod(script, 0o755)
    os.chmod(journal.path, 0o777)
    program = test.path("namespace")
    with open(program, "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\nexec unshare --mount '%s' \"$@\"\n" % script)
    os.chmod(program, 0o755)
    arguments = ("-c", write(test, "log { format = auto }\n", "auto.conf"), "--maildir", box,
                 "--store", "sqlite:%s/dmarcd.db" % test.path("log"))
    server = test.serve(*arguments, program=program)
    if not server.is_up():
        test.skip("the journal", "no namespace of its own: " + server.said()[-200:])
        return
    journal.hears("PRIORITY=4", 1)
    server.stop()
    first = ([x for x in journal.listen() if "cannot read mail" in x] or [""])[0]
    test.check("the journal gets fields", "DMARCD_EVENT\n" in first and "DMARCD_INTAKE\n" in first, first)
    test.check("and standard error nothing", "cannot read mail" not in server.said(), server.said())
    journal.socket.close()
    server = test.serve(*arguments, program=program)
    test.check("without a journal lines have a priority",
               wait_for(lambda: re.search(r"(?m)^<4>cannot read mail intake=", server.said()), 10), server.said())
    server.stop()


def check_units(test):
    if not shutil.which("systemd-analyze"):
        test.skip("the units", "there is no systemd-analyze")
        return
    folder = test.path("units")
    os.mkdir(folder)
    for name in ("dmarcd.service", "dmarcd.socket"):
        with open(os.path.join(HERE, "..", "..", "etc", name), encoding="utf-8") as f:
            text = f.read().replace("@BINDIR@/dmarcd", test.program_for_all())
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    units = [os.path.join(folder, name) for name in os.listdir(folder)]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    test.equal("systemd finds nothing wrong with the units", (0, b""), (done.returncode, done.stdout))
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager",
                           os.path.join(folder, "dmarcd.service")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    test.check("and exposes little", done.returncode == 0, done.stdout[-200:])


def main():
    with Test("a service under its manager") as test:
        os.chmod(test.folder, 0o755)
        folder, _ = test.make_reports("set", "-n", str(mails_wanted(1000)), "--format", "eml")
        mails = read_mails(folder)
        check_units(test)
        check_notify(test)
        check_quiet(test)
        check_stop_under_load(test, folder, mails)
        check_drain(test, mails[0])
        check_passed_socket(test, mails[0])
        check_log(test)
        if os.getuid() == 0:
            check_journal(test)
        else:
            test.skip("the journal", "this is not root")


main()
