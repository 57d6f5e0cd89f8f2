/* SPDX-License-Identifier: MIT */
/* Histories: what they say is what the reports say, added up by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/policy_number.h"
#include "store/query_history.h"
#include "tests/support/store_make.h"
#include "tests/support/store_place.h"

#define REPORTS     400
#define DAYS        30
#define FROM        (PLACE_TODAY - DAYS)
#define BASE        (FROM - HISTORY_DAYS)
#define SOURCE_DAYS 10

#define PICK(rand, array) (array)[g_rand_int_range(rand, 0, G_N_ELEMENTS(array))]

static const char *const domains[] = { "shop.example", "bank.example" };
static const char *const reporters[] = { "Big Mail", "big mail", "small.example", "Third Host" };
static const char *const policies[] = { "none", "Reject", "quarantine", "", "odd" };
static const char *const strictness[] = { "", "r", "s", "S" };
/* Words before the first "." of the From name; a name that begins with "=" is whole. */
static const char *const froms[] = { NULL, NULL, "news.", "News.", "a.b.", "=other.example", "=e" };

/* What is added up by hand: a text for each row, and its number. */
struct sums {
	const char *domain;
	GHashTable *rows;
	GHashTable *sources; /* "IP" -> struct query_source *, borrowed */
};

static void add(struct sums *sums, gint64 n, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
add(struct sums *sums, gint64 n, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *key = g_strdup_vprintf(format, args);
	va_end(args);
	gint64 *sum = g_hash_table_lookup(sums->rows, key);
	if (sum) {
		*sum += n;
		g_free(key);
		return;
	}
	g_hash_table_insert(sums->rows, key, g_memdup2(&n, sizeof(n)));
}

static gint
compare_lines(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *
tell(const struct sums *sums)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer key;
	gpointer n;

	g_hash_table_iter_init(&iter, sums->rows);
	while (g_hash_table_iter_next(&iter, &key, &n))
		g_ptr_array_add(lines, g_strdup_printf("%s = %" G_GINT64_FORMAT, (const char *)key,
						       *(gint64 *)n));
	g_ptr_array_sort(lines, compare_lines);
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (char **)lines->pdata);
}

/* --- Reports --- */

static void
add_record(GRand *rand, struct make *make, const char *domain)
{
	char ip[16];
	guint host = (guint)g_rand_int_range(rand, 1, 9);
	guint signs = (guint)g_rand_int_range(rand, 0, 3);
	const char *word = PICK(rand, froms);
	g_autofree char *from = !word ? g_strdup(domain)
				: word[0] == '='
					? g_strconcat(word + 1, word[1] == 'e' ? domain : "", NULL)
					: g_strconcat(word, domain, NULL);
	g_autofree char *auth =
		signs == 2 ? g_strdup_printf("dkim pass %s s1; dkim pass %s s2", domain, domain)
			   : g_strdup_printf("dkim pass %s s1", domain);

	/* The last ones are never signed, so that there are all classes. */
	if (host > 5)
		signs = 0;
	g_snprintf(ip, sizeof(ip), "192.0.2.%u", host);
	make_record(make, &(struct make_record){
				  .ip = ip,
				  .count = g_rand_int_range(rand, 1, 50),
				  .dkim = signs ? ALIGNED_PASS : ALIGNED_FAIL,
				  .spf = ALIGNED_FAIL,
				  .header_from = from,
				  .auth = signs ? auth : "spf fail bad.example mfrom",
			  });
}

static struct document *
make_random(guint32 number)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(number);
	char id[32];
	const char *domain = PICK(rand, domains);
	struct make_report report = {
		.domain = domain,
		.reporter = PICK(rand, reporters),
		.report_id = id,
		.p = PICK(rand, policies),
		.day = PLACE_TODAY - g_rand_int_range(rand, -3, 230),
	};

	g_snprintf(id, sizeof(id), "random-%u", number);
	struct make *make = make_start(&report);
	for (gint n = g_rand_int_range(rand, 1, 6); n > 0; n--)
		add_record(rand, make, domain);
	struct document *document = make_end(make);
	document->report.policy.sp = PICK(rand, policies);
	document->report.policy.adkim = PICK(rand, strictness);
	document->report.policy.aspf = PICK(rand, strictness);
	document->carrier.is_bare = number % 2;
	return document;
}

static void
send_all(struct store_place *place)
{
	struct outcomes outcomes = { { 0 } };

	for (guint i = 1; i <= REPORTS; i++)
		store_place_send(place, make_random(i), &outcomes);
	store_place_flush(place);
	assert_int_equal(outcomes.of[OUTCOME_STORED], REPORTS);
}

/* --- By hand --- */

struct span {
	gint64 first;
	gint64 last;
	GHashTable *days;
	gint64 messages;
};

static struct span *
span_of(GHashTable *spans, const char *name, gint64 day)
{
	struct span *span = g_hash_table_lookup(spans, name);

	if (!span) {
		span = g_new0(struct span, 1);
		span->first = span->last = day;
		span->days = g_hash_table_new(NULL, NULL);
		g_hash_table_insert(spans, g_strdup(name), span);
	}
	span->first = MIN(span->first, day);
	span->last = MAX(span->last, day);
	g_hash_table_add(span->days, GINT_TO_POINTER((gint)day));
	return span;
}

static void
span_free(gpointer data)
{
	struct span *span = data;

	g_hash_table_unref(span->days);
	g_free(span);
}

static gboolean
is_looked_at(gint64 day)
{
	return day >= BASE && day <= PLACE_TODAY;
}

static gboolean
is_newcomer(const struct query_source *source)
{
	return source->class >= CLASS_FIX && source->class <= CLASS_UNAUTHORIZED &&
	       source->first_day >= FROM - SOURCE_DAYS && source->first_day <= PLACE_TODAY;
}

static void
sum_sender(struct sums *sums, const struct query_source *source, const struct record *record,
	   gint64 day)
{
	if ((source->class != CLASS_AUTHORIZED && source->class != CLASS_FIX) || !*source->sender)
		return;
	add(sums, record->count, "sender %s %d", source->sender, (int)day);
	add(sums, record_is_pass(record) ? record->count : 0, "sender %s %d pass", source->sender,
	    (int)day);
}

static void
sum_source(struct sums *sums, const struct record *record, gint64 day)
{
	char ip[IP_TEXT_LEN];
	const struct query_source *source =
		g_hash_table_lookup(sums->sources, ip_format(&record->source_ip, ip));

	assert_non_null(source);
	if (is_looked_at(day)) {
		add(sums, record->count, "class %s %d", class_name(source->class), (int)day);
		sum_sender(sums, source, record, day);
	}
	if (is_newcomer(source) && day <= PLACE_TODAY)
		add(sums, record->count, "source %s %s %d %d", ip, class_name(source->class),
		    (int)source->first_day, (int)day);
}

static void
sum_report(struct sums *sums, const struct document *document, GHashTable *selectors,
	   GHashTable *names)
{
	const struct report *report = &document->report;
	gint64 day = report->begin_at / DAY_S;
	g_autofree char *suffix = g_strconcat(".", sums->domain, NULL);

	for (guint i = 0; i < report->records->len; i++) {
		const struct record *record = &g_array_index(report->records, struct record, i);
		const char *from = g_ptr_array_index(report->names, record->header_from);
		g_autofree char *lower = g_ascii_strdown(from, -1);
		sum_source(sums, record, day);
		if (g_str_has_suffix(lower, suffix))
			span_of(names, lower, day)->messages += record->count;
		if (day > PLACE_TODAY || record->dkim != ALIGNED_PASS)
			continue;
		const struct run *set =
			&g_array_index(report->auth_sets, struct run, record->auth_set);
		for (guint k = 0; k < set->n; k++) {
			const struct auth_result *result = &g_array_index(
				report->auth_results, struct auth_result, set->first + k);
			span_of(selectors, g_ptr_array_index(report->names, result->selector), day);
		}
	}
}

/* Distinct reporters by day, and by policy and day. */
static void
sum_reporter(struct sums *sums, const struct document *document, GHashTable *seen)
{
	const struct report *report = &document->report;
	gint64 day = report->begin_at / DAY_S;
	const struct policy *p = &report->policy;
	g_autofree char *reporter = g_utf8_casefold(report_reporter(report), -1);
	g_autofree char *sp =
		g_ascii_strdown(*p->sp && !g_str_equal(p->sp, "odd") ? p->sp : p->p, -1);
	g_autofree char *word = g_ascii_strdown(p->p, -1);
	g_autofree char *policy = g_strdup_printf(
		"policy %s %s %s %s %d", word, sp, g_ascii_strcasecmp(p->adkim, "s") ? "r" : "s",
		g_ascii_strcasecmp(p->aspf, "s") ? "r" : "s", (int)day);

	if (!is_looked_at(day))
		return;
	if (g_hash_table_add(seen, g_strdup_printf("%s %d", reporter, (int)day)))
		add(sums, 1, "report %s %d", reporter, (int)day);
	if (*word && !g_str_equal(word, "odd") &&
	    g_hash_table_add(seen, g_strdup_printf("%s %s", reporter, policy)))
		add(sums, 1, "%s", policy);
}

static void
add_spans(struct sums *sums, GHashTable *selectors, GHashTable *names)
{
	GHashTableIter iter;
	gpointer key;
	gpointer value;

	g_hash_table_iter_init(&iter, selectors);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const struct span *span = value;
		add(sums, g_hash_table_size(span->days), "selector %s %s %d %d", (const char *)key,
		    sums->domain, (int)span->first, (int)span->last);
	}
	g_hash_table_iter_init(&iter, names);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const struct span *span = value;
		if (span->first >= FROM && span->first <= PLACE_TODAY)
			add(sums, span->messages, "from %s %d", (const char *)key,
			    (int)span->first);
	}
}

static void
sum_all(struct sums *sums)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) names =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, span_free);
	g_autoptr(GHashTable) selectors =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, span_free);

	for (guint i = 1; i <= REPORTS; i++) {
		g_autoptr(document_auto) document = make_random(i);
		if (!g_str_equal(document->report.policy.domain, sums->domain))
			continue;
		sum_report(sums, document, selectors, names);
		sum_reporter(sums, document, seen);
	}
	add_spans(sums, selectors, names);
}

/* --- By the store --- */

static void
read_history(struct sums *sums, const struct history *h)
{
	char ip[IP_TEXT_LEN];

	for (gsize i = 0; i < h->n_reports; i++)
		add(sums, 1, "report %s %d", h->reports[i].reporter, (int)h->reports[i].day);
	for (gsize i = 0; i < h->n_classes; i++)
		if (h->classes[i].messages > 0)
			add(sums, h->classes[i].messages, "class %s %d",
			    class_name(h->classes[i].class), (int)h->classes[i].day);
	for (gsize i = 0; i < h->n_senders; i++) {
		const struct history_sender *s = &h->senders[i];
		add(sums, s->messages, "sender %s %d", s->sender, (int)s->day);
		add(sums, s->pass, "sender %s %d pass", s->sender, (int)s->day);
	}
	for (gsize i = 0; i < h->n_sources; i++) {
		const struct history_source *s = &h->sources[i];
		add(sums, s->messages, "source %s %s %d %d", ip_format(&s->ip, ip),
		    class_name(s->class), (int)s->first_day, (int)s->day);
	}
	for (gsize i = 0; i < h->n_selectors; i++) {
		const struct history_selector *s = &h->selectors[i];
		add(sums, s->days, "selector %s %s %d %d", s->selector, s->domain,
		    (int)s->first_day, (int)s->last_day);
	}
	for (gsize i = 0; i < h->n_subdomains; i++)
		add(sums, h->subdomains[i].messages, "from %s %d", h->subdomains[i].name,
		    (int)h->subdomains[i].first_day);
	for (gsize i = 0; i < h->n_policies; i++) {
		const struct history_policy p = policy_of_number((gint)h->policies[i].number);
		add(sums, h->policies[i].reporters, "policy %s %s %s %s %d", p.p, p.sp, p.adkim,
		    p.aspf, (int)h->policies[i].day);
	}
}

static struct query_histories *
ask(struct store_place *place)
{
	const struct history_question question = { .days = DAYS, .source_days = SOURCE_DAYS };
	g_autoptr(GError) error = NULL;
	struct query_histories *histories =
		query_histories_new(store_place_view(place), &question, &error);

	if (!histories)
		fail_msg("%s", error->message);
	return histories;
}

static struct query_page *
read_sources(struct store_place *place, const char *domain, GHashTable *sources)
{
	const struct source_question question = {
		.scope = { domain, WINDOW_ALL },
		.limit = 1000,
	};
	struct query_page *page = query_sources(store_place_view(place), &question, NULL);
	char ip[IP_TEXT_LEN];

	assert_non_null(page);
	for (guint i = 0; i < page->rows->len; i++) {
		struct query_source *source = g_ptr_array_index(page->rows, i);
		g_hash_table_insert(sources, g_strdup(ip_format(&source->ip, ip)), source);
	}
	return page;
}

static void
a_history_is_what_the_reports_say(void **state)
{
	struct store_place *place = *state;

	send_all(place);
	g_autoptr(query_histories_auto) histories = ask(place);
	for (gsize i = 0; i < G_N_ELEMENTS(domains); i++) {
		g_autoptr(GHashTable) want =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
		g_autoptr(GHashTable) got =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
		g_autoptr(GHashTable) sources =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		g_autoptr(query_page_auto) page = read_sources(place, domains[i], sources);
		struct sums by_hand = { domains[i], want, sources };
		struct sums by_store = { domains[i], got, NULL };
		sum_all(&by_hand);
		const struct history *history = query_history(histories, domains[i], NULL);
		assert_non_null(history);
		read_history(&by_store, history);
		g_autofree char *want_text = tell(&by_hand);
		g_autofree char *got_text = tell(&by_store);
		assert_string_equal(got_text, want_text);
		assert_int_equal(history->today, PLACE_TODAY);
	}
}

static void
a_history_of_all_knows_since_when_reporters_report(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GHashTable) first = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	send_all(place);
	for (guint i = 1; i <= REPORTS; i++) {
		g_autoptr(document_auto) document = make_random(i);
		char *name = g_utf8_casefold(report_reporter(&document->report), -1);
		gint day = (gint)(document->report.begin_at / DAY_S);
		gint known = GPOINTER_TO_INT(g_hash_table_lookup(first, name));
		g_hash_table_insert(first, name, GINT_TO_POINTER(known ? MIN(known, day) : day));
	}
	g_autoptr(query_histories_auto) histories = ask(place);
	const struct history *history = query_history(histories, "", NULL);
	assert_non_null(history);
	assert_true(history->n_reports > 0);
	for (gsize i = 0; i < history->n_reports; i++)
		assert_int_equal(
			history->reports[i].first_day,
			GPOINTER_TO_INT(g_hash_table_lookup(first, history->reports[i].reporter)));
	assert_int_equal(history->n_senders + history->n_sources + history->n_classes, 0);
}

static void
mails_that_cannot_be_read_are_faults_of_their_day(void **state)
{
	struct store_place *place = *state;

	store_place_submit_parsed(place, NULL, "one", "line 7: not XML");
	store_place_submit_parsed(place, NULL, "two", "line 9: not XML");
	g_autoptr(query_histories_auto) histories = ask(place);
	const struct history *history = query_history(histories, "", NULL);
	assert_non_null(history);
	assert_int_equal(history->n_faults, 1);
	assert_int_equal(history->faults[0].mails, 2);
	assert_int_equal(history->faults[0].day, PLACE_TODAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_history_is_what_the_reports_say, store_place_open,
						store_place_close),
		cmocka_unit_test_setup_teardown(a_history_of_all_knows_since_when_reporters_report,
						store_place_open, store_place_close),
		cmocka_unit_test_setup_teardown(mails_that_cannot_be_read_are_faults_of_their_day,
						store_place_open, store_place_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
