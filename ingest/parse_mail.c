/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/error.h"
#include "ingest/arf.h"
#include "ingest/claim.h"
#include "ingest/dsn.h"
#include "ingest/mbox.h"
#include "ingest/parse_private.h"
#include "ingest/prose.h"
#include "ingest/sniff.h"

static char *
part_name(const struct mime_part *part)
{
	if (!*part->name)
		return g_strdup_printf("part %u", part->number);
	return g_strdup_printf("part %u \"%s\"", part->number, part->name);
}

static void
walk_mail(struct parse *p, const struct mime_mail *outer, const guint8 *bytes, gsize len,
	  const char *where)
{
	g_autoptr(GError) error = NULL;

	/* gmime takes a leading empty line for the end of the header. */
	while (len > 0 && g_ascii_isspace(*bytes)) {
		bytes++;
		len--;
	}
	p->walk.depth = outer ? p->walk.depth : 0;
	if (!mime_walk(&p->walk, outer, bytes, len, &error))
		parse_add_fault(p, where, error);
}

static void
on_part(gpointer cookie, const struct mime_mail *mail, const struct mime_part *part)
{
	struct parse *p = cookie;
	enum sniff kind = sniff(part->bytes, MIN(part->len, SNIFF_LEN));
	g_autofree char *where = part_name(part);
	const struct content content = { part->bytes, part->len, where, 0 };

	p->mail = mail;
	/* A forwarded mail in base64, which RFC 2046 forbids and Exchange does. */
	if (g_str_equal(part->type, "message/rfc822")) {
		walk_mail(p, mail, part->bytes, part->len, where);
		return;
	}
	gboolean is_claim = claim_is_made(part);
	if (claim_is_prose(part, kind) && !is_claim)
		return;
	if (!parse_content_is_known(kind) && !is_claim)
		return;
	if (!parse_content(p, &content) && (is_claim || sniff_is_archive(kind)))
		parse_add_no_report(p, where);
}

/* What a mail is that returns another one. A new kind is one row. */
struct returned_kind {
	const char *type;
	struct document *(*read)(const struct mime_mail *mail, GError **error);
};

static const struct returned_kind returned_kinds[] = {
	{ "message/feedback-report", arf_read },
	{ "message/delivery-status", dsn_read },
	{ "message/global-delivery-status", dsn_read },
};

static void
on_returned(gpointer cookie, const struct mime_mail *mail, const char *type)
{
	struct parse *p = cookie;

	p->mail = mail;
	for (gsize i = 0; i < G_N_ELEMENTS(returned_kinds); i++) {
		g_autoptr(GError) error = NULL;
		if (!g_str_equal(type, returned_kinds[i].type))
			continue;
		struct document *document = returned_kinds[i].read(mail, &error);
		if (document)
			parse_keep(p, document, "");
		else
			parse_add_fault(p, "", error);
	}
}

/* Kinds of mail that only people can read, in the order in which they are tried. */
static struct document *(*const prose_kinds[])(const struct mime_mail *mail) = {
	failure_text_read,
	complaint_text_read,
	bounce_text_read,
};

static gboolean
is_auto_reply(const struct mime_mail *mail)
{
	const char *value = fields_get(mail->head, "auto-submitted");

	return g_ascii_strncasecmp(value, "auto-replied", strlen("auto-replied")) == 0;
}

/* A mail in which nothing was found may be a report as a whole. */
static void
on_mail(gpointer cookie, const struct mime_mail *mail)
{
	struct parse *p = cookie;

	p->mail = mail;
	if (p->parsed->documents->len + p->parsed->faults->len > p->n_before_mail)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(prose_kinds); i++) {
		struct document *document = prose_kinds[i](mail);
		if (document) {
			parse_keep(p, document, "");
			return;
		}
	}
	if (mail->is_partless) {
		g_autoptr(GError) error =
			g_error_new(DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "multipart mail without a part: its boundary does not occur");
		parse_add_fault(p, "", error);
	} else if (!p->note && is_auto_reply(mail))
		p->note = "auto-reply";
}

static void
start_mail(struct parse *p, const guint8 *bytes, gsize len, const char *where)
{
	p->n_before_mail = p->parsed->documents->len + p->parsed->faults->len;
	walk_mail(p, NULL, bytes, len, where);
	p->mail = NULL;
}

static void
start_walk(struct parse *p)
{
	p->walk = (struct mime_walk){
		.limits = &p->limits,
		.cookie = p,
		.on_part = on_part,
		.on_returned = on_returned,
		.is_returning = bounce_text_is_likely,
		.on_mail = on_mail,
	};
}

void
parse_mail(struct parse *p, const guint8 *bytes, gsize len)
{
	start_walk(p);
	start_mail(p, bytes, len, "");
}

void
parse_mbox(struct parse *p, const guint8 *bytes, gsize len)
{
	g_autoptr(mbox_auto) mbox = mbox_new(p->limits.mail_bytes);
	guint number = 0;
	enum mbox_step step;

	start_walk(p);
	mbox_add(mbox, bytes, len, TRUE);
	do {
		g_autoptr(GBytes) mail = NULL;
		step = mbox_next(mbox, &mail);
		g_autofree char *where = g_strdup_printf("mail %u", ++number);
		if (step == MBOX_MAIL) {
			gsize mail_len;
			const guint8 *mail_bytes = g_bytes_get_data(mail, &mail_len);
			start_mail(p, mail_bytes, mail_len, where);
		} else if (step == MBOX_TOO_BIG) {
			g_autoptr(GError) error =
				g_error_new(DMARCD_ERROR, DMARCD_ERROR_LIMIT,
					    "mail is over max_mail_bytes (%" G_GSIZE_FORMAT ")",
					    p->limits.mail_bytes);
			parse_add_fault(p, where, error);
		}
	} while (step != MBOX_MORE);
}
