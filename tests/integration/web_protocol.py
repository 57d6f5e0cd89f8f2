"""The web server keeps answering while others hold connections, drip bytes, flood it, or it is told to stop."""
import concurrent.futures
import http.client
import signal
import socket
import time

from harness import PATIENCE, Browser, Test, wait_for

HEADER_S, IDLE_S, ANSWER_S = 10, 30, 60
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
POST = (b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 60000\r\n\r\n")


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30 * PATIENCE)


def drip(port, first, most_s):
    """Send first, then a byte a second; after how many seconds did the server end it?"""
    with connect(port) as s:
        begin = time.monotonic()
        if first:
            s.sendall(first)
        s.settimeout(1)
        while time.monotonic() - begin < most_s:
            try:
                s.sendall(b"a")
                if s.recv(65536) == b"":
                    break
            except socket.timeout:
                continue
            except OSError:
                break
        return time.monotonic() - begin


def drips(test, port):
    """All at once, so that the test takes as long as the longest."""
    cases = [("no request at all", b"", HEADER_S), ("a slow header", b"GET /healthz HTTP/1.1\r\nX: ", HEADER_S),
             ("a slow second header", GET + b"GET ", IDLE_S), ("a slow body", POST, ANSWER_S)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        running = [(what, limit, pool.submit(drip, port, first, limit + 10)) for what, first, limit in cases]
        time.sleep(3)
        begin = time.monotonic()
        status, _, _ = Browser(port).get("/healthz")
        test.check("others are answered meanwhile", status == 200 and time.monotonic() - begin < 2)
        for what, limit, future in running:
            took = future.result()
            test.check("%s is cut after %d s" % (what, limit), limit - 1 <= took <= limit + 4, took)


def flood(test, port):
    """One address cannot take every connection; what it took is free again when it lets go."""
    held = []
    for _ in range(300):
        try:
            s = connect(port)
        except OSError:
            break
        held.append(s)
    time.sleep(1)
    refused = 0
    for s in held:
        s.settimeout(0.01)
        try:
            refused += s.recv(1) == b""
        except socket.timeout:
            pass
        except OSError:
            refused += 1
    test.check("of %d connections from one address some are refused (%d)" % (len(held), refused), refused >= 100)
    for s in held:
        s.close()
    test.check("afterwards it answers", wait_for(lambda: answers(port), 5))


def answers(port):
    try:
        return Browser(port).get("/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def aborted(test, port):
    """Clients that go away in the middle of everything."""
    for piece in (b"", b"G", GET[:20], GET, POST, POST + b"a" * 1000):
        for _ in range(10):
            with connect(port) as s:
                s.sendall(piece)
    test.check("clients that go away leave no trace", answers(port))


def login(test, server):
    link = server.login_link()
    browser = Browser(server.port)
    test.check("the printed link logs in", link and browser.log_in(link))
    status, headers, _ = browser.get("/")
    test.check("the overview is there", status == 200 and "text/html" in headers.get("content-type", ""), status)
    test.equal("no other visitor sees it", 303, Browser(server.port).get("/")[0])
    test.check("the link works once", not Browser(server.port).log_in(link))


def stop(test, server):
    """Who only waits is sent away; it does not take the time of an answer."""
    with connect(server.port) as s:
        s.sendall(GET)
        s.recv(65536)
        begin = time.monotonic()
        test.equal("it stops when told", 0, server.stop(signal.SIGTERM))
        test.check("without waiting for who is idle", time.monotonic() - begin < 5 * PATIENCE)
        try:
            rest = s.recv(1)
        except OSError:
            rest = b""
        test.equal("who was idle is sent away", b"", rest)


with Test("the web server under rude clients") as t:
    daemon = t.serve("--store", t.store(), "--login-link", "admin")
    if t.check("it is up", daemon.is_up(), daemon.said()):
        login(t, daemon)
        aborted(t, daemon.port)
        flood(t, daemon.port)
        drips(t, daemon.port)
        stop(t, daemon)
