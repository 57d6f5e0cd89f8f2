"""A real Postfix hands its mail over by LMTP, and by a pipe: totals are exact, and what cannot be stored stays queued."""
import os
import re
import resource
import sqlite3

import mta
from harness import NOBODY, Test, limit_file_size, mails_wanted, read_mails, wait_for

# More than any file of the test needs; and mails that come while there is no room.
ROOM, FULL_MAILS = 1 << 40, 40

CONFIG = """allow_documentation_addresses = yes
intake "push" { type = lmtp  listen = "127.0.0.1:0" }
"""


def serve(test, store):
    with open(test.path("dmarcd.conf"), "w", encoding="utf-8") as f:
        f.write(CONFIG)
    server = test.serve("-c", test.path("dmarcd.conf"), "--store", store, before_exec=limit_file_size(ROOM))
    found = wait_for(lambda: re.search(r"reading lmtp (127\.0\.0\.1:\d+)", server.said()), 20)
    return server, found.group(1) if found else None


def check_full_disk(test, server, postfix, mails):
    """No file of dmarcd may grow any more."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    before = len(postfix.statuses())
    postfix.send(mails)
    deferred = wait_for(lambda: [s for s in postfix.statuses()[before:] if s[0] == "deferred"], 120, 0.5)
    test.check("while the disk is full mail stays in the queue", deferred and "451" in deferred[0][1], deferred)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))


def check_lmtp(test, folder, mails):
    store = test.store()
    server, address = serve(test, store)
    if not test.check("serve listens", address):
        return
    postfix = mta.Postfix(test, "lmtp:inet:" + address)
    if not test.check("Postfix is up", postfix.is_up(), postfix.log()[-500:]):
        return
    half, patience = len(mails) // 2, 180 + len(mails) / 10
    postfix.send(mails[:half])
    test.check("the queue empties", wait_for(lambda: postfix.queued() == 0, patience, 0.5), postfix.queued())
    lock = sqlite3.connect(test.path("dmarcd.db"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    postfix.send(mails[half:-FULL_MAILS])
    deferred = wait_for(lambda: [s for s in postfix.statuses() if s[0] == "deferred"], 120, 0.5)
    test.check("while the store is locked mail stays in the queue", deferred and "451" in deferred[0][1], deferred)
    lock.execute("ROLLBACK")
    lock.close()

    def is_empty():
        postfix.flush()
        return postfix.queued() == 0
    test.check("after that all of it arrives", wait_for(is_empty, patience, 2), postfix.queued())
    check_full_disk(test, server, postfix, mails[-FULL_MAILS:])
    test.check("with room again all of it arrives", wait_for(is_empty, patience, 2), postfix.queued())
    bounced = [s for s in postfix.statuses() if s[0] == "bounced"]
    test.equal("nothing was bounced", [], bounced)
    stats = test.stats(store)
    # What was answered with 451 may have been stored a moment later: it comes again, as a duplicate.
    test.check_truth("totals of %d mails" % len(mails), store, os.path.join(folder, "truth.json"), "--totals-only")
    test.check("and no mail is missing", stats.get("reports"), stats)
    postfix.stop()


def check_pipe(test, folder, mails):
    store = test.store("pipe/dmarcd.db")
    os.mkdir(test.path("pipe"))
    os.chown(test.path("pipe"), NOBODY.pw_uid, NOBODY.pw_gid)
    program = test.program_for_all()
    service = "report unix - n n - 4 pipe flags=R user=nobody argv=%s ingest --store %s -" % (program, store)
    postfix = mta.Postfix(test, "report:", master=service)
    if not test.check("Postfix with a pipe is up", postfix.is_up(), postfix.log()[-500:]):
        return
    postfix.send(mails[:1])
    first = wait_for(postfix.statuses, 60, 0.2)
    test.check("a mail is taken by the pipe", first and first[0][0] == "sent", first)
    lock = sqlite3.connect(test.path("pipe/dmarcd.db"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    postfix.send(mails[1:3])
    deferred = wait_for(lambda: [s for s in postfix.statuses() if s[0] == "deferred"], 120, 0.5)
    test.check("while the store is locked the pipe says: try later", deferred, postfix.statuses())
    lock.execute("ROLLBACK")
    lock.close()
    postfix.send(mails[3:])

    def is_empty():
        postfix.flush()
        return postfix.queued() == 0
    test.check("after that all of it arrives", wait_for(is_empty, 180, 2), postfix.queued())
    test.check_truth("totals of %d mails through the pipe" % len(mails), store, os.path.join(folder, "truth.json"),
                     "--totals-only")
    postfix.stop()


def main():
    with Test("Postfix") as test:
        if not mta.is_there():
            test.skip("Postfix", "it is not installed, or this is not root")
            return
        folder, _ = test.make_reports("set", "-n", str(mails_wanted(1000, 5000)), "--failure", "0.02", "--format", "eml")
        check_lmtp(test, folder, read_mails(folder))
        folder, _ = test.make_reports("pipe-set", "-n", str(mails_wanted(60, 600)), "--format", "eml")
        check_pipe(test, folder, read_mails(folder))


main()
