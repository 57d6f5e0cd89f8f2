"""The command line: help, version, exit codes, and the shapes that scripts rely on."""
import csv
import gzip
import io
import json
import os
import re
import signal
import subprocess
import time

from harness import EX_DATAERR, EX_USAGE, PROGRAM, Test, wait_for

COMMANDS = ("serve", "ingest", "parse", "stats", "export", "retry", "user", "rule", "config")
PARSEDMARC = (
    "xml_schema,org_name,org_email,org_extra_contact_info,report_id,begin_date,end_date,normalized_timespan,errors,"
    "domain,adkim,aspf,p,sp,pct,fo,source_ip_address,source_country,source_reverse_dns,source_base_domain,source_name,"
    "source_type,source_asn,source_as_name,source_as_domain,count,spf_aligned,dkim_aligned,dmarc_aligned,disposition,"
    "policy_override_reasons,policy_override_comments,envelope_from,header_from,envelope_to,dkim_domains,"
    "dkim_selectors,dkim_results,spf_domains,spf_scopes,spf_results")
# The columns of the takedown list, in this order, whether known yet or not.
TAKEDOWN = ("case_id,status,source_ip,ip_version,cidr,asn,as_name,country,network_org,abuse_email,abuse_source,"
            "abuse_checked_utc,form_url,rdns,rdns_confirmed,domain,subdomains,class,rule,score,why,messages,"
            "first_seen_utc,last_seen_utc,days_active,reporters_count,reporters,reporters_authenticated,dispositions,"
            "delivered_estimate,spf_results,spf_domains,dkim_results,dkim_domains,envelope_from_domains,"
            "override_reasons,dnsbl_spam,dnsbl_policy,ruf_samples,source_ports,guards_failed,note,report_ids").split(",")


def help_and_version(test):
    done = test.run("--help")
    test.check("--help names every command", done.code == 0 and all(c in done.out for c in COMMANDS), done)
    test.equal("no command at all is wrong usage", EX_USAGE, test.run().code)
    done = test.run("--version")
    test.check("--version", done.code == 0 and re.fullmatch(r"dmarcd \d+\.\d+(\.\d+)?\n", done.out), done)
    for command in COMMANDS:
        done = test.run(command, "--help")
        test.check("%s --help" % command, done.code == 0 and "Usage:" in done.out and command in done.out, done)


def parse(test, mails):
    done = test.run("parse", "--summary", *mails[:5])
    rows = [json.loads(line) for line in done.out.splitlines()]
    test.equal("parse --summary: one line a file, in order", mails[:5], [r["file"] for r in rows])
    test.check("parse --summary: outcomes", all(r["outcome"] in (
        "accepted", "accepted-with-warnings", "rejected", "ignored") for r in rows), rows)
    done = test.run("parse", "--json", mails[0])
    test.check("parse --json: everything of a mail", done.code == 0 and json.loads(done.out), done)
    letter = test.path("letter.eml")
    with open(letter, "w", encoding="ascii") as f:
        f.write("From: a@b.example\nSubject: hello\n\nNothing here.\n")
    row = json.loads(test.run("parse", "--summary", letter).out)
    test.check("parse --summary: a letter is ignored, with a reason", row["outcome"] == "ignored" and row["reason"], row)


def ingest(test, mails, store):
    # A server that the mails name as their witness: without one no source is accused.
    config = test.path("trusted.conf")
    with open(config, "w", encoding="utf-8") as f:
        f.write('trusted_authserv = {"mail.collector.example"}\n')
    done = test.run("ingest", "--json", "-c", config, "--store", store, *mails)
    tally = json.loads(done.out)
    test.check("ingest --json: one object", done.code == 0 and isinstance(tally, dict), done)
    test.equal("ingest --json: every mail has an outcome", len(mails), sum(tally.get(k, 0) for k in (
        "stored", "revision", "duplicate", "quarantined", "ignored", "retry")))
    done = test.run("ingest", "--quiet", "--store", store, *mails)
    test.check("ingest --quiet says nothing", done.code == 0 and not done.out and not done.err, done)
    done = test.run("ingest", "--store", store, *mails)
    test.check("ingest: a tally for people", done.code == 0 and "duplicate" in done.out + done.err, done)
    with open(mails[0], "rb") as f:
        mail = f.read()
    before = test.stats(store)["duplicates"]
    done = test.run("ingest", "--quiet", "--store", store, "-", stdin=mail)
    test.check("ingest -: a mail from a pipe", done.code == 0 and test.stats(store)["duplicates"] == before + 1, done)
    broken = re.sub(rb"\n\n.*", b"\n\nContent", mail, flags=re.S) + b"-Type: application/gzip\n\n"
    done = test.run("ingest", "--quiet", "--store", test.store("pipe.db"), "-", stdin=gzip.compress(b"<feedback>"))
    test.check("ingest -: what cannot be read is kept, exit code %s" % done.code, done.code in (0, EX_DATAERR) and
               test.stats(test.store("pipe.db")).get("quarantined") == 1, done)
    test.check("ingest -: half a mail does no harm",
               test.run("ingest", "--quiet", "--store", test.store("pipe.db"), "-", stdin=broken).code in (0, EX_DATAERR))
    return done


def stats(test, store):
    found = test.stats(store)
    wanted = ("reports", "records", "messages", "pass", "fail", "dkim_pass", "spf_pass", "failures", "duplicates",
              "quarantined", "ignored", "domains")
    test.check("stats --json: all members", all(k in found for k in wanted), found)
    done = test.run("stats", "--store", store)
    test.check("stats: for people", done.code == 0 and "reports" in done.out.lower(), done)


def export(test, store):
    for what in ("sources", "domains", "records", "takedown"):
        lines = test.run("export", what, "--json", "--store", store)
        rows = [json.loads(line) for line in lines.out.splitlines()]
        table = test.run("export", what, "--csv", "--store", store)
        cells = list(csv.reader(io.StringIO(table.out, newline="")))
        test.check("export %s: JSON and CSV have the same %d rows" % (what, len(rows)),
                   lines.code == 0 and table.code == 0 and rows and len(cells) == len(rows) + 1, (lines, table))
        test.check("export %s: every CSV row is as wide as its header" % what,
                   len({len(row) for row in cells}) == 1, {len(row) for row in cells})
        test.check("export %s: CSV lines end in CR LF" % what,
                   table.out.count("\r\n") >= len(cells))
        if what == "takedown":
            test.equal("export takedown: columns in their order", TAKEDOWN, cells[0])
    totals = test.stats(store)
    rows = [json.loads(x) for x in test.run("export", "records", "--json", "--store", store).out.splitlines()]
    test.equal("export records: as many as stats says", totals["records"], len(rows))
    table = test.run("export", "records", "--csv", "--compat=parsedmarc", "--store", store)
    rows = list(csv.DictReader(io.StringIO(table.out, newline="")))
    test.equal("export for parsedmarc's readers: its header", PARSEDMARC, table.out.split("\r\n")[0])
    test.equal("the same messages", totals["messages"], sum(int(r["count"]) for r in rows))
    test.equal("the same pass", totals["pass"], sum(int(r["count"]) for r in rows if r["dmarc_aligned"] == "True"))
    wide = [r for r in rows if len({r[k].count(",") for k in ("dkim_domains", "dkim_selectors", "dkim_results")}) > 1]
    test.equal("as many DKIM domains as selectors and results", [], wide[:1])
    test.equal("no other program's columns", EX_USAGE,
               test.run("export", "sources", "--csv", "--compat=parsedmarc", "--store", store).code)
    done = test.run("export", "sources", "--store", store)
    test.check("export without a format is wrong usage or one of them", done.code in (0, EX_USAGE), done)


def rules(test, store):
    """Try, add, list, end: what the preview says is what the rule then labels."""
    match = ("--match", "cidr:0.0.0.0/0", "--class", "ignore")
    seen = json.loads(test.run("rule", "preview", *match, "--json", "--store", store).out)
    done = test.run("rule", "add", *match, "--note", "all of it", "--author", "sato", "--json", "--store", store)
    rule = json.loads(done.out)
    test.equal("rule add: it labels the messages that preview named", seen["messages"], rule["messages"])
    test.check("rule add: as it was said", rule["match"] == "0.0.0.0/0" and rule["author"] == "sato" and
               rule["note"] == "all of it" and rule["expires"] is None, rule)
    classes = test.run("classify", "--store", store).out
    test.check("what is ignored is a class of its own", re.search(r"ignored +[1-9]", classes), classes)
    listed = [json.loads(x) for x in test.run("rule", "list", "--json", "--store", store).out.splitlines()]
    test.equal("rule list", [rule], listed)
    test.equal("rule end", 0, test.run("rule", "end", str(rule["id"]), "--author", "abe", "--store", store).code)
    test.equal("rule list: none in force", "", test.run("rule", "list", "--store", store).out)
    listed = [json.loads(x) for x in test.run("rule", "list", "--all", "--json", "--store", store).out.splitlines()]
    test.equal("rule list --all: who ended it", "abe", listed[0]["ended_by"])
    again = json.loads(test.run("rule", "preview", *match, "--json", "--store", store).out)
    test.equal("an end gives back what there was", seen["moves"], again["moves"])
    for wrong in (("add",), ("add", "--match", "cidr:1.2.3.4/99", "--class", "mine"), ("end", "x"), ("forget", "1"),
                  ("add", "--match", "ip:1.2.3.4", "--class", "theirs")):
        test.equal("rule %s is wrong usage" % " ".join(wrong), EX_USAGE,
                   test.run("rule", *wrong, "--store", store).code)


def reader_goes_away(test, store):
    """`dmarcd export ... | head -1` must end, and not by a crash."""
    process = subprocess.Popen([PROGRAM, "export", "records", "--csv", "--store", store],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    code = process.wait(60)
    test.check("a reader that goes away: exit code %s" % code, code in (0, 74, 75, -signal.SIGPIPE), said)


def store_gone(test):
    done = test.run("stats", "--json", "--store", test.store("never-made.db"))
    test.check("asking a store that is not there makes none (exit code %s)" % done.code,
               not os.path.exists(test.path("never-made.db")) and done.code != 0 and done.err.count("\n") == 1, done)


def users(test, store):
    done = test.run("user", "password", "ann", "--store", store, stdin=b"correct horse battery staple\n")
    test.check("user password", done.code == 0 and not done.out, done)
    done = test.run("user", "password", "ann", "--store", store, stdin=b"short\n")
    test.check("user password refuses a short one", done.code == EX_DATAERR and done.err.count("\n") == 1, done)
    done = test.run("user", "link", "ann", "--store", store)
    test.check("user link prints a link", done.code == 0 and re.search(r"/login\?token=\S{20,}", done.out), done)
    done = test.run("user", "frob", "ann", "--store", store)
    test.check("user frob is wrong usage", done.code == EX_USAGE and done.err.count("\n") == 1, done)


def retry(test):
    store = test.store("pipe.db")
    before = test.stats(store).get("quarantined")
    done = test.run("retry", "--all", "--store", store)
    test.check("retry --all: what still cannot be read stays (exit code %s)" % done.code,
               done.code in (0, EX_DATAERR) and before > 0 and test.stats(store).get("quarantined") == before, done)
    done = test.run("retry", "99999", "--store", store)
    test.check("retry of an unknown id", done.code != 0 and done.err.count("\n") == 1 and "99999" in done.err, done)


def config(test):
    done = test.run("config", "--defaults")
    path = test.path("defaults.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(done.out)
    test.check("config --defaults", done.code == 0 and "listen" in done.out, done)
    done = test.run("config", "--check", "-c", path)
    test.check("config --check accepts the defaults", done.code == 0, done)
    example = os.path.join(os.path.dirname(__file__), "..", "..", "etc", "dmarcd.conf.example")
    done = test.run("config", "--check", "-c", os.path.abspath(example))
    test.check("config --check accepts the example", done.code == 0, done)


def interrupt(test, folder):
    """Control-C during an ingest: a clean end, and the next run goes on."""
    process = subprocess.Popen([PROGRAM, "ingest", "--quiet", "--store", test.store("int.db"), folder],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(lambda: os.path.exists(test.path("int.db")), 5, 0.01)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    test.check("Control-C: exit code %s" % process.returncode, process.returncode in (0, 75, 130, -signal.SIGINT), said)
    test.check("after it the store can be asked", test.run("stats", "--json", "--store", test.store("int.db")).code == 0)


def main():
    with Test("the command line") as test:
        reports, _ = test.make_reports("reports", "-n", "300", "--format", "eml")
        folder = os.path.join(reports, "eml")
        mails = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        help_and_version(test)
        parse(test, mails)
        ingest(test, mails, test.store())
        stats(test, test.store())
        # Documentation addresses stay off the list unless a configuration lets them on.
        with open(test.path("docs.conf"), "w", encoding="utf-8") as f:
            f.write("allow_documentation_addresses = yes\n")
        done = test.run("export", "takedown", "--json", "--store", test.store())
        test.equal("documentation addresses are not reportable", "", done.out)
        export_with_config(test)
        rules(test, test.store())
        reader_goes_away(test, test.store())
        store_gone(test)
        users(test, test.store())
        retry(test)
        config(test)
        interrupt(test, folder)


def export_with_config(test):
    plain = test.run

    def run(*words, **more):
        return plain(*words, *(["-c", test.path("docs.conf")] if words[0] == "export" else []), **more)
    test.run = run
    export(test, test.store())
    test.run = plain


main()
