/* SPDX-License-Identifier: MIT */
#include "web/why.h"

#include "web/say.h"
#include "web/words.h"

/* So many sentences a row of a list has place for. */
#define ROW_SENTENCES 2

/* The rule of a user that the verdict tells of, as far as judging asks for it. */
static const struct user_rule *
user_rule_of(const struct verdict *verdict, struct user_rule *rule)
{
	static const enum rule_class classes[N_CLASSES] = {
		[CLASS_FIX] = RULE_CLASS_FIX,
		[CLASS_UNAUTHORIZED] = RULE_CLASS_SPOOF,
		[CLASS_FORWARDER] = RULE_CLASS_FORWARDER,
		[CLASS_AUTHORIZED] = RULE_CLASS_MINE,
	};

	if (verdict->user_rule == 0)
		return NULL;
	*rule = (struct user_rule){
		.id = verdict->user_rule,
		.class = verdict->is_ignored ? RULE_CLASS_IGNORE : classes[verdict->class],
	};
	return rule;
}

void
why_judge(struct explained *explained, const struct query_source *source, const struct facts *facts,
	  const struct weights *weights)
{
	struct user_rule rule;

	*explained = (struct explained){
		.source = source,
		.weights = weights,
		.is_judged = TRUE,
		.facts = *facts,
		.judgement = judge(facts, user_rule_of(&source->verdict, &rule), weights),
	};
}

gboolean
why_read(struct explained *explained, const struct page *page, const struct query_source *source,
	 GError **error)
{
	const struct weights *weights = &page->context->weights;
	GError *question_error = NULL;
	struct facts facts;

	*explained = (struct explained){ .source = source, .weights = weights };
	if (source->class == CLASS_NONE)
		return TRUE;
	if (query_source_facts(page->view, &source->ip, source->domain, &facts, &question_error))
		why_judge(explained, source, &facts, weights);
	if (!question_error)
		return TRUE;
	g_propagate_error(error, question_error);
	return FALSE;
}

gboolean
why_has_score(const struct explained *explained)
{
	return explained->is_judged && explained->judgement.unruled_rule >= RULE_UNAUTHORIZED;
}

static struct word
word_of(const struct why_number *number)
{
	return number->whole > 0 ? word_share(number->name, number->n, number->whole)
				 : word_count(number->name, number->n);
}

char *
why_line_text(const struct why_line *line, const char *domain)
{
	struct word words[WHY_NUMBERS_MAX + 2] = { { 0 } };
	gsize n = 0;

	while (n < WHY_NUMBERS_MAX && line->numbers[n].name) {
		words[n] = word_of(&line->numbers[n]);
		n++;
	}
	words[n] = word_text("domain", domain);
	return say_fill(line->key, words, FALSE);
}

char *
why_sentence(const struct explained *explained, const struct why_line *line)
{
	return why_line_text(line, explained->source->domain);
}

char *
why_text(const struct explained *explained, const struct why *why, gsize n_max)
{
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < MIN(why->n, n_max); i++) {
		g_autofree char *sentence = why_sentence(explained, &why->lines[i]);
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "", sentence);
	}
	return g_string_free(text, FALSE);
}

char *
why_lead(const struct explained *explained)
{
	static const char *const keys[] = {
		[SUSPICION_BENIGN] = "sources.benign",
		[SUSPICION_UNCLEAR] = "sources.unclear",
		[SUSPICION_SUSPICIOUS] = "sources.suspicious",
	};
	const struct judgement *judgement = &explained->judgement;
	struct word score = word_count("n", judgement_score(judgement));

	if (!explained->is_judged)
		return NULL;
	if (judgement->class == CLASS_FIX)
		return g_strdup(words_get("sources.lead_fix"));
	if (!why_has_score(explained))
		return NULL;
	if (judgement->class == CLASS_REVIEW)
		return say_text(keys[judgement_suspicion(judgement, explained->weights)], score);
	return judgement->class == CLASS_UNAUTHORIZED ? say_text("sources.lead_score", score)
						      : NULL;
}

char *
why_badge(const struct explained *explained)
{
	const struct figures *all = &explained->facts.all;

	if (!explained->is_judged || !explained->judgement.has_badge ||
	    explained->judgement.class != CLASS_AUTHORIZED)
		return NULL;
	return say_text("sources.badge", word_share("share", figures_fail(all), all->messages));
}

const struct sender *
why_sender(const struct page *page, const char *id)
{
	const struct web_hooks *hooks = page->context->hooks;

	return hooks && hooks->find_sender && *id ? hooks->find_sender(hooks->find_sender_data, id)
						  : NULL;
}

char *
why_fix(const struct explained *explained, const struct page *page)
{
	const char *domain = explained->source->domain;
	const struct sender *sender = why_sender(page, explained->source->sender);

	if (!explained->is_judged || explained->judgement.class != CLASS_FIX)
		return NULL;
	if (explained->judgement.unruled_rule == RULE_OWN_ERROR)
		return say_text("fix.error", word_text("domain", domain));
	if (sender && *sender->fix)
		return say_text("fix.sender", word_text("sender", sender->name),
				word_text("fix", sender->fix));
	return say_text("fix.own", word_text("domain", domain));
}

char *
why_row(const struct explained *explained, const struct page *page)
{
	const struct query_source *source = explained->source;

	if (!explained->is_judged)
		return g_strdup(words_get("why.not_judged"));
	if (source->totals.messages == 0)
		return say_text("why.quiet", word_text("domain", source->domain),
				word_day("day", source->last_day));
	char *fix = why_fix(explained, page);
	if (fix)
		return fix;
	const struct why why =
		why_because(&explained->facts, &explained->judgement, explained->weights);
	return why_text(explained, &why, ROW_SENTENCES);
}

char *
why_heading(const struct query_source *source)
{
	char text[IP_TEXT_LEN];
	g_autofree char *key = g_strconcat("source.heading_", class_name(source->class), NULL);

	return say_text(key, word_text("ip", ip_format(&source->ip, text)),
			word_text("domain", source->domain));
}
