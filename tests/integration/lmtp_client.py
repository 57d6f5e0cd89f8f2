"""lmtp_client.py - one LMTP connection, spoken by hand."""
import re
import socket


class Client:
    """One LMTP connection, by hand: what is sent is what the test says."""

    def __init__(self, address, timeout=30):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def answer(self):
        """The last line of one answer."""
        while True:
            line = self.file.readline().decode("utf-8", "replace")
            if len(line) < 4 or line[3] != "-":
                return line.strip()

    def hello(self, recipient=b"dmarc@collector.example"):
        self.send(b"LHLO test\r\nMAIL FROM:<>\r\nRCPT TO:<" + recipient + b">\r\n")
        return [self.answer() for _ in range(4)]

    def deliver(self, mail):
        """One mail of a session that has said LHLO; gives the reply."""
        body = re.sub(rb"\r?\n", b"\r\n", mail)
        body = re.sub(rb"(?m)^\.", b"..", body)
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        self.send(b"MAIL FROM:<>\r\nRCPT TO:<dmarc@collector.example>\r\nDATA\r\n" + body + b".\r\n")
        answers = [self.answer() for _ in range(4)]
        return answers[-1]

    def close(self):
        self.socket.close()


def deliver_all(address, mails, answers):
    client = Client(address)
    client.answer()
    client.send(b"LHLO test\r\n")
    client.answer()
    for mail in mails:
        answers.append(client.deliver(mail))
    client.send(b"QUIT\r\n")
    client.close()
