/* SPDX-License-Identifier: MIT */
#include "enrich/spf_record.h"

#include <string.h>

#include "core/error.h"
#include "net/dns_name.h"

#define VERSION          "v=spf1"
#define STRING_CHUNK_LEN 512
#define V4_BITS          32
/* What is shown of a term that cannot be read. */
#define TERM_SHOWN 64

enum argument {
	ARGUMENT_NONE,
	ARGUMENT_DOMAIN,
	ARGUMENT_MAYBE_DOMAIN,
	ARGUMENT_MAYBE_DOMAIN_BITS,
	ARGUMENT_IP,
};

static const struct {
	const char *name;
	char separator;
	enum argument argument;
} kinds[N_SPF_KINDS] = {
	[SPF_ALL] = { "all", ':', ARGUMENT_NONE },
	[SPF_INCLUDE] = { "include", ':', ARGUMENT_DOMAIN },
	[SPF_A] = { "a", ':', ARGUMENT_MAYBE_DOMAIN_BITS },
	[SPF_MX] = { "mx", ':', ARGUMENT_MAYBE_DOMAIN_BITS },
	[SPF_PTR] = { "ptr", ':', ARGUMENT_MAYBE_DOMAIN },
	[SPF_IP4] = { "ip4", ':', ARGUMENT_IP },
	[SPF_IP6] = { "ip6", ':', ARGUMENT_IP },
	[SPF_EXISTS] = { "exists", ':', ARGUMENT_DOMAIN },
	[SPF_REDIRECT] = { "redirect", '=', ARGUMENT_DOMAIN },
	[SPF_EXP] = { "exp", '=', ARGUMENT_DOMAIN },
};

/* The length of a prefix without needless zeros, "/" in front. */
static gboolean
read_bits(const char *text, guint max, guint *ret_bits)
{
	guint64 bits;

	if ((text[1] == '0' && text[2] != '\0') ||
	    !g_ascii_string_to_unsigned(text + 1, 10, 0, max, &bits, NULL))
		return FALSE;
	*ret_bits = (guint)bits;
	return TRUE;
}

/* Cut "/24", "//64" or "/24//64" off the end of argument. */
static gboolean
take_bits(struct spf_term *term, char *argument)
{
	char *v6 = strstr(argument, "//");

	if (v6 && !read_bits(v6 + 1, IP_BITS, &term->v6_bits))
		return FALSE;
	if (v6)
		*v6 = '\0';
	char *v4 = strchr(argument, '/');
	if (v4 && !read_bits(v4, V4_BITS, &term->v4_bits))
		return FALSE;
	if (v4)
		*v4 = '\0';
	return TRUE;
}

static gboolean
read_ip(struct spf_term *term, char *argument)
{
	gboolean is_v4 = term->kind == SPF_IP4;
	char *slash = strchr(argument, '/');

	if (slash &&
	    !read_bits(slash, is_v4 ? V4_BITS : IP_BITS, is_v4 ? &term->v4_bits : &term->v6_bits))
		return FALSE;
	if (slash)
		*slash = '\0';
	/* core/ip takes brackets, and a mapped address for IPv4. */
	return *argument != '[' && ip_parse(argument, &term->ip) &&
	       (strchr(argument, ':') == NULL) == is_v4;
}

static gboolean
read_domain(struct spf_record *record, struct spf_term *term, const char *argument)
{
	g_autoptr(GString) folded = g_string_new(NULL);

	term->has_macro = strchr(argument, '%') != NULL;
	if (!term->has_macro && !dns_name_fold(argument, folded))
		return FALSE;
	term->domain =
		g_string_chunk_insert(record->strings, term->has_macro ? argument : folded->str);
	return TRUE;
}

/* argument: what stands behind the name, with its separator; "" = nothing. */
static gboolean
read_argument(struct spf_record *record, struct spf_term *term, char *argument)
{
	enum argument kind = kinds[term->kind].argument;

	/* A macro may have slashes of its own, and is not read any further. */
	if (kind == ARGUMENT_MAYBE_DOMAIN_BITS && !strchr(argument, '%') &&
	    !take_bits(term, argument))
		return FALSE;
	if (*argument == '\0')
		return kind != ARGUMENT_DOMAIN && kind != ARGUMENT_IP;
	if (kind == ARGUMENT_NONE || *argument != kinds[term->kind].separator)
		return FALSE;
	if (kind == ARGUMENT_IP)
		return read_ip(term, argument + 1);
	return read_domain(record, term, argument + 1);
}

static enum spf_kind
find_kind(const char *text, gsize name_len)
{
	enum spf_kind kind = 0;

	while (kind < N_SPF_KINDS && (strlen(kinds[kind].name) != name_len ||
				      g_ascii_strncasecmp(kinds[kind].name, text, name_len) != 0))
		kind++;
	return kind;
}

/* "name=..." that is no mechanism (section 6). */
static gboolean
is_modifier(const char *text, gsize name_len)
{
	return g_ascii_isalpha(*text) && text[name_len] == '=';
}

/* FALSE: a second one (section 6). */
static gboolean
keep_modifier(struct spf_record *record, const struct spf_term *term)
{
	if (term->kind != SPF_REDIRECT)
		return TRUE;
	if (*record->redirect.domain)
		return FALSE;
	record->redirect = *term;
	return TRUE;
}

static gboolean
read_term(struct spf_record *record, char *text)
{
	struct spf_term term = {
		.is_pass = !strchr("-~?", *text),
		.domain = "",
		.v4_bits = V4_BITS,
		.v6_bits = IP_BITS,
	};
	gboolean has_qualifier = strchr("+-~?", *text) != NULL;
	char *name = text + (has_qualifier ? 1 : 0);
	gsize name_len = strcspn(name, ":/=");

	term.kind = find_kind(name, name_len);
	gboolean is_of_modifiers = term.kind >= SPF_REDIRECT;
	if (is_of_modifiers && (has_qualifier || !is_modifier(name, name_len)))
		return FALSE;
	if (term.kind == N_SPF_KINDS)
		return TRUE;
	if (!read_argument(record, &term, name + name_len))
		return FALSE;
	if (is_of_modifiers)
		return keep_modifier(record, &term);
	g_array_append_val(record->terms, term);
	return TRUE;
}

/* What stands behind "all" is never looked at (section 5.1). */
static void
end_at_all(struct spf_record *record)
{
	for (guint i = 0; i < record->terms->len; i++) {
		if (g_array_index(record->terms, struct spf_term, i).kind != SPF_ALL)
			continue;
		g_array_set_size(record->terms, i + 1);
		record->redirect.domain = "";
		return;
	}
}

gboolean
spf_record_is(const char *text)
{
	gsize len = strlen(VERSION);

	return g_ascii_strncasecmp(text, VERSION, len) == 0 &&
	       (text[len] == '\0' || text[len] == ' ');
}

gboolean
spf_record_read(const char *text, struct spf_record *ret_record, GError **error)
{
	g_auto(spf_record_auto) record = {
		.terms = g_array_new(FALSE, FALSE, sizeof(struct spf_term)),
		.strings = g_string_chunk_new(STRING_CHUNK_LEN),
		.redirect = { .domain = "" },
	};

	if (!spf_record_is(text)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "no " VERSION " in front");
		return FALSE;
	}
	g_auto(GStrv) terms = g_strsplit(text + strlen(VERSION), " ", -1);
	if (g_strv_length(terms) > SPF_TERMS_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "more than %d terms",
			    SPF_TERMS_MAX);
		return FALSE;
	}
	for (char **term = terms; *term; term++) {
		g_autofree char *shown = g_strndup(*term, TERM_SHOWN);
		if (**term == '\0' || read_term(&record, *term))
			continue;
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "term \"%s\"", shown);
		return FALSE;
	}
	end_at_all(&record);
	*ret_record = record;
	record = (struct spf_record){ 0 };
	return TRUE;
}

void
spf_record_clear(struct spf_record *record)
{
	if (!record->terms)
		return;
	g_array_unref(record->terms);
	g_string_chunk_free(record->strings);
	*record = (struct spf_record){ 0 };
}
