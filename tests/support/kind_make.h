/* SPDX-License-Identifier: MIT */
/*
 * kind_make.h - failure reports, complaints, bounces and TLS reports for tests, without parsing.
 *
 * What is left out (0 or NULL) has a value that does no harm, see kind_make.c.
 */
#ifndef TESTS_SUPPORT_KIND_MAKE_H
#define TESTS_SUPPORT_KIND_MAKE_H

#include "core/document.h"

struct make_feedback {
	enum document_kind kind; /* DOCUMENT_FAILURE unless DOCUMENT_COMPLAINT */
	const char *reporter;    /* domain of the mail that carried it */
	const char *message_id;  /* of the original; "" is none */
	const char *carrier_id;  /* Message-ID of the mail that carried it */
	const char *domain;      /* reported */
	const char *ip;
	const char *recipient;
	const char *headers; /* of the original */
	const char *result;
	gint64 arrived_at;
	gint64 incidents; /* 0: not reported */
};
struct document *make_feedback(const struct make_feedback *feedback);

struct make_bounce {
	const char *message_id;
	const char *from; /* of the original */
	const char *recipient;
	const char *status;
	const char *diagnostic;
	gint64 arrived_at;
};
struct document *make_bounce(const struct make_bounce *bounce);

struct make_tls {
	const char *report_id;
	const char *domain;
	gint64 day;
	gint64 success; /* -1: not reported */
	gint64 failure;
	const char *result; /* of one failure detail with failure sessions; NULL: no detail */
};
struct document *make_tls(const struct make_tls *tls);

#endif
