"""Mail brought by LMTP: stored before it is answered, kept by the client while the store is locked, safe from strangers."""
import os
import re
import signal
import sqlite3
import threading
import time

from harness import Test, mails_wanted, read_mails, wait_for
from lmtp_client import Client, deliver_all

CONFIG = """allow_documentation_addresses = yes
intake "push" { type = lmtp  listen = "127.0.0.1:0"  recipients = {"dmarc@*"} }
intake "local" { type = lmtp  listen = "unix:%s" }
"""


def address_of(server):
    found = wait_for(lambda: re.search(r"reading lmtp 127\.0\.0\.1:(\d+)", server.said()), 10)
    return ("127.0.0.1", int(found.group(1)))


def check_totals(test, address, store, folder, mails):
    answers, threads = [], []
    for i in range(8):
        thread = threading.Thread(target=deliver_all, args=(address, mails[i::8], answers))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(300)
    good = [a for a in answers if a.startswith("250")]
    test.equal("every mail was accepted", len(mails), len(good))
    test.check_truth("totals after %d mails over 8 connections" % len(mails), store, os.path.join(folder, "truth.json"))


def check_conversation(test, address, store):
    client = Client(address)
    answers = client.hello(b"info@collector.example")
    test.check("a recipient that is not wanted is refused", answers[-1].startswith("550 5.1.1"), answers)
    before = test.stats(store).get("mails")
    client.send(b"RSET\r\nMAIL FROM:<>\r\nRCPT TO:<dmarc@a.example>\r\nDATA\r\n")
    [client.answer() for _ in range(4)]
    client.send(b"Subject: x\n\nhello\n.\nMAIL FROM:<evil@x.example>\n.\r\nRCPT TO:<b@x.example>\r\n")
    time.sleep(0.3)
    client.socket.settimeout(0.5)
    try:
        said = client.answer()
    except OSError:
        said = ""
    test.equal("LF.LF and LF.CRLF end no mail", "", said)
    client.close()
    after = test.stats(store).get("mails")
    test.equal("a mail that was cut off is not there", before, after)
    client = Client(address)
    client.hello()
    client.send(b"DATA\r\nSubject: " + b"x" * (10 << 20) + b"\r\n\r\n\x00\x01\xff\r\n.\r\n")
    test.check("10 MB in one line: an answer", client.answer().startswith("354"))
    test.check("and it is kept or passed over", client.answer().startswith("250"))
    client.close()


def check_slow_clients(test, address, mails):
    slow = []
    for _ in range(200):
        client = Client(address)
        client.send(b"LHLO slo")
        slow.append(client)
    answers = []
    start = time.monotonic()
    deliver_all(address, mails[:20], answers)
    test.check("200 slow clients hold nobody up (20 mails in %.1f s)" % (time.monotonic() - start),
               len([a for a in answers if a.startswith("250")]) == 20, answers)
    for client in slow:
        client.close()


def check_locked_store(test, address, mail):
    lock = sqlite3.connect(test.path("dmarcd.db"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    client = Client(address, timeout=120)
    client.answer()
    client.send(b"LHLO test\r\n")
    client.answer()
    answer = client.deliver(mail)
    test.check("a locked store: 451, the client keeps the mail", answer.startswith("451 4.3.0"), answer)
    lock.execute("ROLLBACK")
    lock.close()
    again = wait_for(lambda: client.deliver(mail).startswith("250"), 60, 1)
    test.check("after that it is accepted", again)
    client.close()


def main():
    with Test("LMTP") as test:
        folder, _ = test.make_reports("set", "-n", str(mails_wanted(1000)), "--failure", "0.02", "--format", "eml")
        mails = read_mails(folder)
        unix = test.path("lmtp.sock")
        with open(test.path("dmarcd.conf"), "w", encoding="utf-8") as f:
            f.write(CONFIG % unix)
        store = test.store()
        server = test.serve("-c", test.path("dmarcd.conf"), "--store", store)
        if not test.check("serve starts", server.is_up(), server.said()):
            return
        address = address_of(server)
        check_totals(test, address, store, folder, mails)
        answers = []
        deliver_all(unix, mails[:3], answers)
        test.check("the Unix socket answers as well", [a[:3] for a in answers] == ["250"] * 3, answers)
        check_conversation(test, address, store)
        check_slow_clients(test, address, mails)
        check_locked_store(test, address, mails[0])
        idle = Client(address)
        idle.answer()
        test.equal("it stops when asked, with a client connected", 0, server.stop(signal.SIGTERM))
        test.check("and tells the client", idle.answer().startswith("421 4.3.2"))
        test.check("its socket is gone", not os.path.exists(unix))


main()
