/* SPDX-License-Identifier: MIT */
#include "web/domain_org.h"

#include "store/dns_facts.h"
#include "web/figures.h"
#include "web/say.h"
#include "web/tree.h"

struct org_words {
	const char *state; /* NULL = not looked up */
	const char *key;
};

static const struct org_words org_off = { NULL, "domain.org_off" };
static const struct org_words org_failed = { "failed", "domain.org_failed" };
static const struct org_words org_none = { "none", "domain.org_none" };
static const struct org_words org_found = { "found", "domain.org_found" };

static const struct org_words *
words_for(const struct query_org *org)
{
	if (!org->was_asked)
		return &org_off;
	if (!org->is_known)
		return &org_failed;
	return org->has_record ? &org_found : &org_none;
}

/* NULL where nobody here knows the list. */
static const char *
find_by_list(const struct page *page, const char *domain)
{
	const struct web_hooks *hooks = page->context->hooks;

	return hooks && hooks->find_org ? hooks->find_org(hooks->find_org_data, domain) : NULL;
}

static void
fill_sentences(struct page *page, const char *by_list, const struct query_org *org)
{
	g_autofree char *at = figures_minute(org->known_at);

	tree_take(page->root, "_org",
		  say_text(words_for(org)->key, word_text("list", by_list),
			   word_text("dns", org->domain), word_text("at", at)));
	/* Where there is no record, nobody asks what is aligned. */
	if (org->has_record && g_ascii_strcasecmp(by_list, org->domain) != 0)
		tree_take(page->root, "_org_differs",
			  say_text("domain.org_differs", word_text("list", by_list),
				   word_text("dns", org->domain)));
}

gboolean
domain_org_fill(struct page *page, const char *domain, GError **error)
{
	g_auto(query_org_auto) org = { 0 };
	const char *by_list = find_by_list(page, domain);

	if (!query_org(page->view, domain, &org, error))
		return FALSE;
	json_t *object = json_object();
	tree_text(object, "by_list", by_list);
	tree_text(object, "by_dns", org.domain);
	tree_text(object, "state", words_for(&org)->state);
	tree_instant(object, "looked_up", org.known_at);
	json_object_set_new(page->root, "org_domain", object);
	if (by_list)
		fill_sentences(page, by_list, &org);
	return TRUE;
}
