/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/compress.h"
#include "core/error.h"
#include "core/lint.h"
#include "ingest/dmarc_read.h"
#include "ingest/parse_private.h"
#include "ingest/sniff.h"
#include "ingest/tlsrpt_json.h"

/* ---- kinds of documents ---- */

struct stream {
	struct unpack *unpack;
	const char *where;
};

/* Why a report was refused, and what was odd in it, since that is often the cause. */
static void
add_refusal(struct parse *p, const char *where, const struct document *document, GError *error)
{
	for (guint i = 0; i < MIN(document->warnings->len, 3); i++) {
		const struct warning *w = &g_array_index(document->warnings, struct warning, i);
		g_autofree char *text = g_strdup_printf("%s; %s", error->message, w->text);
		g_free(error->message);
		error->message = g_steal_pointer(&text);
	}
	parse_add_fault(p, where, error);
}

/* Take the reports over that make sense. */
static void
keep_reports(struct parse *p, GPtrArray *found, const struct stream *stream)
{
	for (guint i = 0; i < found->len; i++) {
		g_autoptr(document_auto) document = g_steal_pointer(&found->pdata[i]);
		g_autoptr(GError) error = NULL;
		if (!lint_report(document, p->now, &error)) {
			add_refusal(p, stream->where, document, error);
			continue;
		}
		if (unpack_has_garbage(stream->unpack))
			document_warn(document, "trailing-garbage",
				      "something follows the compressed data");
		if (unpack_kind(stream->unpack) == SNIFF_ZLIB)
			document_warn(document, "zlib-stream",
				      "a bare zlib stream in place of gzip (RFC 1950)");
		parse_keep(p, g_steal_pointer(&document), stream->where);
	}
}

static gboolean
read_aggregate(struct parse *p, const struct stream *stream)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)document_free);
	g_autoptr(GError) error = NULL;
	enum dmarc_read_result result = dmarc_read(stream->unpack, &p->limits, found, &error);

	keep_reports(p, found, stream);
	if (result == DMARC_READ_FAILED)
		parse_add_fault(p, stream->where, error);
	else if (result == DMARC_READ_OTHER)
		parse_set_other(p, error->message);
	return result != DMARC_READ_OTHER;
}

/* JSON of another kind is passed over like any other part. */
static gboolean
read_tls(struct parse *p, const struct stream *stream)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) bytes = unpack_gather(stream->unpack, &error);
	struct document *document = NULL;

	if (bytes && bytes->len > p->limits.json_bytes)
		g_set_error(&error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "JSON is over max_json_bytes (%" G_GSIZE_FORMAT ")",
			    p->limits.json_bytes);
	else if (bytes)
		document = tlsrpt_json_read(bytes->data, bytes->len, &p->limits, &error);
	if (!document && bytes && g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID)) {
		parse_set_other(p, error->message);
		return FALSE;
	}
	if (!document) {
		parse_add_fault(p, stream->where, error);
		return TRUE;
	}
	if (p->limits.want_raw) {
		g_autoptr(GBytes) raw = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
		document->raw = compress_pack(raw);
	}
	parse_keep(p, document, stream->where);
	return TRUE;
}

/* What a mail program made of a mail: no free reader of these is worth its risk. */
static gboolean
read_tnef(struct parse *p, const struct stream *stream)
{
	g_autoptr(GError) error = g_error_new(
		DMARCD_ERROR, DMARCD_ERROR_INVALID,
		"winmail.dat (TNEF), into which Exchange packed the mail: have its server send to "
		"this address without rich text, or forward the report as an attachment");

	parse_add_fault(p, stream->where, error);
	return TRUE;
}

static gboolean
read_ole(struct parse *p, const struct stream *stream)
{
	g_autoptr(GError) error = g_error_new(
		DMARCD_ERROR, DMARCD_ERROR_INVALID,
		"an Outlook message file (.msg) or Office document: save the mail as .eml, or "
		"forward it as it came");

	parse_add_fault(p, stream->where, error);
	return TRUE;
}

static gboolean
read_nothing(struct parse *p, const struct stream *stream)
{
	(void)stream;
	parse_set_other(p, "empty or blank");
	return FALSE;
}

/* "unused": Yahoo and AOL sent this word in place of reports for weeks. */
static gboolean
read_unknown(struct parse *p, const struct stream *stream)
{
	const guint8 *bytes;
	gsize len;
	g_autoptr(GError) error = NULL;

	if (unpack_peek(stream->unpack, &bytes, &len, &error) && len < 16 &&
	    g_ascii_strncasecmp((const char *)bytes, "unused", MIN(len, 6)) == 0 && len >= 6)
		parse_set_other(p, "the word \"unused\" in place of a report, a known fault of the "
				   "reporter");
	else
		parse_set_other(p, "neither XML nor an archive");
	return FALSE;
}

/* What a stream may be, by its first bytes. A new kind of report is one row. */
typedef gboolean (*read_fn)(struct parse *p, const struct stream *stream);

static const read_fn readers[N_SNIFFS] = {
	[SNIFF_XML] = read_aggregate, [SNIFF_JSON] = read_tls,      [SNIFF_TNEF] = read_tnef,
	[SNIFF_OLE] = read_ole,       [SNIFF_EMPTY] = read_nothing,
};

gboolean
parse_content_is_known(enum sniff kind)
{
	return readers[kind] || sniff_is_archive(kind);
}

/* ---- archives ---- */

static char *
entry_name(const struct content *content, const struct unpack_entry *entry)
{
	const char *separator = *content->where ? ": " : "";

	if (!*entry->name)
		return g_strdup(content->where);
	return g_strdup_printf("%s%sentry %u \"%s\"", content->where, separator, entry->number,
			       entry->name);
}

static gboolean
read_inner_archive(struct parse *p, struct unpack *unpack, const struct content *outer,
		   const char *where, GError **error)
{
	g_autoptr(GByteArray) bytes = unpack_gather(unpack, error);

	if (!bytes)
		return TRUE;
	const struct content inner = { bytes->len > 0 ? bytes->data : (const guint8 *)"",
				       bytes->len, where, outer->nesting };
	return parse_content(p, &inner);
}

/* One entry. TRUE where something was found in it, good or bad. */
static gboolean
read_entry(struct parse *p, struct unpack *unpack, const struct content *outer, const char *where)
{
	const struct stream stream = { unpack, where };
	const guint8 *bytes;
	gsize len;
	gboolean is_found = TRUE;
	g_autoptr(GError) error = NULL;

	if (unpack_peek(unpack, &bytes, &len, &error)) {
		enum sniff kind = sniff(bytes, MIN(len, SNIFF_LEN));
		if (sniff_is_archive(kind))
			is_found = read_inner_archive(p, unpack, outer, where, &error);
		else if (readers[kind])
			is_found = readers[kind](p, &stream);
		else
			is_found = read_unknown(p, &stream);
	}
	if (error)
		parse_add_fault(p, where, error);
	return is_found;
}

static gboolean
read_entries(struct parse *p, struct unpack *unpack, const struct content *content, GError **error)
{
	const struct unpack_entry *entry;
	gboolean is_found = FALSE;
	enum unpack_step step;

	while ((step = unpack_next(unpack, &entry, error)) == UNPACK_ENTRY) {
		g_autofree char *where = entry_name(content, entry);
		is_found = read_entry(p, unpack, content, where) || is_found;
	}
	if (step == UNPACK_END && !is_found && !p->other)
		parse_set_other(p, "the archive has no entries");
	return is_found || step == UNPACK_FAILED;
}

gboolean
parse_content(struct parse *p, const struct content *content)
{
	enum sniff kind = sniff(content->bytes, MIN(content->len, SNIFF_LEN));
	struct content inside = *content;
	g_autoptr(GError) error = NULL;
	gboolean is_found = TRUE;

	g_clear_pointer(&p->other, g_free);
	if (content->nesting == 0)
		p->budget.entries = 0;
	if (sniff_is_archive(kind))
		inside.nesting++;
	if (inside.nesting > p->limits.nesting) {
		g_set_error(&error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "nesting of archives is over max_nesting (%u)", p->limits.nesting);
	} else {
		g_autoptr(unpack_auto) unpack =
			unpack_open(content->bytes, content->len, kind, &p->budget, &error);
		if (unpack)
			is_found = read_entries(p, unpack, &inside, &error);
	}
	if (error)
		parse_add_fault(p, content->where, error);
	return is_found;
}
