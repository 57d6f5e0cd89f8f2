/* SPDX-License-Identifier: MIT */
/*
 * source.h - a sending address seen for one owned domain: totals, class, and the words for classes.
 *
 * All counts are messages unless the name says otherwise.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include <glib.h>

#include "core/ip.h"

/* In the order in which pages list them. CLASS_NONE is a source that was not judged yet. */
enum class {
	CLASS_NONE,
	CLASS_FIX,
	CLASS_REVIEW,
	CLASS_UNAUTHORIZED,
	CLASS_FORWARDER,
	CLASS_AUTHORIZED,
	CLASS_IGNORED, /* a user does not want to hear of it; verdict.unruled_class says more */
	N_CLASSES,
};

/* Totals of messages, of whatever set a struct says. */
struct totals {
	gint64 messages;
	gint64 pass;        /* DKIM or SPF passed aligned */
	gint64 dkim_pass;   /* DKIM passed aligned */
	gint64 spf_pass;    /* SPF passed aligned */
	gint64 quarantined; /* what receivers did */
	gint64 rejected;
	gint64 forwarded; /* failing, with an override that tells of forwarding
			     (reason_is_forwarding) */
	gint64 explained; /* failing, with an unaligned SPF or DKIM pass of another domain */
	gint64 records;
};

/* Delivered as far as the reports say: neither quarantined nor rejected. */
static inline gint64
totals_delivered(const struct totals *totals)
{
	return totals->messages - totals->quarantined - totals->rejected;
}

static inline gint64
totals_fail(const struct totals *totals)
{
	return totals->messages - totals->pass;
}

void totals_add(struct totals *sum, const struct totals *more);
void totals_subtract(struct totals *sum, const struct totals *less);
gboolean totals_is_zero(const struct totals *totals);

/* Whose a source is held to be. */
struct verdict {
	enum class class;
	guint8 rule;              /* number of the rule that fired, as in "R8" */
	guint8 score;             /* 0 to 100; 0 where a rule decided that asks for none */
	enum class unruled_class; /* without the user's rule */
	guint8 unruled_rule;
	gboolean is_ignored; /* class is CLASS_IGNORED */
	gint64 user_rule;    /* id of the user's rule, 0 = none */
};

/* The network of an address and where it is, by databases of the administrator. */
#define AS_NAME_LEN 128
struct source_place {
	guint32 asn;               /* 0 = unknown */
	char as_name[AS_NAME_LEN]; /* "" = unknown */
	char country[3];           /* ISO 3166, "" = unknown */
};

/* "fix", "review", "unauthorized", "forwarder", "authorized", "ignored"; "none" for CLASS_NONE. */
const char *class_name(enum class class);

/* FALSE where name is none of the six. */
gboolean class_parse(const char *name, enum class *ret_class);

#endif
