"""dmarcd doctor looks at each mailbox as serve would, says what it finds, and changes nothing."""
import json
import os
import socket
import sys

import dovecot
from harness import SUPPORT, Test, free_port
from maildir import LETTER, deliver, make_maildir

sys.path.insert(0, SUPPORT)
import mkmmdb  # noqa: E402


def examine(test, *blocks, section="intake"):
    """-> {what: (health, text)} of the section, and the exit code"""
    with open(test.path("doctor.conf"), "w", encoding="utf-8") as f:
        f.write('store { url = "%s" }\n' % test.store() + "".join(blocks))
    done = test.run("doctor", "--json", "-c", test.path("doctor.conf"))
    findings = json.loads(done.out)["findings"] if done.out else []
    return {f["what"]: (f["health"], f["text"]) for f in findings if f["section"] == section}, done


def check_maildir(test):
    box = make_maildir(test.path("Box"))
    deliver(box, "1.M1P1.host", LETTER)
    found, _ = examine(test, 'intake "drop" { type = maildir path = "%s" }\n' % box,
                       'intake "gone" { type = maildir path = "%s" }\n' % test.path("gone"))
    test.equal("a Maildir: its mails are counted", ("ok", "1 mails in new/, 0 in cur/"), found.get("drop: INBOX"))
    health, text = found.get("gone: " + test.path("gone"), ("", ""))
    test.check("one that is not there: why, and the cure", health == "bad" and "mend the path" in text, found)
    health, text = found.get("trusted_authserv", ("", ""))
    test.check("no trusted server: why nothing counts, and the cure",
               health == "off" and 'trusted_authserv = {"mx.example.org"}' in text, found)
    found, _ = examine(test, 'trusted_authserv = {"mx.example.net"}\n')
    test.check("one that is set is no finding", "trusted_authserv" not in found, found)
    test.equal("no mail has changed", ["1.M1P1.host"], os.listdir(os.path.join(box, "new")))


def check_lmtp(test):
    block = 'intake "push" { type = lmtp listen = "127.0.0.1:%d" }\n'
    port = free_port()
    found, _ = examine(test, block % port)
    test.equal("lmtp: a free address", ("ok", "is free"), found.get("push: 127.0.0.1:%d" % port))
    server = test.serve("-c", test.path("doctor.conf"))
    server.is_up()
    found, _ = examine(test, block % port)
    test.equal("lmtp: one that dmarcd has", ("ok", "a running dmarcd answers"), found.get("push: 127.0.0.1:%d" % port))
    server.stop()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        found, done = examine(test, block % port)
        test.check("lmtp: one that somebody else has", found.get("push: 127.0.0.1:%d" % port, ("",))[0] == "bad" and
                   done.code != 0, found)


def check_imap(test):
    if not dovecot.is_there():
        test.skip("doctor and IMAP", "it needs %s and root" % dovecot.PROGRAM)
        return
    server = dovecot.Dovecot(test, ["ann"])
    server.deliver("ann", "1.M1P1.host", LETTER)
    block = ('intake "box" { type = imap url = "imaps://localhost:%d/" user = "ann" password_file = "%s" ca_file = "%s"'
             ' move_to = "Done" }\n' % (server.tls_port, server.password_file, server.ca_file))
    found, done = examine(test, block)
    test.check("imap: who is logged in, and how", "certificate verified" in found.get("box: login", ("", ""))[1], found)
    test.equal("imap: its mails are counted", ("ok", "1 mails"), found.get("box: INBOX"))
    test.check("imap: what the server can do", "at once" in found.get("box: IDLE", ("", ""))[1], found)
    test.check("imap: where mail will go", "will be made" in found.get("box: move_to", ("", ""))[1], found)
    test.equal("imap: nothing is made, nothing is marked", (1, 0, 0),
               (server.count("ann"), server.count("ann", flags="S"), server.count("ann", "Done")))
    found, _ = examine(test, block.replace("ca_file", "# ").replace("move_to", "\n  move_to"))
    test.check("imap: a certificate of nobody we know", "ca_file" in found.get("box: login", ("", ""))[1], found)
    with open(test.path("wrong"), "w", encoding="ascii") as f:
        f.write("wrong-horse\n")
    found, done = examine(test, block.replace(server.password_file, test.path("wrong")))
    health, text = found.get("box: login", ("", ""))
    test.check("imap: a wrong password", health == "bad" and "check user and password" in text and
               "wrong-horse" not in done.out + done.err, (found, done.err))
    server.stop()
    found, _ = examine(test, block)
    test.check("imap: no server", "nobody answers" in found.get("box: login", ("", ""))[1], found)


def check_enrichment(test):
    made = os.path.join(SUPPORT, "..", "fuzz", "ip_geo")
    os.mkdir(test.path("geo"))
    mkmmdb.make_all(test.path("geo"))
    for name in os.listdir(test.path("geo")):
        with open(test.path("geo", name), "rb") as one, open(os.path.join(made, name), "rb") as other:
            test.check("the database of the unit tests is what mkmmdb makes: " + name, one.read() == other.read(), name)
    good, gone = test.path("geo", "ipinfo-lite.mmdb"), test.path("geo", "gone.mmdb")
    found, _ = examine(test, 'enrich { geo_databases = {"%s"} }\n' % good, section="enrichment")
    health, text = found.get(good, ("", ""))
    test.check("enrichment: what a database is, and its age", health == "ok" and "of 2026-01-01 (" in text, found)
    found, done = examine(test, 'enrich { geo_databases = {"%s", "%s"} }\n' % (gone, good), section="enrichment")
    health, text = found.get(gone, ("", ""))
    test.check("enrichment: one that is not there: why, and the cure",
               health == "bad" and "mend the path" in text and done.code != 0, found)
    test.equal("enrichment: the next one is looked at all the same", "ok", found.get(good, ("",))[0])
    found, _ = examine(test, section="enrichment")
    test.equal("enrichment: no database is no fault", "off", found.get("geo_databases", ("",))[0])


def main():
    with Test("doctor and mailboxes") as test:
        test.run("ingest", "--store", test.store(), make_maildir(test.path("Empty")))
        check_enrichment(test)
        check_maildir(test)
        check_lmtp(test)
        check_imap(test)


main()
