"""Real report mail of every kind, and hostile input under limits: each file is read as its truth says."""
import os
import re
import subprocess
import sys

from harness import HERE, PROGRAM, Test

SHARED = os.path.join(HERE, "..", "..", "..", "shared")
TOOL = os.path.join(SHARED, "tools", "check-corpus")

# Where the truth is not what stands in the file.
OURS_IS_RIGHT = {
    "failure/parsedmarc__DMARC_Failure_Report_for_domain.de_mail-from=sharepoint@domain.de_ip=10.10.10.10_.eml":
        "the truth has blanks inside the quotes around an encoded word, which the field has not",
    "dsn/sisimai__lhost-office365-10.eml":
        "the returned header has a Message-ID; the truth stops at a line before it that is not folded",
    "dsn/cws__bounce_511_057.eml":
        "the file is an mbox of two bounces of two messages, and the truth knows one",
}


def check(test, name, arguments):
    done = subprocess.run([sys.executable, TOOL, "--dmarcd", PROGRAM] + arguments, stdout=subprocess.PIPE, check=False)
    said = done.stdout.decode()
    last = re.search(r"(\d+) passed, (\d+) failed\s*$", said)
    wrong = []
    for line in said.splitlines():
        if not line.startswith("FAIL"):
            continue
        file = line[len("FAIL "):].split(".eml: ")[0] + ".eml"
        if file in OURS_IS_RIGHT:
            print("# %s: %s" % (file, OURS_IS_RIGHT[file]))
        else:
            wrong.append(line)
    test.check("%s: %s files are read as they should be" % (name, last.group(1) if last else "no"),
               last and int(last.group(1)) > 100 and not wrong, "\n".join(wrong)[:2000] or said[-500:])


def main():
    with Test("the corpus of real reports") as test:
        if not os.path.exists(TOOL):
            test.skip("check-corpus", "the shared corpus is not beside this clone")
            return
        check(test, "real", [os.path.join(SHARED, "corpus")])
        hostile = test.path("hostile")
        os.mkdir(hostile)
        subprocess.run([sys.executable, os.path.join(SHARED, "corpus", "hostile", "make.py"), hostile],
                       stdout=subprocess.DEVNULL, check=True)
        check(test, "hostile", ["--limits", hostile])


main()
