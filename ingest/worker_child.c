/* SPDX-License-Identifier: MIT */
#include "ingest/worker_child.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/child.h"
#include "core/error.h"
#include "core/wire.h"
#include "ingest/worker_talk.h"

/* After more than this the memory goes back to the system. */
#define BIG_MAIL_LEN (1 << 20)

/*
 * What mails and reports are declared in. glibc loads a file for each, and keeps it while one
 * converter is open, so that another one can be opened when there are no files any more.
 */
static const char *const charsets[] = {
	"ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",
	"ISO-8859-6",   "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-10",
	"ISO-8859-13",  "ISO-8859-14",  "ISO-8859-15",  "ISO-8859-16",  "WINDOWS-1250",
	"WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255",
	"WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "KOI8-R",       "KOI8-U",
	"IBM437",       "IBM850",       "MACINTOSH",    "TIS-620",      "UTF-16",
	"UTF-32",       "UTF-7",        "GB2312",       "GBK",          "GB18030",
	"BIG5",         "SHIFT_JIS",    "EUC-JP",       "ISO-2022-JP",  "EUC-KR",
	"ISO-2022-KR",
};

struct room {
	struct wire_in *in;
	struct wire_out *out;
	struct wire_writer *writer;
	GByteArray *mail;
	GStringChunk *strings;
	GPtrArray *names;
	struct worker_options options;
	struct document_sink sink;
};

static gssize
read_input(gpointer cookie, guint8 *bytes, gsize len, GError **error)
{
	gssize n;

	(void)cookie;
	do {
		n = read(STDIN_FILENO, bytes, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_FATAL, "cannot read: %s",
			    g_strerror(errno));
	return n;
}

static gboolean
write_output(gpointer cookie, const guint8 *bytes, gsize len, GError **error)
{
	(void)cookie;
	while (len > 0) {
		gssize n = write(STDOUT_FILENO, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_FATAL, "cannot write: %s",
				    g_strerror(errno));
			return FALSE;
		}
		bytes += n;
		len -= (gsize)n;
	}
	return TRUE;
}

static void
take_records(gpointer cookie, const struct document *document)
{
	struct room *room = cookie;

	wire_send_records(room->writer, document);
}

static void
forget_document(gpointer cookie, const struct document *document)
{
	struct room *room = cookie;

	wire_drop(room->writer, document);
}

/* The parent quotes the last line of it: neither a time nor a number of ours belongs there. */
static void
say(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	const struct room *room = data;

	(void)domain;
	(void)level;
	fputs(message, stderr);
	if (strstr(message, "failed to allocate"))
		fprintf(stderr, ": over max_worker_memory (%" G_GSIZE_FORMAT ")",
			room->options.worker_memory);
	fputs("\n", stderr);
}

/* They stay open for good: that is what they are for. Where one is missing, its mails say so. */
static void
open_converters(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
		(void)g_iconv_open("UTF-8", charsets[i]);
		(void)g_iconv_open(charsets[i], "UTF-8");
	}
}

static gboolean
seal(struct room *room, GError **error)
{
	struct sandbox_state state;

	if (!talk_read_settings(room->in, room->strings, room->names, &room->options, error))
		return FALSE;
	open_converters();
	sandbox_enter(room->options.is_sealed ? SANDBOX_PARSER : SANDBOX_NONE,
		      room->options.worker_memory, &state);
	return talk_send_hello(room->out, &state, error);
}

/* What one big mail needed is not kept for the small ones that follow. */
static void
tidy(struct room *room)
{
	gboolean was_big = room->mail->len > BIG_MAIL_LEN;

	if (was_big) {
		g_byte_array_unref(room->mail);
		room->mail = g_byte_array_new();
		malloc_trim(0);
	}
	g_byte_array_set_size(room->mail, 0);
}

static gboolean
read_one(struct room *room, GError **error)
{
	wire_in_begin(room->in, G_MAXSIZE);
	gint64 len = wire_get_i64(room->in);
	gint64 now = wire_get_i64(room->in);

	if (len < 0 || (guint64)len > G_MAXUINT32 / 2)
		wire_refuse(room->in, "no mail is of this length");
	if (wire_is_good(room->in))
		wire_get_bytes(room->in, room->mail, (gsize)len);
	if (!wire_in_finish(room->in, error))
		return FALSE;
	g_autoptr(GBytes) bytes = g_bytes_new_static(room->mail->data, room->mail->len);
	g_autoptr(parsed_auto) parsed = parse(bytes, &room->options.parse, now);
	if (!wire_send_parsed(room->writer, parsed, error))
		return FALSE;
	g_clear_pointer(&parsed, parsed_free);
	tidy(room);
	return TRUE;
}

static gboolean
run(struct room *room, GError **error)
{
	if (!seal(room, error))
		return FALSE;
	room->sink = (struct document_sink){ room, take_records, forget_document };
	room->options.parse.sink = &room->sink;
	while (wire_has_more(room->in))
		if (!read_one(room, error))
			return FALSE;
	return wire_in_finish(room->in, error);
}

gboolean
worker_child_run(GError **error)
{
	struct room room = {
		.in = wire_in_new(read_input, NULL),
		.out = wire_out_new(write_output, NULL),
		.mail = g_byte_array_new(),
		.strings = g_string_chunk_new(256),
		.names = g_ptr_array_new(),
	};

	child_follow_parent();
	g_log_set_default_handler(say, &room);
	room.writer = wire_writer_new(room.out);
	gboolean is_good = run(&room, error);
	g_log_set_default_handler(g_log_default_handler, NULL);
	wire_writer_free(room.writer);
	wire_out_free(room.out);
	wire_in_free(room.in);
	g_byte_array_unref(room.mail);
	g_string_chunk_free(room.strings);
	g_ptr_array_unref(room.names);
	return is_good;
}
