/* SPDX-License-Identifier: MIT */
/*
 * Does the mail arrive, and what of it could not be read? Kept mails can be read again or fetched.
 */
#include "core/error.h"
#include "core/report.h"
#include "web/arrival.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/status_links.h"
#include "web/status_lookups.h"
#include "web/tree.h"
#include "web/words.h"

#define KEPT_SHOWN   10
#define CAUSES_SHOWN 20

/* In the order of the sentence. */
static const enum outcome outcome_order[] = {
	OUTCOME_STORED, OUTCOME_REVISION, OUTCOME_DUPLICATE, OUTCOME_IGNORED, OUTCOME_QUARANTINED,
};

/* --- Counts --- */

static gint64
arrivals_sum(const struct query_status *status)
{
	gint64 sum = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(outcome_order); i++)
		sum = count_add(sum, status->arrivals[outcome_order[i]]);
	return sum;
}

/* Whoever wants to know whether a mail got lost adds up. */
static void
fill_equation(struct page *page, const struct query_status *status, gint64 waiting)
{
	const gint64 *n = status->arrivals;

	tree_take(page->root, "_equation",
		  say_text("status.equation",
			   word_count("mails", count_add(arrivals_sum(status), waiting)),
			   word_count("stored", n[OUTCOME_STORED]),
			   word_count("revision", n[OUTCOME_REVISION]),
			   word_count("duplicate", n[OUTCOME_DUPLICATE]),
			   word_count("ignored", n[OUTCOME_IGNORED]),
			   word_count("quarantined", n[OUTCOME_QUARANTINED]),
			   word_count("waiting", waiting)));
}

static void
fill_arrived(struct page *page, const struct query_status *status)
{
	json_t *counts = json_object();
	g_autoptr(GString) parts = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(outcome_order); i++) {
		enum outcome outcome = outcome_order[i];
		g_autofree char *key = g_strconcat("status.n_", outcome_name(outcome), NULL);
		tree_count(counts, outcome_name(outcome), status->arrivals[outcome]);
		if (status->arrivals[outcome] == 0)
			continue;
		g_autofree char *part = say_text(key, word_count("n", status->arrivals[outcome]));
		g_string_append_printf(parts, "%s%s", parts->len > 0 ? ", " : "", part);
	}
	gint64 waiting = store_in_flight(page->context->store);
	tree_count(counts, "waiting", waiting);
	tree_count(page->root, "mails", count_add(arrivals_sum(status), waiting));
	fill_equation(page, status, waiting);
	json_object_set_new(page->root, "arrivals", counts);
	if (parts->len > 0)
		tree_take(page->root, "_arrived",
			  say_text("status.arrived", word_count("n", arrivals_sum(status)),
				   word_text("parts", parts->str)));
	tree_take(page->root, "_waiting", say_text("status.waiting", word_count("n", waiting)));
}

static void
fill_kinds(struct page *page, const struct query_status *status)
{
	json_t *list = json_array();

	for (enum document_kind kind = DOCUMENT_FAILURE; kind < N_DOCUMENT_KINDS; kind++) {
		const struct query_document_count *count = &status->documents[kind];
		const char *name = document_kind_name(kind);
		g_autofree char *key = g_strconcat("status.kind_", name, NULL);
		json_t *row = json_object();
		tree_text(row, "kind", name);
		tree_count(row, "counted", count->counted);
		tree_count(row, "revisions", count->revisions);
		tree_count(row, "forgotten", count->forgotten);
		tree_text(row, "_label", words_get(key));
		tree_text(row, "_link", arrival_path(kind));
		tree_take(row, "_counted",
			  say_text("status.kind_counted", word_count("n", count->counted)));
		if (count->revisions > 0)
			tree_take(row, "_revisions",
				  say_text("status.kind_revisions",
					   word_count("n", count->revisions)));
		if (count->forgotten > 0)
			tree_take(row, "_forgotten",
				  say_text("status.kind_forgotten",
					   word_count("n", count->forgotten)));
		json_array_append_new(list, row);
	}
	json_object_set_new(page->root, "kinds", list);
}

static void
fill_counts(struct page *page, const struct query_status *status)
{
	json_t *root = page->root;
	guint n_lost = status_links_fill(root);

	fill_arrived(page, status);
	status_lookups_fill(page);
	fill_kinds(page, status);
	tree_count(root, "unreadable_forgotten", status->kept_forgotten);
	if (status->kept_forgotten > 0)
		tree_take(
			root, "_kept_forgotten",
			say_text("status.kept_forgotten", word_count("n", status->kept_forgotten)));
	tree_count(root, "reports", status->reports);
	tree_count(root, "revisions", status->revisions);
	tree_take(root, "_counted", say_text("status.counted", word_count("n", status->reports)));
	if (status->revisions > 0)
		tree_take(root, "_revisions",
			  say_text("status.revisions", word_count("n", status->revisions)));
	tree_count(root, "unreadable_mails", status->kept);
	tree_instant(root, "last_received", status->last_received_at);
	if (status->last_received_at) {
		g_autofree char *at = figures_minute(status->last_received_at);
		tree_take(root, "_last", say_text("status.last", word_text("at", at)));
	}
	tree_count(root, "size_bytes", status->size_bytes);
	tree_take(root, "_size", figures_size(status->size_bytes));
	tree_count(root, "lagging", status->lagging);
	if (status->lagging > 0)
		tree_take(root, "_lagging",
			  say_text("status.lagging", word_count("n", status->lagging)));
	tree_take(root, "_heading",
		  n_lost > 0 ? say_text("status.heading_lost", word_count("n", n_lost))
		  : status->kept > 0
			  ? say_text("status.heading_kept", word_count("n", status->kept))
		  : status->last_received_at ? g_strdup(words_get("status.heading_good"))
					     : g_strdup(words_get("status.heading_none")));
}

/* --- Lists --- */

static json_t *
kept_rows(const struct query_page *kept, gboolean shows_samples)
{
	json_t *rows = json_array();

	for (guint i = 0; i < kept->rows->len; i++) {
		const struct query_kept *mail = g_ptr_array_index(kept->rows, i);
		json_t *row = json_object();
		tree_count(row, "id", mail->id);
		tree_instant(row, "first_seen", mail->first_at);
		tree_instant(row, "last_seen", mail->last_at);
		tree_take(row, "_last", figures_minute(mail->last_at));
		tree_count(row, "arrivals", mail->arrivals);
		tree_count(row, "size_bytes", mail->size_bytes);
		tree_take(row, "_size", figures_size(mail->size_bytes));
		tree_text(row, "intake", mail->intake);
		tree_text(row, "locator", mail->locator);
		tree_text(row, "reason", mail->reason);
		tree_flag(row, "_shows_raw", shows_samples);
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *
arrival_rows(const struct query_page *arrivals)
{
	json_t *rows = json_array();

	for (guint i = 0; i < arrivals->rows->len; i++) {
		const struct query_arrival *mail = g_ptr_array_index(arrivals->rows, i);
		json_t *row = json_object();
		gboolean is_read =
			mail->outcome != OUTCOME_QUARANTINED && mail->outcome != OUTCOME_RETRY;
		tree_count(row, "id", mail->id);
		tree_instant(row, "received", mail->received_at);
		tree_take(row, "_received", figures_minute(mail->received_at));
		tree_text(row, "intake", mail->intake);
		tree_text(row, "locator", mail->locator);
		tree_text(row, "outcome", outcome_name(mail->outcome));
		tree_text(row, "_outcome", arrival_outcome(mail->outcome));
		tree_text(row, "_icon", is_read ? "yes" : "no");
		tree_text(row, "code", mail->code);
		tree_text(row, "reason", mail->reason);
		json_object_set_new(row, "parts", arrival_parts(mail->parts));
		tree_flag(row, "_has_parts", mail->parts->len > 1);
		json_array_append_new(rows, row);
	}
	return rows;
}

static gboolean
fill_causes(struct page *page, GError **error)
{
	g_autoptr(GPtrArray) causes = query_causes(page->view, CAUSES_SHOWN, error);
	json_t *rows = json_array();

	for (guint i = 0; causes && i < causes->len; i++) {
		const struct query_cause *cause = g_ptr_array_index(causes, i);
		json_t *row = json_object();
		tree_text(row, "outcome", outcome_name(cause->outcome));
		tree_text(row, "code", cause->code);
		tree_text(row, "pattern", cause->pattern);
		tree_count(row, "mails", cause->arrivals);
		tree_instant(row, "last_received", cause->last_at);
		tree_text(row, "_outcome", arrival_outcome(cause->outcome));
		tree_text(row, "_reason", *cause->pattern ? cause->pattern : cause->code);
		tree_take(row, "_last", figures_minute(cause->last_at));
		json_array_append_new(rows, row);
	}
	tree_flag(page->root, "_has_causes", json_array_size(rows) > 0);
	json_object_set_new(page->root, "causes", rows);
	return causes != NULL;
}

static gboolean
get_status(struct page *page, GError **error)
{
	const char *after = request_param(page->request, "after");
	struct query_status status;

	page_begin(page, words_get("status.title"));
	if (!query_status(page->view, &status, error))
		return FALSE;
	fill_counts(page, &status);
	if (!fill_causes(page, error))
		return FALSE;
	g_autoptr(query_page_auto) kept = query_kept(page->view, NULL, KEPT_SHOWN, error);
	if (!kept)
		return FALSE;
	g_autoptr(query_page_auto) arrivals = query_arrivals(page->view, after, page->limit, error);
	if (!arrivals)
		return FALSE;
	json_object_set_new(page->root, "unreadable", kept_rows(kept, page_shows_samples(page)));
	tree_flag(page->root, "_has_kept", kept->rows->len > 0);
	tree_flag(page->root, "_has_more_kept", kept->next != NULL);
	page_add_list(page, arrival_rows(arrivals), arrivals->next);
	return TRUE;
}

static gboolean
get_unreadable(struct page *page, GError **error)
{
	const char *after = request_param(page->request, "after");
	g_autoptr(query_page_auto) kept = query_kept(page->view, after, page->limit, error);

	if (!kept)
		return FALSE;
	page_begin(page, words_get("unreadable.title"));
	page_add_list(page, kept_rows(kept, page_shows_samples(page)), kept->next);
	return TRUE;
}

/* --- Changes --- */

static gboolean
parse_id(const char *text, gint64 *ret_id, GError **error)
{
	guint64 id;

	if (!text || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &id, NULL)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "\"%s\" is not the number of a kept mail", text ? text : "");
		return FALSE;
	}
	*ret_id = (gint64)id;
	return TRUE;
}

static gboolean
post_unreadable(struct page *page, GError **error)
{
	const struct web_hooks *hooks = page->context->hooks;
	gint64 id;

	if (!parse_id(request_field(page->request, "id"), &id, error))
		return FALSE;
	if (!hooks || !hooks->retry) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "this server does not read mail");
		return FALSE;
	}
	if (!hooks->retry(hooks->data, id, error)) {
		g_prefix_error(error, "%s: ", words_get("unreadable.still"));
		return FALSE;
	}
	page->location = g_strdup("/status");
	return TRUE;
}

static gboolean
get_kept_mail(struct page *page, GError **error)
{
	gint64 id;

	if (!page_shows_samples(page)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    words_get("documents.hidden"));
		return FALSE;
	}
	if (!parse_id(page->tail, &id, error))
		return FALSE;
	GError *store_error = NULL;
	struct store_kept *kept = store_kept_get(page->context->store, id, &store_error);
	if (g_error_matches(store_error, DMARCD_ERROR, DMARCD_ERROR_INVALID))
		g_clear_error(&store_error);
	if (store_error) {
		g_propagate_error(error, store_error);
		return FALSE;
	}
	if (!kept)
		return page_absent(page, words_get("unreadable.absent"));
	page->body = g_bytes_ref(kept->bytes);
	page->body_type = "application/octet-stream";
	page->body_name = g_strdup_printf("unreadable-%" G_GINT64_FORMAT ".eml", id);
	store_kept_free(kept);
	return TRUE;
}

static const char *const arrival_columns[] = {
	"id", "received", "intake", "locator", "outcome", "code", "reason", NULL,
};

static const char *const kept_columns[] = {
	"id",     "first_seen", "last_seen", "arrivals", "size_bytes",
	"intake", "locator",    "reason",    NULL,
};

const struct page_route page_status = {
	.path = "/status",
	.menu = "status",
	.template = "status",
	.get = get_status,
	.csv = arrival_columns,
	.file_name = "mails",
};

const struct page_route page_unreadable = {
	.path = "/unreadable",
	.menu = "status",
	.template = "unreadable",
	.get = get_unreadable,
	.post = post_unreadable,
	.csv = kept_columns,
	.file_name = "unreadable",
};

const struct page_route page_kept_mail = {
	.path = "/unreadable/*",
	.menu = "status",
	.template = "unreadable",
	.get = get_kept_mail,
};
