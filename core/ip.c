/* SPDX-License-Identifier: MIT */
#include "core/ip.h"

#include <arpa/inet.h>

static const guint8 mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct range {
	struct ip base;
	guint bits;
	gboolean is_documentation; /* reserved for documentation, benchmarks or shared space */
};

#define IPV4(a, b, c, d, bits) \
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } }, IP_V4_BITS_BEFORE + (bits)
#define IPV6(a, b, c, d, bits) { { a, b, c, d } }, bits

/* RFC 6890 and the IANA special-purpose registries. */
static const struct range special_ranges[] = {
	{ IPV4(0, 0, 0, 0, 8), FALSE },
	{ IPV4(10, 0, 0, 0, 8), FALSE },
	{ IPV4(100, 64, 0, 0, 10), TRUE },
	{ IPV4(127, 0, 0, 0, 8), FALSE },
	{ IPV4(169, 254, 0, 0, 16), FALSE },
	{ IPV4(172, 16, 0, 0, 12), FALSE },
	{ IPV4(192, 0, 0, 0, 24), FALSE },
	{ IPV4(192, 0, 2, 0, 24), TRUE },
	{ IPV4(192, 88, 99, 0, 24), FALSE },
	{ IPV4(192, 168, 0, 0, 16), FALSE },
	{ IPV4(198, 18, 0, 0, 15), TRUE },
	{ IPV4(198, 51, 100, 0, 24), TRUE },
	{ IPV4(203, 0, 113, 0, 24), TRUE },
	{ IPV4(224, 0, 0, 0, 3), FALSE },
	{ IPV6(0x20, 0x01, 0x0d, 0xb8, 32), TRUE },
	{ IPV6(0x20, 0x01, 0, 0, 23), FALSE },
	{ IPV6(0x20, 0x02, 0, 0, 16), FALSE },
	{ IPV6(0x3f, 0xff, 0, 0, 20), TRUE },
};

gboolean
ip_parse(const char *text, struct ip *ret_ip)
{
	char trimmed[IP_TEXT_LEN + 8];

	while (g_ascii_isspace(*text))
		text++;
	if (*text == '[')
		text++;
	if (g_strlcpy(trimmed, text, sizeof(trimmed)) >= sizeof(trimmed))
		return FALSE;
	g_strchomp(trimmed);
	gsize len = strlen(trimmed);
	if (len > 0 && trimmed[len - 1] == ']')
		trimmed[len - 1] = '\0';

	struct ip ip;
	struct in_addr v4;
	if (inet_pton(AF_INET, trimmed, &v4) == 1) {
		memcpy(ip.bytes, mapped_prefix, sizeof(mapped_prefix));
		memcpy(ip.bytes + sizeof(mapped_prefix), &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, trimmed, ip.bytes) != 1) {
		return FALSE;
	}
	*ret_ip = ip;
	return TRUE;
}

gboolean
ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

gboolean
ip_is_none(const struct ip *ip)
{
	static const struct ip none;

	return memcmp(ip, &none, sizeof(none)) == 0;
}

const char *
ip_format(const struct ip *ip, char buffer[IP_TEXT_LEN])
{
	if (ip_is_none(ip))
		buffer[0] = '\0';
	else if (ip_is_v4(ip))
		inet_ntop(AF_INET, ip->bytes + sizeof(mapped_prefix), buffer, IP_TEXT_LEN);
	else
		inet_ntop(AF_INET6, ip->bytes, buffer, IP_TEXT_LEN);
	return buffer;
}

gboolean
ip_is_in(const struct ip *ip, const struct ip *network, guint bits)
{
	g_assert(bits <= IP_BITS);
	if (memcmp(network->bytes, ip->bytes, bits / 8) != 0)
		return FALSE;
	guint8 mask = (guint8)(0xff00U >> (bits % 8));
	return bits % 8 == 0 || ((network->bytes[bits / 8] ^ ip->bytes[bits / 8]) & mask) == 0;
}

void
ip_append_reversed(const struct ip *ip, GString *out)
{
	const guint8 *b = ip->bytes;

	if (ip_is_v4(ip)) {
		g_string_append_printf(out, "%u.%u.%u.%u", b[15], b[14], b[13], b[12]);
		return;
	}
	for (gsize i = sizeof(ip->bytes); i > 0; i--)
		g_string_append_printf(out, "%x.%x%s", b[i - 1] & 0xfU, b[i - 1] >> 4,
				       i > 1 ? "." : "");
}

gboolean
ip_is_reportable(const struct ip *ip, gboolean allow_documentation)
{
	for (gsize i = 0; i < G_N_ELEMENTS(special_ranges); i++) {
		const struct range *range = &special_ranges[i];
		if (ip_is_in(ip, &range->base, range->bits))
			return allow_documentation && range->is_documentation;
	}
	/* Only 2000::/3 is global unicast today. */
	return ip_is_v4(ip) || (ip->bytes[0] & 0xe0) == 0x20;
}

enum reach
ip_reach(const struct ip *ip)
{
	if (ip_is_reportable(ip, FALSE))
		return REACH_PUBLIC;
	return ip_is_reportable(ip, TRUE) ? REACH_DOCUMENTATION : REACH_NEVER;
}

guint
ip_hash(gconstpointer ip)
{
	const guint8 *bytes = ((const struct ip *)ip)->bytes;
	guint hash = 2166136261U;

	for (gsize i = 0; i < sizeof(struct ip); i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return hash;
}

gboolean
ip_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct ip)) == 0;
}

static struct ip
fill_behind(const struct ip *ip, guint prefix, gboolean with_ones)
{
	struct ip filled = *ip;

	for (guint i = 0; i < sizeof(filled.bytes); i++) {
		guint known = prefix > 8 * i ? MIN(prefix - 8 * i, 8) : 0;
		guint8 host = (guint8)(0xff >> known);
		filled.bytes[i] = (guint8)(with_ones ? filled.bytes[i] | host
						     : filled.bytes[i] & (guint8)~host);
	}
	return filled;
}

gboolean
ip_network_parse(const char *text, struct ip *ret_ip, guint *ret_prefix)
{
	char address[IP_TEXT_LEN];
	const char *slash = strchr(text, '/');
	struct ip ip;
	guint64 bits;

	if (!slash || (gsize)(slash - text) >= sizeof(address))
		return FALSE;
	g_strlcpy(address, text, (gsize)(slash - text) + 1);
	if (!ip_parse(address, &ip))
		return FALSE;
	guint before = ip_is_v4(&ip) ? IP_V4_BITS_BEFORE : 0;
	if (!g_ascii_string_to_unsigned(slash + 1, 10, 0, IP_BITS - before, &bits, NULL))
		return FALSE;
	*ret_ip = ip;
	*ret_prefix = before + (guint)bits;
	return TRUE;
}

struct ip
ip_network_first(const struct ip *ip, guint prefix)
{
	return fill_behind(ip, prefix, FALSE);
}

struct ip
ip_network_last(const struct ip *ip, guint prefix)
{
	return fill_behind(ip, prefix, TRUE);
}
