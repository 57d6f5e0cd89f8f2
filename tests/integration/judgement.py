"""Whose mail is it? Classes against the known truth of generated reports: nobody is accused wrongly, most spoofing is found.

The generator's addresses tell who they are: 192.0.2/24, 198.51.100/24, 203.0.113/24 and 2001:db8:1::/48 are the domains'
own, 198.18/16 and 2001:db8:2::/48 sending services, 198.19/16 and 2001:db8:3::/48 forwarders, the rest spoofs. Prints
the confusion matrix, by addresses and by messages. Three seeds of 3,000 mails, 20,000 each in `make soak`.
"""
import ipaddress
import json
import os
import shutil
from collections import Counter

from harness import Test, mails_wanted
from maildir import make_maildir

MAILS = mails_wanted(3000, 20000)
SEEDS, UNWITNESSED = (1, 2, 3), 500
CLASSES = ("authorized", "fix", "forwarder", "review", "unauthorized")
RANGES = (("own", "192.0.2.0/24"), ("own", "198.51.100.0/24"), ("own", "203.0.113.0/24"), ("own", "2001:db8:1::/48"),
          ("service", "198.18.0.0/16"), ("service", "2001:db8:2::/48"),
          ("forwarder", "198.19.0.0/16"), ("forwarder", "2001:db8:3::/48"))
NETWORKS = [(who, ipaddress.ip_network(text)) for who, text in RANGES]
# Of the spoofed messages from addresses with this many, so many per cent must be found.
MESSAGES, LEAST, SUSPICIOUS = 5, 80, 55


def who_is(address):
    ip = ipaddress.ip_address(address)
    for who, network in NETWORKS:
        if ip.version == network.version and ip in network:
            return who
    return "spoof"


def sources(test, store, config):
    done = test.run("export", "sources", "--json", "-c", config, "--store", store, timeout=600)
    test.check("export of sources ends well", done.code == 0, done)
    return [json.loads(line) for line in done.out.splitlines()]


def print_matrix(rows):
    addresses, messages = Counter(), Counter()
    for row in rows:
        who = who_is(row["source_ip"])
        addresses[who, row["class"]] += 1
        messages[who, row["class"]] += row["messages"]
    print("%-10s" % "" + "".join("%24s" % name for name in CLASSES))
    for who in ("own", "service", "forwarder", "spoof"):
        print("%-10s" % who + "".join("%10d /%12d" % (addresses[who, name], messages[who, name]) for name in CLASSES))


def found_share(rows):
    spoofed = [r for r in rows if who_is(r["source_ip"]) == "spoof" and r["messages"] >= MESSAGES]
    found = [r for r in spoofed
             if r["class"] == "unauthorized" or (r["class"] == "review" and r["score"] >= SUSPICIOUS)]
    return 100 * sum(r["messages"] for r in found) / max(sum(r["messages"] for r in spoofed), 1)


def accused(rows):
    return [r["source_ip"] for r in rows if r["class"] == "unauthorized" and who_is(r["source_ip"]) != "spoof"]


def check_seed(test, seed, config):
    reports, _ = test.make_reports("seed-%d" % seed, "-n", str(MAILS), "--seed", str(seed), "--format", "maildir")
    store = test.store("judged-%d.db" % seed)
    done = test.run("ingest", "--quiet", "-c", config, "--store", store, os.path.join(reports, "Maildir"), timeout=900)
    test.check("seed %d: ingest ends well" % seed, done.code == 0, done)
    rows = sources(test, store, config)
    print("seed %d, %d mails, %d addresses" % (seed, MAILS, len(rows)))
    print_matrix(rows)
    test.equal("seed %d: nobody is accused wrongly" % seed, [], accused(rows))
    share = found_share(rows)
    test.check("seed %d: %.1f %% of the spoofed messages are found, %d are wanted" % (seed, share, LEAST), share >= LEAST)
    return reports, store, rows


def check_unauthenticated(test, reports, config):
    """Without a server of ours as a witness nobody is accused by the mails that accuse some with one."""
    new, box = os.path.join(reports, "Maildir", "new"), make_maildir(test.path("unwitnessed"))
    for name in sorted(os.listdir(new))[:UNWITNESSED]:
        shutil.copy(os.path.join(new, name), os.path.join(box, "new", name))
    blind = test.path("unwitnessed.conf")
    with open(blind, "w", encoding="utf-8"):
        pass
    guilty = {}
    for what, used in (("with", config), ("without", blind)):
        store = test.store(what + ".db")
        done = test.run("ingest", "--quiet", "-c", used, "--store", store, box, timeout=900)
        test.check("ingest %s a trusted server ends well" % what, done.code == 0, done)
        guilty[what] = [r["source_ip"] for r in sources(test, store, used) if r["class"] == "unauthorized"]
    test.check("reports of those whom a server of ours vouches for accuse", guilty["with"])
    test.equal("no source is accused by reports of strangers", [], guilty["without"][:5])
    done = test.run("ingest", "--quiet", "-c", config, "--store", store, box, timeout=900)
    again = [r["source_ip"] for r in sources(test, store, config) if r["class"] == "unauthorized"]
    test.check("the same mails are read again", done.code == 0, done)
    test.equal("read again once there is a witness, they accuse as if they came then", sorted(guilty["with"]),
               sorted(again))


def check_again(test, store, config, rows):
    """`classify --all` comes to the same result as reading did."""
    done = test.run("classify", "--all", "-c", config, "--store", store, timeout=600)
    test.check("classify --all ends well", done.code == 0, done)
    test.equal("classify --all changes nothing", rows, sources(test, store, config))


def main():
    with Test("judgement") as test:
        config = test.path("judged.conf")
        with open(config, "w") as out:
            out.write('allow_documentation_addresses = yes\ntrusted_authserv = {"mail.collector.example"}\n')
        for seed in SEEDS:
            reports, store, rows = check_seed(test, seed, config)
        check_again(test, store, config, rows)
        check_unauthenticated(test, reports, config)


if __name__ == "__main__":
    main()
