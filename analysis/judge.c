/* SPDX-License-Identifier: MIT */
#include "analysis/judge.h"

#include "analysis/weights.h"

/* What the rules look at. */
struct trial {
	const struct facts *facts;
	const struct weights *weights;
	const struct score *counted;
};

struct rule {
	enum judge_rule number;
	enum class class;
	gboolean (*matches)(const struct trial *trial);
};

static gboolean
covers_half(const struct trial *trial, gint64 part)
{
	return share_is_at_least(part, figures_fail(&trial->facts->all),
				 trial->weights->half_share);
}

static gboolean
is_within_cap(const struct trial *trial)
{
	return figures_fail(&trial->facts->all) <=
	       facts_cap(trial->facts, SIDE_ALL, trial->weights);
}

static gboolean
is_own(const struct facts *facts)
{
	return facts->all.spf_pass > 0 || facts->in_own_spf == FACT_YES ||
	       facts->selector_home == SELECTOR_HOME_HERE;
}

/* Aligned passes spread over many addresses: nobody can forge one, so the service is yours. */
static gboolean
has_homeless_selector(const struct facts *facts)
{
	return facts->all.dkim_pass > 0 && facts->selector_home == SELECTOR_HOME_NONE;
}

static gboolean
own_passes(const struct trial *trial)
{
	const struct figures *all = &trial->facts->all;

	return (is_own(trial->facts) || has_homeless_selector(trial->facts)) &&
	       share_is_at_least(all->pass, all->messages, trial->weights->authorized_share);
}

static gboolean
own_fails(const struct trial *trial)
{
	return is_own(trial->facts);
}

static gboolean
has_own_error(const struct trial *trial)
{
	return covers_half(trial, trial->facts->all.tmp);
}

static gboolean
is_customer(const struct trial *trial)
{
	return covers_half(trial, trial->facts->all.esp) && trial->facts->is_customer == FACT_YES;
}

static gboolean
has_signature_away(const struct trial *trial)
{
	const struct figures *all = &trial->facts->all;

	return all->dkim_pass > 0 && all->spf_pass == 0 &&
	       trial->facts->selector_home == SELECTOR_HOME_ELSEWHERE &&
	       share_is_at_least(all->pass, all->messages, trial->weights->half_share);
}

static gboolean
is_forwarded(const struct trial *trial)
{
	return covers_half(trial, trial->facts->all.forwarded) ||
	       trial->facts->category == CATEGORY_FORWARDER;
}

/* A look-up that was not made is no listing: forwarders are found offline, too. */
static gboolean
has_signature_broken(const struct trial *trial)
{
	return covers_half(trial, trial->facts->all.ownsig) &&
	       covers_half(trial, trial->facts->all.orgmta) && trial->facts->dnsbl_spam <= 0 &&
	       is_within_cap(trial);
}

static gboolean
is_unauthorized(const struct trial *trial)
{
	const struct facts *facts = trial->facts;

	return facts->reporters >= 1 && figures_fail(&facts->counted) > 0 &&
	       facts_ever_passed(facts) == FACT_NO && facts->all.forwarded == 0 &&
	       facts->counted.forwarded == 0 && facts->category == CATEGORY_NONE &&
	       trial->counted->value >= trial->weights->unauthorized_score;
}

/* The first row that matches decides; what is left is to be reviewed. */
static const struct rule rules[] = {
	{ RULE_OWN_PASSES, CLASS_AUTHORIZED, own_passes },
	{ RULE_OWN_FAILS, CLASS_FIX, own_fails },
	{ RULE_OWN_ERROR, CLASS_FIX, has_own_error },
	{ RULE_CUSTOMER, CLASS_FIX, is_customer },
	{ RULE_SIGNATURE_AWAY, CLASS_FORWARDER, has_signature_away },
	{ RULE_FORWARDED, CLASS_FORWARDER, is_forwarded },
	{ RULE_SIGNATURE_BROKEN, CLASS_FORWARDER, has_signature_broken },
	{ RULE_UNAUTHORIZED, CLASS_UNAUTHORIZED, is_unauthorized },
};

static const enum class user_classes[N_RULE_CLASSES] = {
	[RULE_CLASS_MINE] = CLASS_AUTHORIZED,     [RULE_CLASS_FIX] = CLASS_FIX,
	[RULE_CLASS_FORWARDER] = CLASS_FORWARDER, [RULE_CLASS_IGNORE] = CLASS_IGNORED,
	[RULE_CLASS_SPOOF] = CLASS_UNAUTHORIZED,
};

static void
apply_rules(struct judgement *judgement, const struct trial *trial)
{
	judgement->class = CLASS_REVIEW;
	judgement->rule = RULE_REVIEW;
	if (trial->facts->all.messages <= 0)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rules[i].matches(trial)) {
			judgement->class = rules[i].class;
			judgement->rule = rules[i].number;
			return;
		}
}

static void
apply_user_rule(struct judgement *judgement, const struct user_rule *rule)
{
	judgement->rule = RULE_USER;
	judgement->class = user_classes[rule->class];
	judgement->is_ignored = judgement->class == CLASS_IGNORED;
}

struct judgement
judge(const struct facts *facts, const struct user_rule *rule, const struct weights *weights)
{
	struct judgement judgement = {
		.all = score_sum(facts, SIDE_ALL, weights),
		.counted = score_sum(facts, SIDE_COUNTED, weights),
	};
	const struct trial trial = { facts, weights, &judgement.counted };

	apply_rules(&judgement, &trial);
	judgement.unruled_class = judgement.class;
	judgement.unruled_rule = judgement.rule;
	judgement.has_badge =
		judgement.rule == RULE_OWN_PASSES &&
		!share_is_at_least(facts->all.pass, facts->all.messages, weights->badge_share);
	if (rule)
		apply_user_rule(&judgement, rule);
	return judgement;
}

gint64
judgement_score(const struct judgement *judgement)
{
	return judgement->unruled_rule == RULE_UNAUTHORIZED ? judgement->counted.value
							    : judgement->all.value;
}

enum suspicion
judgement_suspicion(const struct judgement *judgement, const struct weights *weights)
{
	if (judgement->all.value >= weights->suspicious_score)
		return SUSPICION_SUSPICIOUS;
	return judgement->all.value >= weights->unclear_score ? SUSPICION_UNCLEAR
							      : SUSPICION_BENIGN;
}
