#!/usr/bin/env python3
"""check_truth.py - hold every total of a store against the truth.json that mkreports.py wrote.

usage: check_truth.py [--dmarcd PROGRAM] --store URL [--totals-only] [--limit N] TRUTH.json

Asks `dmarcd stats --json` and `dmarcd export sources --json` and compares reports, records, messages, passes
and failures: in all, by domain, and by source. Duplicates and quarantined mails count arrivals, so
they are only true after exactly one ingest; --totals-only leaves them out.
Prints each difference (at most --limit), then "N passed, N failed".
"""
import argparse
import ipaddress
import json
import subprocess
import sys

SUMS = ("reports", "records", "messages", "pass", "fail")


class Verdict:
    def __init__(self, limit):
        self.good, self.bad, self.limit = 0, 0, limit

    def same(self, what, want, got):
        if want == got:
            self.good += 1
            return
        self.bad += 1
        if self.bad <= self.limit:
            print("FAIL %s: want %s, got %s" % (what, want, got))


def ask(options, *words):
    command = [options.dmarcd, *words, "--json", "--store", options.store]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()


def compare_totals(verdict, options, truth):
    stats = json.loads(ask(options, "stats"))
    verdict.same("reports", truth["reports_unique"], stats.get("reports"))
    for name in SUMS[1:] + ("dkim_pass", "spf_pass"):
        verdict.same(name, truth[name], stats.get(name))
    verdict.same("failures", sum(truth["failures"].values()), stats.get("failures"))
    if not options.totals_only:
        verdict.same("duplicates", truth["kinds"].get("duplicate", 0), stats.get("duplicates"))
        verdict.same("quarantined + ignored", truth["kinds"].get("broken", 0),
                     stats.get("quarantined", 0) + stats.get("ignored", 0))
    domains = stats.get("domains", {})
    verdict.same("domains", sorted(truth["domains"]), sorted(d for d in domains if domains[d].get("reports")))
    for domain, want in truth["domains"].items():
        for name in SUMS:
            verdict.same("%s %s" % (domain, name), want[name], domains.get(domain, {}).get(name))


def compare_sources(verdict, options, truth):
    stored = {}
    for line in ask(options, "export", "sources").splitlines():
        row = json.loads(line)
        sums = stored.setdefault(ipaddress.ip_address(row["source_ip"]), [0] * 4)
        for i, name in enumerate(SUMS[1:]):
            sums[i] += row[name]
    wanted = {ipaddress.ip_address(ip): sums for ip, sums in truth.get("sources", {}).items()}
    verdict.same("number of sources", len(wanted), len(stored))
    for ip, sums in wanted.items():
        verdict.same("source %s" % ip, sums, stored.get(ip))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dmarcd", default="build/dmarcd")
    parser.add_argument("--store", required=True)
    parser.add_argument("--totals-only", action="store_true")
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("truth")
    options = parser.parse_args()
    with open(options.truth, encoding="utf-8") as f:
        truth = json.load(f)
    verdict = Verdict(options.limit)
    compare_totals(verdict, options, truth)
    if truth.get("sources"):
        compare_sources(verdict, options, truth)
    print("%d passed, %d failed" % (verdict.good, verdict.bad))
    return 1 if verdict.bad or not verdict.good else 0


if __name__ == "__main__":
    sys.exit(main())
