/* SPDX-License-Identifier: MIT */
#include "enrich/generic_name.h"

#include <string.h>

#define N_OCTETS   4
#define N_GROUPS   8
#define V4_AT      12 /* where the four octets stand in struct ip */
#define OCTETS_MIN 3  /* so many in a row are no accident */
#define GROUPS_MIN 4

/* What providers call lines of customers. Whole runs of letters. */
static const char *const line_words[] = {
	"adsl",     "broadband",   "cable",      "cablelink", "client",  "clients",   "cpe",
	"cust",     "customer",    "customers",  "dhcp",      "dhcpv",   "dial",      "dialin",
	"dialup",   "dip",         "dsl",        "dyn",       "dynamic", "dynamicip", "dynip",
	"fiber",    "fibre",       "ftth",       "fttx",      "gpon",    "hsd",       "ipoe",
	"mobile",   "modem",       "pool",       "pools",     "ppp",     "pppoe",     "res",
	"resnet",   "residential", "unassigned", "user",      "users",   "vdsl",      "wifi",
	"wireless", "wlan",        "xdsl",
};

/* How names of mail servers begin. */
static const char *const mail_words[] = {
	"bounce", "email", "mail",     "mailer", "mailout", "mout",    "mta",
	"mx",     "out",   "outbound", "relay",  "smtp",    "smtpout",
};

/* What stands before a country and is nobody's own. */
static const char *const shared_labels[] = {
	"ac", "ad", "co", "com", "edu", "go", "gov", "gr", "ne", "net", "or", "org",
};

/* ---- the address in the name ---- */

/* Has text a piece as it is? */
static gboolean
has(const char *text, const char *piece)
{
	return strstr(text, piece) != NULL;
}

/* The numbers of the name, each run of digits (of base) that stands between others. */
static GArray *
numbers_of(const char *name, guint base)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
	const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";

	while (*name) {
		gsize len = strspn(name, digits);
		/* In base 16 a letter beside a digit would make it another word. */
		gboolean is_whole = base == 10 || !g_ascii_isalnum(name[len]);
		if (len > 0 && len <= 8 && is_whole) {
			guint32 number = (guint32)g_ascii_strtoull(name, NULL, base);
			g_array_append_val(numbers, number);
		}
		name += len;
		if (base == 16)
			while (g_ascii_isalnum(*name))
				name++;
		if (*name)
			name++;
	}
	return numbers;
}

/* Do at least least of the n parts of the address follow each other in numbers? */
static gboolean
has_run(const GArray *numbers, const guint32 *parts, guint n, guint least)
{
	for (guint i = 0; i < numbers->len; i++)
		for (guint part = 0; part + least <= n; part++) {
			guint len = 0;
			while (part + len < n && i + len < numbers->len &&
			       g_array_index(numbers, guint32, i + len) == parts[part + len])
				len++;
			if (len >= least)
				return TRUE;
		}
	return FALSE;
}

static gboolean
has_run_either_way(const char *name, guint base, const guint32 *parts, guint n, guint least)
{
	g_autoptr(GArray) numbers = numbers_of(name, base);
	guint32 reversed[N_GROUPS];

	for (guint i = 0; i < n; i++)
		reversed[i] = parts[n - 1 - i];
	return has_run(numbers, parts, n, least) || has_run(numbers, reversed, n, least);
}

/* All parts one after the other, each by format. */
static gboolean
has_joined(const char *name, const char *text, const char *reversed)
{
	return has(name, text) || has(name, reversed);
}

static gboolean
has_v4(const char *name, const struct ip *ip)
{
	const guint8 *o = ip->bytes + V4_AT;
	const guint32 parts[N_OCTETS] = { o[0], o[1], o[2], o[3] };
	g_autofree char *padded = g_strdup_printf("%03u%03u%03u%03u", o[0], o[1], o[2], o[3]);
	g_autofree char *padded_back = g_strdup_printf("%03u%03u%03u%03u", o[3], o[2], o[1], o[0]);
	g_autofree char *hex = g_strdup_printf("%02x%02x%02x%02x", o[0], o[1], o[2], o[3]);
	g_autofree char *hex_back = g_strdup_printf("%02x%02x%02x%02x", o[3], o[2], o[1], o[0]);
	g_autofree char *bare = g_strdup_printf("%u%u%u%u", o[0], o[1], o[2], o[3]);
	g_autofree char *number = g_strdup_printf("%u", (guint)o[0] << 24 | (guint)o[1] << 16 |
								(guint)o[2] << 8 | o[3]);

	return has_run_either_way(name, 10, parts, N_OCTETS, OCTETS_MIN) ||
	       has_run_either_way(name, 16, parts, N_OCTETS, N_OCTETS) ||
	       has_joined(name, padded, padded_back) || has_joined(name, hex, hex_back) ||
	       (strlen(bare) >= 8 && has(name, bare)) || (strlen(number) >= 8 && has(name, number));
}

/* The nibbles of the address in one row. */
static char *
nibbles_of(const struct ip *ip, gboolean is_reversed)
{
	g_autoptr(GString) reversed = g_string_new(NULL);

	ip_append_reversed(ip, reversed);
	g_auto(GStrv) nibbles = g_strsplit(reversed->str, ".", -1);
	g_autofree char *joined = g_strjoinv("", nibbles);
	return is_reversed ? g_steal_pointer(&joined) : g_strreverse(g_steal_pointer(&joined));
}

static gboolean
has_v6(const char *name, const struct ip *ip)
{
	char text[IP_TEXT_LEN];
	guint32 groups[N_GROUPS];
	g_autofree char *forwards = nibbles_of(ip, FALSE);
	g_autofree char *backwards = nibbles_of(ip, TRUE);
	g_autofree char *dashed = g_strdelimit(g_strdup(ip_format(ip, text)), ":", '-');
	g_auto(GStrv) pieces = g_strsplit_set(name, ".-_", -1);
	g_autofree char *joined = g_strjoinv("", pieces);

	for (guint i = 0; i < N_GROUPS; i++)
		groups[i] = (guint32)ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1];
	/* The half that tells customers apart is enough. */
	return has_joined(joined, forwards, backwards) || has(name, dashed) ||
	       has(joined, forwards + 16) ||
	       has_run_either_way(name, 16, groups, N_GROUPS, GROUPS_MIN);
}

/* ---- words ---- */

static gboolean
is_in(const char *const *words, gsize n, const char *word)
{
	for (gsize i = 0; i < n; i++)
		if (g_str_equal(words[i], word))
			return TRUE;
	return FALSE;
}

/* Labels without those that name the provider: the last two, or three as in "isp.co.example". */
static guint
n_host_labels(char *const *labels, guint n)
{
	gboolean is_shared =
		n >= 3 && is_in(shared_labels, G_N_ELEMENTS(shared_labels), labels[n - 2]);
	guint n_provider = is_shared ? 3 : 2;

	return n > n_provider ? n - n_provider : 0;
}

static gboolean
has_word(const char *label, const char *const *words, gsize n)
{
	g_auto(GStrv) runs = g_strsplit_set(label, "0123456789-_", -1);

	for (char **run = runs; *run; run++)
		if (is_in(words, n, *run))
			return TRUE;
	return FALSE;
}

static gboolean
begins_like_mail(const char *label)
{
	g_autofree char *first = g_strndup(label, strcspn(label, "0123456789-_"));

	return is_in(mail_words, G_N_ELEMENTS(mail_words), first);
}

static gboolean
has_words(const char *name)
{
	g_auto(GStrv) labels = g_strsplit(name, ".", -1);
	guint n = n_host_labels(labels, g_strv_length(labels));
	gboolean has_number = FALSE;

	if (n == 0 || begins_like_mail(labels[0]))
		return FALSE;
	for (guint i = 0; i < n; i++) {
		has_number = has_number || strpbrk(labels[i], "0123456789") != NULL;
		if (has_number && has_word(labels[i], line_words, G_N_ELEMENTS(line_words)))
			return TRUE;
	}
	return FALSE;
}

gboolean
generic_name_is(const char *name, const struct ip *ip)
{
	return (ip_is_v4(ip) ? has_v4(name, ip) : has_v6(name, ip)) || has_words(name);
}
