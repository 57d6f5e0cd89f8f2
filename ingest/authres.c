/* SPDX-License-Identifier: MIT */
#include "ingest/authres.h"

#include <string.h>

#include "core/text.h"
#include "ingest/mime_words.h"

/* What one resinfo says: dmarc=pass ... header.from=example.org */
struct resinfo {
	char *method;
	char *result;
	char *domain; /* of the property that names who was authenticated, "" for none */
};

/* Which property names the domain, by method (RFC 8601 section 2.7). */
static const char *const properties[][2] = {
	{ "dmarc", "header.from" }, { "dkim", "header.d" }, { "dkim", "header.i" },
	{ "spf", "smtp.mailfrom" }, { "spf", "smtp.helo" },
};

void
authres_clear(struct authres *authres)
{
	g_clear_pointer(&authres->domain, g_free);
}

static void
resinfo_clear(struct resinfo *info)
{
	g_free(info->method);
	g_free(info->result);
	g_free(info->domain);
}

struct scan {
	GString *out;
	gboolean is_quoted;
	guint depth; /* of comments */
};

/* FALSE: not a mark that only groups others. */
static gboolean
take_mark(struct scan *scan, char c)
{
	if (c == '"' && scan->depth == 0)
		scan->is_quoted = !scan->is_quoted;
	else if (c == '(' && !scan->is_quoted)
		scan->depth++;
	else if (c == ')' && !scan->is_quoted && scan->depth > 0)
		scan->depth--;
	else
		return FALSE;
	return TRUE;
}

static void
take_char(struct scan *scan, char c)
{
	/* A separator in quotes separates nothing. */
	if (scan->depth == 0)
		g_string_append_c(scan->out, scan->is_quoted && c == ';' ? '_' : c);
}

/* Comments may stand anywhere and hold anything (RFC 5322 section 3.2.2); text in quotes stays. */
static char *
without_comments(const char *value)
{
	struct scan scan = { .out = g_string_new(NULL) };

	for (const char *c = value; *c; c++) {
		gboolean is_grouped = scan.is_quoted || scan.depth > 0;
		if (*c == '\\' && c[1] && is_grouped)
			take_char(&scan, *++c);
		else if (!take_mark(&scan, *c))
			take_char(&scan, *c);
	}
	return g_string_free(scan.out, FALSE);
}

static char *
domain_of_property(const char *value)
{
	const char *at = strrchr(value, '@');
	GString *domain = g_string_new(at ? at + 1 : value);

	text_fold_domain(domain);
	return g_string_free(domain, FALSE);
}

static void
take_property(struct resinfo *info, const char *name, const char *value)
{
	for (gsize i = 0; i < G_N_ELEMENTS(properties); i++) {
		if (*info->domain || !g_str_equal(info->method, properties[i][0]) ||
		    g_ascii_strcasecmp(name, properties[i][1]) != 0)
			continue;
		g_free(info->domain);
		info->domain = domain_of_property(value);
	}
}

/* "dmarc=pass header.from=example.org", blanks around "=" allowed. FALSE: no result in it. */
static gboolean
read_resinfo(const char *text, struct resinfo *info)
{
	g_autoptr(GRegex) blanks = g_regex_new("\\s*=\\s*", 0, 0, NULL);
	g_autofree char *tight = g_regex_replace_literal(blanks, text, -1, 0, "=", 0, NULL);
	g_auto(GStrv) words = g_strsplit_set(tight ? tight : "", " \t", 100);

	for (gsize i = 0; words[i]; i++) {
		char *equals = strchr(words[i], '=');
		if (!equals)
			continue;
		*equals = '\0';
		if (info->method) {
			take_property(info, words[i], equals + 1);
			continue;
		}
		words[i][strcspn(words[i], "/")] = '\0'; /* method "/" version */
		info->method = g_ascii_strdown(words[i], -1);
		info->result = g_ascii_strdown(equals + 1, -1);
		info->domain = g_strdup("");
	}
	return info->method != NULL;
}

static gboolean
is_trusted(const char *first, const char *const *trusted)
{
	g_autofree char *copy = g_ascii_strdown(first, -1);
	char *id = g_strstrip(copy);

	id[strcspn(id, " \t")] = '\0'; /* a version may follow */
	return g_strv_contains(trusted, id);
}

/* Does domain stand for from_domain? Equal, or one inside the other: relaxed alignment, roughly. */
static gboolean
is_related(const char *domain, const char *from_domain)
{
	gsize a = strlen(domain);
	gsize b = strlen(from_domain);
	const char *longer = a >= b ? domain : from_domain;
	const char *shorter = a >= b ? from_domain : domain;

	if (MIN(a, b) == 0 || !strchr(shorter, '.') || !g_str_has_suffix(longer, shorter))
		return FALSE;
	return a == b || longer[MAX(a, b) - MIN(a, b) - 1] == '.';
}

/* DMARC's own word is final; an aligned pass of SPF or DKIM is as good as one. */
static gboolean
judge(struct authres *authres, const struct resinfo *info, const char *from_domain)
{
	gboolean is_pass = g_str_equal(info->result, "pass");
	gboolean is_dmarc = g_str_equal(info->method, "dmarc");
	gboolean is_other = g_str_equal(info->method, "spf") || g_str_equal(info->method, "dkim");

	if (!is_dmarc && !(is_other && is_pass && is_related(info->domain, from_domain)))
		return FALSE;
	/* "none" is no verdict: the domain has no record; SPF or DKIM may still say something. */
	if (is_dmarc && !is_pass && !g_str_equal(info->result, "fail"))
		return FALSE;
	authres->authenticated = is_pass ? AUTHENTICATED_YES : AUTHENTICATED_NO;
	g_free(authres->domain);
	authres->domain = g_strdup(*info->domain ? info->domain : from_domain);
	return is_dmarc;
}

enum step {
	STEP_FOREIGN, /* of a server that is not ours */
	STEP_OPEN,    /* of ours, without a word of DMARC */
	STEP_FINAL,
};

static enum step
read_field(struct authres *authres, const char *value, const char *const *trusted,
	   const char *from_domain)
{
	g_autofree char *plain = without_comments(value);
	g_auto(GStrv) parts = g_strsplit(plain, ";", 100);

	if (!parts[0] || !is_trusted(parts[0], trusted))
		return STEP_FOREIGN;
	for (gsize i = 1; parts[i]; i++) {
		struct resinfo info = { NULL, NULL, NULL };
		gboolean is_final =
			read_resinfo(parts[i], &info) && judge(authres, &info, from_domain);
		resinfo_clear(&info);
		if (is_final)
			return STEP_FINAL;
	}
	return STEP_OPEN;
}

struct authres
authres_read(const struct fields *head, const char *const *trusted, const char *from_domain)
{
	struct authres authres = { AUTHENTICATED_UNKNOWN, g_strdup("") };
	enum step step = STEP_FOREIGN;

	/* Beyond the next hop behind ours everything was written by others, in our name too. */
	for (guint i = 0; trusted && i < head->list->len && step != STEP_FINAL; i++) {
		const struct field *field = &g_array_index(head->list, struct field, i);
		if (step == STEP_OPEN && g_str_equal(field->name, "received"))
			break;
		if (g_str_equal(field->name, "authentication-results"))
			step = MAX(step, read_field(&authres, field->value, trusted, from_domain));
	}
	return authres;
}
