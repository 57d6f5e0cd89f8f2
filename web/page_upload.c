/* SPDX-License-Identifier: MIT */
/*
 * Handing in mails and report files: by the form of /upload, or by a program (POST /reports).
 */
#include "web/page_upload.h"

#include "core/error.h"
#include "web/arrival.h"
#include "web/exchange.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/upload.h"
#include "web/words.h"

static void
begin(struct page *page)
{
	g_autofree char *size =
		figures_size((gint64)upload_desk_mail_bytes(exchange_of(page)->site->desk));

	page_begin(page, words_get("upload.title"));
	tree_take(page->root, "_note",
		  say_text("upload.note", word_text("size", size),
			   word_count("files", UPLOAD_MAX_FILES)));
}

static gboolean
get(struct page *page, GError **error)
{
	(void)error;
	begin(page);
	return TRUE;
}

static gboolean
is_read(enum outcome outcome)
{
	return outcome != OUTCOME_QUARANTINED && outcome != OUTCOME_IGNORED &&
	       outcome != OUTCOME_RETRY;
}

/* The commit is done; what the store says of the parts is an extra. */
static gboolean
add_parts(struct page *page, json_t *row, const struct upload_file *file, GError **error)
{
	g_autoptr(GError) question_error = NULL;
	g_autoptr(query_arrival_auto) arrival = NULL;

	if (file->arrival)
		arrival = query_arrival(page->view, file->arrival, &question_error);
	if (question_error) {
		g_propagate_error(error, g_steal_pointer(&question_error));
		return FALSE;
	}
	json_t *parts = arrival ? arrival_parts(arrival->parts) : json_array();
	tree_text(row, "code", arrival ? arrival->code : NULL);
	tree_flag(row, "_has_parts", json_array_size(parts) > 0);
	json_object_set_new(row, "parts", parts);
	return TRUE;
}

static json_t *
make_row(struct page *page, const struct upload_file *file, GError **error)
{
	json_t *row = json_object();

	tree_text(row, "name", file->name);
	tree_text(row, "outcome", outcome_name(file->outcome));
	tree_text(row, "reason", file->reason);
	tree_text(row, "_outcome", arrival_outcome(file->outcome));
	tree_text(row, "_icon", is_read(file->outcome) ? "yes" : "no");
	tree_text(row, "_name", file->name[0] ? file->name : words_get("upload.nameless"));
	if (add_parts(page, row, file, error))
		return row;
	json_decref(row);
	return NULL;
}

/* What has to be sent again decides, then what could not be read. */
static guint
find_status(const struct upload *upload)
{
	guint n_read = 0;

	for (guint i = 0; i < upload_n_files(upload); i++) {
		enum outcome outcome = upload_file(upload, i)->outcome;
		if (outcome == OUTCOME_RETRY)
			return 503;
		n_read += is_read(outcome) ? 1 : 0;
	}
	return n_read > 0 ? 200 : 422;
}

gboolean
page_upload_post(struct page *page, GError **error)
{
	struct exchange *x = exchange_of(page);
	guint n = x->upload ? upload_n_files(x->upload) : 0;

	if (n == 0) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    words_get("upload.nothing"));
		return FALSE;
	}
	if (!upload_is_over(x->upload)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    "this server does not read mail");
		return FALSE;
	}
	json_t *rows = json_array();
	begin(page);
	json_object_set_new(page->root, "data", rows);
	for (guint i = 0; i < n; i++) {
		json_t *row = make_row(page, upload_file(x->upload, i), error);
		if (!row)
			return FALSE;
		json_array_append_new(rows, row);
	}
	tree_flag(page->root, "_has_rows", TRUE);
	x->template = "upload";
	page->status = find_status(x->upload);
	if (page->status == 503)
		exchange_add_header(x, "Retry-After", UPLOAD_AGAIN_S);
	return TRUE;
}

const struct page_route page_upload = {
	.path = "/upload",
	.menu = "upload",
	.template = "upload",
	.get = get,
	.post = page_upload_post,
	.get_right = RIGHT_UPLOAD,
	.post_right = RIGHT_UPLOAD,
	.takes_files = TRUE,
};
