"""What changed: two ingests a day apart tell of it once, and a late report does not tell of it again."""
import csv
import datetime
import io
import json
import os

from harness import Browser, Test

TODAY = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
DOMAIN = "shop.example"
OLD, NEW = "192.0.2.1", "203.0.113.9"
REPORT = """<?xml version="1.0"?>
<feedback><report_metadata><org_name>{org}</org_name><email>dmarc@{org}</email><report_id>{id}</report_id>
<date_range><begin>{begin}</begin><end>{end}</end></date_range></report_metadata>
<policy_published><domain>{domain}</domain><p>{p}</p></policy_published>{records}</feedback>
"""
RECORD = """<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>none</disposition>
<dkim>{result}</dkim><spf>{result}</spf></policy_evaluated></row>
<identifiers><header_from>{domain}</header_from></identifiers>
<auth_results><dkim><domain>{domain}</domain><selector>s1</selector><result>{result}</result></dkim>
<spf><domain>{spf}</domain><result>{result}</result></spf></auth_results></record>"""


def record(ip, count, result):
    return RECORD.format(ip=ip, count=count, result=result, domain=DOMAIN,
                         spf=DOMAIN if result == "pass" else "bad.example")


def write(folder, age, org, *more, policy="none"):
    """The report of org for the day that is age days ago."""
    begin = int((TODAY - datetime.timedelta(days=age)).timestamp())
    text = REPORT.format(org=org, id="%s-%d" % (org, begin), begin=begin, end=begin + 86399, domain=DOMAIN, p=policy,
                         records=record(OLD, 50, "pass") + "".join(more))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "%s-%d.xml" % (org, begin)), "w", encoding="utf-8") as f:
        f.write(text)


def changes(test):
    done = test.run("export", "changes", "--json", "--store", test.store())
    return [json.loads(line) for line in done.out.splitlines()]


def ingest(test, folder):
    done = test.run("ingest", "--quiet", "--store", test.store(), test.path(folder))
    test.check("%s is read" % folder, done.code == 0, done)


def check_page(test):
    server = test.serve("--store", test.store())
    test.check("serve is up", server.is_up())
    browser = Browser(server.port)
    test.check("somebody logs in", browser.log_in(server.login_link()))
    tree = browser.get_json("/changes.json") or {}
    test.equal("the page shows what the export prints", [c["text"] for c in changes(test)],
               [c["text"] for c in tree.get("data", [])])
    status, _, body = browser.get("/changes")
    test.check("the page is there", status == 200 and NEW.encode() in body, status)
    token = body.split(b'name="_csrf" value="')[1].split(b'"')[0].decode()
    key = body.split(b'name="mute" value="')[1].split(b'"')[0].decode()
    status, headers, _ = browser.ask("POST", "/changes", {"mute": key, "next": "/changes"})
    test.equal("nobody mutes from elsewhere", 403, status)
    status, headers, _ = browser.ask("POST", "/changes", {"mute": key, "next": "/changes", "_csrf": token})
    test.equal("a change is muted", (303, "/changes"), (status, headers.get("location")))
    test.equal("and is gone", len(tree["data"]) - 1, len(changes(test)))


with Test("What changed is told once") as t:
    for day in range(21, 1, -1):
        write(t.path("before"), day, "big.example")
        write(t.path("before"), day, "small.example")
    write(t.path("before"), 21, "late.example")
    ingest(t, "before")
    t.equal("nothing is new yet", [], changes(t))

    write(t.path("yesterday"), 1, "big.example", record(NEW, 7, "fail"), policy="reject")
    ingest(t, "yesterday")
    t.equal("a day that is not complete says nothing", [], changes(t))
    write(t.path("rest"), 1, "small.example", policy="reject")
    ingest(t, "rest")
    first = changes(t)
    t.equal("the day is complete: a source and a policy", ["policy_changed", "source_new"],
            sorted(c["kind"] for c in first))
    t.equal("the source is named", [NEW], [c["object"] for c in first if c["kind"] == "source_new"])

    write(t.path("late"), 1, "late.example", record(NEW, 9, "fail"), policy="reject")
    ingest(t, "late")
    ingest(t, "late")
    again = changes(t)
    t.equal("a late report tells nothing twice", len(first), len(again))
    t.equal("it only counts", [16], [c["numbers"]["n"] for c in again if c["kind"] == "source_new"])
    t.equal("and the change was told before", [c["first_told"] for c in first], [c["first_told"] for c in again])

    table = list(csv.DictReader(io.StringIO(t.run("export", "changes", "--csv", "--store", t.store()).out)))
    t.equal("the table has the same", sorted(c["text"] for c in again), sorted(c["text"] for c in table))
    check_page(t)

    with open(t.path("wrong.conf"), "w", encoding="utf-8") as f:
        f.write("changes { silence_factor = 0 }\n")
    done = t.run("config", "--check", "-c", t.path("wrong.conf"))
    t.check("a limit beyond reason is refused", done.code == 65 and "silence_factor" in done.err, done)
    with open(t.path("more.conf"), "w", encoding="utf-8") as f:
        f.write("changes { source_messages = 100 }\n")
    for folder in ("before", "yesterday", "rest"):
        t.run("ingest", "--quiet", "-c", t.path("more.conf"), "--store", t.store("other.db"), t.path(folder))
    done = t.run("export", "changes", "--json", "--store", t.store("other.db"))
    t.equal("a limit of the configuration counts", ["policy_changed"], [json.loads(x)["kind"] for x in done.out.splitlines()])
