/* SPDX-License-Identifier: MIT */
#include "ingest/sniff.h"

#define TAR_MAGIC_AT 257

struct magic {
	enum sniffed sniffed;
	gsize len;
	const char *bytes;
};

static const struct magic magics[] = {
	{ SNIFFED_GZIP, 2, "\x1f\x8b" },
	{ SNIFFED_ZIP, 4, "PK\x03\x04" },
	{ SNIFFED_ZIP, 4, "PK\x05\x06" },
	{ SNIFFED_BZIP2, 3, "BZh" },
	{ SNIFFED_XZ, 5,
	  "\xfd"
	  "7zXZ" },
	{ SNIFFED_ZSTD, 4, "\x28\xb5\x2f\xfd" },
	{ SNIFFED_XML, 4, "\xff\xfe<\0" },
	{ SNIFFED_XML, 4, "\xfe\xff\0<" },
	{ SNIFFED_XML, 4, "<\0?\0" },
	{ SNIFFED_XML, 4, "\0<\0?" },
	{ SNIFFED_MAIL, 5, "From " },
};

static const char *const names[] = {
	[SNIFFED_EMPTY] = "empty",
	[SNIFFED_GZIP] = "gzip data",
	[SNIFFED_ZIP] = "a zip archive",
	[SNIFFED_BZIP2] = "bzip2 data",
	[SNIFFED_XZ] = "xz data",
	[SNIFFED_ZSTD] = "zstd data",
	[SNIFFED_ZLIB] = "zlib data",
	[SNIFFED_TAR] = "a tar archive",
	[SNIFFED_XML] = "XML",
	[SNIFFED_HTML] = "an HTML page",
	[SNIFFED_JSON] = "JSON",
	[SNIFFED_MAIL] = "a mail",
	[SNIFFED_OTHER] = "neither XML nor an archive",
};

static gboolean
is_zlib(const guint8 *bytes, gsize len)
{
	/* RFC 1950: deflate with a 32 KiB window, and a header that is a multiple of 31. */
	return len >= 2 && bytes[0] == 0x78 && (bytes[0] * 256 + bytes[1]) % 31 == 0;
}

/* RFC 5322 section 2.2: a name of printable characters but colon, then a colon. */
static gboolean
is_header_field(const char *text, gsize len)
{
	gsize i = 0;

	while (i < len && text[i] > ' ' && text[i] < 0x7f && text[i] != ':')
		i++;
	return i > 0 && i < len && text[i] == ':';
}

static gboolean
begins_with(const char *text, gsize len, const char *word)
{
	gsize word_len = strlen(word);

	return len >= word_len && g_ascii_strncasecmp(text, word, word_len) == 0;
}

static enum sniffed
sniff_text(const char *text, gsize len)
{
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	while (len > 0 && (g_ascii_isspace(*text) || *text == '\0')) {
		text++;
		len--;
	}
	if (len == 0)
		return SNIFFED_EMPTY;
	if (begins_with(text, len, "<html") || begins_with(text, len, "<!doctype html"))
		return SNIFFED_HTML;
	if (*text == '<')
		return SNIFFED_XML;
	return *text == '{' ? SNIFFED_JSON : SNIFFED_OTHER;
}

enum sniffed
sniff(gconstpointer bytes, gsize len)
{
	for (gsize i = 0; i < G_N_ELEMENTS(magics); i++)
		if (len >= magics[i].len && memcmp(bytes, magics[i].bytes, magics[i].len) == 0)
			return magics[i].sniffed;
	if (is_zlib(bytes, len))
		return SNIFFED_ZLIB;
	if (len >= TAR_MAGIC_AT + 5 && memcmp((const char *)bytes + TAR_MAGIC_AT, "ustar", 5) == 0)
		return SNIFFED_TAR;
	enum sniffed text = sniff_text(bytes, len);
	return text == SNIFFED_OTHER && is_header_field(bytes, len) ? SNIFFED_MAIL : text;
}

gboolean
sniffed_is_packed(enum sniffed sniffed)
{
	return sniffed >= SNIFFED_GZIP && sniffed <= SNIFFED_ZLIB;
}

const char *
sniffed_name(enum sniffed sniffed)
{
	return names[sniffed];
}
