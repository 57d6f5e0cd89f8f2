/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what users said about senders: save it, end it, list it, and see before what it does.
 *
 * A rule labels sources; it changes no record and no number. None is ever deleted or altered: who
 * ended it, and when, stays with it, so that the list of all rules is the audit. To change a rule
 * is to end it and to add another, in one go.
 *
 * Rules begin and end for a source when it is judged. A rule that expires does so at the beginning
 * of its UTC day.
 *
 * Threads: as in store/store.h and store/query.h.
 */
#ifndef STORE_RULES_H
#define STORE_RULES_H

#include <glib.h>

#include "core/source.h"
#include "core/user_rule.h"
#include "store/query.h"

#define RULES_MAX             1000 /* max_rules: in force */
#define RULES_AT_ONCE_MAX     50   /* max_rules_at_once: added by one change */
#define RULE_MATCH_MAX_BYTES  320  /* max_rule_match_bytes */
#define RULE_NOTE_MAX_BYTES   500  /* max_rule_note_bytes */
#define RULE_AUTHOR_MAX_BYTES 64   /* max_rule_author_bytes */

/* A rule to be. Of rule everything counts but its id; text is what the user wrote to be matched,
 * lower case, of every kind. */
struct rule_draft {
	struct user_rule rule;
	const char *note; /* "" = none */
};

struct rule_change {
	gint64 ends; /* id of a rule in force, 0 = none */
	const struct rule_draft *adds;
	guint n_adds;
};

/*
 * Save a change in one transaction, and judge again what it may touch before this returns. author
 * is who does it, by the name that the audit shows. ret_first_id (may be NULL) is the id of the
 * first rule added; the others follow it by one.
 *
 * INVALID where nothing of this id is in force, or a draft makes no sense (an expiry that is not
 * in the future or no whole day); LIMIT names the limit.
 *
 * What it costs: an address, its sources; a network, those in it; a sender, its own; a signature
 * or SPF domain, all sources of the rule's domain, or every source of the store where the rule is
 * for all domains; an AS number, the sources in it; a reverse name, those of all addresses that
 * have a confirmed one. An end costs what the rule labels.
 *
 * Where the store can save but not judge (a disk that is full), it has been saved and the writer
 * judges as soon as it can.
 */
gboolean store_edit_rules(struct store *store, const struct rule_change *change, const char *author,
			  gint64 *ret_first_id, GError **error);

struct query_rule {
	gint64 id;
	enum rule_kind kind;
	enum rule_class class;
	char *match;
	char *domain; /* "" = all */
	char *note;
	char *author;
	gint64 made_at;
	gint64 expires_at; /* 0 = never */
	gint64 ended_at;   /* 0 = in force */
	char *ended_by;    /* of one that ended; "" = it expired */
	gint64 sources;    /* that it labels, with mail in the last 30 days */
	gint64 messages;   /* theirs, in the last 30 days */
};
void query_rule_free(struct query_rule *rule);
typedef struct query_rule query_rule_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_rule_auto, query_rule_free)

struct rule_question {
	gboolean want_ended; /* those that ended, too */
	const char *after;
	guint limit;
};
/* rows: struct query_rule *, newest first. */
struct query_page *query_rules(struct store_view *view, const struct rule_question *question,
			       GError **error);

/* NULL without error where there is none of this id. Caller frees. */
struct query_rule *query_rule(struct store_view *view, gint64 id, GError **error);

/* --- Before it is saved --- */

/* So many addresses are looked at; beyond, every number of the preview is "at least". */
#define RULE_PREVIEW_ADDRESSES_MAX 20000 /* max_preview_addresses */
/* So many rules that win over it are named. */
#define RULE_PREVIEW_RIVALS_MAX 10

/* Sources, whenever they sent, and their messages in the last 30 days. */
struct rule_share {
	gint64 sources;
	gint64 messages;
};
/* A rule that is more specific where both match. */
struct rule_rival {
	gint64 id;
	struct rule_share share;
};
struct query_rule_preview {
	struct rule_share labelled;                    /* by what is added, or by what ends now */
	struct rule_share moves[N_CLASSES][N_CLASSES]; /* of these: class now, class then */
	GArray *rivals;  /* struct rule_rival, most messages first, at most RULE_PREVIEW_RIVALS_MAX
			  */
	gboolean is_cut; /* there are more addresses than were looked at */
};
void query_rule_preview_clear(struct query_rule_preview *preview);
typedef struct query_rule_preview query_rule_preview_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(query_rule_preview_auto, query_rule_preview_clear)

/*
 * What store_edit_rules() would do with this change now; nothing is changed. Fails as that does,
 * but for the number of rules in force. ret_preview is cleared by the caller.
 */
gboolean query_rule_preview(struct store_view *view, const struct rule_change *change,
			    struct query_rule_preview *ret_preview, GError **error);

#endif
