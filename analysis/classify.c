/* SPDX-License-Identifier: MIT */
#include "analysis/classify.h"

#define AUTHORIZED_SHARE 0.90
#define HALF             0.5

struct rule {
	guint8 number;
	enum class class;
	gboolean (*matches)(const struct source_facts *facts);
};

static double
share(gint64 part, gint64 whole)
{
	return whole > 0 ? (double)part / (double)whole : 0.0;
}

static gboolean
is_mostly_passing(const struct source_facts *facts)
{
	return facts->window.pass > 0 &&
	       share(facts->window.pass, facts->window.messages) >= AUTHORIZED_SHARE;
}

static gboolean
has_own_spf(const struct source_facts *facts)
{
	return facts->window.spf_pass > 0;
}

static gboolean
carries_own_signatures(const struct source_facts *facts)
{
	return facts->window.dkim_pass > 0 && facts->lifetime.spf_pass == 0 &&
	       share(facts->window.pass, facts->window.messages) >= HALF;
}

static gboolean
is_called_forwarder(const struct source_facts *facts)
{
	gint64 fail = totals_fail(&facts->window);

	return fail > 0 && share(facts->window.forwarded, fail) >= HALF;
}

static gboolean
is_unexplained(const struct source_facts *facts)
{
	const struct totals *address = &facts->address;

	return address->messages > 0 && address->pass == 0 && address->forwarded == 0 &&
	       address->explained == 0;
}

static gboolean
always(const struct source_facts *facts)
{
	(void)facts;
	return TRUE;
}

/* The first row that matches decides. */
static const struct rule rules[] = {
	{ 1, CLASS_AUTHORIZED, is_mostly_passing },     { 2, CLASS_FIX, has_own_spf },
	{ 5, CLASS_FORWARDER, carries_own_signatures }, { 6, CLASS_FORWARDER, is_called_forwarder },
	{ 8, CLASS_UNAUTHORIZED, is_unexplained },      { 9, CLASS_REVIEW, always },
};

struct verdict
classify(const struct source_facts *facts)
{
	const struct rule *rule = rules;

	while (!rule->matches(facts))
		rule++;
	return (struct verdict){ rule->class, rule->number };
}
