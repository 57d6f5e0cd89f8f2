/* SPDX-License-Identifier: MIT */
#include "analysis/facts.h"

#include "analysis/weights.h"
#include "core/report.h"

enum fact
facts_ever_passed(const struct facts *facts)
{
	if (facts->ever_passed > 0 || facts->all.pass > 0 || facts->counted.pass > 0)
		return FACT_YES;
	return facts->ever_passed == 0 ? FACT_NO : FACT_UNKNOWN;
}

const struct figures *
facts_figures(const struct facts *facts, enum side side)
{
	return side == SIDE_COUNTED ? &facts->counted : &facts->all;
}

gint64
facts_cap(const struct facts *facts, enum side side, const struct weights *weights)
{
	double share = (double)facts->domain[side].authorised * (double)weights->cap_share / 100.0;

	return MAX(weights->cap_least, (gint64)share);
}

gboolean
facts_domain_signs(const struct facts *facts, enum side side, const struct weights *weights)
{
	const struct domain_figures *domain = &facts->domain[side];

	return share_is_at_least(domain->authorised_signed, domain->authorised,
				 weights->signs_share);
}

struct figures
facts_believed(const struct facts *facts, enum side side, const struct weights *weights)
{
	struct figures believed = *facts_figures(facts, side);

	if (figures_fail(&believed) > facts_cap(facts, side, weights)) {
		believed.noown = count_add(believed.noown, believed.ownsig);
		believed.ownsig = 0;
	}
	return believed;
}

/* In doubles: exact up to 9e13 messages, and nothing wraps beyond. */
gboolean
share_is_at_least(gint64 part, gint64 whole, gint64 percent)
{
	return whole > 0 && (double)part * 100.0 >= (double)whole * (double)percent;
}
