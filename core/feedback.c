/* SPDX-License-Identifier: MIT */
#include "core/feedback.h"

static const struct member members[] = {
	MEMBER(struct feedback, MEMBER_TEXT, feedback_type),
	MEMBER(struct feedback, MEMBER_TEXT, user_agent),
	MEMBER(struct feedback, MEMBER_TEXT, version),
	MEMBER(struct feedback, MEMBER_IP, source_ip),
	MEMBER(struct feedback, MEMBER_TEXT, source_text),
	MEMBER(struct feedback, MEMBER_NUMBER, source_port),
	MEMBER(struct feedback, MEMBER_TEXTS, reported_domain),
	MEMBER(struct feedback, MEMBER_TEXTS, reported_uri),
	MEMBER(struct feedback, MEMBER_TEXT, auth_failure),
	MEMBER(struct feedback, MEMBER_TEXT, delivery_result),
	MEMBER(struct feedback, MEMBER_TEXT, identity_alignment),
	MEMBER(struct feedback, MEMBER_TEXT, original_mail_from),
	MEMBER(struct feedback, MEMBER_TEXTS, original_rcpt_to),
	MEMBER(struct feedback, MEMBER_TEXT, arrival_date),
	MEMBER(struct feedback, MEMBER_NUMBER, arrived_at),
	MEMBER(struct feedback, MEMBER_NUMBER, incidents),
	MEMBER(struct feedback, MEMBER_TEXT, original_envelope_id),
	MEMBER(struct feedback, MEMBER_TEXT, reporting_mta),
	MEMBER(struct feedback, MEMBER_TEXT, dkim_domain),
	MEMBER(struct feedback, MEMBER_TEXT, dkim_identity),
	MEMBER(struct feedback, MEMBER_TEXT, dkim_selector),
	MEMBER(struct feedback, MEMBER_TEXTS, authentication_results),
	MEMBER(struct feedback, MEMBER_TEXTS, spf_dns),
	MEMBER(struct feedback, MEMBER_FLAG, original_present),
	MEMBER(struct feedback, MEMBER_TEXT, original_from),
	MEMBER(struct feedback, MEMBER_TEXT, original_subject),
	MEMBER(struct feedback, MEMBER_TEXT, original_message_id),
	MEMBER(struct feedback, MEMBER_TEXT, original_date),
	MEMBER(struct feedback, MEMBER_TEXT, original_headers),
};

const struct shape feedback_shape = SHAPE(struct feedback, members);

gboolean
feedback_is_failure(const struct feedback *feedback)
{
	return g_str_equal(feedback->feedback_type, "auth-failure");
}
