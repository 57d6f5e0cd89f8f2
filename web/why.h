/* SPDX-License-Identifier: MIT */
/*
 * why.h - why a source has its class: judged once more from its facts, in sentences.
 *
 * Which sentences there are and with which numbers analysis/why.h says; here they become text.
 */
#ifndef WEB_WHY_H
#define WEB_WHY_H

#include "analysis/judge.h"
#include "analysis/why.h"
#include "store/query.h"
#include "web/page.h"

/* A source that a page explains. Passive; source and weights are not owned. */
struct explained {
	const struct query_source *source;
	const struct weights *weights;
	gboolean is_judged; /* FALSE: not yet, or it is gone; facts and judgement mean nothing */
	struct facts facts;
	struct judgement judgement;
};

/* Ask the store what source is judged by, and judge it with the weights in use. */
gboolean why_read(struct explained *explained, const struct page *page,
		  const struct query_source *source, GError **error);

/* The same from facts that are known already. */
void why_judge(struct explained *explained, const struct query_source *source,
	       const struct facts *facts, const struct weights *weights);

/* Did the score decide, or would it without the user's rule? */
gboolean why_has_score(const struct explained *explained);

/* One line as a sentence. Caller frees. */
char *why_line_text(const struct why_line *line, const char *domain);
char *why_sentence(const struct explained *explained, const struct why_line *line);

/* The first n_max lines in a row. Caller frees. */
char *why_text(const struct explained *explained, const struct why *why, gsize n_max);

/*
 * What a list says of the source in one line: how it is to be taken ("Suspicious, score 63"; NULL
 * where there is nothing to say beyond the class), and why or what to do. Caller frees both.
 */
char *why_lead(const struct explained *explained);
char *why_row(const struct explained *explained, const struct page *page);

/* The known sender of this id; NULL where there is none. */
const struct sender *why_sender(const struct page *page, const char *id);

/* "3.1 % fail" of one that is yours and mostly in order; NULL for any other. Caller frees. */
char *why_badge(const struct explained *explained);

/* What to do about a source of class fix; NULL for any other. Caller frees. */
char *why_fix(const struct explained *explained, const struct page *page);

/* What the source does, as a heading: "203.0.113.45 is spoofing example.org". Caller frees. */
char *why_heading(const struct query_source *source);

#endif
