/* SPDX-License-Identifier: MIT */
/*
 * dns_house.h - tests/integration/dns_server.py as a server of a test's own, and a resolver that
 * asks it.
 */
#ifndef TESTS_SUPPORT_DNS_HOUSE_H
#define TESTS_SUPPORT_DNS_HOUSE_H

#include "net/resolver.h"

struct dns_house;

/* script: see dns_server.py. Fails the test where it does not start. */
struct dns_house *dns_house_open(const char *script);
void dns_house_close(struct dns_house *house);
typedef struct dns_house dns_house_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dns_house_auto, dns_house_close)

/* "127.0.0.1:PORT". Owner: the house. */
const char *dns_house_server(const struct dns_house *house);

/*
 * One that asks the house alone: 2 tries, 16 in flight. It waits for a second, so that a busy
 * machine makes no answer late; for 100 ms where the script has the house say nothing.
 */
struct resolver *dns_house_resolver(const struct dns_house *house);

#endif
