/* SPDX-License-Identifier: MIT */
/*
 * text.h - make outside text safe to keep: UTF-8, no control or bidi characters, bounded, trimmed.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <glib.h>

/* The longest value that is kept (standards: 4 KiB), in bytes. Longer text is cut. */
#define TEXT_LEN_MAX 4096

/*
 * Append the cleaned form of len bytes to out: outer white space trimmed, inner runs of white space
 * one space, bytes that are not UTF-8 read as windows-1252, control, bidi and line separator
 * characters dropped. Returns FALSE where something had to be repaired, dropped or cut.
 */
gboolean text_clean(const char *bytes, gsize len, GString *out);

/* Shorten it to at most len bytes, between two characters. */
void text_cut(GString *text, gsize len);

/* What a byte that is not UTF-8 was meant to be: windows-1252, U+FFFD for its holes. */
gunichar text_read_cp1252(guint8 byte);

/* Lower case for domain names and enumerated words, ASCII only, without trailing dots; in place. */
void text_fold_domain(GString *text);

#endif
