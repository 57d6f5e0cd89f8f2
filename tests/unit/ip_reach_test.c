/* SPDX-License-Identifier: MIT */
/* Whom an address reaches: the edges of the registries of special-purpose addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/ip.h"

static const struct {
	const char *first;
	const char *last;
	enum reach reach;
} ranges[] = {
	{ "0.0.0.0", "0.255.255.255", REACH_NEVER },
	{ "1.0.0.0", "9.255.255.255", REACH_PUBLIC },
	{ "10.0.0.0", "10.255.255.255", REACH_NEVER },
	{ "11.0.0.0", "100.63.255.255", REACH_PUBLIC },
	{ "100.64.0.0", "100.127.255.255", REACH_DOCUMENTATION },
	{ "100.128.0.0", "126.255.255.255", REACH_PUBLIC },
	{ "127.0.0.0", "127.255.255.255", REACH_NEVER },
	{ "128.0.0.0", "169.253.255.255", REACH_PUBLIC },
	{ "169.254.0.0", "169.254.255.255", REACH_NEVER },
	{ "169.255.0.0", "172.15.255.255", REACH_PUBLIC },
	{ "172.16.0.0", "172.31.255.255", REACH_NEVER },
	{ "172.32.0.0", "191.255.255.255", REACH_PUBLIC },
	{ "192.0.0.0", "192.0.0.255", REACH_NEVER },
	{ "192.0.1.0", "192.0.1.255", REACH_PUBLIC },
	{ "192.0.2.0", "192.0.2.255", REACH_DOCUMENTATION },
	{ "192.0.3.0", "192.88.98.255", REACH_PUBLIC },
	{ "192.88.99.0", "192.88.99.255", REACH_NEVER },
	{ "192.88.100.0", "192.167.255.255", REACH_PUBLIC },
	{ "192.168.0.0", "192.168.255.255", REACH_NEVER },
	{ "192.169.0.0", "198.17.255.255", REACH_PUBLIC },
	{ "198.18.0.0", "198.19.255.255", REACH_DOCUMENTATION },
	{ "198.20.0.0", "198.51.99.255", REACH_PUBLIC },
	{ "198.51.100.0", "198.51.100.255", REACH_DOCUMENTATION },
	{ "198.51.101.0", "203.0.112.255", REACH_PUBLIC },
	{ "203.0.113.0", "203.0.113.255", REACH_DOCUMENTATION },
	{ "203.0.114.0", "223.255.255.255", REACH_PUBLIC },
	{ "224.0.0.0", "255.255.255.255", REACH_NEVER },
	{ "::1", "1fff:ffff::", REACH_NEVER },
	{ "2001::", "2001:1ff:ffff::", REACH_NEVER },
	{ "2001:200::", "2001:db7:ffff::", REACH_PUBLIC },
	{ "2001:db8::", "2001:db8:ffff::", REACH_DOCUMENTATION },
	{ "2001:db9::", "2001:ffff:ffff::", REACH_PUBLIC },
	{ "2002::", "2002:ffff::", REACH_NEVER },
	{ "2003::", "3ffe:ffff::", REACH_PUBLIC },
	{ "3fff::", "3fff:fff:ffff::", REACH_DOCUMENTATION },
	{ "3fff:1000::", "3fff:ffff::", REACH_PUBLIC },
	{ "4000::", "ffff:ffff::", REACH_NEVER },
};

static void
an_address_reaches_what_the_registries_say(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(ranges); i++) {
		const char *const ends[] = { ranges[i].first, ranges[i].last };
		for (gsize e = 0; e < G_N_ELEMENTS(ends); e++) {
			struct ip ip;
			assert_true(ip_parse(ends[e], &ip));
			if (ip_reach(&ip) != ranges[i].reach)
				fail_msg("%s reaches %d", ends[e], ip_reach(&ip));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_reaches_what_the_registries_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
