/* SPDX-License-Identifier: MIT */
#include "core/tlsrpt.h"

static const struct member failure_members[] = {
	MEMBER(struct tlsrpt_failure, MEMBER_TEXT, result_type),
	MEMBER(struct tlsrpt_failure, MEMBER_TEXT, sending_mta_ip),
	MEMBER(struct tlsrpt_failure, MEMBER_TEXT, receiving_mx_hostname),
	MEMBER(struct tlsrpt_failure, MEMBER_TEXT, receiving_mx_helo),
	MEMBER(struct tlsrpt_failure, MEMBER_TEXT, receiving_ip),
	MEMBER(struct tlsrpt_failure, MEMBER_NUMBER, failed_sessions),
	MEMBER(struct tlsrpt_failure, MEMBER_TEXT, additional_information),
	MEMBER(struct tlsrpt_failure, MEMBER_TEXT, failure_reason_code),
};

const struct shape tlsrpt_failure_shape = SHAPE(struct tlsrpt_failure, failure_members);

static const struct member policy_members[] = {
	MEMBER(struct tlsrpt_policy, MEMBER_TEXT, type),
	MEMBER(struct tlsrpt_policy, MEMBER_TEXT, domain),
	MEMBER(struct tlsrpt_policy, MEMBER_TEXTS, policy_string),
	MEMBER(struct tlsrpt_policy, MEMBER_TEXTS, mx_hosts),
	MEMBER(struct tlsrpt_policy, MEMBER_NUMBER, success),
	MEMBER(struct tlsrpt_policy, MEMBER_NUMBER, failure),
	MEMBER_LIST(struct tlsrpt_policy, failures, tlsrpt_failure_shape),
};

const struct shape tlsrpt_policy_shape = SHAPE(struct tlsrpt_policy, policy_members);

static const struct member members[] = {
	MEMBER(struct tlsrpt, MEMBER_TEXT, org_name),
	MEMBER(struct tlsrpt, MEMBER_TEXT, contact),
	MEMBER(struct tlsrpt, MEMBER_TEXT, report_id),
	MEMBER(struct tlsrpt, MEMBER_TEXT, begin),
	MEMBER(struct tlsrpt, MEMBER_TEXT, end),
	MEMBER(struct tlsrpt, MEMBER_NUMBER, begin_at),
	MEMBER(struct tlsrpt, MEMBER_NUMBER, end_at),
	MEMBER_LIST(struct tlsrpt, policies, tlsrpt_policy_shape),
};

const struct shape tlsrpt_shape = SHAPE(struct tlsrpt, members);

const char *
tlsrpt_domain(const struct tlsrpt *tlsrpt)
{
	for (guint i = 0; i < tlsrpt->policies->len; i++) {
		const struct tlsrpt_policy *policy =
			&g_array_index(tlsrpt->policies, struct tlsrpt_policy, i);
		if (*policy->domain)
			return policy->domain;
	}
	return "";
}
