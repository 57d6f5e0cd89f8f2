/* SPDX-License-Identifier: MIT */
#include "ingest/sniff.h"

#include <string.h>

struct magic {
	enum sniff kind;
	gsize offset;
	gsize len;
	const char *bytes;
};

static const struct magic magics[] = {
	{ SNIFF_GZIP, 0, 2, "\x1f\x8b" },
	{ SNIFF_ZIP, 0, 4, "PK\x03\x04" },
	{ SNIFF_ZIP, 0, 4, "PK\x05\x06" }, /* an empty archive has only the end of its directory */
	{ SNIFF_ZIP, 0, 4, "PK\x07\x08" }, /* written as one part of a split archive */
	{ SNIFF_BZIP2, 0, 3, "BZh" },
	{ SNIFF_XZ, 0, 5,
	  "\xfd"
	  "7zXZ" },
	{ SNIFF_ZSTD, 0, 4, "\x28\xb5\x2f\xfd" },
	{ SNIFF_ZLIB, 0, 2, "\x78\x01" },
	{ SNIFF_ZLIB, 0, 2, "\x78\x5e" },
	{ SNIFF_ZLIB, 0, 2, "\x78\x9c" },
	{ SNIFF_ZLIB, 0, 2, "\x78\xda" },
	{ SNIFF_TNEF, 0, 4, "\x78\x9f\x3e\x22" },
	{ SNIFF_OLE, 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
	{ SNIFF_TAR, 257, 5, "ustar" },
	{ SNIFF_MBOX, 0, 5, "From " },
	{ SNIFF_XML, 0, 4, "\xff\xfe<\0" },
	{ SNIFF_XML, 0, 4, "\xfe\xff\0<" },
	{ SNIFF_XML, 0, 4, "<\0?\0" },
	{ SNIFF_XML, 0, 4, "\0<\0?" },
};

static const char *const names[N_SNIFFS] = {
	[SNIFF_UNKNOWN] = "unknown", [SNIFF_EMPTY] = "nothing", [SNIFF_XML] = "XML",
	[SNIFF_JSON] = "JSON",       [SNIFF_GZIP] = "gzip",     [SNIFF_ZLIB] = "zlib",
	[SNIFF_BZIP2] = "bzip2",     [SNIFF_XZ] = "xz",         [SNIFF_ZSTD] = "zstd",
	[SNIFF_ZIP] = "zip",         [SNIFF_TAR] = "tar",       [SNIFF_TNEF] = "TNEF",
	[SNIFF_OLE] = "OLE",         [SNIFF_MAIL] = "mail",     [SNIFF_MBOX] = "mbox",
};

static gboolean
is_header_field(const guint8 *bytes, gsize len)
{
	gsize i = 0;

	while (i < len && (g_ascii_isalnum(bytes[i]) || bytes[i] == '-' || bytes[i] == '_'))
		i++;
	return i > 0 && i < len && bytes[i] == ':';
}

static gboolean
has_xml_behind_junk(const guint8 *bytes, gsize len)
{
	static const char *const beginnings[] = { "<?xml", "<feedback" };

	for (gsize i = 0; i < G_N_ELEMENTS(beginnings); i++)
		if (memmem(bytes, len, beginnings[i], strlen(beginnings[i])))
			return TRUE;
	return FALSE;
}

/* Where text begins, behind a byte order mark and blanks. */
static gsize
text_start(const guint8 *bytes, gsize len)
{
	static const guint8 mark[] = { 0xef, 0xbb, 0xbf };
	gsize i = len >= sizeof(mark) && memcmp(bytes, mark, sizeof(mark)) == 0 ? sizeof(mark) : 0;

	while (i < len && (g_ascii_isspace(bytes[i]) || bytes[i] == '\0'))
		i++;
	return i;
}

static enum sniff
sniff_text(const guint8 *bytes, gsize len)
{
	gsize i = text_start(bytes, len);

	if (i == len)
		return SNIFF_EMPTY;
	if (bytes[i] == '<')
		return SNIFF_XML;
	if (bytes[i] == '{' || bytes[i] == '[')
		return SNIFF_JSON;
	if (is_header_field(bytes + i, len - i))
		return SNIFF_MAIL;
	if (has_xml_behind_junk(bytes + i, len - i))
		return SNIFF_XML;
	return memmem(bytes + i, len - i, "PK\x03\x04", 4) ? SNIFF_ZIP : SNIFF_UNKNOWN;
}

enum sniff
sniff(const guint8 *bytes, gsize len)
{
	for (gsize i = 0; i < G_N_ELEMENTS(magics); i++) {
		const struct magic *m = &magics[i];
		if (len >= m->offset + m->len && memcmp(bytes + m->offset, m->bytes, m->len) == 0)
			return m->kind;
	}
	return sniff_text(bytes, len);
}

gboolean
sniff_is_archive(enum sniff kind)
{
	return kind >= SNIFF_GZIP && kind <= SNIFF_TAR;
}

const char *
sniff_name(enum sniff kind)
{
	return names[kind];
}
