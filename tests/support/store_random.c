/* SPDX-License-Identifier: MIT */
#include "tests/support/store_random.h"

#include "tests/support/store_make.h"

static const char *const domains[] = { "shop.example", "bank.example", "mail.shop.example" };
static const char *const reporters[] = { "Big Mail", "big mail", "small.example", "Third Host" };
static const char *const auths[] = {
	NULL,
	"spf pass bounce.sender.example mfrom; dkim pass sender.example e1",
	"spf fail shop.example mfrom",
	"dkim pass shop.example s1; spf pass shop.example mfrom",
	"spf softfail bank.example helo; dkim fail bank.example k1; dkim pass list.example l",
};
static const char *const reasons[] = {
	NULL, NULL, NULL, "mailing_list", "local_policy", "forwarded"
};

#define PICK(rand, array) (array)[g_rand_int_range(rand, 0, G_N_ELEMENTS(array))]

static void
add_record(GRand *rand, struct make *make)
{
	char ip[64];
	struct make_record record = {
		.ip = ip,
		.count = g_rand_int_range(rand, 0, 10) ? g_rand_int_range(rand, 1, 50) : 0,
		.disposition = (enum disposition)g_rand_int_range(rand, 0, N_DISPOSITIONS),
		.disposition_name = "odd",
		.dkim = (enum aligned)g_rand_int_range(rand, 0, N_ALIGNED),
		.spf = (enum aligned)g_rand_int_range(rand, 0, N_ALIGNED),
		.auth = PICK(rand, auths),
		.reason = PICK(rand, reasons),
		.comment = g_rand_boolean(rand) ? "arc=pass" : "",
		.envelope_from = PICK(rand, domains),
	};
	gint host = g_rand_int_range(rand, 0, 25);

	if (host == 24)
		g_snprintf(ip, sizeof(ip), "not an address");
	else if (host % 4 == 3)
		g_snprintf(ip, sizeof(ip), "2001:db8:1::%x", host);
	else if (host % 4 == 2)
		g_snprintf(ip, sizeof(ip), "8.8.%d.8", host);
	else
		g_snprintf(ip, sizeof(ip), "192.0.2.%d", host + 1);
	/* A spoofer's addresses never pass, so that all classes come about. */
	if (host % 4 == 2) {
		record.dkim = record.spf = ALIGNED_FAIL;
		record.reason = NULL;
		record.auth = "spf fail shop.example mfrom";
	}
	make_record(make, &record);
}

struct document *
random_document(guint32 number, gint64 today)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(number);
	char id[32];
	struct make_report report = {
		.domain = PICK(rand, domains),
		.reporter = PICK(rand, reporters),
		.report_id = id,
		.p = g_rand_boolean(rand) ? "reject" : "none",
		.day = today - g_rand_int_range(rand, 0, 120),
	};

	g_snprintf(id, sizeof(id), "random-%u", number);
	if (g_rand_int_range(rand, 0, 8) == 0) {
		report.begin_at = report.day * DAY_S + g_rand_int_range(rand, 0, DAY_S);
		report.end_at = report.begin_at + g_rand_int_range(rand, 1, 40) * DAY_S -
				g_rand_int_range(rand, 0, 2);
	}
	if (g_rand_int_range(rand, 0, 20) == 0)
		report.day = today + g_rand_int_range(rand, 1, 400);
	struct make *make = make_start(&report);
	gint records = g_rand_int_range(rand, 0, 20);
	for (gint i = 0; i < records; i++)
		add_record(rand, make);
	struct document *document = make_end(make);
	document->carrier.is_bare = number % 2;
	return document;
}

void
random_sum(struct random_sums *sums, const struct document *document)
{
	const GArray *records = document->report.records;

	sums->reports++;
	sums->records += records->len;
	for (guint i = 0; i < records->len; i++) {
		const struct record *record = &g_array_index(records, struct record, i);
		sums->messages += record->count;
		if (record_is_pass(record))
			sums->pass += record->count;
	}
}
