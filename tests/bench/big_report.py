"""big_report.py - the largest input that is reasonable: a report of a million records, and a mail of 60 MB.

usage: big_report.py PROGRAM [RECORDS...]    (default 250000 500000 1000000)

Each report is read through a sealed worker into a store of its own. Printed: seconds and CPU seconds a
million records, and the largest resident memory of the parent and of its worker. Fails where a worker
needs 128 MB or more, the parent 256 MB or more, or the time a record grows by half along the way.
"""
import base64
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

LIMITS = """allow_documentation_addresses = yes
limits { max_mail_bytes = 104857600  max_unpacked_bytes = 1073741824  max_total_unpacked_bytes = 1073741824
 max_parse_seconds = 600  max_parse_cpu_seconds = 600 }
"""
HEAD = ("<?xml version=\"1.0\"?>\n<feedback><report_metadata><org_name>big.example</org_name><email>a@big.example</email>"
        "<report_id>%d</report_id><date_range><begin>1767571200</begin><end>1767657599</end></date_range></report_metadata>"
        "<policy_published><domain>shop.example</domain><p>none</p></policy_published>\n")
RECORD = ("<record>\n    <row>\n      <source_ip>100.%d.%d.%d</source_ip>\n      <count>%d</count>\n      <policy_evaluated>\n"
          "        <disposition>none</disposition>\n        <dkim>fail</dkim>\n        <spf>%s</spf>\n      </policy_evaluated>\n"
          "    </row>\n    <identifiers>\n      <header_from>shop.example</header_from>\n      <envelope_from>s%d.example</envelope_from>\n"
          "    </identifiers>\n    <auth_results>\n      <spf>\n        <domain>s%d.example</domain>\n        <scope>mfrom</scope>\n"
          "        <result>%s</result>\n      </spf>\n    </auth_results>\n  </record>\n")


def make_report(path, n):
    rng = random.Random(n)
    messages = 0
    with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as f:
        f.write((HEAD % n).encode())
        for i in range(n):
            count, spf, name = rng.randint(1, 9), rng.choice(("pass", "fail")), rng.randint(1, 999)
            messages += count
            f.write((RECORD % (64 + (i >> 16), i >> 8 & 255, i & 255, count, spf, name, name, spf)).encode())
        f.write(b"</feedback>\n")
    return messages


def make_mail(path, size):
    """One small report, and ballast that is none."""
    xml = (HEAD % 7 + RECORD % (64, 0, 1, 3, "pass", 1, 1, "pass") + "</feedback>").encode()
    parts = [("application/gzip", "r.xml.gz", gzip.compress(xml, mtime=0)),
             ("application/pdf", "b.pdf", random.Random(1).randbytes(size * 3 // 4))]
    with open(path, "w", encoding="ascii") as f:
        f.write("From: a@big.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n")
        for kind, name, data in parts:
            f.write("--b\nContent-Type: %s; name=%s\nContent-Transfer-Encoding: base64\n\n" % (kind, name))
            f.write(base64.encodebytes(data).decode())
        f.write("--b--\n")


def resident(pid):
    """VmHWM in MB; 0 where it is gone."""
    try:
        with open("/proc/%d/status" % pid, encoding="ascii") as f:
            return next((int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def children(pid):
    found = set()
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as f:
                found.update(int(x) for x in f.read().split())
    except OSError:
        pass
    return found


def ingest(program, folder, path):
    """-> seconds, CPU seconds, MB of the parent, MB of its largest worker"""
    store = os.path.join(folder, "store.db")
    for name in os.listdir(folder):
        if name.startswith("store.db"):
            os.unlink(os.path.join(folder, name))
    start = time.monotonic()
    process = subprocess.Popen([program, "ingest", "-c", os.path.join(folder, "c.conf"), "--store", "sqlite:" + store, path],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    parent = worker = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        parent = max(parent, resident(process.pid))
        worker = max([worker] + [resident(child) for child in children(process.pid)])
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    stats = json.loads(subprocess.run([program, "stats", "--json", "--store", "sqlite:" + store], stdout=subprocess.PIPE,
                                      check=True).stdout)
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, parent, worker, stats


def main():
    program = os.path.abspath(sys.argv[1])
    sizes = [int(x) for x in sys.argv[2:]] or [250000, 500000, 1000000]
    folder = tempfile.mkdtemp(prefix="dmarcd-big-")
    passed = failed = 0
    per_record = []

    def check(what, is_good):
        nonlocal passed, failed
        print("%s %s" % ("ok  " if is_good else "FAIL", what), flush=True)
        passed, failed = passed + bool(is_good), failed + (not is_good)

    try:
        with open(os.path.join(folder, "c.conf"), "w", encoding="ascii") as f:
            f.write(LIMITS)
        inputs = [(n, os.path.join(folder, "%d.xml.gz" % n)) for n in sizes] + [(0, os.path.join(folder, "mail.eml"))]
        for n, path in inputs:
            messages = make_report(path, n) if n else make_mail(path, 60 << 20) or 3
            seconds, cpu, parent, worker, stats = ingest(program, folder, path)
            what = "%d records" % n if n else "a mail of 60 MB"
            check("%s: %.1f s, %.1f CPU s, parent %.0f MB, worker %.0f MB" % (what, seconds, cpu, parent, worker),
                  0 < worker < 128 and parent < 256)
            check("%s: %d messages" % (what, messages), stats.get("messages") == messages)
            if n:
                per_record.append(cpu / n)
            os.unlink(path)
        if len(per_record) > 1:
            check("time a record stays the same: %s us" % ", ".join("%.1f" % (x * 1e6) for x in per_record),
                  max(per_record[1:]) < 1.5 * per_record[0])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
