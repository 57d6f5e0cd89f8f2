/* SPDX-License-Identifier: MIT */
/*
 * query_groups.h - questions about sources taken together: by the service they belong to, and by
 * the network they stand in.
 *
 * The same rules as in store/query.h.
 */
#ifndef STORE_QUERY_GROUPS_H
#define STORE_QUERY_GROUPS_H

#include <glib.h>

#include "store/query.h"

/* Sources of one class that belong together, in the scope's window. */
struct query_group {
	enum class class;
	gint64 addresses;
	struct totals totals;
};

/* --- Senders --- */

struct query_sender {
	char *sender; /* as in struct query_source; "" = all sources whose sender is not known */
	struct query_group group;
};

struct senders_question {
	struct scope scope;
	enum class class; /* CLASS_NONE = all, one class after the other */
	const char *after;
	guint limit;
};
/* rows: struct query_sender *, most messages first within a class. */
struct query_page *query_senders(struct store_view *view, const struct senders_question *question,
				 GError **error);

struct query_sender_domain {
	char *domain;
	struct query_group group;
};
struct query_sender_detail {
	struct query_group groups[N_CLASSES]; /* of the scope */
	GPtrArray *domains;   /* struct query_sender_domain *: owned, most messages first */
	GPtrArray *selectors; /* char *: "s1._domainkey.example.com", whose home the sender is */
	GArray *days;         /* struct query_day: messages alone, of the newest 30 days */
	gint64 days_sources;  /* sources that the days are of: those with most messages ... */
	gboolean days_is_cut; /* ... there are more */
};
void query_sender_detail_free(struct query_sender_detail *detail);
typedef struct query_sender_detail query_sender_detail_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_sender_detail_auto, query_sender_detail_free)

/* NULL without error where no source of the scope belongs to it. */
struct query_sender_detail *query_sender(struct store_view *view, const struct scope *scope,
					 const char *sender, GError **error);

/* rows: struct query_source * with mail in the window, most messages in 30 days first. */
struct query_page *query_sender_sources(struct store_view *view, const struct scope *scope,
					const char *sender, const char *after, guint limit,
					GError **error);

/* --- Networks: /24 of IPv4, /48 of IPv6; or whole autonomous systems (AS) --- */

/* How many of the 128 bits make the network of ip. */
guint query_network_prefix(const struct ip *ip);

enum network_by {
	NETWORK_BY_PREFIX,
	NETWORK_BY_AS,
};

/* first and prefix are of a network by prefix, asn and as_name of one by AS; else they are 0. */
struct query_network {
	struct ip first;           /* its first address */
	guint prefix;              /* of the 128 bits */
	guint32 asn;               /* 0 = the row of all sources whose AS is not known */
	char as_name[AS_NAME_LEN]; /* "" = unknown */
	enum class class;
	gint64 addresses; /* among the sources that were read ... */
	gint64 sources;
	gint64 messages;
	guint8 score; /* the highest one */
};
struct query_networks {
	GArray *rows;        /* struct query_network, most messages first */
	gint64 sources_read; /* ... those of the class with most messages ... */
	gboolean is_cut;     /* ... of more */
};
void query_networks_free(struct query_networks *networks);
typedef struct query_networks query_networks_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_networks_auto, query_networks_free)

/*
 * The networks of one class. There are too many networks to keep sums of each: these are the ones
 * of the sources_max sources with most messages, which leaves out networks of many quiet sources.
 */
struct query_networks *query_networks(struct store_view *view, const struct scope *scope,
				      enum network_by by, enum class class, guint sources_max,
				      GError **error);

/* Is the AS of any address known? */
gboolean query_knows_as(struct store_view *view, gboolean *ret_is_known, GError **error);

struct query_network_detail {
	struct ip first; /* these four as in struct query_network */
	guint prefix;
	guint32 asn;
	char as_name[AS_NAME_LEN];
	struct query_group groups[N_CLASSES];
	GPtrArray *sources; /* struct query_source * with mail in the window, most messages first */
	gboolean is_cut;    /* there are more sources, in no sum of the above */
};
void query_network_detail_free(struct query_network_detail *detail);
typedef struct query_network_detail query_network_detail_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_network_detail_auto, query_network_detail_free)

/* Exact, of the network that ip is in, up to sources_max sources. */
struct query_network_detail *query_network(struct store_view *view, const struct scope *scope,
					   const struct ip *ip, guint sources_max, GError **error);

/*
 * Of the AS of that number: the sources_max sources with most messages among its first
 * QUERY_AS_ADDRESSES_MAX addresses. NULL without error where no address is known to be in it.
 */
#define QUERY_AS_ADDRESSES_MAX 1000
struct query_network_detail *query_as(struct store_view *view, const struct scope *scope,
				      guint32 asn, guint sources_max, GError **error);

#endif
