/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_values.h"

#include <string.h>

#define COUNT_DIGITS_MAX   19
#define COUNT_MAX          (G_GINT64_CONSTANT(1) << 53)
#define MILLISECOND_DIGITS 13
#define INSTANT_LEN_MAX    40

struct word {
	const char *text;
	gsize len;
	int value;
};

static const struct word dispositions[] = {
	{ "none", 4, DISPOSITION_NONE },
	{ "quarantine", 10, DISPOSITION_QUARANTINE },
	{ "reject", 6, DISPOSITION_REJECT },
	{ "pass", 4, DISPOSITION_PASS },
};

/* RFC 8601 section 2.7 results that some reporters put where only pass and fail belong. */
static const struct word aligned_words[] = {
	{ "pass", 4, ALIGNED_PASS },      { "fail", 4, ALIGNED_FAIL },
	{ "none", 4, ALIGNED_FAIL },      { "neutral", 7, ALIGNED_FAIL },
	{ "softfail", 8, ALIGNED_FAIL },  { "temperror", 9, ALIGNED_FAIL },
	{ "permerror", 9, ALIGNED_FAIL }, { "policy", 6, ALIGNED_FAIL },
	{ "hardfail", 8, ALIGNED_FAIL },
};

static const struct word *
find_word(const struct word *words, gsize n, const char *text, gsize len)
{
	for (gsize i = 0; i < n; i++)
		if (words[i].len == len && g_ascii_strncasecmp(words[i].text, text, len) == 0)
			return &words[i];
	return NULL;
}

gboolean
value_count(const char *text, gsize len, gint64 *ret_count)
{
	gint64 count = 0;

	if (len == 0 || len > COUNT_DIGITS_MAX)
		return FALSE;
	for (gsize i = 0; i < len; i++) {
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
		count = count * 10 + (text[i] - '0');
		if (count > COUNT_MAX)
			return FALSE;
	}
	*ret_count = count;
	return TRUE;
}

static gboolean
read_iso(const char *text, gsize len, gint64 *ret_at)
{
	char buffer[INSTANT_LEN_MAX + 1];
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();

	if (len > INSTANT_LEN_MAX)
		return FALSE;
	memcpy(buffer, text, len);
	buffer[len] = '\0';
	g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(buffer, utc);
	/* Before 1970 there was no mail. */
	if (!date || g_date_time_to_unix(date) < 0)
		return FALSE;
	*ret_at = g_date_time_to_unix(date);
	return TRUE;
}

/* Python reporters write a float: "1337270400.0". */
static gsize
length_without_fraction(const char *text, gsize len)
{
	gsize i = len;

	while (i > 0 && g_ascii_isdigit(text[i - 1]))
		i--;
	return i > 1 && i < len && text[i - 1] == '.' ? i - 1 : len;
}

gboolean
value_instant(const char *text, gsize len, gint64 *ret_at, enum oddity *ret_oddity)
{
	gsize whole = length_without_fraction(text, len);

	*ret_oddity = N_ODDITIES;
	if (whole <= MILLISECOND_DIGITS && value_count(text, whole, ret_at)) {
		if (whole == MILLISECOND_DIGITS) {
			*ret_at /= 1000;
			*ret_oddity = ODDITY_INSTANT_MILLISECONDS;
		}
		return TRUE;
	}
	*ret_oddity = ODDITY_INSTANT_TEXT;
	return read_iso(text, len, ret_at);
}

enum disposition
value_disposition(const char *text, gsize len)
{
	const struct word *word = find_word(dispositions, G_N_ELEMENTS(dispositions), text, len);

	if (len == 0)
		return DISPOSITION_MISSING;
	return word ? (enum disposition)word->value : DISPOSITION_OTHER;
}

enum aligned
value_aligned(const char *text, gsize len, gboolean *ret_is_known)
{
	const struct word *word = find_word(aligned_words, G_N_ELEMENTS(aligned_words), text, len);

	*ret_is_known = len == 0 || word;
	if (len == 0)
		return ALIGNED_MISSING;
	return word ? (enum aligned)word->value : ALIGNED_FAIL;
}

gboolean
value_ip(const char *text, gsize len, struct ip *ret_ip)
{
	char buffer[IP_TEXT_LEN + 2];

	if (len == 0 || len >= sizeof(buffer))
		return FALSE;
	memcpy(buffer, text, len);
	buffer[len] = '\0';
	/* A NUL in the middle would hide what follows it. */
	return strlen(buffer) == len && ip_parse(buffer, ret_ip);
}
