/* SPDX-License-Identifier: MIT */
#include "web/readiness.h"

#include "core/report.h"
#include "web/tree.h"
#include "web/words.h"

/* In a list of domains less has to do. No limit (readiness_rows) asks for more by default, and
 * nobody reads the numbers. */
#define LISTED_SENDERS_MAX 50
#define LISTED_COUNT_MAX   10

static const struct alignment_count *
first(const GArray *counts)
{
	return &g_array_index(counts, struct alignment_count, 0);
}

static gboolean
is_stricter(const struct simulate_policy *published, const struct simulate_policy *asked)
{
	struct simulate_effect before = simulate_effect_of(published);
	struct simulate_effect after = simulate_effect_of(asked);

	return (after.is_dkim_strict && !before.is_dkim_strict) ||
	       (after.is_spf_strict && !before.is_spf_strict);
}

/* --- The policies --- */

static struct simulate_policy
policy_seen(const struct query_policy *policy)
{
	if (!policy)
		return (struct simulate_policy){ 0 };
	const struct simulate_policy seen = {
		.p = policy->p,
		.sp = policy->sp,
		.np = policy->np,
		.adkim = policy->adkim,
		.aspf = policy->aspf,
		.t = policy->t,
	};
	return simulate_policy_folded(&seen);
}

/*
 * That of the next step, all of it: receivers that do not know t apply it. Where nothing was seen
 * the first step beyond none is asked about, and at the last one that itself.
 */
static struct simulate_policy
next_policy(const struct simulate_policy *published, gboolean is_seen)
{
	enum rollout_step step =
		is_seen ? rollout_next(published, STEP_REJECT) : STEP_QUARANTINE_TEST;
	struct simulate_policy policy = rollout_policy_at(published, step);
	const struct simulate_policy all = { .p = policy.p, .t = "n" };

	return simulate_policy_with(published, &all);
}

/* How many senders a page tells apart is asked for by what they lose, so the order depends on the
 * policies; those are known only after the question: it is asked again where it was the wrong one.
 */
static struct query_readiness *
ask_store(struct readiness_case *c, struct store_view *view, const struct readiness_ask *ask,
	  GError **error)
{
	struct readiness_question question = {
		.domain = ask->domain,
		.order = SENDER_ORDER_FAIL,
		.senders = ask->senders,
		.count_max = ask->count_max,
		.review_messages = c->limits.review_messages,
	};
	g_autoptr(query_readiness_auto) found = query_readiness(view, &question, error);

	if (!found)
		return NULL;
	struct simulate_policy published = policy_seen(found->policy);
	if (ask->what_if) {
		struct simulate_policy asked = simulate_policy_with(&published, ask->what_if);
		if (is_stricter(&published, &asked)) {
			question.order = SENDER_ORDER_LOOSE;
			return query_readiness(view, &question, error);
		}
	}
	return g_steal_pointer(&found);
}

/* --- The facts --- */

static void
add_sender(struct readiness_case *c, enum class class, gint64 messages, gint64 lost,
	   const char *fix)
{
	const struct readiness_sender sender = {
		.id = "",
		.name = "",
		.class = class,
		.messages = messages,
		.lost = lost,
		.fix = fix,
	};

	g_array_append_val(c->senders, sender);
}

static void
fill_senders(struct readiness_case *c)
{
	static const enum class own[] = { CLASS_FIX, CLASS_AUTHORIZED };
	gint64 messages[N_CLASSES] = { 0 };
	gint64 lost[N_CLASSES] = { 0 };

	for (guint i = 0; i < c->found->senders->len; i++) {
		const struct readiness_sender_sum *sender = g_ptr_array_index(c->found->senders, i);
		struct simulation s = simulate(&c->published, &c->asked, first(sender->counts),
					       sender->counts->len);
		add_sender(c, sender->class, s.what_if.pass + s.what_if.fail,
			   simulate_lost(&s.what_if), readiness_fix(&sender->figures));
		messages[sender->class] += s.what_if.pass + s.what_if.fail;
		lost[sender->class] += simulate_lost(&s.what_if);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(own); i++) {
		const struct simulate_outcome *whole = &c->classes[own[i]].what_if;
		add_sender(c, own[i], MAX(whole->pass + whole->fail - messages[own[i]], 0),
			   MAX(simulate_lost(whole) - lost[own[i]], 0), "");
	}
}

/* A policy that may have stood for longer, or that not all see, has stood for so long at least. */
static gint64
unchanged_days(const struct query_readiness *found, const struct readiness_limits *limits)
{
	if (!found->policy)
		return FACT_N_UNKNOWN;
	gint64 days = found->last_day - found->policy->since;
	return found->policy->is_change || days >= limits->unchanged_days ? days : FACT_N_UNKNOWN;
}

static void
judge_case(struct readiness_case *c)
{
	const struct query_readiness *found = c->found;
	const struct simulate_outcome *forwarded = &c->classes[CLASS_FORWARDER].what_if;
	const struct readiness_facts facts = {
		.senders = (const struct readiness_sender *)(gpointer)c->senders->data,
		.n_senders = c->senders->len,
		.forwarded = forwarded->pass + forwarded->fail,
		.forwarded_lost = simulate_lost(forwarded),
		.review_sources = found->review_sources,
		.review_large = found->review_large,
		.days = found->days,
		.window_days = found->window_days,
		.reporters = found->reporters,
		.messages = found->messages,
		.unchanged_days = c->unchanged_days,
		.policy = found->policy ? &c->published : NULL,
		.target = STEP_REJECT,
	};

	c->result = readiness(&facts, &c->limits);
}

gboolean
readiness_case_read(struct readiness_case *c, struct store_view *view,
		    const struct readiness_ask *ask, GError **error)
{
	*c = (struct readiness_case){ .limits = readiness_limits_default() };
	c->found = ask_store(c, view, ask, error);
	if (!c->found)
		return FALSE;
	c->published = policy_seen(c->found->policy);
	c->asked = ask->what_if ? simulate_policy_with(&c->published, ask->what_if)
				: next_policy(&c->published, c->found->policy != NULL);
	for (enum class i = CLASS_NONE; i < N_CLASSES; i++)
		c->classes[i] = simulate(&c->published, &c->asked, first(c->found->counts[i]),
					 c->found->counts[i]->len);
	c->senders = g_array_new(FALSE, FALSE, sizeof(struct readiness_sender));
	c->unchanged_days = unchanged_days(c->found, &c->limits);
	fill_senders(c);
	judge_case(c);
	return TRUE;
}

void
readiness_case_clear(struct readiness_case *c)
{
	g_clear_pointer(&c->found, query_readiness_free);
	g_clear_pointer(&c->senders, g_array_unref);
}

/* --- In words --- */

static void
append_tag(GString *tags, const char *name, const char *published, const char *asked)
{
	if (g_strcmp0(published ? published : "", asked ? asked : "") != 0)
		g_string_append_printf(tags, "; %s=%s", name, asked);
}

char *
readiness_tags(const struct readiness_case *c)
{
	enum policy_action p = ACTION_NONE;
	GString *tags = g_string_new("p=");

	policy_action_parse(c->asked.p, &p);
	g_string_append(tags, policy_action_name(p));
	append_tag(tags, "sp", c->published.sp, c->asked.sp);
	append_tag(tags, "np", c->published.np, c->asked.np);
	append_tag(tags, "adkim", c->published.adkim, c->asked.adkim);
	append_tag(tags, "aspf", c->published.aspf, c->asked.aspf);
	if (g_strcmp0(c->asked.t, "y") == 0)
		append_tag(tags, "t", "", c->asked.t);
	return g_string_free(tags, FALSE);
}

static const char *
verdict_word(const struct readiness *result)
{
	g_autofree char *key =
		g_strconcat("ready.word_", readiness_verdict_name(result->verdict), NULL);

	return words_get(result->is_reached ? "ready.word_reached" : key);
}

gboolean
readiness_add(json_t *row, struct store_view *view, const char *domain, GError **error)
{
	const struct readiness_ask ask = {
		.domain = domain,
		.senders = LISTED_SENDERS_MAX,
		.count_max = LISTED_COUNT_MAX,
	};
	g_auto(readiness_case_auto) c = { 0 };
	GError *fault = NULL;

	json_object_set_new(row, "readiness", json_null());
	if (!readiness_case_read(&c, view, &ask, &fault)) {
		if (fault)
			g_propagate_error(error, fault);
		return fault == NULL;
	}
	tree_text(row, "readiness", readiness_verdict_name(c.result.verdict));
	tree_text(row, "_ready", verdict_word(&c.result));
	g_autofree char *path = tree_address("/domains/", domain);
	tree_take(row, "_ready_href", g_strconcat(path, "/readiness", NULL));
	return TRUE;
}

json_t *
readiness_domains(struct store_view *view, const GPtrArray *domains, GError **error)
{
	json_t *data = json_array();

	for (guint i = 0; i < domains->len; i++) {
		const struct query_domain *domain = g_ptr_array_index(domains, i);
		json_t *row = tree_domain(domain);
		json_array_append_new(data, row);
		if (!readiness_add(row, view, domain->domain, error)) {
			json_decref(data);
			return NULL;
		}
	}
	return data;
}
