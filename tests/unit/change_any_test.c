/* SPDX-License-Identifier: MIT */
/* What no history whatever may lead to, on random histories with a fixed seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/changes.h"
#include "core/change.h"
#include "tests/support/history_make.h"

#define N_RANDOM 400
#define N_ROWS   50
#define N_DAYS   12 /* evaluated one after the other */

static const char *const senders[] = { "mx1", "desk", "shop" };
static const char *const reporters[] = { "google", "gmx", "docomo", "outlook" };
static const char *const addresses[] = { "192.0.2.1", "192.0.2.2", "2001:db8::1" };
static const char *const policies[] = { "none - - -", "reject - - -", "reject none s r",
					"quarantine - - -", "x - - -" };

#define PICK(rand, words) (words[g_rand_int_range(rand, 0, G_N_ELEMENTS(words))])

/* A run of days that begins on day "first", with holes now and then. */
static struct history_row
make_run(GRand *rand, enum made_row row, const char *name)
{
	int first = g_rand_int_range(rand, g_rand_boolean(rand) ? -170 : -30, 1);
	int last = first + g_rand_int_range(rand, 0, 160);

	return (struct history_row){
		.row = row,
		.name = name,
		.first = first,
		.last = MIN(last, -1) < first ? first : MIN(last, -1),
		.step = g_rand_int_range(rand, 0, 3) ? 1 : g_rand_int_range(rand, 1, 9),
		.n = g_rand_int_range(rand, 0, 2) ? g_rand_int_range(rand, 0, 400)
						  : g_rand_int_range(rand, 0, 8),
		.text = "",
	};
}

static struct history_row
make_mail(GRand *rand)
{
	struct history_row row;

	switch (g_rand_int_range(rand, 0, 4)) {
	case 0:
		row = make_run(rand, MADE_SENDER, PICK(rand, senders));
		row.m = g_rand_boolean(rand) ? row.n : g_rand_int_range(rand, 0, 400);
		return row;
	case 1:
		row = make_run(rand, MADE_CLASS, "");
		row.kind = g_rand_boolean(rand) ? CLASS_UNAUTHORIZED : CLASS_REVIEW;
		return row;
	case 2:
		row = make_run(rand, MADE_SOURCE, PICK(rand, addresses));
		row.kind = g_rand_int_range(rand, CLASS_NONE, N_CLASSES);
		row.m = g_rand_int_range(rand, 0, 3);
		return row;
	default:
		return make_run(rand, MADE_POLICY, PICK(rand, policies));
	}
}

static struct history_row
make_note(GRand *rand)
{
	struct history_row row;

	switch (g_rand_int_range(rand, 0, 6)) {
	case 0:
		row = make_run(rand, MADE_FAULT, PICK(rand, senders));
		return row;
	case 1:
		row = make_run(rand, g_rand_boolean(rand) ? MADE_OWN : MADE_RECORD,
			       PICK(rand, addresses));
		row.kind = g_rand_int_range(rand, FACT_UNKNOWN, FACT_YES + 1);
		return row;
	case 2:
		row = make_run(rand, MADE_INCIDENT, PICK(rand, senders));
		row.kind = g_rand_int_range(rand, HISTORY_QUIET, HISTORY_RESUMED + 1);
		row.last = row.first;
		return row;
	case 3:
		row = make_run(rand, MADE_SELECTOR, PICK(rand, senders));
		return row;
	case 4:
		return make_run(rand, MADE_SUBDOMAIN, PICK(rand, senders));
	default:
		return make_run(rand, MADE_DNS, PICK(rand, policies));
	}
}

static struct made_history *
make_random(GRand *rand)
{
	struct history_row rows[N_ROWS + 5] = { { .row = MADE_FIRST_DAY } };
	gsize n = 1;

	rows[0].first = g_rand_int_range(rand, -200, 0);
	if (g_rand_boolean(rand))
		rows[n++].row = MADE_REPORTS_NONE;
	if (g_rand_boolean(rand))
		rows[n++].row = MADE_WHOLE;
	while (n < N_ROWS) {
		gint choice = g_rand_int_range(rand, 0, 8);
		if (choice < 2)
			rows[n] = make_run(rand, choice == 0 ? MADE_REPORT : MADE_ALIVE,
					   PICK(rand, reporters));
		else
			rows[n] = choice < 6 ? make_mail(rand) : make_note(rand);
		rows[n].kind += rows[n].row == MADE_REPORT && g_rand_boolean(rand);
		n++;
	}
	return history_make(rows);
}

static char *
tell(const struct made_history *made)
{
	const struct change_limits limits = change_limits_default();
	g_autoptr(changes_auto) changes = changes_find(&made->history, &limits);

	return history_tell(changes->list);
}

static void
the_order_of_rows_makes_no_difference(void **state)
{
	GRand *rand = g_rand_new_with_seed(1);
	gsize told = 0;

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		g_autoptr(made_history_auto) made = make_random(rand);
		g_autofree char *first = tell(made);
		history_shuffle(made, rand);
		g_autofree char *second = tell(made);
		assert_string_equal(first, second);
		told += strlen(first);
	}
	assert_true(told > N_RANDOM * 50);
	g_rand_free(rand);
}

/* Rows of days after "through" are not there yet. */
static void
cut_after(struct made_history *made, gint64 through)
{
#define CUT(name, type)                                                      \
	for (guint i = made->name->len; i-- > 0;)                            \
		if (g_array_index(made->name, struct type, i).day > through) \
			g_array_remove_index_fast(made->name, i);
	CUT(reports, history_report)
	CUT(other_reports, history_report)
	CUT(classes, history_class)
	CUT(senders, history_sender)
	CUT(sources, history_source)
	CUT(policies, history_policy_seen)
	CUT(faults, history_fault)
	CUT(own_addresses, history_state)
	CUT(incidents, history_incident)
	CUT(records, history_state)
	history_make_again(made);
}

static struct changes *
find_as_of(guint32 seed, gint64 today)
{
	const struct change_limits limits = change_limits_default();
	GRand *same = g_rand_new_with_seed(seed);
	g_autoptr(made_history_auto) made = make_random(same);

	g_rand_free(same);
	cut_after(made, today - 1);
	made->history.today = today;
	made->history.from = today - 10;
	return changes_find(&made->history, &limits);
}

/* For people two changes may be one though their keys differ: the same silence, or a fall, a rise
 * or a fault that goes on. */
static gboolean
is_same_to_people(const struct change *a, const struct change *b)
{
	if (a->kind != b->kind || !g_str_equal(a->object, b->object) ||
	    !g_str_equal(a->part, b->part))
		return FALSE;
	switch ((gint)a->kind) {
	case CHANGE_SENDER_SILENT:
	case CHANGE_REPORTER_SILENT:
	case CHANGE_SELECTOR_GONE:
		return a->numbers[1].n == b->numbers[1].n;
	case CHANGE_PASS_RATE_FELL:
	case CHANGE_FAULTS_BEGAN:
		return ABS(a->day - b->day) <= 7;
	case CHANGE_REPORTS_STOPPED:
		return ABS(a->day - b->day) <= 4;
	case CHANGE_SPOOFING_ROSE:
		return ABS(a->day - b->day) <= 1;
	default:
		return change_kinds[a->kind].is_once || a->day == b->day;
	}
}

/* The change is told unless its key was seen; nothing like it may have been told before. */
static void
tell_news(const GPtrArray *changes, guint k, GHashTable *seen, GPtrArray *told)
{
	const struct change *change = changes->pdata[k];
	char key[CHANGE_KEY_LEN];

	if (!g_hash_table_add(seen, g_strdup(change_key(change, key))))
		return;
	for (guint i = 0; i < told->len; i++)
		if (is_same_to_people(told->pdata[i], change))
			fail_msg("told twice: %s", history_tell(changes));
	g_ptr_array_add(told, change_copy(change));
}

/* One day after the other, with what is known at its end: nothing is told twice. */
static void
evaluated_day_by_day_nothing_is_told_twice(void **state)
{
	GRand *rand = g_rand_new_with_seed(2);
	guint n_told[N_CHANGE_KINDS] = { 0 };

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		g_autoptr(GHashTable) seen =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
		guint32 seed = g_rand_int(rand);
		for (gint64 today = TODAY - N_DAYS; today <= TODAY; today++) {
			g_autoptr(changes_auto) changes = find_as_of(seed, today);
			for (guint k = 0; k < changes->list->len; k++)
				tell_news(changes->list, k, seen, told);
		}
		for (guint k = 0; k < told->len; k++)
			n_told[((const struct change *)told->pdata[k])->kind]++;
	}
	for (enum change_kind kind = CHANGE_SOURCE_NEW; kind < N_CHANGE_KINDS; kind++)
		if (kind != CHANGE_NETWORK_NEW && n_told[kind] < 3)
			fail_msg("%s was told %u times", change_kinds[kind].name, n_told[kind]);
	g_rand_free(rand);
}

static gboolean
has_key(const GPtrArray *changes, const struct change *change)
{
	char want[CHANGE_KEY_LEN];
	char key[CHANGE_KEY_LEN];

	change_key(change, want);
	for (guint i = 0; i < changes->len; i++)
		if (g_str_equal(change_key(changes->pdata[i], key), want))
			return TRUE;
	return FALSE;
}

static void
add_late_report(struct made_history *made, GRand *rand, gint64 day)
{
	const struct history_report report = { PICK(rand, reporters), day, 0 };
	const struct history_class class = { CLASS_UNAUTHORIZED, day,
					     g_rand_int_range(rand, 0, 500) };
	const struct history_sender sender = { PICK(rand, senders), day,
					       g_rand_int_range(rand, 1, 500), 0 };

	g_array_append_val(made->reports, report);
	g_array_append_val(made->classes, class);
	g_array_append_val(made->senders, sender);
	if (made->sources->len > 0) {
		struct history_source source =
			g_array_index(made->sources, struct history_source,
				      (guint)g_rand_int_range(rand, 0, (gint)made->sources->len));
		source.day = day;
		g_array_append_val(made->sources, source);
	}
	history_make_again(made);
}

/* What was said stays said, word for word but for totals that grow, and under its key. */
static void
a_late_report_for_an_incomplete_day_takes_nothing_back(void **state)
{
	const struct change_limits limits = change_limits_default();
	GRand *rand = g_rand_new_with_seed(3);
	guint n_kept = 0;

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		g_autoptr(made_history_auto) made = make_random(rand);
		g_autoptr(changes_auto) before = changes_find(&made->history, &limits);
		gint64 day = g_rand_int_range(rand, (gint)before->complete_through + 1, TODAY + 1);
		add_late_report(made, rand, day);
		g_autoptr(changes_auto) after = changes_find(&made->history, &limits);
		assert_true(after->complete_through >= before->complete_through);
		for (guint k = 0; k < before->list->len; k++, n_kept++)
			assert_true(has_key(after->list, before->list->pdata[k]));
	}
	assert_true(n_kept > N_RANDOM);
	g_rand_free(rand);
}

static void
no_rule_of_reports_speaks_of_an_incomplete_day(void **state)
{
	const struct change_limits limits = change_limits_default();
	GRand *rand = g_rand_new_with_seed(4);
	guint n = 0;

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		g_autoptr(made_history_auto) made = make_random(rand);
		g_autoptr(changes_auto) changes = changes_find(&made->history, &limits);
		for (guint k = 0; k < changes->list->len; k++) {
			const struct change *change = changes->list->pdata[k];
			assert_true(change->day >= made->history.from && change->day <= TODAY);
			if (change_kinds[change->kind].rule > CHANGE_RULE_REPORTER)
				continue;
			assert_true(change->day <= changes->complete_through);
			n++;
		}
	}
	assert_true(n > N_RANDOM);
	g_rand_free(rand);
}

static const gint64 numbers[] = { G_MININT64,     -1,        0, 1, TODAY - 20, TODAY - 2, TODAY + 1,
				  G_MAXINT64 - 1, G_MAXINT64 };

static gint64
spoil(GRand *rand, gint64 number)
{
	return g_rand_int_range(rand, 0, 3) ? number : PICK(rand, numbers);
}

#define SPOIL(made, name, type, member)                                                   \
	for (guint k_##member = 0; k_##member < (made)->name->len; k_##member++) {        \
		struct type *row = &g_array_index((made)->name, struct type, k_##member); \
		row->member = spoil(rand, row->member);                                   \
	}

static void
spoil_rows(struct made_history *made, GRand *rand)
{
	SPOIL(made, reports, history_report, day)
	SPOIL(made, reports, history_report, first_day)
	SPOIL(made, classes, history_class, messages)
	SPOIL(made, senders, history_sender, day)
	SPOIL(made, senders, history_sender, messages)
	SPOIL(made, senders, history_sender, pass)
	SPOIL(made, sources, history_source, day)
	SPOIL(made, sources, history_source, first_day)
	SPOIL(made, sources, history_source, messages)
	SPOIL(made, selectors, history_selector, first_day)
	SPOIL(made, selectors, history_selector, last_day)
	SPOIL(made, selectors, history_selector, days)
	SPOIL(made, subdomains, history_subdomain, first_day)
	SPOIL(made, policies, history_policy_seen, number)
	SPOIL(made, policies, history_policy_seen, day)
	SPOIL(made, policies, history_policy_seen, reporters)
	SPOIL(made, faults, history_fault, day)
	SPOIL(made, faults, history_fault, mails)
	SPOIL(made, own_addresses, history_state, day)
	SPOIL(made, incidents, history_incident, day)
	made->history.dns.since_day = spoil(rand, TODAY - 5);
	made->history.first_day = spoil(rand, TODAY - 80);
	made->history.from = spoil(rand, TODAY - 30);
}

/* Whatever the numbers: nothing wraps, nothing is read beyond its end, and the order of rows still
 * makes no difference. The sanitizers look on. */
static void
any_number_is_taken(void **state)
{
	GRand *rand = g_rand_new_with_seed(5);

	(void)state;
	for (guint i = 0; i < N_RANDOM; i++) {
		g_autoptr(made_history_auto) made = make_random(rand);
		spoil_rows(made, rand);
		g_autofree char *first = tell(made);
		history_shuffle(made, rand);
		g_autofree char *second = tell(made);
		assert_string_equal(first, second);
	}
	g_rand_free(rand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_rows_makes_no_difference),
		cmocka_unit_test(evaluated_day_by_day_nothing_is_told_twice),
		cmocka_unit_test(a_late_report_for_an_incomplete_day_takes_nothing_back),
		cmocka_unit_test(no_rule_of_reports_speaks_of_an_incomplete_day),
		cmocka_unit_test(any_number_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
