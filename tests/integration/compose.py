"""docker/compose.yaml without Docker: its parts fit together, and its Postfix and dmarcd pass on all mail and only that."""
import os
import re
import shutil
import signal
import smtplib
import subprocess

import yaml

import mta
from harness import HERE, NOBODY, Test, drop_privileges, free_port, mails_wanted, read_mails, wait_for

DOCKER = os.path.join(HERE, "..", "..", "docker")
ROOT = os.path.normpath(os.path.join(DOCKER, ".."))
ADDRESS = "dmarc@reports.example"
HOST = "mx.reports.example"
# What a container has and a test has not: places of its own, and days to wait.
PLACES = """queue_directory = {folder}/queue
data_directory = {folder}/data
inet_interfaces = loopback-only
inet_protocols = ipv4
smtpd_peername_lookup = no
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s"""
# read_only: all but the folder that stands for the volumes.
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro / && shift && exec "$@"'
LONG_LINE = """From: reporter@isp.example
Subject: Report domain: example.com
Content-Type: text/xml
Content-Transfer-Encoding: 8bit

<?xml version="1.0"?><feedback><!-- %s --><report_metadata><org_name>isp.example</org_name><email>a@isp.example</email>\
<report_id>%s</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata>\
<policy_published><domain>long.example</domain><p>none</p></policy_published><record><row>\
<source_ip>192.0.2.77</source_ip><count>1</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim>\
<spf>pass</spf></policy_evaluated></row><identifiers><header_from>long.example</header_from></identifiers>\
<auth_results><spf><domain>long.example</domain><result>pass</result></spf></auth_results></record></feedback>
"""


def read(name):
    with open(os.path.join(DOCKER, name), encoding="utf-8") as f:
        return f.read()


class Dockerfile:
    """The instructions of the last stage."""

    def __init__(self, name):
        text = re.sub(r"\\\n\s*", " ", read(name))
        self.lines = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
        self.copied = [word for key, rest in self.lines if key == "COPY" and "--from" not in rest
                       for word in rest.split()[:-1]]
        last = max(i for i, line in enumerate(self.lines) if line[0] == "FROM")
        self.lines = self.lines[last:]

    def all(self, key):
        return [rest for k, rest in self.lines if k == key]


def check_service(test, name, service, compose):
    dockerfile = service["build"]["dockerfile"]
    test.check("%s: its Dockerfile is there" % name, os.path.exists(os.path.join(ROOT, dockerfile)), dockerfile)
    file = Dockerfile(os.path.relpath(dockerfile, "docker"))
    missing = [path for path in file.copied if not os.path.exists(os.path.join(ROOT, path))]
    test.equal("%s: what it copies is there" % name, [], missing)
    inner = [port.rsplit(":", 1)[1] for port in service["ports"]]
    test.equal("%s: published ports are those of EXPOSE" % name, file.all("EXPOSE"), inner)
    volumes = [volume.split(":") for volume in service["volumes"]]
    strange = [v for v in volumes if v[0] not in compose["volumes"] and
               not (v[0].startswith("./") and os.path.exists(os.path.join(DOCKER, v[0])))]
    test.equal("%s: its volumes are declared, its files there" % name, [], strange)
    test.equal("%s: what the image keeps is kept in a volume" % name, [],
               [path for path in file.all("VOLUME") if path not in [v[1] for v in volumes]])
    test.check("%s: no rights beyond what is named, and a health check" % name,
               service["read_only"] and service["cap_drop"] == ["ALL"] and file.all("HEALTHCHECK") and
               service["security_opt"] == ["no-new-privileges:true"], service)


def check_file(test, compose):
    postfix, dmarcd = compose["services"]["postfix"], compose["services"]["dmarcd"]
    for name, service in compose["services"].items():
        check_service(test, name, service, compose)
    _, kind, host, port = postfix["environment"]["DELIVER_TO"].split(":")
    shared = set(postfix["networks"]) & set(dmarcd["networks"])
    test.check("mail goes to a service by a network of their own", kind == "inet" and host in compose["services"] and
               len(shared) == 1 and compose["networks"][shared.pop()]["internal"], (host, shared))
    test.check("where it listens for it", 'listen = "0.0.0.0:%s"' % port in read("dmarcd.conf"), port)
    test.check("LMTP is not published, the dashboard on this host alone",
               dmarcd["ports"] == ["127.0.0.1:8080:8080"], dmarcd["ports"])
    known = set(re.findall(r"\$\{([A-Z_]+):", read("postfix/entrypoint")))
    test.equal("entrypoint knows the settings it gets", set(), set(postfix["environment"]) - known)
    limit = int(re.search(r"message_size_limit = (\d+)", read("postfix/main.cf")).group(1))
    taken = int(re.search(r"max_mail_bytes = (\d+)", read("dmarcd.conf")).group(1))
    test.check("what Postfix takes is 40 MiB, and dmarcd takes more", limit == 40 << 20 and taken > limit, (limit, taken))
    maildir = yaml.safe_load(read("compose.maildir.yaml"))["services"]["dmarcd"]
    test.check("the Maildir way has its Dockerfile", os.path.exists(os.path.join(ROOT, maildir["build"]["dockerfile"])))


class Container(mta.Mta):
    """The service "postfix": its entrypoint, its environment, its capabilities, its read-only root."""

    def __init__(self, test, service, deliver_to, **more):
        super().__init__(test, "compose")
        self.config = os.path.join(self.folder, "config")
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **service["environment"],
                       "TLS_CERTIFICATE": "", "TLS_KEY": "", "REPORT_ADDRESSES": ADDRESS, "MAIL_HOSTNAME": HOST,
                       "MAIL_CONFIG": self.config, "SMTP_PORT": str(self.port), "DELIVER_TO": deliver_to,
                       "POSTFIX_SETTINGS": PLACES.format(folder=self.folder), **more}
        rights = ",".join(["-all"] + ["+" + name.lower() for name in service["cap_add"]])
        self.start(["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", self.folder, "setpriv", "--no-new-privs",
                    "--bounding-set", rights, os.path.join(DOCKER, "postfix", "entrypoint")], environment)


class Dmarcd:
    """The service "dmarcd": its command, its configuration, at other ports and places."""

    def __init__(self, test, service):
        self.test, self.port = test, free_port()
        self.state = test.path("state")
        os.mkdir(self.state)
        os.chown(self.state, NOBODY.pw_uid, NOBODY.pw_gid)
        self.store = "sqlite:%s/dmarcd.db" % self.state
        with open(test.path("dmarcd.conf"), "w", encoding="utf-8") as f:
            f.write("allow_documentation_addresses = yes\n" +
                    read("dmarcd.conf").replace("0.0.0.0:24", "127.0.0.1:%d" % self.port))
        command = list(service["command"])
        listen = command.index("--listen")
        del command[listen:listen + 2]
        mounted = [v.split(":")[1] for v in service["volumes"] if v.startswith("./dmarcd.conf")]
        self.arguments = [test.path("dmarcd.conf") if word in mounted else word for word in command[1:]]
        self.server = None

    def start(self):
        self.server = self.test.serve(*self.arguments, environment={"STATE_DIRECTORY": self.state},
                                      before_exec=drop_privileges, program=self.test.program_for_all())
        return self.server.is_up()


def answer_to(port, recipient, size=None):
    """The code that ends one attempt to send to recipient."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        smtp.ehlo("client.example")
        code = smtp.mail("", ["SIZE=%d" % size] if size else [])[0]
        return code if code != 250 else smtp.rcpt(recipient)[0]


def check_refusals(test, postfix):
    for recipient in ("info@reports.example", "somebody@elsewhere.example", "dmarc%elsewhere.example@" + HOST,
                      "elsewhere.example!dmarc@" + HOST, "@reports.example:x@elsewhere.example", "dmarc@sub.reports.example"):
        code = answer_to(postfix.port, recipient)
        test.check("RCPT TO:<%s> is refused" % recipient, code >= 500, code)
    test.equal("the report address is taken, in any case", 250, answer_to(postfix.port, "DMARC@Reports.Example"))
    test.equal("45 MiB are refused when announced", 552, answer_to(postfix.port, ADDRESS, 45 << 20))
    body = b"Subject: large\r\n\r\n" + (b"x" * 70 + b"\r\n") * ((45 << 20) // 72)
    try:
        postfix.send([body], ADDRESS)
        code = 250
    except smtplib.SMTPException as trouble:
        code = getattr(trouble, "smtp_code", 0)
    test.equal("and when they come", 552, code)
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as smtp:
        test.equal("TLS is offered without a certificate of one's own", 220, smtp.starttls()[0])


def check_settings(test, service):
    for name, value in (("REPORT_ADDRESSES", ""), ("REPORT_ADDRESSES", "dmarc"), ("REPORT_ADDRESSES", "*@reports.example"),
                        ("REPORT_ADDRESSES", "a@b.example$(id)"), ("MAIL_HOSTNAME", "mx"), ("SMTP_PORT", "25 inet n"),
                        ("MAIL_HOSTNAME", "mx.reports.example\nrelay_domains=x.example"), ("DELIVER_TO", "smtp:elsewhere.example"),
                        ("TLS_CERTIFICATE", "/nonexistent.pem")):
        postfix = Container(test, service, "lmtp:inet:127.0.0.1:1", **{name: value})
        try:
            code = postfix.process.wait(20)
        except subprocess.TimeoutExpired:
            code = "running"
        test.check("%s=%r is refused with its name" % (name, value), code == 64 and name in postfix.log(), (code, postfix.log()))


def check_away(test, service, mail):
    postfix = Container(test, service, "lmtp:inet:dmarcd.invalid:24")
    if test.check("Postfix starts before dmarcd has a name", postfix.is_up(), postfix.log()[-500:]):
        postfix.send([mail], ADDRESS)
        tried = wait_for(postfix.statuses, 60, 0.2)
        test.check("a name that is not found sends nothing back", tried and tried[0][0] == "SOFTBOUNCE", tried)
        test.equal("the mail waits", 1, postfix.queued())
    postfix.stop()


def emptied(postfix):
    def is_empty():
        postfix.flush()
        return postfix.queued() == 0
    return wait_for(is_empty, 240, 1)


def check_mail(test, compose, folder, mails):
    dmarcd = Dmarcd(test, compose["services"]["dmarcd"])
    postfix = Container(test, compose["services"]["postfix"], "lmtp:inet:127.0.0.1:%d" % dmarcd.port)
    if not test.check("dmarcd is up", dmarcd.start(), dmarcd.server.said()) or \
            not test.check("Postfix is up", postfix.is_up(), postfix.log()[-800:]):
        return
    check_refusals(test, postfix)
    half = len(mails) // 2
    postfix.send(mails[:half], ADDRESS)
    test.check("the queue empties", emptied(postfix), postfix.queued())
    test.equal("dmarcd stops", 0, dmarcd.server.stop())
    postfix.send(mails[half:], ADDRESS)
    waits = wait_for(lambda: postfix.queued() == len(mails) - half, 30, 0.5)
    test.check("while it is stopped %d mails wait in the queue" % (len(mails) - half), waits, postfix.queued())
    test.check("dmarcd starts again", dmarcd.start(), dmarcd.server.said())
    test.check("and all of it arrives", emptied(postfix), postfix.queued())
    test.equal("nothing was sent back", {"sent", "deferred"} | {s for s, _ in postfix.statuses()}, {"sent", "deferred"})
    test.check_truth("totals of %d mails" % len(mails), dmarcd.store, os.path.join(folder, "truth.json"))
    check_long_line(test, postfix, dmarcd)
    test.equal("dmarcd stops at the end", 0, dmarcd.server.stop())
    code = postfix.stop()
    test.check("Postfix stops when asked", code in (0, -signal.SIGTERM), code)


def check_long_line(test, postfix, dmarcd):
    """RFC 5321 allows 998 bytes a line. A reporter that does not count shall not have its report cut in pieces."""
    report_id = "0123456789" * 20
    postfix.send([(LONG_LINE % ("x" * 800, report_id)).encode()], ADDRESS)

    def found():
        return [line for line in test.run("export", "records", "--json", "--store", dmarcd.store).out.splitlines()
                if "192.0.2.77" in line]
    records = wait_for(found, 30, 0.5)
    test.check("a report in one long line stays whole", records and report_id in records[0], records)


def main():
    with Test("docker/compose.yaml") as test:
        compose = yaml.safe_load(read("compose.yaml"))
        check_file(test, compose)
        test.equal("docker/dmarcd.conf is valid", 0, test.run("config", "--check", "-c", os.path.join(DOCKER, "dmarcd.conf")).code)
        if not mta.is_there() or not shutil.which("setpriv"):
            test.skip("Postfix", "it is not installed, or this is not root")
            return
        folder, _ = test.make_reports("set", "-n", str(mails_wanted(1000)), "--failure", "0.02", "--format", "eml")
        mails = read_mails(folder)
        check_settings(test, compose["services"]["postfix"])
        check_away(test, compose["services"]["postfix"], mails[0])
        check_mail(test, compose, folder, mails)


main()
