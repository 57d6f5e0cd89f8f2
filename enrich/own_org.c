/* SPDX-License-Identifier: MIT */
#include "enrich/own_org.h"

#include "enrich/fact_age.h"
#include "enrich/tree_walk.h"

/* What the DNS said of one name. */
struct heard {
	enum lookup_answer answer;
	GPtrArray *texts; /* char * */
};

/* The tree walk wants its answers at once: it is walked again from the start whenever one more has
 * come. */
struct walk {
	struct resolver *resolver;
	char *name;
	gint64 now;
	own_org_fn fn;
	gpointer data;
	GHashTable *heard; /* struct heard *, by name */
	char *missing;     /* the name that the walk could not go on without; NULL = none */
	guint32 ttl_s;
};

static const struct fact_age age = { OWN_ORG_GOOD_MIN_S, OWN_ORG_GOOD_MAX_S };

static void step(struct walk *walk);

void
own_org_clear(struct own_org *org)
{
	g_free(org->domain);
	*org = (struct own_org){ 0 };
}

static void
heard_free(gpointer data)
{
	struct heard *heard = data;

	g_ptr_array_unref(heard->texts);
	g_free(heard);
}

/* A record of which a part is missing may say anything. */
static struct heard *
heard_new(const struct dns_answer *answer)
{
	static const enum lookup_answer answers[] = {
		[DNS_FAILED] = LOOKUP_FAILED,
		[DNS_NONE] = LOOKUP_NONE,
		[DNS_FOUND] = LOOKUP_FOUND,
	};
	struct heard *heard = g_new0(struct heard, 1);

	heard->answer = answer->n_dropped > 0 ? LOOKUP_FAILED : answers[answer->state];
	heard->texts = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < answer->records->len; i++) {
		const struct dns_record *record = dns_answer_record(answer, i);
		if (record->is_cut)
			heard->answer = LOOKUP_FAILED;
		g_ptr_array_add(heard->texts, g_strdup(record->text));
	}
	return heard;
}

static enum lookup_answer
recall(gpointer cookie, const char *name, GPtrArray *texts)
{
	struct walk *walk = cookie;
	const struct heard *heard = g_hash_table_lookup(walk->heard, name);

	if (!heard) {
		walk->missing = g_strdup(name);
		return LOOKUP_FAILED;
	}
	for (guint i = 0; i < heard->texts->len; i++)
		g_ptr_array_add(texts, g_strdup(g_ptr_array_index(heard->texts, i)));
	return heard->answer;
}

static void
on_texts(gpointer data, const struct dns_answer *answer)
{
	struct walk *walk = data;

	if (answer->state != DNS_FAILED)
		walk->ttl_s = MIN(walk->ttl_s, answer->ttl_s);
	g_hash_table_insert(walk->heard, g_steal_pointer(&walk->missing), heard_new(answer));
	step(walk);
}

static void
finish(struct walk *walk, const char *domain, gboolean has_record)
{
	const struct own_org org = {
		.state = !domain      ? OWN_ORG_UNKNOWN
			 : has_record ? OWN_ORG_FOUND
				      : OWN_ORG_NONE,
		.domain = g_strdup(domain ? domain : ""),
		.good_until = fact_good_until(&age, walk->now, walk->ttl_s, domain != NULL),
	};

	walk->fn(walk->data, &org);
	g_hash_table_unref(walk->heard);
	g_free(walk->name);
	g_free(walk);
}

static void
step(struct walk *walk)
{
	gboolean has_record;
	const char *domain = tree_walk_find(walk->name, recall, walk, &has_record);

	if (walk->missing)
		resolver_ask(walk->resolver, DNS_TXT, walk->missing, on_texts, walk);
	else
		finish(walk, domain, has_record);
}

void
own_org_ask(struct resolver *resolver, const char *name, gint64 now, own_org_fn fn, gpointer data)
{
	struct walk *walk = g_new0(struct walk, 1);

	walk->resolver = resolver;
	walk->name = g_ascii_strdown(name, -1);
	walk->now = now;
	walk->fn = fn;
	walk->data = data;
	walk->heard = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, heard_free);
	walk->ttl_s = OWN_ORG_GOOD_MAX_S;
	step(walk);
}
