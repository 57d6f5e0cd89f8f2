/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/classify.h"

struct example {
	const char *what;
	struct totals window;
	struct totals address; /* zero = the same as window */
	enum class class;
	guint8 rule;
};

static const struct example examples[] = {
	{ "own server, nearly all aligned",
	  { .messages = 4210, .pass = 4204, .spf_pass = 4204, .dkim_pass = 4100 },
	  { 0 },
	  CLASS_AUTHORIZED,
	  1 },
	{ "service that signs for us, no SPF",
	  { .messages = 1800, .pass = 1791, .dkim_pass = 1791 },
	  { 0 },
	  CLASS_AUTHORIZED,
	  1 },
	{ "exactly nine of ten",
	  { .messages = 10, .pass = 9, .spf_pass = 9 },
	  { 0 },
	  CLASS_AUTHORIZED,
	  1 },
	{ "own server in SPF, most of it broken",
	  { .messages = 350, .pass = 120, .spf_pass = 120 },
	  { 0 },
	  CLASS_FIX,
	  2 },
	{ "our signature survives, SPF never ours",
	  { .messages = 77, .pass = 60, .dkim_pass = 60 },
	  { 0 },
	  CLASS_FORWARDER,
	  5 },
	{ "receivers call it forwarding",
	  { .messages = 26, .forwarded = 20 },
	  { 0 },
	  CLASS_FORWARDER,
	  6 },
	{ "nothing passes, nothing explains it",
	  { .messages = 240 },
	  { 0 },
	  CLASS_UNAUTHORIZED,
	  8 },
	{ "one message is enough to ask, not to doubt",
	  { .messages = 1 },
	  { 0 },
	  CLASS_UNAUTHORIZED,
	  8 },
	{ "another domain's pass explains it",
	  { .messages = 300, .explained = 300 },
	  { 0 },
	  CLASS_REVIEW,
	  9 },
	{ "a single explained message bars the accusation",
	  { .messages = 300, .explained = 1 },
	  { 0 },
	  CLASS_REVIEW,
	  9 },
	{ "the address once sent mail of another domain of ours",
	  { .messages = 300 },
	  { .messages = 400, .pass = 1 },
	  CLASS_REVIEW,
	  9 },
	{ "the address once forwarded for another domain of ours",
	  { .messages = 300 },
	  { .messages = 400, .forwarded = 1 },
	  CLASS_REVIEW,
	  9 },
	{ "a few passes among much failing mail",
	  { .messages = 910, .pass = 10, .dkim_pass = 10 },
	  { 0 },
	  CLASS_REVIEW,
	  9 },
	{ "reports without messages", { .messages = 0 }, { 0 }, CLASS_REVIEW, 9 },
};

static void
follows_the_table_of_rules(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(examples); i++) {
		const struct example *e = &examples[i];
		const struct source_facts facts = {
			.window = e->window,
			.lifetime = e->window,
			.address = totals_is_zero(&e->address) ? e->window : e->address,
		};
		struct verdict verdict = classify(&facts);
		if (verdict.class != e->class || verdict.rule != e->rule)
			fail_msg("%s: want %s R%u, got %s R%u", e->what, class_name(e->class),
				 e->rule, class_name(verdict.class), verdict.rule);
	}
}

static void
knows_its_class_names(void **state)
{
	enum class class = CLASS_NONE;

	(void)state;
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		assert_true(class_parse(class_name(c), &class));
		assert_int_equal(class, c);
	}
	assert_false(class_parse("none", &class));
	assert_false(class_parse("spam", &class));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_table_of_rules),
		cmocka_unit_test(knows_its_class_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
