#!/usr/bin/env python3
"""mkmmdb - write small MMDB databases of documentation addresses, in the shapes of those who sell or give real ones.

usage: mkmmdb DIR            tests/fuzz/ip_geo is made so

The format is MaxMind's (MaxMind DB File Format Specification 2.0): a search tree, 16 zero bytes, the data, a marker,
the metadata. Values are dict, list, str, int (uint32), Short (uint16) and Wide (uint64). What is written is the same each time.
"""
import ipaddress
import os
import struct
import sys

MARKER = b"\xab\xcd\xefMaxMind.com"
MAP, TEXT, UINT16, UINT32, UINT64, ARRAY = 7, 2, 5, 6, 9, 11
MADE_AT = 1767225600            # 2026-01-01


class Short(int):
    """Is written as uint16."""


class Wide(int):
    """Is written as uint64."""


def control(kind, size):
    """The bytes before a value: its type and how much follows."""
    if size < 29:
        low, more = size, b""
    elif size < 285:
        low, more = 29, bytes([size - 29])
    elif size < 65821:
        low, more = 30, struct.pack(">H", size - 285)
    else:
        low, more = 31, (size - 65821).to_bytes(3, "big")
    if kind < 8:
        return bytes([kind << 5 | low]) + more
    return bytes([low, kind - 7]) + more


def number(value):
    kind = UINT64 if isinstance(value, Wide) else UINT16 if isinstance(value, Short) else UINT32
    raw = int(value).to_bytes(8, "big").lstrip(b"\0")
    return control(kind, len(raw)) + raw


def encode(value):
    if isinstance(value, dict):
        return control(MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return control(ARRAY, len(value)) + b"".join(map(encode, value))
    if isinstance(value, int):
        return number(value)
    raw = value if isinstance(value, bytes) else value.encode()
    return control(TEXT, len(raw)) + raw


def bits_of(network, ip_version):
    """The way from the root; IPv4 lies under ::/96 in a tree of IPv6."""
    length, skipped = network.prefixlen, 0
    if ip_version == 6 and network.version == 4:
        length, skipped = length + 96, 96
    whole = int(network.network_address)
    width = 128 if ip_version == 6 else 32
    return [(whole >> (width - 1 - i)) & 1 if i >= skipped else 0 for i in range(length)]


def make_tree(entries, ip_version):
    """Nodes [left, right]; None = nothing, ("node", n) or ("data", offset). And the data section."""
    nodes, data, known = [[None, None]], b"", {}
    for text, value in entries:
        raw = encode(value)
        if raw not in known:
            known[raw] = len(data)
            data += raw
        way = bits_of(ipaddress.ip_network(text), ip_version)
        at = 0
        for bit in way[:-1]:
            if nodes[at][bit] is None:
                nodes[at][bit] = ("node", len(nodes))
                nodes.append([None, None])
            kind, at = nodes[at][bit]
            if kind != "node":
                raise ValueError(f"{text} lies within another network")
        nodes[at][way[-1]] = ("data", known[raw])
    return nodes, data


def make(entries, name, ip_version=6, made_at=MADE_AT):
    """A database as bytes. entries: (network, value)."""
    nodes, data = make_tree(entries, ip_version)

    def record(to):
        if to is None:
            return len(nodes)
        return to[1] if to[0] == "node" else len(nodes) + 16 + to[1]

    tree = b"".join(record(side).to_bytes(3, "big") for node in nodes for side in node)
    metadata = {
        "node_count": len(nodes), "record_size": Short(24), "ip_version": Short(ip_version), "database_type": name,
        "languages": ["en"], "binary_format_major_version": Short(2), "binary_format_minor_version": Short(0),
        "build_epoch": Wide(made_at), "description": {"en": "documentation addresses"},
    }
    return tree + bytes(16) + data + MARKER + encode(metadata)


def both(value):
    """The same of an IPv4 and of an IPv6 network."""
    return [("198.51.100.0/24", value), ("2001:db8:a::/48", value)]


# Each tells of AS64500 in Germany, as far as it tells.
FILES = {
    "geolite-asn": ("GeoLite2-ASN", both(
        {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"})),
    "geolite-country": ("GeoLite2-Country", both(
        {"continent": {"code": "EU"}, "country": {"geoname_id": 1, "iso_code": "DE", "names": {"en": "Germany"}},
         "registered_country": {"iso_code": "FR"}})),
    "geolite-city": ("GeoLite2-City", both(
        {"city": {"names": {"en": "Town"}}, "country": {"iso_code": "DE"}, "location": {"time_zone": "Europe/Berlin"}})),
    "dbip-asn": ("DBIP-ASN-Lite (compat=GeoLite2-ASN)", both(
        {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"})),
    "ipinfo-lite": ("ipinfo generic_bundle_lite_sample.mmdb", both(
        {"asn": "AS64500", "as_name": "Example Net", "as_domain": "example.net", "continent": "Europe",
         "continent_code": "EU", "country": "Germany", "country_code": "DE"})),
    "ipinfo-free": ("ipinfo country_asn.mmdb", both(
        {"asn": "AS64500", "as_name": "Example Net", "as_domain": "example.net", "country": "DE",
         "country_name": "Germany"})),
    "iplocate": ("ip-to-asn", both(
        {"asn": "64500", "country_code": "de", "name": "EXAMPLE-NET-AS", "org": "Example Net", "domain": "example.net"})),
    "wide": ("wide number", both({"asn": Wide(64500), "name": "Example Net", "country_code": "DE"})),
    "hostile": ("\u202eevil\n", [
        ("198.51.100.0/25", {"asn": 64500, "name": b"\xffExample\x07 \n Net\xe2\x80\xae", "country_code": "D"}),
        ("198.51.100.128/25", {"asn": 64501, "name": "x" * 5000, "country_code": "<b>"}),
        ("203.0.113.0/24", {"asn": Wide(64500 + 2**32), "name": "nobody", "country_code": "XX"}),
        ("192.0.2.0/24", {"asn": {"asn": 1}, "name": ["a"], "country": {"iso_code": {"a": "DE"}}}),
    ]),
    "useless": ("GeoLite2-Anonymous", both({"is_anonymous": 1})),
    "empty": ("GeoLite2-ASN", []),
}


def make_all(folder):
    """The fixtures of tests/unit/ip_geo_test.c."""
    for name, (kind, entries) in FILES.items():
        with open(os.path.join(folder, name + ".mmdb"), "wb") as f:
            f.write(make(entries, kind))
    with open(os.path.join(folder, "v4-only.mmdb"), "wb") as f:
        f.write(make([("198.51.100.0/24", {"asn": 64500, "name": "Example Net", "country_code": "DE"})], "v4", 4))


if __name__ == "__main__":
    make_all(sys.argv[1])
