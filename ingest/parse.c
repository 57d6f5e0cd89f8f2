/* SPDX-License-Identifier: MIT */
#include "ingest/parse.h"

#include <string.h>

#include "core/error.h"
#include "ingest/authres.h"
#include "ingest/dmarc_xml.h"
#include "ingest/mime_words.h"
#include "ingest/parse_private.h"
#include "ingest/sniff.h"

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
	.xml_name_bytes = 256 << 10,
	.json_bytes = 4 << 20,
	.tls_policies = 1000,
	.tls_failures = 100000,
	.want_raw = FALSE,
};

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

void
parse_add_fault(struct parse *p, const char *where, const GError *error)
{
	gboolean is_limit = g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT);

	add_coded_fault(p, is_limit ? FAULT_LIMIT : FAULT_DAMAGED, where, error->message);
}

void
parse_add_no_report(struct parse *p, const char *where)
{
	g_autofree char *reason = g_strdup_printf("no report inside: %s", p->other);

	add_coded_fault(p, FAULT_NO_REPORT, where, reason);
}

void
parse_set_other(struct parse *p, const char *why)
{
	g_free(p->other);
	p->other = g_strdup(why);
}

/* What is known of the mail around it. Only for one that came to us was somebody of ours a witness.
 */
static void
set_carrier(struct parse *p, struct document *document)
{
	struct carrier *carrier = &document->carrier;
	g_autofree char *from = mime_read_address(fields_get(p->mail->head, "from"));
	g_autofree char *domain = mime_domain_of(from);
	g_autofree char *lower = g_ascii_strdown(from, -1);

	carrier->from_domain = document_string(document, domain);
	carrier->from = document_string(document, lower);
	carrier->message_id = document_string(document, fields_get(p->mail->head, "message-id"));
	if (p->mail->outer)
		return;
	struct authres authres = authres_read(p->mail->head, p->limits.trusted_authserv, domain);
	carrier->authenticated = authres.authenticated;
	carrier->auth_domain = document_string(document, authres.domain);
	authres_clear(&authres);
}

void
parse_keep(struct parse *p, struct document *document, const char *where)
{
	document->part = document_string(document, where);
	document->carrier.is_bare = p->mail == NULL;
	if (p->mail)
		set_carrier(p, document);
	g_ptr_array_add(p->parsed->documents, document);
}

/* ---- any input ---- */

static void
read_file(struct parse *p, const guint8 *bytes, gsize len)
{
	const struct content content = { bytes, len, "", 0 };

	if (!parse_content(p, &content))
		parse_add_no_report(p, "");
}

/* The limits that are 0 where the default is meant. */
static const gsize size_limits[] = {
	G_STRUCT_OFFSET(struct parse_limits, mail_bytes),
	G_STRUCT_OFFSET(struct parse_limits, header_bytes),
	G_STRUCT_OFFSET(struct parse_limits, unpacked_bytes),
	G_STRUCT_OFFSET(struct parse_limits, total_bytes),
	G_STRUCT_OFFSET(struct parse_limits, xml_name_bytes),
	G_STRUCT_OFFSET(struct parse_limits, json_bytes),
};
static const gsize number_limits[] = {
	G_STRUCT_OFFSET(struct parse_limits, parts),
	G_STRUCT_OFFSET(struct parse_limits, mime_depth),
	G_STRUCT_OFFSET(struct parse_limits, entries),
	G_STRUCT_OFFSET(struct parse_limits, nesting),
	G_STRUCT_OFFSET(struct parse_limits, xml_depth),
	G_STRUCT_OFFSET(struct parse_limits, records),
	G_STRUCT_OFFSET(struct parse_limits, tls_policies),
	G_STRUCT_OFFSET(struct parse_limits, tls_failures),
};

static void
fill_limits(struct parse_limits *limits, const struct parse_limits *wanted)
{
	const struct parse_limits *d = &parse_default_limits;

	*limits = *wanted;
	for (gsize i = 0; i < G_N_ELEMENTS(size_limits); i++)
		if (G_STRUCT_MEMBER(gsize, limits, size_limits[i]) == 0)
			G_STRUCT_MEMBER(gsize, limits, size_limits[i]) =
				G_STRUCT_MEMBER(gsize, d, size_limits[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(number_limits); i++)
		if (G_STRUCT_MEMBER(guint, limits, number_limits[i]) == 0)
			G_STRUCT_MEMBER(guint, limits, number_limits[i]) =
				G_STRUCT_MEMBER(guint, d, number_limits[i]);
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
	if (kind == SNIFF_MAIL)
		parse_mail(&p, data, len);
	else if (kind == SNIFF_MBOX)
		parse_mbox(&p, data, len);
	else
		read_file(&p, data, len);
	if (p.parsed->documents->len == 0 && p.parsed->faults->len == 0)
		p.parsed->note = g_strdup(p.note ? p.note : "no report in this mail");
	g_free(p.other);
	return p.parsed;
}
