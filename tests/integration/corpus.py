"""Real report mail: at least so many files of the shared corpus are read as their truth says."""
import os
import re
import subprocess
import sys

from harness import HERE, PROGRAM, Test

WANTED = 120


def main():
    with Test("the corpus of real reports") as test:
        shared = os.path.join(HERE, "..", "..", "..", "shared")
        tool = os.path.join(shared, "tools", "check-corpus")
        if not os.path.exists(tool):
            test.skip("check-corpus", "the shared corpus is not beside this clone")
            return
        done = subprocess.run([sys.executable, tool, "--dmarcd", PROGRAM, "--kind", "aggregate",
                               os.path.join(shared, "corpus")], stdout=subprocess.PIPE, check=False)
        said = done.stdout.decode()
        last = re.search(r"(\d+) passed, (\d+) failed\s*$", said)
        n_read = int(last.group(1)) if last else 0
        n_all = n_read + int(last.group(2)) if last else 0
        for line in said.splitlines():
            if line.startswith("FAIL"):
                print("# " + line.replace("FAIL ", "differs: ", 1)[:300])
        test.check("%d of %d files are read as they should be (at least %d)" % (n_read, n_all, WANTED),
                   n_read >= WANTED, said[-500:])


main()
