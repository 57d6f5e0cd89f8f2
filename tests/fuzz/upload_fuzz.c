/* SPDX-License-Identifier: MIT */
/* Each line is a piece of a form: "n" and the name of a file, "f" and a field, anything else bytes.
 */
#include <glib.h>
#include <stdint.h>

#include "web/request_private.h"
#include "web/upload.h"

#define MAIL_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(struct upload *upload, struct request *request, const char *piece)
{
	guint n = upload_n_files(upload);

	if (piece[0] == 'n' && upload_begin_file(upload, piece + 1, NULL)) {
		const char *name = upload_file(upload, n)->name;
		g_assert_true(g_utf8_validate(name, -1, NULL));
		g_assert_null(strpbrk(name, "/\\\r\n"));
		g_assert_cmpuint(strlen(name), <=, 200);
	} else if (piece[0] == 'f') {
		request_add_field(request, "field", piece + 1, strlen(piece + 1), NULL);
	} else if (n > 0 && upload_count(upload, strlen(piece), NULL)) {
		upload_append(upload, piece, strlen(piece), NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) pieces = g_strsplit(text, "\n", -1);
	g_autoptr(request_auto) request = request_new("/upload", NULL);
	struct upload_desk *desk = upload_desk_new(MAIL_BYTES);
	struct upload *upload = upload_new(desk, 0, 0, NULL);

	for (char **piece = pieces; *piece; piece++)
		take(upload, request, *piece);
	const char *field = request_field(request, "field");
	g_assert_true(!field || strlen(field) <= REQUEST_MAX_PARAM_BYTES);
	upload_free(upload);
	upload_desk_free(desk);
	return 0;
}
