"""/metrics: every line is valid, no mail is missing in it, it says what the store says, and strangers do not see it."""
import collections
import concurrent.futures
import os
import re
import shutil
import time

from harness import Browser, Test, mails_wanted, wait_for

MAILS = mails_wanted(400)
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(r"(%s)(?:\{(%s(?:,%s)*)\})? (-?[0-9]+(?:\.[0-9]+)?)" % (NAME, LABEL, LABEL))
OUTCOMES = ("retry", "stored", "revision", "duplicate", "quarantined", "ignored")


class Metrics:
    """One answer, read line by line. What is wrong with its form is in faults."""

    def __init__(self, text):
        self.values, self.types, self.faults = {}, {}, []
        family, helped = None, set()
        if not text.endswith("\n"):
            self.faults.append("no end of line at the end")
        for line in text.splitlines():
            head = re.fullmatch(r"# (HELP|TYPE) (%s) (.+)" % NAME, line)
            sample = SAMPLE.fullmatch(line)
            if head and head.group(1) == "HELP":
                family = head.group(2)
                if family in helped:
                    self.faults.append("family twice: " + line)
                helped.add(family)
            elif head:
                self.types[head.group(2)] = head.group(3)
                if head.group(2) != family or head.group(3) not in ("counter", "gauge"):
                    self.faults.append("type: " + line)
            elif sample:
                key = (sample.group(1), tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', sample.group(2) or ""))))
                if sample.group(1) != family or family not in self.types or key in self.values:
                    self.faults.append("sample: " + line)
                if self.types.get(family) == "counter" and not family.endswith("_total"):
                    self.faults.append("a counter's name ends in _total: " + line)
                self.values[key] = float(sample.group(3))
            else:
                self.faults.append("not understood: " + line)

    def get(self, name, **labels):
        return self.values.get((name, tuple(sorted(labels.items()))))

    def by(self, name, label):
        """Sum of a family by one label."""
        sums = collections.Counter()
        for (key, labels), value in self.values.items():
            if key == name:
                sums[dict(labels)[label]] += value
        return dict(sums)

    def holes(self):
        """Intakes for which a mail is missing."""
        submitted, waiting = self.by("dmarcd_mails_submitted_total", "intake"), self.by("dmarcd_mails_in_flight", "intake")
        answered = self.by("dmarcd_mails_total", "intake")
        return {name: (n, answered.get(name), waiting.get(name)) for name, n in submitted.items()
                if n != answered.get(name, -1) + waiting.get(name, -1) or waiting[name] < 0}


def read(port, token=None):
    headers = {"Authorization": "Bearer " + token} if token else {}
    status, got, body = Browser(port).ask("GET", "/metrics", headers=headers)
    return status, got, Metrics(body.decode()) if status == 200 else body


def watch(port, token, seconds):
    """Ask again and again while mails come; gives what was wrong at any moment."""
    wrong, n, end = [], 0, time.monotonic() + seconds
    before = None
    while time.monotonic() < end:
        _, _, metrics = read(port, token)
        wrong += metrics.faults + (["missing: %s" % metrics.holes()] if metrics.holes() else [])
        for key, value in metrics.values.items():
            if metrics.types[key[0]] == "counter" and before and value < before.values.get(key, 0):
                wrong.append("goes back: %s" % (key,))
        before = metrics
        n += 1
    return wrong, n


def check_door(test, server, token):
    status, headers, _ = read(server.port)
    test.check("strangers see nothing", status == 401 and "Bearer" in headers.get("www-authenticate", ""), status)
    upload = test.run("token", "add", "up", "--store", test.store()).out.strip()
    test.equal("a token without the right", 403, read(server.port, upload)[0])
    test.equal("a wrong token", 401, read(server.port, token[:-2] + "xx")[0])
    status, headers, _ = read(server.port, token)
    test.check("a token with the right: text 0.0.4", status == 200 and
               headers["content-type"].startswith("text/plain; version=0.0.4"), (status, headers))
    test.check("it is never remembered", "no-store" in headers.get("cache-control", "") and "etag" not in headers, headers)
    browser = Browser(server.port)
    browser.log_in(server.login_link())
    test.equal("who is signed in sees it", 200, browser.get("/metrics")[0])


def check_sums(test, metrics, stats):
    test.equal("the form", [], metrics.faults)
    test.equal("no mail is missing", {}, metrics.holes())
    test.equal("nothing is in flight", {"drop": 0, "upload": 0}, metrics.by("dmarcd_mails_in_flight", "intake"))
    outcomes = metrics.by("dmarcd_mails_total", "outcome")
    want = {name: float(stats["arrivals"].get(name, 0)) for name in OUTCOMES}
    test.equal("outcomes of the process are those of the store", want, outcomes)
    del want["retry"]
    test.equal("outcomes of the store", want, metrics.by("dmarcd_store_mails", "outcome"))
    for name, member in (("reports", "reports"), ("unreadable_mails", "kept"), ("bytes", "size_bytes")):
        test.equal("store: " + member, stats[member], metrics.get("dmarcd_store_" + name))


def check_rest(test, metrics, begin):
    now = time.time()
    for name in ("dmarcd_writer_last_commit_timestamp_seconds", "process_start_time_seconds"):
        test.check(name, begin - 2 <= metrics.get(name) <= now + 1, (begin, metrics.get(name)))
    for name in ("dmarcd_intake_last_mail_timestamp_seconds", "dmarcd_intake_last_contact_timestamp_seconds"):
        test.check(name, begin - 2 <= metrics.get(name, intake="drop") <= now + 1, metrics.get(name, intake="drop"))
    test.equal("the Maildir is there", 1, metrics.get("dmarcd_intake_connected", intake="drop"))
    test.equal("uploads have no mailbox", None, metrics.get("dmarcd_intake_connected", intake="upload"))
    for queue in ("pipeline", "writer"):
        test.equal("queue %s is empty" % queue, 0, metrics.get("dmarcd_queue_items", queue=queue))
        test.check("and has limits", metrics.get("dmarcd_queue_limit_items", queue=queue) > 0 and
                   metrics.get("dmarcd_queue_limit_bytes", queue=queue) > 0)
    alive, started = metrics.get("dmarcd_workers_alive"), metrics.get("dmarcd_workers_started_total")
    test.check("workers: %d of %d" % (alive, started), 0 < alive <= started)
    test.check("commits: fewer than mails, the last of some", 0 < metrics.get("dmarcd_writer_commits_total") < MAILS and
               metrics.get("dmarcd_writer_last_batch_mails") > 0)
    test.check("time was spent", metrics.get("dmarcd_mails_lag_milliseconds_total", intake="drop") > 0)
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total"):
        test.check(name, metrics.get(name) > 0, metrics.get(name))
    test.equal("which program it is", [1.0], [v for (n, _), v in metrics.values.items() if n == "dmarcd_build_info"])


def check_labels(test, metrics):
    labels = {name for _, pairs in metrics.values for name, _ in pairs}
    test.equal("labels", {"intake", "outcome", "queue", "version"}, labels)
    values = {value for _, pairs in metrics.values for _, value in pairs}
    test.check("no domain or address is a label", not any(re.search(r"example|@|192\.0\.2", v) for v in values), values)


def check_modes(test):
    for mode, want in (("open", 200), ("off", 404)):
        with open(test.path("%s.conf" % mode), "w", encoding="utf-8") as f:
            f.write('web { metrics = "%s" }\n' % mode)
        server = test.serve("-c", test.path("%s.conf" % mode), "--store", test.store())
        test.check("it starts", server.is_up(), server.said())
        test.equal("metrics = %s" % mode, want, read(server.port)[0])
        test.equal("no other page is open", 303, Browser(server.port).get("/status")[0])
        server.stop()
    with open(test.path("wrong.conf"), "w", encoding="utf-8") as f:
        f.write('web { metrics = "public" }\n')
    done = test.run("config", "--check", "-c", test.path("wrong.conf"))
    test.check("another word is refused", done.code == 65 and "token, open or off" in done.err, done)


def main():
    with Test("metrics for monitoring") as test:
        reports, _ = test.make_reports("reports", "-n", str(MAILS), "--broken", "0.05", "--format", "maildir")
        source, drop = os.path.join(reports, "Maildir"), test.path("drop")
        for name in ("new", "cur", "tmp"):
            os.makedirs(os.path.join(drop, name))
        with open(test.path("dmarcd.conf"), "w", encoding="utf-8") as f:
            f.write('intake "drop" { type = maildir path = "%s" }\n' % drop)
        token = test.run("token", "add", "scrape", "--right", "metrics", "--store", test.store()).out.strip()
        begin = time.time()
        server = test.serve("-c", test.path("dmarcd.conf"), "--store", test.store(), "--login-link", "admin")
        test.check("it starts", server.is_up(), server.said())
        check_door(test, server, token)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            watching = pool.submit(watch, server.port, token, 4)
            for name in sorted(os.listdir(os.path.join(source, "new"))):
                shutil.move(os.path.join(source, "new", name), os.path.join(drop, "new", name))
            wrong, n = watching.result()
        test.check("asked %d times while mail came" % n, n > 10 and not wrong, wrong[:3])
        up = test.run("token", "add", "up2", "--store", test.store()).out.strip()
        Browser(server.port).ask("POST", "/api/v1/reports", b"<feedback>", {"Authorization": "Bearer " + up})
        wait_for(lambda: test.stats(test.store()).get("mails") == MAILS + 1, 60, 0.5)
        wait_for(lambda: read(server.port, token)[2].get("dmarcd_store_lagging_reports") == 0, 20, 0.5)
        _, _, metrics = read(server.port, token)
        check_sums(test, metrics, test.stats(test.store()))
        check_rest(test, metrics, begin)
        check_labels(test, metrics)
        test.check("no secret is in it", token.split(".")[1] not in str(metrics.values))
        os.rename(drop, drop + "-gone")
        lost = wait_for(lambda: read(server.port, token)[2].get("dmarcd_intake_connected", intake="drop") == 0, 90, 1)
        test.check("a Maildir that is gone shows", lost)
        server.stop()
        check_modes(test)


main()
