/* SPDX-License-Identifier: MIT */
/*
 * One failure report, complaint or bounce: everything that it says.
 */
#include "core/error.h"
#include "web/document_tree.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

static void
add_pair(json_t *pairs, const char *key, const char *value)
{
	json_t *pair = json_object();

	tree_text(pair, "label", words_get(key));
	tree_text(pair, "value", value);
	tree_text(pair, "note", NULL);
	json_array_append_new(pairs, pair);
}

/* What is known of the mail that carried it. */
static void
fill_mail(struct page *page, const struct query_document *document)
{
	const struct carrier *carrier = &document->document->carrier;
	json_t *pairs = json_array();
	g_autofree char *authentic =
		document_tree_authenticated(carrier->authenticated, carrier->auth_domain);
	g_autofree char *received = figures_minute(document->received_at);

	add_pair(pairs, "document.reporter", document->reporter);
	add_pair(pairs, "document.authenticated", authentic);
	add_pair(pairs, "document.received", received);
	add_pair(pairs, "report.intake", document->intake);
	add_pair(pairs, "report.locator", document->locator);
	if (*document->document->part)
		add_pair(pairs, "report.part", document->document->part);
	json_object_set_new(page->root, "_mail", pairs);
}

static void
fill_warnings(struct page *page, const struct document *document)
{
	json_t *list = json_array();

	for (guint i = 0; i < document->warnings->len; i++) {
		const struct warning *warning =
			&g_array_index(document->warnings, struct warning, i);
		json_t *row = json_object();
		tree_text(row, "code", warning->code);
		tree_text(row, "text", page_shows_samples(page) ? warning->text : NULL);
		tree_text(row, "_sentence",
			  page_shows_samples(page) && *warning->text ? warning->text
								     : warning->code);
		json_array_append_new(list, row);
	}
	tree_flag(page->root, "_has_warnings", document->warnings->len > 0);
	json_object_set_new(page->root, "warning_list", list);
}

/* The recipients of a bounce, each with its own pairs. */
static void
fill_recipients(struct page *page)
{
	const json_t *recipients = json_object_get(page->root, "recipients");
	json_t *list = json_array();
	size_t i;
	json_t *recipient;

	json_array_foreach(recipients, i, recipient)
	{
		json_t *row = json_object();
		json_object_set_new(row, "pairs",
				    document_tree_pairs(&bounce_recipient_shape, recipient));
		json_array_append_new(list, row);
	}
	tree_flag(page->root, "_has_recipients", json_array_size(list) > 0);
	json_object_set_new(page->root, "_recipients", list);
}

static void
fill(struct page *page, const struct query_document *document, const char *name)
{
	const struct document *parsed = document->document;
	g_autofree char *heading = g_strconcat(name, ".said", NULL);
	g_autofree char *list = g_strconcat(name, ".title", NULL);
	json_t *tree = document_tree(document, page_shows_samples(page));

	json_object_update(page->root, tree);
	json_decref(tree);
	json_object_set_new(page->root, "_pairs",
			    document_tree_pairs(document_shape(parsed->kind), page->root));
	tree_take(
		page->root, "_heading",
		say_text(heading,
			 word_text("reporter", *document->reporter
						       ? document->reporter
						       : words_get("document.somebody")),
			 word_day("day", document->day),
			 word_text("domain", *document->domain ? document->domain
							       : words_get("document.no_domain"))));
	tree_text(page->root, "_list", words_get(list));
	tree_text(page->root, "_name", name);
	if (document->revision_of)
		tree_take(page->root, "_revision",
			  say_text("document.revision", word_count("n", document->revision_of)));
	else if (document->is_revision)
		tree_text(page->root, "_revision", words_get("document.revision_past"));
	fill_mail(page, document);
	fill_warnings(page, parsed);
	fill_recipients(page);
	document_tree_say_hidden(page);
}

static gboolean
get_document(struct page *page, enum document_kind kind, const char *name, GError **error)
{
	GError *question_error = NULL;
	guint64 id;

	if (!g_ascii_string_to_unsigned(page->tail, 10, 1, G_MAXINT64, &id, NULL)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "\"%s\" is not the number of a report", page->tail);
		return FALSE;
	}
	page_begin(page, page->tail);
	g_autoptr(query_document_auto) document =
		query_document(page->view, kind, (gint64)id, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!document)
		return page_absent(page, words_get("document.absent"));
	fill(page, document, name);
	return TRUE;
}

static gboolean
get_failure(struct page *page, GError **error)
{
	return get_document(page, DOCUMENT_FAILURE, "failures", error);
}

static gboolean
get_complaint(struct page *page, GError **error)
{
	return get_document(page, DOCUMENT_COMPLAINT, "complaints", error);
}

static gboolean
get_bounce(struct page *page, GError **error)
{
	return get_document(page, DOCUMENT_BOUNCE, "bounces", error);
}

const struct page_route page_failure = {
	.path = "/failures/*",
	.menu = "failures",
	.template = "document",
	.get = get_failure,
};

const struct page_route page_complaint = {
	.path = "/complaints/*",
	.menu = "status",
	.template = "document",
	.get = get_complaint,
};

const struct page_route page_bounce = {
	.path = "/bounces/*",
	.menu = "status",
	.template = "document",
	.get = get_bounce,
};
