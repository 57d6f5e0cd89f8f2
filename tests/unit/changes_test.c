/* SPDX-License-Identifier: MIT */
/* Rules C1 to C12 on both sides of each threshold. Days are counted from today: -1 is yesterday. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/changes.h"
#include "tests/support/history_make.h"

struct example {
	const char *what;
	struct history_row rows[8];
	const char *want;
};

static void
check(const struct example *examples, gsize n)
{
	const struct change_limits limits = change_limits_default();

	for (gsize i = 0; i < n; i++) {
		g_autoptr(made_history_auto) made = history_make(examples[i].rows);
		g_autoptr(changes_auto) changes = changes_find(&made->history, &limits);
		g_autofree char *told = history_tell(changes->list);
		if (!g_str_equal(told, examples[i].want))
			fail_msg("%s: want\n%s, got\n%s", examples[i].what, examples[i].want, told);
	}
}

#define IP "203.0.113.45"

static const struct example new_sources[] = {
	{ "five messages on the first day",
	  { { MADE_SOURCE, IP, -5, .kind = CLASS_UNAUTHORIZED, .n = 5, .m = 64500 } },
	  "source_new 203.0.113.45 AS64500 -5 unauthorized n=5" },
	{ "four messages", { { MADE_SOURCE, IP, -5, .kind = CLASS_UNAUTHORIZED, .n = 4 } }, "" },
	{ "one a day: told on the fifth",
	  { { MADE_SOURCE, IP, -8, -1, .kind = CLASS_REVIEW, .n = 1 } },
	  "source_new 203.0.113.45 -4 review n=8" },
	{ "the fifth message on the seventh day",
	  { { MADE_SOURCE, IP, -15, -13, .kind = CLASS_REVIEW, .n = 1 },
	    { MADE_SOURCE, IP, -15, -9, .step = 6, .kind = CLASS_REVIEW, .n = 1 } },
	  "source_new 203.0.113.45 -9 review n=5" },
	{ "the fifth message on the eighth day",
	  { { MADE_SOURCE, IP, -15, -13, .kind = CLASS_REVIEW, .n = 1 },
	    { MADE_SOURCE, IP, -15, -8, .step = 7, .kind = CLASS_REVIEW, .n = 1 } },
	  "" },
	{ "too slow to be new",
	  { { MADE_SOURCE, IP, -20, -1, .step = 2, .kind = CLASS_FIX, .n = 1 } },
	  "" },
	{ "a source that needs a fix",
	  { { MADE_SOURCE, IP, -2, .kind = CLASS_FIX, .n = 9 } },
	  "source_new 203.0.113.45 -2 fix n=9" },
	{ "a forwarder is no news",
	  { { MADE_SOURCE, IP, -2, .kind = CLASS_FORWARDER, .n = 9 } },
	  "" },
	{ "one of yours is no news",
	  { { MADE_SOURCE, IP, -2, .kind = CLASS_AUTHORIZED, .n = 9 } },
	  "" },
	{ "not judged yet is no news",
	  { { MADE_SOURCE, IP, -2, .kind = CLASS_NONE, .n = 9 } },
	  "" },
	{ "today is not complete",
	  { { MADE_SOURCE, IP, 0, .kind = CLASS_UNAUTHORIZED, .n = 9 } },
	  "" },
	{ "before the day asked from",
	  { { MADE_SOURCE, IP, -31, .kind = CLASS_UNAUTHORIZED, .n = 9 } },
	  "" },
	{ "on the day asked from",
	  { { MADE_SOURCE, IP, -30, .kind = CLASS_UNAUTHORIZED, .n = 9 } },
	  "source_new 203.0.113.45 -30 unauthorized n=9" },
	{ "nothing is new in the first two weeks",
	  { { MADE_FIRST_DAY, .first = -15 },
	    { MADE_SOURCE, IP, -2, .kind = CLASS_REVIEW, .n = 9 } },
	  "" },
	{ "something is new on the fifteenth day",
	  { { MADE_FIRST_DAY, .first = -16 },
	    { MADE_SOURCE, IP, -2, .kind = CLASS_REVIEW, .n = 9 } },
	  "source_new 203.0.113.45 -2 review n=9" },
};

static void
tells_new_sources(void **state)
{
	(void)state;
	check(new_sources, G_N_ELEMENTS(new_sources));
}

/* The example of a Monday: -1 is a Sunday, -3 a Friday. */
static const struct example silences[] = {
	{ "daily mail: three days",
	  { { MADE_SENDER, "mx1", -60, -4, .n = 10, .m = 10 } },
	  "sender_silent mx1 -1 n=3 last=-4 days=57 of=57" },
	{ "daily mail: two days", { { MADE_SENDER, "mx1", -60, -3, .n = 10, .m = 10 } }, "" },
	{ "every second day: six days",
	  { { MADE_SENDER, "mx1", -61, -7, .step = 2, .n = 10, .m = 10 } },
	  "sender_silent mx1 -1 n=6 last=-7 days=28 of=55" },
	{ "every second day: five days",
	  { { MADE_SENDER, "mx1", -60, -6, .step = 2, .n = 10, .m = 10 } },
	  "" },
	{ "a silence that happened twice before is usual",
	  { { MADE_SENDER, "mx1", -70, -51, .n = 10 },
	    { MADE_SENDER, "mx1", -40, -31, .n = 10 },
	    { MADE_SENDER, "mx1", -20, -12, .n = 10 } },
	  "sender_silent mx1 -26 n=5 last=-31 days=30 of=40" },
	{ "a silence that is longer than those before",
	  { { MADE_SENDER, "mx1", -70, -51, .n = 10 },
	    { MADE_SENDER, "mx1", -40, -31, .n = 10 },
	    { MADE_SENDER, "mx1", -20, -13, .n = 10 } },
	  "sender_silent mx1 -1 n=12 last=-13 days=38 of=58; "
	  "sender_silent mx1 -26 n=5 last=-31 days=30 of=40" },
	{ "five days make it usual",
	  { { MADE_SENDER, "mx1", -10, -6, .n = 10 } },
	  "sender_silent mx1 -3 n=3 last=-6 days=5 of=5" },
	{ "four days do not", { { MADE_SENDER, "mx1", -9, -6, .n = 10 } }, "" },
	{ "it came back, and was silent",
	  { { MADE_SENDER, "mx1", -60, -20, .n = 10 }, { MADE_SENDER, "mx1", -15, -1, .n = 10 } },
	  "sender_silent mx1 -17 n=3 last=-20 days=41 of=41" },
	{ "silent since before the day asked from",
	  { { MADE_SENDER, "mx1", -60, -40, .n = 10 } },
	  "" },
	{ "no mail is not an active day",
	  { { MADE_SENDER, "mx1", -60, -4, .n = 10 }, { MADE_SENDER, "mx1", -3, -1, .n = 0 } },
	  "sender_silent mx1 -1 n=3 last=-4 days=57 of=57" },
};

static void
tells_silent_senders(void **state)
{
	(void)state;
	check(silences, G_N_ELEMENTS(silences));
}

#define GOOD(n, until)                                          \
	{                                                       \
		MADE_SENDER, "desk", -60, until, 0, n, n, 0, "" \
	}
static const struct example rates[] = {
	{ "nothing passes any more",
	  { GOOD(231, -2), { MADE_SENDER, "desk", -1, .n = 231, .m = 0 } },
	  "pass_rate_fell desk -1 n=231 before=6468/6468 now=0/231 days=1" },
	{ "two points are no fall",
	  { GOOD(5000, -2), { MADE_SENDER, "desk", -1, .n = 5000, .m = 4900 } },
	  "" },
	{ "more than two points",
	  { GOOD(5000, -2), { MADE_SENDER, "desk", -1, .n = 5000, .m = 4899 } },
	  "pass_rate_fell desk -1 n=101 before=140000/140000 now=4899/5000 days=1" },
	{ "twenty messages are no fall",
	  { GOOD(100, -2), { MADE_SENDER, "desk", -1, .n = 100, .m = 80 } },
	  "" },
	{ "twenty-one messages",
	  { GOOD(100, -2), { MADE_SENDER, "desk", -1, .n = 100, .m = 79 } },
	  "pass_rate_fell desk -1 n=21 before=2800/2800 now=79/100 days=1" },
	{ "a small sender needs some days",
	  { GOOD(10, -4), { MADE_SENDER, "desk", -3, -1, .n = 10, .m = 0 } },
	  "pass_rate_fell desk -1 n=30 before=280/280 now=40/70 days=7" },
	{ "a small sender, a day before",
	  { GOOD(10, -3), { MADE_SENDER, "desk", -2, -1, .n = 10, .m = 0 } },
	  "" },
	{ "told once, when it begins",
	  { GOOD(100, -11), { MADE_SENDER, "desk", -10, -1, .n = 100, .m = 0 } },
	  "pass_rate_fell desk -10 n=100 before=2800/2800 now=0/100 days=1" },
	{ "a second fall within a week is the same",
	  { GOOD(100, -10),
	    { MADE_SENDER, "desk", -9, .n = 100, .m = 50 },
	    { MADE_SENDER, "desk", -8, -3, .n = 100, .m = 100 },
	    { MADE_SENDER, "desk", -2, .n = 100, .m = 50 },
	    { MADE_SENDER, "desk", -1, .n = 100, .m = 100 } },
	  "pass_rate_fell desk -9 n=50 before=2800/2800 now=50/100 days=1" },
	{ "a new sender has no rate before",
	  { { MADE_SENDER, "desk", -1, .n = 500, .m = 0 } },
	  "" },
	{ "a sender that never passed does not fall",
	  { { MADE_SENDER, "desk", -60, -1, .n = 500, .m = 0 } },
	  "" },
	{ "a rise is no fall",
	  { { MADE_SENDER, "desk", -60, -2, .n = 500, .m = 0 },
	    { MADE_SENDER, "desk", -1, .n = 500, .m = 500 } },
	  "" },
};

static void
tells_pass_rates_that_fell(void **state)
{
	(void)state;
	check(rates, G_N_ELEMENTS(rates));
}

/* The weekday of -1 is that of -8, -15, -22 and -29; -36 is one too many. */
#define SPOOFED(day, messages)                                                 \
	{                                                                      \
		MADE_CLASS, "", day, .n = messages, .kind = CLASS_UNAUTHORIZED \
	}
static const struct example spoofing[] = {
	{ "twenty where there was none",
	  { SPOOFED(-1, 20) },
	  "spoofing_rose -1 n=20 usual=0 limit=19" },
	{ "nineteen where there was none", { SPOOFED(-1, 19) }, "" },
	{ "other classes are no spoofing",
	  { { MADE_CLASS, "", -1, .n = 9000, .kind = CLASS_REVIEW } },
	  "" },
	{ "told when it begins",
	  { { MADE_CLASS, "", -5, -1, .n = 50, .kind = CLASS_UNAUTHORIZED } },
	  "spoofing_rose -5 n=50 usual=0 limit=19" },
	{ "too few weekdays to know what is usual",
	  { { MADE_FIRST_DAY, .first = -28 }, SPOOFED(-1, 500) },
	  "" },
	{ "just enough weekdays",
	  { { MADE_FIRST_DAY, .first = -29 }, SPOOFED(-1, 500) },
	  "spoofing_rose -1 n=500 usual=0 limit=19" },
};

static const struct example spoofing_deviations[] = {
	{ "at the limit",
	  { { MADE_FROM, .first = -1 },
	    SPOOFED(-29, 100),
	    SPOOFED(-22, 120),
	    SPOOFED(-15, 80),
	    SPOOFED(-8, 100),
	    SPOOFED(-36, 900),
	    SPOOFED(-1, 130) },
	  "" },
	{ "over the limit",
	  { { MADE_FROM, .first = -1 },
	    SPOOFED(-29, 100),
	    SPOOFED(-22, 120),
	    SPOOFED(-15, 80),
	    SPOOFED(-8, 100),
	    SPOOFED(-36, 900),
	    SPOOFED(-1, 131) },
	  "spoofing_rose -1 n=131 usual=100 limit=130" },
};

static void
tells_a_rise_of_spoofing(void **state)
{
	(void)state;
	check(spoofing, G_N_ELEMENTS(spoofing));
	check(spoofing_deviations, G_N_ELEMENTS(spoofing_deviations));
}

static const struct example selectors[] = {
	{ "a first pass, home known",
	  { { MADE_SELECTOR, "s2025", -3, -1, .n = 3, .text = "mx1" } },
	  "selector_new s2025 example.com mx1 -3" },
	{ "a first pass today is not complete", { { MADE_SELECTOR, "s2025", 0, 0, .n = 1 } }, "" },
	{ "gone for fourteen days",
	  { { MADE_SELECTOR, "old", -300, -15, .n = 200 } },
	  "selector_gone old example.com -1 n=14 last=-15" },
	{ "gone for thirteen days", { { MADE_SELECTOR, "old", -300, -14, .n = 200 } }, "" },
	{ "used every ten days: thirty days",
	  { { MADE_SELECTOR, "old", -331, -31, .n = 31 } },
	  "selector_gone old example.com -1 n=30 last=-31" },
	{ "used every ten days: twenty-nine days",
	  { { MADE_SELECTOR, "old", -330, -30, .n = 31 } },
	  "" },
	{ "hardly ever used", { { MADE_SELECTOR, "old", -300, -15, .n = 4 } }, "" },
};

static void
tells_new_and_gone_selectors(void **state)
{
	(void)state;
	check(selectors, G_N_ELEMENTS(selectors));
}

static const struct example subdomains[] = {
	{ "a first mail",
	  { { MADE_SUBDOMAIN, "news.example.com", -1, .n = 1 } },
	  "subdomain_new news.example.com -1 n=1" },
	{ "no mail", { { MADE_SUBDOMAIN, "news.example.com", -1, .n = 0 } }, "" },
	{ "long known", { { MADE_SUBDOMAIN, "news.example.com", -70, .n = 9 } }, "" },
};

static void
tells_new_subdomains(void **state)
{
	(void)state;
	check(subdomains, G_N_ELEMENTS(subdomains));
}

static const struct example policies[] = {
	{ "most reporters see another one",
	  { { MADE_POLICY, "none - - -", -20, -3, .n = 5 },
	    { MADE_POLICY, "none - - -", -2, .n = 2 },
	    { MADE_POLICY, "quarantine - - -", -2, .n = 3 } },
	  "policy_changed p=none p=quarantine -2 n=3" },
	{ "half of them is not most",
	  { { MADE_POLICY, "none - - -", -20, -2, .n = 5 },
	    { MADE_POLICY, "quarantine - - -", -2, .n = 5 } },
	  "" },
	{ "defaults that are said change nothing",
	  { { MADE_POLICY, "reject - - -", -20, -3, .n = 5 },
	    { MADE_POLICY, "reject reject r r", -2, .n = 5 },
	    { MADE_POLICY, "REJECT - - -", -1, .n = 5 } },
	  "" },
	{ "every tag is looked at",
	  { { MADE_POLICY, "reject - - -", -20, -4, .n = 5 },
	    { MADE_POLICY, "reject none - -", -3, .n = 5 },
	    { MADE_POLICY, "reject none s -", -2, .n = 5 },
	    { MADE_POLICY, "reject none s s", -1, .n = 5 } },
	  "policy_changed p=reject; sp=none; adkim=s p=reject; sp=none; adkim=s; aspf=s -1 n=5; "
	  "policy_changed p=reject; sp=none p=reject; sp=none; adkim=s -2 n=5; "
	  "policy_changed p=reject p=reject; sp=none -3 n=5" },
	{ "words of no standard say nothing",
	  { { MADE_POLICY, "none - - -", -20, -3, .n = 5 },
	    { MADE_POLICY, "destroy - - -", -2, .n = 9 },
	    { MADE_POLICY, "- - - -", -1, .n = 9 } },
	  "" },
	{ "reporters see another policy than DNS has",
	  { { MADE_POLICY, "none - - -", -20, -1, .n = 5 },
	    { MADE_DNS, "reject - - -", .first = -3 } },
	  "policy_not_dns p=none p=reject -1 n=5 since=-3" },
	{ "told when reporters had their time, and once",
	  { { MADE_POLICY, "none - - -", -20, -1, .n = 5 },
	    { MADE_DNS, "reject - - -", .first = -10 } },
	  "policy_not_dns p=none p=reject -8 n=5 since=-10" },
	{ "reporters need time to see a new record",
	  { { MADE_POLICY, "none - - -", -20, -1, .n = 5 },
	    { MADE_DNS, "reject - - -", .first = -2 } },
	  "" },
	{ "DNS and reporters agree",
	  { { MADE_POLICY, "none - - -", -20, -1, .n = 5 },
	    { MADE_DNS, "none none r r", .first = -9 } },
	  "" },
};

static void
tells_another_policy(void **state)
{
	(void)state;
	check(policies, G_N_ELEMENTS(policies));
}

static const struct example reporters[] = {
	{ "a new one",
	  { { .row = MADE_WHOLE }, { MADE_REPORT, "new", -3, .kind = 1 } },
	  "reporter_new new -3" },
	{ "one that is known for long",
	  { { .row = MADE_WHOLE }, { MADE_REPORT, "old", .first = -3 } },
	  "" },
	{ "silent for four days",
	  { { .row = MADE_WHOLE }, { MADE_REPORT, "outlook", -60, .last = -8 } },
	  "reporter_silent outlook -4 n=4 last=-8 days=53 of=53" },
	{ "silent for four days, three of them complete",
	  { { .row = MADE_WHOLE }, { MADE_REPORT, "outlook", -60, .last = -7 } },
	  "" },
	{ "one that reports every second day: six days",
	  { { .row = MADE_WHOLE }, { MADE_REPORT, "outlook", -60, -10, .step = 2 } },
	  "reporter_silent outlook -4 n=6 last=-10 days=26 of=51" },
	{ "one that reports every third day: eight days",
	  { { .row = MADE_WHOLE }, { MADE_REPORT, "outlook", -60, -9, .step = 3 } },
	  "" },
	{ "told for all domains together", { { MADE_REPORT, "outlook", -60, .last = -8 } }, "" },
	{ "all are silent: that is one change",
	  { { .row = MADE_WHOLE },
	    { .row = MADE_REPORTS_NONE },
	    { MADE_REPORT, "google", -80, .last = -10 },
	    { MADE_REPORT, "gmx", -80, .last = -10 } },
	  "reports_stopped -6 n=4 reporters=2 of=2" },
	{ "all are silent for three complete days",
	  { { .row = MADE_WHOLE },
	    { .row = MADE_REPORTS_NONE },
	    { MADE_REPORT, "google", -80, .last = -7 },
	    { MADE_REPORT, "gmx", -80, .last = -7 } },
	  "" },
};

static void
tells_new_and_silent_reporters(void **state)
{
	(void)state;
	check(reporters, G_N_ELEMENTS(reporters));
}

static const struct example marks[] = {
	{ "a fault, today",
	  { { .row = MADE_WHOLE }, { MADE_FAULT, "not-xml", 0, .n = 2 } },
	  "faults_began not-xml 0 n=2" },
	{ "a fault every day is told once",
	  { { .row = MADE_WHOLE }, { MADE_FAULT, "not-xml", -20, -1, .n = 2 } },
	  "faults_began not-xml -20 n=2" },
	{ "once more after seven days without",
	  { { .row = MADE_WHOLE }, { MADE_FAULT, "not-xml", -20, -12, .step = 8, .n = 1 } },
	  "faults_began not-xml -12 n=1; faults_began not-xml -20 n=1" },
	{ "not after six days",
	  { { .row = MADE_WHOLE }, { MADE_FAULT, "not-xml", -20, -13, .step = 7, .n = 1 } },
	  "faults_began not-xml -20 n=1" },
	{ "an address on a list and off it",
	  { { .row = MADE_WHOLE },
	    { MADE_OWN, "192.0.2.20", -20, -16, .kind = FACT_NO, .text = "xbl" },
	    { MADE_OWN, "192.0.2.20", -15, -10, .kind = FACT_YES, .text = "xbl" },
	    { MADE_OWN, "192.0.2.20", -9, -1, .kind = FACT_NO, .text = "xbl" } },
	  "own_delisted 192.0.2.20 xbl -9; own_listed 192.0.2.20 xbl -15" },
	{ "no answer is no change",
	  { { .row = MADE_WHOLE },
	    { MADE_OWN, "192.0.2.20", -20, .kind = FACT_YES, .text = "xbl" },
	    { MADE_OWN, "192.0.2.20", -19, -10, .kind = FACT_UNKNOWN, .text = "xbl" },
	    { MADE_OWN, "192.0.2.20", -9, .kind = FACT_YES, .text = "xbl" },
	    { MADE_OWN, "192.0.2.21", -9, .kind = FACT_UNKNOWN, .text = "xbl" } },
	  "own_listed 192.0.2.20 xbl -20" },
	{ "a clean address was never off a list",
	  { { .row = MADE_WHOLE }, { MADE_OWN, "192.0.2.20", -9, .kind = FACT_NO, .text = "xbl" } },
	  "" },
	{ "lists are told apart, and of one day the worst counts",
	  { { .row = MADE_WHOLE },
	    { MADE_OWN, "192.0.2.20", -9, .kind = FACT_YES, .text = "xbl" },
	    { MADE_OWN, "192.0.2.20", -9, .kind = FACT_NO, .text = "xbl" },
	    { MADE_OWN, "192.0.2.20", -9, .kind = FACT_NO, .text = "sbl" } },
	  "own_listed 192.0.2.20 xbl -9" },
	{ "two lists are two changes",
	  { { .row = MADE_WHOLE },
	    { MADE_OWN, "192.0.2.20", -9, .kind = FACT_YES, .text = "sbl" },
	    { MADE_OWN, "192.0.2.20", -9, .kind = FACT_YES, .text = "xbl" } },
	  "own_listed 192.0.2.20 sbl -9; own_listed 192.0.2.20 xbl -9" },
	{ "a mark of tomorrow waits",
	  { { .row = MADE_WHOLE }, { MADE_INCIDENT, "D-1042", 1, .kind = HISTORY_QUIET } },
	  "" },
	{ "marks of a case",
	  { { .row = MADE_WHOLE },
	    { MADE_INCIDENT, "D-1042", -9, .kind = HISTORY_QUIET, .text = "AS64500" },
	    { MADE_INCIDENT, "D-1042", -2, .kind = HISTORY_RESUMED } },
	  "incident_resumed D-1042 -2; incident_quiet D-1042 AS64500 -9" },
	{ "a record breaks, is mended and breaks again",
	  { { MADE_RECORD, "_dmarc.example.com", -9, .kind = FACT_YES, .text = "rua" },
	    { MADE_RECORD, "_dmarc.example.com", -8, .kind = FACT_NO, .text = "rua" },
	    { MADE_RECORD, "_dmarc.example.com", -7, -1, .kind = FACT_YES, .text = "rua" } },
	  "record_broken _dmarc.example.com rua -7; record_broken _dmarc.example.com rua -9" },
	{ "a record that nobody could ask for",
	  { { MADE_RECORD, "_dmarc.example.com", -9, .kind = FACT_UNKNOWN, .text = "rua" } },
	  "" },
};

static void
tells_faults_lists_cases_and_records(void **state)
{
	(void)state;
	check(marks, G_N_ELEMENTS(marks));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_new_sources),
		cmocka_unit_test(tells_silent_senders),
		cmocka_unit_test(tells_pass_rates_that_fell),
		cmocka_unit_test(tells_a_rise_of_spoofing),
		cmocka_unit_test(tells_new_and_gone_selectors),
		cmocka_unit_test(tells_new_subdomains),
		cmocka_unit_test(tells_another_policy),
		cmocka_unit_test(tells_new_and_silent_reporters),
		cmocka_unit_test(tells_faults_lists_cases_and_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
