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
	add_int(sum, report->left_out);
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

/* --- Kinds with a shape --- */

static void
add_number(GChecksum *sum, const struct number *number)
{
	add_int(sum, number->is_known);
	add_int(sum, number->is_known ? number->value : 0);
}

static void
add_texts(GChecksum *sum, const GPtrArray *texts)
{
	add_int(sum, texts->len);
	for (guint i = 0; i < texts->len; i++)
		add_text(sum, g_ptr_array_index(texts, i));
}

static void add_noun(GChecksum *sum, const struct shape *shape, gconstpointer noun);

static void
add_items(GChecksum *sum, const struct shape *shape, const GArray *items)
{
	add_int(sum, items->len);
	for (guint i = 0; i < items->len; i++)
		add_noun(sum, shape, items->data + i * shape->size);
}

static void
add_member(GChecksum *sum, const struct member *member, gconstpointer at)
{
	switch (member->kind) {
	case MEMBER_TEXT:
		add_text(sum, *(const char *const *)at);
		break;
	case MEMBER_TEXTS:
		add_texts(sum, *(GPtrArray *const *)at);
		break;
	case MEMBER_NUMBER:
		add_number(sum, at);
		break;
	case MEMBER_FLAG:
		add_int(sum, *(const gboolean *)at != FALSE);
		break;
	case MEMBER_IP:
		g_checksum_update(sum, ((const struct ip *)at)->bytes, sizeof(struct ip));
		break;
	case MEMBER_ITEMS:
		add_items(sum, member->items, *(GArray *const *)at);
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

static void
add_noun(GChecksum *sum, const struct shape *shape, gconstpointer noun)
{
	for (gsize i = 0; i < shape->n_members; i++)
		add_member(sum, &shape->members[i], (const char *)noun + shape->members[i].offset);
}

/* Of the message that it is about: which one, and when it came to the reporter. */
static void
add_original(GChecksum *sum, const struct document *document, const char *message_id,
	     const struct number *arrived_at)
{
	add_text(sum, message_id);
	add_number(sum, arrived_at);
	if (!*message_id && !arrived_at->is_known)
		add_text(sum, document->carrier.message_id);
}

static void
add_recipients(GChecksum *sum, const GPtrArray *recipients)
{
	add_int(sum, recipients->len);
	for (guint i = 0; i < recipients->len; i++)
		add_folded(sum, g_ptr_array_index(recipients, i));
}

static void
key_feedback(GChecksum *sum, const struct document *document)
{
	const struct feedback *feedback = &document->feedback;

	add_folded(sum, document_reporter(document));
	add_original(sum, document, feedback->original_message_id, &feedback->arrived_at);
	g_checksum_update(sum, feedback->source_ip.bytes, sizeof(feedback->source_ip.bytes));
	add_recipients(sum, feedback->original_rcpt_to);
}

static void
key_bounce(GChecksum *sum, const struct document *document)
{
	const struct bounce *bounce = &document->bounce;

	add_folded(sum, document_reporter(document));
	add_original(sum, document, bounce->original_message_id, &bounce->arrived_at);
	add_int(sum, bounce->recipients->len);
	for (guint i = 0; i < bounce->recipients->len; i++)
		add_folded(sum, g_array_index(bounce->recipients, struct bounce_recipient, i)
					.final_recipient);
	add_recipients(sum, bounce->hint_recipients);
}

static void
key_tls(GChecksum *sum, const struct document *document)
{
	const struct tlsrpt *tlsrpt = &document->tlsrpt;

	add_folded(sum, document_reporter(document));
	add_report_id(sum, tlsrpt->report_id);
	add_folded(sum, tlsrpt_domain(tlsrpt));
	add_number(sum, &tlsrpt->begin_at);
	if (!tlsrpt->begin_at.is_known)
		add_text(sum, tlsrpt->begin);
}

static void (*const keys[N_DOCUMENT_KINDS])(GChecksum *, const struct document *) = {
	[DOCUMENT_FAILURE] = key_feedback,
	[DOCUMENT_COMPLAINT] = key_feedback,
	[DOCUMENT_BOUNCE] = key_bounce,
	[DOCUMENT_TLS] = key_tls,
};

static void
identify_noun(const struct document *document, struct identity *identity)
{
	GChecksum *key = g_checksum_new(G_CHECKSUM_SHA256);
	GChecksum *content = g_checksum_new(G_CHECKSUM_SHA256);

	add_text(key, document_kind_name(document->kind));
	keys[document->kind](key, document);
	finish(key, identity->key);
	/* All nouns begin where the union does. */
	add_noun(content, document_shape(document->kind), &document->feedback);
	finish(content, identity->content);
}

struct identity
identity_of(const struct document *document)
{
	struct identity identity;

	if (document->kind == DOCUMENT_AGGREGATE) {
		key_of_report(&document->report, identity.key);
		content_of_report(&document->report, identity.content);
	} else {
		identify_noun(document, &identity);
	}
	return identity;
}
