/* SPDX-License-Identifier: MIT */
#include "ingest/oddities.h"

#include "core/text.h"

#define EXAMPLE_LEN_MAX 80

struct wording {
	const char *code;
	const char *before; /* the quoted example */
	const char *after;
};

static const struct wording wordings[N_ODDITIES] = {
	[ODDITY_RECORD_EMPTY] = { "record-left-out",
				  "record without a source_ip, a count and a header_from",
				  ": left out" },
	[ODDITY_COUNT_MISSING] = { "count-missing", "record without a count", ": taken as 1" },
	[ODDITY_COUNT_INVALID] = { "count-invalid", "count ",
				   " is no number of messages: taken as 0" },
	[ODDITY_SOURCE_MISSING] = { "source-ip-missing", "record without a source_ip", "" },
	[ODDITY_SOURCE_INVALID] = { "source-ip-invalid", "source_ip ", " is no address" },
	[ODDITY_HEADER_FROM_MISSING] = { "header-from-missing", "record without a header_from",
					 "" },
	[ODDITY_DISPOSITION_MISSING] = { "disposition-missing", "record without a disposition",
					 "" },
	[ODDITY_DISPOSITION_UNKNOWN] = { "disposition-unknown", "disposition ",
					 " is none of the known ones" },
	[ODDITY_RESULT_MISSING] = { "result-missing",
				    "record without both aligned results in policy_evaluated",
				    ": not counted as a pass" },
	[ODDITY_RESULT_UNKNOWN] = { "result-unknown", "aligned result ",
				    " is neither pass nor fail: taken as fail" },
	[ODDITY_TOO_MANY_RESULTS] = { "auth-results-cut",
				      "record with more than 100 authentication results",
				      ": the first 100 are kept" },
	[ODDITY_TOO_MANY_REASONS] = { "reasons-cut", "record with more than 100 override reasons",
				      ": the first 100 are kept" },
	[ODDITY_TOO_MANY_ERRORS] = { "errors-cut", "more than 100 errors",
				     ": the first 100 are kept" },
	[ODDITY_DUPLICATE] = { "element-repeated", "element ",
			       " stands twice where one belongs: the first counts" },
	[ODDITY_DOMAIN_TOO_LONG] = { "domain-too-long", "domain ",
				     " is longer than 253 characters: left out" },
	[ODDITY_TEXT_REPAIRED] = { "text-repaired", "text ",
				   " had bytes that are no text: replaced or left out" },
	[ODDITY_TEXT_CUT] = { "text-cut", "text ", " was longer than 4096 bytes: cut" },
	[ODDITY_INSTANT_MILLISECONDS] = { "date-milliseconds", "date ",
					  " is in milliseconds: divided by 1000" },
	[ODDITY_INSTANT_TEXT] = { "date-text", "date ", " is written out where seconds are due" },
	[ODDITY_INSTANT_INVALID] = { "date-invalid", "date ", " cannot be read" },
};

void
oddities_clear(struct oddities *oddities)
{
	for (guint i = 0; i < N_ODDITIES; i++) {
		if (oddities->example[i])
			g_string_free(oddities->example[i], TRUE);
		oddities->example[i] = NULL;
		oddities->n[i] = 0;
	}
}

void
oddities_note(struct oddities *oddities, enum oddity oddity, const char *example, gsize len)
{
	if (oddities->n[oddity]++ > 0)
		return;
	GString *text = g_string_sized_new(EXAMPLE_LEN_MAX);
	text_clean(example, MIN(len, EXAMPLE_LEN_MAX), text);
	if (len > EXAMPLE_LEN_MAX)
		g_string_append(text, "...");
	oddities->example[oddity] = text;
}

void
oddities_flush(struct oddities *oddities, struct document *document)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < N_ODDITIES; i++) {
		if (oddities->n[i] == 0)
			continue;
		const GString *example = oddities->example[i];
		g_string_assign(text, wordings[i].before);
		if (example->len > 0)
			g_string_append_printf(text, "\"%s\"", example->str);
		g_string_append(text, wordings[i].after);
		if (oddities->n[i] > 1)
			g_string_append_printf(text, " (%u times)", oddities->n[i]);
		document_warn(document, wordings[i].code, text->str);
	}
	oddities_clear(oddities);
}
