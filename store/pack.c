/* SPDX-License-Identifier: MIT */
#include "store/pack.h"

/* The bits of a record; the lower seven are what one byte holds. */
#define DKIM_SHIFT       3
#define SPF_SHIFT        5
#define BIT_FORWARDED    (1U << 7)
#define BIT_EXPLAINED    (1U << 8)
#define BIT_REASONS      (1U << 9)
#define BIT_ENVELOPE_TO  (1U << 10)
#define BIT_SOURCE_TEXT  (1U << 11)
#define BIT_DISPOSITION  (1U << 12)
#define DISPOSITION_MASK 7U
#define ALIGNED_MASK     3U

/* Which windows of a source body are not the same as the next longer one. */
#define BODY_WINDOW(window) (1U << (window))

void
pack_uint(GByteArray *out, guint64 value)
{
	guint8 bytes[10];
	guint n = 0;

	while (value >= 0x80) {
		bytes[n++] = (guint8)(value | 0x80);
		value >>= 7;
	}
	bytes[n++] = (guint8)value;
	g_byte_array_append(out, bytes, n);
}

guint64
unpack_uint(struct unpack *in)
{
	guint64 value = 0;

	for (guint shift = 0; in->at < in->end && shift < 64; shift += 7) {
		guint8 byte = *in->at++;
		value |= (guint64)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	in->is_broken = TRUE;
	in->at = in->end;
	return 0;
}

guint32
unpack_id(struct unpack *in)
{
	guint64 value = unpack_uint(in);

	if (value > G_MAXUINT32)
		in->is_broken = TRUE;
	return (guint32)value;
}

gboolean
unpack_at_end(const struct unpack *in)
{
	return in->at >= in->end;
}

static guint
record_bits(const struct stored_record *r)
{
	guint bits = r->disposition | (guint)(r->dkim << DKIM_SHIFT) | (guint)(r->spf << SPF_SHIFT);

	if (r->is_forwarded)
		bits |= BIT_FORWARDED;
	if (r->is_explained)
		bits |= BIT_EXPLAINED;
	if (r->reason_set != PACK_NO_NAME)
		bits |= BIT_REASONS;
	if (r->envelope_to != PACK_NO_NAME)
		bits |= BIT_ENVELOPE_TO;
	if (r->source_text != PACK_NO_NAME)
		bits |= BIT_SOURCE_TEXT;
	if (r->disposition_name != PACK_NO_NAME)
		bits |= BIT_DISPOSITION;
	return bits;
}

void
pack_record(GByteArray *out, const struct stored_record *record, guint32 address_before)
{
	guint bits = record_bits(record);

	pack_uint(out, record->address - address_before);
	pack_uint(out, record->seq);
	pack_uint(out, (guint64)record->count);
	pack_uint(out, bits);
	pack_uint(out, record->auth_set);
	pack_uint(out, record->header_from);
	pack_uint(out, record->envelope_from);
	if (bits & BIT_REASONS)
		pack_uint(out, record->reason_set);
	if (bits & BIT_ENVELOPE_TO)
		pack_uint(out, record->envelope_to);
	if (bits & BIT_SOURCE_TEXT)
		pack_uint(out, record->source_text);
	if (bits & BIT_DISPOSITION)
		pack_uint(out, record->disposition_name);
}

void
unpack_record(struct unpack *in, struct stored_record *ret_record, guint32 address_before)
{
	struct stored_record *r = ret_record;

	r->address = address_before + unpack_id(in);
	r->seq = unpack_id(in);
	r->count = (gint64)unpack_uint(in);
	guint bits = unpack_id(in);
	r->auth_set = unpack_id(in);
	r->header_from = unpack_id(in);
	r->envelope_from = unpack_id(in);
	r->reason_set = bits & BIT_REASONS ? unpack_id(in) : PACK_NO_NAME;
	r->envelope_to = bits & BIT_ENVELOPE_TO ? unpack_id(in) : PACK_NO_NAME;
	r->source_text = bits & BIT_SOURCE_TEXT ? unpack_id(in) : PACK_NO_NAME;
	r->disposition_name = bits & BIT_DISPOSITION ? unpack_id(in) : PACK_NO_NAME;
	r->disposition = bits & DISPOSITION_MASK;
	r->dkim = (bits >> DKIM_SHIFT) & ALIGNED_MASK;
	r->spf = (bits >> SPF_SHIFT) & ALIGNED_MASK;
	r->is_forwarded = (bits & BIT_FORWARDED) != 0;
	r->is_explained = (bits & BIT_EXPLAINED) != 0;
	if (r->disposition >= N_DISPOSITIONS || r->dkim >= N_ALIGNED || r->spf >= N_ALIGNED)
		in->is_broken = TRUE;
}

struct totals
stored_record_totals(const struct stored_record *record)
{
	gint64 n = record->count;
	gboolean dkim = record->dkim == ALIGNED_PASS;
	gboolean spf = record->spf == ALIGNED_PASS;

	return (struct totals){
		.messages = n,
		.pass = dkim || spf ? n : 0,
		.dkim_pass = dkim ? n : 0,
		.spf_pass = spf ? n : 0,
		.quarantined = record->disposition == DISPOSITION_QUARANTINE ? n : 0,
		.rejected = record->disposition == DISPOSITION_REJECT ? n : 0,
		.forwarded = record->is_forwarded ? n : 0,
		.explained = record->is_explained ? n : 0,
		.records = 1,
	};
}

/* All totals but messages are mostly zero: a byte says which are not. */
static void
pack_totals(GByteArray *out, const struct totals *totals)
{
	const gint64 values[] = { totals->pass,        totals->dkim_pass, totals->spf_pass,
				  totals->quarantined, totals->rejected,  totals->forwarded,
				  totals->explained,   totals->records };
	guint8 mask = 0;

	for (guint i = 0; i < G_N_ELEMENTS(values); i++)
		if (values[i] != 0)
			mask |= (guint8)(1U << i);
	g_byte_array_append(out, &mask, 1);
	for (guint i = 0; i < G_N_ELEMENTS(values); i++)
		if (values[i] != 0)
			pack_uint(out, (guint64)values[i]);
}

static void
unpack_totals(struct unpack *in, struct totals *totals)
{
	gint64 *const values[] = { &totals->pass,        &totals->dkim_pass, &totals->spf_pass,
				   &totals->quarantined, &totals->rejected,  &totals->forwarded,
				   &totals->explained,   &totals->records };
	guint mask = in->at < in->end ? *in->at++ : 0;

	for (guint i = 0; i < G_N_ELEMENTS(values); i++)
		*values[i] = mask & (1U << i) ? (gint64)unpack_uint(in) : 0;
}

void
pack_source_body(GByteArray *out, const struct source_body *body)
{
	guint8 mask = BODY_WINDOW(WINDOW_ALL);

	for (int w = 0; w < WINDOW_ALL; w++)
		if (memcmp(&body->totals[w], &body->totals[w + 1], sizeof(struct totals)) != 0)
			mask |= (guint8)BODY_WINDOW(w);
	g_byte_array_append(out, &mask, 1);
	for (int w = WINDOW_ALL; w >= 0; w--)
		if (mask & BODY_WINDOW(w))
			pack_totals(out, &body->totals[w]);
	gint64 before = 0;
	for (guint i = 0; i < body->spark->len; i++) {
		const struct day_count *day = &g_array_index(body->spark, struct day_count, i);
		pack_uint(out, (guint64)(day->day - before));
		pack_uint(out, (guint64)day->messages);
		before = day->day;
	}
}

static void
copy_but_messages(struct totals *to, const struct totals *from)
{
	gint64 messages = to->messages;

	*to = *from;
	to->messages = messages;
}

void
unpack_source_body(struct unpack *in, struct totals totals[N_WINDOWS], GArray *spark)
{
	guint mask = in->at < in->end ? *in->at++ : 0;

	for (int w = WINDOW_ALL; w >= 0; w--) {
		if (mask & BODY_WINDOW(w))
			unpack_totals(in, &totals[w]);
		else if (w < WINDOW_ALL)
			copy_but_messages(&totals[w], &totals[w + 1]);
	}
	struct day_count day = { 0, 0 };
	while (spark && !unpack_at_end(in)) {
		day.day += (gint64)unpack_uint(in);
		day.messages = (gint64)unpack_uint(in);
		g_array_append_val(spark, day);
	}
}
