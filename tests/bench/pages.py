#!/usr/bin/env python3
"""pages.py [PROGRAM [MAILS]] - how long each page takes over HTTP with about a million records stored.

Uses the store that ingest.sh leaves behind (20,000 mails hold 1.09 million records). Each page is asked
200 times over one connection after 5 to warm up; the table shows milliseconds and the size of the answer.
A page may take 10 ms at the median.
"""
import http.client
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness  # noqa: E402

ROUNDS, WARM_UP, MEDIAN_MS = 200, 5, 10
# What a script asks for, whole or a thousand rows at once: shown, not judged.
ANSWERS = ("/sources.json?period=90d", "/reports.json?period=all", "/domains.csv?period=all", "/sources.csv?period=all",
           "/takedown.csv?period=30d")
PERIODS = ("7d", "30d", "90d", "all")


def pages_to_ask(test, browser):
    """Fixed pages, and those that the first link of a list leads to."""
    pages = ["/", "/sources", "/domains", "/reports", "/takedown", "/takedown?left=stale&period=all", "/reporters",
             "/reporters?period=all", "/changes", "/changes?since=2020-01-01", "/rules", "/status"]
    pages += ["/%s?period=%s" % (page, period) for page in ("", "sources", "takedown") for period in PERIODS]
    pages += ["/sources?class=unauthorized&period=all", "/sources?class=review", "/sources?sort=messages", "/sources?tick=1"]
    pages += ["/%s?period=%s" % (page, period) for page in ("senders", "networks") for period in PERIODS]
    pages += ["/senders?class=review", "/networks?class=review&period=all", "/networks?by=as&period=all"]
    for listing, link in (("/sources", r'href="(/sources/[^"?]+)'), ("/reports", r'href="(/reports/\d+)'),
                          ("/senders", r'href="(/senders/[^"?]+)'), ("/networks", r'href="(/networks/[^"?]+)'),
                          ("/domains", r'href="(/domains/[^"?]+)')):
        found = re.search(link, browser.get(listing + "?period=all")[2].decode())
        if test.check("a link in " + listing, found):
            pages.append(found.group(1))
            if listing == "/domains":
                readiness = found.group(1) + "/readiness"
                pages += [readiness, readiness + "?adkim=s&aspf=s"]
    return pages


def measure(browser, path):
    """-> status, size, sorted milliseconds"""
    connection = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=60)
    cookie = "; ".join("%s=%s" % x for x in browser.cookies.items())
    times, status, size = [], 0, 0
    for i in range(ROUNDS + WARM_UP):
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        size = len(answer.read())
        if i >= WARM_UP:
            times.append((time.perf_counter() - start) * 1000)
        status = answer.status
        if sum(times) > 20000:
            break
    connection.close()
    return status, size, sorted(times)


def main():
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/dmarcd")
    mails = sys.argv[2] if len(sys.argv) > 2 else "20000"
    store = os.path.abspath(os.path.join(os.environ.get("BENCH_FOLDER", "build/bench"), "ingest-" + mails, "dmarcd.db"))
    if not os.path.exists(store):
        sys.exit("pages.py: %s is not there; run tests/bench/ingest.sh first" % store)
    stats = json.loads(subprocess.run([program, "stats", "--json", "--store", "sqlite:" + store],
                                      stdout=subprocess.PIPE, check=True).stdout)
    print("%d reports, %d records, %d messages" % (stats["reports"], stats["records"], stats["messages"]))
    harness.PROGRAM = program
    slow = 0
    with harness.Test("page times") as test:
        server = test.serve("--store", "sqlite:" + store, "--demo")
        test.check("it starts", server.is_up(), server.said())
        browser = harness.Browser(server.port)
        test.check("log in", browser.log_in(server.login_link()))
        print("%-44s %6s %9s %8s %8s %8s" % ("page", "status", "bytes", "p50 ms", "p99 ms", "max ms"))
        for path in pages_to_ask(test, browser) + list(ANSWERS):
            status, size, times = measure(browser, path)
            median, p99 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
            print("%-44s %6d %9d %8.2f %8.2f %8.2f" % (path, status, size, median, p99, times[-1]), flush=True)
            slow += status != 200 or (median > MEDIAN_MS and path not in ANSWERS)
        test.check("every page answers within %d ms at the median" % MEDIAN_MS, slow == 0, "%d do not" % slow)


if __name__ == "__main__":
    main()
