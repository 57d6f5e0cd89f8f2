"""The dashboard over HTTP: the link logs in once, every page has its three faces, and all numbers are the truth."""
import csv
import datetime
import io
import ipaddress
import json
import os
import re
import socket

from harness import Browser, Test, mails_wanted

MAILS = mails_wanted(600)
DAYS = 60
# Page, and whether it has a CSV twin. Tails are filled in from the lists.
PAGES = (("/", True), ("/days", True), ("/domains", True), ("/sources", True), ("/reports", True), ("/takedown", True), ("/reporters", True),
         ("/changes", True), ("/senders", True), ("/networks", True), ("/networks?by=as", True), ("/rules", True),
         ("/status", True), ("/unreadable", True), ("/upload", False))
HEADERS = {
    "content-security-policy": r"default-src 'none'.*form-action 'self'.*frame-ancestors 'none'",
    "x-content-type-options": r"nosniff",
    "referrer-policy": r"same-origin|no-referrer",
    "cache-control": r"no-store",
    "cross-origin-opener-policy": r"same-origin",
    "cross-origin-resource-policy": r"same-origin",
}


def twin(page, suffix):
    """/sources?period=all -> /sources.json?period=all; the overview's name is /summary."""
    path, mark, query = page.partition("?")
    return ("/summary" if path == "/" else path) + suffix + mark + query


def rows_of(browser, path):
    """All rows of a list, page after page, as a script would read them."""
    rows, after = [], None
    for _ in range(1000):
        target = path if after is None else path + ("&" if "?" in path else "?") + "after=" + after
        answer = browser.get_json(target)
        if answer is None:
            return None
        rows += answer["data"]
        after = answer.get("next")
        if not after:
            return rows
    return None


def check_door(test, server):
    stranger = Browser(server.port)
    test.equal("healthz needs no login", 200, stranger.get("/healthz")[0])
    status, headers, _ = stranger.get("/")
    test.check("the overview asks for a login (%d)" % status,
               status in (302, 303) and "/login" in headers.get("location", ""), headers)
    for path in ("/sources.json", "/takedown.csv", "/reports"):
        status, headers, body = stranger.get(path)
        test.check("%s tells strangers nothing (%d)" % (path, status), status in (302, 303, 401, 403) and
                   b".example" not in body, body[:200])
    browser = Browser(server.port)
    link = server.login_link()
    test.equal("looking at the link (HEAD) does not use it up", True, browser.ask("HEAD", link)[0] in (200, 303))
    status, headers, _ = browser.get(link)
    cookie = headers.get("set-cookie", "")
    test.check("the link logs in", status in (302, 303) and browser.cookies, (status, headers))
    test.check("the cookie is for this site and no script", "HttpOnly" in cookie and "SameSite=Strict" in cookie, cookie)
    status, headers, _ = Browser(server.port).get(link)
    test.check("the link works once (%d)" % status, status in (401, 403, 410) and "set-cookie" not in headers, headers)
    return browser


def check_html(test, page, headers, body):
    text = body.decode("utf-8")
    test.check("%s: HTML" % page, headers.get("content-type", "").startswith("text/html; charset=utf-8"), headers)
    for name, pattern in HEADERS.items():
        test.check("%s: %s" % (page, name), re.search(pattern, headers.get(name, "")), headers.get(name))
    test.check("%s: no script or style in the page" % page,
               not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text))
    foreign = re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', text)
    test.check("%s: nothing from elsewhere" % page, not foreign, foreign)
    test.check("%s: no tag of the template is left" % page, not re.search(r"\{\{|\}\}|%[0-9]*[sdlu]\b|\(null\)|NaN", text))
    test.check("%s: %d bytes are at most 100 kB" % (page, len(body)), len(body) <= 100000)


def check_page(test, browser, page, has_csv):
    status, headers, body = browser.get(page)
    if not test.equal("%s answers" % page, 200, status):
        return
    check_html(test, page, headers, body)
    status, headers, body = browser.get(twin(page, ".json"))
    is_json = status == 200 and headers.get("content-type", "").startswith("application/json")
    test.check("%s is JSON" % twin(page, ".json"), is_json and isinstance(json.loads(body), dict), (status, headers))
    if is_json:
        hidden = re.findall(rb'"(_[a-z_]+)":', body)
        test.check("%s has no member for HTML only" % twin(page, ".json"), not hidden, hidden[:5])
    if has_csv:
        status, headers, body = browser.get(twin(page, ".csv"))
        test.check("%s is CSV" % twin(page, ".csv"),
                   status == 200 and headers.get("content-type", "").startswith("text/csv") and
                   "attachment" in headers.get("content-disposition", ""), (status, headers))
        if status == 200:
            widths = {len(row) for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))}
            test.check("%s: all rows are as wide as the header" % twin(page, ".csv"), len(widths) == 1, widths)


def first_of(rows, name):
    return str(rows[0][name]) if rows else None


def check_pages(test, browser):
    pages = list(PAGES)
    source = first_of(rows_of(browser, "/sources.json?period=all"), "source_ip")
    report = first_of(rows_of(browser, "/reports.json?period=all"), "id")
    domain = first_of(rows_of(browser, "/domains.json?period=all"), "domain")
    test.check("the lists name a source, a report and a domain", source and report and domain, (source, report, domain))
    pages += [("/domains/%s?period=all" % domain, True)]
    pages += [("/sources/%s?period=all" % source, True), ("/reports/%s" % report, True)]
    pages += [("/sources?class=%s&period=90d" % name, True) for name in ("unauthorized", "review", "fix", "forwarder")]
    for page, has_csv in pages:
        check_page(test, browser, page, has_csv)
    status, headers, body = browser.get("/reports/%s.xml" % report)
    test.check("the XML of a report is an attachment", status == 200 and b"<feedback" in body and
               "attachment" in headers.get("content-disposition", ""), (status, headers, body[:80]))


def check_sources(test, browser, truth):
    rows = rows_of(browser, "/sources.json?period=all") or []
    sums = {}
    for row in rows:
        total = sums.setdefault(row["source_ip"], [0, 0, 0])
        for i, name in enumerate(("messages", "pass", "fail")):
            total[i] += row[name]
    want = {str(ipaddress.ip_address(ip)): values[1:] for ip, values in truth["sources"].items()}
    wrong = [ip for ip in want if sums.get(ip) != want[ip]]
    test.check("sources: all %d addresses, each with its messages, passes and fails" % len(want),
               not wrong and len(sums) == len(want), (len(sums), wrong[:3], [sums.get(x) for x in wrong[:3]]))
    table = list(csv.DictReader(io.StringIO(browser.get("/sources.csv?period=all")[2].decode("utf-8-sig"), newline="")))
    test.equal("sources.csv has the rows of sources.json", len(rows), len(table))


def check_reports(test, browser, truth):
    rows = rows_of(browser, "/reports.json?period=all") or []
    test.equal("reports: all of them", truth["reports_unique"], len(rows))
    test.equal("reports: their messages", truth["messages"], sum(r["messages"] for r in rows))


def check_overview(test, browser, truth):
    """The overview of all time sums up what was stored; by domain too."""
    domains = rows_of(browser, "/domains.json?period=all")
    got = {row["domain"]: (row["messages"], row["pass"]) for row in domains}
    want = {name: (row["messages"], row["pass"]) for name, row in truth["domains"].items()}
    test.equal("domains: messages and passes of each", want, got)
    classes = browser.get_json("/summary.json?period=all")["classes"]
    test.equal("overview: the classes sum up to all messages", truth["messages"], sum(c["messages"] for c in classes))
    days = rows_of(browser, "/days.json?period=all")
    names = ("authorized", "fix", "forwarder", "review", "unauthorized")
    test.equal("days: they sum up to all messages", truth["messages"], sum(d[n] or 0 for d in days for n in names))


def check_takedown(test, browser, truth):
    rows = rows_of(browser, "/takedown.json?period=all") or []
    test.check("takedown: %d addresses" % len(rows), rows)
    passes = {str(ipaddress.ip_address(ip)): values[2] for ip, values in truth["sources"].items()}
    passed = [r["source_ip"] for r in rows if passes[r["source_ip"]] > 0]
    test.check("takedown: none of them ever passed", not passed, passed[:5])
    test.check("takedown: documentation addresses only in a demonstration", test.run(
        "export", "takedown", "--json", "--store", test.store()).out == "")


def check_status(test, browser, truth):
    broken = sum(truth["kinds"].get(k, 0) for k in ("broken",))
    stats = test.stats(test.store())
    test.equal("status: unreadable and empty mails", broken, stats["quarantined"] + stats["ignored"])
    kept = rows_of(browser, "/unreadable.json")
    test.equal("unreadable: all that are kept, with a reason", stats["quarantined"], len([k for k in kept if k["reason"]]))
    arrivals = browser.get_json("/status.json")["arrivals"]
    test.equal("status: every mail has an outcome", truth["mails"], sum(arrivals.values()))


def form_fields(body, action):
    found = re.search(r'<form[^>]*action="[^"]*%s[^"]*"[^>]*>(.*?)</form>' % re.escape(action), body.decode(), re.S)
    if not found:
        return None
    inputs = re.findall(r"<(?:input|button)[^>]*>", found.group(1))
    pairs = [(re.search(r'name="([^"]*)"', x), re.search(r'value="([^"]*)"', x)) for x in inputs]
    return {a.group(1): b.group(1) if b else "" for a, b in pairs if a}


def check_changes(test, browser):
    """A change needs the token of the page that asks for it."""
    _, _, body = browser.get("/unreadable")
    fields = form_fields(body, "/unreadable")
    if test.check("unreadable: a form to try again", fields and fields.get("_csrf"), body[-300:]):
        before = test.stats(test.store())
        without = {k: v for k, v in fields.items() if k != "_csrf"}
        test.equal("a change without its token is refused", 403, browser.ask("POST", "/unreadable", without)[0])
        foreign = browser.ask("POST", "/unreadable", dict(fields, _csrf="0" * len(fields["_csrf"])))
        test.equal("a change with another token is refused", 403, foreign[0])
        status, _, answer = browser.ask("POST", "/unreadable", fields)
        test.check("what still cannot be read is said to be so (%d)" % status, status == 400 and
                   b"<html" in answer, answer[:300])
        test.equal("and is still kept, once", before["quarantined"], test.stats(test.store())["quarantined"])
    test.check("a change on a page that has none", browser.ask("POST", "/sources", {"a": "b"})[0] in (403, 405))
    status, _, _ = browser.ask("POST", "/logout", form_fields(body, "/logout") or {})
    test.check("log out (%d)" % status, status in (200, 302, 303))
    test.check("after it the session is over", browser.get("/sources.json")[0] in (302, 303, 401, 403))


def raw(port, text):
    """Send bytes as they are; gives the status line."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        s.sendall(text)
        try:
            s.shutdown(socket.SHUT_WR)
        except OSError:  # the server has answered and closed already
            pass
        answer = b""
        while chunk := s.recv(65536):
            answer += chunk
            if b"\r\n" in answer:
                break
    return answer.split(b"\r\n")[0].decode("latin-1")


def check_hostile_requests(test, server, browser):
    for path in ("/nowhere", "/sources/999.1.1.1", "/sources/192.0.2.255", "/reports/0", "/reports/99999999999999999999",
                 "/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/sources/a%00b"):
        status = browser.get(path)[0]
        test.check("%s is not there (%d)" % (path, status), status in (400, 404))
    for query in ("after=%27%3b--", "period=never", "class=none-such", "after=" + "A" * 3000, "%ff=%fe", "find=%3Cscript%3E",
                  "&".join("a%d=1" % i for i in range(100))):
        status, _, body = browser.get("/sources?" + query)
        test.check("/sources?%.30s does no harm (%d)" % (query, status), status in (200, 400, 404, 414, 431) and
                   b"<script>" not in body)
    cookie = "; ".join("%s=%s" % x for x in browser.cookies.items()).encode()
    both = (b"POST /unreadable HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookie +
            b"\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    line = raw(server.port, both)
    test.check("two lengths in one request are refused (%s)" % line, " 400 " in line + " " or line == "")
    line = raw(server.port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 100000 + b"\r\n\r\n")
    test.check("an endless header is refused (%s)" % line, " 200 " not in line)
    line = raw(server.port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20)
    test.check("what is no HTTP is refused (%s)" % line, " 200 " not in line)
    test.check("and the server still answers", browser.get("/healthz")[0] == 200 and server.process.poll() is None)


def main():
    start = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=DAYS + 1)).strftime("%Y-%m-%d")
    with Test("the dashboard over HTTP") as test:
        reports, truth = test.make_reports("reports", "-n", str(MAILS), "--days", str(DAYS), "--start", start,
                                           "--broken", "0.02", "--format", "eml")
        config = test.path("dmarcd.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write('trusted_authserv = {"mail.collector.example"}\n')
        done = test.run("ingest", "--quiet", "-c", config, "--store", test.store(), os.path.join(reports, "eml"))
        test.check("ingest", done.code == 0, done)
        server = test.serve("-c", config, "--store", test.store(), "--demo")
        test.check("it starts", server.is_up(), server.said())
        browser = check_door(test, server)
        check_pages(test, browser)
        for check in (check_sources, check_reports, check_overview, check_takedown, check_status):
            check(test, browser, truth)
        check_hostile_requests(test, server, browser)
        check_changes(test, browser)
        test.equal("SIGTERM ends it cleanly", 0, server.stop())


main()
