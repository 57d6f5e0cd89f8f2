/* SPDX-License-Identifier: MIT */
/*
 * Failure reports, complaints and bounces, newest day first: three lists of one make.
 */
#include "core/ip.h"
#include "web/document_tree.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_SOURCE, /* a link to the page of the address */
};

struct column {
	const char *member; /* of the row; its head is the word "column.MEMBER" */
	enum column_kind kind;
};

struct list_page {
	enum document_kind kind;
	const char *name; /* of the path and of the words */
	const struct column *columns;
	gsize n_columns;
};

/* --- Rows --- */

static void
add_cell(json_t *cells, const struct column *column, const json_t *row, gboolean shows_samples)
{
	gboolean has_page = json_is_true(json_object_get(row, "_is_known_source"));
	gboolean is_hidden = !shows_samples && document_tree_is_private(column->member);
	g_autofree char *key = g_strconcat("column.", column->member, NULL);
	g_autofree char *text = document_tree_cell(json_object_get(row, column->member));
	json_t *cell = json_object();

	tree_text(cell, "label", words_get(key));
	tree_text(cell, "text", is_hidden ? words_get("documents.hidden_cell") : text);
	tree_flag(cell, "is_number", column->kind == COLUMN_NUMBER);
	json_object_set_new(cell, "link", json_null());
	if (column->kind == COLUMN_SOURCE && has_page)
		tree_take(cell, "link", tree_address("/sources/", text));
	json_array_append_new(cells, cell);
}

/* Of a bounce, what its first recipient says stands in the row itself. */
static void
add_first_recipient(json_t *row)
{
	static const char *const members[] = { "action", "status", "diagnostic",
					       "final_recipient" };
	const json_t *recipients = json_object_get(row, "recipients");
	const json_t *first = json_array_get(recipients, 0);

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		json_t *value = json_object_get(first, members[i]);
		json_object_set(row, members[i], value ? value : json_null());
	}
	tree_count(row, "n_recipients", (gint64)json_array_size(recipients));
}

static json_t *
make_row(const struct list_page *list, const struct query_document *document,
	 gboolean shows_samples)
{
	json_t *row = document_tree(document, shows_samples);
	json_t *cells = json_array();
	const struct number *arrived = list->kind == DOCUMENT_BOUNCE
					       ? &document->document->bounce.arrived_at
					       : &document->document->feedback.arrived_at;

	/* The page of each one shows them. */
	json_object_del(row, "original_headers");
	if (list->kind == DOCUMENT_BOUNCE)
		add_first_recipient(row);
	else
		tree_count(row, "counts_as", document->incidents);
	tree_flag(row, "_is_known_source", document->is_known_source);
	for (gsize i = 0; i < list->n_columns; i++)
		add_cell(cells, &list->columns[i], row, shows_samples);
	json_object_set_new(row, "_cells", cells);
	tree_take(row, "_link", g_strdup_printf("/%s/%" G_GINT64_FORMAT, list->name, document->id));
	tree_take(row, "_time",
		  figures_minute(arrived->is_known ? arrived->value : document->received_at));
	if (document->is_revision)
		tree_text(row, "_revision", words_get("documents.revision"));
	return row;
}

static json_t *
make_heads(const struct list_page *list)
{
	json_t *heads = json_array();

	for (gsize i = 0; i < list->n_columns; i++) {
		g_autofree char *key = g_strconcat("column.", list->columns[i].member, NULL);
		json_t *head = json_object();
		tree_text(head, "label", words_get(key));
		tree_flag(head, "is_number", list->columns[i].kind == COLUMN_NUMBER);
		json_array_append_new(heads, head);
	}
	return heads;
}

/* --- Sentences --- */

static char *
say_of(const struct list_page *list, const char *what, gint64 n)
{
	g_autofree char *key = g_strconcat(list->name, ".", what, NULL);

	return say_text(key, word_count("n", n));
}

static gboolean
fill_sentences(struct page *page, const struct list_page *list,
	       const struct document_question *question, GError **error)
{
	json_t *root = page->root;
	struct query_document_totals totals;
	struct query_status status;

	if (!query_document_totals(page->view, question, &totals, error) ||
	    !query_status(page->view, &status, error))
		return FALSE;
	const struct query_document_count *ever = &status.documents[list->kind];
	gboolean had_any = ever->counted + ever->revisions > 0;
	tree_count(root, "documents", totals.documents);
	tree_count(root, "incidents", totals.incidents);
	tree_count(root, "forgotten", ever->forgotten);
	tree_take(root, "_heading", say_of(list, "heading", totals.documents));
	tree_take(root, "_sub", say_of(list, "sub", totals.incidents));
	tree_take(root, "_none",
		  had_any ? g_strdup(words_get("documents.none")) : say_of(list, "none", 0));
	if (ever->forgotten > 0)
		tree_take(root, "_forgotten",
			  say_text("documents.forgotten", word_count("n", ever->forgotten)));
	return TRUE;
}

/* --- The page --- */

static void
fill_frame(struct page *page, const struct list_page *list)
{
	g_autofree char *title = g_strconcat(list->name, ".title", NULL);
	g_autofree char *caption = g_strconcat(list->name, ".caption", NULL);

	page_begin(page, words_get(title));
	tree_text(page->root, "_list", words_get(title));
	tree_text(page->root, "_caption", words_get(caption));
	tree_text(page->root, "_name", list->name);
	json_object_set_new(page->root, "_heads", make_heads(list));
	document_tree_say_hidden(page);
}

static gboolean
get_list(struct page *page, const struct list_page *list, guint fields, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	fill_frame(page, list);
	if (!filter_read(&filter, page, fields, error) || !filter_fill(&filter, page, error))
		return FALSE;
	const struct document_question question = {
		.kind = list->kind,
		.scope = filter.scope,
		.ip = filter.has_source ? &filter.source : NULL,
		.after = filter.after,
		.limit = page->limit,
	};
	g_autoptr(query_page_auto) documents = query_documents(page->view, &question, error);
	if (!documents || !fill_sentences(page, list, &question, error))
		return FALSE;
	json_t *data = json_array();
	for (guint i = 0; i < documents->rows->len; i++)
		json_array_append_new(data, make_row(list, g_ptr_array_index(documents->rows, i),
						     page_shows_samples(page)));
	page_add_list(page, data, documents->next);
	return TRUE;
}

#define FEEDBACK_FIELDS (FILTER_DOMAIN | FILTER_PERIOD | FILTER_SOURCE)
#define BOUNCE_FIELDS   (FILTER_DOMAIN | FILTER_PERIOD)

static const struct column failure_columns[] = {
	{ "reporter", COLUMN_TEXT },     { "source_ip", COLUMN_SOURCE },
	{ "domain", COLUMN_TEXT },       { "original_subject", COLUMN_TEXT },
	{ "auth_failure", COLUMN_TEXT }, { "delivery_result", COLUMN_TEXT },
	{ "counts_as", COLUMN_NUMBER },
};
static const struct column complaint_columns[] = {
	{ "reporter", COLUMN_TEXT },         { "feedback_type", COLUMN_TEXT },
	{ "source_ip", COLUMN_SOURCE },      { "domain", COLUMN_TEXT },
	{ "original_subject", COLUMN_TEXT }, { "original_rcpt_to", COLUMN_TEXT },
	{ "counts_as", COLUMN_NUMBER },
};
static const struct column bounce_columns[] = {
	{ "reporter", COLUMN_TEXT },       { "domain", COLUMN_TEXT },
	{ "action", COLUMN_TEXT },         { "status", COLUMN_TEXT },
	{ "diagnostic", COLUMN_TEXT },     { "final_recipient", COLUMN_TEXT },
	{ "n_recipients", COLUMN_NUMBER },
};

static const struct list_page failures = {
	.kind = DOCUMENT_FAILURE,
	.name = "failures",
	.columns = failure_columns,
	.n_columns = G_N_ELEMENTS(failure_columns),
};
static const struct list_page complaints = {
	.kind = DOCUMENT_COMPLAINT,
	.name = "complaints",
	.columns = complaint_columns,
	.n_columns = G_N_ELEMENTS(complaint_columns),
};
static const struct list_page bounces = {
	.kind = DOCUMENT_BOUNCE,
	.name = "bounces",
	.columns = bounce_columns,
	.n_columns = G_N_ELEMENTS(bounce_columns),
};

static gboolean
get_failures(struct page *page, GError **error)
{
	return get_list(page, &failures, FEEDBACK_FIELDS, error);
}

static gboolean
get_complaints(struct page *page, GError **error)
{
	return get_list(page, &complaints, FEEDBACK_FIELDS, error);
}

static gboolean
get_bounces(struct page *page, GError **error)
{
	return get_list(page, &bounces, BOUNCE_FIELDS, error);
}

static const char *const feedback_csv[] = {
	"id",
	"day",
	"arrived_at",
	"received",
	"reporter",
	"authenticated",
	"auth_domain",
	"feedback_type",
	"source_ip",
	"source_text",
	"source_port",
	"domain",
	"reported_domain",
	"auth_failure",
	"delivery_result",
	"identity_alignment",
	"counts_as",
	"incidents",
	"dkim_domain",
	"dkim_selector",
	"original_from",
	"original_mail_from",
	"original_rcpt_to",
	"original_subject",
	"original_message_id",
	"reporting_mta",
	"user_agent",
	"is_revision",
	"revision_of",
	NULL,
};
static const char *const bounce_csv[] = {
	"id",
	"day",
	"arrived_at",
	"received",
	"reporter",
	"authenticated",
	"auth_domain",
	"structured",
	"reporting_mta",
	"domain",
	"n_recipients",
	"action",
	"status",
	"diagnostic",
	"final_recipient",
	"original_from",
	"original_message_id",
	"subject",
	"is_revision",
	"revision_of",
	NULL,
};

const struct page_route page_failures = {
	.path = "/failures",
	.menu = "failures",
	.template = "documents",
	.get = get_failures,
	.csv = feedback_csv,
	.file_name = "failures",
};

const struct page_route page_complaints = {
	.path = "/complaints",
	.menu = "status",
	.template = "documents",
	.get = get_complaints,
	.csv = feedback_csv,
	.file_name = "complaints",
};

const struct page_route page_bounces = {
	.path = "/bounces",
	.menu = "status",
	.template = "documents",
	.get = get_bounces,
	.csv = bounce_csv,
	.file_name = "bounces",
};
