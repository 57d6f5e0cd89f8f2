/* SPDX-License-Identifier: MIT */
#include "store/document_domains.h"

#include "core/text.h"

#define DAY_S 86400

static void
add_domain(GPtrArray *domains, const char *text)
{
	g_autoptr(GString) domain = g_string_new(text);

	text_fold_domain(domain);
	if (domain->len == 0 || domains->len >= DOCUMENT_DOMAINS_MAX ||
	    g_ptr_array_find_with_equal_func(domains, domain->str, g_str_equal, NULL))
		return;
	g_ptr_array_add(domains, g_strdup(domain->str));
}

/* Of "Name <local@domain>" or "local@domain". */
static void
add_domain_of_address(GPtrArray *domains, const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at)
		return;
	g_autofree char *domain = g_strndup(at + 1, strcspn(at + 1, ">,; \t\"()"));
	add_domain(domains, domain);
}

static void
add_of_feedback(GPtrArray *domains, const struct document *document)
{
	const struct feedback *feedback = &document->feedback;

	for (guint i = 0; i < feedback->reported_domain->len; i++)
		add_domain(domains, g_ptr_array_index(feedback->reported_domain, i));
	if (domains->len == 0)
		add_domain_of_address(domains, feedback->original_from);
}

static void
add_of_bounce(GPtrArray *domains, const struct document *document)
{
	add_domain_of_address(domains, document->bounce.original_from);
}

static void
add_of_tls(GPtrArray *domains, const struct document *document)
{
	const GArray *policies = document->tlsrpt.policies;

	for (guint i = 0; i < policies->len; i++)
		add_domain(domains, g_array_index(policies, struct tlsrpt_policy, i).domain);
}

static void (*const adders[N_DOCUMENT_KINDS])(GPtrArray *, const struct document *) = {
	[DOCUMENT_FAILURE] = add_of_feedback,
	[DOCUMENT_COMPLAINT] = add_of_feedback,
	[DOCUMENT_BOUNCE] = add_of_bounce,
	[DOCUMENT_TLS] = add_of_tls,
};

static void
add_above(GPtrArray *domains, const char *domain)
{
	for (const char *dot = strchr(domain, '.'); dot && strchr(dot + 1, '.');
	     dot = strchr(dot + 1, '.'))
		add_domain(domains, dot + 1);
}

GPtrArray *
document_domains(const struct document *document)
{
	GPtrArray *domains = g_ptr_array_new_with_free_func(g_free);

	adders[document->kind](domains, document);
	guint n = domains->len;
	for (guint i = 0; i < n; i++)
		add_above(domains, g_ptr_array_index(domains, i));
	return domains;
}

static const struct number *
told_instant(const struct document *document)
{
	if (document->kind == DOCUMENT_TLS)
		return &document->tlsrpt.begin_at;
	if (document->kind == DOCUMENT_BOUNCE)
		return &document->bounce.arrived_at;
	return &document->feedback.arrived_at;
}

gint64
document_day(const struct document *document, gint64 received_at)
{
	const struct number *told = told_instant(document);
	gboolean is_possible =
		told->is_known && told->value > 0 && told->value <= received_at + DAY_S;

	return (is_possible ? told->value : received_at) / DAY_S;
}
