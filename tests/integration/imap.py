"""IMAP against a real Dovecot: totals exact, new mail at once, TLS that is not fooled, moves, crashes, two readers."""
import base64
import os
import re
import shutil
import signal
import socket
import threading
import time

import dovecot
from breaking_line import BreakingLine
from harness import Test, mails_wanted, wait_for

LETTER = (b"From: Ann <ann@mail.example>\r\nTo: dmarc@collector.example\r\nSubject: lunch?\r\n"
          b"Content-Type: text/plain\r\n\r\nAt noon?\r\n")


def arrivals(stats):
    return sum(stats.get(k, 0) for k in ("reports", "duplicates", "quarantined", "ignored", "revisions",
                                         "failures", "complaints", "bounces", "tls_reports"))


def intake(server, user, more="", name="main", scheme="imaps", ca_file=True, port=None):
    port = port or (server.tls_port if scheme == "imaps" else server.port)
    trust = 'ca_file = "%s"' % server.ca_file if ca_file else ""
    return ('intake "%s" { type = imap url = "%s://localhost:%d/" user = "%s" password_file = "%s" %s %s }\n'
            % (name, scheme, port, user, server.password_file, trust, more))


def serve(test, name, *blocks):
    """dmarcd with a store and a configuration of this name."""
    with open(test.path(name + ".conf"), "w", encoding="utf-8") as f:
        f.write('store { url = "%s" }\n' % test.store(name + ".db") + "".join(blocks))
    server = test.serve("-c", test.path(name + ".conf"))
    test.check("%s: it starts" % name, server.is_up(), server.said())
    return server


def stats(test, name):
    return test.stats(test.store(name + ".db"))


def has_reports(test, name, n, seconds=20):
    good = wait_for(lambda: stats(test, name).get("reports") == n, seconds, 0.1)
    return test.check("%s: %d reports are stored" % (name, n), good, stats(test, name))


# --- 2,000 mails, read only ---

def check_truth(test, server, out, truth):
    n = sum(1 for x in os.listdir(server.maildir("bulk") + "new"))
    start = time.monotonic()
    reader = serve(test, "bulk", intake(server, "bulk"))
    end = wait_for(lambda: arrivals(stats(test, "bulk")) >= n, 240 + n / 10, 0.5)
    seconds = time.monotonic() - start
    test.check("%d mails are read (%.1f s, %.0f a second)" % (n, seconds, n / seconds), end, stats(test, "bulk"))
    time.sleep(1)
    test.check_truth("bulk", test.store("bulk.db"), os.path.join(out, "truth.json"))
    test.equal("no mail of a mailbox that is read only has changed", n, server.count("bulk"))
    test.equal("none is marked as seen", 0, server.count("bulk", flags="S"))
    del truth
    return reader


def check_restart(test, server, reader):
    before = arrivals(stats(test, "bulk"))
    test.equal("SIGTERM ends it cleanly", 0, reader.stop())
    reader = test.serve("-c", test.path("bulk.conf"))
    test.check("it starts again", reader.is_up(), reader.said())
    time.sleep(3)
    test.equal("nothing is read again after a restart", before, arrivals(stats(test, "bulk")))
    return reader


def check_new_mail(test, server, mails):
    """IDLE: each is stored within two seconds of its delivery."""
    before, worst = stats(test, "bulk").get("reports"), 0
    for i, mail in enumerate(mails[:3]):
        start = time.monotonic()
        server.deliver("bulk", "1800000%03d.M1P1.host" % i, mail)
        wait_for(lambda want=before + i + 1: stats(test, "bulk").get("reports") == want, 10, 0.02)
        worst = max(worst, time.monotonic() - start)
        time.sleep(0.3)
    test.check("new mail is stored within 2 s of delivery (slowest %.2f s)" % worst, worst < 2)


def check_killed(test, server, reader, mails):
    before = stats(test, "bulk").get("reports")
    test.check("kill -9 of the server's imap processes", server.kill_sessions() > 0)
    time.sleep(0.2)
    server.deliver("bulk", "1800000500.M1P1.host", mails[3])
    has_reports(test, "bulk", before + 1, 15)
    test.check("the loss of the connection is in the log", "the connection is lost" in reader.said())


def check_uidvalidity(test, server, reader, mails):
    """Everything is new, and everything is known already."""
    before, n = stats(test, "bulk"), server.count("bulk")
    server.doveadm("mailbox", "update", "-u", "bulk", "--uid-validity", "1999999999", "INBOX")
    server.kill_sessions()
    grown = wait_for(lambda: arrivals(stats(test, "bulk")) - arrivals(before) >= n, 240 + n / 10, 0.5)
    after = stats(test, "bulk")
    test.check("another UIDVALIDITY: all is read anew", grown, after)
    test.equal("and no report is stored twice", before.get("reports"), after.get("reports"))
    test.check("the log says so", "UIDVALIDITY" in reader.said())
    server.deliver("bulk", "1800000600.M1P1.host", mails[4])
    has_reports(test, "bulk", before.get("reports") + 1)


# --- TLS ---

class BareServer:
    """Says that it can do no STARTTLS, as somebody in the middle would. Keeps what it was told."""

    def __init__(self, can=b"AUTH=PLAIN"):
        self.told, self.can = b"", can
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.talk(client)
            except OSError:
                pass
            client.close()

    def talk(self, client):
        client.settimeout(10)
        client.sendall(b"* OK ready\r\n")
        while True:
            line = client.recv(4096)
            if not line:
                return
            self.told += line
            tag = line.split(b" ")[0]
            client.sendall(b"* CAPABILITY IMAP4rev1 SASL-IR " + self.can + b"\r\n" + tag + b" OK done\r\n")


def check_refused(test, name, block, text):
    reader = serve(test, name, block)
    said = wait_for(lambda: text in reader.said(), 15)
    test.check("%s: the log says \"%s\"" % (name, text), said, reader.said()[-600:])
    test.check("%s: no password is in the log" % name, dovecot.PASSWORD not in reader.said())
    test.equal("%s: nothing is read" % name, 0, arrivals(stats(test, name)))
    reader.stop()


def check_tls(test, server, mails):
    server.deliver("tls", "1.M1P1.host", mails[0])
    check_refused(test, "self-signed", intake(server, "tls", ca_file=False), "ca_file")
    bare = BareServer()
    check_refused(test, "stripped", intake(server, "tls", scheme="imap", port=bare.port), "STARTTLS")
    test.check("stripped: neither user nor password was sent",
               b"LOGIN" not in bare.told.upper() and b"AUTHENTICATE" not in bare.told.upper(), bare.told)
    bare.listener.close()
    with open(test.path("wrong"), "w", encoding="ascii") as f:
        f.write("wrong-horse\n")
    wrong = intake(server, "tls").replace(server.password_file, test.path("wrong"))
    check_refused(test, "wrong-password", wrong, "check user and password")
    reader = serve(test, "starttls", intake(server, "tls", scheme="imap"))
    has_reports(test, "starttls", 1)
    reader.stop()


def check_token(test):
    """A token goes out as a token, or not at all."""
    for can in (b"AUTH=XOAUTH2", b"AUTH=OAUTHBEARER", b"AUTH=PLAIN AUTH=LOGIN"):
        bare, name = BareServer(can), "token-%d" % len(can)
        reader = serve(test, name, 'intake "main" { type = imap url = "imap://127.0.0.1:%d/" tls = none user = "ann" '
                                   'oauth_token_command = "printf tok-4711" }\n' % bare.port)
        wait_for(lambda: "cannot be read for now" in reader.said(), 15)
        sent = [base64.b64decode(x) for x in re.findall(rb"AUTHENTICATE (?:XOAUTH2|OAUTHBEARER) (\S+)", bare.told)]
        if b"OAUTH" in can:
            test.check("%s: the token is sent" % can.decode(), any(b"Bearer tok-4711" in x for x in sent), bare.told)
        else:
            test.check("%s: nothing is sent" % can.decode(), not sent and b"LOGIN" not in bare.told and
                       b"AUTHENTICATE" not in bare.told, bare.told)
        test.check("%s: the token is not in the log" % can.decode(), "tok-4711" not in reader.said())
        reader.stop()
        bare.listener.close()


# --- A line that breaks ---

def check_cuts(test, server, out):
    n = fill(server, "cut", out)
    line = BreakingLine(server.tls_port, 4, 250000)
    reader = serve(test, "cut", intake(server, "cut", port=line.port))
    test.check("a line that is cut in the middle of mails: all %d are read" % n,
               wait_for(lambda: arrivals(stats(test, "cut")) >= n, 90, 0.5), stats(test, "cut"))
    test.equal("it was cut four times", 4, line.n_cut)
    test.equal("no mail is read twice", n, arrivals(stats(test, "cut")))
    test.check_truth("a line that is cut", test.store("cut.db"), os.path.join(out, "truth.json"))
    reader.stop()
    line.close()


# --- What is done with handled mail ---

def check_after(test, server, mails):
    broken = mails[1][:len(mails[1]) * 5 // 6]
    for user in ("move", "flag", "delete"):
        server.deliver(user, "1.M1P1.host", mails[0])
        server.deliver(user, "2.M1P1.host", LETTER)
        server.deliver(user, "3.M1P1.host", broken)
    reader = serve(test, "after",
                   intake(server, "move", 'move_to = "Done" failed_to = "Failed"', "move"),
                   intake(server, "flag", "after = flag", "flag"),
                   intake(server, "delete", "after = delete", "delete"))
    wait_for(lambda: arrivals(stats(test, "after")) == 9, 20)
    test.check("move: to the mailbox, which was made",
               wait_for(lambda: server.count("move", "Done") == 1, 5), server.said()[-500:])
    test.check("move: what could not be read goes elsewhere",
               wait_for(lambda: server.count("move", "Failed") == 1, 5), stats(test, "after"))
    test.equal("move: the letter stays, untouched", (1, 0), (server.count("move"), server.count("move", flags="S")))
    test.check("flag: seen", wait_for(lambda: server.count("flag", flags="S") == 1, 5))
    test.check("flag: what could not be read is flagged", wait_for(lambda: server.count("flag", flags="F") == 1, 5))
    test.equal("flag: all are there", 3, server.count("flag"))
    test.check("delete: the report is gone, the letter and the broken one are not",
               wait_for(lambda: server.count("delete") == 2, 5), server.count("delete"))
    reader.stop()


def check_folders(test, server, mails):
    """Several mailboxes by a pattern, one with a name that is not ASCII."""
    for i, name in enumerate(("", "Reports.One", "Reports.Pr&APw-fung")):
        server.make_folder("folders", name)
        server.deliver("folders", "%d.M1P1.host" % i, mails[i], name)
    reader = serve(test, "folders", intake(server, "folders", 'folders = {"INBOX", "Reports.*"} poll_seconds = 1 '
                                                              'move_to = "Reports.Geprüft"'))
    has_reports(test, "folders", 3)
    server.deliver("folders", "9.M1P1.host", mails[9], "Reports.One")
    has_reports(test, "folders", 4)
    moved = wait_for(lambda: server.count("folders", "Reports.Gepr&APw-ft") == 4, 10)
    test.check("folders: all are moved, and not read again there", moved and
               stats(test, "folders").get("duplicates") == 0, stats(test, "folders"))
    reader.stop()


def check_two_readers(test, server, out):
    """Two dmarcd, one store, one mailbox: one reads, and when it is killed the other one goes on."""
    n = fill(server, "two", out)
    block = intake(server, "two", 'move_to = "Done"')
    one = serve(test, "two", block)
    two = test.serve("-c", test.path("two.conf"))
    test.check("a second one starts", two.is_up(), two.said())
    test.check("some are moved", wait_for(lambda: server.count("two", "Done") > n // 10, 60, 0.02))
    one.stop(signal.SIGKILL)
    test.check("the first one is killed before all are", server.count("two") > 0)
    moved = wait_for(lambda: server.count("two") == 0, 120, 0.5)
    test.check("two readers: every mail is moved", moved, server.count("two"))
    test.equal("and none is there twice", n, server.count("two", "Done"))
    test.check_truth("two readers", test.store("two.db"), os.path.join(out, "truth.json"), "--totals-only")
    two.stop()


def fill(server, user, out):
    """All mails of mkreports.py, as if they had just come."""
    source = os.path.join(out, "Maildir", "new")
    names = os.listdir(source)
    for name in names:
        target = os.path.join(server.maildir(user), "new", name)
        shutil.copy(os.path.join(source, name), target)
        shutil.chown(target, server.owner.pw_uid, server.owner.pw_gid)
    return len(names)


def make_mails(test):
    out, _ = test.make_reports("single", "-n", "20", "--broken", "0", "--duplicates", "0", "--format", "eml",
                               "--seed", "77")
    folder = os.path.join(out, "eml")
    return [open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))]


def main():
    with Test("IMAP against Dovecot") as test:
        if not dovecot.is_there():
            test.skip("IMAP against Dovecot", "it needs %s and root" % dovecot.PROGRAM)
            return
        n = mails_wanted(2000, 10000)
        out, truth = test.make_reports("many", "-n", str(n), "--failure", "0.02", "--format", "maildir")
        few, _ = test.make_reports("few", "-n", "150", "--failure", "0.02", "--format", "maildir", "--seed", "5")
        mails = make_mails(test)
        server = dovecot.Dovecot(test, ["bulk", "tls", "move", "flag", "delete", "folders", "two", "cut"])
        fill(server, "bulk", out)
        reader = check_truth(test, server, out, truth)
        reader = check_restart(test, server, reader)
        check_new_mail(test, server, mails)
        check_killed(test, server, reader, mails)
        check_uidvalidity(test, server, reader, mails)
        test.equal("SIGTERM ends it cleanly while it idles", 0, reader.stop())
        check_tls(test, server, mails)
        check_token(test)
        check_after(test, server, mails)
        check_folders(test, server, mails)
        check_two_readers(test, server, few)
        check_cuts(test, server, few)
        server.stop()


main()
