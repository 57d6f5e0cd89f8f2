#!/usr/bin/env python3
"""Who is on the takedown list, and whose reports put them there: reports handed in as files count, mails that nobody
authenticated do not, until a user vouches for their sender."""
import csv
import io
import ipaddress
import json
import os

from harness import Test, mails_wanted

REPORTS = mails_wanted(1500)
HEADER = "mx.example.org"
MAIL = """Authentication-Results: %s; dkim=pass header.d=fresh.example; spf=pass smtp.mailfrom=fresh.example
From: reports@fresh.example
To: dmarc@shop.example
Subject: Report Domain: shop.example
MIME-Version: 1.0
Content-Type: application/xml; name="report.xml"

<?xml version="1.0"?><feedback><report_metadata><org_name>Fresh</org_name><email>reports@fresh.example</email>
<report_id>%d</report_id><date_range><begin>%d</begin><end>%d</end></date_range></report_metadata>
<policy_published><domain>shop.example</domain><p>none</p></policy_published>%s</feedback>
"""
ROW = """<record><row><source_ip>8.8.%d.8</source_ip><count>40</count><policy_evaluated><disposition>none</disposition>
<dkim>%s</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>shop.example</header_from></identifiers>
<auth_results>%s<spf><domain>%s</domain><result>%s</result></spf></auth_results></record>"""
DAY = 86400


def listed(test, *arguments):
    done = test.run("export", "takedown", "--json", *arguments)
    return [json.loads(line) for line in done.out.splitlines()] if done.code == 0 else None


def check_files(test, config):
    """Files count; who passed for any domain, or was ever called forwarded, is not listed."""
    folder, truth = test.make_reports("files", "-n", str(REPORTS), "--days", "20", "--format", "xml")
    store = test.store("files.db")
    done = test.run("ingest", "--quiet", "--store", store, os.path.join(folder, "xml"))
    test.check("files are taken", done.code == 0, done)
    test.equal("nobody where documentation addresses are not allowed", [], listed(test, "--store", store))
    rows = listed(test, "-c", config, "--store", store)
    test.check("%d addresses are listed" % len(rows or []), rows)
    truth = {str(ipaddress.ip_address(ip)): values for ip, values in truth["sources"].items()}
    test.equal("none of them ever passed", [], [r["source_ip"] for r in rows if truth[r["source_ip"]][2] > 0])
    test.equal("each once", len(rows), len({r["source_ip"] for r in rows}))
    test.equal("no guard failed", [], [r for r in rows if r["guards_failed"] or r["status"] != "candidate"])
    test.equal("every one was reported by somebody who counts", [], [r for r in rows if r["reporters_authenticated"] < 1])
    test.check("each says why, with its score", all(r["why"] and r["score"] >= 70 and r["rule"] == "R8" for r in rows))
    out = test.run("export", "takedown", "--csv", "-c", config, "--store", store).out
    cells = list(csv.DictReader(io.StringIO(out, newline="")))
    test.equal("CSV and JSON have the same addresses", [r["source_ip"] for r in rows], [c["source_ip"] for c in cells])
    test.equal("what is not known is empty", {""}, {c[k] for c in cells for k in ("asn", "rdns", "abuse_email", "dnsbl_spam")})
    test.check("no cell is a formula", not [c for row in cells for c in row.values() if c[:1] in tuple("=+-@\t\r")])


def mail(number, day, begin):
    """Own mail and a spoofer; the spoofer on several days."""
    own = ROW % (4, "pass", "pass", "<dkim><domain>shop.example</domain><selector>s</selector><result>pass</result></dkim>",
                 "shop.example", "pass")
    spoof = ROW % (8, "fail", "fail", "", "bad.example", "fail")
    return MAIL % (HEADER, number, begin + day * DAY, begin + (day + 1) * DAY - 1, own + spoof)


def check_reporter(test, begin):
    """A sender whom nobody knows counts for nothing, until a user approves it."""
    config, store = test.path("mail.conf"), test.store("mail.db")
    with open(config, "w", encoding="ascii") as f:
        f.write('trusted_authserv = {"%s"}\n' % HEADER)
    for day in range(6):
        done = test.run("ingest", "--quiet", "-c", config, "--store", store, "-", stdin=mail(day, day, begin).encode())
        test.check("mail %d is taken" % day, done.code == 0, done)
    common = ("-c", config, "--store", store)
    test.equal("not listed by a stranger's word", [], listed(test, *common))
    done = test.run("reporter", "list", "--json", *common)
    parties = [json.loads(line) for line in done.out.splitlines()]
    test.check("reporter list names it", len(parties) == 1 and parties[0]["voice"] == "fresh.example" and
               parties[0]["reports"] == 6 and not parties[0]["is_counted"], done)
    test.check("nobody of another name", test.run("reporter", "approve", "other.example", *common).code != 0)
    test.check("reporter approve", test.run("reporter", "approve", "fresh.example", *common).code == 0)
    rows = listed(test, *common)
    test.equal("listed now", ["8.8.8.8"], [r["source_ip"] for r in rows or []])
    test.check("reporter list says so", "\tapproved\t6" in test.run("reporter", "list", *common).out)
    test.check("reporter withdraw", test.run("reporter", "withdraw", "fresh.example", *common).code == 0)
    test.equal("not listed any more", [], listed(test, *common))


def main():
    with Test("the takedown list") as test:
        config = test.path("demo.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write("allow_documentation_addresses = yes\n")
        check_files(test, config)
        check_reporter(test, 1790000000 // DAY * DAY)


main()
