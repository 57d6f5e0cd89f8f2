/* SPDX-License-Identifier: MIT */
#include "analysis/score.h"

#include <math.h>

#include "analysis/weights.h"

#define SCORE_MAX       100
#define FULL_VOLUME_LOG 3.0 /* log10 of the volume that gets all points */
#define MANY_REPORTERS  4
#define MANY_DAYS       3
#define MANY_OPERATORS  2

struct sum {
	const struct facts *facts;
	enum side side;
	const struct weights *weights;
	struct figures figures; /* as far as they are believed */
	gint64 fail;
};

struct term {
	const char *name;
	gint64 (*value)(const struct sum *sum);
};

static gint64
round_half_up(double value)
{
	return (gint64)floor(value + 0.5);
}

/* points for the share part has of the failing mail; 0 where nothing fails. */
static gint64
of_failing(const struct sum *sum, gint64 points, gint64 part)
{
	if (sum->fail <= 0)
		return 0;
	return round_half_up((double)points * (double)CLAMP(part, 0, sum->fail) /
			     (double)sum->fail);
}

static gint64
base(const struct sum *sum)
{
	return sum->weights->base;
}

static gint64
bare(const struct sum *sum)
{
	return of_failing(sum, sum->weights->bare, sum->figures.bare);
}

static gint64
never(const struct sum *sum)
{
	return facts_ever_passed(sum->facts) == FACT_NO ? sum->weights->never : 0;
}

static gint64
nosig(const struct sum *sum)
{
	if (!facts_domain_signs(sum->facts, sum->side, sum->weights))
		return 0;
	return of_failing(sum, sum->weights->nosig, sum->figures.noown);
}

static gint64
volume(const struct sum *sum)
{
	if (sum->fail <= 0)
		return 0;
	return round_half_up((double)sum->weights->volume *
			     MIN(1.0, log10((double)sum->fail) / FULL_VOLUME_LOG));
}

static gint64
reporters(const struct sum *sum)
{
	const gint64 points[MANY_REPORTERS + 1] = {
		0,
		0,
		sum->weights->two_reporters,
		sum->weights->three_reporters,
		sum->weights->four_reporters,
	};

	return points[CLAMP(sum->facts->reporters, 0, MANY_REPORTERS)];
}

static gint64
days(const struct sum *sum)
{
	const gint64 points[MANY_DAYS + 1] = {
		0,
		0,
		sum->weights->two_days,
		sum->weights->three_days,
	};

	return points[CLAMP(sum->figures.days, 0, MANY_DAYS)];
}

static gint64
dnsbl(const struct sum *sum)
{
	if (sum->facts->dnsbl_spam >= MANY_OPERATORS)
		return sum->weights->dnsbl_two;
	return sum->facts->dnsbl_spam > 0 ? sum->weights->dnsbl_one : 0;
}

static gint64
policy(const struct sum *sum)
{
	const struct facts *facts = sum->facts;
	gboolean applies = facts->on_policy_list == FACT_YES || facts->rdns == RDNS_NONE ||
			   facts->rdns == RDNS_GENERIC;

	return applies ? sum->weights->policy : 0;
}

static gint64
ruf(const struct sum *sum)
{
	return sum->facts->ruf_samples > 0 ? sum->weights->ruf : 0;
}

static gint64
multi(const struct sum *sum)
{
	return sum->facts->is_multi == FACT_YES ? sum->weights->multi : 0;
}

static gint64
parked(const struct sum *sum)
{
	return sum->facts->is_parked ? sum->weights->parked : 0;
}

static gint64
forwarded(const struct sum *sum)
{
	return -of_failing(sum, sum->weights->forwarded, sum->figures.forwarded);
}

static gint64
category(const struct sum *sum)
{
	enum category category = sum->facts->category;
	gboolean applies = category == CATEGORY_ESP || category == CATEGORY_MAILBOX ||
			   category == CATEGORY_GATEWAY;

	return applies ? -sum->weights->category : 0;
}

static gint64
ownsig(const struct sum *sum)
{
	return -of_failing(sum, sum->weights->ownsig, sum->figures.ownsig);
}

/* Anybody passes for a domain of his own; where yours signs everything that excuses nothing. */
static gint64
orgmta(const struct sum *sum)
{
	if (facts_domain_signs(sum->facts, sum->side, sum->weights) &&
	    share_is_at_least(sum->figures.noown, sum->fail, sum->weights->half_share))
		return 0;
	return -of_failing(sum, sum->weights->orgmta, sum->figures.orgmta);
}

static gint64
confirmed(const struct sum *sum)
{
	return sum->facts->rdns == RDNS_CONFIRMED ? -sum->weights->confirmed : 0;
}

static gint64
tiny(const struct sum *sum)
{
	gboolean applies = sum->fail <= sum->weights->tiny_messages && sum->facts->reporters <= 1 &&
			   sum->figures.days == 1;

	return applies ? -sum->weights->tiny : 0;
}

static const struct term terms[N_SCORE_TERMS] = {
	[SCORE_BASE] = { "base", base },
	[SCORE_BARE] = { "bare", bare },
	[SCORE_NEVER] = { "never", never },
	[SCORE_NOSIG] = { "nosig", nosig },
	[SCORE_VOLUME] = { "volume", volume },
	[SCORE_REPORTERS] = { "reporters", reporters },
	[SCORE_DAYS] = { "days", days },
	[SCORE_DNSBL] = { "dnsbl", dnsbl },
	[SCORE_POLICY] = { "policy", policy },
	[SCORE_RUF] = { "ruf", ruf },
	[SCORE_MULTI] = { "multi", multi },
	[SCORE_PARKED] = { "parked", parked },
	[SCORE_FORWARDED] = { "forwarded", forwarded },
	[SCORE_CATEGORY] = { "category", category },
	[SCORE_OWNSIG] = { "ownsig", ownsig },
	[SCORE_ORGMTA] = { "orgmta", orgmta },
	[SCORE_CONFIRMED] = { "confirmed", confirmed },
	[SCORE_TINY] = { "tiny", tiny },
};

struct score
score_sum(const struct facts *facts, enum side side, const struct weights *weights)
{
	const struct sum sum = {
		.facts = facts,
		.side = side,
		.weights = weights,
		.figures = facts_believed(facts, side, weights),
		.fail = figures_fail(facts_figures(facts, side)),
	};
	struct score score = { 0 };

	for (gsize i = 0; i < N_SCORE_TERMS; i++) {
		score.terms[i] = terms[i].value(&sum);
		score.value += score.terms[i];
	}
	score.value = CLAMP(score.value, 0, SCORE_MAX);
	return score;
}

const char *
score_term_name(enum score_term term)
{
	return terms[term].name;
}
