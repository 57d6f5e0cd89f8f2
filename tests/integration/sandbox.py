"""A parser in somebody else's hands costs one mail: what it tries fails or ends it, and the next mail is read."""
import glob
import json
import os
import shutil
import signal
import time

from harness import PROGRAM, Test, wait_for

# dmarcd whose workers do what a mail says (rogue.c); the parent's side is the shipped one.
ROGUE = os.path.join(os.path.dirname(PROGRAM), "tests", "integration", "rogue")
SANITIZED = os.path.basename(os.path.dirname(PROGRAM)) in ("asan", "tsan")

SYSTEM_CALL = "signal 31 (SIGSYS)"
# word in the mail: what the reason for keeping it must say; whether that is seccomp's or a limit's doing
DEEDS = [
    ("open", "attempt: ", False),
    ("write", SYSTEM_CALL, True),
    ("connect", SYSTEM_CALL, True),
    ("fork", SYSTEM_CALL, True),
    ("exec", SYSTEM_CALL, True),
    ("ptrace", SYSTEM_CALL, True),
    ("kill", SYSTEM_CALL, True),
    ("allocate", "max_worker_memory", True),
    ("loop", "max_parse_cpu_seconds (1)", False),
    ("wait", "max_parse_seconds (4)", False),
    ("flood", "max_parse_", False),
    ("crash", "(SIGSEGV)", True),
    ("lie", "a block that nobody knows", False),
]
REPORT = """From: dmarc@reporter.example
Subject: Report Domain: shop.example
Content-Type: text/xml

<feedback><report_metadata><org_name>Reporter</org_name><email>dmarc@reporter.example</email>
<report_id>%s</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata>
<policy_published><domain>shop.example</domain><p>none</p></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>shop.example</header_from>
</identifiers></record></feedback>
"""


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


def rogue_mail(path, word, report_id=None):
    return write(path, "X-Rogue: %s\n%s" % (word, REPORT % (report_id or word)))


def children_of(pid):
    """(pid, state) of each child, zombies too."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="ascii", errors="replace") as f:
                state, parent = f.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == pid:
            found.append((int(path.split("/")[2]), state))
    return found


def n_files(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def maildir(test, name):
    for part in ("new", "cur", "tmp"):
        os.makedirs(test.path(name, part))
    return test.path(name)


def deliver(test, box, name, text):
    os.rename(write(test.path(name), text), os.path.join(box, "new", name))


def conf(test):
    return write(test.path("limits.conf"), "limits { max_parse_seconds = 4 max_parse_cpu_seconds = 1 }\n")


def deeds(test):
    """One after the other, and a good report after each."""
    settings = conf(test)
    good = write(test.path("good.eml"), REPORT % "good")
    for word, want, needs_seal in DEEDS:
        if needs_seal and SANITIZED:
            continue
        bad = rogue_mail(test.path(word + ".eml"), word)
        done = test.run("parse", "-c", settings, "--summary", bad, good, program=ROGUE)
        answers = [json.loads(line) for line in done.out.splitlines()]
        if not test.equal("%s: two answers" % word, 2, len(answers)):
            continue
        reason = answers[0].get("reason") or ""
        test.check("%s: %s" % (word, reason), answers[0]["outcome"] == "rejected" and want in reason
                   and "success" not in reason, answers[0])
        test.equal("%s: the next mail is read" % word, "accepted", answers[1]["outcome"])
    test.check("no file was written", not os.path.exists("/tmp/rogue-was-here"))


def kept(test):
    """In the store: kept with the signal's name, counted, and the good ones counted."""
    box = test.path("deeds")
    os.mkdir(box)
    for number in range(6):
        write(os.path.join(box, "good-%d.eml" % number), REPORT % ("kept-%d" % number))
        rogue_mail(os.path.join(box, "bad-%d.eml" % number), "crash", "bad-%d" % number)
    done = test.run("ingest", "--json", "--store", test.store("kept.db"), box, program=ROGUE)
    tally = json.loads(done.out) if done.code == 0 else {}
    test.check("a crash is no failure of the command", done.code == 0, done)
    test.equal("good mails are stored", 6, tally.get("stored"))
    test.equal("bad mails are kept", 6, tally.get("quarantined"))
    test.check("the log says that a worker was lost", "worker lost" in done.err and "SIGSEGV" in done.err, done)
    again = test.run("retry", "--all", "--store", test.store("kept.db"))
    test.check("with a healthy parser they are read: %s" % again.out.strip(), again.code == 0, again)


def killed_from_outside(test, server, box):
    """kill -9 of the worker in the middle of a mail: a second one reads it."""
    deliver(test, box, "slow", "X-Rogue: slow\n" + REPORT % "slow")
    time.sleep(1.2)
    workers = children_of(server.process.pid)
    for pid, _ in workers:
        os.kill(pid, signal.SIGKILL)
    test.check("a worker was at work", bool(workers))
    moved = wait_for(lambda: glob.glob(os.path.join(box, "cur", "slow*")), 20)
    test.check("a mail whose worker was killed is read by the next one", moved, server.said()[-1000:])
    test.check("the log says so", "signal 9 (SIGKILL)" in server.said(), server.said()[-1000:])
    test.equal("it is stored, not kept", 0, test.stats(test.store("serve.db")).get("kept"))


def missing_worker(test, server, box, marker):
    """No process to be had: mail waits where it is."""
    for pid, _ in children_of(server.process.pid):
        os.kill(pid, signal.SIGKILL)
    write(marker, "")
    deliver(test, box, "patient", REPORT % "patient")
    said = wait_for(lambda: "mail cannot be read now" in server.said(), 20)
    test.check("without a worker the log says what is wrong", said, server.said()[-1000:])
    time.sleep(2)
    test.check("without a worker mail stays in new/", os.path.exists(os.path.join(box, "new", "patient")))
    os.unlink(marker)
    moved = wait_for(lambda: glob.glob(os.path.join(box, "cur", "patient*")), 120)
    test.check("with workers again it is read", moved, server.said()[-1000:])


def no_leaks(test, server, box, n_mails):
    deliver(test, box, "warm", REPORT % "warm")
    wait_for(lambda: glob.glob(os.path.join(box, "cur", "warm*")), 20)
    before = n_files(server.process.pid)
    for number in range(n_mails):
        deliver(test, box, "crash-%d" % number, "X-Rogue: crash\n" + REPORT % ("crash-%d" % number))
    done = wait_for(lambda: len(glob.glob(os.path.join(box, "cur", "crash-*"))) == n_mails, 120)
    test.check("%d workers died, all mails are handled" % (2 * n_mails), done, server.said()[-1000:])
    children = children_of(server.process.pid)
    test.check("no zombie is left", all(state != "Z" for _, state in children), children)
    test.check("no more children than feeders", len(children) <= os.cpu_count(), children)
    after = n_files(server.process.pid)
    test.check("no file is left open (%d, then %d)" % (before, after), after <= before + 2 * 3)


def dies_with_parent(test, server, box):
    deliver(test, box, "last", REPORT % "last")
    wait_for(lambda: glob.glob(os.path.join(box, "cur", "last*")), 20)
    workers = children_of(server.process.pid)
    test.check("there are workers to look at", bool(workers))
    server.stop(signal.SIGKILL)
    gone = wait_for(lambda: not any(os.path.exists("/proc/%d" % pid) for pid, _ in workers), 5)
    test.check("kill -9 of the parent leaves no worker behind", gone, workers)


def doctor(test):
    test.run("ingest", "--quiet", "--store", test.store("d.db"), write(test.path("one.eml"), REPORT % "one"))
    done = test.run("doctor", "--json", "--store", test.store("d.db"))
    found = json.loads(done.out) if done.out else {"findings": []}
    health = {(f["section"], f["what"]): f["health"] for f in found["findings"]}
    for layer in ("no_new_privs", "landlock", "rlimits", "seccomp"):
        test.check("doctor says how %s is: %s" % (layer, health.get(("sandbox", layer))),
                   health.get(("sandbox", layer)) in ("ok", "off", "bad"), done)
    test.equal("doctor opens the store", "ok", health.get(("store", "opens")))
    test.equal("its exit code agrees", found.get("is_well"), done.code == 0)
    done = test.run("doctor", "--store", test.store("none.db"))
    test.check("without a store doctor fails and says why", done.code != 0 and "bad  store" in done.out, done)


def unsealed(test):
    done = test.run("ingest", "--json", "--no-sandbox", "--store", test.store("n.db"), test.path("one.eml"))
    test.check("--no-sandbox works, and says so", done.code == 0 and "without a sandbox" in done.err, done)


def main():
    with Test("sealed workers: what a taken-over parser tries ends it, costs one mail, and leaks nothing") as test:
        if not os.access(ROGUE, os.X_OK):
            test.skip("sandbox", "%s is not there; make integration makes it" % ROGUE)
            return
        doctor(test)
        unsealed(test)
        deeds(test)
        kept(test)
        box, marker = maildir(test, "box"), test.path("no-spawn")
        server = test.serve("--store", test.store("serve.db"), "--maildir", box, program=ROGUE,
                            environment=dict(os.environ, ROGUE_NO_SPAWN=marker))
        if not test.check("serve starts", server.is_up(), server.said()):
            return
        killed_from_outside(test, server, box)
        missing_worker(test, server, box, marker)
        no_leaks(test, server, box, 50)
        dies_with_parent(test, server, box)
        shutil.rmtree(box, ignore_errors=True)


main()
