/* SPDX-License-Identifier: MIT */
#include "analysis/rule_words.h"

#include <string.h>

#include "core/error.h"
#include "core/text.h"

#define DAY_TEXT_LEN 10 /* "2027-10-02" */
/* RFC 1035 section 2.3.4, as text. */
#define DOMAIN_LEN_MAX 253
/* Of what a user typed, in an error. */
#define SHOWN_LEN_MAX 100

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-_."

static gboolean
fail(const char *word, const char *problem, GError **error)
{
	g_autoptr(GString) shown = g_string_new(word);

	text_cut(shown, SHOWN_LEN_MAX);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "\"%s\" is not %s", shown->str,
		    problem);
	return FALSE;
}

static char *
join_names(guint n, const char *(*name_of)(guint i))
{
	g_autoptr(GString) list = g_string_new(NULL);

	for (guint i = 0; i < n; i++)
		g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", name_of(i));
	return g_string_free(g_steal_pointer(&list), FALSE);
}

static const char *
kind_name(guint i)
{
	return rule_kind_name((enum rule_kind)i);
}

static const char *
class_name_of(guint i)
{
	return rule_class_name((enum rule_class)i);
}

char *
rule_words_kinds(void)
{
	return join_names(N_RULE_KINDS, kind_name);
}

char *
rule_words_classes(void)
{
	return join_names(N_RULE_CLASSES, class_name_of);
}

/* Which of n names word is; n where it is none. */
static guint
find_name(const char *word, guint n, const char *(*name_of)(guint i))
{
	for (guint i = 0; i < n; i++)
		if (g_strcmp0(word, name_of(i)) == 0)
			return i;
	return n;
}

static gboolean
read_kind(const struct rule_words *words, enum rule_kind *ret_kind, GError **error)
{
	guint found = find_name(words->kind, N_RULE_KINDS, kind_name);

	if (found < N_RULE_KINDS) {
		*ret_kind = (enum rule_kind)found;
		return TRUE;
	}
	g_autofree char *kinds = rule_words_kinds();
	g_autofree char *expected = g_strconcat("one of ", kinds, NULL);
	return fail(words->kind ? words->kind : "", expected, error);
}

static gboolean
read_class(const struct rule_words *words, enum rule_class *ret_class, GError **error)
{
	guint found = find_name(words->class, N_RULE_CLASSES, class_name_of);

	if (found < N_RULE_CLASSES) {
		*ret_class = (enum rule_class)found;
		return TRUE;
	}
	g_autofree char *classes = rule_words_classes();
	g_autofree char *expected = g_strconcat("one of ", classes, NULL);
	return fail(words->class ? words->class : "", expected, error);
}

static gboolean
read_domain(struct user_rule *rule, const char *word, GStringChunk *texts, GError **error)
{
	g_autoptr(GString) domain = g_string_new(word);

	text_fold_domain(domain);
	gboolean is_name = domain->len <= DOMAIN_LEN_MAX && strchr(domain->str, '.') &&
			   strspn(domain->str, NAME_CHARS) == domain->len;
	if (domain->len > 0 && !is_name)
		return fail(word, "a domain", error);
	rule->domain = g_string_chunk_insert(texts, domain->str);
	return TRUE;
}

static gboolean
read_expires(struct user_rule *rule, const char *word, GError **error)
{
	rule->expires_at = 0;
	if (!word || !*word)
		return TRUE;
	g_autofree char *instant = g_strconcat(word, "T00:00:00Z", NULL);
	g_autoptr(GDateTime) day =
		strlen(word) == DAY_TEXT_LEN ? g_date_time_new_from_iso8601(instant, NULL) : NULL;
	if (!day)
		return fail(word, "a day such as 2027-10-02", error);
	rule->expires_at = g_date_time_to_unix(day);
	return TRUE;
}

gboolean
rule_words_read(struct user_rule *rule, const struct rule_words *words, GStringChunk *texts,
		GError **error)
{
	struct user_rule read = { .text = "" };
	g_autofree char *lower = g_utf8_strdown(words->match ? words->match : "", -1);
	const char *match = g_string_chunk_insert(texts, g_strstrip(lower));
	enum rule_kind kind = RULE_KIND_IP;

	if (!read_kind(words, &kind, error) || !user_rule_parse(&read, kind, match, error) ||
	    !read_class(words, &read.class, error) ||
	    !read_domain(&read, words->domain, texts, error) ||
	    !read_expires(&read, words->expires, error))
		return FALSE;
	read.text = match;
	*rule = read;
	return TRUE;
}
