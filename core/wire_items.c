/* SPDX-License-Identifier: MIT */
#include "core/wire_items.h"

#include <string.h>

#include "core/wire_io.h"

#define U32 sizeof(guint32)

static gboolean
is_name(const struct report *report, guint32 index)
{
	return index < report->names->len;
}

/* ---- results and reasons ---- */

static void
pack_auth_result(gconstpointer item, guint8 *at)
{
	const struct auth_result *result = item;

	at[0] = (guint8)result->kind;
	wire_pack_u32(at + 1, result->domain);
	wire_pack_u32(at + 1 + U32, result->selector);
	wire_pack_u32(at + 1 + 2 * U32, result->scope);
	wire_pack_u32(at + 1 + 3 * U32, result->result);
	wire_pack_u32(at + 1 + 4 * U32, result->human_result);
}

static gboolean
unpack_auth_result(const guint8 *at, const struct report *report, gpointer ret_item)
{
	const struct auth_result result = {
		.kind = at[0] == AUTH_SPF ? AUTH_SPF : AUTH_DKIM,
		.domain = wire_unpack_u32(at + 1),
		.selector = wire_unpack_u32(at + 1 + U32),
		.scope = wire_unpack_u32(at + 1 + 2 * U32),
		.result = wire_unpack_u32(at + 1 + 3 * U32),
		.human_result = wire_unpack_u32(at + 1 + 4 * U32),
	};

	*(struct auth_result *)ret_item = result;
	return at[0] == result.kind && is_name(report, result.domain) &&
	       is_name(report, result.selector) && is_name(report, result.scope) &&
	       is_name(report, result.result) && is_name(report, result.human_result);
}

static void
pack_reason(gconstpointer item, guint8 *at)
{
	const struct reason *reason = item;

	wire_pack_u32(at, reason->type);
	wire_pack_u32(at + U32, reason->comment);
}

static gboolean
unpack_reason(const guint8 *at, const struct report *report, gpointer ret_item)
{
	const struct reason reason = { wire_unpack_u32(at), wire_unpack_u32(at + U32) };

	*(struct reason *)ret_item = reason;
	return is_name(report, reason.type) && is_name(report, reason.comment);
}

/* ---- sets ---- */

static void
pack_run(gconstpointer item, guint8 *at)
{
	const struct run *run = item;

	wire_pack_u32(at, run->first);
	wire_pack_u32(at + U32, run->n);
}

static gboolean
unpack_run(const guint8 *at, const GArray *all, struct run *ret_run)
{
	*ret_run = (struct run){ wire_unpack_u32(at), wire_unpack_u32(at + U32) };
	return ret_run->first <= all->len && ret_run->n <= all->len - ret_run->first;
}

static gboolean
unpack_auth_set(const guint8 *at, const struct report *report, gpointer ret_item)
{
	return unpack_run(at, report->auth_results, ret_item);
}

static gboolean
unpack_reason_set(const guint8 *at, const struct report *report, gpointer ret_item)
{
	return unpack_run(at, report->reasons, ret_item);
}

/* ---- records ---- */

#define IP_LEN     sizeof(struct ip)
#define WORDS_AT   (IP_LEN + sizeof(gint64))
#define N_WORDS    7
#define ENUMS_AT   (WORDS_AT + N_WORDS * U32)
#define RECORD_LEN (ENUMS_AT + 3)

/* In this order. */
static const gsize record_words[N_WORDS] = {
	G_STRUCT_OFFSET(struct record, source_text),
	G_STRUCT_OFFSET(struct record, header_from),
	G_STRUCT_OFFSET(struct record, envelope_from),
	G_STRUCT_OFFSET(struct record, envelope_to),
	G_STRUCT_OFFSET(struct record, disposition_name),
	G_STRUCT_OFFSET(struct record, auth_set),
	G_STRUCT_OFFSET(struct record, reason_set),
};
#define N_NAME_WORDS 5 /* the first ones are name indexes */

static void
pack_record(gconstpointer item, guint8 *at)
{
	const struct record *record = item;

	memcpy(at, record->source_ip.bytes, IP_LEN);
	wire_pack_i64(at + IP_LEN, record->count);
	for (gsize i = 0; i < N_WORDS; i++)
		wire_pack_u32(at + WORDS_AT + i * U32,
			      G_STRUCT_MEMBER(guint32, record, record_words[i]));
	at[ENUMS_AT] = record->disposition;
	at[ENUMS_AT + 1] = record->dkim;
	at[ENUMS_AT + 2] = record->spf;
}

static gboolean
unpack_record(const guint8 *at, const struct report *report, gpointer ret_item)
{
	static const struct record no_record;
	struct record *record = ret_item;
	gboolean is_good = TRUE;

	/* Padding too: equal records are equal bytes. */
	*record = no_record;
	memcpy(record->source_ip.bytes, at, IP_LEN);
	record->count = wire_unpack_i64(at + IP_LEN);
	for (gsize i = 0; i < N_WORDS; i++) {
		guint32 word = wire_unpack_u32(at + WORDS_AT + i * U32);
		G_STRUCT_MEMBER(guint32, record, record_words[i]) = word;
		is_good = is_good && (i >= N_NAME_WORDS || is_name(report, word));
	}
	record->disposition = at[ENUMS_AT];
	record->dkim = at[ENUMS_AT + 1];
	record->spf = at[ENUMS_AT + 2];
	return is_good && record->count >= 0 && record->auth_set < report->auth_sets->len &&
	       record->reason_set < report->reason_sets->len &&
	       record->disposition < N_DISPOSITIONS && record->dkim < N_ALIGNED &&
	       record->spf < N_ALIGNED;
}

/* ---- the tables ---- */

#define LIST(member) G_STRUCT_OFFSET(struct report, member)

const struct wire_list wire_lists[N_WIRE_LISTS] = {
	[WIRE_AUTH_RESULTS] = { LIST(auth_results), 0, sizeof(struct auth_result), 1 + 5 * U32,
				pack_auth_result, unpack_auth_result },
	[WIRE_AUTH_SETS] = { LIST(auth_sets), 1, sizeof(struct run), 2 * U32, pack_run,
			     unpack_auth_set },
	[WIRE_REASONS] = { LIST(reasons), 0, sizeof(struct reason), 2 * U32, pack_reason,
			   unpack_reason },
	[WIRE_REASON_SETS] = { LIST(reason_sets), 1, sizeof(struct run), 2 * U32, pack_run,
			       unpack_reason_set },
	[WIRE_RECORDS] = { LIST(records), 0, sizeof(struct record), RECORD_LEN, pack_record,
			   unpack_record },
};

#define TEXT(member) G_STRUCT_OFFSET(struct report, member)

const gsize wire_report_texts[] = {
	TEXT(xmlns),
	TEXT(version),
	TEXT(org_name),
	TEXT(org_email),
	TEXT(extra_contact_info),
	TEXT(report_id),
	TEXT(generator),
	TEXT(policy.domain),
	TEXT(policy.p),
	TEXT(policy.sp),
	TEXT(policy.np),
	TEXT(policy.adkim),
	TEXT(policy.aspf),
	TEXT(policy.fo),
	TEXT(policy.pct),
	TEXT(policy.testing),
	TEXT(policy.discovery_method),
};
const gsize wire_n_report_texts = G_N_ELEMENTS(wire_report_texts);

G_STATIC_ASSERT(RECORD_LEN <= WIRE_ITEM_LEN_MAX);
