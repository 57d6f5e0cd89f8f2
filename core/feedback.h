/* SPDX-License-Identifier: MIT */
/*
 * feedback.h - what a receiver says of one message: a failure report (RFC 6591, RFC 9991) or a
 * complaint of a feedback loop (RFC 5965), whether it came in ARF or in the prose of some
 * reporters.
 *
 * Texts are verbatim after cleaning; addresses are without their angle brackets, as reported.
 * Identity-Alignment is kept and shown, and never computed with: RFC 9991 turned its meaning round.
 * What stood in the reported message is here as its header fields alone; its body is never kept.
 */
#ifndef CORE_FEEDBACK_H
#define CORE_FEEDBACK_H

#include "core/ip.h"
#include "core/shape.h"

/* The header fields of the reported message that are kept, in bytes. */
#define FEEDBACK_HEADERS_MAX (32 * 1024)
/* Entries of each list that are kept. */
#define FEEDBACK_LIST_MAX 64

struct feedback {
	const char *feedback_type; /* lower case: "auth-failure", "abuse", ...; never "" */
	const char *user_agent;
	const char *version;
	struct ip source_ip;     /* none where absent or masked */
	const char *source_text; /* what stood there, where it is no address */
	struct number source_port;
	GPtrArray *reported_domain;
	GPtrArray *reported_uri;
	const char *auth_failure;       /* lower case: dmarc, spf, bodyhash, ... */
	const char *delivery_result;    /* lower case: delivered, spam, policy, reject, other */
	const char *identity_alignment; /* as it stands; see above */
	const char *original_mail_from;
	GPtrArray *original_rcpt_to;
	const char *arrival_date; /* verbatim: Arrival-Date or Received-Date */
	struct number arrived_at; /* the same as Unix seconds */
	struct number incidents;  /* like events that this report stands for; absent = 1 */
	const char *original_envelope_id;
	const char *reporting_mta;
	const char *dkim_domain;
	const char *dkim_identity;
	const char *dkim_selector;
	GPtrArray *authentication_results;
	GPtrArray *spf_dns;
	/* Of the reported message. */
	gboolean original_present;
	const char *original_from;
	const char *original_subject;
	const char *original_message_id;
	const char *original_date;
	const char
		*original_headers; /* "Name: value" lines, unfolded, at most FEEDBACK_HEADERS_MAX */
};

extern const struct shape feedback_shape;

/* A failure report, and not a complaint? By the type; RFC 6591 section 3.1. */
gboolean feedback_is_failure(const struct feedback *feedback);

#endif
