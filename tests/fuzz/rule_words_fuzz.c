/* SPDX-License-Identifier: MIT */
/* A rule as somebody words it: what is read is whole, and can be asked whom it speaks of. */
#include <string.h>

#include "analysis/rule_words.h"

#define N_WORDS 5

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

static void
ask(const struct user_rule *rule, const char *text)
{
	const struct rule_signature signature = { "vendor.example", "s1" };
	const char *const spf[] = { text };
	const struct rule_subject subject = {
		.ip = rule->ip,
		.domain = rule->domain,
		.rdns = text,
		.sender = text,
		.asn = 64500,
		.signatures = &signature,
		.n_signatures = 1,
		.spf_domains = spf,
		.n_spf_domains = 1,
	};
	const struct user_rule *found = user_rules_find(rule, 1, &subject, 0);

	/* Of a network is its own address, and an address itself. */
	if (rule->kind <= RULE_KIND_CIDR && rule->expires_at >= 0)
		g_assert_true(found == rule);
}

/* Lines: kind, match, class, domain, expires. */
int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autofree char *text = g_strndup((const char *)bytes, len);
	g_auto(GStrv) lines = g_strsplit(text, "\n", N_WORDS);
	g_autoptr(GStringChunk) texts = g_string_chunk_new(256);
	g_autoptr(GError) error = NULL;
	struct user_rule rule;

	if (!g_utf8_validate(text, -1, NULL) || g_strv_length(lines) < N_WORDS)
		return 0;
	const struct rule_words words = { lines[0], lines[1], lines[2], lines[3], lines[4] };
	if (rule_words_read(&rule, &words, texts, &error)) {
		g_assert_true(rule.kind < N_RULE_KINDS && rule.class < N_RULE_CLASSES);
		g_assert_true(rule.prefix <= 128 && *rule.text);
		ask(&rule, lines[1]);
	} else {
		g_assert_nonnull(error);
	}
	return 0;
}
