/* SPDX-License-Identifier: MIT */
/*
 * tlsrpt.h - one SMTP TLS report (RFC 8460 section 4.4).
 *
 * Counts are sessions, not messages. The sum of failed_sessions need not equal a policy's failures,
 * since a session may fail in several ways: neither is corrected by the other.
 */
#ifndef CORE_TLSRPT_H
#define CORE_TLSRPT_H

#include "core/shape.h"

struct tlsrpt_failure {
	const char *result_type; /* lower case as reported; unknown ones too */
	const char *sending_mta_ip;
	const char *receiving_mx_hostname;
	const char *receiving_mx_helo;
	const char *receiving_ip;
	struct number failed_sessions;
	const char *additional_information;
	const char *failure_reason_code;
};

struct tlsrpt_policy {
	const char *type;   /* tlsa, sts, no-policy-found; unknown ones too */
	const char *domain; /* lower case */
	GPtrArray *policy_string;
	GPtrArray *mx_hosts;
	struct number success;
	struct number failure;
	GArray *failures; /* struct tlsrpt_failure */
};

struct tlsrpt {
	const char *org_name;
	const char *contact;
	const char *report_id;
	const char *begin; /* verbatim */
	const char *end;
	struct number begin_at; /* the same as Unix seconds */
	struct number end_at;
	GArray *policies; /* struct tlsrpt_policy */
};

extern const struct shape tlsrpt_shape;
extern const struct shape tlsrpt_policy_shape;
extern const struct shape tlsrpt_failure_shape;

/* The domain that the report is about: its first policy that names one, else "". */
const char *tlsrpt_domain(const struct tlsrpt *tlsrpt);

#endif
