/* SPDX-License-Identifier: MIT */
/*
 * weights.h - every threshold and weight of the judgement, one table row
 * each.
 *
 * The table gives name, default, limits and a sentence; a configuration fills the struct by name.
 * Shares are per cent, weights are points (their size; the term knows its sign). Passive.
 */
#ifndef ANALYSIS_WEIGHTS_H
#define ANALYSIS_WEIGHTS_H

#include <glib.h>

struct weights {
	/* thresholds of the rules */
	gint64 authorized_share;
	gint64 badge_share;
	gint64 half_share;
	gint64 signs_share;
	gint64 cap_least;
	gint64 cap_share;
	gint64 unauthorized_score;
	gint64 suspicious_score;
	gint64 unclear_score;
	gint64 tiny_messages;
	/* points of the score */
	gint64 base;
	gint64 bare;
	gint64 never;
	gint64 nosig;
	gint64 volume;
	gint64 two_reporters;
	gint64 three_reporters;
	gint64 four_reporters;
	gint64 two_days;
	gint64 three_days;
	gint64 dnsbl_one;
	gint64 dnsbl_two;
	gint64 policy;
	gint64 ruf;
	gint64 multi;
	gint64 parked;
	gint64 forwarded;
	gint64 category;
	gint64 ownsig;
	gint64 orgmta;
	gint64 confirmed;
	gint64 tiny;
};

struct weight_row {
	const char *name; /* that of the member */
	gsize offset;
	gint64 fallback;
	gint64 min;
	gint64 max;
	const char *sentence;
};
extern const struct weight_row weight_rows[];
extern const gsize n_weight_rows;

/* Every member at its default. */
struct weights weights_default(void);

/* The same for any struct whose members are the rows of a table. */
void weight_rows_default(const struct weight_row *rows, gsize n_rows, gpointer all);

/* Set one by name. DENIED where the name is none or value is outside of its limits. */
gboolean weight_rows_set(const struct weight_row *rows, gsize n_rows, gpointer all,
			 const char *name, gint64 value, GError **error);

#endif
