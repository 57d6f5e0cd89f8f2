/* SPDX-License-Identifier: MIT */
#include "web/exchange.h"

#include "web/words.h"

static gboolean
accepts_gzip(const struct request *request)
{
	const char *accepted = request_header(request, REQUEST_ACCEPT_ENCODING);

	/* "gzip;q=0" is legal, and sent by nobody. */
	return accepted && strstr(accepted, "gzip") && !strstr(accepted, "gzip;q=0");
}

gboolean
exchange_answer_unchanged(struct exchange *x, const char *tag)
{
	const char *known = request_header(x->request, REQUEST_IF_NONE_MATCH);

	if (!known || !strstr(known, tag))
		return FALSE;
	x->answer.status = 304;
	x->answer.body = g_bytes_new_static("", 0);
	return TRUE;
}

void
exchange_answer_file(struct exchange *x, const char *name)
{
	const struct static_file *file = g_hash_table_lookup(x->site->files, name);

	if (!file) {
		exchange_fail(x, 404, words_get("error.file"));
		return;
	}
	if (x->method != METHOD_GET && x->method != METHOD_HEAD) {
		exchange_fail(x, 405, words_get("error.no_change"));
		exchange_add_header(x, "Allow", "GET, HEAD");
		return;
	}

	/* An address with the right version never means other bytes. */
	gboolean is_lasting = g_strcmp0(request_param(x->request, "v"), file->version) == 0;
	gboolean is_zipped = file->zipped && accepts_gzip(x->request);
	x->cache_control = is_lasting ? "public, max-age=31536000, immutable" : "no-cache";
	x->tag = g_strdup_printf("\"%s%s\"", file->version, is_zipped ? "z" : "");
	exchange_add_header(x, "Vary", "Accept-Encoding");
	if (exchange_answer_unchanged(x, x->tag))
		return;
	x->answer.status = 200;
	x->answer.type = file->type;
	x->answer.body = g_bytes_ref(is_zipped ? file->zipped : file->bytes);
	if (is_zipped)
		exchange_add_header(x, "Content-Encoding", "gzip");
}
