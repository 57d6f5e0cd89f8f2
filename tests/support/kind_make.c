/* SPDX-License-Identifier: MIT */
#include "tests/support/kind_make.h"

#include "core/compress.h"

#define DAY_S     86400
#define FIRST_DAY 20454 /* 2026-01-01 */

static const char *
text_of(struct document *document, const char *text, const char *otherwise)
{
	return document_string(document, text ? text : otherwise);
}

static struct number
known(gint64 value)
{
	return (struct number){ value, TRUE };
}

static void
add_text(struct document *document, GPtrArray *texts, const char *text)
{
	g_ptr_array_add(texts, document_string(document, text));
}

struct document *
make_feedback(const struct make_feedback *make)
{
	gboolean is_complaint = make->kind == DOCUMENT_COMPLAINT;
	struct document *document =
		document_new(is_complaint ? DOCUMENT_COMPLAINT : DOCUMENT_FAILURE);
	struct feedback *feedback = &document->feedback;

	document->carrier.from_domain = text_of(document, make->reporter, "host.example");
	document->carrier.message_id = text_of(document, make->carrier_id, "<c1@host.example>");
	feedback->feedback_type = is_complaint ? "abuse" : "auth-failure";
	feedback->user_agent = "test/1";
	feedback->version = "1";
	ip_parse(make->ip ? make->ip : "203.0.113.9", &feedback->source_ip);
	add_text(document, feedback->reported_domain, make->domain ? make->domain : "shop.example");
	add_text(document, feedback->original_rcpt_to,
		 make->recipient ? make->recipient : "kei.sample@next.example");
	feedback->auth_failure = "dmarc";
	feedback->delivery_result = text_of(document, make->result, "reject");
	feedback->identity_alignment = "none";
	feedback->original_from = "Shop <mail@shop.example>";
	feedback->original_subject = "Your order";
	feedback->original_message_id = text_of(document, make->message_id, "<m1@bad.example>");
	feedback->arrived_at = known(make->arrived_at ? make->arrived_at : FIRST_DAY * DAY_S + 5);
	feedback->arrived_at.is_known = make->arrived_at >= 0;
	if (make->incidents)
		feedback->incidents = known(make->incidents);
	feedback->original_headers = text_of(document, make->headers, "Subject: Your order\n");
	feedback->original_present = TRUE;
	return document;
}

struct document *
make_bounce(const struct make_bounce *make)
{
	struct document *document = document_new(DOCUMENT_BOUNCE);
	struct bounce *bounce = &document->bounce;
	struct bounce_recipient *recipient =
		shape_add_item(&bounce_recipient_shape, bounce->recipients);

	document->carrier.from_domain = "host.example";
	bounce->structured = TRUE;
	bounce->reporting_mta = "mx.host.example";
	bounce->arrived_at = known(make->arrived_at ? make->arrived_at : FIRST_DAY * DAY_S + 5);
	bounce->subject = "Undelivered Mail Returned to Sender";
	bounce->original_from = text_of(document, make->from, "mail@shop.example");
	bounce->original_message_id = text_of(document, make->message_id, "<b1@shop.example>");
	recipient->final_recipient = text_of(document, make->recipient, "kei.sample@next.example");
	recipient->action = "failed";
	recipient->status = text_of(document, make->status, "5.1.1");
	recipient->diagnostic = text_of(document, make->diagnostic, "smtp; 550 no such user");
	return document;
}

struct document *
make_tls(const struct make_tls *make)
{
	struct document *document = document_new(DOCUMENT_TLS);
	struct tlsrpt *tlsrpt = &document->tlsrpt;
	struct tlsrpt_policy *policy = shape_add_item(&tlsrpt_policy_shape, tlsrpt->policies);
	gint64 day = make->day ? make->day : FIRST_DAY;
	g_autoptr(GBytes) json = g_bytes_new_static("{}", 2);

	tlsrpt->org_name = "Mail Host";
	tlsrpt->contact = "tls@host.example";
	tlsrpt->report_id = text_of(document, make->report_id, "t-1");
	tlsrpt->begin_at = known(day * DAY_S);
	tlsrpt->end_at = known(day * DAY_S + DAY_S - 1);
	policy->type = "sts";
	policy->domain = text_of(document, make->domain, "shop.example");
	policy->success = known(make->success);
	policy->success.is_known = make->success >= 0;
	policy->failure = known(make->failure);
	policy->failure.is_known = make->failure >= 0;
	if (make->result) {
		struct tlsrpt_failure *failure =
			shape_add_item(&tlsrpt_failure_shape, policy->failures);
		failure->result_type = document_string(document, make->result);
		failure->receiving_mx_hostname = "mx1.shop.example";
		failure->failed_sessions = policy->failure;
	}
	document->raw = compress_pack(json);
	return document;
}
