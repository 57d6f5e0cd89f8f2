/* SPDX-License-Identifier: MIT */
/* The answer of a worker that is in somebody else's hands: whatever is accepted can be used. */
#include "core/identity.h"
#include "core/wire.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

struct input {
	const guint8 *bytes;
	gsize len;
};

static gssize
give(gpointer cookie, guint8 *bytes, gsize len, GError **error)
{
	struct input *input = cookie;
	gsize n = MIN(len, input->len);

	(void)error;
	if (n > 0)
		memcpy(bytes, input->bytes, n);
	input->bytes += n;
	input->len -= n;
	return (gssize)n;
}

static gboolean
swallow(gpointer cookie, const guint8 *bytes, gsize len, GError **error)
{
	(void)bytes;
	(void)error;
	*(gsize *)cookie += len;
	return TRUE;
}

static void
check_records(const struct report *report)
{
	for (guint i = 0; i < report->records->len; i++) {
		const struct record *record = &g_array_index(report->records, struct record, i);
		const struct run *run =
			&g_array_index(report->auth_sets, struct run, record->auth_set);
		g_assert(run->first + run->n <= report->auth_results->len);
		g_assert(g_utf8_validate(report_name(report, record->header_from), -1, NULL));
		g_assert(record->count >= 0);
	}
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	struct input input = { bytes, len };
	g_autoptr(wire_in_auto) in = wire_in_new(give, &input);
	g_autoptr(parsed_auto) parsed = wire_read_parsed(in, 1 << 20, NULL);
	gsize written = 0;

	if (!parsed)
		return 0;
	for (guint i = 0; i < parsed->documents->len; i++) {
		struct document *document = g_ptr_array_index(parsed->documents, i);
		if (!document_shape(document->kind))
			check_records(&document->report);
		(void)identity_of(document);
	}
	/* What was read can be said again. */
	g_autoptr(wire_out_auto) out = wire_out_new(swallow, &written);
	struct wire_writer *writer = wire_writer_new(out);
	g_assert(wire_send_parsed(writer, parsed, NULL));
	g_assert(written > 0);
	wire_writer_free(writer);
	return 0;
}
