/* SPDX-License-Identifier: MIT */
/*
 * query_reporters.h - questions about who sends reports.
 *
 * What store/query.h says of questions, answers, cursors and threads holds here.
 */
#ifndef STORE_QUERY_REPORTERS_H
#define STORE_QUERY_REPORTERS_H

#include "store/query.h"

/* What an override says; stored. */
enum override {
	OVERRIDE_OTHER,
	OVERRIDE_FORWARDED,
	OVERRIDE_TRUSTED_FORWARDER,
	OVERRIDE_MAILING_LIST,
	OVERRIDE_ARC, /* local_policy that tells of an authenticated chain */
	OVERRIDE_LOCAL_POLICY,
	OVERRIDE_SAMPLED_OUT,
	OVERRIDE_TEST_MODE,
	N_OVERRIDES,
};
/* The word that reports have for it; "arc=pass". */
const char *override_name(enum override kind);

struct query_fault {
	char *code;
	gint64 warnings;
};

/* Lifetime but for reports and messages, which are those of the window. */
struct query_reporter {
	gint64 id;
	char *reporter; /* case-folded */
	gint64 reports;
	gint64 messages;
	gint64 first_day;
	gint64 last_day;    /* 0: all it reported is dated after the last day */
	gint64 silent_days; /* since then */
	gboolean is_silent; /* for longer than it uses to be */
	gint64 delay_s;     /* usual, from the end of a period to the mail; -1 = unknown */
	gint64 gap;         /* usual, in days, from one day with reports to the next; 0 = unknown */
	gint64 by_mail[N_AUTHENTICATED]; /* reports by what is known of their mails */
	gint64 counted;                  /* reports that count */
	gint64 reports_ever;
	gint64 overrides[N_OVERRIDES]; /* messages */
	GPtrArray *faults;             /* struct query_fault *, most warnings first */
};
/* rows: struct query_reporter *, most messages of the window first. */
struct query_page *query_reporters(struct store_view *view, enum window window, const char *after,
				   guint limit, GError **error);

/* Why the reports of a party count, or not. */
enum voice_reason {
	VOICE_UNKNOWN,         /* no trusted server said whether the mail is authentic */
	VOICE_UNAUTHENTICATED, /* it said no */
	VOICE_FRESH,           /* authentic, but nobody knows the sender for long enough */
	VOICE_FILE,            /* counted: somebody handed in the file */
	VOICE_KNOWN,           /* counted: a known receiver */
	VOICE_APPROVED,        /* counted: a user approved it */
	VOICE_LASTING,         /* counted: authenticated for long enough */
	N_VOICE_REASONS,
};
struct query_party {
	enum authenticated authenticated;
	char *auth_domain;
	char *from;  /* of an authenticated mail */
	char *voice; /* that its reports are counted under; "" = none */
	enum voice_reason reason;
	gboolean is_counted;
	gboolean is_approved;
	gint64 first_at; /* authenticated reports of the voice; 0 = none */
	gint64 last_at;
	gint64 reports;
};
struct query_reporter_day {
	gint64 day;
	gint64 reports;
	gint64 messages;
};
struct query_reporter_detail {
	struct query_reporter *reporter;
	GPtrArray *parties; /* struct query_party *, most reports first */
	GArray *days;       /* struct query_reporter_day, of the window, oldest first */
};
/* NULL without error where nobody of this name reported. name: any case. Caller frees. */
struct query_reporter_detail *query_reporter(struct store_view *view, enum window window,
					     const char *name, GError **error);
/* The same by query_reporter.id. */
struct query_reporter_detail *query_reporter_by_id(struct store_view *view, enum window window,
						   gint64 id, GError **error);
void query_reporter_detail_free(struct query_reporter_detail *detail);
typedef struct query_reporter_detail query_reporter_detail_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_reporter_detail_auto, query_reporter_detail_free)

struct query_reporter_counts {
	gint64 reporters; /* that reported in the window */
	gint64 silent;    /* of all */
	gboolean is_any_counted;
};
gboolean query_reporter_counts(struct store_view *view, enum window window,
			       struct query_reporter_counts *ret_counts, GError **error);

#endif
