/* SPDX-License-Identifier: MIT */
/*
 * pages.h - the table of pages. A page is one line here and one `const struct page_route
 * page_NAME` in page_NAME.c.
 */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "web/page.h"

#define PAGES(PAGE)      \
	PAGE(login)      \
	PAGE(logout)     \
	PAGE(appearance) \
	PAGE(healthz)    \
	PAGE(metrics)    \
	PAGE(overview)   \
	PAGE(days)       \
	PAGE(sources)    \
	PAGE(source)     \
	PAGE(senders)    \
	PAGE(sender)     \
	PAGE(networks)   \
	PAGE(network)    \
	PAGE(domains)    \
	PAGE(domain)     \
	PAGE(readiness)  \
	PAGE(reports)    \
	PAGE(report)     \
	PAGE(takedown)   \
	PAGE(reporters)  \
	PAGE(reporter)   \
	PAGE(changes)    \
	PAGE(failures)   \
	PAGE(failure)    \
	PAGE(complaints) \
	PAGE(complaint)  \
	PAGE(bounces)    \
	PAGE(bounce)     \
	PAGE(tls)        \
	PAGE(tls_report) \
	PAGE(rules)      \
	PAGE(rule_try)   \
	PAGE(status)     \
	PAGE(upload)     \
	PAGE(unreadable) \
	PAGE(kept_mail)  \
	PAGE(help)       \
	PAGE(help_topic)

#define PAGE_DECLARE(name) extern const struct page_route page_##name;
PAGES(PAGE_DECLARE)
#undef PAGE_DECLARE

#endif
