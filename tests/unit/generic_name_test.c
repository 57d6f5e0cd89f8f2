/* SPDX-License-Identifier: MIT */
/* Reverse names as providers make them for ranges, and as people make them for servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/generic_name.h"

struct line {
	const char *ip;
	const char *name;
};

static void
check(const struct line *lines, gsize n, gboolean is_generic)
{
	for (gsize i = 0; i < n; i++) {
		struct ip ip;
		assert_true(ip_parse(lines[i].ip, &ip));
		if (generic_name_is(lines[i].name, &ip) != is_generic)
			fail_msg("%s should %sbe generic for %s", lines[i].name,
				 is_generic ? "" : "not ", lines[i].ip);
	}
}

static void
names_made_of_the_address_are_generic(void **state)
{
	static const struct line lines[] = {
		{ "203.0.113.45", "203.0.113.45.isp.example" },
		{ "203.0.113.45", "203-0-113-45.static.isp.example" },
		{ "203.0.113.45", "host-203-0-113-45.isp.example" },
		{ "203.0.113.45", "45.113.0.203.rev.isp.example" },
		{ "203.0.113.45", "host45-113-0-203.range203-0.isp.example" },
		{ "203.0.113.45", "ec2-203-0-113-45.compute-1.cloud.example" },
		{ "203.0.113.45", "static.45.113.0.203.clients.server.example" },
		{ "203.0.113.45", "ip203.0.113.45.isp.example" },
		{ "203.0.113.45", "203_0_113_45.isp.example" },
		{ "203.0.113.45", "c-203-0-113-45.hsd1.ca.isp.example" },
		{ "203.0.113.45", "n113-45.r203-0-113.isp.example" },
		{ "203.0.113.45", "45.red-203-0-113.staticip.isp.example" },
		{ "203.0.113.45", "203000113045.ctinets.example" },
		{ "203.0.113.45", "045113000203.isp.example" },
		{ "198.51.100.7", "cpe-198-051-100-007.isp.example" },
		{ "198.51.100.77", "1985110077.isp.example" },
		{ "203.0.113.45", "cb00712d.isp.example" },
		{ "203.0.113.45", "pcb00712d.dip0.isp.example" },
		{ "203.0.113.45", "2d7100cb.isp.example" },
		{ "203.0.113.45", "cb-00-71-2d.isp.example" },
		{ "203.0.113.45", "3405803821.isp.example" },
		{ "203.0.113.45", "kd203-0-113-45.ppp-bb.isp.example" },
		{ "203.0.113.45", "p203-0-113-45.marunouchi.tokyo.isp.example" },
		{ "203.0.113.45", "203.0.113.host.isp.example" },
		{ "2001:db8:7::1", "2001-db8-7--1.isp.example" },
		{ "2001:db8:7::1", "20010db8000700000000000000000001.isp.example" },
		{ "2001:db8:7::1",
		  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.0.0.0.8.b.d.0.1.0.0.2.isp.example" },
		{ "2001:db8:7:1:a:b:c:d", "node-2001-db8-7-1-a-b-c-d.isp.example" },
		{ "2001:db8:7:1:21c:42ff:fe8a:9e3", "021c-42ff-fe8a-09e3.v6.isp.example" },
		{ "2001:db8:7:1:21c:42ff:fe8a:9e3", "g021c42fffe8a09e3x.isp.example" },
	};

	(void)state;
	check(lines, G_N_ELEMENTS(lines), TRUE);
}

static void
names_with_a_number_and_a_word_for_lines_are_generic(void **state)
{
	static const struct line lines[] = {
		{ "203.0.113.45", "dsl-17.isp.example" },
		{ "203.0.113.45", "adsl4711.isp.example" },
		{ "203.0.113.45", "pool-7-22.dyn.isp.example" },
		{ "203.0.113.45", "dhcp12.campus.uni.example" },
		{ "203.0.113.45", "a1b2.dynamic.isp.example" },
		{ "203.0.113.45", "ppp83.isp.example" },
		{ "203.0.113.45", "cust-99.broadband.isp.example" },
		{ "203.0.113.45", "x77.dial.isp.co.example" },
		{ "203.0.113.45", "113-45.customer.isp.example" },
	};

	(void)state;
	check(lines, G_N_ELEMENTS(lines), TRUE);
}

static void
names_that_somebody_chose_are_not_generic(void **state)
{
	static const struct line lines[] = {
		{ "203.0.113.45", "mail.hinoki.example" },
		{ "203.0.113.45", "mx1.hinoki.example" },
		{ "203.0.113.45", "smtp-out-45.hinoki.example" },
		{ "203.0.113.45", "a113-45.smtp-out.esp.example" },
		{ "203.0.113.45", "vps203.hoster.example" },
		{ "203.0.113.45", "ns1.cable.example" },
		{ "203.0.113.45", "web7.dsl.co.example" },
		{ "203.0.113.45", "mx2.customer.hoster.example" },
		{ "203.0.113.45", "pool.hinoki.example" },
		{ "203.0.113.45", "carpool7.hinoki.example" },
		{ "203.0.113.45", "2cable4u.example" },
		{ "203.0.113.45", "server45.hinoki.example" },
		{ "203.0.113.45", "198-51-100-7.isp.example" },
		{ "203.0.113.45", "hinoki.example" },
		{ "2001:db8:7::1", "mail.hinoki.example" },
		{ "2001:db8:7::1", "mx-1.v6.hinoki.example" },
		{ "2001:db8:7::1", "0-0-0.hinoki.example" },
	};

	(void)state;
	check(lines, G_N_ELEMENTS(lines), FALSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_made_of_the_address_are_generic),
		cmocka_unit_test(names_with_a_number_and_a_word_for_lines_are_generic),
		cmocka_unit_test(names_that_somebody_chose_are_not_generic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
