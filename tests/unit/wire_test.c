/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/wire.h"
#include "core/wire_items.h"
#include "tests/support/document_like.h"

#define BUDGET (64 << 20)

/* ---- both ends ---- */

static gboolean
gather(gpointer cookie, const guint8 *bytes, gsize len, GError **error)
{
	(void)error;
	g_byte_array_append(cookie, bytes, (guint)len);
	return TRUE;
}

struct input {
	const guint8 *bytes;
	gsize len;
	gsize at_once;
};

static gssize
give(gpointer cookie, guint8 *bytes, gsize len, GError **error)
{
	struct input *input = cookie;
	gsize n = MIN(MIN(len, input->len), input->at_once);

	(void)error;
	if (n > 0)
		memcpy(bytes, input->bytes, n);
	input->bytes += n;
	input->len -= n;
	return (gssize)n;
}

static GByteArray *
encode(const struct parsed *parsed)
{
	GByteArray *bytes = g_byte_array_new();
	g_autoptr(wire_out_auto) out = wire_out_new(gather, bytes);
	struct wire_writer *writer = wire_writer_new(out);

	assert_true(wire_send_parsed(writer, parsed, NULL));
	wire_writer_free(writer);
	return bytes;
}

static struct parsed *
decode_within(const guint8 *bytes, gsize len, gsize at_once, gsize budget, GError **error)
{
	struct input input = { bytes, len, at_once };
	g_autoptr(wire_in_auto) in = wire_in_new(give, &input);

	return wire_read_parsed(in, budget, error);
}

static struct parsed *
decode(const GByteArray *bytes, GError **error)
{
	return decode_within(bytes->data, bytes->len, 7, BUDGET, error);
}

static struct parsed *
parsed_at_random(guint32 first, guint n)
{
	struct parsed *parsed = parsed_new();

	for (guint i = 0; i < n; i++)
		g_ptr_array_add(parsed->documents, document_at_random(first + i));
	return parsed;
}

static void
assert_same(const struct parsed *a, const struct parsed *b)
{
	assert_int_equal(a->documents->len, b->documents->len);
	for (guint i = 0; i < a->documents->len; i++) {
		const char *difference =
			document_difference(a->documents->pdata[i], b->documents->pdata[i]);
		if (difference)
			fail_msg("document %u differs in its %s", i, difference);
	}
}

/* ---- what is said is what arrives ---- */

static void
a_document_of_any_kind_arrives_as_it_was(void **state)
{
	(void)state;
	for (guint32 number = 0; number < 500; number++) {
		g_autoptr(parsed_auto) sent = parsed_at_random(number, 1 + number % 4);
		g_autoptr(GByteArray) bytes = encode(sent);
		g_autoptr(parsed_auto) got = decode(bytes, NULL);
		assert_non_null(got);
		assert_same(sent, got);
	}
}

static void
faults_and_note_arrive(void **state)
{
	g_autoptr(parsed_auto) sent = parsed_new();

	(void)state;
	parsed_add_fault(sent, FAULT_LIMIT, g_strdup("part 1"), g_strdup("over max_parts"));
	parsed_add_fault(sent, FAULT_DAMAGED, g_strdup(""), g_strdup("cut \xc3"));
	sent->note = g_strdup("auto-reply");
	g_autoptr(GByteArray) bytes = encode(sent);
	g_autoptr(parsed_auto) got = decode(bytes, NULL);
	assert_non_null(got);
	assert_int_equal(got->faults->len, 2);
	const struct fault *fault = &g_array_index(got->faults, struct fault, 0);
	assert_ptr_equal(fault->code, fault_code_find(FAULT_LIMIT));
	assert_string_equal(fault->part, "part 1");
	assert_string_equal(fault->reason, "over max_parts");
	assert_string_equal(g_array_index(got->faults, struct fault, 1).reason, "cut \xef\xbf\xbd");
	assert_string_equal(got->note, "auto-reply");
}

static void
take(gpointer writer, const struct document *document)
{
	wire_send_records(writer, document);
}

static void
forget(gpointer writer, const struct document *document)
{
	wire_drop(writer, document);
}

/* As the builder does it: records one by one, handed on every now and then. */
static struct document *
stream_document(const struct document *whole, const struct document_sink *sink)
{
	struct document *streamed = document_at_random(0);
	struct report *report = &streamed->report;
	GArray *records = g_array_copy(whole->report.records);

	g_array_set_size(report->records, 0);
	streamed->sink = sink;
	for (guint i = 0; i < records->len; i++) {
		g_array_append_vals(report->records, &g_array_index(records, struct record, i), 1);
		if (i % 3 == 2)
			document_hand_on(streamed);
	}
	g_array_unref(records);
	return streamed;
}

static void
records_may_go_ahead_and_a_dropped_document_is_none(void **state)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(wire_out_auto) out = wire_out_new(gather, bytes);
	struct wire_writer *writer = wire_writer_new(out);
	const struct document_sink sink = { writer, take, forget };
	g_autoptr(parsed_auto) whole = parsed_at_random(0, 1);
	g_autoptr(parsed_auto) sent = parsed_new();
	struct document *document = whole->documents->pdata[0];

	(void)state;
	assert_true(document->report.records->len > 3);
	struct document *bad = stream_document(document, &sink);
	struct document *good = stream_document(document, &sink);
	assert_int_equal(good->report.n_taken + good->report.records->len,
			 document->report.records->len);
	document_free(bad);
	g_ptr_array_add(sent->documents, good);
	assert_true(wire_send_parsed(writer, sent, NULL));
	g_autoptr(parsed_auto) got = decode(bytes, NULL);
	assert_non_null(got);
	assert_same(whole, got);
	g_ptr_array_set_size(sent->documents, 0);
	wire_writer_free(writer);
}

static void
raw_bytes_that_documents_share_are_sent_once(void **state)
{
	g_autoptr(parsed_auto) sent = parsed_at_random(0, 3);
	g_autofree char *zeros = g_malloc0(100000);
	g_autoptr(GBytes) raw = g_bytes_new(zeros, 100000);

	(void)state;
	for (guint i = 0; i < 3; i++) {
		struct document *document = sent->documents->pdata[i];
		g_clear_pointer(&document->raw, g_bytes_unref);
		document->raw = g_bytes_ref(raw);
	}
	g_autoptr(GByteArray) bytes = encode(sent);
	assert_true(bytes->len < 150000);
	g_autoptr(parsed_auto) got = decode(bytes, NULL);
	assert_non_null(got);
	assert_same(sent, got);
}

/* ---- nothing is believed ---- */

static void
an_answer_cut_short_anywhere_is_refused(void **state)
{
	g_autoptr(parsed_auto) sent = parsed_at_random(0, N_DOCUMENT_KINDS);
	g_autoptr(GByteArray) bytes = encode(sent);

	(void)state;
	for (guint len = 0; len < bytes->len; len++) {
		g_autoptr(GError) error = NULL;
		assert_null(decode_within(bytes->data, len, G_MAXSIZE, BUDGET, &error));
		assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
	}
}

static void
no_flipped_bit_does_harm(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autoptr(parsed_auto) sent = parsed_at_random(0, N_DOCUMENT_KINDS);
	g_autoptr(GByteArray) bytes = encode(sent);

	(void)state;
	for (guint i = 0; i < 20000; i++) {
		guint32 at = g_rand_int(rand) % bytes->len;
		guint8 bit = (guint8)(1u << (g_rand_int(rand) % 8));
		bytes->data[at] ^= bit;
		g_autoptr(parsed_auto) got =
			decode_within(bytes->data, bytes->len, G_MAXSIZE, BUDGET, NULL);
		bytes->data[at] ^= bit;
	}
}

static void
what_is_announced_is_not_allocated(void **state)
{
	/* 2^32 - 1 names, and then nothing. */
	static const guint8 answer[] = { BLOCK_BEGIN, 0,    0,   0, 0, DOCUMENT_AGGREGATE,
					 BLOCK_NAMES, 0,    0,   0, 0, 0xff,
					 0xff,        0xff, 0xff };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(decode_within(answer, sizeof(answer), G_MAXSIZE, BUDGET, &error));
	assert_non_null(strstr(error->message, "ends early"));
}

static void
an_item_that_points_nowhere_is_refused(void **state)
{
	/* A reason of type name 7, where there is name 0 alone. */
	static const guint8 answer[] = { BLOCK_BEGIN, 0, 0, 0, 0, DOCUMENT_AGGREGATE,
					 BLOCK_ITEMS, 0, 0, 0, 0, WIRE_REASONS,
					 1,           0, 0, 0, 7, 0,
					 0,           0, 0, 0, 0, 0 };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(decode_within(answer, sizeof(answer), G_MAXSIZE, BUDGET, &error));
	assert_non_null(strstr(error->message, "points to what is not there"));
}

static void
the_limit_on_an_answer_is_named(void **state)
{
	g_autoptr(parsed_auto) sent = parsed_at_random(0, 20);
	g_autoptr(GByteArray) bytes = encode(sent);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(decode_within(bytes->data, bytes->len, G_MAXSIZE, 50000, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT));
	assert_non_null(strstr(error->message, "max_wire_bytes (50000)"));
}

static gssize
repeat_forever(gpointer cookie, guint8 *bytes, gsize len, GError **error)
{
	const struct input *pattern = cookie;

	(void)error;
	for (gsize i = 0; i + pattern->len <= len; i += pattern->len)
		memcpy(bytes + i, pattern->bytes, pattern->len);
	return (gssize)(len - len % pattern->len);
}

static void
an_answer_without_end_ends_at_the_limit(void **state)
{
	static const guint8 note[] = { BLOCK_NOTE, 0, 0, 0, 0 };
	struct input pattern = { note, sizeof(note), 0 };
	g_autoptr(wire_in_auto) in = wire_in_new(repeat_forever, &pattern);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(wire_read_parsed(in, 1 << 20, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_of_any_kind_arrives_as_it_was),
		cmocka_unit_test(faults_and_note_arrive),
		cmocka_unit_test(records_may_go_ahead_and_a_dropped_document_is_none),
		cmocka_unit_test(raw_bytes_that_documents_share_are_sent_once),
		cmocka_unit_test(an_answer_cut_short_anywhere_is_refused),
		cmocka_unit_test(no_flipped_bit_does_harm),
		cmocka_unit_test(what_is_announced_is_not_allocated),
		cmocka_unit_test(an_item_that_points_nowhere_is_refused),
		cmocka_unit_test(the_limit_on_an_answer_is_named),
		cmocka_unit_test(an_answer_without_end_ends_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
