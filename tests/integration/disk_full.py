"""A disk that fills up: an honest error, mail left where it was, and exact totals once there is room."""
import os
import resource
import shutil
import sqlite3
import subprocess

from harness import EX_TEMPFAIL, Test, limit_file_size, mails_wanted, wait_for

MAILS = mails_wanted(600)
ROOM = 700 * 1024


def sound(path):
    database = sqlite3.connect(path)
    try:
        return database.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        database.close()


def check_error(test, what, done):
    lines = done.err.strip().splitlines()
    test.equal("%s: exit code says try later" % what, EX_TEMPFAIL, done.code)
    test.check("%s: one line: %s" % (what, lines[-1] if lines else "none"), len(lines) == 1, done)
    test.check("%s: names the disk" % what, "disk" in done.err, done)


def size_limit(test, reports):
    """Works for everybody: no file may grow beyond ROOM."""
    store, mailbox = test.store("limited.db"), os.path.join(reports, "eml")
    done = test.run("ingest", "--quiet", "--store", store, mailbox, before_exec=limit_file_size(ROOM), timeout=120)
    check_error(test, "a size limit", done)
    test.equal("a size limit: the store is sound", "ok", sound(test.path("limited.db")))
    done = test.run("ingest", "--quiet", "--store", store, mailbox)
    test.check("a size limit: goes on when it is lifted", done.code == 0, done)
    test.check_truth("a size limit", store, os.path.join(reports, "truth.json"), "--totals-only")


def small_tmpfs(test, reports):
    """A real full disk; needs the right to mount."""
    small = test.path("small")
    os.mkdir(small)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], stderr=subprocess.PIPE, check=False)
    if made.returncode != 0:
        test.skip("a full disk", "cannot mount a tmpfs here")
        return
    try:
        store = "sqlite:" + os.path.join(small, "dmarcd.db")
        mailbox = os.path.join(reports, "eml")
        done = test.run("ingest", "--quiet", "--store", store, mailbox, timeout=120)
        check_error(test, "a full disk", done)
        subprocess.run(["mount", "-o", "remount,size=400m", small], check=True)
        done = test.run("ingest", "--quiet", "--store", store, mailbox)
        test.check("a full disk: goes on when there is room", done.code == 0, done)
        test.equal("a full disk: the store is sound", "ok", sound(os.path.join(small, "dmarcd.db")))
        test.check_truth("a full disk", store, os.path.join(reports, "truth.json"), "--totals-only")
    finally:
        subprocess.run(["umount", "-l", small], check=False)


def watched_maildir(test, reports):
    """serve keeps running, leaves what it cannot store in the mailbox, and stores it when it can."""
    maildir = test.path("Maildir")
    shutil.copytree(os.path.join(reports, "Maildir"), maildir)
    store = test.store("watched.db")
    server = test.serve("--store", store, "--maildir", maildir, before_exec=limit_file_size(ROOM))
    server.is_up()
    full = wait_for(lambda: "disk" in server.said(), 30)
    test.check("serve says that the disk is the trouble", full, server.said()[-800:])
    test.check("serve keeps running", server.process.poll() is None, server.said()[-800:])
    left = len(os.listdir(os.path.join(maildir, "new")))
    test.check("mail that could not be stored stays in new/ (%d)" % left, left > 0)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    done = wait_for(lambda: sum(test.stats(store).get(k, 0) for k in (
        "reports", "duplicates", "quarantined", "ignored")) >= MAILS, 150, 0.5)
    test.check("with room again everything is stored without help", done, (test.stats(store), server.said()[-500:]))
    server.stop()
    test.check_truth("watched Maildir after the disk was full", store, os.path.join(reports, "truth.json"), "--totals-only")


def main():
    with Test("a full disk loses nothing") as test:
        reports, _ = test.make_reports("reports", "-n", str(MAILS), "--format", "eml,maildir")
        size_limit(test, reports)
        small_tmpfs(test, reports)
        watched_maildir(test, reports)


main()
