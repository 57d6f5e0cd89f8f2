/* SPDX-License-Identifier: MIT */
#include "ingest/parse.h"

#include <string.h>

#include "core/error.h"
#include "core/lint.h"
#include "core/text.h"
#include "ingest/claim.h"
#include "ingest/dmarc_read.h"
#include "ingest/dmarc_xml.h"
#include "ingest/mbox.h"
#include "ingest/mime.h"
#include "ingest/sniff.h"
#include "ingest/unpack.h"

#define FAULTS_MAX 64 /* kept of one input */

const struct parse_limits parse_default_limits = {
	.mail_bytes = 40 << 20,
	.header_bytes = 1 << 20,
	.parts = 1000,
	.mime_depth = 32,
	.unpacked_bytes = 64 << 20,
	.total_bytes = 256 << 20,
	.entries = 1000,
	.nesting = 3,
	.xml_depth = 64,
	.records = 1000000,
	.want_raw = FALSE,
};

/* One call of parse(). */
struct parse {
	struct parse_limits limits;
	gint64 now;
	struct parsed *parsed;
	struct unpack_budget budget;
	struct mime_walk walk;
	char *other;      /* why the last thing that was passed over is no report */
	const char *note; /* what this mail is in place of a report */
};

/* Bytes that may be or hold a report. */
struct content {
	const guint8 *bytes;
	gsize len;
	const char *where; /* for humans; "" for the input itself */
	guint nesting;     /* archives around it */
};

static gboolean read_content(struct parse *p, const struct content *content);

/* ---- what came of it ---- */

static void
add_coded_fault(struct parse *p, const char *code, const char *where, const char *reason)
{
	if (p->parsed->faults->len < FAULTS_MAX)
		parsed_add_fault(p->parsed, code, g_strdup(where), g_strdup(reason));
	else if (p->parsed->faults->len == FAULTS_MAX)
		parsed_add_fault(p->parsed, code, g_strdup(""),
				 g_strdup("there are more faults, which are not listed"));
}

static void
add_fault(struct parse *p, const char *where, const GError *error)
{
	gboolean is_limit = g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT);

	add_coded_fault(p, is_limit ? FAULT_LIMIT : FAULT_DAMAGED, where, error->message);
}

static void
add_no_report(struct parse *p, const char *where)
{
	g_autofree char *reason = g_strdup_printf("no report inside: %s", p->other);

	add_coded_fault(p, FAULT_NO_REPORT, where, reason);
}

static void
set_other(struct parse *p, const char *why)
{
	g_free(p->other);
	p->other = g_strdup(why);
}

static void
set_note(struct parse *p, const char *note)
{
	if (!p->note)
		p->note = note;
}

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
	add_fault(p, where, error);
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
		document->part = document_string(document, stream->where);
		if (unpack_has_garbage(stream->unpack))
			document_warn(document, "trailing-garbage",
				      "something follows the compressed data");
		if (unpack_kind(stream->unpack) == SNIFF_ZLIB)
			document_warn(document, "zlib-stream",
				      "a bare zlib stream in place of gzip (RFC 1950)");
		g_ptr_array_add(p->parsed->documents, g_steal_pointer(&document));
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
		add_fault(p, stream->where, error);
	else if (result == DMARC_READ_OTHER)
		set_other(p, error->message);
	return result != DMARC_READ_OTHER;
}

static gboolean
read_tls(struct parse *p, const struct stream *stream)
{
	(void)stream;
	set_note(p, "JSON (TLS report): not read yet");
	return TRUE;
}

static gboolean
read_nothing(struct parse *p, const struct stream *stream)
{
	(void)stream;
	set_other(p, "empty or blank");
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
		set_other(p, "the word \"unused\" in place of a report, a known fault of the "
			     "reporter");
	else
		set_other(p, "neither XML nor an archive");
	return FALSE;
}

/* What a stream may be, by its first bytes. A new kind of report is one row. */
typedef gboolean (*read_fn)(struct parse *p, const struct stream *stream);

static const read_fn readers[N_SNIFFS] = {
	[SNIFF_XML] = read_aggregate,
	[SNIFF_JSON] = read_tls,
	[SNIFF_EMPTY] = read_nothing,
};

/* What a mail is that returns another one. A new kind is one row. */
struct returned_kind {
	const char *type;
	const char *note;
};

static const struct returned_kind returned_kinds[] = {
	{ "message/feedback-report", "failure report: not read yet" },
	{ "message/delivery-status", "delivery status notification: not read yet" },
	{ "message/global-delivery-status", "delivery status notification: not read yet" },
};

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
	return read_content(p, &inner);
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
		add_fault(p, where, error);
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
		set_other(p, "the archive has no entries");
	return is_found || step == UNPACK_FAILED;
}

/* Bytes of any kind but mail. FALSE: passed over, p->other says why. */
static gboolean
read_content(struct parse *p, const struct content *content)
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
		add_fault(p, content->where, error);
	return is_found;
}

/* ---- mails ---- */

static char *
part_name(const struct mime_part *part)
{
	if (!*part->name)
		return g_strdup_printf("part %u", part->number);
	return g_strdup_printf("part %u \"%s\"", part->number, part->name);
}

static void
walk_mail(struct parse *p, const guint8 *bytes, gsize len, const char *where)
{
	g_autoptr(GError) error = NULL;

	if (!mime_walk(&p->walk, bytes, len, &error))
		add_fault(p, where, error);
}

static void
on_part(gpointer cookie, const struct mime_part *part)
{
	struct parse *p = cookie;
	enum sniff kind = sniff(part->bytes, MIN(part->len, SNIFF_LEN));
	g_autofree char *where = part_name(part);
	const struct content content = { part->bytes, part->len, where, 0 };

	/* A forwarded mail in base64, which RFC 2046 forbids and Exchange does. */
	if (g_str_equal(part->type, "message/rfc822")) {
		walk_mail(p, part->bytes, part->len, where);
		return;
	}
	gboolean is_claim = claim_is_made(part);
	if (claim_is_prose(part, kind) && !is_claim)
		return;
	if (!readers[kind] && !sniff_is_archive(kind) && !is_claim)
		return;
	if (!read_content(p, &content) && (is_claim || sniff_is_archive(kind)))
		add_no_report(p, where);
}

static void
on_returned(gpointer cookie, const char *type)
{
	struct parse *p = cookie;

	for (gsize i = 0; i < G_N_ELEMENTS(returned_kinds); i++)
		if (g_str_equal(type, returned_kinds[i].type))
			set_note(p, returned_kinds[i].note);
}

static void
read_mbox(struct parse *p, const guint8 *bytes, gsize len)
{
	g_autoptr(mbox_auto) mbox = mbox_new(p->limits.mail_bytes);
	guint number = 0;
	enum mbox_step step;

	mbox_add(mbox, bytes, len, TRUE);
	do {
		g_autoptr(GBytes) mail = NULL;
		step = mbox_next(mbox, &mail);
		g_autofree char *where = g_strdup_printf("mail %u", ++number);
		if (step == MBOX_MAIL) {
			gsize mail_len;
			const guint8 *mail_bytes = g_bytes_get_data(mail, &mail_len);
			walk_mail(p, mail_bytes, mail_len, where);
		} else if (step == MBOX_TOO_BIG) {
			g_autoptr(GError) error =
				g_error_new(DMARCD_ERROR, DMARCD_ERROR_LIMIT,
					    "mail is over max_mail_bytes (%" G_GSIZE_FORMAT ")",
					    p->limits.mail_bytes);
			add_fault(p, where, error);
		}
	} while (step != MBOX_MORE);
}

/* ---- any input ---- */

static void
read_file(struct parse *p, const guint8 *bytes, gsize len)
{
	const struct content content = { bytes, len, "", 0 };

	if (!read_content(p, &content))
		add_no_report(p, "");
}

static void
read_mail(struct parse *p, const guint8 *bytes, gsize len)
{
	/* gmime takes a leading empty line for the end of the header. */
	while (len > 0 && g_ascii_isspace(*bytes)) {
		bytes++;
		len--;
	}
	walk_mail(p, bytes, len, "");
}

static void
fill_limits(struct parse_limits *limits, const struct parse_limits *wanted)
{
	const struct parse_limits *d = &parse_default_limits;

	limits->mail_bytes = wanted->mail_bytes ? wanted->mail_bytes : d->mail_bytes;
	limits->header_bytes = wanted->header_bytes ? wanted->header_bytes : d->header_bytes;
	limits->parts = wanted->parts ? wanted->parts : d->parts;
	limits->mime_depth = wanted->mime_depth ? wanted->mime_depth : d->mime_depth;
	limits->unpacked_bytes =
		wanted->unpacked_bytes ? wanted->unpacked_bytes : d->unpacked_bytes;
	limits->total_bytes = wanted->total_bytes ? wanted->total_bytes : d->total_bytes;
	limits->entries = wanted->entries ? wanted->entries : d->entries;
	limits->nesting = wanted->nesting ? wanted->nesting : d->nesting;
	limits->xml_depth = wanted->xml_depth ? wanted->xml_depth : d->xml_depth;
	limits->records = wanted->records ? wanted->records : d->records;
	limits->want_raw = wanted->want_raw;
	limits->trusted_authserv = wanted->trusted_authserv;
}

void
parse_init(void)
{
	mime_init();
	dmarc_xml_init();
}

struct parsed *
parse(GBytes *bytes, const struct parse_limits *limits, gint64 now)
{
	struct parse p = { .now = now, .parsed = parsed_new() };
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	if (!data)
		data = (const guint8 *)""; /* GBytes without bytes have no address */
	enum sniff kind = sniff(data, MIN(len, SNIFF_LEN));

	fill_limits(&p.limits, limits);
	p.budget.limits = &p.limits;
	p.walk = (struct mime_walk){
		.limits = &p.limits,
		.cookie = &p,
		.on_part = on_part,
		.on_returned = on_returned,
	};
	if (kind == SNIFF_MAIL)
		read_mail(&p, data, len);
	else if (kind == SNIFF_MBOX)
		read_mbox(&p, data, len);
	else
		read_file(&p, data, len);
	if (p.parsed->documents->len == 0 && p.parsed->faults->len == 0) {
		if (!p.note)
			p.note = p.walk.is_auto_reply ? "auto-reply" : "no report in this mail";
		p.parsed->note = g_strdup(p.note);
	}
	g_free(p.other);
	return p.parsed;
}
