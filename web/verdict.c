/* SPDX-License-Identifier: MIT */
#include "web/verdict.h"

#include "web/chart.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

/* --- Facts --- */

struct figure_member {
	const char *name;
	gsize offset;
};
#define FIGURE(name)                                  \
	{                                             \
#name, offsetof(struct figures, name) \
	}

static const struct figure_member figure_members[] = {
	FIGURE(messages), FIGURE(pass), FIGURE(spf_pass), FIGURE(dkim_pass), FIGURE(forwarded),
	FIGURE(neutral),  FIGURE(bare), FIGURE(ownsig),   FIGURE(noown),     FIGURE(orgmta),
	FIGURE(esp),      FIGURE(tmp),  FIGURE(days),
};

static const char *const home_names[] = {
	[SELECTOR_HOME_HERE] = "here",
	[SELECTOR_HOME_ELSEWHERE] = "elsewhere",
	[SELECTOR_HOME_NONE] = "none",
};
static const char *const rdns_names[] = {
	[RDNS_CONFIRMED] = "confirmed",
	[RDNS_GENERIC] = "generic",
	[RDNS_NONE] = "none",
};
static const char *const category_names[N_CATEGORIES] = {
	[CATEGORY_ESP] = "esp",
	[CATEGORY_MAILBOX] = "mailbox",
	[CATEGORY_GATEWAY] = "gateway",
	[CATEGORY_FORWARDER] = "forwarder",
};

static void
set_fact(json_t *object, const char *name, enum fact fact)
{
	json_object_set_new(object, name,
			    fact == FACT_UNKNOWN ? json_null() : json_boolean(fact == FACT_YES));
}

static void
set_known(json_t *object, const char *name, gint64 n)
{
	json_object_set_new(object, name, n == FACT_N_UNKNOWN ? json_null() : json_integer(n));
}

static json_t *
side_tree(const struct facts *facts, enum side side)
{
	const struct figures *figures = facts_figures(facts, side);
	json_t *object = json_object();

	for (gsize i = 0; i < G_N_ELEMENTS(figure_members); i++)
		tree_count(object, figure_members[i].name,
			   G_STRUCT_MEMBER(gint64, figures, figure_members[i].offset));
	tree_count(object, "domain_authorised", facts->domain[side].authorised);
	tree_count(object, "domain_authorised_signed", facts->domain[side].authorised_signed);
	return object;
}

static json_t *
facts_tree(const struct facts *facts)
{
	json_t *object = json_object();

	json_object_set_new(object, "all", side_tree(facts, SIDE_ALL));
	json_object_set_new(object, "counted", side_tree(facts, SIDE_COUNTED));
	tree_count(object, "counted_reporters", facts->reporters);
	set_known(object, "ever_passed", facts->ever_passed);
	tree_count(object, "failure_samples", facts->ruf_samples);
	set_fact(object, "fails_for_several_domains", facts->is_multi);
	tree_text(object, "selector_home", home_names[facts->selector_home]);
	set_fact(object, "in_own_spf", facts->in_own_spf);
	set_fact(object, "is_customer", facts->is_customer);
	tree_text(object, "category", category_names[facts->category]);
	set_known(object, "blocklist_operators", facts->dnsbl_spam);
	set_fact(object, "on_policy_list", facts->on_policy_list);
	tree_text(object, "reverse_name", rdns_names[facts->rdns]);
	tree_flag(object, "domain_is_parked", facts->is_parked);
	return object;
}

/* --- Scores --- */

static json_t *
score_tree(const struct score *score)
{
	json_t *object = json_object();
	json_t *terms = json_array();

	for (enum score_term t = SCORE_BASE; t < N_SCORE_TERMS; t++)
		if (score->terms[t] != 0)
			json_array_append_new(terms,
					      json_pack("{s:s,s:I}", "term", score_term_name(t),
							"points", (json_int_t)score->terms[t]));
	tree_count(object, "value", score->value);
	json_object_set_new(object, "terms", terms);
	return object;
}

/* The sum as rows of a table, each with the piece of the way that it goes. */
static json_t *
term_rows(const struct explained *explained, const struct score *score)
{
	const char *css = class_name(explained->source->class);
	gint64 limit = explained->weights->unauthorized_score;
	json_t *rows = json_array();
	gint64 sum = 0;

	for (enum score_term t = SCORE_BASE; t < N_SCORE_TERMS; t++) {
		gint64 points = score->terms[t];
		g_autofree char *key = g_strconcat("score.", score_term_name(t), NULL);
		if (points == 0)
			continue;
		json_t *row = json_object();
		tree_take(row, "_points",
			  t == SCORE_BASE ? g_strdup_printf("%" G_GINT64_FORMAT, points)
			  : points > 0    ? g_strdup_printf("+%" G_GINT64_FORMAT, points)
					  : g_strdup_printf("−%" G_GINT64_FORMAT, -points));
		tree_text(row, "_name", words_get(key));
		tree_take(row, "_run", chart_run(sum, sum + points, limit, css));
		json_array_append_new(rows, row);
		sum += points;
	}
	return rows;
}

static gboolean
score_is_cut(const struct score *score)
{
	gint64 sum = 0;

	for (enum score_term t = SCORE_BASE; t < N_SCORE_TERMS; t++)
		sum += score->terms[t];
	return sum != score->value;
}

static void
fill_sum(json_t *row, const struct explained *explained)
{
	gboolean is_counted = explained->judgement.unruled_rule == RULE_UNAUTHORIZED;
	const struct score *score =
		is_counted ? &explained->judgement.counted : &explained->judgement.all;
	const struct score *other =
		is_counted ? &explained->judgement.all : &explained->judgement.counted;
	gint64 limit = explained->weights->unauthorized_score;

	json_object_set_new(row, "_terms", term_rows(explained, score));
	tree_count(row, "_score", score->value);
	tree_take(row, "_limit", say_text("score.limit", word_count("n", limit)));
	tree_take(row, "_limit_at", g_strdup_printf("%" G_GINT64_FORMAT "%%", limit));
	tree_take(row, "_limit_note",
		  say_text(score_is_cut(score) ? "score.limit_cut" : "score.limit_note",
			   word_count("n", limit)));
	tree_take(row, "_sum_run",
		  chart_run(0, score->value, limit, class_name(explained->source->class)));
	if (is_counted && other->value != score->value)
		tree_take(row, "_other_score",
			  say_text("score.with_all", word_count("n", other->value)));
	else if (explained->facts.reporters > 0 && other->value != score->value)
		tree_take(row, "_other_score",
			  say_text("score.with_counted", word_count("n", other->value)));
}

static void
fill_scores(json_t *row, const struct explained *explained)
{
	json_t *scores = json_object();

	json_object_set_new(scores, "all", score_tree(&explained->judgement.all));
	json_object_set_new(scores, "counted", score_tree(&explained->judgement.counted));
	json_object_set_new(row, "scores", scores);
	tree_count(row, "score_limit", explained->weights->unauthorized_score);
	if (why_has_score(explained))
		fill_sum(row, explained);
}

/* --- Sentences --- */

static json_t *
number_tree(const struct why_number *number)
{
	if (number->whole > 0)
		return json_pack("{s:I,s:I}", "part", (json_int_t)number->n, "whole",
				 (json_int_t)number->whole);
	return json_integer(number->n);
}

static void
fill_why(json_t *row, const char *name, const struct explained *explained, const struct why *why)
{
	json_t *lines = json_array();
	g_autofree char *html_name = g_strconcat("_", name, NULL);

	for (gsize i = 0; i < why->n; i++) {
		const struct why_line *line = &why->lines[i];
		json_t *object = json_object();
		json_t *numbers = json_object();
		for (gsize k = 0; k < WHY_NUMBERS_MAX && line->numbers[k].name; k++)
			json_object_set_new(numbers, line->numbers[k].name,
					    number_tree(&line->numbers[k]));
		tree_text(object, "key", line->key);
		json_object_set_new(object, "numbers", numbers);
		tree_take(object, "text", why_sentence(explained, line));
		json_array_append_new(lines, object);
	}
	json_object_set_new(row, name, lines);
	tree_take(row, html_name, why_text(explained, why, WHY_LINES_MAX));
}

/* --- What decided --- */

static const char *
rule_name(enum judge_rule rule)
{
	g_autofree char *key = g_strdup_printf("rule.r%d", (int)rule);

	return words_get(key);
}

/* "Without rule #12 it would be Needs review by R9, with a score of 63." */
static void
fill_unruled(json_t *row, const struct explained *explained)
{
	const struct judgement *judgement = &explained->judgement;
	enum class class = judgement->unruled_class;
	enum judge_rule rule = judgement->unruled_rule;

	if (judgement->rule != RULE_USER) {
		json_object_set_new(row, "unruled", json_null());
		return;
	}
	json_t *unruled = json_object();
	tree_text(unruled, "class", class_name(class));
	tree_rule(unruled, class, (guint8)rule);
	json_object_set_new(unruled, "score",
			    rule >= RULE_UNAUTHORIZED ? json_integer(judgement_score(judgement))
						      : json_null());
	json_object_set_new(row, "unruled", unruled);
	g_autofree char *by = g_strdup_printf("R%d", (int)rule);
	g_autofree char *id =
		g_strdup_printf("%" G_GINT64_FORMAT, explained->source->verdict.user_rule);
	const char *key = rule >= RULE_UNAUTHORIZED ? "verdict.unruled_score" : "verdict.unruled";
	tree_take(row, "_unruled",
		  say_text(key, word_text("id", id), word_text("class", tree_class_name(class)),
			   word_text("rule", by), word_count("score", judgement_score(judgement))));
	if (judgement->is_ignored)
		tree_take(row, "_ignored", say_text("verdict.ignored", word_text("id", id)));
}

static void
fill_decided(json_t *row, const struct explained *explained)
{
	const struct judgement *judgement = &explained->judgement;
	g_autofree char *by = g_strdup_printf("R%d", (int)judgement->rule);
	g_autofree char *score =
		say_text("verdict.score", word_count("n", judgement_score(judgement)));
	gboolean has_sum = why_has_score(explained) && judgement->rule != RULE_USER;

	tree_text(row, "_rule_name", rule_name(judgement->rule));
	tree_take(row, "_decided",
		  say_text("verdict.decided", word_text("rule", by),
			   word_text("name", rule_name(judgement->rule))));
	tree_take(row, "_title",
		  say_text("verdict.title",
			   word_text("verdict",
				     has_sum ? score : tree_class_name(explained->source->class))));
	tree_take(row, "_title_for",
		  say_text("verdict.title_for", word_text("domain", explained->source->domain),
			   word_text("verdict",
				     has_sum ? score : tree_class_name(explained->source->class))));
	fill_unruled(row, explained);
}

static void
fill_suspicion(json_t *row, const struct explained *explained)
{
	static const char *const names[] = {
		[SUSPICION_BENIGN] = "benign",
		[SUSPICION_UNCLEAR] = "unclear",
		[SUSPICION_SUSPICIOUS] = "suspicious",
	};
	const struct judgement *judgement = &explained->judgement;
	gboolean is_open = judgement->class == CLASS_REVIEW;

	tree_text(row, "suspicion",
		  is_open ? names[judgement_suspicion(judgement, explained->weights)] : NULL);
	tree_take(row, "_badge", why_badge(explained));
}

static void
fill_advice(json_t *row, const struct explained *explained, const struct page *page)
{
	const struct sender *sender = why_sender(page, explained->source->sender);

	tree_text(row, "sender_name", sender ? sender->name : NULL);
	tree_text(row, "sender_kind", sender ? sender_kind_name(sender->kind) : NULL);
	tree_take(row, "fix", why_fix(explained, page));
	tree_flag(row, "_is_forwarder", explained->judgement.class == CLASS_FORWARDER);
}

/* A key that is there with null tells a script more than one that is missing. */
static void
fill_nothing(json_t *row)
{
	static const char *const names[] = {
		"score_limit", "unruled",      "suspicion", "facts",       "scores",      "because",
		"against",     "would_change", "fix",       "sender_name", "sender_kind",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		json_object_set_new(row, names[i], json_null());
	tree_text(row, "_because", words_get("why.not_judged"));
	tree_text(row, "_title", words_get("class.none"));
}

void
verdict_fill(json_t *row, const struct explained *explained, const struct page *page)
{
	const struct facts *facts = &explained->facts;
	const struct judgement *judgement = &explained->judgement;

	if (!explained->is_judged) {
		fill_nothing(row);
		return;
	}
	const struct why because = why_because(facts, judgement, explained->weights);
	const struct why against = why_against(facts, judgement, explained->weights);
	const struct why change = why_would_change(facts, judgement, explained->weights);

	fill_decided(row, explained);
	fill_suspicion(row, explained);
	json_object_set_new(row, "facts", facts_tree(facts));
	fill_scores(row, explained);
	fill_why(row, "because", explained, &because);
	fill_why(row, "against", explained, &against);
	fill_why(row, "would_change", explained, &change);
	fill_advice(row, explained, page);
}
