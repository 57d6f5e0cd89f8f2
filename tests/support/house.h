/* SPDX-License-Identifier: MIT */
/*
 * house.h - a small store of known reports and the pages over it, without a socket, for tests.
 *
 * The last day is 2026-11-22. In 30 days and under both domains together:
 *
 *   192.0.2.10      hinoki   authorized    200 messages, 199 pass
 *   192.0.2.20      hinoki   fix            20 messages, 5 pass by SPF, 3 of the rest quarantined
 *   198.51.100.7    hinoki   forwarder      12 messages, all forwarded
 *   198.51.100.8    hinoki   review          4 messages, all pass SPF for another domain
 *   203.0.113.45    hinoki   unauthorized   60 messages on 2 days by 2 reporters, 20 quarantined,
 *                                           30 rejected
 *   203.0.113.45    shop     unauthorized   10 messages, delivered
 *   10.0.0.1        hinoki   unauthorized    7 messages, delivered
 *   2001:db8:7::1   hinoki   unauthorized    6 messages, rejected
 *
 * hinoki.example is seen at p=quarantine, shop.example at p=none. One report has a revision, one
 * came twice, one mail had no report in it, one could not be read; one reporter calls itself
 * HOUSE_HOSTILE.
 */
#ifndef TESTS_SUPPORT_HOUSE_H
#define TESTS_SUPPORT_HOUSE_H

#include <glib.h>
#include <jansson.h>

#include "core/document.h"
#include "store/query.h"
#include "store/store.h"
#include "web/site.h"

#define HOUSE_DAY     20779
#define HOUSE_HOSTILE "=<script>alert(1)</script>"

struct house {
	char *folder;
	struct store *store;
	struct store_view *view;
	struct site *site;
	char *token; /* of the session */
	struct web_hooks hooks;
	gint64 retried; /* id of the kept mail that the hook was asked to read; makes it fail if odd
			 */
	gboolean retry_fails;
};

/* Setup and teardown of a test group; state is the struct house. */
int house_open(void **state);
int house_open_empty(void **state);
int house_close(void **state);

/*
 * A mail with this document (takes it) and this fault, each where it is not NULL; with neither it
 * is an auto-reply. It is stored by the next flush of the store.
 */
void house_submit(struct house *house, const char *locator, struct document *document,
		  const char *reason, gint64 received_at);

/* What a GET of target answers: status and body. Caller frees. */
char *house_get(struct house *house, const char *target, guint *ret_status);

/* The same for a POST of a form. */
char *house_post(struct house *house, const char *target, const char *form, guint *ret_status);

/* The body of an answer that must be 200. */
char *house_page(struct house *house, const char *target);

/* The tree behind a JSON answer that must be 200. Caller decrefs. */
json_t *house_json(struct house *house, const char *target);

/* Where a GET or a POST of a form (NULL: GET) is sent on to, or NULL. Caller frees. */
char *house_location(struct house *house, const char *target, const char *form);

#endif
