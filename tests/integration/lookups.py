"""Look-ups in the DNS against a scripted server: facts arrive, classes follow, and nobody waits for a dead resolver."""
import os
import select
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from datetime import datetime, timezone

from harness import HERE, Browser, Test, mails_wanted, wait_for
from maildir import make_maildir

DAY = int(time.time()) // 86400 - 1
ZEN = "zen.spamhaus.org"
SCRIPT = """
a.root-servers.net 300 A 198.41.0.4
2.0.0.127.zen.spamhaus.org 300 A 127.0.0.2
_dmarc.hinoki.example 300 TXT v=DMARC1; p=none
hinoki.example 300 TXT v=spf1 ip4:192.0.2.64/28 include:sendgrid.net -all
10.2.0.192.zen.spamhaus.org 300 A 127.0.0.3
11.2.0.192.in-addr.arpa 300 PTR mail.other.example
mail.other.example 300 A 192.0.2.11
20.2.0.192.in-addr.arpa 300 PTR mail.partner.example
mail.partner.example 300 A 192.0.2.20
21.2.0.192.in-addr.arpa 300 PTR mail.partner.example
22.2.0.192.in-addr.arpa ! servfail
22.2.0.192.zen.spamhaus.org ! servfail
23.2.0.192.in-addr.arpa ! silence
23.2.0.192.zen.spamhaus.org ! silence
24.2.0.192.in-addr.arpa ! servfail
24.2.0.192.zen.spamhaus.org 300 A 192.0.2.99
25.2.0.192.in-addr.arpa 300 PTR big.partner.example
25.2.0.192.in-addr.arpa ! truncate
big.partner.example 300 A 192.0.2.25
26.2.0.192.in-addr.arpa ! servfail
26.2.0.192.zen.spamhaus.org 300 A 127.255.255.254
27.2.0.192.in-addr.arpa ! garbage
"""
# So much of what it takes without look-ups is still "not slowed", on a machine that does other things too: CPU time
# is that of the program alone; of times by the clock small ones say little, and a dead resolver costs 5 seconds a try.
LIMITS = (("mails are read as fast", lambda slowest: max(2.5 * slowest, slowest + 2)),
          ("with as much CPU", lambda slowest: 1.5 * slowest + 0.3),
          ("pages answer as soon (p99)", lambda slowest: max(2.5 * slowest, 0.25)))


class Dns:
    """dns_server.py with a script of its own."""

    def __init__(self, script):
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "dns_server.py"), script],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.asked_by_us = 0

    def count(self):
        """Questions that came, by transport; ours left out."""
        question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05count\x06server\x07example\x00\x00\x10\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(question, ("127.0.0.1", self.port))
            ready, _, _ = select.select([s], [], [], 10)
            text = s.recv(4096) if ready else b""
        self.asked_by_us += 1
        words = text[text.index(b"udp "):].decode().split()
        return int(words[1]) - self.asked_by_us, int(words[3])

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def report(n, records):
    """An aggregate report as XML; records are (address, messages, dkim, spf, results)."""
    rows = "".join("""<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>
<dkim>%s</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>hinoki.example</header_from></identifiers>
<auth_results>%s</auth_results></record>""" % r for r in records)
    return """<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name>
<email>dmarc@receiver.example</email><report_id>r%d</report_id><date_range><begin>%d</begin><end>%d</end></date_range>
</report_metadata><policy_published><domain>hinoki.example</domain><p>none</p></policy_published>%s</feedback>
""" % (n, DAY * 86400, DAY * 86400 + 86399, rows)


def bare(address, messages=3):
    return (address, messages, "fail", "fail", "")


def signed(address, messages):
    return (address, messages, "pass", "fail",
            "<dkim><domain>hinoki.example</domain><selector>s1</selector><result>pass</result></dkim>")


def ingest(test, store, name, text):
    path = test.path(name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return test.check("reports are stored", test.run("ingest", "--store", store, path).code == 0)


def write_config(test, store, dns, more=""):
    path = test.path("dmarcd.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write('store { url = "%s" }\ndns { %s }\n%s' % (store, dns, more))
    return path


def dns_block(port, more="", timeout_ms=1500):
    return 'enabled = yes servers = {"127.0.0.1:%d"} blocklists = {"%s"} timeout_ms = %d %s' % (port, ZEN, timeout_ms, more)


def log_in(test, server):
    browser = Browser(server.port)
    test.check("it starts", server.is_up(), server.said()[-600:])
    browser.log_in(server.login_link())
    return browser


def source(browser, address):
    return browser.get_json("/sources/%s.json" % address) or {}


def org_domain(browser):
    """-> by list, by DNS, and how that is known"""
    org = (browser.get_json("/domains/hinoki.example.json") or {}).get("org_domain") or {}
    return org.get("by_list"), org.get("by_dns"), org.get("state")


def judged(browser, address):
    """-> class and rule"""
    domain = (source(browser, address).get("domains") or [{}])[0]
    return domain.get("class"), domain.get("rule")


def check_off(test, server, browser, dns):
    time.sleep(1)
    test.equal("off: nothing is asked", (0, 0), dns.count())
    status = browser.get_json("/status.json")["lookups"]
    test.equal("off: Status says so", (False, 0, None), (status["is_enabled"], status["questions"], status["last_round"]))
    one = source(browser, "192.0.2.10")
    test.equal("off: a source says that nothing was looked up", (None, None, None),
               (one["rdns"]["state"], one["blocklists"]["state"], one["blocklists"]["spam"]))
    test.check("in words, too", b"not looked up" in browser.get("/sources/192.0.2.10")[2])
    test.equal("off: the organisational domain is that of the list", ("hinoki.example", None, None), org_domain(browser))
    test.equal("off: a bare source is below R8", ("review", "R9"), judged(browser, "192.0.2.10"))
    test.equal("off: so is one of the own SPF", ("review", "R9"), judged(browser, "192.0.2.65"))


def check_facts(test, browser):
    listed = source(browser, "192.0.2.10")["blocklists"]
    test.equal("a listing is there", ("listed", 1), (listed["state"], listed["spam"]))
    page = browser.get("/sources/192.0.2.10")[2]
    test.check("the page names the list and what it means", b"Listed by Spamhaus (CSS:" in page, page[-300:])
    test.equal("a bare source on CSS is R8", ("unauthorized", "R8"), judged(browser, "192.0.2.10"))
    test.equal("one that is not listed is what it was", ("review", "R9"), judged(browser, "192.0.2.11"))
    test.equal("one of the own SPF that fails is to be fixed", ("fix", "R2"), judged(browser, "192.0.2.65"))
    test.equal("the organisational domain by DNS", ("hinoki.example", "hinoki.example", "found"), org_domain(browser))
    test.equal("one of the own SPF that passes is authorized", ("authorized", "R1"), judged(browser, "192.0.2.66"))

    def rdns(address):
        got = source(browser, address)["rdns"]
        return got["state"], got["name"]
    test.equal("a confirmed name", ("confirmed", "mail.partner.example"), rdns("192.0.2.20"))
    test.equal("a name that lies is no sign", ("unconfirmed", "mail.partner.example"), rdns("192.0.2.21"))
    test.equal("no name", ("none", None), rdns("192.0.2.10"))
    test.equal("SERVFAIL is unknown", ("failed", None), rdns("192.0.2.22"))
    test.equal("so is silence", ("failed", None), rdns("192.0.2.23"))
    test.equal("so is garbage", ("failed", None), rdns("192.0.2.27"))
    test.equal("a cut answer is fetched by TCP", ("confirmed", "big.partner.example"), rdns("192.0.2.25"))

    def lists(address):
        got = source(browser, address)["blocklists"]
        return got["state"], got["spam"]
    test.equal("an answer is needed for \"not listed\"", ("not_listed", 0), lists("192.0.2.11"))
    test.equal("SERVFAIL of a list is unknown", ("unknown", None), lists("192.0.2.22"))
    test.equal("silence of a list is unknown", ("unknown", None), lists("192.0.2.23"))
    test.equal("an address that no list answers is a lie: unknown", ("unknown", None), lists("192.0.2.24"))
    test.equal("an error code is no listing", ("unknown", None), lists("192.0.2.26"))
    test.equal("and none of these is R8", {"R9"}, {judged(browser, "192.0.2.%d" % n)[1] for n in (22, 23, 24, 26)})


def check_round(test, dns, server, browser):
    good = wait_for(lambda: judged(browser, "192.0.2.10")[1] == "R8" and judged(browser, "192.0.2.65")[0] == "fix"
                    and source(browser, "192.0.2.23")["rdns"]["state"] == "failed", 30, 0.2)
    test.check("facts arrive, and classes follow", good, server.said()[-800:])
    check_facts(test, browser)
    udp, tcp = dns.count()
    test.check("TCP was used where an answer was cut, and only there", 1 <= tcp <= 3, (udp, tcp))
    status = browser.get_json("/status.json")["lookups"]
    test.check("Status tells of it", status["is_enabled"] and status["questions"] > 20 and status["facts"] >= 20 and
               status["last_round"] and not status["reason"], status)
    page = browser.get("/metrics")[2].decode()
    test.check("/metrics, too", "dmarcd_lookups_enabled 1" in page and "dmarcd_lookups_failing 0" in page, page[-300:])
    time.sleep(1)
    test.equal("what is known is not asked again", (udp, tcp), dns.count())


def check_doctor(test, config, dns, dead):
    done = test.run("doctor", "--json", "-c", config)
    test.check("doctor asks the server and the list",
               '"what": "127.0.0.1:%d"' % dns.port in done.out and "passes its test" in done.out, done)
    config = write_config(test, test.store(), dns_block(dead.port))
    done = test.run("doctor", "-c", config)
    test.check("and says where nobody answers", done.code != 0 and "bad  dns 127.0.0.1:%d" % dead.port in done.out, done)
    config = write_config(test, test.store(), "")
    done = test.run("doctor", "-c", config)
    test.check("off, it asks nothing and says so", "off  dns enabled" in done.out, done)


def check_small(test, dead):
    dns, store = Dns(SCRIPT), test.store()
    records = [bare("192.0.2.%d" % n) for n in (10, 11, 20, 21, 22, 23, 24, 25, 26, 27, 65)]
    ingest(test, store, "one.xml", report(1, records + [signed("192.0.2.66", 400), signed("192.0.2.80", 4000)]))
    config = write_config(test, store, "")
    server = test.serve("-c", config)
    browser = log_in(test, server)
    check_off(test, server, browser, dns)
    write_config(test, store, dns_block(dns.port))
    server.process.send_signal(1)
    check_round(test, dns, server, browser)
    check_doctor(test, config, dns, dead)
    write_config(test, store, "")
    server.process.send_signal(1)
    wait_for(lambda: not browser.get_json("/status.json")["lookups"]["is_enabled"], 10)
    test.equal("switched off, facts stay", ("unauthorized", "R8"), judged(browser, "192.0.2.10"))
    test.equal("it ends cleanly", 0, server.stop())
    dns.stop()


def check_many(test, n):
    """Two questions each, two that test the list, three for the domain; nobody is asked twice because a busy machine answers late."""
    dns = Dns("2.0.0.127.zen.spamhaus.org 300 A 127.0.0.2\nhinoki.example 300 TXT v=spf1 -all\n")
    store = test.store("many.db")
    addresses = ["100.%d.%d.%d" % (64 + (i >> 16), i >> 8 & 255, i & 255) for i in range(1, n + 1)]
    ingest(test, store, "many.xml", report(2, [bare(a) for a in addresses]))
    server = test.serve("-c", write_config(test, store, dns_block(dns.port, "budget = 100000", 10000)))
    browser = log_in(test, server)

    def known():
        with sqlite3.connect("file:%s?mode=ro" % test.path("many.db"), uri=True) as db:
            return db.execute("SELECT count(*) FROM address_dns WHERE rdns_state = 3 AND dnsbl_spam = 0").fetchone()[0]
    begin = time.monotonic()
    test.check("%d names are looked up" % (2 * n), wait_for(lambda: known() == n, 90, 0.5), (known(), dns.count()))
    print("# %d questions in %.1f s" % (dns.count()[0], time.monotonic() - begin))
    test.equal("each of them once", 2 * n + 5, dns.count()[0])
    test.check("pages answer", browser.get("/sources")[0] == 200)
    test.equal("it ends cleanly", 0, server.stop())
    dns.stop()


def fill(test, out, name):
    box = make_maildir(test.path(name))
    for mail in os.listdir(os.path.join(out, "eml")):
        shutil.copy(os.path.join(out, "eml", mail), os.path.join(box, "new", mail + ".M1P1.host"))
    return box


def cpu_seconds(server):
    with open("/proc/%d/stat" % server.process.pid, encoding="ascii") as f:
        words = f.read().rsplit(")", 1)[1].split()
    return sum(int(x) for x in words[11:15]) / os.sysconf("SC_CLK_TCK")


def run_ingest(test, out, n, name, dns):
    """-> seconds, CPU seconds, p99 of a page meanwhile"""
    store = test.store(name + ".db")
    shutil.copy(test.path("seed.db"), test.path(name + ".db"))
    box = fill(test, out, name)
    config = write_config(test, store, dns, 'intake "drop" { type = maildir path = "%s" }\n' % box)
    begin = time.monotonic()
    server = test.serve("-c", config)
    browser = log_in(test, server)
    times = []

    def is_read():
        for path in ("/sources", "/", "/sources/192.0.2.10"):
            start = time.monotonic()
            test_status = browser.get(path)[0]
            times.append(time.monotonic() - start)
            if test_status != 200:
                return False
        return browser.get_json("/status.json")["mails"] >= n + 1
    good = wait_for(is_read, 120, 0.02)
    seconds, cpu = time.monotonic() - begin, cpu_seconds(server)
    test.check("%s: %d mails are read" % (name, n), good, server.said()[-500:])
    status = browser.get_json("/status.json")["lookups"]
    test.equal("%s: it ends cleanly" % name, 0, server.stop())
    times.sort()
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    print("# %s: %.1f s, %.1f s CPU, p99 of %d pages %.0f ms" % (name, seconds, cpu, len(times), 1000 * p99))
    return seconds, cpu, p99, status


def check_dead(test, dead, n):
    out, _ = test.make_reports("reports", "-n", str(n), "--broken", "0", "--duplicates", "0", "--format", "eml",
                               "--max-records", "200", "--start", datetime.fromtimestamp((DAY - 20) * 86400, timezone.utc)
                               .strftime("%Y-%m-%d"), "--days", "20")
    n = len(os.listdir(os.path.join(out, "eml")))
    ingest(test, test.store("seed.db"), "seed.xml", report(3, [bare("192.0.2.%d" % i) for i in range(1, 200)]))
    off = run_ingest(test, out, n, "off", "")
    dark = run_ingest(test, out, n, "dead", dns_block(dead.port, timeout_ms=5000))
    again = run_ingest(test, out, n, "again", "")
    test.check("a dead resolver was asked meanwhile", dark[3]["is_enabled"] and dead.process.poll() is None, dark[3])
    for i, (what, limit) in enumerate(LIMITS):
        test.check("with a dead resolver " + what, dark[i] <= limit(max(off[i], again[i])), (off[i], dark[i], again[i]))


def main():
    with Test("look-ups in the DNS") as test:
        dead = Dns(". ! quiet-after 0\n")
        check_small(test, dead)
        check_many(test, mails_wanted(5000))
        check_dead(test, dead, mails_wanted(2000))
        dead.stop()


main()
