/* SPDX-License-Identifier: MIT */
/*
 * bounce.h - a delivery status notification: one message, any number of recipients (RFC 3464).
 *
 * Half of real bounces have no machine-readable part. Those are not structured: their recipients
 * list is empty, and what their text hints at stands in the hints, which are guesses and are marked
 * as such wherever they are shown.
 */
#ifndef CORE_BOUNCE_H
#define CORE_BOUNCE_H

#include "core/shape.h"

/* Recipients of one notification that are kept. */
#define BOUNCE_RECIPIENTS_MAX 1000

struct bounce_recipient {
	const char *final_recipient;    /* address without its type and <> */
	const char *original_recipient; /* the same */
	const char *action;             /* first word, lower case: failed, delayed, ... */
	const char *status;             /* "5.1.1" */
	const char *diagnostic;         /* Diagnostic-Code with its type */
	const char *remote_mta;         /* without its type */
};

struct bounce {
	gboolean structured; /* it had a delivery-status part */
	const char *reporting_mta;
	const char *arrival_date; /* verbatim */
	struct number arrived_at; /* the same as Unix seconds */
	GArray *recipients;       /* struct bounce_recipient */
	const char *subject;      /* of the notification */
	gboolean original_present;
	const char *original_from;
	const char *original_message_id;
	GPtrArray *hint_recipients;
	GPtrArray *hint_status;
};

extern const struct shape bounce_shape;
extern const struct shape bounce_recipient_shape;

#endif
