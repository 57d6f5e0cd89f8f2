/* SPDX-License-Identifier: MIT */
#include "ingest/parse.h"

#include <gmime/gmime.h>
#include <libxml/parser.h>

#include "core/compress.h"
#include "core/error.h"
#include "core/lint.h"
#include "ingest/dmarc_xml.h"
#include "ingest/mime.h"
#include "ingest/sniff.h"
#include "ingest/unpack.h"

#define MEBI (1024 * 1024)

const struct parse_limits parse_default_limits = {
	.mail_bytes = 50 * MEBI,
	.header_bytes = 1 * MEBI,
	.parts = 1000,
	.mime_depth = 32,
	.unpacked_bytes = 64 * MEBI,
	.entries = 1000,
	.nesting = 3,
	.xml_depth = 64,
	.records = 1000000,
};

/* Costly to make, and the same for every report: one of each a thread. */
struct tools {
	struct dmarc_reader *reader;
	struct compressor *compressor;
};

struct parse {
	const struct parse_limits *limits;
	gint64 now;
	struct parsed *parsed;
	struct tools *tools;
};

/* Some bytes on their way through the archives they stand in. */
struct piece {
	GBytes *bytes;
	const char *part; /* where they stand, for humans */
	guint nesting;
	gboolean is_claimed; /* it says it is a report: a fault where it is none */
};

static void parse_piece(struct parse *p, const struct piece *piece);

static void
tools_free(gpointer data)
{
	struct tools *tools = data;

	dmarc_reader_free(tools->reader);
	compressor_free(tools->compressor);
	g_free(tools);
}

static GPrivate thread_tools = G_PRIVATE_INIT(tools_free);

static struct tools *
get_tools(void)
{
	struct tools *tools = g_private_get(&thread_tools);

	if (!tools) {
		tools = g_new0(struct tools, 1);
		tools->reader = dmarc_reader_new();
		tools->compressor = compressor_new();
		g_private_set(&thread_tools, tools);
	}
	return tools;
}

static void
add_fault(struct parse *p, const char *part, const char *reason)
{
	parsed_add_fault(p->parsed, g_strdup(part), g_strdup(reason));
}

static void
add_document(struct parse *p, struct document *document, const char *part)
{
	document->part = document_string(document, part);
	lint_document(document, p->now);
	g_ptr_array_add(p->parsed->documents, document);
}

/* The pieces of one file into one array; NULL and error where it cannot be read whole. */
static GByteArray *
read_whole(struct unpack *unpack, const guint8 *first, gsize first_len, GError **error)
{
	g_autoptr(GByteArray) whole = g_byte_array_new();
	const guint8 *piece = first;
	gsize len = first_len;

	while (len > 0) {
		g_byte_array_append(whole, piece, (guint)len);
		if (!unpack_read(unpack, &piece, &len, error))
			return NULL;
	}
	return g_steal_pointer(&whole);
}

/* The file of this number again, from the start of its archive. */
static GByteArray *
read_again(struct parse *p, GBytes *bytes, guint number, GError **error)
{
	g_autoptr(unpack_auto) unpack = unpack_open(bytes, p->limits, error);
	const guint8 *first = NULL;
	gsize len = 0;
	const char *name;

	for (guint i = 0; i < number; i++)
		if (!unpack || unpack_next(unpack, &name, error) != UNPACK_ENTRY)
			return NULL;
	if (!unpack_read(unpack, &first, &len, error))
		return NULL;
	return read_whole(unpack, first, len, error);
}

/* One strict try in pieces; the archive must be whole as well as the XML. */
static struct document *
read_strictly(struct parse *p, struct unpack *unpack, const guint8 *piece, gsize len,
	      gboolean *ret_is_repairable, GError **error)
{
	gboolean want_more = TRUE;

	*ret_is_repairable = FALSE;
	dmarc_xml_begin(p->tools->reader, p->limits);
	compressor_reset(p->tools->compressor);
	while (len > 0) {
		if (want_more)
			want_more = dmarc_xml_feed(p->tools->reader, piece, len);
		if (p->limits->want_raw)
			compressor_add(p->tools->compressor, piece, len);
		if (!unpack_read(unpack, &piece, &len, error))
			return NULL;
	}
	struct document *document = dmarc_xml_end(p->tools->reader, ret_is_repairable, error);
	if (document && p->limits->want_raw)
		document->raw = compressor_finish(p->tools->compressor);
	return document;
}

static struct document *
read_repairing(struct parse *p, GBytes *bytes, guint number, GError **error)
{
	g_autoptr(GByteArray) whole = read_again(p, bytes, number, error);
	if (!whole)
		return NULL;
	struct document *document = dmarc_xml_repair(p->tools->reader, whole, p->limits, error);
	if (document && p->limits->want_raw) {
		compressor_reset(p->tools->compressor);
		compressor_add(p->tools->compressor, whole->data, whole->len);
		document->raw = compressor_finish(p->tools->compressor);
	}
	return document;
}

/* An entry of an archive that is XML. FALSE: the archive cannot be read further. */
static gboolean
parse_xml(struct parse *p, struct unpack *unpack, const struct piece *entry, guint number,
	  const guint8 *first, gsize len)
{
	g_autoptr(GError) error = NULL;
	gboolean is_repairable;
	struct document *document = read_strictly(p, unpack, first, len, &is_repairable, &error);
	gboolean is_archive_good = document != NULL || is_repairable;

	if (!document && is_repairable) {
		g_clear_error(&error);
		document = read_repairing(p, entry->bytes, number, &error);
	}
	if (document)
		add_document(p, document, entry->part);
	else
		add_fault(p, entry->part, error->message);
	return is_archive_good;
}

static gboolean
parse_nested(struct parse *p, struct unpack *unpack, const struct piece *entry, const guint8 *first,
	     gsize len)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *too_deep = NULL;

	if (entry->nesting >= p->limits->nesting) {
		too_deep = g_strdup_printf("archives are nested deeper than max_nesting (%u)",
					   p->limits->nesting);
		add_fault(p, entry->part, too_deep);
		return FALSE;
	}
	g_autoptr(GByteArray) whole = read_whole(unpack, first, len, &error);
	if (!whole) {
		add_fault(p, entry->part, error->message);
		return FALSE;
	}
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&whole));
	const struct piece inner = { bytes, entry->part, entry->nesting + 1, entry->is_claimed };
	parse_piece(p, &inner);
	return TRUE;
}

static void
fault_kind(struct parse *p, const struct piece *piece, enum sniffed kind)
{
	g_autofree char *reason = NULL;

	if (kind == SNIFFED_JSON)
		reason = g_strdup("a TLS report or other JSON, which this version does not read; "
				  "try again after an upgrade");
	else
		reason = g_strdup_printf("no report in it: it is %s", sniffed_name(kind));
	if (piece->is_claimed || kind == SNIFFED_JSON)
		add_fault(p, piece->part, reason);
}

/* FALSE: reading the archive has to end here. */
static gboolean
parse_entry(struct parse *p, struct unpack *unpack, const struct piece *entry, guint number)
{
	g_autoptr(GError) error = NULL;
	const guint8 *first = NULL;
	gsize len = 0;

	if (!unpack_read(unpack, &first, &len, &error)) {
		add_fault(p, entry->part, error->message);
		return FALSE;
	}
	enum sniffed kind = sniff(first, len);
	if (kind == SNIFFED_XML)
		return parse_xml(p, unpack, entry, number, first, len);
	if (sniffed_is_packed(kind))
		return parse_nested(p, unpack, entry, first, len);
	if (len == 6 && memcmp(first, "unused", 6) == 0)
		add_fault(p, entry->part, "empty report: the reporter sent the word \"unused\"");
	else
		fault_kind(p, entry, kind);
	return TRUE;
}

static void
parse_archive(struct parse *p, const struct piece *piece)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(unpack_auto) unpack = unpack_open(piece->bytes, p->limits, &error);
	const char *name;
	guint number = 0;
	enum unpack_step step = unpack ? UNPACK_END : UNPACK_FAILED;

	while (unpack && (step = unpack_next(unpack, &name, &error)) == UNPACK_ENTRY) {
		g_autofree char *part =
			*name ? g_strdup_printf("%s%sentry %u \"%s\"", piece->part,
						*piece->part ? ": " : "", number + 1, name)
			      : g_strdup(piece->part);
		struct piece entry = *piece;
		entry.part = part;
		if (!parse_entry(p, unpack, &entry, ++number))
			return;
	}
	if (step == UNPACK_FAILED)
		add_fault(p, piece->part, error->message);
	else if (number == 0)
		add_fault(p, piece->part, "empty archive");
}

static void
parse_zlib(struct parse *p, const struct piece *piece)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = unpack_zlib(piece->bytes, p->limits, &error);

	if (!bytes) {
		add_fault(p, piece->part, error->message);
		return;
	}
	const struct piece inner = { bytes, piece->part, piece->nesting + 1, piece->is_claimed };
	guint before = p->parsed->documents->len;
	parse_piece(p, &inner);
	for (guint i = before; i < p->parsed->documents->len; i++)
		document_warn(g_ptr_array_index(p->parsed->documents, i), "bare-zlib", "");
}

static void
parse_piece(struct parse *p, const struct piece *piece)
{
	gsize len;
	gconstpointer data = g_bytes_get_data(piece->bytes, &len);
	enum sniffed kind = sniff(data, len);

	if (kind == SNIFFED_ZLIB && piece->nesting < p->limits->nesting)
		parse_zlib(p, piece);
	else if (kind == SNIFFED_XML || sniffed_is_packed(kind))
		parse_archive(p, piece);
	else if (kind == SNIFFED_EMPTY && piece->is_claimed)
		add_fault(p, piece->part, "empty: there is nothing in it");
	else
		fault_kind(p, piece, kind);
}

/* The body of a mail is for people, unless it is the report itself. */
static gboolean
is_body_text(const struct mime_part *part, enum sniffed kind)
{
	gsize len;
	const char *data = g_bytes_get_data(part->content, &len);

	if (!g_str_has_prefix(part->type, "text/") || kind != SNIFFED_XML)
		return FALSE;
	while (len > 0 && (g_ascii_isspace(*data) || (guint8)*data >= 0x80)) {
		data++;
		len--;
	}
	return !(len >= 9 &&
		 (memcmp(data, "<?xml", 5) == 0 || memcmp(data, "<feedback", 9) == 0)) &&
	       !g_str_equal(part->type, "text/xml");
}

static gboolean
claims_to_be_report(const struct mime_part *part)
{
	static const char *const types[] = {
		"application/gzip",
		"application/x-gzip",
		"application/zip",
		"application/x-zip",
		"application/x-zip-compressed",
		"application/xml",
		"text/xml",
		"application/x-gzip-compressed",
		"application/tlsrpt+gzip",
	};
	static const char *const suffixes[] = { ".xml", ".gz", ".zip" };
	g_autofree char *name = g_ascii_strdown(part->name, -1);

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_equal(part->type, types[i]))
			return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++)
		if (g_str_has_suffix(name, suffixes[i]))
			return TRUE;
	return FALSE;
}

static void parse_mail(struct parse *p, GBytes *mail);

static gboolean
on_part(const struct mime_part *part, gpointer data, GError **error)
{
	struct parse *p = data;
	gsize len;
	gconstpointer bytes = g_bytes_get_data(part->content, &len);
	enum sniffed kind = sniff(bytes, len);
	g_autofree char *where =
		*part->name ? g_strdup_printf("part %u \"%s\"", part->number, part->name)
			    : g_strdup_printf("part %u", part->number);
	const struct piece piece = { part->content, where, 0, claims_to_be_report(part) };

	(void)error;
	/* RFC 2046 forbids to encode an enclosed mail; some do it all the same. */
	if (kind == SNIFFED_MAIL && g_str_equal(part->type, "message/rfc822") && part->depth == 0)
		parse_mail(p, part->content);
	else if (!is_body_text(part, kind) &&
		 (piece.is_claimed || kind == SNIFFED_XML || sniffed_is_packed(kind)))
		parse_piece(p, &piece);
	return TRUE;
}

static void
parse_mail(struct parse *p, GBytes *mail)
{
	static const char *const notes[] = {
		[MIME_PLAIN] = "no report in the mail",
		[MIME_FAILURE] = "a failure report, which this version does not read",
		[MIME_BOUNCE] = "a bounce",
		[MIME_AUTO_REPLY] = "an automatic reply without a report",
	};
	g_autoptr(GError) error = NULL;
	enum mime_nature nature;

	if (!mime_walk(mail, p->limits, on_part, p, &nature, &error)) {
		add_fault(p, "", error->message);
		return;
	}
	g_free(p->parsed->note);
	p->parsed->note = g_strdup(notes[nature]);
}

void
parse_init(void)
{
	g_mime_init();
	xmlInitParser();
}

struct parsed *
parse(GBytes *bytes, const struct parse_limits *limits, gint64 now)
{
	struct parse p = {
		.limits = limits,
		.now = now,
		.parsed = parsed_new(),
		.tools = get_tools(),
	};
	gsize len;
	gconstpointer data = g_bytes_get_data(bytes, &len);
	const struct piece file = { bytes, "", 0, TRUE };

	if (sniff(data, len) == SNIFFED_MAIL)
		parse_mail(&p, bytes);
	else if (len > limits->mail_bytes)
		add_fault(&p, "", "file is over max_mail_bytes");
	else
		parse_piece(&p, &file);
	return p.parsed;
}

enum verdict_word
parsed_verdict(const struct parsed *parsed)
{
	if (parsed->documents->len == 0)
		return parsed->faults->len > 0 ? PARSED_REJECTED : PARSED_IGNORED;
	if (parsed->faults->len > 0)
		return PARSED_ACCEPTED_WITH_WARNINGS;
	for (guint i = 0; i < parsed->documents->len; i++) {
		const struct document *document = g_ptr_array_index(parsed->documents, i);
		if (document->warnings->len > 0)
			return PARSED_ACCEPTED_WITH_WARNINGS;
	}
	return PARSED_ACCEPTED;
}

const char *
verdict_word_name(enum verdict_word word)
{
	static const char *const names[] = {
		[PARSED_ACCEPTED] = "accepted",
		[PARSED_ACCEPTED_WITH_WARNINGS] = "accepted-with-warnings",
		[PARSED_REJECTED] = "rejected",
		[PARSED_IGNORED] = "ignored",
	};

	return names[word];
}
