/* SPDX-License-Identifier: MIT */
#include "web/readiness_tree.h"

#include "core/report.h"
#include "web/figures.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/why.h"
#include "web/words.h"

/* --- The answer --- */

static gint64
lost_of(const struct readiness_case *c, enum class class)
{
	return simulate_lost(&c->classes[class].what_if);
}

static gint64
messages_of(const struct readiness_case *c, enum class class)
{
	return count_add(c->classes[class].what_if.pass, c->classes[class].what_if.fail);
}

static void
fill_numbers(const struct readiness_case *c, json_t *root)
{
	const struct query_readiness *found = c->found;
	const struct readiness *result = &c->result;
	const struct {
		const char *name;
		gint64 n;
	} numbers[] = {
		{ "own_messages", result->own_messages },
		{ "own_lost", result->own_lost },
		{ "left_lost", result->left_lost },
		{ "open_senders", result->open_senders },
		{ "open_items", result->open_items },
		{ "forwarded", messages_of(c, CLASS_FORWARDER) },
		{ "forwarded_lost", lost_of(c, CLASS_FORWARDER) },
		{ "review_sources", found->review_sources },
		{ "review_large", found->review_large },
		{ "days", found->days },
		{ "window_days", found->window_days },
		{ "reporters", found->reporters },
		{ "messages", found->messages },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		tree_count(root, numbers[i].name, numbers[i].n);
	json_object_set_new(root, "unchanged_days", json_null());
	if (c->unchanged_days != FACT_N_UNKNOWN)
		tree_count(root, "unchanged_days", c->unchanged_days);
	json_object_set_new(root, "policy_last_seen", json_null());
	if (found->policy)
		tree_day(root, "policy_last_seen", found->policy->last_day);
}

static void
fill_limits(const struct readiness_case *c, json_t *root)
{
	json_t *limits = json_object();

	for (gsize i = 0; i < n_readiness_rows; i++)
		tree_count(limits, readiness_rows[i].name,
			   G_STRUCT_MEMBER(gint64, &c->limits, readiness_rows[i].offset));
	json_object_set_new(root, "limits", limits);
}

static char *
say_question(const struct readiness_case *c, gboolean is_what_if)
{
	g_autofree char *tags = readiness_tags(c);
	const char *key = is_what_if             ? "readiness.question_what_if"
			  : c->result.is_reached ? "readiness.question_reached"
						 : "readiness.question";

	return say_text(key, word_text("domain", c->found->domain), word_text("policy", tags));
}

static void
fill_seen(const struct readiness_case *c, json_t *root)
{
	const struct query_policy *policy = c->found->policy;

	if (!policy)
		return;
	GString *tags = g_string_new(NULL);
	const struct {
		const char *name;
		const char *value;
	} told[] = {
		{ "p", policy->p },         { "sp", c->published.sp }, { "np", c->published.np },
		{ "adkim", policy->adkim }, { "aspf", policy->aspf },  { "t", policy->t },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
		if (told[i].value && *told[i].value)
			g_string_append_printf(tags, "%s%s=%s", tags->len > 0 ? "; " : "",
					       told[i].name, told[i].value);
	tree_take(root, "_seen",
		  say_html("readiness.seen", word_text("policy", tags->str),
			   word_day("day", policy->last_day)));
	g_string_free(tags, TRUE);
}

void
readiness_tree_heading(const struct readiness_case *c, gboolean is_what_if, struct page *page)
{
	const struct readiness *result = &c->result;
	const char *domain = c->found->domain;
	g_autofree char *question = say_question(c, is_what_if);
	g_autofree char *answer = why_line_text(&result->answer, domain);
	json_t *reasons = json_array();

	tree_text(page->root, "domain", domain);
	tree_text(page->root, "verdict", readiness_verdict_name(result->verdict));
	tree_flag(page->root, "is_reached", result->is_reached);
	tree_text(page->root, "answer", answer);
	tree_take(page->root, "_heading", g_strdup_printf("%s %s", question, answer));
	for (gsize i = 0; i < result->reasons.n; i++) {
		g_autofree char *reason = why_line_text(&result->reasons.lines[i], domain);
		json_array_append_new(reasons, json_string(reason));
		if (g_str_equal(result->reasons.lines[i].key, "readiness.left"))
			tree_text(page->root, "_left", reason);
	}
	json_object_set_new(page->root, "reasons", reasons);
	fill_numbers(c, page->root);
	fill_limits(c, page->root);
	fill_seen(c, page->root);
	tree_take(page->root, "_domain_href", tree_address("/domains/", domain));
	tree_flag(page->root, "_is_what_if", is_what_if);
}

/* --- Checks --- */

static const struct {
	const char *name;
	const char *word; /* of the state */
	const char *icon;
} states[] = {
	[STATE_UNKNOWN] = { NULL, "readiness.unknown", "wait" },
	[STATE_UNMET] = { "unmet", "readiness.unmet", "no" },
	[STATE_MET] = { "met", "readiness.met", "yes" },
};

/* What stands in a row; all of it taken, NULL = nothing. */
struct check_row {
	const char *name;
	char *now;
	char *lost;
	char *target;
};

static json_t *
add_check(json_t *list, const struct check_row *check)
{
	json_t *row = json_object();
	g_autofree char *key = g_strconcat("ready.check_", check->name, NULL);

	tree_text(row, "check", check->name);
	json_object_set_new(row, "state", json_null());
	tree_text(row, "_name", words_get(key));
	tree_take(row, "_now", check->now);
	tree_take(row, "_lost", check->lost);
	tree_take(row, "_target", check->target);
	json_array_append_new(list, row);
	return row;
}

static void
set_state(json_t *row, enum readiness_state state)
{
	tree_text(row, "state", states[state].name);
	tree_text(row, "_state", words_get(states[state].word));
	tree_text(row, "_icon", states[state].icon);
}

static char *
say_count(const char *key, gint64 n)
{
	return say_text(key, word_count("n", n));
}

static struct check_row
loss_row(const struct readiness_case *c)
{
	const struct readiness *result = &c->result;

	return (struct check_row){
		.name = "loss",
		.now = say_count("count.messages", result->own_messages),
		.lost = say_text("readiness.lost_share", word_count("n", result->own_lost),
				 word_share("share", result->own_lost, result->own_messages)),
		.target = say_text("readiness.target_loss",
				   word_share("share", c->limits.ready_loss, READINESS_LOSS_WHOLE)),
	};
}

static struct check_row
review_row(const struct readiness_case *c)
{
	g_autofree char *sources = say_count("count.sources", c->found->review_sources);
	g_autofree char *messages = say_count("count.messages", messages_of(c, CLASS_REVIEW));

	return (struct check_row){
		.name = "review",
		.now = say_text("readiness.now_review", word_text("sources", sources),
				word_text("messages", messages)),
		.lost = figures_count(lost_of(c, CLASS_REVIEW)),
		.target = say_count("readiness.target_review", c->limits.review_messages),
	};
}

static struct check_row
unchanged_row(const struct readiness_case *c)
{
	const struct query_policy *policy = c->found->policy;
	char *now;

	if (c->unchanged_days == FACT_N_UNKNOWN)
		now = g_strdup(words_get("readiness.unknown"));
	else
		now = say_text(policy->is_change ? "readiness.now_unchanged"
						 : "readiness.now_unchanged_least",
			       word_count("n", c->unchanged_days), word_day("day", policy->since));
	return (struct check_row){
		.name = "unchanged",
		.now = now,
		.target = say_count("count.days", c->limits.unchanged_days),
	};
}

void
readiness_tree_checks(const struct readiness_case *c, struct page *page)
{
	const struct query_readiness *found = c->found;
	const struct check_row rows[N_CHECKS] = {
		[CHECK_LOSS] = loss_row(c),
		[CHECK_REVIEW] = review_row(c),
		[CHECK_DAYS] = { .name = "days",
				 .now = say_text("readiness.now_days", word_count("n", found->days),
						 word_count("all", found->window_days)),
				 .target = say_count("count.days", c->limits.days) },
		[CHECK_REPORTERS] = { .name = "reporters",
				      .now = figures_count(found->reporters),
				      .target = figures_count(c->limits.reporters) },
		[CHECK_MESSAGES] = { .name = "messages",
				     .now = figures_count(found->messages),
				     .target = figures_count(c->limits.messages) },
		[CHECK_UNCHANGED] = unchanged_row(c),
	};
	const struct check_row forwarded = {
		.name = "forwarded",
		.now = say_count("count.messages", messages_of(c, CLASS_FORWARDER)),
		.lost = figures_count(lost_of(c, CLASS_FORWARDER)),
	};
	json_t *list = json_array();

	for (enum readiness_check i = 0; i < N_CHECKS; i++)
		set_state(add_check(list, &rows[i]), c->result.checks[i]);
	tree_text(add_check(list, &forwarded), "_state", words_get("readiness.not_yours"));
	json_object_set_new(page->root, "checks", list);
	tree_take(page->root, "_window",
		  say_html("terms.period_30d", word_day("last", found->last_day)));
}

/* --- Outcome --- */

void
readiness_tree_outcome(const struct readiness_case *c, struct page *page)
{
	static const enum class order[] = {
		CLASS_AUTHORIZED, CLASS_FIX, CLASS_FORWARDER, CLASS_REVIEW, CLASS_UNAUTHORIZED,
	};
	gint64 np_unknown = 0;
	json_t *list = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
		const struct simulation *s = &c->classes[order[i]];
		json_t *row = json_object();
		tree_class(row, order[i]);
		tree_count(row, "messages", messages_of(c, order[i]));
		tree_count(row, "pass", s->what_if.pass);
		tree_count(row, "delivered", s->what_if.delivered);
		tree_count(row, "quarantined", s->what_if.quarantined);
		tree_count(row, "rejected", s->what_if.rejected);
		tree_count(row, "lost_now", simulate_lost(&s->published));
		tree_count(row, "lost", simulate_lost(&s->what_if));
		tree_count(row, "newly_lost", s->newly_lost);
		tree_count(row, "newly_safe", s->newly_safe);
		np_unknown = count_add(np_unknown, s->what_if.np_unknown);
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "outcome", list);
	tree_count(page->root, "np_unknown", np_unknown);
	if (np_unknown > 0)
		tree_take(page->root, "_np_unknown", say_count("readiness.np_unknown", np_unknown));
}

/* --- Steps and record --- */

/* "dmarc@example.com" is meant as "mailto:dmarc@example.com". */
static char *
read_rua(const char *text)
{
	gboolean is_address = text && strchr(text, '@') && !strchr(text, ':');

	return g_strconcat(is_address ? "mailto:" : "", text, NULL);
}

static void
fill_record(const struct readiness_case *c, const struct simulate_policy *next, struct page *page)
{
	const char *text = request_param(page->request, "rua");
	g_autofree char *rua = text ? read_rua(text) : NULL;
	const struct rollout_tags tags = { .rua = rua };
	g_autofree char *record = rua ? rollout_record(next, &tags) : NULL;
	g_autofree char *line = record ? rollout_record_line(c->found->domain, record) : NULL;

	tree_text(page->root, "record", line);
	tree_text(page->root, "_rua", text);
	if (text && !line)
		tree_text(page->root, "_rua_fault", words_get("readiness.rua_fault"));
}

static void
fill_next(const struct readiness_case *c, struct page *page)
{
	enum rollout_step next = c->result.next;

	json_object_set_new(page->root, "next_step", json_null());
	json_object_set_new(page->root, "next_tags", json_null());
	json_object_set_new(page->root, "record", json_null());
	if (next == c->result.current)
		return;
	struct simulate_policy policy = rollout_policy_at(&c->published, next);
	g_autofree char *tags = g_strdup_printf("p=%s; t=%s", policy.p, *policy.t ? policy.t : "n");
	tree_text(page->root, "next_step", rollout_step_name(next));
	tree_text(page->root, "next_tags", tags);
	tree_take(page->root, "_set",
		  say_html("readiness.set", word_text("tags", tags),
			   word_text("domain", c->found->domain)));
	fill_record(c, &policy, page);
}

void
readiness_tree_steps(const struct readiness_case *c, struct page *page)
{
	json_t *list = json_array();

	for (enum rollout_step i = STEP_NONE; i < N_STEPS; i++) {
		json_t *step = json_object();
		g_autofree char *key = g_strconcat("ready.step_", rollout_step_name(i), NULL);
		tree_text(step, "name", words_get(key));
		tree_flag(step, "is_current", i == c->result.current);
		json_array_append_new(list, step);
	}
	json_object_set_new(page->root, "_steps", list);
	tree_text(page->root, "step",
		  c->result.current == STEP_UNKNOWN ? NULL : rollout_step_name(c->result.current));
	fill_next(c, page);
}

json_t *
readiness_tree_policy(const struct simulate_policy *policy)
{
	json_t *tags = json_object();

	tree_text(tags, "p", policy->p);
	tree_text(tags, "sp", policy->sp);
	tree_text(tags, "np", policy->np);
	tree_text(tags, "adkim", policy->adkim);
	tree_text(tags, "aspf", policy->aspf);
	tree_text(tags, "t", policy->t);
	return tags;
}

/* --- The form --- */

struct value {
	const char *word;
	const char *key;
};

static const struct value actions[] = {
	{ "none", "ready.action_none" },
	{ "quarantine", "ready.action_quarantine" },
	{ "reject", "ready.action_reject" },
	{ NULL, NULL },
};
static const struct value modes[] = {
	{ "r", "ready.mode_r" },
	{ "s", "ready.mode_s" },
	{ NULL, NULL },
};
static const struct value answers[] = {
	{ "n", "ready.test_n" },
	{ "y", "ready.test_y" },
	{ NULL, NULL },
};

static const struct {
	const char *name;
	const char *key;
	const struct value *values;
} tags[] = {
	{ "p", "ready.tag_p", actions },     { "sp", "ready.tag_sp", actions },
	{ "np", "ready.tag_np", actions },   { "adkim", "ready.tag_adkim", modes },
	{ "aspf", "ready.tag_aspf", modes }, { "t", "ready.tag_t", answers },
};

static void
add_option(json_t *options, const char *value, const char *label, const char *asked)
{
	json_t *option = json_object();

	json_object_set_new(option, "value", json_string(value));
	tree_text(option, "label", label);
	tree_flag(option, "is_selected", asked && g_ascii_strcasecmp(asked, value) == 0);
	json_array_append_new(options, option);
}

void
readiness_tree_form(struct page *page)
{
	json_t *fields = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
		const char *asked = request_param(page->request, tags[i].name);
		json_t *field = json_object();
		json_t *options = json_array();
		tree_text(field, "name", tags[i].name);
		tree_text(field, "label", words_get(tags[i].key));
		add_option(options, "", words_get("readiness.as_is"), NULL);
		for (const struct value *value = tags[i].values; value->word; value++)
			add_option(options, value->word, words_get(value->key), asked);
		json_object_set_new(field, "options", options);
		json_array_append_new(fields, field);
	}
	json_object_set_new(page->root, "_fields", fields);
	tree_text(page->root, "_action", request_path(page->request));
}
