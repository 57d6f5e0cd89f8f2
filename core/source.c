/* SPDX-License-Identifier: MIT */
#include "core/source.h"

#include "core/report.h"

static const char *const class_names[N_CLASSES] = {
	[CLASS_NONE] = "none",           [CLASS_FIX] = "fix",
	[CLASS_REVIEW] = "review",       [CLASS_UNAUTHORIZED] = "unauthorized",
	[CLASS_FORWARDER] = "forwarder", [CLASS_AUTHORIZED] = "authorized",
	[CLASS_IGNORED] = "ignored",
};

void
totals_add(struct totals *sum, const struct totals *more)
{
	sum->messages = count_add(sum->messages, more->messages);
	sum->pass = count_add(sum->pass, more->pass);
	sum->dkim_pass = count_add(sum->dkim_pass, more->dkim_pass);
	sum->spf_pass = count_add(sum->spf_pass, more->spf_pass);
	sum->quarantined = count_add(sum->quarantined, more->quarantined);
	sum->rejected = count_add(sum->rejected, more->rejected);
	sum->forwarded = count_add(sum->forwarded, more->forwarded);
	sum->explained = count_add(sum->explained, more->explained);
	sum->records = count_add(sum->records, more->records);
}

void
totals_subtract(struct totals *sum, const struct totals *less)
{
	sum->messages -= less->messages;
	sum->pass -= less->pass;
	sum->dkim_pass -= less->dkim_pass;
	sum->spf_pass -= less->spf_pass;
	sum->quarantined -= less->quarantined;
	sum->rejected -= less->rejected;
	sum->forwarded -= less->forwarded;
	sum->explained -= less->explained;
	sum->records -= less->records;
}

gboolean
totals_is_zero(const struct totals *totals)
{
	static const struct totals zero;

	return memcmp(totals, &zero, sizeof(zero)) == 0;
}

const char *class_name(enum class class)
{
	return class_names[class];
}

gboolean
class_parse(const char *name, enum class *ret_class)
{
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		if (g_str_equal(name, class_names[c])) {
			*ret_class = c;
			return TRUE;
		}
	}
	return FALSE;
}
