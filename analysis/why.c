/* SPDX-License-Identifier: MIT */
#include "analysis/why.h"

#include "analysis/weights.h"

/* The terms of the score that a list may tell of, as bits. */
#define TERM_BIT(term) (1U << (term))
#define TELLING                                                               \
	(TERM_BIT(SCORE_BARE) | TERM_BIT(SCORE_DNSBL) | TERM_BIT(SCORE_RUF) | \
	 TERM_BIT(SCORE_MULTI) | TERM_BIT(SCORE_PARKED))
#define EVERY_TERM (TERM_BIT(N_SCORE_TERMS) - 1)

struct numbers {
	const struct facts *facts;
	const struct judgement *judgement;
	const struct weights *weights;
	enum side side;
	struct figures figures; /* of the side, as far as they are believed */
	const struct score *score;
	gint64 fail;
};

/* A number that a sentence has a place for; whole NULL = no share. */
struct place {
	const char *name;
	gint64 (*n)(const struct numbers *numbers);
	gint64 (*whole)(const struct numbers *numbers);
};

struct sentence {
	const char *key; /* NULL: there is nothing to say */
	struct place places[WHY_NUMBERS_MAX];
};

static gint64
n_messages(const struct numbers *numbers)
{
	return numbers->figures.messages;
}

static gint64
n_pass(const struct numbers *numbers)
{
	return numbers->figures.pass;
}

static gint64
n_dkim(const struct numbers *numbers)
{
	return numbers->figures.dkim_pass;
}

static gint64
n_fail(const struct numbers *numbers)
{
	return numbers->fail;
}

static gint64
n_fail_all(const struct numbers *numbers)
{
	return figures_fail(&numbers->facts->all);
}

static gint64
n_days(const struct numbers *numbers)
{
	return numbers->figures.days;
}

static gint64
n_bare(const struct numbers *numbers)
{
	return numbers->figures.bare;
}

static gint64
n_noown(const struct numbers *numbers)
{
	return numbers->figures.noown;
}

static gint64
n_ownsig(const struct numbers *numbers)
{
	return numbers->figures.ownsig;
}

static gint64
n_orgmta(const struct numbers *numbers)
{
	return numbers->figures.orgmta;
}

static gint64
n_esp(const struct numbers *numbers)
{
	return numbers->figures.esp;
}

static gint64
n_tmp(const struct numbers *numbers)
{
	return numbers->figures.tmp;
}

static gint64
n_forwarded(const struct numbers *numbers)
{
	return numbers->figures.forwarded;
}

static gint64
n_signed(const struct numbers *numbers)
{
	return numbers->facts->domain[numbers->side].authorised_signed;
}

static gint64
n_authorised(const struct numbers *numbers)
{
	return numbers->facts->domain[numbers->side].authorised;
}

static gint64
n_reporters(const struct numbers *numbers)
{
	return numbers->facts->reporters;
}

static gint64
n_operators(const struct numbers *numbers)
{
	return numbers->facts->dnsbl_spam;
}

static gint64
n_samples(const struct numbers *numbers)
{
	return numbers->facts->ruf_samples;
}

static gint64
n_ever_passed(const struct numbers *numbers)
{
	return MAX(numbers->facts->ever_passed, numbers->facts->all.pass);
}

static gint64
n_cap(const struct numbers *numbers)
{
	return facts_cap(numbers->facts, SIDE_ALL, numbers->weights);
}

static gint64
n_points_missing(const struct numbers *numbers)
{
	return numbers->weights->unauthorized_score - numbers->judgement->counted.value;
}

static gint64
n_per_cent_ok(const struct numbers *numbers)
{
	return numbers->weights->authorized_share;
}

static const struct sentence term_sentences[N_SCORE_TERMS] = {
	[SCORE_BARE] = { "because.bare", { { "n", n_bare, NULL }, { "fail", n_fail, NULL } } },
	[SCORE_NEVER] = { "because.never", { { 0 } } },
	[SCORE_NOSIG] = { "because.nosig",
			  { { "n", n_noown, NULL }, { "signed", n_signed, n_authorised } } },
	[SCORE_REPORTERS] = { "because.reporters", { { "n", n_reporters, NULL } } },
	[SCORE_DNSBL] = { "because.dnsbl", { { "n", n_operators, NULL } } },
	[SCORE_POLICY] = { "because.policy", { { 0 } } },
	[SCORE_RUF] = { "because.ruf", { { "n", n_samples, NULL } } },
	[SCORE_MULTI] = { "because.multi", { { 0 } } },
	[SCORE_PARKED] = { "because.parked", { { 0 } } },
	[SCORE_FORWARDED] = { "against.forwarded",
			      { { "n", n_forwarded, NULL }, { "fail", n_fail, NULL } } },
	[SCORE_CATEGORY] = { "against.category", { { 0 } } },
	[SCORE_OWNSIG] = { "against.ownsig",
			   { { "n", n_ownsig, NULL }, { "fail", n_fail, NULL } } },
	[SCORE_ORGMTA] = { "against.orgmta",
			   { { "n", n_orgmta, NULL }, { "fail", n_fail, NULL } } },
	[SCORE_CONFIRMED] = { "against.confirmed", { { 0 } } },
	[SCORE_TINY] = { "against.tiny", { { "n", n_fail, NULL } } },
};

/* What is said first of a source that this rule decided. */
static const struct sentence rule_sentences[N_RULES] = {
	[RULE_USER] = { "because.user", { { 0 } } },
	[RULE_OWN_PASSES] = { "because.passes",
			      { { "n", n_messages, NULL },
				{ "pass", n_pass, NULL },
				{ "share", n_pass, n_messages },
				{ "fail", n_fail, NULL } } },
	[RULE_OWN_FAILS] = { "because.own_fails",
			     { { "n", n_messages, NULL }, { "fail", n_fail, NULL } } },
	[RULE_OWN_ERROR] = { "because.own_error",
			     { { "n", n_tmp, NULL }, { "fail", n_fail, NULL } } },
	[RULE_CUSTOMER] = { "because.customer",
			    { { "n", n_esp, NULL }, { "fail", n_fail, NULL } } },
	[RULE_SIGNATURE_AWAY] = { "because.signature_away",
				  { { "n", n_dkim, NULL }, { "all", n_messages, NULL } } },
	[RULE_FORWARDED] = { "because.forwarded",
			     { { "n", n_forwarded, NULL }, { "fail", n_fail, NULL } } },
	[RULE_SIGNATURE_BROKEN] = { "because.signature_broken",
				    { { "n", n_ownsig, NULL },
				      { "fail", n_fail, NULL },
				      { "cap", n_cap, NULL } } },
	[RULE_UNAUTHORIZED] = { "because.claims",
				{ { "n", n_fail, NULL }, { "days", n_days, NULL } } },
	[RULE_REVIEW] = { "because.claims", { { "n", n_fail, NULL }, { "days", n_days, NULL } } },
};

static const struct sentence all_pass = { "because.all_pass", { { "n", n_messages, NULL } } };
static const struct sentence known_forwarder = { "because.known_forwarder", { { 0 } } };
static const struct sentence one_day = { "because.claims_one_day", { { "n", n_fail, NULL } } };
static const struct sentence in_own_spf = { "because.in_own_spf", { { 0 } } };
static const struct sentence selector_here = { "because.selector_here", { { 0 } } };
static const struct sentence selector_spread = { "because.selector_spread", { { 0 } } };
static const struct sentence only_counted = {
	"because.only_counted",
	{ { "n", n_fail, NULL }, { "all", n_fail_all, NULL } },
};
static const struct sentence not_counted = { "against.not_counted", { { 0 } } };
static const struct sentence has_passed = { "against.passed", { { "n", n_ever_passed, NULL } } };
static const struct sentence some_fail = {
	"against.some_fail",
	{ { "n", n_fail, NULL }, { "share", n_fail, n_messages } },
};
static const struct sentence against_none = { "against.none", { { 0 } } };

static void
say(struct why *why, const struct sentence *sentence, const struct numbers *numbers)
{
	if (!sentence->key || why->n >= WHY_LINES_MAX)
		return;
	struct why_line *line = &why->lines[why->n++];
	line->key = sentence->key;
	for (gsize i = 0; i < WHY_NUMBERS_MAX && sentence->places[i].name; i++) {
		const struct place *place = &sentence->places[i];
		line->numbers[i].name = place->name;
		line->numbers[i].n = place->n(numbers);
		line->numbers[i].whole = place->whole ? place->whole(numbers) : 0;
	}
}

static gboolean
is_question_of_score(const struct numbers *numbers)
{
	return numbers->judgement->unruled_rule >= RULE_UNAUTHORIZED;
}

/* The terms of a sign (1 or -1) that are among wanted, the largest first, each once. */
static void
say_terms(struct why *why, const struct numbers *numbers, gint64 sign, guint wanted)
{
	for (guint left = wanted; left;) {
		gsize best = N_SCORE_TERMS;
		for (gsize i = 0; i < N_SCORE_TERMS; i++) {
			gint64 size = sign * numbers->score->terms[i];
			if ((left & TERM_BIT(i)) && size > 0 &&
			    (best == N_SCORE_TERMS || size > sign * numbers->score->terms[best]))
				best = i;
		}
		if (best == N_SCORE_TERMS)
			return;
		left &= ~TERM_BIT(best);
		say(why, &term_sentences[best], numbers);
	}
}

static const struct sentence *
pick_first(const struct numbers *numbers)
{
	const struct facts *facts = numbers->facts;
	enum judge_rule rule = numbers->judgement->rule;

	if (rule == RULE_USER)
		return &rule_sentences[rule];
	if (rule == RULE_OWN_PASSES && numbers->fail == 0)
		return &all_pass;
	if (rule == RULE_FORWARDED &&
	    !share_is_at_least(facts->all.forwarded, numbers->fail, numbers->weights->half_share))
		return &known_forwarder;
	if (is_question_of_score(numbers) && numbers->figures.days == 1)
		return &one_day;
	return &rule_sentences[rule];
}

/* Why a source is held to be one of the domain's own. */
static void
say_own(struct why *why, const struct numbers *numbers)
{
	const struct facts *facts = numbers->facts;

	if (facts->in_own_spf == FACT_YES)
		say(why, &in_own_spf, numbers);
	if (facts->selector_home == SELECTOR_HOME_HERE)
		say(why, &selector_here, numbers);
	if (facts->selector_home == SELECTOR_HOME_NONE && facts->all.dkim_pass > 0)
		say(why, &selector_spread, numbers);
}

static struct numbers
make_numbers(const struct facts *facts, const struct judgement *judgement,
	     const struct weights *weights)
{
	gboolean is_counted = judgement->unruled_rule == RULE_UNAUTHORIZED;
	enum side side = is_counted ? SIDE_COUNTED : SIDE_ALL;

	return (struct numbers){
		.facts = facts,
		.judgement = judgement,
		.weights = weights,
		.side = side,
		.figures = facts_believed(facts, side, weights),
		.score = is_counted ? &judgement->counted : &judgement->all,
		.fail = figures_fail(facts_figures(facts, side)),
	};
}

struct why
why_because(const struct facts *facts, const struct judgement *judgement,
	    const struct weights *weights)
{
	const struct numbers numbers = make_numbers(facts, judgement, weights);
	struct why why = { 0 };

	say(&why, pick_first(&numbers), &numbers);
	if (judgement->rule == RULE_USER)
		return why;
	if (judgement->rule == RULE_OWN_PASSES || judgement->rule == RULE_OWN_FAILS)
		say_own(&why, &numbers);
	if (is_question_of_score(&numbers))
		say_terms(&why, &numbers, 1, EVERY_TERM);
	if (judgement->rule == RULE_UNAUTHORIZED && numbers.fail != figures_fail(&facts->all))
		say(&why, &only_counted, &numbers);
	return why;
}

struct why
why_against(const struct facts *facts, const struct judgement *judgement,
	    const struct weights *weights)
{
	const struct numbers numbers = make_numbers(facts, judgement, weights);
	struct why why = { 0 };

	if (is_question_of_score(&numbers)) {
		if (facts_ever_passed(facts) == FACT_YES)
			say(&why, &has_passed, &numbers);
		if (facts->reporters <= 0)
			say(&why, &not_counted, &numbers);
		say_terms(&why, &numbers, -1, EVERY_TERM);
	} else {
		if (judgement->unruled_rule == RULE_OWN_PASSES && numbers.fail > 0)
			say(&why, &some_fail, &numbers);
		say_terms(&why, &numbers, 1, TELLING);
	}
	if (why.n == 0)
		say(&why, &against_none, &numbers);
	return why;
}

/* --- What would change it --- */

static gboolean
is_always(const struct numbers *numbers)
{
	return numbers->judgement->rule != RULE_USER;
}

static gboolean
lacks_points_only(const struct numbers *numbers)
{
	const struct facts *facts = numbers->facts;

	return facts->reporters > 0 && facts_ever_passed(facts) == FACT_NO &&
	       facts->all.forwarded == 0 && facts->category == CATEGORY_NONE &&
	       n_points_missing(numbers) > 0;
}

static gboolean
lacks_reporters(const struct numbers *numbers)
{
	return numbers->facts->reporters <= 0;
}

static gboolean
comes_by_service(const struct numbers *numbers)
{
	return share_is_at_least(numbers->figures.esp, numbers->fail, numbers->weights->half_share);
}

static gboolean
is_by_user(const struct numbers *numbers)
{
	return numbers->judgement->rule == RULE_USER;
}

#define RULES(rule) (1U << (rule))
#define OPEN_RULES  (RULES(RULE_REVIEW) | RULES(RULE_UNAUTHORIZED))
#define FORWARDER_RULES \
	(RULES(RULE_SIGNATURE_AWAY) | RULES(RULE_FORWARDED) | RULES(RULE_SIGNATURE_BROKEN))
#define ALL_RULES (RULES(N_RULES) - 1)

/* In the order in which they are said. */
static const struct {
	guint rules; /* the rules that it changes, as bits, without the user's rule */
	gboolean (*applies)(const struct numbers *numbers);
	struct sentence sentence;
} changes[] = {
	{ ALL_RULES, is_by_user, { "change.user_rule_ends", { { 0 } } } },
	{ RULES(RULE_REVIEW),
	  lacks_points_only,
	  { "change.points", { { "n", n_points_missing, NULL } } } },
	{ RULES(RULE_REVIEW), lacks_reporters, { "change.reporter", { { 0 } } } },
	{ RULES(RULE_REVIEW), comes_by_service, { "change.customer", { { 0 } } } },
	{ OPEN_RULES, is_always, { "change.override", { { 0 } } } },
	{ OPEN_RULES | FORWARDER_RULES, is_always, { "change.aligned_pass", { { 0 } } } },
	{ RULES(RULE_SIGNATURE_BROKEN), is_always, { "change.cap", { { "n", n_cap, NULL } } } },
	{ RULES(RULE_SIGNATURE_BROKEN), is_always, { "change.dnsbl", { { 0 } } } },
	{ RULES(RULE_OWN_FAILS), is_always, { "change.passes", { { "n", n_per_cent_ok, NULL } } } },
	{ RULES(RULE_OWN_ERROR), is_always, { "change.error_mended", { { 0 } } } },
	{ RULES(RULE_CUSTOMER), is_always, { "change.service_aligned", { { 0 } } } },
	{ RULES(RULE_OWN_PASSES), is_always, { "change.fails", { { "n", n_per_cent_ok, NULL } } } },
	{ ALL_RULES, is_always, { "change.user_rule", { { 0 } } } },
};

struct why
why_would_change(const struct facts *facts, const struct judgement *judgement,
		 const struct weights *weights)
{
	const struct numbers numbers = make_numbers(facts, judgement, weights);
	struct why why = { 0 };

	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
		if (!(changes[i].rules & RULES(judgement->unruled_rule)) ||
		    !changes[i].applies(&numbers))
			continue;
		say(&why, &changes[i].sentence, &numbers);
		if (is_by_user(&numbers))
			break;
	}
	return why;
}
