/* SPDX-License-Identifier: MIT */
/*
 * ip.h - IP addresses as 16 bytes, IPv4 in its IPv6-mapped form (RFC 4291 section 2.5.5.2).
 *
 * One shape for both families makes comparing, hashing and storing one thing. A mapped address that
 * arrives as IPv6 text is the IPv4 address. All zero ("::") means "no address".
 */
#ifndef CORE_IP_H
#define CORE_IP_H

#include <glib.h>

struct ip {
	guint8 bytes[16];
};

#define IP_TEXT_LEN 46

/* Bits of the mapped prefix. */
#define IP_V4_BITS_BEFORE 96
#define IP_BITS           128

/* Read text after trimming white space and one pair of brackets. FALSE leaves ret_ip alone. */
gboolean ip_parse(const char *text, struct ip *ret_ip);

/* Write the canonical text (RFC 5952) into buffer, which is returned. */
const char *ip_format(const struct ip *ip, char buffer[IP_TEXT_LEN]);

/*
 * Read ADDRESS/BITS; *ret_prefix counts in all 128, as below. Bits of the address behind them stay.
 * FALSE leaves both alone.
 */
gboolean ip_network_parse(const char *text, struct ip *ret_ip, guint *ret_prefix);

/*
 * The first and the last address of the network that shares the leading prefix bits, of all 128: an
 * IPv4 /24 is 120.
 */
struct ip ip_network_first(const struct ip *ip, guint prefix);
struct ip ip_network_last(const struct ip *ip, guint prefix);

gboolean ip_is_v4(const struct ip *ip);
gboolean ip_is_none(const struct ip *ip);

/*
 * FALSE for everything that no abuse desk can act on: private, shared (CGN), loopback, link-local,
 * multicast, reserved, documentation, benchmark, unique local (RFC 6890). With allow_documentation
 * the documentation, benchmark and shared ranges count as public (tests and the demo).
 */
gboolean ip_is_reportable(const struct ip *ip, gboolean allow_documentation);

/* Are the first bits of the 128 those of network? An IPv4 /24 is 120 (IP_V4_BITS_BEFORE). */
gboolean ip_is_in(const struct ip *ip, const struct ip *network, guint bits);

/* Append the address as the DNS names it, without a zone: "1.2.0.192", or 32 nibbles (RFC 3596
 * section 2.5). */
void ip_append_reversed(const struct ip *ip, GString *out);

/* Whether an abuse desk can act on an address, as ip_is_reportable() sees it. Stored. */
enum reach {
	REACH_PUBLIC,
	REACH_DOCUMENTATION, /* only where documentation addresses are allowed */
	REACH_NEVER,
	N_REACHES,
};
enum reach ip_reach(const struct ip *ip);

/* For GHashTable: key is a struct ip *. */
guint ip_hash(gconstpointer ip);
gboolean ip_equal(gconstpointer a, gconstpointer b);

#endif
