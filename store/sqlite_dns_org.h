/* SPDX-License-Identifier: MIT */
/*
 * sqlite_dns_org.h - keep the organisational domain that the DNS has for an owned domain. Nothing
 * is judged by it.
 */
#ifndef STORE_SQLITE_DNS_ORG_H
#define STORE_SQLITE_DNS_ORG_H

#include "store/dns_facts.h"
#include "store/sqlite_handle.h"

/* Within an edit. What could not be found out leaves what was known. */
gboolean dns_org_keep(struct db *db, gint64 domain, const struct dns_domain *found, gint64 now,
		      GError **error);

#endif
