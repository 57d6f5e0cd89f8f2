/* SPDX-License-Identifier: MIT */
#include "tests/support/imap_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"

struct talk {
	GStrv lines;
	guint at;
	GString *unread; /* of a line of the server that did not fit */
};

struct talk *
talk_load(const char *name)
{
	struct talk *talk = g_new0(struct talk, 1);
	g_autofree char *path = g_strdup_printf("tests/talk/%s.talk", name);
	g_autofree char *text = NULL;
	g_autoptr(GStrvBuilder) lines = g_strv_builder_new();

	if (!g_file_get_contents(path, &text, NULL, NULL))
		fail_msg("cannot read %s", path);
	g_auto(GStrv) all = g_strsplit(text, "\n", -1);
	for (char **line = all; *line; line++)
		if (**line && **line != '#')
			g_strv_builder_add(lines, *line);
	talk->lines = g_strv_builder_end(lines);
	talk->unread = g_string_new(NULL);
	return talk;
}

void
talk_end(struct talk *talk)
{
	if (talk->lines[talk->at] && !g_str_equal(talk->lines[talk->at], "X:"))
		fail_msg("the talk did not come to \"%s\"", talk->lines[talk->at]);
	g_strfreev(talk->lines);
	g_string_free(talk->unread, TRUE);
	g_free(talk);
}

static const char *
next_line(const struct talk *talk)
{
	return talk->lines[talk->at] ? talk->lines[talk->at] : "";
}

static gboolean
talk_send(gpointer data, const char *bytes, gsize len, GError **error)
{
	struct talk *talk = data;
	g_autofree char *said = g_strndup(bytes, len);
	g_autofree char *line = g_strdup_printf("C: %s", g_strchomp(said));

	if (g_str_equal(next_line(talk), "X:")) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "cut");
		return FALSE;
	}
	if (!g_str_equal(line, next_line(talk)))
		fail_msg("the client says \"%s\" where the talk has \"%s\"", line, next_line(talk));
	talk->at++;
	return TRUE;
}

static gboolean
talk_receive(gpointer data, guint8 *bytes, gsize len, gint64 wait_ms, gsize *ret_len,
	     GError **error)
{
	struct talk *talk = data;
	const char *line = next_line(talk);

	*ret_len = 0;
	if (talk->unread->len == 0 && g_str_has_prefix(line, "S:")) {
		g_string_printf(talk->unread, "%s\r\n", line + MIN(strlen(line), strlen("S: ")));
		talk->at++;
	} else if (talk->unread->len == 0 && g_str_equal(line, "W:") && wait_ms >= 0) {
		talk->at++;
		return TRUE;
	} else if (talk->unread->len == 0 && g_str_equal(line, "X:")) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "cut");
		return FALSE;
	}
	if (talk->unread->len == 0)
		fail_msg("the client listens where the talk has \"%s\"", line);
	*ret_len = MIN(len, talk->unread->len);
	memcpy(bytes, talk->unread->str, *ret_len);
	g_string_erase(talk->unread, 0, (gssize)*ret_len);
	return TRUE;
}

struct imap_io
talk_io(struct talk *talk)
{
	return (struct imap_io){ talk, talk_send, talk_receive };
}
