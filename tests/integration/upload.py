"""Uploads, by token and by form: acknowledged after the commit, idempotent, bounded, and nothing is lost."""
import collections
import concurrent.futures
import gzip
import http.client
import io
import json
import re
import signal
import sqlite3
import time
import uuid
import zipfile

from harness import PATIENCE, Browser, Test, wait_for

API = "/api/v1/reports"
LIMIT = 400000
REPORT = """<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name>
<email>noreply@receiver.example</email><report_id>%s</report_id>
<date_range><begin>1762300800</begin><end>1762387199</end></date_range></report_metadata>
<policy_published><domain>example.org</domain><p>none</p></policy_published>
<record><row><source_ip>192.0.2.%d</source_ip><count>3</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>
<identifiers><header_from>example.org</header_from></identifiers>
<auth_results><spf><domain>example.org</domain><result>pass</result></spf></auth_results></record></feedback>"""


def report(name, last=1):
    return (REPORT % (name, last)).encode()


def mail(name):
    return (b"From: noreply@receiver.example\r\nTo: dmarc@example.org\r\nSubject: Report domain: example.org\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: application/xml; name=r.xml\r\n\r\n" + report(name))


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name + ".xml", report(name))
    return out.getvalue()


def multipart(files, fields=()):
    """-> content type, body"""
    boundary = uuid.uuid4().hex
    out = b""
    for name, value in fields:
        out += ('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name, value)).encode()
    for name, data in files:
        out += ('--%s\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n'
                'Content-Type: application/octet-stream\r\n\r\n' % (boundary, name)).encode() + data + b"\r\n"
    return "multipart/form-data; boundary=" + boundary, out + ("--%s--\r\n" % boundary).encode()


class Program:
    """What curl does, with a token."""

    def __init__(self, port, token=None):
        self.browser, self.token = Browser(port), token

    def post(self, body, kind="application/xml", path=API):
        headers = {"Content-Type": kind}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        status, got, data = self.browser.ask("POST", path, body, headers)
        answer = json.loads(data) if "json" in got.get("content-type", "") else {}
        return status, got, answer


def outcomes(answer):
    return [row["outcome"] for row in answer.get("data", [])]


def make_token(test, *arguments):
    done = test.run("token", *arguments, "--store", test.store())
    return done.out.strip() if done.code == 0 else None


def check_kinds(test, program):
    cases = [("xml", "application/xml", report("xml")), ("gz", "application/gzip", gzip.compress(report("gz"))),
             ("zip", "application/zip", zipped("zip")), ("eml", "message/rfc822", mail("eml")),
             ("what curl claims by itself", "application/x-www-form-urlencoded", report("curl"))]
    for what, kind, body in cases:
        status, _, answer = program.post(body, kind)
        parts = answer["data"][0]["parts"] if answer.get("data") else []
        test.check("%s is stored" % what, status == 200 and outcomes(answer) == ["stored"], (status, answer))
        test.check("%s: kind and number of the report" % what,
                   len(parts) == 1 and parts[0]["kind"] == "aggregate" and parts[0]["id"] > 0, parts)
        status, _, answer = program.post(body, kind)
        test.check("%s again is a duplicate" % what, status == 200 and outcomes(answer) == ["duplicate"], (status, answer))
    status, _, answer = program.post(zipped("two-a", "two-b"))
    parts = answer["data"][0]["parts"] if answer.get("data") else []
    test.check("an archive of two says so for each", status == 200 and len(parts) == 2 and
               all(p["outcome"] == "stored" and p["id"] for p in parts), (status, answer))
    status, _, answer = program.post(report("xml", 2))
    test.check("other content is a revision", status == 200 and outcomes(answer) == ["revision"], (status, answer))


def check_form(test, program):
    kind, body = multipart([("a.xml", report("form-a")), ("b.gz", gzip.compress(report("form-b"))),
                            ("../../etc/b<b>.xml", b"no report at all"), ("empty.xml", b"")])
    status, _, answer = program.post(body, kind)
    test.check("several files, one answer each", status == 200 and len(outcomes(answer)) == 4 and
               outcomes(answer)[:2] == ["stored", "stored"], (status, answer))
    names = [row["name"] for row in answer.get("data", [])]
    test.equal("names without folders", ["a.xml", "b.gz", "b<b>.xml", "empty.xml"], names)
    for what, kind, body in (("no file", *multipart([])), ("a field alone", *multipart([], [("x", "y")])),
                             ("a form without boundary", "multipart/form-data", b"--x\r\n"),
                             ("a form that is cut short", multipart([("a", b"b")])[0], b"--x\r\n")):
        status, _, answer = program.post(body, kind)
        test.check("%s is refused (%d)" % (what, status), status == 400 and answer.get("detail"), answer)
    status, _, answer = program.post(*reversed(multipart([("f%d" % i, b"x") for i in range(101)])))
    test.check("more files than may be", status == 413 and "max_upload_files" in answer.get("detail", ""), (status, answer))


def check_unreadable(test, program):
    status, _, answer = program.post(b"<feedback><report_metadata>")
    test.check("garbage is kept, and the answer says why", status == 422 and outcomes(answer) == ["quarantined"] and
               answer["data"][0]["reason"], (status, answer))
    status, _, answer = program.post(b"From: a@example.org\r\nSubject: lunch\r\n\r\nAt one?\r\n", "message/rfc822")
    test.check("a mail without report is ignored", status == 422 and outcomes(answer) == ["ignored"], (status, answer))


def check_large(test, program):
    for what, size in (("a little", LIMIT + 1), ("much", 30 * LIMIT)):
        try:
            status, _, answer = program.post(b"x" * size)
        except (OSError, http.client.HTTPException) as error:
            status, answer = 0, error
        # Who sends on while the answer is there may lose it.
        test.check("%s too large" % what, status == 413 and "max_mail_bytes (%d)" % LIMIT in
                   answer["detail"].replace(",", "") or (status == 0 and size > 2 * LIMIT), (status, answer))
    body = report("fits") + b" " * (LIMIT - len(report("fits")))
    test.equal("exactly as large as may be", 200, program.post(body)[0])


def check_door(test, server, token):
    port = server.port
    status, headers, answer = Program(port).post(report("door"))
    test.check("without a token", status == 401 and headers.get("www-authenticate", "").startswith("Bearer") and
               "dmarcd token add" in answer.get("detail", ""), (status, headers, answer))
    metrics = make_token(test, "add", "scrape", "--right", "metrics")
    status, _, answer = Program(port, metrics).post(report("door"))
    test.check("a token without the right", status == 403 and "--right" in answer.get("detail", ""), (status, answer))
    test.equal("a token reaches no page", 403,
               Browser(port).get("/sources.json", Authorization="Bearer " + token)[0])
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "nightly.", "nobody.x", "x", "a" * 5000):
        test.equal("a wrong token (%s...)" % wrong[:12], 401, Program(port, wrong).post(report("door"))[0])
    old = make_token(test, "add", "old")
    test.equal("a token made while it runs", 200, Program(port, old).post(report("old"))[0])
    test.equal("revoking it", 0, test.run("token", "revoke", "old", "--store", test.store()).code)
    test.equal("a revoked token", 401, Program(port, old).post(report("old"))[0])
    listed = test.run("token", "list", "--store", test.store()).out
    test.check("the list shows names and rights, no secret", "nightly\tupload\t" in listed and
               "scrape\tmetrics\t" in listed and token.split(".")[1] not in listed, listed)
    test.equal("a name twice", 65, test.run("token", "add", "nightly", "--store", test.store()).code)
    test.equal("an unknown right", 64, test.run("token", "add", "x", "--right", "all", "--store", test.store()).code)
    test.equal("nobody to revoke", 65, test.run("token", "revoke", "old", "--store", test.store()).code)
    with open(test.path("dmarcd.db"), "rb") as f:
        test.check("the store has no token", token.split(".")[1].encode() not in f.read())
    tries = [Program(port, "nightly.x").post(report("door"))[0] for _ in range(30)]
    test.check("guessing comes to an end", tries[-1] == 429, tries)
    test.equal("and disturbs no right token", 200, Program(port, token).post(report("door"))[0])
    test.check("the log shows no token", token.split(".")[1] not in server.said())


def check_browser(test, server):
    browser = Browser(server.port)
    test.check("log in", browser.log_in(server.login_link()))
    status, _, page = browser.get("/upload")
    test.check("the page has a form for files", status == 200 and b'enctype="multipart/form-data"' in page and
               b'type="file" multiple' in page, status)
    csrf = re.search(rb'name="_csrf" value="([^"]+)"', page).group(1).decode()
    test.check("the menu leads there", b'href="/upload"' in browser.get("/status")[2])
    files = [("one.xml", report("browser-1")), ("<i>two.xml", b"nothing")]
    kind, body = multipart(files, [("_csrf", csrf)])
    status, _, page = browser.ask("POST", "/upload", body, {"Content-Type": kind})
    test.check("a table says what became of each file", status == 200 and b"one.xml" in page and b"stored" in page and
               b"&lt;i&gt;two.xml" in page and b'<a href="/reports/' in page, (status, page[-2500:]))
    before = test.stats(test.store())["mails"]
    for what, fields, headers in (("without the form's token", [], {}), ("with a wrong one", [("_csrf", "x" * 64)], {}),
                                  ("from elsewhere", [("_csrf", csrf)], {"Sec-Fetch-Site": "cross-site"})):
        kind, body = multipart([("x.xml", report("forged"))], fields)
        status, _, page = browser.ask("POST", "/upload", body, dict(headers, **{"Content-Type": kind}))
        test.equal("a form %s" % what, 403, status)
    test.equal("forged forms store nothing", before, test.stats(test.store())["mails"])
    kind, body = multipart([("", b"")], [("_csrf", csrf)])
    status, _, page = browser.ask("POST", "/upload", body, {"Content-Type": kind})
    test.check("a form that was left empty", status == 400 and b"Choose one" in page, status)
    status, headers, _ = Browser(server.port).get("/upload")
    test.check("strangers log in first", status == 303 and "/login" in headers["location"], (status, headers))
    test.equal("rights can leave it out", 0, test.run("user", "rights", "admin", "--no-upload", "--store", test.store()).code)
    test.equal("who lacks the right", 403, browser.get("/upload")[0])
    test.check("has no link to it", b'href="/upload"' not in browser.get("/status")[2])
    test.run("user", "rights", "admin", "--store", test.store())


def check_parallel(test, server, token):
    """Who is told to come again comes again."""
    def send(i):
        for _ in range(100):
            status, headers, answer = Program(server.port, token).post(report("parallel-%d" % i))
            if status != 503:
                return status, outcomes(answer)
            time.sleep(min(int(headers["retry-after"]), 1))
        return 503, []

    before = test.stats(test.store())["reports"]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    test.check("50 at once are all stored", all(a == (200, ["stored"]) for a in answers), answers)
    test.equal("and all are there", before + 50, test.stats(test.store())["reports"])


def check_kill(test, token, *arguments):
    """An answer of 200 outlives kill -9."""
    for i in range(5):
        server = test.serve("--store", test.store(), *arguments)
        test.check("it starts", server.is_up(), server.said())
        status, _, answer = Program(server.port, token).post(report("kill-%d" % i))
        server.process.send_signal(signal.SIGKILL)
        server.stop()
        number = answer["data"][0]["parts"][0]["id"] if status == 200 else 0
        database = sqlite3.connect("file:%s?mode=ro" % test.path("dmarcd.db"), uri=True)
        found = database.execute("SELECT count(*) FROM report WHERE id = ?", (number,)).fetchone()[0]
        database.close()
        test.equal("killed after its answer, report %d is there" % number, 1, found)


def check_locked(test, server, token):
    """The store takes nothing: 503, within bounds; later all of it is stored once."""
    lock = sqlite3.connect(test.path("dmarcd.db"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    before = test.stats(test.store())["reports"]
    forms = [multipart([("%d-%d.xml" % (n, i), report("locked-%d-%d" % (n, i))) for i in range(90)]) for n in range(6)]
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        begin = time.monotonic()
        running = [pool.submit(Program(server.port, token).post, body, kind) for kind, body in forms]
        time.sleep(1)
        status, _, _ = Browser(server.port).get("/healthz")
        test.check("pages are answered meanwhile", status == 200 and time.monotonic() - begin < 4)
        answers = [future.result() for future in running]
    took = time.monotonic() - begin
    test.check("a store that takes nothing is 503 with Retry-After, in time (%.0f s)" % took,
               all(a[0] == 503 and a[1].get("retry-after") for a in answers) and took < 30 * PATIENCE,
               [(a[0], a[1].get("retry-after")) for a in answers])
    reasons = collections.Counter(row["reason"] for a in answers for row in a[2]["data"])
    test.check("nothing is said to be stored", all(set(outcomes(a[2])) == {"retry"} for a in answers))
    test.check("a full queue says so", any("queue is full" in r for r in reasons), reasons)
    lock.execute("ROLLBACK")
    lock.close()
    for kind, body in forms:
        done = wait_for(lambda k=kind, b=body: Program(server.port, token).post(b, k)[0] == 200, 60, 1)
        test.check("sent again it is stored", done)
    test.equal("each of them once", before + 540, test.stats(test.store())["reports"])


def check_stop(test, server, token):
    """Told to stop while an upload waits for the store: an answer, and no hanging."""
    lock = sqlite3.connect(test.path("dmarcd.db"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(Program(server.port, token).post, report("stop"))
        time.sleep(1)
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        status, _, answer = running.result()
        test.check("who waits is told to come again", status == 503 and outcomes(answer) == ["retry"], (status, answer))
        lock.execute("ROLLBACK")
        lock.close()
        test.equal("it stops", 0, server.process.wait(60 * PATIENCE))
        test.check("soon", time.monotonic() - begin < 30 * PATIENCE, time.monotonic() - begin)


def main():
    with Test("uploads are acknowledged after the commit, and counted once") as test:
        with open(test.path("dmarcd.conf"), "w", encoding="utf-8") as f:
            f.write("limits { max_mail_bytes = %d }\n" % LIMIT)
        options = ("-c", test.path("dmarcd.conf"))
        token = make_token(test, "add", "nightly")
        if not test.check("a token is made", token and re.fullmatch(r"nightly\.[\w-]{43}", token), token):
            return
        check_kill(test, token, *options)
        server = test.serve("--store", test.store(), "--demo", *options)
        test.check("it starts", server.is_up(), server.said())
        program = Program(server.port, token)
        for check in (check_kinds, check_form, check_unreadable, check_large):
            check(test, program)
        check_browser(test, server)
        for check in (check_parallel, check_door, check_locked):
            check(test, server, token)
        stats = test.stats(test.store())
        test.equal("every mail has one outcome", stats["mails"], sum(stats["arrivals"].values()))
        check_stop(test, server, token)


main()
