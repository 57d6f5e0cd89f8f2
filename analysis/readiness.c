/* SPDX-License-Identifier: MIT */
#include "analysis/readiness.h"

#include "analysis/facts.h"
#include "core/report.h"

#define MOST_PERCENT 50

#define ROW(name, fallback, min, max, sentence)                                            \
	{                                                                                  \
#name, G_STRUCT_OFFSET(struct readiness_limits, name), fallback, min, max, \
			sentence,                                                          \
	}

const struct weight_row readiness_rows[] = {
	ROW(ready_loss, 10, 0, READINESS_LOSS_WHOLE,
	    "Out of 10,000 own messages so many may be lost: ready."),
	ROW(nearly_loss, 100, 0, READINESS_LOSS_WHOLE,
	    "Out of 10,000 own messages so many may be lost: nearly ready."),
	ROW(nearly_items, 3, 0, G_MAXINT32, "Or so few things are left to do: nearly ready."),
	ROW(review_messages, 10, 1, G_MAXINT32, "Messages from which a source must be reviewed."),
	ROW(days, 28, 1, 366, "Days with reports, without which there is no verdict."),
	ROW(reporters, 2, 1, G_MAXINT32, "Reporters, without which there is no verdict."),
	ROW(messages, 100, 1, G_MAXINT32, "Messages, without which there is no verdict."),
	ROW(unchanged_days, 14, 0, 366, "Days for which the policy must have stood."),
};
const gsize n_readiness_rows = G_N_ELEMENTS(readiness_rows);

struct readiness_limits
readiness_limits_default(void)
{
	struct readiness_limits limits;

	weight_rows_default(readiness_rows, n_readiness_rows, &limits);
	return limits;
}

static const char *const verdict_names[N_VERDICTS] = {
	[READINESS_NO_DATA] = "no_data",
	[READINESS_NOT_YET] = "not_yet",
	[READINESS_NEARLY] = "nearly",
	[READINESS_READY] = "ready",
};

const char *
readiness_verdict_name(enum readiness_verdict verdict)
{
	return verdict_names[verdict];
}

/* In doubles: exact up to 9e11 messages, and nothing wraps beyond. */
static gboolean
is_loss_within(gint64 lost, gint64 messages, gint64 limit)
{
	return (double)lost * READINESS_LOSS_WHOLE <= (double)messages * (double)limit;
}

static gboolean
is_own(const struct readiness_sender *sender)
{
	return sender->class == CLASS_AUTHORIZED || sender->class == CLASS_FIX;
}

gboolean
readiness_sender_is_open(const struct readiness_sender *sender,
			 const struct readiness_limits *limits)
{
	return is_own(sender) &&
	       !is_loss_within(sender->lost, sender->messages, limits->ready_loss);
}

static void
sum_senders(struct readiness *readiness, const struct readiness_facts *facts,
	    const struct readiness_limits *limits)
{
	for (gsize i = 0; i < facts->n_senders; i++) {
		const struct readiness_sender *sender = &facts->senders[i];
		if (!is_own(sender))
			continue;
		readiness->own_messages = count_add(readiness->own_messages, sender->messages);
		readiness->own_lost = count_add(readiness->own_lost, sender->lost);
		if (readiness_sender_is_open(sender, limits))
			readiness->open_senders++;
		else
			readiness->left_lost = count_add(readiness->left_lost, sender->lost);
	}
	readiness->open_items = count_add(readiness->open_senders, facts->review_large);
}

static enum readiness_state
state_if(gboolean is_met)
{
	return is_met ? STATE_MET : STATE_UNMET;
}

static void
check(struct readiness *readiness, const struct readiness_facts *facts,
      const struct readiness_limits *limits)
{
	enum readiness_state *checks = readiness->checks;

	checks[CHECK_LOSS] = state_if(
		is_loss_within(readiness->own_lost, readiness->own_messages, limits->ready_loss));
	checks[CHECK_REVIEW] = state_if(facts->review_large == 0);
	checks[CHECK_DAYS] = state_if(facts->days >= limits->days);
	checks[CHECK_REPORTERS] = state_if(facts->reporters >= limits->reporters);
	checks[CHECK_MESSAGES] = state_if(facts->messages >= limits->messages);
	checks[CHECK_UNCHANGED] =
		facts->unchanged_days == FACT_N_UNKNOWN
			? STATE_UNKNOWN
			: state_if(facts->unchanged_days >= limits->unchanged_days);
}

static gboolean
is_met(const struct readiness *readiness, enum readiness_check first, enum readiness_check last)
{
	for (enum readiness_check i = first; i <= last; i++)
		if (readiness->checks[i] != STATE_MET)
			return FALSE;
	return TRUE;
}

static enum readiness_verdict
judge_checks(const struct readiness *readiness, const struct readiness_limits *limits)
{
	if (!is_met(readiness, CHECK_DAYS, CHECK_MESSAGES))
		return READINESS_NO_DATA;
	if (is_met(readiness, 0, N_CHECKS - 1))
		return READINESS_READY;
	if (is_loss_within(readiness->own_lost, readiness->own_messages, limits->nearly_loss) ||
	    readiness->open_items <= limits->nearly_items)
		return READINESS_NEARLY;
	return READINESS_NOT_YET;
}

/* Whatever a sentence may tell, in one place: sentences name members. */
struct numbers {
	gint64 none; /* always 0 */
	gint64 loss_whole;
	struct readiness readiness;
	struct readiness_facts facts;
	struct readiness_limits limits;
};

/* A number that a sentence has a place for: offsets in struct numbers; whole AT(none) = no share.
 */
struct place {
	const char *name;
	gsize n;
	gsize whole;
};

struct sentence {
	const char *key; /* NULL: there is nothing to say */
	struct place places[WHY_NUMBERS_MAX];
};

#define AT(member) G_STRUCT_OFFSET(struct numbers, member)
#define COUNT(name, member)                \
	{                                  \
		name, AT(member), AT(none) \
	}
#define SHARE(name, member, whole)          \
	{                                   \
		name, AT(member), AT(whole) \
	}
#define READY_LOSS SHARE("limit", limits.ready_loss, loss_whole)

static const struct sentence loss_met = {
	"readiness.loss_met",
	{ COUNT("n", readiness.own_lost), COUNT("all", readiness.own_messages),
	  SHARE("share", readiness.own_lost, readiness.own_messages), READY_LOSS },
};
static const struct sentence no_own_mail = { "readiness.no_own_mail", { { 0 } } };
static const struct sentence left = {
	"readiness.left",
	{ COUNT("n", readiness.open_senders), COUNT("left", readiness.left_lost),
	  COUNT("all", readiness.own_messages),
	  SHARE("share", readiness.left_lost, readiness.own_messages) },
};
static const struct sentence forwarded = {
	"readiness.forwarded",
	{ COUNT("n", facts.forwarded_lost), COUNT("all", facts.forwarded) },
};
static const struct sentence unchanged_unknown = {
	"readiness.unchanged_unknown",
	{ COUNT("n", limits.unchanged_days) },
};

/* Of each check, when it is not met. */
static const struct sentence unmet_sentences[N_CHECKS] = {
	[CHECK_LOSS] = { "readiness.loss",
			 { COUNT("n", readiness.own_lost), COUNT("all", readiness.own_messages),
			   SHARE("share", readiness.own_lost, readiness.own_messages),
			   READY_LOSS } },
	[CHECK_REVIEW] = { "readiness.review",
			   { COUNT("n", facts.review_large),
			     COUNT("limit", limits.review_messages) } },
	[CHECK_DAYS] = { "readiness.days",
			 { COUNT("n", facts.days), COUNT("all", facts.window_days),
			   COUNT("limit", limits.days) } },
	[CHECK_REPORTERS] = { "readiness.reporters",
			      { COUNT("n", facts.reporters), COUNT("limit", limits.reporters) } },
	[CHECK_MESSAGES] = { "readiness.messages",
			     { COUNT("n", facts.messages), COUNT("limit", limits.messages) } },
	[CHECK_UNCHANGED] = { "readiness.unchanged",
			      { COUNT("n", facts.unchanged_days),
				COUNT("limit", limits.unchanged_days) } },
};

/* An answer that is given where a number is not 0; AT(none) = always. */
struct answer {
	gsize when;
	struct sentence sentence;
};

/* The first that may be given is. */
static const struct answer answers[N_VERDICTS][3] = {
	[READINESS_NO_DATA] = { { AT(none), { "readiness.answer_no_data", { { 0 } } } } },
	[READINESS_NOT_YET] = { { AT(readiness.open_senders),
				  { "readiness.answer_not_yet_senders",
				    { COUNT("n", readiness.open_senders) } } },
				{ AT(none),
				  { "readiness.answer_not_yet_review",
				    { COUNT("n", facts.review_large) } } } },
	[READINESS_NEARLY] = { { AT(readiness.open_senders),
				 { "readiness.answer_nearly_senders",
				   { COUNT("n", readiness.open_senders) } } },
			       { AT(facts.review_large),
				 { "readiness.answer_nearly_review",
				   { COUNT("n", facts.review_large) } } },
			       { AT(none), { "readiness.answer_nearly_wait", { { 0 } } } } },
	[READINESS_READY] = { { AT(readiness.own_messages),
				{ "readiness.answer_ready",
				  { COUNT("n", readiness.own_lost),
				    COUNT("all", readiness.own_messages) } } },
			      { AT(none), { "readiness.answer_ready_none", { { 0 } } } } },
};

static struct why_line
make_line(const struct sentence *sentence, const struct numbers *numbers)
{
	struct why_line line = { .key = sentence->key };

	for (gsize i = 0; i < WHY_NUMBERS_MAX && sentence->places[i].name; i++) {
		const struct place *place = &sentence->places[i];
		line.numbers[i].name = place->name;
		line.numbers[i].n = G_STRUCT_MEMBER(gint64, numbers, place->n);
		line.numbers[i].whole = G_STRUCT_MEMBER(gint64, numbers, place->whole);
	}
	return line;
}

static void
say(struct why *why, const struct sentence *sentence, const struct numbers *numbers)
{
	if (why->n < WHY_LINES_MAX)
		why->lines[why->n++] = make_line(sentence, numbers);
}

static struct why
make_reasons(const struct numbers *numbers)
{
	const struct readiness *readiness = &numbers->readiness;
	struct why why = { 0 };

	for (enum readiness_check i = 0; i < N_CHECKS; i++)
		if (readiness->checks[i] == STATE_UNMET)
			say(&why, &unmet_sentences[i], numbers);
	if (readiness->checks[CHECK_UNCHANGED] == STATE_UNKNOWN)
		say(&why, &unchanged_unknown, numbers);
	if (readiness->open_senders > 0)
		say(&why, &left, numbers);
	if (readiness->checks[CHECK_LOSS] == STATE_MET)
		say(&why, readiness->own_messages > 0 ? &loss_met : &no_own_mail, numbers);
	if (numbers->facts.forwarded_lost > 0)
		say(&why, &forwarded, numbers);
	return why;
}

static struct why_line
make_answer(const struct numbers *numbers)
{
	const struct answer *answer = answers[numbers->readiness.verdict];

	while (answer->when != AT(none) && G_STRUCT_MEMBER(gint64, numbers, answer->when) == 0)
		answer++;
	return make_line(&answer->sentence, numbers);
}

/* What most of the failing mail of a sender tells, the surest first. */
static const struct fix {
	gsize figure; /* offset in struct figures */
	const char *key;
} fixes[] = {
	{ G_STRUCT_OFFSET(struct figures, tmp), "readiness.fix_error" },
	{ G_STRUCT_OFFSET(struct figures, ownsig), "readiness.fix_broken" },
	{ G_STRUCT_OFFSET(struct figures, esp), "readiness.fix_service" },
	{ G_STRUCT_OFFSET(struct figures, orgmta), "readiness.fix_other_domain" },
};

const char *
readiness_fix(const struct figures *figures)
{
	gint64 fail = figures_fail(figures);

	if (fail == 0)
		return "";
	for (gsize i = 0; i < G_N_ELEMENTS(fixes); i++)
		if (share_is_at_least(G_STRUCT_MEMBER(gint64, figures, fixes[i].figure), fail,
				      MOST_PERCENT))
			return fixes[i].key;
	return "readiness.fix_unsigned";
}

struct readiness
readiness(const struct readiness_facts *facts, const struct readiness_limits *limits)
{
	struct numbers numbers = { .loss_whole = READINESS_LOSS_WHOLE,
				   .facts = *facts,
				   .limits = *limits };
	struct readiness *result = &numbers.readiness;

	sum_senders(result, facts, limits);
	check(result, facts, limits);
	result->verdict = judge_checks(result, limits);
	result->current = rollout_step_of(facts->policy);
	result->next = rollout_next(facts->policy, facts->target);
	result->is_reached = result->current != STEP_UNKNOWN && result->current >= facts->target;
	result->answer = make_answer(&numbers);
	result->reasons = make_reasons(&numbers);
	return *result;
}
