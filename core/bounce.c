/* SPDX-License-Identifier: MIT */
#include "core/bounce.h"

static const struct member recipient_members[] = {
	MEMBER(struct bounce_recipient, MEMBER_TEXT, final_recipient),
	MEMBER(struct bounce_recipient, MEMBER_TEXT, original_recipient),
	MEMBER(struct bounce_recipient, MEMBER_TEXT, action),
	MEMBER(struct bounce_recipient, MEMBER_TEXT, status),
	MEMBER(struct bounce_recipient, MEMBER_TEXT, diagnostic),
	MEMBER(struct bounce_recipient, MEMBER_TEXT, remote_mta),
};

const struct shape bounce_recipient_shape = SHAPE(struct bounce_recipient, recipient_members);

static const struct member members[] = {
	MEMBER(struct bounce, MEMBER_FLAG, structured),
	MEMBER(struct bounce, MEMBER_TEXT, reporting_mta),
	MEMBER(struct bounce, MEMBER_TEXT, arrival_date),
	MEMBER(struct bounce, MEMBER_NUMBER, arrived_at),
	MEMBER_LIST(struct bounce, recipients, bounce_recipient_shape),
	MEMBER(struct bounce, MEMBER_TEXT, subject),
	MEMBER(struct bounce, MEMBER_FLAG, original_present),
	MEMBER(struct bounce, MEMBER_TEXT, original_from),
	MEMBER(struct bounce, MEMBER_TEXT, original_message_id),
	MEMBER(struct bounce, MEMBER_TEXTS, hint_recipients),
	MEMBER(struct bounce, MEMBER_TEXTS, hint_status),
};

const struct shape bounce_shape = SHAPE(struct bounce, members);
