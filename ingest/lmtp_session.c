/* SPDX-License-Identifier: MIT */
#include "ingest/lmtp_session.h"

#include <string.h>

/* RFC 5321 section 4.5.3.1.4, and room for the parameters of extensions. */
#define LINE_LEN_MAX    2048
#define ADDRESS_LEN_MAX 320

enum state {
	STATE_COMMAND,
	STATE_DATA,    /* between DATA and the dot */
	STATE_WAITING, /* for the caller's answer */
	STATE_CLOSED,
};

struct lmtp_session {
	const struct lmtp_options *options;
	enum state state;
	gboolean is_greeted; /* LHLO was said */
	gboolean has_sender;
	gboolean is_too_big;   /* the rest of the mail is read and forgotten */
	gboolean is_long_line; /* the rest of the line is */
	guint n_idle_commands; /* since the last mail */
	guint n_dot;           /* bytes of CRLF.CRLF that were seen at the end of the mail */
	GPtrArray *recipients; /* char * */
	GString *line;         /* the command that is coming in */
	GByteArray *mail;
	GByteArray *input; /* what is not looked at yet */
	gsize at;
	GString *output;
};

typedef void (*command_fn)(struct lmtp_session *s, const char *arguments);

struct command {
	const char *verb;
	command_fn run;
};

static void
reply(struct lmtp_session *s, const char *text)
{
	g_string_append(s->output, text);
	g_string_append(s->output, "\r\n");
}

static void
forget_mail(struct lmtp_session *s)
{
	s->has_sender = FALSE;
	s->is_too_big = FALSE;
	g_ptr_array_set_size(s->recipients, 0);
	g_byte_array_set_size(s->mail, 0);
}

/* ---- commands ---- */

static void
run_lhlo(struct lmtp_session *s, const char *arguments)
{
	if (!*arguments) {
		reply(s, "501 5.5.4 LHLO needs a name");
		return;
	}
	forget_mail(s);
	s->is_greeted = TRUE;
	g_string_append_printf(s->output,
			       "250-%s\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
			       "250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE %" G_GSIZE_FORMAT "\r\n",
			       s->options->host_name, s->options->limits.mail_bytes);
}

static void
run_helo(struct lmtp_session *s, const char *arguments)
{
	(void)arguments;
	reply(s, "500 5.5.1 this is LMTP (RFC 2033): say LHLO");
}

/* "FROM:<a@b> SIZE=1": the path after prefix, and what follows it. NULL: not of this form. */
static char *
read_path(const char *arguments, const char *prefix, const char **ret_rest)
{
	gsize len = strlen(prefix);

	if (g_ascii_strncasecmp(arguments, prefix, len) != 0)
		return NULL;
	arguments += len;
	while (*arguments == ' ')
		arguments++;
	if (*arguments != '<')
		return NULL;
	const char *end = strchr(arguments, '>');
	if (!end || end - arguments > ADDRESS_LEN_MAX)
		return NULL;
	*ret_rest = end + 1;
	return g_strndup(arguments + 1, (gsize)(end - arguments - 1));
}

/* Is a SIZE announced that would be refused later? RFC 1870. */
static gboolean
is_announced_too_big(const struct lmtp_session *s, const char *rest)
{
	static const char parameter[] = "SIZE=";
	g_auto(GStrv) words = g_strsplit(rest, " ", 50);

	for (gsize i = 0; words[i]; i++) {
		if (g_ascii_strncasecmp(words[i], parameter, strlen(parameter)) != 0)
			continue;
		guint64 size = g_ascii_strtoull(words[i] + strlen(parameter), NULL, 10);
		if (size > s->options->limits.mail_bytes)
			return TRUE;
	}
	return FALSE;
}

static void
reply_too_big(struct lmtp_session *s)
{
	g_string_append_printf(s->output,
			       "552 5.3.4 mail is over max_mail_bytes (%" G_GSIZE_FORMAT ")\r\n",
			       s->options->limits.mail_bytes);
}

static void
run_mail(struct lmtp_session *s, const char *arguments)
{
	const char *rest = "";
	g_autofree char *sender = read_path(arguments, "FROM:", &rest);

	if (!s->is_greeted)
		reply(s, "503 5.5.1 say LHLO first");
	else if (s->has_sender)
		reply(s, "503 5.5.1 there is a sender already");
	else if (!sender)
		reply(s, "501 5.5.4 MAIL FROM:<address>");
	else if (is_announced_too_big(s, rest))
		reply_too_big(s);
	else {
		s->has_sender = TRUE;
		reply(s, "250 2.1.0 sender ok");
	}
}

static gboolean
is_wanted(const struct lmtp_session *s, const char *recipient)
{
	g_autofree char *lower = g_ascii_strdown(recipient, -1);

	for (gsize i = 0; s->options->recipients && s->options->recipients[i]; i++)
		if (g_pattern_match_simple(s->options->recipients[i], lower))
			return TRUE;
	return !s->options->recipients || !s->options->recipients[0];
}

static void
run_rcpt(struct lmtp_session *s, const char *arguments)
{
	const char *rest = "";
	g_autofree char *recipient = read_path(arguments, "TO:", &rest);

	if (!s->has_sender)
		reply(s, "503 5.5.1 say MAIL first");
	else if (!recipient || !*recipient)
		reply(s, "501 5.5.4 RCPT TO:<address>");
	else if (s->recipients->len >= s->options->limits.recipients)
		g_string_append_printf(s->output,
				       "452 4.5.3 recipients are over max_recipients (%u)\r\n",
				       s->options->limits.recipients);
	else if (!is_wanted(s, recipient))
		reply(s, "550 5.1.1 no mailbox for reports by this name");
	else {
		g_ptr_array_add(s->recipients, g_steal_pointer(&recipient));
		reply(s, "250 2.1.5 recipient ok");
	}
}

static void
run_data(struct lmtp_session *s, const char *arguments)
{
	if (*arguments)
		reply(s, "501 5.5.4 DATA takes no argument");
	else if (s->recipients->len == 0)
		reply(s, "503 5.5.1 no valid recipients");
	else {
		s->state = STATE_DATA;
		s->n_dot = 2; /* as after a line end: a dot may come at once */
		reply(s, "354 end with a dot on a line of its own");
	}
}

static void
run_rset(struct lmtp_session *s, const char *arguments)
{
	(void)arguments;
	forget_mail(s);
	reply(s, "250 2.0.0 ok");
}

static void
run_noop(struct lmtp_session *s, const char *arguments)
{
	(void)arguments;
	reply(s, "250 2.0.0 ok");
}

static void
run_vrfy(struct lmtp_session *s, const char *arguments)
{
	(void)arguments;
	reply(s, "252 2.5.0 send mail and see");
}

static void
run_quit(struct lmtp_session *s, const char *arguments)
{
	(void)arguments;
	s->state = STATE_CLOSED;
	reply(s, "221 2.0.0 bye");
}

static const struct command commands[] = {
	{ "LHLO", run_lhlo }, { "MAIL", run_mail }, { "RCPT", run_rcpt }, { "DATA", run_data },
	{ "RSET", run_rset }, { "NOOP", run_noop }, { "VRFY", run_vrfy }, { "QUIT", run_quit },
	{ "HELO", run_helo }, { "EHLO", run_helo },
};

static void
run_command(struct lmtp_session *s, const char *line)
{
	gsize len = strcspn(line, " ");
	const char *arguments = line + len + (line[len] == ' ');

	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strlen(commands[i].verb) == len &&
		    g_ascii_strncasecmp(line, commands[i].verb, len) == 0) {
			commands[i].run(s, arguments);
			return;
		}
	}
	reply(s, "500 5.5.2 unknown command");
}

/* One whole line without its CRLF. */
static void
take_line(struct lmtp_session *s)
{
	if (s->is_long_line)
		reply(s, "500 5.5.2 line too long");
	else if (memchr(s->line->str, '\0', s->line->len) || strpbrk(s->line->str, "\r\n"))
		reply(s, "500 5.5.2 lines end in CRLF");
	else
		run_command(s, s->line->str);
	s->is_long_line = FALSE;
	g_string_truncate(s->line, 0);
	if (s->state == STATE_COMMAND && ++s->n_idle_commands > s->options->limits.commands) {
		s->state = STATE_CLOSED;
		g_string_append_printf(s->output,
				       "421 4.7.0 commands are over max_commands (%u)\r\n",
				       s->options->limits.commands);
	}
}

static void
take_command_byte(struct lmtp_session *s, guint8 byte)
{
	gsize n = s->line->len;

	if (byte == '\n' && n > 0 && s->line->str[n - 1] == '\r') {
		g_string_truncate(s->line, n - 1);
		take_line(s);
	} else if (n < LINE_LEN_MAX) {
		g_string_append_c(s->line, (gchar)byte);
	} else {
		/* Keep the last byte, to see the end of the line. */
		s->is_long_line = TRUE;
		s->line->str[n - 1] = (gchar)byte;
	}
}

/* ---- the mail ---- */

static void
add_mail_bytes(struct lmtp_session *s, const guint8 *bytes, gsize len)
{
	if (s->mail->len + len > s->options->limits.mail_bytes) {
		s->is_too_big = TRUE;
		g_byte_array_set_size(s->mail, 0);
	}
	if (!s->is_too_big)
		g_byte_array_append(s->mail, bytes, (guint)len);
}

/*
 * n_dot says how much of "CRLF . CRLF" was seen: 2 = CRLF, 3 = CRLF dot, 4 = CRLF dot CR. A dot
 * behind CRLF is held back: it was put there by the client (RFC 5321 section 4.5.2), or ends the
 * mail. TRUE: the mail is whole.
 */
static gboolean
take_data_byte(struct lmtp_session *s, guint8 byte)
{
	static const guint8 cr = '\r';

	if (s->n_dot == 4 && byte == '\n')
		return TRUE;
	if (s->n_dot == 4)
		add_mail_bytes(s, &cr, 1); /* the dot was stuffed, the CR was not */
	if (s->n_dot == 3 && byte == '\r') {
		s->n_dot = 4;
		return FALSE;
	}
	if (s->n_dot == 2 && byte == '.') {
		s->n_dot = 3;
		return FALSE;
	}
	gboolean is_line_end = byte == '\n' && s->n_dot == 1;
	add_mail_bytes(s, &byte, 1);
	s->n_dot = is_line_end ? 2 : byte == '\r' ? 1 : 0;
	return FALSE;
}

/* Bytes up to the next one that could begin the end, in one piece. */
static gsize
plain_run(const struct lmtp_session *s, const guint8 *bytes, gsize len)
{
	const guint8 *cr = s->n_dot == 0 ? memchr(bytes, '\r', len) : bytes;

	return cr ? (gsize)(cr - bytes) : len;
}

static void
refuse_big_mail(struct lmtp_session *s)
{
	for (guint i = 0; i < s->recipients->len; i++)
		reply_too_big(s);
	forget_mail(s);
	s->n_idle_commands = 0;
	s->state = STATE_COMMAND;
}

/* TRUE: a mail is whole. */
static gboolean
take_data(struct lmtp_session *s)
{
	while (s->at < s->input->len) {
		const guint8 *bytes = s->input->data + s->at;
		gsize run = plain_run(s, bytes, s->input->len - s->at);
		if (run > 0) {
			add_mail_bytes(s, bytes, run);
			s->at += run;
			continue;
		}
		s->at++;
		if (!take_data_byte(s, *bytes))
			continue;
		if (s->is_too_big) {
			refuse_big_mail(s);
			return FALSE;
		}
		return TRUE;
	}
	return FALSE;
}

/* Look at what came, up to the next mail. */
static enum lmtp_step
go_on(struct lmtp_session *s)
{
	while (s->at < s->input->len && s->state != STATE_CLOSED) {
		if (s->state == STATE_COMMAND)
			take_command_byte(s, s->input->data[s->at++]);
		else if (take_data(s)) {
			s->state = STATE_WAITING;
			return LMTP_MAIL;
		}
	}
	g_byte_array_set_size(s->input, 0);
	s->at = 0;
	return s->state == STATE_CLOSED ? LMTP_QUIT : LMTP_MORE;
}

/* ---- what the caller calls ---- */

struct lmtp_session *
lmtp_session_new(const struct lmtp_options *options)
{
	struct lmtp_session *s = g_new0(struct lmtp_session, 1);

	s->options = options;
	s->recipients = g_ptr_array_new_with_free_func(g_free);
	s->line = g_string_new(NULL);
	s->mail = g_byte_array_new();
	s->input = g_byte_array_new();
	s->output = g_string_new(NULL);
	g_string_append_printf(s->output, "220 %s LMTP dmarcd\r\n", options->host_name);
	return s;
}

void
lmtp_session_free(struct lmtp_session *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->recipients);
	g_string_free(s->line, TRUE);
	g_byte_array_unref(s->mail);
	g_byte_array_unref(s->input);
	g_string_free(s->output, TRUE);
	g_free(s);
}

enum lmtp_step
lmtp_session_add(struct lmtp_session *s, const guint8 *bytes, gsize len)
{
	g_assert(s->state != STATE_WAITING);
	g_byte_array_append(s->input, bytes, (guint)len);
	return go_on(s);
}

GBytes *
lmtp_session_take_mail(struct lmtp_session *s)
{
	GByteArray *mail = s->mail;

	s->mail = g_byte_array_new();
	return g_byte_array_free_to_bytes(mail);
}

enum lmtp_step
lmtp_session_answer(struct lmtp_session *s, enum lmtp_answer answer, const char *reason)
{
	g_autofree char *line = g_strescape(reason, NULL);

	g_assert(s->state == STATE_WAITING);
	for (guint i = 0; i < s->recipients->len; i++) {
		if (answer == LMTP_ACCEPTED)
			reply(s, "250 2.0.0 stored");
		else
			g_string_append_printf(s->output, "451 4.3.0 %.200s; try again later\r\n",
					       line);
	}
	forget_mail(s);
	s->n_idle_commands = 0;
	s->state = STATE_COMMAND;
	return go_on(s);
}

void
lmtp_session_shut(struct lmtp_session *s, const char *reason)
{
	if (s->state == STATE_CLOSED)
		return;
	g_string_append_printf(s->output, "421 4.3.2 %s\r\n", reason);
	s->state = STATE_CLOSED;
}

GString *
lmtp_session_output(struct lmtp_session *s)
{
	return s->output;
}
