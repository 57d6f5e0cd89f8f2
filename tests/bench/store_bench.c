/* SPDX-License-Identifier: MIT */
/*
 * store_bench - what writing costs and how long questions take, on a stream made in memory.
 *
 *	store_bench [REPORTS [STORE [write]]]
 *
 * Reports are shaped like those of tests/support/mkreports.py: log-normal numbers of records, a few
 * big domains and many small ones, own servers, senders, forwarders, and a long tail of addresses
 * that are seen once. Prints CPU seconds, peak memory, bytes a record, and p50 / p99 of every
 * question. STORE is kept, and
 * questions are asked of it where it is there already; without it the store lives in a folder that
 * is removed. write: ask no questions.
 */
#include <glib/gstdio.h>
#include <math.h>
#include <sys/resource.h>

#include "app/judging.h"
#include "store/query.h"
#include "store/query_takedown.h"
#include "store/store.h"
#include "tests/support/store_make.h"

#define DOMAINS     40
#define REPORTERS   60
#define DAYS        90
#define FIRST_DAY   20454
#define SPOOFERS    400000
#define MEDIAN      6.0
#define SIGMA       2.1
#define RECORDS_MAX 47000
#define RUNS        200
#define NOW_OF(day) ((gint64)(day)*DAY_S + 43200)

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double
peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

/* exp(u * ln(n)): small numbers often, large ones rarely. */
static guint
skewed(GRand *rand, double n)
{
	return (guint)exp(g_rand_double(rand) * log(n));
}

static double
normal(GRand *rand)
{
	return sqrt(-2 * log(1.0 - g_rand_double(rand))) * cos(2 * G_PI * g_rand_double(rand));
}

static guint
pick_domain(GRand *rand)
{
	double sum = 0;
	double x;

	for (guint i = 0; i < DOMAINS; i++)
		sum += 1 / pow(i + 2, 0.9);
	x = g_rand_double(rand) * sum;
	for (guint i = 0; i < DOMAINS; i++)
		if ((x -= 1 / pow(i + 2, 0.9)) < 0)
			return i;
	return DOMAINS - 1;
}

struct texts {
	char ip[64];
	char domain[64];
	char envelope[64];
	char auth[256];
};

static void
make_own(GRand *rand, guint domain, struct texts *t, struct make_record *r)
{
	gboolean is_good = g_rand_double(rand) < 0.97;

	g_snprintf(t->ip, sizeof(t->ip), "192.0.2.%u", (domain * 5 + skewed(rand, 6)) % 250 + 1);
	g_snprintf(t->auth, sizeof(t->auth), "dkim %s %s s1; spf %s %s mfrom",
		   is_good ? "pass" : "fail", t->domain, is_good ? "pass" : "softfail", t->domain);
	r->count = skewed(rand, 1800);
	r->dkim = r->spf = is_good ? ALIGNED_PASS : ALIGNED_FAIL;
	r->envelope_from = t->domain;
}

static void
make_sender(GRand *rand, guint domain, struct texts *t, struct make_record *r)
{
	guint sender = (domain + skewed(rand, 4)) % 6;
	guint host = skewed(rand, 2000);
	gboolean is_good = g_rand_double(rand) < 0.93;

	g_snprintf(t->ip, sizeof(t->ip), "198.18.%u.%u", sender * 16 + host / 256, host % 256);
	g_snprintf(t->envelope, sizeof(t->envelope), "bounce.esp%u.example", sender);
	g_snprintf(t->auth, sizeof(t->auth), "%s%s%sdkim pass esp%u.example e1; spf pass %s mfrom",
		   is_good ? "dkim pass " : "", is_good ? t->domain : "", is_good ? " k1; " : "",
		   sender, t->envelope);
	r->count = skewed(rand, 4900);
	r->dkim = is_good ? ALIGNED_PASS : ALIGNED_FAIL;
	r->spf = ALIGNED_FAIL;
	r->envelope_from = t->envelope;
}

static void
make_forwarder(GRand *rand, struct texts *t, struct make_record *r)
{
	guint host = skewed(rand, 4000);
	gboolean is_good = g_rand_double(rand) < 0.8;

	g_snprintf(t->ip, sizeof(t->ip), "198.19.%u.%u", host / 256, host % 256);
	g_snprintf(t->envelope, sizeof(t->envelope), "forward%u.example", host % 4);
	g_snprintf(t->auth, sizeof(t->auth), "dkim %s %s s1; spf pass %s mfrom",
		   is_good ? "pass" : "fail", t->domain, t->envelope);
	r->count = skewed(rand, 20);
	r->dkim = is_good ? ALIGNED_PASS : ALIGNED_FAIL;
	r->spf = ALIGNED_FAIL;
	r->envelope_from = t->envelope;
	r->reason = is_good ? NULL : "mailing_list";
}

static void
make_spoofer(GRand *rand, struct texts *t, struct make_record *r)
{
	guint host = skewed(rand, SPOOFERS) * 2654435761U >> 10;
	gboolean is_bare = g_rand_double(rand) < 0.6;

	g_snprintf(t->ip, sizeof(t->ip), "100.%u.%u.%u", 64 + (host >> 16 & 63), host >> 8 & 255,
		   host & 255);
	g_snprintf(t->envelope, sizeof(t->envelope), "x%u.example", g_rand_int(rand) % 50000);
	g_snprintf(t->auth, sizeof(t->auth), "spf %s %s mfrom%s%u%s", is_bare ? "fail" : "pass",
		   is_bare ? t->domain : t->envelope, is_bare ? "" : "; dkim pass y",
		   is_bare ? 0 : g_rand_int(rand) % 9000, is_bare ? "" : ".example x");
	if (is_bare)
		t->auth[strlen(t->auth) - 1] = '\0';
	r->count = g_rand_double(rand) < 0.8 ? 1 : skewed(rand, 55);
	r->dkim = r->spf = ALIGNED_FAIL;
	r->envelope_from = is_bare ? t->domain : t->envelope;
	r->disposition = DISPOSITION_REJECT;
}

static struct document *
next_document(GRand *rand, guint i, guint n)
{
	guint domain = pick_domain(rand);
	struct texts t;
	char reporter[64];
	char id[64];
	g_snprintf(t.domain, sizeof(t.domain), "owned%02u.example", domain);
	g_snprintf(reporter, sizeof(reporter), "reporter%02u.example", skewed(rand, REPORTERS));
	g_snprintf(id, sizeof(id), "%s!%s!%u", reporter, t.domain, i);
	struct make *make = make_start(&(struct make_report){
		.domain = t.domain,
		.reporter = reporter,
		.report_id = id,
		.p = domain % 3 ? "reject" : "none",
		.day = FIRST_DAY + (gint64)i * DAYS / n,
	});
	double size = exp(log(MEDIAN) + SIGMA * normal(rand));
	guint records = (guint)CLAMP(size, 1, RECORDS_MAX);
	double tail = MIN(0.85, 0.18 + 0.11 * log(records + 1));

	for (guint k = 0; k < records; k++) {
		struct make_record record = { .disposition = DISPOSITION_NONE };
		double x = g_rand_double(rand);
		record.ip = t.ip;
		record.auth = t.auth;
		if (x < (1 - tail) * 0.45)
			make_own(rand, domain, &t, &record);
		else if (x < (1 - tail) * 0.85)
			make_sender(rand, domain, &t, &record);
		else if (x < (1 - tail) + tail * 0.25)
			make_forwarder(rand, &t, &record);
		else
			make_spoofer(rand, &t, &record);
		make_record(make, &record);
	}
	return make_end(make);
}

/* The first pass finds out what making the documents costs, apart from storing them. */
static gint64
make_all(guint n, struct store *store)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autoptr(GBytes) bytes = g_bytes_new_static("mail", 4);
	gint64 records = 0;

	for (guint i = 0; i < n; i++) {
		struct document *document = next_document(rand, i, n);
		records += document->report.records->len;
		if (!store) {
			document_free(document);
			continue;
		}
		struct parsed *parsed = parsed_new();
		g_clear_pointer(&document->raw, g_bytes_unref);
		document->carrier.is_bare = TRUE; /* its reports count: there are all classes */
		g_ptr_array_add(parsed->documents, document);
		g_autofree char *locator = g_strdup_printf("bench:%u", i);
		store_submit(store, message_new(bytes, "bench", locator, NULL, NULL), parsed, NULL);
	}
	return records;
}

static void
fail(const GError *error)
{
	g_printerr("store_bench: %s\n", error->message);
	exit(1);
}

static int
compare_doubles(gconstpointer a, gconstpointer b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* --- Questions: each is asked RUNS times, with another argument each time --- */

struct asking {
	struct store_view *view;
	GRand *rand;
	struct scope scope;
	GArray *ips;
	GError *error;
};

static void
ask_bounds(struct asking *a)
{
	struct query_bounds bounds;

	query_bounds(a->view, &a->scope, &bounds, &a->error);
}

static void
ask_class_totals(struct asking *a)
{
	struct query_class_totals totals;

	query_class_totals(a->view, &a->scope, &totals, &a->error);
}

static void
ask_days(struct asking *a)
{
	g_autoptr(GArray) days = query_days(a->view, &a->scope, &a->error);
}

static void
ask_completeness(struct asking *a)
{
	g_autoptr(GArray) days = query_completeness(a->view, &a->scope, &a->error);
}

static void
ask_domains(struct asking *a)
{
	struct scope scope = { NULL, a->scope.window };

	query_page_free(query_domains(a->view, &scope, NULL, 50, &a->error));
}

static void
ask_sources_of(struct asking *a, enum class class, enum source_order order, const char *find)
{
	struct source_question question = {
		.scope = a->scope, .class = class, .order = order, .find = find, .limit = 50
	};

	query_page_free(query_sources(a->view, &question, &a->error));
}

static void
ask_sources(struct asking *a)
{
	ask_sources_of(a, CLASS_NONE, SOURCE_ORDER_CLASS, NULL);
}

static void
ask_sources_by_messages(struct asking *a)
{
	ask_sources_of(a, CLASS_NONE, SOURCE_ORDER_MESSAGES, NULL);
}

static void
ask_unauthorized(struct asking *a)
{
	ask_sources_of(a, CLASS_UNAUTHORIZED, SOURCE_ORDER_MESSAGES, NULL);
}

static void
ask_find(struct asking *a)
{
	ask_sources_of(a, CLASS_NONE, SOURCE_ORDER_CLASS, "100.64.3.");
}

static const struct ip *
random_ip(struct asking *a, guint n)
{
	guint place = (guint)g_rand_int_range(a->rand, 0, (gint)MIN(n, a->ips->len));

	return &g_array_index(a->ips, struct ip, place);
}

static void
ask_source(struct asking *a)
{
	query_source_detail_free(
		query_source(a->view, &a->scope, random_ip(a, G_MAXINT), &a->error));
}

static void
ask_big_source(struct asking *a)
{
	query_source_detail_free(query_source(a->view, &a->scope, random_ip(a, 20), &a->error));
}

static void
ask_addresses(struct asking *a)
{
	query_page_free(query_addresses(a->view, NULL, 100, &a->error));
}

static void
ask_reports(struct asking *a)
{
	struct report_question question = { .scope = a->scope, .limit = 50 };

	query_page_free(query_reports(a->view, &question, &a->error));
}

static gint64 largest_report;
static gint64 n_reports;

static void
ask_report(struct asking *a)
{
	gint64 id = 1 + g_rand_int_range(a->rand, 0, (gint)n_reports);

	query_report_detail_free(query_report(a->view, id, &a->error));
}

static void
ask_records(struct asking *a)
{
	struct record_question question = {
		.report = 1 + g_rand_int_range(a->rand, 0, (gint)n_reports), .limit = 100
	};

	query_page_free(query_records(a->view, &question, &a->error));
}

static void
ask_records_of_largest(struct asking *a)
{
	struct record_question question = { .report = largest_report, .limit = 100 };

	query_page_free(query_records(a->view, &question, &a->error));
}

static void
ask_takedown_of(struct asking *a, gboolean want_evidence)
{
	struct takedown_question question = { .scope = a->scope,
					      .allow_documentation = TRUE,
					      .want_evidence = want_evidence,
					      .limit = 50 };

	query_page_free(query_takedown(a->view, &question, &a->error));
}

static void
ask_takedown(struct asking *a)
{
	ask_takedown_of(a, FALSE);
}

static void
ask_takedown_evidence(struct asking *a)
{
	ask_takedown_of(a, TRUE);
}

static void
ask_takedown_refused(struct asking *a)
{
	struct takedown_question question = { .scope = a->scope, .limit = 50 };

	query_page_free(query_takedown(a->view, &question, &a->error));
}

static void
ask_takedown_counts(struct asking *a)
{
	struct query_takedown_counts counts;

	query_takedown_counts(a->view, &a->scope, TRUE, &counts, &a->error);
}

static void
ask_stats(struct asking *a)
{
	query_stats_free(query_stats(a->view, &a->error));
}

static void
ask_status(struct asking *a)
{
	struct query_status status;

	query_status(a->view, &status, &a->error);
}

static const struct {
	const char *name;
	void (*ask)(struct asking *asking);
} questions[] = {
	{ "bounds", ask_bounds },
	{ "class totals", ask_class_totals },
	{ "days", ask_days },
	{ "completeness", ask_completeness },
	{ "domains", ask_domains },
	{ "sources by class", ask_sources },
	{ "sources by messages", ask_sources_by_messages },
	{ "sources unauthorized", ask_unauthorized },
	{ "sources found", ask_find },
	{ "source, any", ask_source },
	{ "source, top 20", ask_big_source },
	{ "addresses", ask_addresses },
	{ "reports", ask_reports },
	{ "report", ask_report },
	{ "records", ask_records },
	{ "records of the largest", ask_records_of_largest },
	{ "takedown", ask_takedown },
	{ "takedown, evidence", ask_takedown_evidence },
	{ "takedown, none allowed", ask_takedown_refused },
	{ "takedown counts", ask_takedown_counts },
	{ "stats", ask_stats },
	{ "status", ask_status },
};

static void
time_question(struct asking *asking, gsize q)
{
	double ms[RUNS];

	for (guint i = 0; i < RUNS; i++) {
		char domain[64];
		g_snprintf(domain, sizeof(domain), "owned%02u.example", skewed(asking->rand, 40));
		asking->scope.domain = i % 2 ? domain : NULL;
		asking->scope.window = i % N_WINDOWS;
		gint64 start = g_get_monotonic_time();
		questions[q].ask(asking);
		ms[i] = (double)(g_get_monotonic_time() - start) / 1000;
		if (asking->error)
			fail(asking->error);
	}
	qsort(ms, RUNS, sizeof(*ms), compare_doubles);
	g_print("%-24s %8.3f %8.3f ms\n", questions[q].name, ms[RUNS / 2], ms[RUNS * 99 / 100]);
}

static void
list_ips(struct asking *asking)
{
	struct source_question question = { .scope = { NULL, WINDOW_ALL },
					    .order = SOURCE_ORDER_MESSAGES,
					    .limit = 5000 };
	g_autoptr(query_page_auto) page = query_sources(asking->view, &question, &asking->error);
	if (!page)
		fail(asking->error);

	for (guint i = 0; i < page->rows->len; i++) {
		const struct query_source *source = g_ptr_array_index(page->rows, i);
		g_array_append_val(asking->ips, source->ip);
	}
	struct report_question reports = { .scope = { NULL, WINDOW_ALL }, .limit = 1000000 };
	g_autoptr(query_page_auto) all = query_reports(asking->view, &reports, &asking->error);
	gint64 records = 0;
	for (guint i = 0; all && i < all->rows->len; i++) {
		const struct query_report *report = g_ptr_array_index(all->rows, i);
		if (report->totals.records > records) {
			records = report->totals.records;
			largest_report = report->id;
		}
		n_reports = MAX(n_reports, report->id);
	}
	g_print("largest report: %" G_GINT64_FORMAT " records\n", records);
}

static void
time_questions(struct store *store)
{
	struct asking asking = { .rand = g_rand_new_with_seed(2),
				 .ips = g_array_new(FALSE, FALSE, sizeof(struct ip)) };

	asking.view = store_view_open(store, &asking.error);
	if (!asking.view)
		fail(asking.error);
	list_ips(&asking);
	g_print("%-24s %8s %8s\n", "question", "p50", "p99");
	for (gsize q = 0; q < G_N_ELEMENTS(questions); q++)
		time_question(&asking, q);
	store_view_close(asking.view);
	g_rand_free(asking.rand);
	g_array_unref(asking.ips);
}

static struct store *
open_store(const char *path)
{
	const struct store_options options = { .judge = judging_default(),
					       .now = NOW_OF(FIRST_DAY + DAYS - 1) };
	g_autofree char *url = g_strconcat("sqlite:", path, NULL);
	GError *error = NULL;
	struct store *store = store_open(url, &options, &error);

	if (!store)
		fail(error);
	return store;
}

static void
write_all(const char *path, guint n)
{
	double start = cpu_seconds();
	gint64 records = make_all(n, NULL);
	double making = cpu_seconds() - start;
	GError *error = NULL;
	GStatBuf st;

	g_print("%u reports, %" G_GINT64_FORMAT " records; making them: %.2f s CPU\n", n, records,
		making);
	gint64 wall = g_get_monotonic_time();
	start = cpu_seconds();
	struct store *store = open_store(path);
	make_all(n, store);
	double submitted = cpu_seconds() - start;
	if (!store_flush(store, &error))
		fail(error);
	double flushed = cpu_seconds() - start;
	store_close(store);
	double closed = cpu_seconds() - start;
	g_stat(path, &st);
	g_print("writing: %.2f s CPU (submitted %.2f, flushed %.2f, closed %.2f), %.2f s wall\n",
		closed - making, submitted - making, flushed - submitted, closed - flushed,
		(double)(g_get_monotonic_time() - wall) / 1e6);
	g_print("peak memory %.0f MB, %.1f bytes a record\n", peak_mb(),
		(double)st.st_size / (double)records);
}

static void
remove_store(const char *dir, const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", ".rollup-lock" };

	for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *file = g_strconcat(path, suffixes[i], NULL);
		g_remove(file);
	}
	g_rmdir(dir);
}

int
main(int argc, char **argv)
{
	guint64 n = 20000;
	g_autofree char *dir = NULL;
	g_autofree char *path = NULL;

	if (argc > 1)
		g_ascii_string_to_unsigned(argv[1], 10, 1, 10000000, &n, NULL);
	if (argc > 2) {
		path = g_strdup(argv[2]);
	} else {
		dir = g_dir_make_tmp("store-bench-XXXXXX", NULL);
		path = g_build_filename(dir, "bench.db", NULL);
	}
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		write_all(path, (guint)n);
	struct store *store = open_store(path);
	if (argc < 4)
		time_questions(store);
	store_close(store);
	if (dir)
		remove_store(dir, path);
	return 0;
}
