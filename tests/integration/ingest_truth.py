"""Every total is exact for each way mail can lie on disk, and reading it again changes none of them."""
import os
import subprocess
import sys

from harness import HERE, PROGRAM, Test, mails_wanted

MAILS = mails_wanted(5000)
# Arrivals are counted each time; everything else must stay.
ARRIVALS = ("mails", "duplicates", "quarantined", "ignored", "revisions", "size_bytes", "arrivals")


def totals(stats):
    return {k: v for k, v in stats.items() if k not in ARRIVALS}


def ingest(test, what, store, *paths):
    done = test.run("ingest", "--store", store, "--quiet", *paths, timeout=600)
    return test.check("ingest of %s ends well" % what, done.code == 0, done)


def files_below(folder):
    """Path -> size and time of change: an ingest leaves its input as it is."""
    seen = {}
    for top, _, names in os.walk(folder):
        for name in names:
            info = os.stat(os.path.join(top, name))
            seen[os.path.join(top, name)] = (info.st_size, info.st_mtime_ns)
    return seen


def check_one_way(test, reports, name, path):
    store = test.store(name + ".db")
    truth = os.path.join(reports, "truth.json")
    if not ingest(test, name, store, path):
        return
    test.check_truth("%s, %d mails" % (name, MAILS), store, truth)
    before = test.stats(store)
    ingest(test, name + " a second time", store, path)
    after = test.stats(store)
    test.equal("%s again changes no total" % name, totals(before), totals(after))
    test.check("%s again counts duplicates" % name, after.get("duplicates", 0) >= before.get("reports", 1), after)
    test.check_truth("%s after the second time" % name, store, truth, "--totals-only")


def check_xml(test, reports, truth):
    """Attachments alone: the mails without an attachment are missing there, the good reports are not."""
    store = test.store("xml.db")
    ingest(test, "bare attachments", store, os.path.join(reports, "xml"))
    test.check_truth("bare attachments", store, os.path.join(reports, "truth.json"), "--totals-only")
    test.equal("bare attachments: repeated reports are duplicates", truth["kinds"].get("duplicate", 0),
               test.stats(store).get("duplicates"))


def check_all_into_one(test, reports, ways):
    store = test.store("one.db")
    for name, path in ways:
        ingest(test, name + " into one store", store, path)
    test.check_truth("all three in one store", store, os.path.join(reports, "truth.json"), "--totals-only")


def check_with_shared_tool(test, reports):
    """The judge that does not come from this repository, where it is at hand."""
    tool = os.path.join(HERE, "..", "..", "..", "shared", "tools", "check-truth")
    if not os.path.exists(tool):
        test.skip("check-truth", "the shared tools are not beside this clone")
        return
    done = subprocess.run([sys.executable, tool, "--dmarcd", PROGRAM, "--store", test.store("Maildir.db"),
                           os.path.join(reports, "truth.json")], stdout=subprocess.PIPE, check=False)
    # The Maildir store has been filled twice by now: arrivals differ, nothing else may.
    wrong = [x for x in done.stdout.decode().splitlines() if x.startswith("FAIL")
             and not x.startswith(("FAIL duplicates", "FAIL quarantined"))]
    test.check("check-truth agrees", not wrong and b" passed" in done.stdout, wrong)


def main():
    with Test("totals are exact, whatever shape the mailbox has") as test:
        reports, truth = test.make_reports("reports", "-n", str(MAILS), "--format", "maildir,eml,mbox,xml")
        before = files_below(reports)
        ways = [(n, os.path.join(reports, n)) for n in ("Maildir", "eml", "reports.mbox")]
        for name, path in ways:
            check_one_way(test, reports, name, path)
        check_xml(test, reports, truth)
        check_all_into_one(test, reports, ways)
        check_with_shared_tool(test, reports)
        test.equal("the input was left as it was", before, files_below(reports))


main()
