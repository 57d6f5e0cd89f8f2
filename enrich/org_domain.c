/* SPDX-License-Identifier: MIT */
#include "enrich/org_domain.h"

#include <glib/gstdio.h>
#include <libpsl.h>

#define NAME_LEN_MAX 253

struct org_domains {
	psl_ctx_t *list;
	gint64 made_at;
};

/* What has to be known of a name before the list is asked. */
struct form {
	gsize len;
	gboolean is_domain;
	gboolean has_upper;
};

/* libpsl tells the date of its own list only; the other one is as old as its file. */
static gint64
find_date(const psl_ctx_t *list)
{
	GStatBuf file;

	if (list == psl_builtin())
		return psl_builtin_file_time();
	return g_stat(psl_dist_filename(), &file) == 0 ? file.st_mtime : 0;
}

struct org_domains *
org_domains_new(void)
{
	struct org_domains *domains = g_new0(struct org_domains, 1);

	domains->list = psl_latest(NULL);
	domains->made_at = find_date(domains->list);
	return domains;
}

void
org_domains_free(struct org_domains *domains)
{
	if (!domains)
		return;
	psl_free(domains->list);
	g_free(domains);
}

static struct form
look_at(const char *name)
{
	struct form form = { .is_domain = TRUE };
	gboolean is_number = TRUE; /* the last label: no top-level domain is */
	char before = '.';

	for (; name[form.len]; form.len++) {
		char c = name[form.len];
		if (form.len >= NAME_LEN_MAX || (c == '.' && before == '.')) {
			form.is_domain = FALSE;
			return form;
		}
		form.has_upper |= g_ascii_isupper(c);
		is_number = c == '.' || (is_number && g_ascii_isdigit(c));
		before = c;
	}
	form.is_domain = before != '.' && !is_number;
	return form;
}

/* Below the list's root, or name itself. */
static const char *
ask_list(const struct org_domains *domains, const char *name)
{
	const char *found = psl_registrable_domain(domains->list, name);

	return found ? found : name;
}

const char *
org_domain_of(const struct org_domains *domains, const char *name)
{
	struct form form = look_at(name);
	char lower[NAME_LEN_MAX + 1];

	if (!form.is_domain)
		return name;
	if (!form.has_upper)
		return ask_list(domains, name);
	for (gsize i = 0; i <= form.len; i++)
		lower[i] = g_ascii_tolower(name[i]);
	return name + (ask_list(domains, lower) - lower);
}

gint64
org_domains_made_at(const struct org_domains *domains)
{
	return domains->made_at;
}
