/* SPDX-License-Identifier: MIT */
/* When a day counts, and that rules leave the others alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/change_days.h"
#include "analysis/changes.h"
#include "tests/support/history_make.h"

struct example {
	const char *what;
	struct history_row rows[8];
	int through;         /* the last day that counts, as seen from today */
	const char *missing; /* of the day after it */
};

#define BOTH(last_google, last_gmx)                                                        \
	{ .row = MADE_REPORTS_NONE }, { MADE_REPORT, "google", -80, .last = last_google }, \
	{                                                                                  \
		MADE_REPORT, "gmx", -80, .last = last_gmx                                  \
	}

static const struct example examples[] = {
	{ "both are in for yesterday", { BOTH(-1, -1) }, -1, "" },
	{ "one is missing", { BOTH(-1, -2) }, -2, "gmx" },
	{ "both are missing", { BOTH(-2, -2) }, -2, "gmx google" },
	{ "one is missing for three days", { BOTH(-1, -4) }, -4, "gmx" },
	{ "older than three days is complete", { BOTH(-1, -5) }, -4, "gmx" },
	{ "a day behind one that is not complete does not count",
	  { BOTH(-3, -3),
	    { MADE_REPORT, "google", .first = -1 },
	    { MADE_REPORT, "gmx", .first = -1 } },
	  -3,
	  "gmx google" },
	{ "usual is half of fourteen days",
	  { BOTH(-1, -1), { MADE_REPORT, "new", -8, .last = -2 } },
	  -2,
	  "new" },
	{ "less than half is not usual",
	  { BOTH(-1, -1), { MADE_REPORT, "new", -7, .last = -2 } },
	  -1,
	  "" },
	{ "nobody is usual: age alone", { { .row = MADE_REPORTS_NONE } }, -4, "" },
	{ "who stopped is usual no longer",
	  { BOTH(-1, -1), { MADE_REPORT, "old", -80, .last = -12 } },
	  -1,
	  "" },
	{ "who stopped is usual for a week",
	  { BOTH(-1, -1), { MADE_REPORT, "old", -80, .last = -11 } },
	  -4,
	  "old" },
};

static char *
tell_missing(const struct change_days *days)
{
	g_autoptr(GPtrArray) missing =
		change_days_missing(days, change_days_complete_through(days) + 1);

	g_ptr_array_add(missing, NULL);
	return g_strjoinv(" ", (char **)missing->pdata);
}

static void
a_day_is_complete_when_its_usual_reporters_are_in_or_it_is_old(void **state)
{
	const struct change_limits limits = change_limits_default();

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(examples); i++) {
		g_autoptr(made_history_auto) made = history_make(examples[i].rows);
		g_autoptr(change_days_auto) days = change_days_new(&made->history, &limits);
		g_autofree char *missing = tell_missing(days);
		gint64 through = change_days_complete_through(days) - TODAY;
		if (through != examples[i].through || !g_str_equal(missing, examples[i].missing))
			fail_msg("%s: want %d without %s, got %d without %s", examples[i].what,
				 examples[i].through, examples[i].missing, (int)through, missing);
	}
}

static struct change_day
day_of(const struct history_row *rows, gint64 day)
{
	const struct change_limits limits = change_limits_default();
	g_autoptr(made_history_auto) made = history_make(rows);
	g_autoptr(change_days_auto) days = change_days_new(&made->history, &limits);

	return days->days[TODAY + day - days->base];
}

static void
a_day_that_few_reporters_saw_is_complete_but_not_seen(void **state)
{
	const struct history_row blind[] = { BOTH(-10, -10), { .row = MADE_END } };
	const struct history_row half[] = { BOTH(-1, -10), { .row = MADE_END } };
	const struct history_row other[] = { BOTH(-10, -10),
					     { MADE_ALIVE, "google", -9, .last = -1 },
					     { .row = MADE_END } };
	struct change_day day = day_of(blind, -9);

	(void)state;
	assert_true(day.is_complete);
	assert_false(day.is_seen);
	assert_int_equal(day.usual, 2);
	assert_int_equal(day.in, 0);
	assert_true(day_of(blind, -10).is_seen);
	assert_true(day_of(half, -9).is_seen);
	assert_true(day_of(other, -9).is_seen);
}

/* However long nobody looks: who is usual stays who it was, so that the silence has no end. */
static void
an_outage_of_any_length_is_no_silence_of_senders(void **state)
{
	const struct change_limits limits = change_limits_default();
	const struct history_row rows[] = { BOTH(-40, -40),
					    { MADE_FROM, .first = -60 },
					    { MADE_SENDER, "mx1", -80, -40, .n = 100, .m = 100 },
					    { .row = MADE_END } };
	g_autoptr(made_history_auto) made = history_make(rows);
	g_autoptr(changes_auto) domain = changes_find(&made->history, &limits);

	(void)state;
	assert_int_equal(domain->list->len, 0);
	made->history.domain = "";
	g_autoptr(changes_auto) whole = changes_find(&made->history, &limits);
	g_autofree char *told = history_tell(whole->list);
	assert_string_equal(told, "reports_stopped -36 n=4 reporters=2 of=2");
}

/* The mail of the domain stopped, and reporters have reports about others: that is a silence. */
static void
reporters_that_live_make_silence_mean_something(void **state)
{
	const struct change_limits limits = change_limits_default();
	const struct history_row rows[] = { BOTH(-20, -20),
					    { MADE_ALIVE, "google", -80, .last = -1 },
					    { MADE_ALIVE, "gmx", -80, .last = -1 },
					    { MADE_SENDER, "mx1", -80, -20, .n = 100, .m = 100 },
					    { .row = MADE_END } };
	g_autoptr(made_history_auto) made = history_make(rows);
	g_autoptr(changes_auto) changes = changes_find(&made->history, &limits);
	g_autofree char *told = history_tell(changes->list);

	(void)state;
	assert_string_equal(told, "sender_silent mx1 -17 n=3 last=-20 days=61 of=61");
}

/* All that can be said of a day, on one that is not complete. */
static void
nothing_is_said_of_a_day_that_is_not_complete(void **state)
{
	const struct change_limits limits = change_limits_default();
	const struct history_row rows[] = {
		BOTH(-1, -4),
		{ MADE_SENDER, "mx1", -60, -6, .n = 100, .m = 100 },
		{ MADE_SENDER, "mx2", -60, -4, .n = 100, .m = 100 },
		{ MADE_SENDER, "mx2", -3, -1, .n = 100, .m = 0 },
		{ MADE_CLASS, "", -3, -1, .n = 100, .kind = CLASS_UNAUTHORIZED },
		{ .row = MADE_END },
	};
	g_autoptr(made_history_auto) made = history_make(rows);
	g_autoptr(changes_auto) changes = changes_find(&made->history, &limits);
	g_autofree char *told = history_tell(changes->list);

	(void)state;
	assert_string_equal(told, "");
	assert_int_equal(changes->complete_through, TODAY - 4);

	made->history.today += 3;
	g_autoptr(changes_auto) later = changes_find(&made->history, &limits);
	g_autofree char *told_later = history_tell(later->list);
	assert_string_equal(told_later,
			    "sender_silent mx1 -3 n=3 last=-6 days=55 of=55; "
			    "pass_rate_fell mx2 -3 n=100 before=2800/2800 now=0/100 days=1; "
			    "spoofing_rose -3 n=100 usual=0 limit=19");
}

static void
a_history_without_bounds_is_cut(void **state)
{
	const struct change_limits limits = change_limits_default();
	const struct history_report report = { "google", G_MAXINT64, G_MININT64 };
	const struct history history = { .domain = "example.com",
					 .today = TODAY,
					 .from = G_MININT64,
					 .first_day = G_MININT64,
					 .reports = &report,
					 .n_reports = 1 };
	g_autoptr(change_days_auto) days = change_days_new(&history, &limits);

	(void)state;
	assert_int_equal(days->base, TODAY - HISTORY_FROM_MAX - HISTORY_DAYS);
	assert_int_equal(days->n, HISTORY_FROM_MAX + HISTORY_DAYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_is_complete_when_its_usual_reporters_are_in_or_it_is_old),
		cmocka_unit_test(a_day_that_few_reporters_saw_is_complete_but_not_seen),
		cmocka_unit_test(an_outage_of_any_length_is_no_silence_of_senders),
		cmocka_unit_test(reporters_that_live_make_silence_mean_something),
		cmocka_unit_test(nothing_is_said_of_a_day_that_is_not_complete),
		cmocka_unit_test(a_history_without_bounds_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
