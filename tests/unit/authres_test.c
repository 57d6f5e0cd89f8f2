/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/authres.h"

static const char *const trusted[] = { "mx.example.org", NULL };

struct expected {
	enum authenticated authenticated;
	const char *domain;
};

static void
check(const char *head, struct expected expected)
{
	g_autoptr(fields_auto) fields = fields_new();

	fields_read(fields, (const guint8 *)head, strlen(head));
	struct authres got = authres_read(fields, trusted, "reporter.example");
	assert_int_equal(got.authenticated, expected.authenticated);
	assert_string_equal(got.domain, expected.domain);
	authres_clear(&got);
}

static void
a_pass_of_dmarc_is_believed_from_a_server_of_ours(void **state)
{
	(void)state;
	check("Authentication-Results: mx.example.org 1; dmarc=pass (p=reject dis=none)\n"
	      "\theader.from=reporter.example\n",
	      (struct expected){ AUTHENTICATED_YES, "reporter.example" });
	check("Authentication-Results: MX.Example.ORG; DMARC = Fail header.from=reporter.example\n",
	      (struct expected){ AUTHENTICATED_NO, "reporter.example" });
}

static void
other_servers_are_not_believed(void **state)
{
	(void)state;
	check("Authentication-Results: mx.evil.example; dmarc=pass header.from=reporter.example\n",
	      (struct expected){ AUTHENTICATED_UNKNOWN, "" });
	check("Authentication-Results: (mx.example.org;) evil; dmarc=pass header.from=a.example\n",
	      (struct expected){ AUTHENTICATED_UNKNOWN, "" });
	check("Subject: hello\n", (struct expected){ AUTHENTICATED_UNKNOWN, "" });
}

static void
an_aligned_pass_does_without_dmarc(void **state)
{
	(void)state;
	check("Authentication-Results: mx.example.org; spf=pass "
	      "smtp.mailfrom=\"<>\"@out.reporter.example; dkim=none\n",
	      (struct expected){ AUTHENTICATED_YES, "out.reporter.example" });
	check("Authentication-Results: mx.example.org; dkim=pass header.d=evilreporter.example\n",
	      (struct expected){ AUTHENTICATED_UNKNOWN, "" });
	check("Authentication-Results: mx.example.org; none\n",
	      (struct expected){ AUTHENTICATED_UNKNOWN, "" });
}

static void
what_others_wrote_in_our_name_is_not_reached(void **state)
{
	(void)state;
	check("Authentication-Results: mx.example.org; dmarc=fail header.from=reporter.example\n"
	      "Authentication-Results: mx.example.org; dmarc=pass header.from=reporter.example\n",
	      (struct expected){ AUTHENTICATED_NO, "reporter.example" });
	check("Authentication-Results: mx.example.org; spf=none\n"
	      "Received: from evil by mx.example.org\n"
	      "Authentication-Results: mx.example.org; dmarc=pass header.from=reporter.example\n",
	      (struct expected){ AUTHENTICATED_UNKNOWN, "" });
	check("Received: from inner by mx.example.org\n"
	      "Authentication-Results: mx.example.org; spf=none\n"
	      "Authentication-Results: mx.example.org; dmarc=pass header.from=reporter.example\n",
	      (struct expected){ AUTHENTICATED_YES, "reporter.example" });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_of_dmarc_is_believed_from_a_server_of_ours),
		cmocka_unit_test(other_servers_are_not_believed),
		cmocka_unit_test(an_aligned_pass_does_without_dmarc),
		cmocka_unit_test(what_others_wrote_in_our_name_is_not_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
