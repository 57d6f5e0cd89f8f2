/* SPDX-License-Identifier: MIT */
/* Any input at all: mails, archives, XML. Twice, and both answers have to agree. */
#include "core/identity.h"
#include "ingest/parse.h"
#include "tests/fuzz/check_document.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	parse_init();
	return 0;
}

static void
check_record(const struct report *report, const struct record *record)
{
	g_assert(record->count >= 0);
	g_assert(record->auth_set < report->auth_sets->len);
	g_assert(record->reason_set < report->reason_sets->len);
	g_assert(record->header_from < report->names->len);
	g_assert(record->dkim < N_ALIGNED && record->spf < N_ALIGNED);
	g_assert(record->disposition < N_DISPOSITIONS);
}

static void
check_report(const struct document *document)
{
	const struct report *report = &document->report;

	g_assert(*report->policy.domain);
	g_assert(report->begin_at >= 0 && report->end_at >= 0);
	for (guint i = 0; i < report->names->len; i++)
		g_assert(g_utf8_validate(report_name(report, i), -1, NULL));
	for (guint i = 0; i < report->records->len; i++)
		check_record(report, &g_array_index(report->records, struct record, i));
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	/* Small limits: what is looked for is not slowness. */
	static const struct parse_limits limits = {
		.unpacked_bytes = 1 << 20,
		.total_bytes = 4 << 20,
		.entries = 50,
		.want_raw = TRUE,
	};
	g_autoptr(GBytes) input = g_bytes_new_static(bytes, len);
	g_autoptr(parsed_auto) parsed = parse(input, &limits, 1700000000);
	g_autoptr(parsed_auto) again = parse(input, &limits, 1700000000);

	g_assert(parsed_verdict(parsed) == parsed_verdict(again));
	g_assert(parsed->documents->len == again->documents->len);
	g_assert(parsed->documents->len > 0 || parsed->faults->len > 0 || parsed->note);
	for (guint i = 0; i < parsed->documents->len; i++) {
		const struct document *document = g_ptr_array_index(parsed->documents, i);
		check_document(document);
		if (document->kind == DOCUMENT_AGGREGATE)
			check_report(document);
		struct identity one = identity_of(document);
		struct identity two = identity_of(g_ptr_array_index(again->documents, i));
		g_assert(memcmp(&one, &two, sizeof(one)) == 0);
	}
	return 0;
}
