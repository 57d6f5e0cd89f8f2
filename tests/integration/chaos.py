"""Chaos: two dmarcd on one IMAP mailbox and one Maildir while everything around is killed, cut and changed.

CHAOS_SECONDS says for how long (90). At the end every mail is there once and every total is exact. CHAOS_SEED
makes the order of events another one; it is printed.
"""
import hashlib
import os
import random
import shutil
import signal
import threading
import time

import dovecot
from breaking_line import BreakingLine
from harness import Test, wait_for
from maildir import deliver, make_maildir

SECONDS = float(os.environ.get("CHAOS_SECONDS", "90"))
SEED = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
MAILS_A_SECOND = 12
USER = "chaos"


class House:
    """Two dmarcd with one configuration, and what surrounds them."""

    def __init__(self, test):
        self.test, self.random = test, random.Random(SEED)
        self.counts = {}
        self.dovecot = dovecot.Dovecot(test, [USER])
        self.line = BreakingLine(self.dovecot.tls_port)
        self.maildir = make_maildir(test.path("Maildir"))
        self.done, self.store = make_maildir(test.path("Done")), test.store()
        self.uidvalidity = 1900000000
        with open(test.path("chaos.conf"), "w", encoding="utf-8") as f:
            f.write('store { url = "%s" }\n' % self.store +
                    'intake "box" { type = imap url = "imaps://localhost:%d/" user = "%s" password_file = "%s" '
                    'ca_file = "%s" move_to = "Done" failed_to = "Failed" poll_seconds = 5 }\n'
                    % (self.line.port, USER, self.dovecot.password_file, self.dovecot.ca_file) +
                    'intake "drop" { type = maildir path = "%s" move_to = "%s" }\n' % (self.maildir, self.done))
        self.servers = [self.start(), self.start()]

    def start(self):
        return self.test.serve("-c", self.test.path("chaos.conf"))

    # --- what happens ---

    def kill_server(self):
        i = self.random.randrange(2)
        self.servers[i].stop(signal.SIGKILL)
        self.test.servers.remove(self.servers[i])
        self.servers[i] = self.start()

    def stop_server(self):
        i = self.random.randrange(2)
        self.servers[i].stop()
        self.test.servers.remove(self.servers[i])
        self.servers[i] = self.start()

    def kill_worker(self):
        parents = {s.process.pid for s in self.servers}
        workers = [p for p in children_of(parents)]
        if workers:
            os.kill(self.random.choice(workers), signal.SIGKILL)

    def kill_imap(self):
        self.dovecot.kill_sessions()

    def cut(self):
        self.line.cut()

    def cut_in_a_mail(self):
        self.line.cut_after(self.random.randrange(500, 60000))

    def make_anew(self):
        self.uidvalidity += 1
        self.dovecot.doveadm("mailbox", "update", "-u", USER, "--uid-validity", str(self.uidvalidity), "INBOX")
        self.dovecot.kill_sessions()

    def reload(self):
        self.random.choice(self.servers).process.send_signal(signal.SIGHUP)

    def go_on(self, until):
        events = [self.kill_server, self.stop_server, self.kill_worker, self.kill_worker, self.kill_imap, self.cut,
                  self.cut_in_a_mail, self.cut_in_a_mail, self.make_anew, self.reload]
        # Each at least once, in a run that is long enough.
        order = self.random.sample(events, len(events))
        while time.monotonic() < until:
            event = order.pop() if order else self.random.choice(events)
            event()
            self.counts[event.__name__] = self.counts.get(event.__name__, 0) + 1
            time.sleep(self.random.uniform(0.3, 2.0))


def children_of(parents):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) in parents:
            yield int(pid)


def bring(house, folder, names, until, brought):
    """All mails, spread over the time; every other one into the mailbox of the IMAP server."""
    pause = max(until - time.monotonic() - 5, 1) / len(names)
    for i, name in enumerate(names):
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        if i % 2:
            deliver(house.maildir, name, data)
        else:
            house.dovecot.deliver(USER, name, data)
        brought[i % 2].append(hashlib.sha256(data).hexdigest())
        time.sleep(pause)


def digests(path):
    """Of every mail of a Maildir."""
    found = []
    for part in ("new", "cur"):
        for name in os.listdir(os.path.join(path, part)) if os.path.isdir(os.path.join(path, part)) else []:
            try:
                with open(os.path.join(path, part, name), "rb") as f:
                    found.append(hashlib.sha256(f.read()).hexdigest())
            except FileNotFoundError:
                pass
    return found


def n_left(house):
    """Mails that are where they were delivered to."""
    return house.dovecot.count(USER) + sum(len(os.listdir(os.path.join(house.maildir, p))) for p in ("new", "cur"))


def check_places(test, house, brought):
    """A MOVE in which the server's process is killed may leave its copy behind: that one more, for each kill."""
    imap = [d for name in ("", "Done", "Failed") for d in digests(house.dovecot.maildir(USER, name))]
    drop = digests(house.maildir) + digests(house.done)
    n_kills = house.counts.get("kill_imap", 0) + house.counts.get("make_anew", 0)
    test.equal("no mail is gone (IMAP)", sorted(set(brought[0])), sorted(set(imap)))
    test.check("none is there twice (IMAP: %d, killed in a MOVE)" % (len(imap) - len(brought[0])),
               len(imap) - len(brought[0]) <= n_kills)
    test.equal("no mail is gone, none is there twice (Maildir)", sorted(brought[1]), sorted(drop))


def check_end(test, house, out, brought, n_letters):
    start = time.monotonic()
    settled = wait_for(lambda: n_left(house) <= n_letters, 180, 0.5)
    test.check("every mail with a report is handled (%.0f s after the last event)" % (time.monotonic() - start), settled,
               (n_left(house), n_letters, test.stats(house.store)))
    test.equal("what stays is what has no report", n_letters, n_left(house))
    check_places(test, house, brought)
    test.check_truth("after all this", house.store, os.path.join(out, "truth.json"), "--totals-only")
    for i, server in enumerate(house.servers):
        test.equal("server %d ends cleanly" % (i + 1), 0, server.stop())
    end = test.stats(house.store)
    test.equal("arrivals add up", end.get("mails"), sum(end.get("arrivals", {}).values()))


def main():
    with Test("chaos for %d s, seed %d" % (SECONDS, SEED)) as test:
        if not dovecot.is_there():
            test.skip("chaos", "it needs %s and root" % dovecot.PROGRAM)
            return
        n = int(SECONDS * MAILS_A_SECOND)
        out, _ = test.make_reports("reports", "-n", str(n), "--failure", "0.02", "--format", "maildir")
        folder = os.path.join(out, "Maildir", "new")
        names = sorted(os.listdir(folder))
        quiet = test.run("ingest", "--store", test.store("quiet.db"), os.path.join(out, "Maildir"))
        test.equal("the same mails read in peace", 0, quiet.code)
        n_letters = test.stats(test.store("quiet.db")).get("ignored")
        house = House(test)
        for server in house.servers:
            test.check("it starts", server.is_up(), server.said())
        brought = ([], [])
        until = time.monotonic() + SECONDS
        bringer = threading.Thread(target=bring, args=(house, folder, names, until, brought))
        bringer.start()
        house.go_on(until)
        bringer.join(60)
        print("# " + ", ".join("%s %d" % x for x in sorted(house.counts.items())), flush=True)
        check_end(test, house, out, brought, n_letters)
        house.line.close()
        house.dovecot.stop()
        shutil.rmtree(house.maildir)


main()
