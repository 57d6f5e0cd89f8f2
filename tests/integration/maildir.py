"""maildir.py - a Maildir of a test, and mail that is delivered into it."""
import os

LETTER = (b"From: Ann <ann@mail.example>\r\nTo: dmarc@collector.example\r\nSubject: lunch?\r\n"
          b"Content-Type: text/plain\r\n\r\nAt noon?\r\n")


def make_maildir(path):
    for part in ("new", "cur", "tmp"):
        os.makedirs(os.path.join(path, part), exist_ok=True)
    return path


def deliver(maildir, name, data):
    """As an MTA does: write to tmp/, rename into new/."""
    tmp = os.path.join(maildir, "tmp", name)
    with open(tmp, "wb") as f:
        f.write(data)
    os.rename(tmp, os.path.join(maildir, "new", name))
