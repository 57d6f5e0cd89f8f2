#!/usr/bin/env python3
"""dns_server.py SCRIPT - a DNS server on loopback, UDP and TCP, that does what a script says.

Prints its port, and ends with its standard input. A line of the script is a record, or a misdeed:

    NAME TTL TYPE VALUE       host.example 300 A 192.0.2.1      mx.example 300 MX 10 host.example
                              *.wide.example 60 A 192.0.2.2     odd.example 60 PTR a\\007b.example
    NAME ! MISDEED [NUMBER]   slow.example ! delay 300          the names are those of misdeeds below
    . ! quiet-after 100       says nothing any more after 100 questions

Names that the script does not have do not exist. count.server.example TXT tells how many questions came:
"udp 3 tcp 1". Values of TXT stand to the end of the line; {N} in one repeats what stands before it N times.
"""
import heapq
import ipaddress
import re
import select
import socket
import struct
import sys
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5
TRUNCATED = 0x0200
UDP_MAX = 1232
NEGATIVE_TTL, SOA_TTL = 120, 600


def raw_bytes(text):
    """\\DDD is a byte."""
    return re.sub(r"\\(\d\d\d)", lambda m: chr(int(m.group(1))), text).encode("latin-1")


def wire_name(name):
    out = b""
    for label in name.rstrip(".").split("."):
        raw = raw_bytes(label)
        out += bytes([len(raw)]) + raw if raw else b""
    return out + b"\0"


def wire_value(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "MX":
        number, name = value.split()
        return struct.pack(">H", int(number)) + wire_name(name)
    if kind == "TXT":
        text = re.sub(r"^(.*)\{(\d+)\}$", lambda m: m.group(1) * int(m.group(2)), value)
        text = raw_bytes(text)
        return b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255] for i in range(0, max(len(text), 1), 255))
    return wire_name(value)


def record(name, kind, ttl, data):
    return wire_name(name) + struct.pack(">HHIH", TYPES[kind], 1, ttl, len(data)) + data


def soa():
    data = wire_name("ns.example") + wire_name("root.example") + struct.pack(">IIIII", 1, 2, 3, 4, NEGATIVE_TTL)
    return record("example", "SOA", SOA_TTL, data)


def message(head, flags, answers=(), authority=()):
    return head[:2] + struct.pack(">HHHHH", 0x8180 | flags, 1, len(answers), len(authority), 0) + head[2:] + \
        b"".join(answers) + b"".join(authority)


class Zone:
    def __init__(self, script):
        self.records, self.misdeeds, self.wide = {}, {}, {}
        for line in script.splitlines():
            if not line.strip():
                continue
            name, second, rest = line.split(None, 2)
            if second == "!":
                word, _, number = rest.partition(" ")
                self.misdeeds[name.rstrip(".").lower()] = (word, int(number or 0))
                continue
            kind, value = rest.split(None, 1)
            place = self.wide if name.startswith("*.") else self.records
            place.setdefault(name.removeprefix("*.").lower(), []).append((kind, int(second), value))

    def find(self, name):
        """The records of a name, or None."""
        if name in self.records:
            return self.records[name]
        parts = name.split(".")
        for i in range(1, len(parts)):
            if ".".join(parts[i:]) in self.wide:
                return self.wide[".".join(parts[i:])]
        return None

    def misdeed(self, name):
        return self.misdeeds.get(name, (None, 0))

    def answer(self, name, code):
        """Records, and whether the name is there."""
        answers = []
        for _ in range(20):
            found = self.find(name)
            if found is None:
                return answers, False
            alias = None
            for kind, ttl, value in found:
                if kind == "CNAME":
                    alias = value.lower()
                if TYPES[kind] == code or kind == "CNAME":
                    answers.append(record(name, kind, ttl, wire_value(kind, value)))
            if not alias:
                return answers, True
            name = alias
        return answers, True


def read_question(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += packet[at] + 1
    head = packet[:2] + packet[12:at + 5]
    return ".".join(labels), struct.unpack(">H", packet[at + 1:at + 3])[0], head


class Server:
    def __init__(self, script):
        self.zone = Zone(script)
        self.counts = {"udp": 0, "tcp": 0}
        self.later = []
        while True:
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind(("127.0.0.1", 0))
            self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.tcp = socket.socket()
            try:
                self.tcp.bind(self.udp.getsockname())
                break
            except OSError:
                self.udp.close()
                self.tcp.close()
        self.tcp.listen(16)

    def misbehave(self, word, packet, head, good):
        """What is sent in place of good; None = nothing."""
        other = wire_name("other.example")
        deeds = {
            "servfail": lambda: message(head, SERVFAIL),
            "refused": lambda: message(head, REFUSED),
            "nodata-bare": lambda: message(head, 0),
            "nxdomain-bare": lambda: message(head, NXDOMAIN),
            "referral": lambda: message(head, 0, (), [record("example", "NS", 60, other)]),
            "silence": lambda: None,
            "other-name": lambda: message(head, 0, [record("other.example", "A", 60, b"\x01\x02\x03\x04")]),
            "other-question": lambda: message(head[:2] + other + head[-4:], 0, [record("other.example", "A", 60, b"\x01\x02\x03\x04")]),
            "other-id": lambda: bytes([good[0] ^ 0x55]) + good[1:],
            "garbage": lambda: head[:2] + b"\x81\x80" + b"\xff" * 40,
            "cut-short": lambda: good[:-3],
            "echo": lambda: packet,
        }
        return deeds[word]() if word in deeds else good

    def reply(self, packet, transport):
        """-> answer or None, seconds to wait"""
        self.counts[transport] += 1
        name, code, head = read_question(packet)
        word, number = self.zone.misdeed("")
        if word == "quiet-after" and sum(self.counts.values()) > number:
            return None, 0
        if name == "count.server.example":
            text = "udp %(udp)d tcp %(tcp)d" % self.counts
            return message(head, 0, [record(name, "TXT", 0, wire_value("TXT", text))]), 0
        answers, is_there = self.zone.answer(name, code)
        has_data = any(struct.unpack(">H", a[a.index(b"\0") + 1:a.index(b"\0") + 3])[0] == code for a in answers)
        good = message(head, 0 if is_there or answers else NXDOMAIN, answers, () if has_data else [soa()])
        word, number = self.zone.misdeed(name)
        good = self.misbehave(word, packet, head, good)
        if good and transport == "udp" and (len(good) > UDP_MAX or word == "truncate"):
            good = message(head, TRUNCATED)
        if transport == "tcp" and word == "no-tcp":
            good = None
        return good, number / 1000 if word == "delay" else 0

    def serve_tcp(self):
        """One question a connection; a peer that does not ask is left after a second."""
        peer, _ = self.tcp.accept()
        peer.settimeout(1)
        try:
            size = struct.unpack(">H", peer.recv(2, socket.MSG_WAITALL))[0]
            answer, _ = self.reply(peer.recv(size, socket.MSG_WAITALL), "tcp")
            if answer:
                peer.sendall(struct.pack(">H", len(answer)) + answer)
                peer.recv(1)
        except (OSError, struct.error):
            pass
        peer.close()

    def serve_udp(self):
        packet, peer = self.udp.recvfrom(4096)
        answer, seconds = self.reply(packet, "udp")
        if answer and seconds:
            heapq.heappush(self.later, (time.monotonic() + seconds, answer, peer))
        elif answer:
            self.udp.sendto(answer, peer)

    def run(self):
        print(self.udp.getsockname()[1], flush=True)
        while True:
            wait = max(0, self.later[0][0] - time.monotonic()) if self.later else None
            ready, _, _ = select.select([self.udp, self.tcp, sys.stdin], [], [], wait)
            while self.later and self.later[0][0] <= time.monotonic():
                _, answer, peer = heapq.heappop(self.later)
                self.udp.sendto(answer, peer)
            if sys.stdin in ready:
                return
            if self.udp in ready:
                self.serve_udp()
            if self.tcp in ready:
                self.serve_tcp()


if __name__ == "__main__":
    Server(sys.argv[1] if len(sys.argv) > 1 else "").run()
