/* SPDX-License-Identifier: MIT */
#include "core/identity.h"

static void
add_int(GChecksum *sum, gint64 value)
{
	gint64 wire = GINT64_TO_LE(value);

	g_checksum_update(sum, (const guchar *)&wire, sizeof(wire));
}

static void
add_text(GChecksum *sum, const char *text)
{
	gsize len = strlen(text);

	add_int(sum, (gint64)len);
	g_checksum_update(sum, (const guchar *)text, (gssize)len);
}

static void
add_folded(GChecksum *sum, const char *text)
{
	g_autofree char *folded = g_utf8_casefold(text, -1);

	add_text(sum, folded);
}

static void
finish(GChecksum *sum, guint8 key[KEY_LEN])
{
	gsize len = KEY_LEN;

	g_checksum_get_digest(sum, key, &len);
	g_checksum_free(sum);
}

static void
add_report_id(GChecksum *sum, const char *report_id)
{
	gsize len = strlen(report_id);
	g_autofree char *bare = NULL;

	if (len >= 2 && report_id[0] == '<' && report_id[len - 1] == '>')
		bare = g_strndup(report_id + 1, len - 2);
	add_folded(sum, bare ? bare : report_id);
}

static void
key_of_report(const struct report *report, guint8 key[KEY_LEN])
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);

	add_text(sum, "aggregate");
	add_folded(sum, report_reporter(report));
	add_report_id(sum, report->report_id);
	add_folded(sum, report->policy.domain);
	add_int(sum, report->begin_at);
	add_int(sum, report->end_at);
	finish(sum, key);
}

static void
add_array(GChecksum *sum, GArray *array)
{
	gssize len = (gssize)array->len * (gssize)g_array_get_element_size(array);

	add_int(sum, array->len);
	if (len > 0)
		g_checksum_update(sum, (const guchar *)array->data, len);
}

static void
add_records(GChecksum *sum, const struct report *report)
{
	add_int(sum, report->records->len);
	for (guint i = 0; i < report->records->len; i++) {
		const struct record *r = &g_array_index(report->records, struct record, i);
		const guint32 words[] = {
			GUINT32_TO_LE(r->source_text),      GUINT32_TO_LE(r->header_from),
			GUINT32_TO_LE(r->envelope_from),    GUINT32_TO_LE(r->envelope_to),
			GUINT32_TO_LE(r->auth_set),         GUINT32_TO_LE(r->reason_set),
			GUINT32_TO_LE(r->disposition_name),
		};
		const guint8 results[] = { r->disposition, r->dkim, r->spf };
		g_checksum_update(sum, r->source_ip.bytes, sizeof(r->source_ip.bytes));
		add_int(sum, r->count);
		g_checksum_update(sum, (const guchar *)words, sizeof(words));
		g_checksum_update(sum, results, sizeof(results));
	}
}

static void
add_header(GChecksum *sum, const struct report *report)
{
	const struct policy *p = &report->policy;
	const char *const texts[] = {
		report->version,
		report->org_name,
		report->org_email,
		report->extra_contact_info,
		report->report_id,
		p->domain,
		p->p,
		p->sp,
		p->np,
		p->adkim,
		p->aspf,
		p->fo,
		p->pct,
		p->testing,
		p->discovery_method,
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		add_text(sum, texts[i]);
	add_int(sum, report->begin_at);
	add_int(sum, report->end_at);
}

/* Names and sets are numbered by first use, so equal records get equal numbers. */
static void
content_of_report(const struct report *report, guint8 key[KEY_LEN])
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);

	add_header(sum, report);
	for (guint i = 0; i < report->names->len; i++)
		add_text(sum, g_ptr_array_index(report->names, i));
	add_array(sum, report->auth_results);
	add_array(sum, report->auth_sets);
	add_array(sum, report->reasons);
	add_array(sum, report->reason_sets);
	add_records(sum, report);
	finish(sum, key);
}

struct identity
identity_of(const struct document *document)
{
	struct identity identity;

	key_of_report(&document->report, identity.key);
	content_of_report(&document->report, identity.content);
	return identity;
}
