"""One ingest and one look at the store under valgrind: no invalid access, nothing definitely lost."""
import os
import shutil
import subprocess

from harness import PROGRAM, Test

VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", "--fair-sched=yes"]


def main():
    with Test("valgrind finds nothing") as test:
        if not shutil.which("valgrind"):
            test.skip("valgrind", "not installed")
            return
        reports, _ = test.make_reports("reports", "-n", "60", "--max-records", "300", "--broken", "0.1", "--format", "eml")
        for words in (["ingest", "--quiet", "--no-sandbox", "--store", test.store(), os.path.join(reports, "eml")],
                      ["stats", "--json", "--store", test.store()],
                      ["export", "takedown", "--csv", "--store", test.store()]):
            done = subprocess.run(VALGRIND + [PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  timeout=600, env=dict(os.environ, G_SLICE="always-malloc"), check=False)
            test.check("dmarcd %s under valgrind" % words[0], done.returncode == 0, done.stderr.decode()[-3000:])


main()
