/* SPDX-License-Identifier: MIT */
/*
 * imap_talk.h - a scripted IMAP server: tests/talk/NAME.talk, line by line.
 *
 *   S: text   the server says it (CRLF is added)
 *   C: text   the client must say exactly this next
 *   W:        who waits for news waits in vain, or is woken
 *   X:        the connection is cut
 *   #         a comment
 *
 * The greeting's CAPABILITY question is part of every talk.
 */
#ifndef TESTS_SUPPORT_IMAP_TALK_H
#define TESTS_SUPPORT_IMAP_TALK_H

#include "ingest/imap_session.h"

struct talk;

struct talk *talk_load(const char *name);
/* Fails the test where the talk did not come to its end. */
void talk_end(struct talk *talk);
struct imap_io talk_io(struct talk *talk);

#endif
