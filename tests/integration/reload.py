"""SIGHUP: a valid configuration takes effect while it runs, another one changes nothing. Two dmarcd: one reads, one waits."""
import os
import signal

from harness import Browser, Test, free_port, wait_for
from maildir import deliver, make_maildir

LMTP = 'intake "push" { type = lmtp listen = "127.0.0.1:%d" }\n'


def write(test, *blocks):
    with open(test.path("dmarcd.conf"), "w", encoding="utf-8") as f:
        f.write('store { url = "%s" }\n' % test.store() + "".join(blocks))


def mailbox(path, name="drop"):
    return 'intake "%s" { type = maildir path = "%s" }\n' % (name, path)


def reload(test, server, text, what):
    n = server.said().count(text)
    server.process.send_signal(signal.SIGHUP)
    return test.check(what, wait_for(lambda: server.said().count(text) > n, 10), server.said()[-600:])


def is_stored(test, n, what):
    good = wait_for(lambda: test.stats(test.store()).get("reports") == n, 10)
    return test.check(what, good, test.stats(test.store()))


def check_valid(test, server, one, two, mails):
    deliver(one, "1.M1P1.host", mails[0])
    is_stored(test, 1, "the first Maildir is read")
    port = free_port()
    write(test, mailbox(two), LMTP % port)
    reload(test, server, "configuration was read anew", "a valid configuration takes effect")
    deliver(one, "2.M1P1.host", mails[1])
    deliver(two, "3.M1P1.host", mails[2])
    is_stored(test, 2, "the other Maildir is read")
    test.equal("the first one no more", ["2.M1P1.host"], os.listdir(os.path.join(one, "new")))
    write(test, mailbox(one), mailbox(two, "more"), LMTP % port)
    reload(test, server, "configuration was read anew", "an address that is in use by ourselves is no obstacle")
    is_stored(test, 3, "both are read")


def check_invalid(test, server, one, mails):
    write(test, mailbox(one), "limits { max_mial_bytes = 7 }\n")
    reload(test, server, "dmarcd.conf:3: no such option", "a wrong one is refused by file and line")
    test.check("with a hint", "max_mail_bytes" in server.said(), server.said()[-400:])
    write(test, mailbox(test.path("nowhere")))
    reload(test, server, "is no Maildir", "so is a Maildir that is not there")
    test.check("the log says that nothing has changed", "configuration stays as it was" in server.said())
    deliver(one, "4.M1P1.host", mails[3])
    is_stored(test, 4, "and everything goes on as before")


def check_waiting(test, server, one):
    """What waits for the next start is named in the log, once it differs from what runs."""
    write(test, mailbox(one), 'changes { fault_quiet_days = 9 }\n', 'enrich { senders_files = {"/nowhere.tsv"} }\n')
    reload(test, server, "configuration was read anew", "settings that wait are no obstacle")
    for name in ("enrich.senders_files", "changes on the page"):
        test.check("the log names %s" % name, name in server.said(), server.said()[-600:])
    test.check("and no setting that is the same", "enrich.geo_databases" not in server.said(), server.said()[-600:])


def check_status(test, server, one):
    """Which intakes there are, and which of them cannot be reached and why."""
    browser = Browser(server.port)
    browser.log_in(server.login_link())
    write(test, mailbox(one), 'intake "far" { type = imap url = "imaps://localhost:1/" user = "ann" password_file = "%s" }\n'
          % test.path("password"))
    with open(test.path("password"), "w", encoding="ascii") as f:
        f.write("right-horse\n")
    reload(test, server, "configuration was read anew", "an intake is added")

    def states():
        return {x["intake"]: (x["is_connected"], x["reason"] or "") for x in browser.get_json("/status.json")["intakes"]}
    good = wait_for(lambda: "nobody answers" in states().get("far", (0, ""))[1], 10)
    test.check("Status tells which intake cannot be reached, and why", good, states())
    test.equal("and which can", {"drop": True, "far": False}, {k: v[0] for k, v in states().items()})
    test.check("its heading says so", b"1 intake cannot be reached" in browser.get("/status")[2])
    write(test, mailbox(one))
    reload(test, server, "configuration was read anew", "an intake is taken away")
    test.equal("Status shows it no more", ["drop"], list(states()))


def check_limits(test, server, one, mails):
    write(test, mailbox(one), "limits { max_records = 1 }\n", 'web { listen = "127.0.0.1:1" }\n')
    reload(test, server, "configuration was read anew", "limits are changed")
    big = max(mails, key=len)
    deliver(one, "5.M1P1.host", big)
    good = wait_for(lambda: test.stats(test.store()).get("quarantined") == 1, 10)
    test.check("the next mail is read by the new ones", good, test.stats(test.store()))


def check_two(test, mails):
    """The second one waits, and takes over at once when the first is killed."""
    box, store = make_maildir(test.path("Shared")), test.store("two.db")
    one = test.serve("--store", store, "--maildir", box)
    test.check("the first of two starts", one.is_up(), one.said())
    deliver(box, "1.M1P1.host", mails[0])
    wait_for(lambda: test.stats(store).get("reports") == 1, 10)
    two = test.serve("--store", store, "--maildir", box)
    test.check("the second one starts", two.is_up(), two.said())
    test.check("and says that it waits", wait_for(lambda: "another dmarcd reads this mailbox" in two.said(), 5))
    test.equal("a waiting one ends cleanly", 0, two.stop())
    two = test.serve("--store", store, "--maildir", box)
    two.is_up()
    one.stop(signal.SIGKILL)
    deliver(box, "2.M1P1.host", mails[1])
    test.check("after kill -9 of the first the second one reads",
               wait_for(lambda: test.stats(store).get("reports") == 2, 10), two.said()[-400:])
    test.equal("it ends cleanly", 0, two.stop())


def main():
    with Test("SIGHUP and two dmarcd") as test:
        out, _ = test.make_reports("reports", "-n", "12", "--broken", "0", "--duplicates", "0", "--format", "eml")
        folder = os.path.join(out, "eml")
        mails = [open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))]
        big = mails.pop(mails.index(max(mails, key=len)))
        one, two = make_maildir(test.path("One")), make_maildir(test.path("Two"))
        write(test, mailbox(one))
        server = test.serve("-c", test.path("dmarcd.conf"))
        test.check("it starts", server.is_up(), server.said())
        check_valid(test, server, one, two, mails)
        check_invalid(test, server, one, mails)
        check_waiting(test, server, one)
        check_status(test, server, one)
        check_limits(test, server, one, [big])
        test.equal("SIGTERM ends it cleanly", 0, server.stop())
        check_two(test, mails)


main()
