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
	GError *error; /* of the stream itself, or what cannot be repaired */
	gboolean has_begun;
	gboolean is_wide; /* two bytes for each character: not for repair */
	struct repair *repair;
	gboolean is_at_end; /* the repair has all input */
	gboolean is_closed; /* repaired holds the end of a report */
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
next_piece(struct reader *r, const guint8 **ret_bytes, gsize *ret_len)
{
	if (!unpack_read(r->unpack, ret_bytes, ret_len, &r->error))
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

static gboolean
strict_input(gpointer cookie, const char **ret_bytes, gsize *ret_len)
{
	struct reader *r = cookie;
	const guint8 *bytes;

	do {
		if (!next_piece(r, &bytes, ret_len))
			return FALSE;
		if (*ret_len == 0 || r->has_begun)
			break;
		r->is_wide = has_wide_characters(bytes, *ret_len);
		skip_white_space(&bytes, ret_len);
	} while (*ret_len == 0);
	r->has_begun = TRUE;
	*ret_bytes = (const char *)bytes;
	return TRUE;
}

/* ---- repaired ---- */

/* Let the repair go on until it has something to read. FALSE: there is nothing more. */
static gboolean
fill_repaired(struct reader *r)
{
	const guint8 *bytes;
	gsize len;

	g_string_truncate(r->repaired, 0);
	for (;;) {
		enum repair_step step = repair_take(r->repair, r->repaired);
		if (step == REPAIR_BROKEN)
			return fail(&r->error, "XML ends inside a record");
		r->is_closed = step == REPAIR_CLOSED;
		if (r->repaired->len > 0)
			return TRUE;
		if (r->is_at_end || !next_piece(r, &bytes, &len))
			return FALSE;
		r->is_at_end = len == 0;
		repair_add(r->repair, bytes, len, r->is_at_end);
	}
}

/* The first piece of a report is there before it is asked for. */
static gboolean
repaired_input(gpointer cookie, const char **ret_bytes, gsize *ret_len)
{
	struct reader *r = cookie;

	if (r->has_begun && (r->is_closed || !fill_repaired(r))) {
		*ret_len = 0;
		return !r->error;
	}
	r->has_begun = TRUE;
	*ret_bytes = r->repaired->str;
	*ret_len = r->repaired->len;
	return TRUE;
}

/* libxml2 has the last word on what was repaired. */
static gboolean
read_one_repaired(struct reader *r, const char *why)
{
	struct dmarc_xml_end end;

	r->has_begun = FALSE;
	dmarc_xml_read(r->xml, r->limits, repaired_input, r, &end);
	gboolean is_good = !r->error && end.document && end.is_well_formed;
	if (is_good) {
		g_autofree char *text = g_strdup_printf("XML was not well-formed: %s", why);
		document_warn(end.document, "xml-repaired", text);
		g_ptr_array_add(r->documents, g_steal_pointer(&end.document));
	} else if (!r->error && end.refusal) {
		r->error = g_steal_pointer(&end.refusal);
	} else if (!r->error && repair_is_inside(r->repair) && r->is_at_end) {
		g_autofree char *text =
			g_strdup_printf("XML ends early: </feedback> is missing (%s)", why);
		fail(&r->error, text);
	} else if (!r->error) {
		fail(&r->error, end.complaint ? end.complaint : why);
	}
	dmarc_xml_end_clear(&end);
	return is_good;
}

/* FALSE sets r->error. */
static gboolean
read_repaired(struct reader *r, const char *encoding, const char *why)
{
	g_autoptr(repair_auto) repair = repair_new(encoding);

	compressor_reset(r->compressor);
	r->repair = repair;
	r->is_at_end = FALSE;
	if (!unpack_again(r->unpack, &r->error))
		return FALSE;
	while (fill_repaired(r)) {
		if (r->documents->len >= REPORTS_MAX)
			return fail(&r->error, "XML holds more than 100 reports");
		if (!read_one_repaired(r, why))
			return FALSE;
	}
	return !r->error;
}

/* ---- all of it ---- */

/* The strict reading ended in something other than a good report. */
static enum dmarc_read_result
read_again(struct reader *r, struct dmarc_xml_end *strict)
{
	const char *why = strict->complaint ? strict->complaint : "XML ends early";
	gboolean is_read = !r->is_wide && read_repaired(r, strict->encoding, why);

	if (strict->document && r->documents->len == 0) {
		/* Only what follows the report is damaged. */
		g_clear_error(&r->error);
		document_warn(strict->document, "trailing-junk", why);
		g_ptr_array_add(r->documents, g_steal_pointer(&strict->document));
		return DMARC_READ_DONE;
	}
	if (is_read && r->documents->len > 0)
		return DMARC_READ_DONE;
	if (!r->error)
		fail(&r->error, why);
	return strict->is_other ? DMARC_READ_OTHER : DMARC_READ_FAILED;
}

static enum dmarc_read_result
read_stream(struct reader *r)
{
	struct dmarc_xml_end end;
	enum dmarc_read_result result = DMARC_READ_FAILED;

	compressor_reset(r->compressor);
	r->has_begun = FALSE;
	r->is_wide = FALSE;
	dmarc_xml_read(r->xml, r->limits, strict_input, r, &end);
	if (r->error) {
		result = DMARC_READ_FAILED;
	} else if (end.refusal) {
		r->error = g_steal_pointer(&end.refusal);
	} else if (end.document && end.is_well_formed) {
		g_ptr_array_add(r->documents, g_steal_pointer(&end.document));
		result = DMARC_READ_DONE;
	} else {
		result = read_again(r, &end);
	}
	dmarc_xml_end_clear(&end);
	return result;
}

enum dmarc_read_result
dmarc_read(struct unpack *unpack, const struct parse_limits *limits, GPtrArray *documents,
	   GError **error)
{
	struct reader *r = reader_get();
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)document_free);

	r->unpack = unpack;
	r->limits = limits;
	r->documents = found;
	enum dmarc_read_result result = read_stream(r);
	if (r->error)
		g_propagate_error(error, g_steal_pointer(&r->error));
	g_autoptr(GBytes) raw =
		limits->want_raw && found->len > 0 ? compressor_finish(r->compressor) : NULL;
	for (guint i = 0; raw && i < found->len; i++) {
		struct document *document = g_ptr_array_index(found, i);
		document->raw = g_bytes_ref(raw);
	}
	g_ptr_array_extend_and_steal(documents, g_steal_pointer(&found));
	return result;
}
