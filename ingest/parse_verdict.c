/* SPDX-License-Identifier: MIT */
/* How a parsed mail is called, by what it yielded. */
#include "ingest/parse.h"

static const char *const verdict_words[] = {
	[PARSED_ACCEPTED] = "accepted",
	[PARSED_ACCEPTED_WITH_WARNINGS] = "accepted-with-warnings",
	[PARSED_REJECTED] = "rejected",
	[PARSED_IGNORED] = "ignored",
};

enum verdict_word
parsed_verdict(const struct parsed *parsed)
{
	gboolean has_warnings = parsed->faults->len > 0;

	if (parsed->documents->len == 0)
		return parsed->faults->len > 0 ? PARSED_REJECTED : PARSED_IGNORED;
	for (guint i = 0; i < parsed->documents->len; i++) {
		const struct document *document = g_ptr_array_index(parsed->documents, i);
		has_warnings = has_warnings || document->warnings->len > 0;
	}
	return has_warnings ? PARSED_ACCEPTED_WITH_WARNINGS : PARSED_ACCEPTED;
}

const char *
verdict_word_name(enum verdict_word word)
{
	return verdict_words[word];
}
