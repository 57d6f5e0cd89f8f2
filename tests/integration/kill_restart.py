"""Killed at any moment, the store is sound, and one more run makes every total exact."""
import os
import random
import signal
import sqlite3
import subprocess
import time

from harness import PROGRAM, Test, mails_wanted, wait_for

KILLS = int(os.environ.get("TEST_KILLS", "50"))
MAILS = mails_wanted(2000)


def integrity(path):
    database = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    try:
        return database.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        database.close()


def kill_ingest_again_and_again(test, mailbox, longest):
    """Kill -9 at random moments; gives how many runs were really cut short."""
    moments = random.Random(1)
    killed = 0
    for i in range(KILLS):
        # Later runs meet more that is known and are over sooner.
        pause = moments.random() * longest
        process = subprocess.Popen([PROGRAM, "ingest", "--quiet", "--store", test.store(), mailbox],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            process.wait(pause)
            longest = min(longest, max(pause, 0.1))
        except subprocess.TimeoutExpired:
            killed += 1
        process.send_signal(signal.SIGKILL)
        _, said = process.communicate()
        if process.returncode not in (0, -signal.SIGKILL):
            test.check("run %d ends by its own or by the signal" % i, False, said.decode())
    return killed


def check_ingest(test, reports):
    mailbox = os.path.join(reports, "eml")
    start = time.monotonic()
    done = test.run("ingest", "--quiet", "--store", test.store("whole.db"), mailbox, timeout=300)
    test.check("a run that is left alone", done.code == 0, done)
    killed = kill_ingest_again_and_again(test, mailbox, time.monotonic() - start)
    test.check("%d of %d runs were killed while they worked" % (killed, KILLS), killed >= KILLS // 2)
    test.equal("integrity after the kills", "ok", integrity(test.path("dmarcd.db")))
    done = test.run("ingest", "--quiet", "--store", test.store(), mailbox, timeout=300)
    test.check("the last run ends well", done.code == 0, done)
    test.equal("integrity after the last run", "ok", integrity(test.path("dmarcd.db")))
    test.check_truth("after %d kills" % KILLS, test.store(), os.path.join(reports, "truth.json"), "--totals-only")


def check_serve(test, reports):
    """The same for the watched Maildir: a mail is moved only after it is stored."""
    store = test.store("serve.db")
    maildir = os.path.join(reports, "Maildir")
    moments = random.Random(2)
    new = os.path.join(maildir, "new")
    for _ in range(10):
        server = test.serve("--store", store, "--maildir", maildir)
        time.sleep(moments.random() * 0.4)
        server.stop(signal.SIGKILL)
    server = test.serve("--store", store, "--maildir", maildir)
    n_mails = len(os.listdir(new)) + len(os.listdir(os.path.join(maildir, "cur")))
    test.equal("no mail was lost or doubled in the Maildir", MAILS, n_mails)
    arrived = wait_for(lambda: sum(test.stats(store).get(x, 0) for x in (
        "reports", "duplicates", "quarantined", "ignored", "revisions")) >= MAILS, 60, 0.5)
    test.check("everything was read in the end", arrived, test.stats(store))
    server.stop()
    test.equal("integrity of the watched store", "ok", integrity(test.path("serve.db")))
    test.check_truth("Maildir after 10 kills", store, os.path.join(reports, "truth.json"), "--totals-only")


def main():
    with Test("kill -9 loses nothing and counts nothing twice") as test:
        reports, _ = test.make_reports("reports", "-n", str(MAILS), "--format", "eml,maildir")
        check_ingest(test, reports)
        check_serve(test, reports)


main()
