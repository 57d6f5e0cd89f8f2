/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_read.h"

#include <string.h>

#include "core/compress.h"
#include "core/error.h"
#include "ingest/dmarc_repair.h"
#include "ingest/dmarc_xml.h"

#define REPORTS_MAX 100 /* in one damaged stream */

/* What a thread keeps from one stream to the next, and the stream it is at. */
struct reader {
	struct dmarc_xml *xml;
	struct compressor *compressor;
	GString *repaired;
	struct unpack *unpack;
	const struct parse_limits *limits;
	GPtrArray *documents;
	gboolean is_wide; /* two bytes for each character: not for repair */
};

static void
reader_free(gpointer data)
{
	struct reader *r = data;

	dmarc_xml_free(r->xml);
	compressor_free(r->compressor);
	g_string_free(r->repaired, TRUE);
	g_free(r);
}

static GPrivate thread_reader = G_PRIVATE_INIT(reader_free);

static struct reader *
reader_get(void)
{
	struct reader *r = g_private_get(&thread_reader);

	if (r)
		return r;
	r = g_new0(struct reader, 1);
	r->xml = dmarc_xml_new();
	r->compressor = compressor_new();
	r->repaired = g_string_new(NULL);
	g_private_set(&thread_reader, r);
	return r;
}

static gboolean
next_piece(struct reader *r, const guint8 **ret_bytes, gsize *ret_len, GError **error)
{
	if (!unpack_read(r->unpack, ret_bytes, ret_len, error))
		return FALSE;
	if (r->limits->want_raw)
		compressor_add(r->compressor, *ret_bytes, *ret_len);
	return TRUE;
}

static gboolean
fail(GError **error, const char *why)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s", why);
	return FALSE;
}

/* ---- strictly ---- */

/* libxml2 takes a blank line before the declaration for a fault; it says nothing about the rest. */
static void
skip_white_space(const guint8 **bytes, gsize *len)
{
	static const guint8 mark[] = { 0xef, 0xbb, 0xbf };

	if (*len >= sizeof(mark) && memcmp(*bytes, mark, sizeof(mark)) == 0) {
		*bytes += sizeof(mark);
		*len -= sizeof(mark);
	}
	while (*len > 0 && g_ascii_isspace(**bytes)) {
		(*bytes)++;
		(*len)--;
	}
}

static gboolean
has_wide_characters(const guint8 *bytes, gsize len)
{
	return len >= 2 && (bytes[0] >= 0xfe || bytes[0] == 0 || bytes[1] == 0);
}

/* FALSE where the stream itself is damaged. */
static gboolean
read_strictly(struct reader *r, struct dmarc_xml_end *ret_end, GError **error)
{
	const guint8 *bytes;
	gsize len;
	gboolean is_good = TRUE;
	gboolean is_read;

	dmarc_xml_begin(r->xml, r->limits);
	is_read = next_piece(r, &bytes, &len, error);
	if (is_read) {
		r->is_wide = has_wide_characters(bytes, len);
		skip_white_space(&bytes, &len);
		is_good = dmarc_xml_push(r->xml, (const char *)bytes, len);
	}
	while (is_read && is_good) {
		is_read = next_piece(r, &bytes, &len, error);
		if (!is_read || len == 0)
			break;
		is_good = dmarc_xml_push(r->xml, (const char *)bytes, len);
	}
	dmarc_xml_end(r->xml, is_read && is_good, ret_end);
	return is_read;
}

/* ---- repaired ---- */

/* A report was closed by the repair; libxml2 has the last word. */
static gboolean
end_report(struct reader *r, gboolean is_all, const char *why, GError **error)
{
	struct dmarc_xml_end end;

	dmarc_xml_end(r->xml, is_all, &end);
	gboolean is_good = end.document && end.is_well_formed;
	if (is_good) {
		g_autofree char *text = g_strdup_printf("XML was not well-formed: %s", why);
		document_warn(end.document, "xml-repaired", text);
		g_ptr_array_add(r->documents, g_steal_pointer(&end.document));
	} else if (end.refusal) {
		g_propagate_error(error, g_steal_pointer(&end.refusal));
	} else {
		fail(error, end.complaint ? end.complaint : why);
	}
	dmarc_xml_end_clear(&end);
	return is_good;
}

/* Read what the repair has ready. is_open: libxml2 has a document begun. */
static gboolean
read_ready(struct reader *r, struct repair *repair, gboolean *is_open, const char *why,
	   GError **error)
{
	enum repair_step step;

	do {
		g_string_truncate(r->repaired, 0);
		step = repair_take(repair, r->repaired);
		if (step == REPAIR_BROKEN)
			return fail(error, "XML ends inside a record");
		if (r->repaired->len == 0)
			continue;
		if (!*is_open)
			dmarc_xml_begin(r->xml, r->limits);
		*is_open = TRUE;
		gboolean is_good =
			dmarc_xml_push(r->xml, r->repaired->str, r->repaired->len);
		if (step != REPAIR_CLOSED && is_good)
			continue;
		*is_open = FALSE;
		if (!end_report(r, is_good, why, error))
			return FALSE;
		if (r->documents->len > REPORTS_MAX)
			return fail(error, "XML holds more than 100 reports");
	} while (step == REPAIR_CLOSED);
	return TRUE;
}

static gboolean
read_repaired(struct reader *r, const char *encoding, const char *why, GError **error)
{
	g_autoptr(repair_auto) repair = repair_new(encoding);
	const guint8 *bytes;
	gsize len;
	gboolean is_open = FALSE;
	gboolean is_good;

	compressor_reset(r->compressor);
	is_good = unpack_again(r->unpack, error);
	do {
		is_good = is_good && next_piece(r, &bytes, &len, error);
		if (!is_good)
			break;
		repair_add(repair, bytes, len, len == 0);
		is_good = read_ready(r, repair, &is_open, why, error);
	} while (is_good && len > 0);
	if (is_open) {
		struct dmarc_xml_end end;
		dmarc_xml_end(r->xml, FALSE, &end);
		dmarc_xml_end_clear(&end);
	}
	if (!is_good || !repair_is_inside(repair))
		return is_good;
	g_autofree char *text =
		g_strdup_printf("XML ends early: </feedback> is missing (%s)", why);
	return fail(error, text);
}

/* ---- all of it ---- */

/* The strict reading ended in something other than a good report. */
static enum dmarc_read_result
read_again(struct reader *r, struct dmarc_xml_end *strict, GError **error)
{
	const char *why = strict->complaint ? strict->complaint : "XML ends early";
	g_autoptr(GError) cause = NULL;
	gboolean is_read = !r->is_wide && read_repaired(r, strict->encoding, why, &cause);

	if (strict->document && r->documents->len == 0) {
		/* Only what follows the report is damaged. */
		document_warn(strict->document, "trailing-junk", why);
		g_ptr_array_add(r->documents, g_steal_pointer(&strict->document));
		return DMARC_READ_DONE;
	}
	if (is_read && r->documents->len > 0)
		return DMARC_READ_DONE;
	if (cause)
		g_propagate_error(error, g_steal_pointer(&cause));
	else
		fail(error, why);
	return strict->is_other ? DMARC_READ_OTHER : DMARC_READ_FAILED;
}

static enum dmarc_read_result
read_stream(struct reader *r, GError **error)
{
	struct dmarc_xml_end end;
	enum dmarc_read_result result = DMARC_READ_FAILED;

	compressor_reset(r->compressor);
	if (!read_strictly(r, &end, error)) {
		result = DMARC_READ_FAILED;
	} else if (end.refusal) {
		g_propagate_error(error, g_steal_pointer(&end.refusal));
	} else if (end.document && end.is_well_formed) {
		g_ptr_array_add(r->documents, g_steal_pointer(&end.document));
		result = DMARC_READ_DONE;
	} else {
		result = read_again(r, &end, error);
	}
	dmarc_xml_end_clear(&end);
	return result;
}

enum dmarc_read_result
dmarc_read(struct unpack *unpack, const struct parse_limits *limits, GPtrArray *documents,
	   GError **error)
{
	struct reader *r = reader_get();
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)document_free);

	r->unpack = unpack;
	r->limits = limits;
	r->documents = found;
	enum dmarc_read_result result = read_stream(r, error);
	g_autoptr(GBytes) raw =
		limits->want_raw && found->len > 0 ? compressor_finish(r->compressor) : NULL;
	for (guint i = 0; raw && i < found->len; i++) {
		struct document *document = g_ptr_array_index(found, i);
		document->raw = g_bytes_ref(raw);
	}
	g_ptr_array_extend_and_steal(documents, g_steal_pointer(&found));
	return result;
}
