/* SPDX-License-Identifier: MIT */
/*
 * store_make.h - documents for the tests of the store, made without parsing.
 *
 *	struct make *make = make_start(&(struct make_report){ .domain = "shop.example" });
 *	make_record(make, &(struct make_record){ .ip = "192.0.2.1", .count = 3 });
 *	struct document *document = make_end(make);
 *
 * What is left out has a value that does no harm: see store_make.c.
 */
#ifndef TESTS_SUPPORT_STORE_MAKE_H
#define TESTS_SUPPORT_STORE_MAKE_H

#include "core/document.h"

#define DAY_S 86400

struct make_report {
	const char *domain;
	const char *reporter;
	const char *report_id;
	const char *p;
	gint64 day; /* UTC day; begin_at and end_at, where given, go before */
	gint64 begin_at;
	gint64 end_at;
};

struct make_record {
	const char *ip; /* an address, or a text that is none */
	gint64 count;
	enum disposition disposition;
	const char *disposition_name;
	enum aligned dkim;
	enum aligned spf;
	const char *header_from;
	const char *envelope_from;
	/* "spf pass bounce.example mfrom; dkim fail shop.example s1": kind, result, domain, more */
	const char *auth;
	const char *reason;  /* type */
	const char *comment; /* of the reason */
};

struct make;

struct make *make_start(const struct make_report *report);
void make_record(struct make *make, const struct make_record *record);
struct document *make_end(struct make *make);

/* A report of one record. */
struct document *make_document(const struct make_report *report, const struct make_record *record);

#endif
