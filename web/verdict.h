/* SPDX-License-Identifier: MIT */
/*
 * verdict.h - the whole judgement of one source in a page's tree: facts, both scores line by line,
 * what speaks for it and against it, and what would change it.
 */
#ifndef WEB_VERDICT_H
#define WEB_VERDICT_H

#include <jansson.h>

#include "web/why.h"

/*
 * Into row, which tells of the same source:
 *   score_limit       that R8 compares; unruled, what it would be without the user's rule, or null
 *   suspicion         "suspicious", "unclear" or "benign" of a source to be reviewed, else null
 *   facts             as they are known, null = not looked up
 *   scores            all and counted: value and terms (term, points)
 *   because, against, would_change   key, numbers and text of each sentence
 *   fix               what to do about a source of class fix, else null
 *   sender_name, sender_kind   of a known sender, else null
 * All of them null where the source was not judged yet. For the template "verdict" besides: _score
 * and _terms, _why, _against, _change, _decided, _unruled, _other_score, _is_forwarder.
 */
void verdict_fill(json_t *row, const struct explained *explained, const struct page *page);

#endif
